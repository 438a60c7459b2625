"""Authorising Tablo in a CRM through the browser: out with a state, back with a code, tokens into the vault."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import sources
from domain.board import SourceHealth
from domain.connections import LoginResult, RefusedError
from jobs.house import House, site
from sources import OAuthModule, OptionError, SourceError
from storage import authorisations, wishes
from storage import db as store
from storage import sources as connections
from storage.sources import SourceRow
from storage.wishes import Haste


def by_browser(kind: str, options: Mapping[str, str]) -> bool:
    """Whether these options log in by a person's consent in the browser."""
    module = sources.oauth(kind)
    if module is None:
        return False
    try:
        module.authorize_url(options, "")
    except OptionError:
        return False
    return True


def begin(house: House, name: str, session: str) -> str:
    """The vendor's page that the browser of this session goes to. Raises RefusedError, StoreError."""
    with store.write(house.db) as conn:
        row = connections.get(conn, name)
        state = authorisations.begin(conn, row.id, session, house.clock())
        options = connections.options(conn, house.secrets, row.id)
    try:
        address = _module(row).authorize_url(sources.prepare(row.kind, options), state)
    except OptionError as error:
        raise RefusedError(str(error)) from None
    if urlsplit(address).scheme != "https" and not house.config.allow_local_crm:
        raise RefusedError("The CRM's address does not begin with https.")
    return address


def finish(house: House, name: str, session: str, came: Mapping[str, str], who: str) -> LoginResult:
    """The browser is back with what `came`: where all is well, tokens are in the vault and a poll is on its way."""
    now = house.clock()
    with store.write(house.db) as conn:
        meant = authorisations.end(conn, came.get("state", ""), session, now)
    if meant is None or meant != name:
        return LoginResult.EXPIRED
    if not came.get("code"):
        return LoginResult.DECLINED
    with store.read(house.db) as conn:
        row = connections.get(conn, name)
        options = sources.prepare(row.kind, connections.options(conn, house.secrets, row.id))
    vault = connections.vault(house.db, row.id, house.secrets, house.clock)
    first = not vault.read()
    try:
        _module(row).exchange_code(options, site(house, name, vault), came["code"], came)
    except SourceError as error:
        with store.write(house.db) as conn:
            connections.failed(conn, row.id, now, 0, SourceHealth.NEEDS_LOGIN, str(error))
        return LoginResult.FAILED
    with store.write(house.db) as conn:
        if first and not row.enabled:
            connections.enable(conn, row.id, True, who, now)
        wishes.hurry(conn, row.id, Haste.PERSON)
    return LoginResult.DONE


def _module(row: SourceRow) -> OAuthModule:
    module = sources.oauth(row.kind)
    if module is None:
        raise RefusedError(f"{row.name} needs no authorisation in the browser.")
    return module

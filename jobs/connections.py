"""Connections as the desk and the command line handle them: tried first, stored when confirmed, changed, removed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

import sources
from domain.board import SourceHealth
from domain.connections import (
    Connected,
    Draft,
    Finding,
    Kept,
    LoginResult,
    Look,
    Option,
    RefusedError,
    SourceKind,
    UntestedError,
)
from domain.deliveries import Outcome, Posted, Receipt
from jobs import deliveries, logins, photos
from jobs.house import House, folder, open_source, site
from jobs.roster import DEMO, settle_demo
from sources import AuthError, OptionError, Site, Source, SourceError, TransientError
from storage import audit, facts, hooks, wishes
from storage import db as store
from storage import deliveries as inbox
from storage import sources as stored
from storage.db import StoreError
from storage.sources import SourceRow
from storage.wishes import Haste

# A test's own limits end it sooner; this is for one that hangs in something which knows none.
PATIENCE_S = 100.0
# Typed into a secret's field, this takes the stored secret away; an empty field keeps it.
NO_SECRET = "-"  # noqa: S105 (a mark, no secret)


@dataclass(frozen=True, slots=True)
class Connections:
    """Everything that can be done with the connections of one house. `who` is for the audit.

    Names that do not exist, or cannot be given, raise StoreError; what else cannot be done RefusedError.
    """

    house: House
    patience_s: float = PATIENCE_S

    def kinds(self) -> list[SourceKind]:
        """What can be connected; the demo comes and goes by itself."""
        return [_kind(each) for each in sources.kinds() if each != DEMO]

    def kept(self, name: str) -> Kept:
        """What the form of a connection shows: never a secret."""
        row, options = self._stored(name)
        secret = {option.name for option in _options(row.kind) if option.secret}
        plain = {key: value for key, value in options.items() if key not in secret}
        closed = row.health is SourceHealth.CLOSED
        login = not closed and logins.by_browser(row.kind, options)
        return Kept(Draft(name, row.kind, plain), frozenset(secret & options.keys()), login, closed)

    def test(self, draft: Draft, known: bool) -> Look:
        """Look at the CRM with the options of a draft, within some time; nothing is stored."""
        if not known:
            with store.read(self.house.db) as conn:
                stored.check_name(conn, draft.name)
        options = self._merged(draft, known)
        proof = self.house.secrets.seal(_digest(draft, options))
        with tempfile.TemporaryDirectory(prefix="tablo-") as place:
            try:
                source = _source(draft.kind, options, self._site(draft.name, known, Path(place)))
            except OptionError as error:
                return Look(problem=str(error), option=_named(str(error), draft.kind))
            try:
                return Look(findings=tuple(_within(self.patience_s, source.check)), proof=proof)
            except SourceError as error:
                login = isinstance(error, AuthError) and logins.by_browser(draft.kind, options)
                return Look(problem=str(error), proof=proof if known or login else None, login=login)

    def connect(self, draft: Draft, proof: str, who: str) -> Connected:
        """Store a draft that was tested. One that has to be authorised in the CRM first rests until it is."""
        options = self._proven(draft, False, proof)
        login = logins.by_browser(draft.kind, options)
        self.add(draft.name, draft.kind, options, who)
        with store.write(self.house.db) as conn:
            row = stored.get(conn, draft.name)
            if login:
                stored.enable(conn, row.id, False, who, self.house.clock())
            calls = _is_called(draft.kind)
            return Connected(hooks.renew(conn, row.id, who, self.house.clock()) if calls else None, login)

    def add(self, name: str, kind: str, options: Mapping[str, str], who: str) -> None:
        """Store a connection without a test. Raises SourceError for options that do not fit."""
        with tempfile.TemporaryDirectory(prefix="tablo-") as place:
            _source(kind, options, self._site(name, False, Path(place)))
        with store.write(self.house.db) as conn:
            source_id = stored.add(conn, self.house.secrets, name, kind, options, who, self.house.clock())
            self._settle(conn, source_id, kind, options)
            # Files of a connection that once had this name are about other people. Nobody polls before the commit.
            shutil.rmtree(folder(self.house, name), ignore_errors=True)
        settle_demo(self.house)

    def change(self, draft: Draft, proof: str, who: str) -> None:
        """Store other options of a connection, and look at it at once."""
        options = self._proven(draft, True, proof)
        with store.write(self.house.db) as conn:
            row = _open(conn, draft.name)
            stored.set_options(conn, self.house.secrets, row.id, options, who, self.house.clock())
            self._settle(conn, row.id, row.kind, options)
            wishes.hurry(conn, row.id, Haste.PERSON)

    def enable(self, name: str, on: bool, who: str) -> None:
        """Pause a connection or let it go on; its facts stay."""
        with store.write(self.house.db) as conn:
            row = _open(conn, name)
            stored.enable(conn, row.id, on, who, self.house.clock())
            wishes.hurry(conn, row.id, Haste.PERSON)

    def hurry(self, name: str) -> None:
        """Have the poller look at a connection now."""
        with store.write(self.house.db) as conn:
            wishes.hurry(conn, _open(conn, name).id, Haste.PERSON)

    def reread(self, name: str, since: date, who: str) -> None:
        """Have the poller read a connection again from that day on."""
        with store.write(self.house.db) as conn:
            row = _open(conn, name)
            wishes.reread(conn, row.id, since)
            wishes.hurry(conn, row.id, Haste.PERSON)
            audit.add(conn, who, "source", name, None, {"read again from": since}, self.house.clock())

    def new_hook(self, name: str, who: str) -> str:
        """The secret of a new address for events; the one before opens nothing any more."""
        with store.write(self.house.db) as conn:
            row = _open(conn, name)
            if not _is_called(row.kind):
                raise RefusedError(f"{name} is of a kind that sends no events.")
            return hooks.renew(conn, row.id, who, self.house.clock())

    def close(self, name: str, who: str) -> None:
        """Disconnect, and keep what came from there: its numbers stay in every total, its secrets go."""
        with store.write(self.house.db) as conn:
            row = _open(conn, name)
            wishes.forget(conn, row.id)
            hooks.forget(conn, row.id)
            stored.close(conn, self.house.secrets, row.id, who, self.house.clock())
        photos.keep_alone(self.house, name)

    def remove(self, name: str, who: str) -> None:
        """Disconnect, and forget everything that came from there."""
        with store.write(self.house.db) as conn:
            row = stored.get(conn, name)
            wishes.forget(conn, row.id)
            audit.add(conn, who, "source", name, {"kind": row.kind}, None, self.house.clock())
            facts.remove(conn, row.id)
        shutil.rmtree(folder(self.house, name), ignore_errors=True)
        settle_demo(self.house)

    def check(self, name: str) -> list[Finding]:
        """Look at a stored connection. Raises SourceError."""
        with store.read(self.house.db) as conn:
            row = stored.get(conn, name)
        return _within(self.patience_s, open_source(self.house, row).check)

    def login(self, name: str, session: str) -> str:
        """See logins.begin."""
        return logins.begin(self.house, name, session)

    def logged_in(self, name: str, session: str, came: Mapping[str, str], who: str) -> LoginResult:
        """See logins.finish."""
        return logins.finish(self.house, name, session, came, who)

    def called(self, secret: str, posted: Posted) -> Receipt:
        """Somebody calls: facts are taken in, a CRM's event has the poller look soon."""
        with store.read(self.house.db) as conn:
            name = hooks.look_up(conn, secret)
        if name is None:
            return Receipt(Outcome.NOWHERE, "There is nothing here.")
        row, options = self._stored(name)
        receiver, events = sources.receiver(row.kind), sources.events(row.kind)
        if receiver is not None:
            return deliveries.receive(self.house, row, receiver, sources.prepare(row.kind, options), posted)
        if events is None or not events.accepts_event(options, posted.body):
            return Receipt(Outcome.UNPROVEN, "This event does not prove where it is from.")
        with store.write(self.house.db) as conn:
            wishes.hurry(conn, row.id, Haste.EVENT)
        return Receipt(Outcome.HURRIED)

    def photo(self, source: str, name: str) -> tuple[bytes, str] | None:
        """See photos.photo."""
        return photos.photo(self.house, source, name)

    def _stored(self, name: str) -> tuple[SourceRow, dict[str, str]]:
        with store.read(self.house.db) as conn:
            row = stored.get(conn, name)
            return row, stored.options(conn, self.house.secrets, row.id)

    def _merged(self, draft: Draft, known: bool) -> dict[str, str]:
        """What was typed, with the stored secrets where nothing was."""
        options = {key: value for key, value in draft.typed.items() if value}
        if known:
            _, old = self._stored(draft.name)
            secret = {option.name for option in _options(draft.kind) if option.secret}
            options = {key: value for key, value in old.items() if key in secret} | options
            options = {key: value for key, value in options.items() if key not in secret or value != NO_SECRET}
        return options

    def _proven(self, draft: Draft, known: bool, proof: str) -> dict[str, str]:
        options = self._merged(draft, known)
        try:
            tested = self.house.secrets.unseal(proof)
        except StoreError:
            tested = ""
        if tested != _digest(draft, options):
            raise UntestedError("What is in the fields was not tested. Test it first.")
        return options

    def _settle(self, conn: Connection, source_id: int, kind: str, options: Mapping[str, str]) -> None:
        """Note what a hook is going to give: nobody asks it."""
        receiver = sources.receiver(kind)
        if receiver is not None:
            inbox.settle(conn, source_id, receiver.gives(options), settings=self.house.settings())

    def _site(self, name: str, known: bool, place: Path) -> Site:
        if not known:
            return site(self.house, name, _NoVault(), place)
        row, _ = self._stored(name)
        vault = stored.vault(self.house.db, row.id, self.house.secrets, self.house.clock)
        return site(self.house, name, vault, place)


class _NoVault:
    """Stands in for the vault of a connection that is not stored yet."""

    def read(self) -> dict[str, str]:
        """Nothing was ever kept."""
        return {}

    def write(self, values: Mapping[str, str]) -> None:
        """Refused: there is nowhere to keep it."""
        raise StoreError("This connection is not stored yet.")

    def lock(self) -> AbstractContextManager[None]:
        """Nobody else can be at it."""
        return nullcontext()


def _open(conn: Connection, name: str) -> SourceRow:
    """The connection of that name, as long as it can still be read. Raises StoreError and RefusedError."""
    row = stored.get(conn, name)
    if row.health is SourceHealth.CLOSED:
        raise RefusedError(f"{name} is closed: nothing but its numbers was kept. Connect the CRM under another name.")
    return row


def _kind(key: str) -> SourceKind:
    module = sources.load(key)
    return SourceKind(key, module.LABEL, module.OPTIONS, _is_called(key), sources.is_beta(key))


def _is_called(kind: str) -> bool:
    """Whether a connection of this kind has an address."""
    return sources.events(kind) is not None or sources.receiver(kind) is not None


def _options(kind: str) -> tuple[Option, ...]:
    return sources.load(kind).OPTIONS


def _source(kind: str, options: Mapping[str, str], place: Site) -> Source:
    return sources.load(kind).connect(sources.prepare(kind, options), place)


def _named(sentence: str, kind: str) -> str | None:
    """The option that an error names first."""
    places = {option.name: re.search(rf"\b{option.name}\b", sentence) for option in _options(kind)}
    found = {name: match.start() for name, match in places.items() if match}
    return min(found, key=lambda name: found[name], default=None)


def _digest(draft: Draft, options: Mapping[str, str]) -> str:
    said = json.dumps([draft.name, draft.kind, sorted(options.items())])
    return hashlib.sha256(said.encode()).hexdigest()


def _within(seconds: float, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What `look` finds. Raises what it raises, and TransientError when it takes longer."""
    found: Future[list[Finding]] = Future()

    def run() -> None:
        try:
            found.set_result(look())
        except Exception as error:  # noqa: BLE001 (handed on to whoever waits)
            found.set_exception(error)

    threading.Thread(target=run, name="connection test", daemon=True).start()
    try:
        return found.result(seconds)
    except TimeoutError:
        raise TransientError(f"The test has taken more than {seconds:.0f} s and was given up.") from None

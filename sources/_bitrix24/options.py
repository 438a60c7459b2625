"""The options of a Bitrix24 connection, read once and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from sources import Option, OptionError

E = TypeVar("E", bound=StrEnum)

OAUTH_SERVER = "https://oauth.bitrix24.tech"
_WEBHOOK = re.compile(r"^(https?)://([^/\s@?#]+)/rest/(\d+)/([A-Za-z0-9_-]+)(?:/[\w.]*)?/?$")
_STAGE = re.compile(r"^[\w:.-]+$")
_FIELD = re.compile(r"^(?:UF_CRM_\w+|ufCrm\w+)$")

OPTIONS: tuple[Option, ...] = (
    Option("webhook_url", "The whole address of the incoming webhook (https://NAME/rest/USER/SECRET/).", secret=True),
    Option("portal", "The portal's address (https://NAME.bitrix24.com), for an OAuth application."),
    Option("client_id", "The OAuth application's client_id, instead of a webhook."),
    Option("client_secret", "The OAuth application's client_secret.", secret=True),
    Option("oauth_server", "Where access tokens are renewed.", default=OAUTH_SERVER),
    Option("application_token", "What the portal signs its events with.", secret=True),
    Option("pipelines", "Ids of the pipelines that count, with commas; empty = all."),
    Option("issued", "An invoice is issued when it is: created, dated, or sent (its stage).", default="created"),
    Option("paid", "An invoice is paid in: success (any successful stage), or these stage ids.", default="success"),
    Option("invoices", "Which invoices to read: smart, old, or none.", default="smart"),
    Option("calls", "Where calls come from: auto, statistics (telephony), or activities.", default="auto"),
    Option("email_owner", "Whose an e-mail is: its responsible, or its author.", default="responsible"),
    Option("loss_reason_field", "The deal field that holds the reason of a loss (UF_CRM_…); empty = the lost stage."),
    Option("min_call_seconds", "Calls shorter than this are not counted at all.", default="0"),
    Option("reps", "Who sells: all (employees), none (settings decide), department:ID, or user ids.", default="all"),
    Option("datetime_filter", "How dates are put into filters: auto, iso, or server_naive.", default="auto"),
    Option("ca_file", "A file with the certificate authority of an on-premise portal."),
)


class Issued(StrEnum):
    """What makes an invoice an issued one."""

    CREATED = "created"
    DATED = "dated"
    SENT = "sent"


class Invoices(StrEnum):
    """Which of the two kinds of invoice a portal works with."""

    SMART = "smart"
    OLD = "old"
    NONE = "none"


class Calls(StrEnum):
    """Where calls are read."""

    AUTO = "auto"
    STATISTICS = "statistics"
    ACTIVITIES = "activities"


class EmailOwner(StrEnum):
    """Whose an e-mail is when responsible and author differ."""

    RESPONSIBLE = "responsible"
    AUTHOR = "author"


class DatetimeFilter(StrEnum):
    """How a filter names an instant: with its offset, or as the server's own clock shows it."""

    AUTO = "auto"
    ISO = "iso"
    SERVER_NAIVE = "server_naive"


@dataclass(frozen=True, slots=True)
class Reps:
    """Which users sell. All three empty = settings decide."""

    everybody: bool = False
    departments: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that a team lead may choose. `pipelines` empty = all. `paid` empty = any successful stage."""

    pipelines: frozenset[int] = frozenset()
    issued: Issued = Issued.CREATED
    paid: frozenset[str] = frozenset()
    invoices: Invoices = Invoices.SMART
    calls: Calls = Calls.AUTO
    email_owner: EmailOwner = EmailOwner.RESPONSIBLE
    loss_reason_field: str | None = None
    min_call_seconds: int = 0
    reps: Reps = Reps(everybody=True)
    datetime_filter: DatetimeFilter = DatetimeFilter.AUTO


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """An incoming webhook: `root` is scheme and host; the rest is its password."""

    root: str
    user: str
    secret: str


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """An OAuth application on a portal; its tokens are in the vault."""

    root: str
    client_id: str
    client_secret: str
    server: str = OAUTH_SERVER


def credential(options: Mapping[str, str]) -> Webhook | Application:
    """How to log in. Raises OptionError, which never repeats a secret."""
    if options.get("webhook_url"):
        return _webhook(options["webhook_url"].strip())
    named = {name: options.get(name, "").strip() for name in ("portal", "client_id", "client_secret")}
    missing = [name for name, value in named.items() if not value]
    if len(missing) == len(named):
        raise OptionError("bitrix24 needs webhook_url=…, or portal=…, client_id=… and client_secret=….")
    if missing:
        raise OptionError(f"bitrix24 needs {missing[0]}=… beside the other keys of its OAuth application.")
    server = (options.get("oauth_server") or OAUTH_SERVER).strip()
    return Application(_root(named["portal"]), named["client_id"], named["client_secret"], _root(server))


def choice(options: Mapping[str, str]) -> Choice:
    """The choices. Raises OptionError that names the option and what it takes."""
    field = options.get("loss_reason_field", "").strip()
    if field and not _FIELD.match(field):
        raise OptionError("loss_reason_field is the name of a deal's own field, like UF_CRM_1720019876534.")
    return Choice(
        pipelines=frozenset(_numbers(options, "pipelines")),
        issued=_one_of(Issued, options, "issued"),
        paid=_paid(options.get("paid", "")),
        invoices=_one_of(Invoices, options, "invoices"),
        calls=_one_of(Calls, options, "calls"),
        email_owner=_one_of(EmailOwner, options, "email_owner"),
        loss_reason_field=field or None,
        min_call_seconds=_number(options.get("min_call_seconds") or "0", "min_call_seconds"),
        reps=_reps(options.get("reps") or "all"),
        datetime_filter=_one_of(DatetimeFilter, options, "datetime_filter"),
    )


def authority(options: Mapping[str, str]) -> bool | str:
    """What TLS is checked against: True = the usual authorities, or the path of a file. Raises OptionError."""
    path = options.get("ca_file", "").strip()
    if path and not Path(path).is_file():
        raise OptionError(f"ca_file={path!r} is no file that can be read.")
    return path or True


def _webhook(url: str) -> Webhook:
    found = _WEBHOOK.match(url)
    if found is None:
        raise OptionError("webhook_url does not look like https://NAME/rest/USER/SECRET/. Copy it whole from Bitrix24.")
    scheme, host, user, secret = found.groups()
    return Webhook(f"{scheme}://{host}", user, secret)


def _root(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"https://{address}")
    if not parts.hostname or parts.username or parts.scheme not in ("https", "http"):
        raise OptionError(f"{address!r} is no address of a portal. It looks like https://NAME.bitrix24.com.")
    return f"{parts.scheme}://{parts.netloc}"


def _one_of(kind: type[E], options: Mapping[str, str], name: str) -> E:
    given = options.get(name, "").strip()
    try:
        return kind(given) if given else next(iter(kind))
    except ValueError:
        raise OptionError(f"{name}={given!r} is not one of: {', '.join(kind)}.") from None


def _paid(given: str) -> frozenset[str]:
    names = frozenset(part.strip() for part in given.split(",") if part.strip()) - {"success"}
    for name in names:
        if not _STAGE.match(name):
            raise OptionError(f"paid={name!r} is not the id of a stage, like DT31_1:P.")
    return names


def _reps(given: str) -> Reps:
    parts = [part.strip() for part in given.split(",") if part.strip()]
    if parts == ["all"]:
        return Reps(everybody=True)
    if parts == ["none"]:
        return Reps()
    departments = frozenset(part.removeprefix("department:") for part in parts if part.startswith("department:"))
    users = frozenset(part for part in parts if not part.startswith("department:"))
    for value in departments | users:
        _number(value, "reps")
    return Reps(departments=departments, users=users)


def _numbers(options: Mapping[str, str], name: str) -> list[int]:
    return [_number(part.strip(), name) for part in options.get(name, "").split(",") if part.strip()]


def _number(given: str, name: str) -> int:
    if not given.isascii() or not given.isdigit():
        raise OptionError(f"{name}: {given!r} is no whole number.")
    return int(given)

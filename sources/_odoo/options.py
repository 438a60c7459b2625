"""The options of an Odoo connection, read once and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sources import Option, OptionError

OPTIONS: tuple[Option, ...] = (
    Option("url", "Odoo's address, like https://name.odoo.com or https://erp.example.com.", required=True),
    Option("database", "The database's name; on odoo.com it is mostly the first part of the address.", required=True),
    Option("login", "The login of a user of its own for Tablo; an API key on Odoo 19 does without it."),
    Option("api_key", "That user's API key (Preferences, Security, New API Key), which is better.", secret=True),
    Option("password", "Or that user's password.", secret=True),
    Option("teams", "Sales teams whose deals count, by name or number, separated by commas; none = all.", default=""),
    Option("companies", "Companies that count, by name or number, separated by commas; none = all.", default=""),
    Option("call_types", "Activity types that are calls; none = those that Odoo calls phone calls.", default=""),
    Option("meeting_types", "Activity types that are meetings; none = those that Odoo calls meetings.", default=""),
    Option("emails", "Which e-mails count: all (mass mailing too), or written (by a person).", default="all"),
    Option("reps", "Who sells: all (every internal user), teams (members of sales teams), or none.", default="all"),
    Option("ca_file", "A file with the certificate authority of a server of one's own."),
)
ALL, WRITTEN, TEAMS, NONE = "all", "written", "teams", "none"
_CHOICES = {"emails": (ALL, WRITTEN), "reps": (ALL, TEAMS, NONE)}


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Where Odoo is and what opens it. `key` = the secret is an API key."""

    base: str
    database: str
    login: str
    secret: str
    key: bool

    @property
    def mark(self) -> str:
        """Tells one account from another, without its secret."""
        return _digest([self.base, self.database, self.login])


@dataclass(frozen=True, slots=True)
class Choice:
    """What the team lead chose; names are in lower case. Empty = all, or as Odoo has it."""

    teams: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    call_types: frozenset[str] = frozenset()
    meeting_types: frozenset[str] = frozenset()
    written_only: bool = False
    reps: str = ALL

    @property
    def mark(self) -> str:
        """Changes with every choice that changes what is counted."""
        told = {name: sorted(v) if isinstance(v, frozenset) else v for name, v in asdict(self).items()}
        return _digest({name: value for name, value in told.items() if name != "reps"})


def read_login(options: Mapping[str, str]) -> Login:
    """How to log in. Raises OptionError, which never repeats a secret."""
    key, password = _typed(options, "api_key"), _typed(options, "password")
    if not key and not password:
        raise OptionError("odoo needs api_key=… (better) or password=….")
    return Login(_base(_typed(options, "url")), _typed(options, "database"), _typed(options, "login"),
                 key or password, bool(key))  # fmt: skip


def read_choice(options: Mapping[str, str]) -> Choice:
    """The choices. Raises OptionError that names the option and what it takes."""
    for name, allowed in _CHOICES.items():
        if (_typed(options, name) or ALL) not in allowed:
            raise OptionError(f"{name}={_typed(options, name)!r} is not one of: {', '.join(allowed)}.")
    return Choice(
        teams=_names(options, "teams"),
        companies=_names(options, "companies"),
        call_types=_names(options, "call_types"),
        meeting_types=_names(options, "meeting_types"),
        written_only=_typed(options, "emails") == WRITTEN,
        reps=_typed(options, "reps") or ALL,
    )


def authority(options: Mapping[str, str]) -> bool | str:
    """What TLS is checked against: True = the usual authorities, or the path of a file. Raises OptionError."""
    path = _typed(options, "ca_file")
    if path and not Path(path).is_file():
        raise OptionError(f"ca_file={path!r} is no file that can be read.")
    return path or True


def is_named(names: frozenset[str], given: object) -> bool:
    """Whether a many2one, `[7, "Name"]`, is one of these names or numbers."""
    if not isinstance(given, list) or len(given) < 2:
        return False
    return bool(names & {str(given[0]), str(given[1]).strip().casefold()})


def _base(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"https://{address}")
    if not parts.hostname or parts.username is not None or parts.scheme not in ("https", "http"):
        raise OptionError("url is the address of Odoo, like https://name.odoo.com or https://erp.example.com.")
    return f"{parts.scheme}://{parts.netloc}"


def _typed(options: Mapping[str, str], name: str) -> str:
    return (options.get(name) or "").strip()


def _names(options: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in _typed(options, name).split(",") if part.strip())


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=6).hexdigest()

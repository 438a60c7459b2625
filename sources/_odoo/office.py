"""Odoo's dictionaries: people, teams, companies, currencies, stages, types; one of them is asked for now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domain.facts import Group, Person, Rate
from sources import PermissionDeniedError
from sources._odoo.api import ANY, Api
from sources._odoo.errors import BadFieldError, NoModelError
from sources._odoo.fields import ORDER, TYPE, WANTED
from sources._odoo.memory import Memory
from sources._odoo.options import ALL, TEAMS, Choice, is_named
from sources._odoo.rates import read_rates
from sources._odoo.values import ROBOT, Row, money, number, ref, ref_name, text

_HOUR_MS = 3_600_000
# How long each dictionary is good for; they are asked for in this order.
_LIFE = {
    "fields": 24 * _HOUR_MS,
    "companies": 6 * _HOUR_MS,
    "currencies": 6 * _HOUR_MS,
    "users": _HOUR_MS,
    "teams": _HOUR_MS,
    "stages": _HOUR_MS,
    "types": 6 * _HOUR_MS,
    "subtypes": 24 * _HOUR_MS,
    "rates": _HOUR_MS,
}
# Somebody unknown makes the list of people due at once, but not again and again.
_UNKNOWN_PAUSE_MS = 600_000
_CALL, _MEETING = "phonecall", "meeting"
_PLACES = 2
_MOST_RATES = 5000


@dataclass(frozen=True, slots=True)
class Office:
    """What a cycle has to know. `fields` maps a model to the fields it has, None = its application is not installed.

    `users` maps the number of a person's address-book entry, which messages bear, to the user. `stages` are name and
    whether it is a won one. `types` maps activity types to their category; `gone` are those types whose done
    activities Odoo throws away, so that only the message about them is left.
    """

    fields: Mapping[str, list[str] | None] = field(default_factory=dict)
    users: Mapping[int, int] = field(default_factory=dict)
    companies: tuple[Row, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    stages: Mapping[int, tuple[str, bool]] = field(default_factory=dict)
    types: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    gone: tuple[int, ...] = ()
    sent: tuple[int, ...] = ()

    def has(self, model: str, name: str) -> bool:
        """Whether this Odoo has that field."""
        return name in (self.fields.get(model) or ())

    def money(self, value: object, currency: str | None) -> Decimal | None:
        """An amount, rounded as its currency is."""
        return money(value, self.places.get(currency or "", _PLACES))

    @property
    def won(self) -> frozenset[int]:
        """The stages that mean won: there may be several."""
        return frozenset(stage for stage, (_, is_won) in self.stages.items() if is_won)


def due(memory: Memory, now_ms: int) -> list[str]:
    """The dictionaries that are too old, the ones never read first."""
    read = {name: _read_at(memory, name) for name in _LIFE}
    late = [name for name, life in _LIFE.items() if not 0 <= now_ms - read[name] < life]
    return sorted(late, key=lambda name: read[name] != 0)


def complete(memory: Memory) -> bool:
    """Whether every dictionary was read at least once."""
    return all(_read_at(memory, name) for name in _LIFE)


def want(memory: Memory, name: str, now_ms: int) -> bool:
    """Whether something unknown is a reason to read a dictionary again now."""
    return now_ms - _read_at(memory, name) >= _UNKNOWN_PAUSE_MS


def refresh(api: Api, memory: Memory, name: str, now_ms: int) -> None:
    """Read one dictionary and keep it; one that may not be read is kept empty. Raises SourceError."""
    try:
        value = _READERS[name](api)
    except (NoModelError, PermissionDeniedError):
        value = []
    memory.keep(f"doc:{name}", value)
    memory.keep(f"at:{name}", now_ms)


def expire(memory: Memory, name: str) -> None:
    """Read this dictionary again at the next occasion."""
    memory.keep(f"at:{name}", 0)


def load(memory: Memory) -> Office:
    """The office from what was kept."""
    fields = dict(memory.recall("doc:fields") or ())
    types = memory.recall("doc:types") or []
    return Office(
        fields=fields,
        users={row["partner"]: row["id"] for row in memory.recall("doc:users") or () if row["partner"]},
        companies=tuple(memory.recall("doc:companies") or ()),
        places={row["name"]: int(row.get("decimal_places") or 0) for row in memory.recall("doc:currencies") or ()},
        stages={row["id"]: (str(row.get("name") or row["id"]), bool(row.get("is_won")))
                for row in memory.recall("doc:stages") or ()},
        types={row["id"]: (str(row.get("category") or ""), str(row.get("name") or "")) for row in types},
        gone=_thrown_away(fields, types),
        sent=tuple(memory.recall("doc:subtypes") or ()),
    )  # fmt: skip


def people(memory: Memory, choice: Choice) -> list[Person]:
    """Every user inside the company, those who left too; not the robot."""
    teams = {member: team for team in reversed(_teams(memory)) for member in team["members"]}
    return [
        _person(row, teams.get(row["id"]), choice) for row in memory.recall("doc:users") or () if row["id"] != ROBOT
    ]


def groups(memory: Memory) -> list[Group]:
    """The sales teams."""
    return [Group(str(row["id"]), row["name"], str(row["head"]) if row["head"] else None) for row in _teams(memory)]


def rates(memory: Memory, choice: Choice, office: str) -> list[Rate]:
    """What each currency is worth, by the rates of the first company that counts."""
    company = main_company(load(memory), choice)
    base = ref_name(company.get("currency_id")) if company else None
    if company is None or base is None:
        return []
    return read_rates(memory.recall("doc:rates") or [], company["id"], base, office)


def main_company(office: Office, choice: Choice) -> Row | None:
    """The first company that counts."""
    mine = [row for row in office.companies if counts_company(choice, [row["id"], str(row.get("name") or "")])]
    return mine[0] if mine else None


def counts_company(choice: Choice, company: object) -> bool:
    """Whether records of this company count; those of no company always do."""
    return not choice.companies or not company or is_named(choice.companies, company)


def is_call(choice: Choice, kind: object, category: str) -> bool:
    """Whether an activity of this type is a call."""
    return is_named(choice.call_types, kind) if choice.call_types else category == _CALL


def is_meeting(choice: Choice, kind: object, category: str) -> bool:
    """Whether an activity of this type is a meeting."""
    return is_named(choice.meeting_types, kind) if choice.meeting_types else category == _MEETING


def _read_at(memory: Memory, name: str) -> int:
    return int(memory.recall(f"at:{name}") or 0)


def _teams(memory: Memory) -> list[Row]:
    return list(memory.recall("doc:teams") or ())


def _person(row: Row, team: Row | None, choice: Choice) -> Person:
    rep = True if choice.reps == ALL else (team is not None if choice.reps == TEAMS else None)
    return Person(
        id=str(row["id"]),
        name=row["name"],
        team=str(team["id"]) if team else None,
        email=row["email"],
        active=row["active"],
        rep=rep,
    )


def _thrown_away(fields: Mapping[str, Any], types: list[Row]) -> tuple[int, ...]:
    """Up to version 16 all of them, then those of the types that are not to be kept; from 19 on none."""
    if "date_done" not in (fields.get("mail.activity") or ()):
        return tuple(row["id"] for row in types)
    if "keep_done" not in (fields.get(TYPE) or ()):
        return ()
    return tuple(row["id"] for row in types if not row.get("keep_done"))


def _read_fields(api: Api) -> list[tuple[str, list[str] | None]]:
    found: list[tuple[str, list[str] | None]] = []
    for model, wanted in WANTED.items():
        try:
            found.append((model, api.fields(model, wanted)))
        except NoModelError:
            found.append((model, None))
        except PermissionDeniedError:
            # Reading it will say so, and says it when that changes.
            found.append((model, list(wanted)))
    return found


def _read_users(api: Api) -> list[Row]:
    fields = ["name", "login", "email", "active", "partner_id"]
    return [
        {
            "id": row["id"],
            "name": text(row.get("name")) or f"User {row['id']}",
            "email": _mail(row.get("email")) or _mail(row.get("login")),
            "active": row.get("active") is not False,
            "partner": ref(row.get("partner_id")),
        }
        for row in api.rows("res.users", [["share", "=", False], ANY], fields)
    ]  # fmt: skip


def _mail(value: object) -> str | None:
    found = text(value)
    return found if found and "@" in found else None


def _read_teams(api: Api) -> list[Row]:
    rows = api.rows("crm.team", [["active", "=", True]], ["name", "user_id", "member_ids"])
    return [
        {
            "id": row["id"],
            "name": text(row.get("name")) or f"Team {row['id']}",
            "head": ref(row.get("user_id")),
            "members": [each for each in row.get("member_ids") or () if number(each)],
        }
        for row in rows
    ]


def _read_types(api: Api) -> list[Row]:
    try:
        return api.rows(TYPE, [ANY], ["name", "category", "keep_done"])
    except BadFieldError:
        return api.rows(TYPE, [ANY], ["name", "category"])


def _read_sent(api: Api) -> list[int]:
    """The kinds of message that tell of a quotation sent. Their numbers differ from one database to the next."""
    rows = api.rows("mail.message.subtype", [["res_model", "=", ORDER]], ["name"], lang="en_US")
    return [row["id"] for row in rows if "sent" in str(row.get("name")).casefold()]


def _read_rates(api: Api) -> list[Row]:
    """The newest rates; the oldest of them stand for all the time before."""
    fields = ["name", "currency_id", "rate", "company_rate", "inverse_company_rate", "company_id"]
    return api.rows("res.currency.rate", [["currency_id.active", "=", True]], fields, _MOST_RATES, "name desc, id desc")


def _reader(model: str, domain: list[Any], *fields: str) -> Callable[[Api], list[Row]]:
    return lambda api: api.rows(model, domain, fields)


_READERS: Mapping[str, Callable[[Api], Any]] = {
    "fields": _read_fields,
    "companies": _reader("res.company", [], "name", "currency_id"),
    "currencies": _reader("res.currency", [["active", "=", True]], "name", "decimal_places"),
    "users": _read_users,
    "teams": _read_teams,
    "stages": _reader("crm.stage", [], "name", "is_won"),
    "types": _read_types,
    "subtypes": _read_sent,
    "rates": _read_rates,
}

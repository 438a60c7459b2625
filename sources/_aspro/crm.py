"""An Aspro.Cloud account as it is read in rounds: its lists, its dictionaries, and what it cannot tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.facts import Change, Group, Kind, Lack, Person, Problem
from sources import Finding, Site
from sources._aspro.api import Api, Entity
from sources._aspro.rows import PREFIX, UPDATED, Desk, change, currency_of
from sources._aspro.rules import Rules
from sources._rounds.crm import PAGE, GoneError, Listing, Look, Page, Row
from sources._rounds.dictionaries import lacking, refresh
from sources._rounds.memory import Memory
from sources._rounds.people import saw_sellers, with_sellers
from sources._rounds.values import flag, key, text, when

# Filters by day are documented; that this field may be asked for is not.
_FILTER = f"filter[{UPDATED}]"
_DEAL_KINDS = frozenset((Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST))
_LISTS = (
    (Entity.DEALS, "Deals", _DEAL_KINDS),
    (Entity.INVOICES, "Invoices", frozenset((Kind.INVOICE_ISSUED,))),
    (Entity.PAYMENTS, "Payments", frozenset((Kind.INVOICE_PAID,))),
    (Entity.TASKS, "Tasks", frozenset((Kind.TASK_DONE,))),
)
_NAMES = (Entity.PIPELINES, Entity.STAGES, Entity.REASONS, Entity.DEPARTMENTS)
_CODE = ("code", "iso_code", "char_code", "currency_code")
_MISSING: Mapping[Lack, str] = {
    Kind.CALL: "Aspro.Cloud's API has no list of calls. Connect the telephony beside it.",
    Kind.EMAIL: "Aspro.Cloud's API has no list of e-mails sent.",
    Kind.MEETING: "Aspro.Cloud's API does not tell meetings from other events.",
    Kind.LEAD_CREATED: "Aspro.Cloud keeps leads and deals in one list: they count as deals.",
    Kind.OFFER_SENT: "Tablo does not read Aspro.Cloud's offers.",
}


class Aspro:
    """One account. See sources._rounds.crm.Crm."""

    def __init__(self, api: Api, rules: Rules, site: Site) -> None:
        self.zone = rules.zone
        self.fingerprint = rules.fingerprint
        self._api = api
        self._rules = rules
        self._site = site

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._api.line.requests

    def lists(self) -> Sequence[Listing]:
        """Deals first."""
        return [
            Listing(
                *(entity.value, label, PREFIX[entity], kinds),
                filters=(_FILTER,),
                days=True,
                urgent=entity is Entity.DEALS,
            )
            for entity, label, kinds in _LISTS
        ]

    def prepare(self, memory: Memory, now: datetime) -> bool:
        """The dictionaries, once an hour. A dictionary that may not be read is done without."""

        def read(name: str) -> None:
            memory.keep(f"rows:{name}", [_slim(Entity(name), row) for row in self._all(Entity(name))])

        return refresh(memory, [entity.value for entity in (*_NAMES, Entity.USERS, Entity.CURRENCIES)], now, read)

    def shape(self, memory: Memory, name: str) -> None:
        """Nothing has to be found out: every row comes with all of its fields."""

    def page(self, memory: Memory, name: str, number: int, look: Look) -> Page:
        """One page; currencies that it names are noted."""
        params = {"page": str(number), "limit": str(PAGE)}
        if look.filter and look.since:
            day = look.since.astimezone(self.zone).date()
            params[look.filter] = json.dumps({"start_date": day.isoformat()})
        rows, total = self._api.list(Entity(name), params)
        self._note_currencies(memory, rows)
        return Page([{**row, "id": str(row["id"])} for row in rows], total)

    def one(self, memory: Memory, name: str, number: str) -> Row | None:
        """One record, None where it does not exist."""
        try:
            row = self._api.one(Entity(name), number)
        except GoneError:
            return None
        return {**row, "id": number}

    def stamp(self, row: Row) -> datetime | None:
        """`updated_date`."""
        found = when(row.get(UPDATED), self.zone)
        return found.at if found else None

    def changes(self, memory: Memory, name: str, rows: Sequence[Row], since: datetime) -> list[Change]:
        """What these rows stand for now."""
        pipelines, stages, reasons = (_names(memory, entity) for entity in _NAMES[:3])
        desk = Desk(
            memory=memory,
            zone=self.zone,
            currency=self._site.currency,
            currencies=self._currencies(memory),
            pipelines=pipelines,
            stages=stages,
            reasons=reasons,
            counted=self._rules.pipelines,
            paid=self._rules.paid,
            since=since,
            now=self._site.clock(),
        )
        found = [change(Entity(name), row, desk) for row in rows]
        if name == Entity.DEALS:
            saw_sellers(memory, (each.owner for each in found))
        return found

    def people(self, memory: Memory) -> list[Person]:
        """The account's users. Whoever has a deal sells."""
        users = [
            Person(
                id=row["id"],
                name=row["name"],
                team=row.get("team"),
                email=row.get("email"),
                active=row.get("active") is not False,
            )
            for row in memory.recall(f"rows:{Entity.USERS}") or ()
        ]
        return with_sellers(memory, users)

    def groups(self, memory: Memory) -> list[Group] | None:
        """The departments."""
        return [Group(number, name) for number, name in _names(memory, Entity.DEPARTMENTS).items()]

    def missing(self, memory: Memory) -> Mapping[Lack, str]:
        """What no list can give."""
        return _MISSING

    def problems(self, memory: Memory) -> list[Problem]:
        """Currencies by number that nobody knows, pipelines that are none, people who cannot be read."""
        known = self._currencies(memory)
        found = [
            Problem("unknown_currency", number, f"The currency number {number} is not known. Say currencies={number}=…")
            for number in memory.recall("currencies seen") or ()
            if number not in known
        ]
        names = _names(memory, Entity.PIPELINES)
        there = set(names) | {name.casefold() for name in names.values()}
        found += [
            Problem("unknown_name", "pipelines", f"Aspro.Cloud has no pipeline {name!r}. Correct pipelines.")
            for name in self._rules.pipelines
            if names and name not in there
        ]
        denied = lacking(memory).get(Entity.USERS.value)
        return found + ([Problem("list_denied", "users", denied)] if denied else [])

    def findings(self, memory: Memory) -> list[Finding]:
        """People, pipelines, currencies, the zone in which times are read."""
        users, pipelines = self.people(memory), list(_names(memory, Entity.PIPELINES).values())
        codes = self._currencies(memory)
        told = ", ".join(f"{number} = {code}" for number, code in sorted(codes.items()))
        return [
            Finding("Users", f"{sum(each.active for each in users)} active", bool(users)),
            Finding("Pipelines", f"{len(pipelines)}: {', '.join(pipelines[:8])}" if pipelines else "none can be read"),
            Finding("Currencies", told or f"no list; amounts without a currency are taken for {self._site.currency}"),
            Finding("Time zone", f"{self.zone.key}: Aspro.Cloud writes times without one"),
        ]

    def _currencies(self, memory: Memory) -> dict[str, str]:
        """What was typed goes before what was read."""
        read = {row["id"]: row["code"] for row in memory.recall(f"rows:{Entity.CURRENCIES}") or () if row.get("code")}
        return read | dict(self._rules.currencies)

    def _note_currencies(self, memory: Memory, rows: Sequence[Row]) -> None:
        seen = set(memory.recall("currencies seen") or ())
        new = {number for row in rows if currency_of(row, {}, "-") is None and (number := key(row.get("currency_id")))}
        if new - seen:
            memory.keep("currencies seen", sorted(seen | new))

    def _all(self, entity: Entity) -> list[Row]:
        """Every row of a dictionary."""
        found: list[Row] = []
        number = 1
        while True:
            rows, _ = self._api.list(entity, {"page": str(number), "limit": str(PAGE)})
            found += rows
            if len(rows) < PAGE:
                return found
            number += 1


def _slim(entity: Entity, row: Row) -> dict[str, Any]:
    """What to remember of a dictionary's row."""
    number, name = str(row["id"]), text(row.get("name")) or str(row["id"])
    if entity is Entity.CURRENCIES:
        code = next((told for field in _CODE if (told := text(row.get(field))) and len(told) == 3), None)
        return {"id": number, "code": code.upper() if code else None}
    if entity is not Entity.USERS:
        return {"id": number, "name": name}
    email = next((told for field in ("email", "username") if (told := text(row.get(field))) and "@" in told), None)
    active = flag(row.get("active"))
    return {"id": number, "name": name, "email": email, "active": active, "team": key(row.get("department_id"))}


def _names(memory: Memory, entity: Entity) -> dict[str, str]:
    return {row["id"]: row["name"] for row in memory.recall(f"rows:{entity}") or ()}

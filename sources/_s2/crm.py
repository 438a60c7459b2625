"""An S2 account as it is read in rounds: its lists, what comes with their rows, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.facts import Change, Detail, Group, Kind, Lack, Person, Problem
from sources import Finding, Site
from sources._rounds.crm import PAGE, GoneError, Listing, Look, Order, Page, Row
from sources._rounds.dictionaries import lacking, refresh
from sources._rounds.memory import Memory
from sources._rounds.people import saw_sellers, with_sellers
from sources._rounds.values import key, when
from sources._s2.api import Api, Document, RefusedPart
from sources._s2.names import USERS, Directory, entry
from sources._s2.rows import CALLS, DEALS, EVENTS, INVOICES, PREFIX, TASKS, Desk, Link, change
from sources._s2.rules import TYPE_OPTIONS, Rules

# S2 documents none of these; the ones that work are found by trying.
FILTERS = ("filter[updated-at][gte]", "filter[updated-at-from]", "filter[updated-at]")
_SORTS = {Order.NEWEST: "-updated-at", Order.OLDEST: "updated-at"}
_DEAL_KINDS = frozenset((Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST))
_MONEY_KINDS = frozenset((Kind.INVOICE_ISSUED, Kind.INVOICE_PAID))
# What to have with each row; S2 shows whose a record is only where it is asked to.
_WITH: Mapping[str, tuple[str, ...]] = {
    DEALS: ("responsible", "stage", "stage-category", "loss-reason", "status", "company"),
    INVOICES: ("responsible", "company"),
    EVENTS: ("responsible", "activity-type"),
    TASKS: ("responsible",),
    CALLS: ("responsible", "user", "status", "src-phone", "dst-phone", "src-phone.user", "dst-phone.user"),
}
_DICTIONARIES = ("deal-stages", "deal-stage-categories", "deal-statuses", "deal-loss-reasons", "activity-types", USERS)
_NO_LEADS = "Tablo does not read S2's requests (orders)."
_NO_OFFERS = "S2 has no offers that Tablo knows of."
_NO_CALLS = (
    "S2 shows no list of telephony calls to this token. Where calls are written into the diary, name their activity "
    "types in call_types."
)
_NOT_PAID = "No invoice of S2 shows a payment that Tablo knows. Name the attribute: fields=invoice_paid=…"
_NO_LENGTH = "No call of S2 shows how long it was. Name the attribute: fields={}=…"
_NOT_DONE = "No task of S2 shows when it was done. Name the attribute: fields=task_done=…"


class S2:
    """One account. See sources._rounds.crm.Crm."""

    def __init__(self, api: Api, rules: Rules, site: Site) -> None:
        self.zone = ZoneInfo(site.timezone)
        self.fingerprint = rules.fingerprint
        self._api = api
        self._rules = rules
        self._site = site

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._api.line.requests

    def lists(self) -> Sequence[Listing]:
        """Deals first; the diary's entries only where the office says what they stand for."""
        diary = frozenset(kind for kind, names in self._rules.types.items() if names)
        found = [
            _listing(DEALS, "Deals", _DEAL_KINDS, urgent=True),
            _listing(CALLS, "Telephony calls", frozenset((Kind.CALL,)), urgent=True),
            _listing(INVOICES, "Invoices", _MONEY_KINDS),
            _listing(TASKS, "Diary tasks", frozenset((Kind.TASK_DONE,))),
        ]
        # Calls are either telephony's or the diary's: a call that is in both would count twice.
        if Kind.CALL in diary:
            found = [each for each in found if each.name != CALLS]
        return [*found, _listing(EVENTS, "Diary entries", diary, urgent=True)] if diary else found

    def prepare(self, memory: Memory, now: datetime) -> bool:
        """The dictionaries, once an hour. A dictionary that may not be read is done without."""
        return refresh(memory, _DICTIONARIES, now, lambda kind: Directory(memory).learn(self._all(kind)))

    def shape(self, memory: Memory, name: str) -> None:
        """Which of the things that should come with a row can be asked for, and which attributes rows have."""
        wanted = list(_WITH[name])
        while True:
            try:
                body = self._api.get(name, _params(1, Look(), wanted))
                break
            except GoneError:
                raise GoneError(_NO_CALLS) if name == CALLS else GoneError(f"S2 has no list of {name}.") from None
            except RefusedPart as error:
                if not wanted:
                    raise
                named = [each for each in wanted if _names(each, error.detail)] or wanted[-1:]
                wanted = [each for each in wanted if each not in named]
        rows = _rows(body)
        memory.keep(f"with:{name}", wanted)
        memory.keep(f"fields:{name}", sorted({field for row in rows for field in row["attributes"]}))
        memory.keep(f"owned:{name}", not rows or any(map(_has_owner, rows)))

    def page(self, memory: Memory, name: str, number: int, look: Look) -> Page:
        """One page with the names of what its rows point at."""
        body = self._api.get(name, _params(number, look, memory.recall(f"with:{name}") or ()))
        told = body.get("meta")
        total = told.get("record-count") if isinstance(told, dict) else None
        return Page(self._named(memory, body), total if isinstance(total, int) else None)

    def one(self, memory: Memory, name: str, number: str) -> Row | None:
        """One record; where it may not be read, it is taken for gone no more than for there: it raises."""
        wanted = ",".join(memory.recall(f"with:{name}") or ())
        try:
            body = self._api.one(name, number, {"include": wanted} if wanted else {})
        except GoneError:
            return None
        return next(iter(self._named(memory, body)), None)

    def stamp(self, row: Row) -> datetime | None:
        """`updated-at`."""
        found = when(row["attributes"].get("updated-at"), self.zone)
        return found.at if found else None

    def changes(self, memory: Memory, name: str, rows: Sequence[Row], since: datetime) -> list[Change]:
        """What these rows stand for now."""
        desk = Desk(self._rules, memory, self.zone, self._currency, since, self._site.clock())
        found = [change(name, row, desk) for row in rows]
        if name == DEALS:
            saw_sellers(memory, (each.owner for each in found))
        return found

    def people(self, memory: Memory) -> list[Person]:
        """Users of the list of users, and those that came with records. Whoever has a deal sells."""
        return with_sellers(memory, Directory(memory).people())

    def groups(self, memory: Memory) -> list[Group] | None:
        """S2 tells of no teams."""
        return None

    def missing(self, memory: Memory) -> Mapping[Lack, str]:
        """What no list can give, or no field of it shows."""
        found: dict[Lack, str] = {Kind.LEAD_CREATED: _NO_LEADS, Kind.OFFER_SENT: _NO_OFFERS}
        for kind, option in TYPE_OPTIONS.items():
            if kind is not Kind.CALL and not self._rules.types[kind]:
                found[kind] = f"Name the activity types of S2's diary that stand for it in {option}."
        calls = (EVENTS, "event_end") if self._rules.types[Kind.CALL] else (CALLS, "call_seconds")
        needed: tuple[tuple[Lack, str, str, str], ...] = (
            (Kind.INVOICE_PAID, INVOICES, "invoice_paid", _NOT_PAID),
            (Kind.TASK_DONE, TASKS, "task_done", _NOT_DONE),
            (Detail.CALL_SECONDS, *calls, _NO_LENGTH.format(calls[1])),
        )
        return found | {lack: why for lack, name, meaning, why in needed if not self._shows(memory, name, meaning)}

    def problems(self, memory: Memory) -> list[Problem]:
        """Names in the options that the account does not know, and records without an owner."""
        directory = Directory(memory)
        found = [
            Problem("unknown_name", option, f"S2 has nothing called {name!r}. Correct {option}.")
            for option, kinds, names in self._named_options()
            for name in names
            if (known := _known(directory, kinds)) and name not in known
        ]
        found += [
            Problem("no_owner", name, f"S2 does not tell whose {name} are: they count for nobody.")
            for name in PREFIX
            if memory.recall(f"owned:{name}") is False
        ]
        return found

    def findings(self, memory: Memory) -> list[Finding]:
        """People, stages and activity types, as far as they can be read."""
        directory, denied = Directory(memory), lacking(memory)
        users = len(directory.all(USERS))
        types = ", ".join(sorted(directory.all("activity-types").values())[:12])
        return [
            Finding("Users", "the list cannot be read; they become known with their records")
            if USERS in denied
            else Finding("Users", str(users), users > 0),
            _told("Pipelines", directory.all("deal-stage-categories"), denied.get("deal-stage-categories")),
            _told("Stages", directory.all("deal-stages"), denied.get("deal-stages")),
            Finding("Won and lost", self._closing()),
            Finding("Activity types", types or "cannot be read"),
            Finding("Currency", f"{self._currency}; S2 tells none"),
        ]

    @property
    def _currency(self) -> str:
        return self._rules.currency or self._site.currency

    def _closing(self) -> str:
        if self._rules.won or self._rules.lost:
            return "by the stages that are named in won_stages and lost_stages"
        return "by the closing day: with a loss reason a deal is lost, without one it is won"

    def _named_options(self) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        rules = self._rules
        stages = ("deal-stages", "deal-statuses")
        types = [(option, ("activity-types",), rules.types[kind]) for kind, option in TYPE_OPTIONS.items()]
        return [
            ("pipelines", ("deal-stage-categories",), rules.pipelines),
            ("won_stages", stages, rules.won),
            ("lost_stages", stages, rules.lost),
            *types,
        ]

    def _shows(self, memory: Memory, name: str, meaning: str) -> bool:
        fields = memory.recall(f"fields:{name}")
        named = self._rules.fields[meaning]
        return fields is None or bool(set(fields) & set(named)) or any(each.startswith("custom") for each in named)

    def _all(self, kind: str) -> list[Any]:
        """Every resource of a dictionary."""
        found: list[Any] = []
        number = 1
        while True:
            body = self._api.get(kind, _params(number, Look(), ()))
            rows = body["data"] if isinstance(body["data"], list) else []
            found += rows
            if len(rows) < PAGE or not rows:
                return found
            number += 1

    def _named(self, memory: Memory, body: Document) -> list[Row]:
        directory = Directory(memory)
        directory.learn(body.get("included"))
        return _rows(body, directory)


def _listing(name: str, label: str, kinds: frozenset[Kind], urgent: bool = False) -> Listing:
    return Listing(name, label, PREFIX[name], kinds, sorts=True, filters=FILTERS, urgent=urgent)


def _params(number: int, look: Look, wanted: Sequence[str]) -> dict[str, str]:
    params = {"page[number]": str(number), "page[size]": str(PAGE)}
    if wanted:
        params["include"] = ",".join(wanted)
    if look.order in _SORTS:
        params["sort"] = _SORTS[look.order]
    if look.filter and look.since:
        params[look.filter] = look.since.isoformat(timespec="seconds")
    return params


def _rows(body: Document, directory: Directory | None = None) -> list[Row]:
    """The resources of a document with what they point at: `{"id", "attributes", "links": {name: Link}}`."""
    data = body["data"]
    resources = [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]
    beside = {
        (str(each.get("type")), str(each.get("id"))): each
        for each in body.get("included") or ()
        if isinstance(each, dict)
    }
    return [
        {
            "id": str(each["id"]),
            "attributes": each["attributes"] if isinstance(each.get("attributes"), dict) else {},
            "links": _links(each, beside, directory),
        }
        for each in resources
        if key(each.get("id"))
    ]


def _links(
    resource: Mapping[str, Any], beside: Mapping[tuple[str, str], Mapping[str, Any]], directory: Directory | None
) -> dict[str, Link]:
    found = {}
    told = resource.get("relationships")
    for name, relation in told.items() if isinstance(told, dict) else ():
        kind, number = _target(relation)
        if number is None:
            continue
        there = beside.get((kind, number), {})
        known = entry(there) if there else None
        label = str(known["name"]) if known else directory.name(kind, number) if directory else None
        inner = there.get("relationships")
        _, user = _target(inner.get("user") or inner.get("responsible")) if isinstance(inner, dict) else ("", None)
        found[str(name)] = Link(number, label, user)
    return found


def _has_owner(row: Row) -> bool:
    """Whether it is told whose a record is, by itself or by the telephone that was used."""
    links = row["links"]
    return bool(links.keys() & {"responsible", "user"}) or any(link.user for link in links.values())


def _target(relation: object) -> tuple[str, str | None]:
    """The type and the id that a relationship points at; ('', None) where it holds nothing but addresses."""
    data = relation.get("data") if isinstance(relation, dict) else None
    return (str(data.get("type")), key(data.get("id"))) if isinstance(data, dict) else ("", None)


def _names(wanted: str, detail: str) -> bool:
    """Whether an error speaks of this relationship, however it writes dashes."""
    told = detail.replace("_", "-")
    return any(f" {word} " in f" {told.replace(',', ' ').replace('.', ' ')} " for word in wanted.split(".")[:1])


def _known(directory: Directory, kinds: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for kind in kinds:
        for number, name in directory.all(kind).items():
            found |= {number, name.casefold()}
    return found


def _told(what: str, names: Mapping[str, str], why: str | None) -> Finding:
    if names:
        return Finding(what, f"{len(names)}: {', '.join(list(names.values())[:8])}")
    return Finding(what, why or "none")

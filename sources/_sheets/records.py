"""From the rows of a table to changes: which facts a row of calls, invoices, deals and so on stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import blake2b

from domain.facts import Change, Detail, Fact, Kind, Lack, OpenDeal
from sources._sheets.columns import Get, Sheet
from sources._sheets.dates import When
from sources._sheets.numbers import Money
from sources._sheets.tables import Complaints, Row
from sources._sheets.words import State, Void

# What a row stands for: its facts, and the state of a deal that is open. Raises LookupError or UnfitError.
Found = tuple[tuple[Fact, ...], OpenDeal | None]
Build = Callable[[Row], Found]

_SINGLE = {
    "calls": Kind.CALL,
    "emails": Kind.EMAIL,
    "meetings": Kind.MEETING,
    "tasks": Kind.TASK_DONE,
    "leads": Kind.LEAD_CREATED,
    "offers": Kind.OFFER_SENT,
}
# What a table must have a column of to tell of a kind of fact.
_ENDS = ("closed_on", "outcome", "stage")
_COLUMNS: dict[str, dict[Kind, tuple[str, ...]]] = {
    "invoices": {Kind.INVOICE_ISSUED: ("issued_on",), Kind.INVOICE_PAID: ("paid_on",)},
    "deals": {
        Kind.DEAL_CREATED: ("created_on",),
        Kind.DEAL_WON: ("won_on", *_ENDS),
        Kind.DEAL_LOST: ("lost_on", *_ENDS),
    },
}
_NOTHING: Found = ((), None)


class UnfitError(Exception):
    """Every cell can be read, and yet the row makes no sense; `field` is where it is to be mended."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def read_changes(sheet: Sheet, kind: str, currency: str, family: str, complaints: Complaints) -> Iterator[Change]:
    """The changes of a table's rows, in their order, each under a key that stays its own: `<family>:<id>`."""
    build = _builder(sheet, kind, currency)
    key = _keys(sheet)
    owner, url = sheet.get("rep"), sheet.get("url")
    seen: dict[str, int] = {}
    for number, row in sheet.table.rows(_told_before):
        try:
            facts, open_deal = build(row)
        except LookupError:
            sheet.explain(number, row, complaints)
            continue
        except UnfitError as error:
            complaints.refused += 1
            complaints.row(number, error.field, str(error))
            continue
        if not facts and open_deal is None:
            continue
        name = key(row)
        if seen.setdefault(name, number) != number:
            complaints.refused += 1
            complaints.row(number, "id", f"{name!r} is also in row {seen[name]}: give each row an id of its own")
            continue
        complaints.taken += 1
        yield Change(f"{family}:{name}", facts, 0, owner(row), open_deal, _web(url(row)))


def given(sheet: Sheet, kind: str) -> set[Lack]:
    """What this table can give: kinds of fact, and the length of calls where it has a column for it."""
    kinds = _kinds(sheet, kind)
    return {*kinds, Detail.CALL_SECONDS} if Kind.CALL in kinds and _lengths(sheet) else {*kinds}


def _lengths(sheet: Sheet) -> bool:
    return sheet.has("seconds") or sheet.has("minutes")


def _kinds(sheet: Sheet, kind: str) -> set[Kind]:
    """The kinds of fact that it can tell of; of a list of activities those that are in it."""
    if kind == "activities":
        return {value for value in sheet.values("type") if isinstance(value, Kind)}
    if kind in _SINGLE:
        return {_SINGLE[kind]}
    return {fact for fact, names in _COLUMNS.get(kind, {}).items() if sheet.has(*names)}


def _told_before(number: int, text: str) -> None:
    """Rows broken as a whole were told when the columns were read."""


def _web(url: str | None) -> str | None:
    return url if url and url.startswith(("https://", "http://")) else None


def _keys(sheet: Sheet) -> Callable[[Row], str]:
    """A row's own id; without one a digest of all its cells and how often they were met before."""
    identity = sheet.get("id")
    met: dict[bytes, int] = {}

    def key(row: Row) -> str:
        if name := identity(row):
            return str(name)
        digest = blake2b("\x1f".join(map(str, row)).encode("utf-8", "surrogatepass"), digest_size=12).digest()
        met[digest] = times = met.get(digest, 0) + 1
        return f"~{digest.hex()}" if times == 1 else f"~{digest.hex()}.{times}"

    return key


def _builder(sheet: Sheet, kind: str, currency: str) -> Build:
    if kind == "invoices":
        return _invoices(sheet, currency)
    if kind == "deals":
        return _deals(sheet, currency)
    return _events(sheet, kind, currency)


def _moment(sheet: Sheet) -> Get:
    """When an event was: the day's column, with the time of day from a column of its own where there is one."""
    at, clock = sheet.get("at"), sheet.get("time")
    if not sheet.has("time"):
        return at

    def moment(row: Row) -> tuple[datetime, object]:
        when, on = at(row)
        told = clock(row)
        if on is None or told is None:
            return when, on
        return datetime.combine(on, told, when.tzinfo), None

    return moment


def _seconds(sheet: Sheet) -> Get:
    return sheet.get("seconds") if sheet.has("seconds") else sheet.get("minutes")


def _events(sheet: Sheet, kind: str, currency: str) -> Build:
    """Rows that are one fact each: calls, e-mails, meetings …"""
    at, rep, title, customer = _moment(sheet), sheet.get("rep"), sheet.get("title"), sheet.get("customer")
    direction, seconds, answered = sheet.get("direction"), _seconds(sheet), sheet.get("answered")
    amount, what = _money(sheet, currency), sheet.get("type")
    single = _SINGLE.get(kind)

    def build(row: Row) -> Found:
        when, on = at(row)
        value, unit = amount(row)
        fact = Fact(
            single or what(row),
            when,
            rep(row),
            on,
            value,
            unit,
            seconds(row),
            direction(row),
            answered(row),
            title(row),
            customer(row),
        )
        return (fact,), None

    return build


def _money(sheet: Sheet, currency: str) -> Get:
    """(amount, currency): the currency's own column, else the sign beside the amount, else the table's."""
    amount, unit = sheet.get("amount"), sheet.get("currency")
    if not sheet.has("amount"):
        return lambda row: (None, None)

    def money(row: Row) -> tuple[object, object]:
        found: Money = amount(row)
        told = unit(row)
        return (None, None) if found is None else (found[0], told or found[1] or currency)

    return money


def _maker(sheet: Sheet, currency: str) -> Callable[..., Fact]:
    """Makes facts that carry what invoices and deals have in common."""
    rep, amount, title, customer, pipeline = (
        sheet.get("rep"),
        _money(sheet, currency),
        sheet.get("title"),
        sheet.get("customer"),
        sheet.get("pipeline"),
    )

    def fact(kind: Kind, when: tuple[datetime, date | None], row: Row, stage: str | None, reason: str | None) -> Fact:
        value, unit = amount(row)
        return Fact(
            kind,
            when[0],
            rep(row),
            when[1],
            value,
            unit,
            title=title(row),
            customer=customer(row),
            pipeline=pipeline(row),
            stage=stage,
            loss_reason=reason,
        )

    return fact


def _invoices(sheet: Sheet, currency: str) -> Build:
    issued, paid, status = sheet.get("issued_on"), sheet.get("paid_on"), sheet.get("status")
    fact = _maker(sheet, currency)

    def build(row: Row) -> Found:
        moments = ((Kind.INVOICE_ISSUED, issued(row)), (Kind.INVOICE_PAID, paid(row)))
        if status(row) is Void.YES:
            return _NOTHING
        facts = tuple(fact(kind, when, row, None, None) for kind, when in moments if when is not None)
        if not facts:
            raise UnfitError("issued_on", "the invoice has no day: write when it was issued, or mark it as a draft")
        return facts, None

    return build


def _deals(sheet: Sheet, currency: str) -> Build:
    created, stage, reason = sheet.get("created_on"), sheet.get("stage"), sheet.get("loss_reason")
    fact, end, opened = _maker(sheet, currency), _ending(sheet), _opened(sheet, currency)

    def build(row: Row) -> Found:
        began, (step, told) = created(row), stage(row) or (None, None)
        facts = () if began is None else (fact(Kind.DEAL_CREATED, began, row, None, None),)
        state, when = end(row, told)
        if state is State.OPEN:
            return facts, opened(row, began, step)
        if when is None:
            raise UnfitError("closed_on", f"the deal is {state} and has no day of closing: write it down")
        if state is State.WON:
            return (*facts, fact(Kind.DEAL_WON, when, row, step, None)), None
        return (*facts, fact(Kind.DEAL_LOST, when, row, step, reason(row))), None

    return build


def _ending(sheet: Sheet) -> Callable[[Row, State | None], tuple[State, When]]:
    """Where a deal stands, and since when: by its outcome, else its stage, else by a day of winning or losing."""
    outcome, closed, won, lost = (sheet.get(name) for name in ("outcome", "closed_on", "won_on", "lost_on"))

    def end(row: Row, told: State | None) -> tuple[State, When]:
        won_at, lost_at, closed_at = won(row), lost(row), closed(row)
        state = outcome(row) or told or (State.WON if won_at else State.LOST if lost_at else State.OPEN)
        return state, (won_at if state is State.WON else lost_at) or closed_at

    return end


def _opened(sheet: Sheet, currency: str) -> Callable[[Row, When, str | None], OpenDeal]:
    rep, title, pipeline = sheet.get("rep"), sheet.get("title"), sheet.get("pipeline")
    amount, following = _money(sheet, currency), sheet.get("next_activity")

    def opened(row: Row, began: When, step: str | None) -> OpenDeal:
        if began is None:
            raise UnfitError("created_on", "the deal is open and has no day of creation: write it down")
        (value, unit), planned = amount(row), following(row)
        return OpenDeal(
            rep(row), began[0], title(row), step, pipeline(row), value, unit, planned[0] if planned else None
        )

    return opened

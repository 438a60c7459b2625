"""The corrections page at work: what the store has noted, told with the names that people know, searched and
downloaded; a team lead of own teams is told of these alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import number_views, visitor
from callbacks.settings.figure_words import secure
from callbacks.settings.number_views import View
from deps import Deps
from domain.cells import BYTE_ORDER_MARK, csv_line
from domain.corrections import Correction, CorrectionKind, Said
from domain.facts import Fact
from domain.metrics import SUMS, Measure
from domain.periods import period_of
from domain.reach import WHOLE, Reach
from domain.settings import PeriodKind
from domain.targets import REP
from domain.totals import exponent
from domain.worktime import today
from layouts import format as write
from layouts import ids
from layouts.mine.records import title
from layouts.settings import corrections as layout
from layouts.settings import parts
from layouts.settings.corrections import Line, Offer, Wanted
from layouts.text import Text, mark
from storage import corrections, people
from storage import db as store
from storage.corrections import Search

_PAGE = 50
_MONTHS = 14
_KINDS = {
    CorrectionKind.REASSIGNED: mark("given to another"),
    CorrectionKind.MOVED: mark("moved to another day"),
    CorrectionKind.BACKDATED: mark("entered afterwards"),
    CorrectionKind.REOPENED: mark("reopened"),
    CorrectionKind.AMOUNT: mark("another amount"),
    CorrectionKind.DELETED: mark("deleted"),
    CorrectionKind.TAKEN_BACK: mark("taken back"),
    CorrectionKind.CHANGED: mark("changed"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of everybody by key, and who may be named to this reader (None = everybody)."""

    known: Mapping[str, str]
    near: frozenset[str] | None
    zone: str
    currency: str

    def of(self, text: Text, key: str | None) -> str:
        """What somebody is called; a person of another team is not named."""
        if key is None:
            return text.t("nobody")
        if self.near is not None and key not in self.near:
            return text.t("somebody of another team")
        return self.known.get(key, key)


def page(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE) -> Component:
    """The page of the newest corrections that the address asks for, or of those before the one that it names."""
    given = _given(search)
    wanted = _wanted(given)
    before = given.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 10 else None
    with store.read(deps.db) as conn:
        names = _names(conn, deps, reach)
        offer = _offer(conn, deps, text, reach)
        found = corrections.find(conn, _search(wanted, names), start, _PAGE + 1)
    shown = found[:_PAGE]
    older = _address(wanted, shown[-1].id) if len(found) > _PAGE else None
    return layout.page(text, wanted, offer, [line(text, each, names) for each in shown], older)


def export(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE) -> str:
    """Every correction that the address asks for, as CSV."""
    with store.read(deps.db) as conn:
        names = _names(conn, deps, reach)
        found = corrections.find(conn, _search(_wanted(_given(search)), names))
    rows = (line(text, each, names) for each in found)
    cells = [(r.when, r.what, _both(r.record, r.under), r.whose, r.day, r.before, r.after, r.who) for r in rows]
    return BYTE_ORDER_MARK + "".join(map(csv_line, (layout.columns(text), *cells)))


def line(text: Text, each: Correction, names: Names) -> Line:
    """One correction in words."""
    said = each.said
    name = title(_fact(said), text)
    return Line(
        when=write.instant(text, each.noted_at, names.zone),
        what=text.t(_KINDS[each.kind]),
        record=name,
        under=_both(said.customer if said.customer != name else None, each.source),
        url=secure(each.url),
        whose=names.of(text, said.rep),
        day=write.short_day(text, said.day),
        figure=_figure(each, names),
        before=_told(text, each.before, each.after, names),
        after=_told(text, each.after, each.before, names),
        who=text.t("the CRM does not say") if each.who is None else names.of(text, each.who),
    )


def register(app: Dash, deps: Deps) -> None:
    """Wire the download."""

    @app.callback(
        Output(ids.CORRECTIONS_FILE, "data"),
        Input(ids.CORRECTIONS_EXPORT, "n_clicks"),
        State(ids.PLACE, "search"),
        prevent_initial_call=True,
    )
    def on_export(_clicks: int | None, search: str | None) -> Any:
        visitor.pressed()
        content = export(deps, visitor.words(deps), search, visitor.user().reach)
        return {"content": content, "filename": "tablo-corrections.csv", "type": "text/csv"}


def address(person: str, month: date) -> str:
    """Where one person's corrections of a month are found; '' = everybody's."""
    return _address(Wanted(person, "", f"{month:%Y-%m}"))


def _told(text: Text, said: Said | None, other: Said | None, names: Names) -> str:
    """One side of a change: what differs from the other side; all of it where there is none."""
    if said is None:
        return text.t("nothing")
    told = []
    if other is None or said.rep != other.rep:
        told.append(names.of(text, said.rep))
    if other is None or said.day != other.day:
        told.append(write.short_day(text, said.day))
    if said.amount is not None and (other is None or (said.amount, said.currency) != (other.amount, other.currency)):
        told.append(_money(text, said.amount, said.currency or names.currency))
    if said.seconds is not None and (other is None or said.seconds != other.seconds):
        told.append(write.duration(text, said.seconds))
    return ", ".join(told)


def _money(text: Text, amount: Decimal, currency: str) -> str:
    return write.money(text, amount, currency, exponent(currency))


def _fact(said: Said) -> Fact:
    """Enough of a fact to be named."""
    noon = datetime.combine(said.day, time(12), UTC)
    return Fact(said.fact, noon, said.rep, title=said.title, customer=said.customer)


def _figure(each: Correction, names: Names) -> str:
    """The page of the number that was changed: that person's, in the month."""
    said = each.said
    if said.rep is None or (names.near is not None and said.rep not in names.near):
        return ""
    measure = Measure.AMOUNT if said.amount is not None else Measure.COUNT
    of_kind = [metric for metric in SUMS if metric.kind is said.fact]
    metric = next((metric.key for metric in of_kind if metric.measure is measure), of_kind[0].key)
    month = period_of(PeriodKind.MONTH, said.day)
    return number_views.address(View(month, metric=metric, scope=REP, key=said.rep))


def _names(conn: Connection, deps: Deps, reach: Reach) -> Names:
    settings = deps.settings()
    known = {member.key: member.name_shown or member.name for member in people.everybody(conn)}
    near = None if reach.whole else frozenset(people.within(conn, reach))
    return Names(known, near, settings.timezone, settings.currency)


def _offer(conn: Connection, deps: Deps, text: Text, reach: Reach) -> Offer:
    reps = sorted((rep for rep in people.reps(conn) if reach.person(rep.team)), key=lambda rep: (rep.name, rep.key))
    month = today(deps.settings().timezone, deps.clock()).replace(day=1)
    months: dict[str, str] = {}
    for _ in range(_MONTHS):
        name = write.month(text, month)
        months[f"{month:%Y-%m}"] = f"{name[0].upper()}{name[1:]} {month.year}"
        month = (month - timedelta(days=1)).replace(day=1)
    kinds = {kind.value: text.t(words) for kind, words in _KINDS.items()}
    return Offer({rep.key: rep.name for rep in reps}, kinds, months)


def _search(wanted: Wanted, names: Names) -> Search:
    month = _month(wanted.month)
    period = None if month is None else period_of(PeriodKind.MONTH, month)
    return Search(
        people=None
        if not wanted.person
        else [wanted.person]
        if names.near is None or wanted.person in names.near
        else [],
        within=names.near,
        kind=CorrectionKind(wanted.kind) if wanted.kind in set(CorrectionKind) else None,
        first=None if period is None else period.first,
        last=None if period is None else period.last,
    )


def _month(said: str) -> date | None:
    try:
        return date.fromisoformat(f"{said}-01") if said else None
    except ValueError:
        return None


def _given(search: str | None) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((search or "").removeprefix("?")).items()}


def _wanted(given: Mapping[str, str]) -> Wanted:
    return Wanted(*(parts.chosen(given.get(name)) for name in ("person", "kind", "month")))


def _address(wanted: Wanted, before: int | None = None) -> str:
    """The page of this search, or where it goes on."""
    asked = {"person": wanted.person, "kind": wanted.kind, "month": wanted.month, "before": before}
    return f"{layout.PLACE}?{urlencode({name: each for name, each in asked.items() if each})}"


def _both(*said: str | None) -> str:
    return " · ".join(each for each in said if each)

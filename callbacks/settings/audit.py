"""The audit page at work: what the store has noted, told with the names that people know, searched and downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from domain.cells import BYTE_ORDER_MARK, csv_line
from domain.metrics import METRICS
from domain.settings import PeriodKind
from layouts import format as write
from layouts import ids, words
from layouts.settings import audit as layout
from layouts.settings import parts
from layouts.settings.audit import Line, Offer, Wanted
from layouts.settings.entry import EntryError, read_day
from layouts.text import Text, mark
from storage import audit, people
from storage import db as store
from storage.audit import Entry, Search

_PAGE = 50
_LONGEST = 120
_DAY = timedelta(days=1)
_KINDS = {
    "target": mark("Target"),
    "setting": mark("Setting"),
    "person": mark("Person"),
    "absence": mark("Absence"),
    "membership": mark("Membership"),
    "team": mark("Team"),
    "user": mark("Login"),
    "invitation": mark("Invitation"),
    "password": mark("Password"),
    "second step": mark("Second step"),
    "session": mark("Session"),
    "source": mark("Source"),
    "rate": mark("Rate"),
    "token": mark("Token"),
    "screen": mark("Screen"),
    "playlist": mark("Playlist"),
    "phone page": mark("Phone page"),
    "wrong PINs": mark("Many wrong PINs"),
    "photo": mark("Photo"),
    "sound": mark("Sound"),
    "secret key": mark("Secret key"),
}


def page(deps: Deps, text: Text, search: str | None) -> Component:
    """The page of the newest changes that the address asks for, or of those before the one that it names."""
    given = _given(search)
    wanted = _wanted(given)
    before = given.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 10 else None
    zone = deps.settings().timezone
    with store.read(deps.db) as conn:
        offer = _offer(conn, text)
        try:
            found = list(islice(_found(conn, text, wanted, zone, start), _PAGE + 1))
        except EntryError as error:
            return layout.page(text, wanted, offer, (), None, str(error))
    shown = found[:_PAGE]
    older = _address(wanted, shown[-1][0].id) if len(found) > _PAGE else None
    return layout.page(text, wanted, offer, [_short(line) for _, line in shown], older)


def export(deps: Deps, text: Text, search: str | None) -> str:
    """Every change that the address asks for, whole, as CSV. Raises EntryError for a day that cannot be read."""
    zone = ZoneInfo(deps.settings().timezone)
    with store.read(deps.db) as conn:
        rows = [
            (entry.at.astimezone(zone).isoformat(" ", "seconds"), line.who, line.what, line.subject, line.before,
             line.after, line.note)
            for entry, line in _found(conn, text, _wanted(_given(search)), zone.key, None)
        ]  # fmt: skip
    return BYTE_ORDER_MARK + "".join(map(csv_line, (layout.columns(text), *rows)))


def line(text: Text, entry: Entry, names: Mapping[str, str], zone: str) -> Line:
    """One change in words."""
    return Line(
        when=write.instant(text, entry.at, zone),
        who=entry.who,
        what=_kind(text, entry.what),
        subject=_target(text, entry.subject, names)
        if entry.what == "target"
        else names.get(entry.subject, entry.subject),
        before=_said(entry.before),
        after=_said(entry.after),
        note=entry.note,
    )


def register(app: Dash, deps: Deps) -> None:
    """Wire the download."""

    @app.callback(
        Output(ids.AUDIT_FILE, "data"),
        Input(ids.AUDIT_EXPORT, "n_clicks"),
        State(ids.PLACE, "search"),
        prevent_initial_call=True,
    )
    def on_export(_clicks: int | None, search: str | None) -> Any:
        visitor.pressed()
        try:
            content = export(deps, visitor.words(deps), search)
        except EntryError:
            # The page has said already what is wrong with the search.
            raise PreventUpdate from None
        return {"content": content, "filename": "tablo-changes.csv", "type": "text/csv"}


def _found(conn: Connection, text: Text, wanted: Wanted, zone: str, before: int | None) -> Iterator[tuple[Entry, Line]]:
    """What fits, the newest first, each with its words. Raises EntryError."""
    names = _names(conn)
    typed = wanted.text.casefold().split()
    for entry in audit.find(conn, _search(text, wanted, ZoneInfo(zone)), before):
        told = line(text, entry, names, zone)
        # Not asked of the database: the words of the page are not those of the store.
        said = " ".join((told.who, told.what, told.subject, told.before, told.after, told.note)).casefold()
        if all(word in said for word in typed):
            yield entry, told


def _search(text: Text, wanted: Wanted, zone: ZoneInfo) -> Search:
    first = read_day(text, wanted.first) if wanted.first else None
    last = read_day(text, wanted.last) if wanted.last else None
    return Search(
        who=wanted.who,
        what=wanted.what,
        since=None if first is None else datetime.combine(first, time(), zone),
        until=None if last is None else datetime.combine(last + _DAY, time(), zone),
    )


def _given(search: str | None) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((search or "").removeprefix("?")).items()}


def _wanted(given: Mapping[str, str]) -> Wanted:
    who, what = (parts.chosen(given.get(name)) for name in ("who", "what"))
    return Wanted(who, what, *(given.get(name, "").strip() for name in ("from", "to", "text")))


def _address(wanted: Wanted, before: int) -> str:
    """The page that goes on where this one ends."""
    asked = {"who": wanted.who, "what": wanted.what, "from": wanted.first, "to": wanted.last, "text": wanted.text}
    return f"{layout.PLACE}?{urlencode({name: each for name, each in asked.items() if each} | {'before': before})}"


def _offer(conn: Connection, text: Text) -> Offer:
    who, what = audit.named(conn)
    return Offer(who, {each: _kind(text, each) for each in what})


def _kind(text: Text, what: str) -> str:
    return text.t(_KINDS[what]) if what in _KINDS else what


def _names(conn: Connection) -> dict[str, str]:
    names = {member.key: member.name_shown or member.name for member in people.everybody(conn)}
    return names | {team.key: team.name for team in people.teams(conn)}


def _target(text: Text, subject: str, names: Mapping[str, str]) -> str:
    """`metric/scope/key/period/since`, with the names of all that has one."""
    # A key may hold a slash of its own, so the ends are cut off first.
    front, _, _since = subject.rpartition("/")
    front, _, period = front.rpartition("/")
    metric, scope, key = (*front.split("/", 2), "", "")[:3]
    whose = text.t("Company") if scope == "company" else names.get(key, key)
    if metric not in METRICS or period not in set(PeriodKind):
        return subject
    return f"{words.metric_name(text, metric)} · {whose} · {words.period_name(text, PeriodKind(period))}"


def _short(line: Line) -> Line:
    """The same with values that fit a cell of the table."""
    return replace(line, before=_cut(line.before), after=_cut(line.after))


def _cut(said: str) -> str:
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_said, value))
    return value if isinstance(value, str) else json.dumps(value)

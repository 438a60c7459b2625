"""The audit page at work: what the store has noted, told with the names that people know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from dash.development.base_component import Component

from deps import Deps
from domain.metrics import METRICS
from domain.settings import PeriodKind
from layouts import format as write
from layouts import words
from layouts.settings import audit as layout
from layouts.settings.audit import Line
from layouts.text import Text, mark
from storage import audit, people
from storage import db as store
from storage.audit import Entry

_PAGE = 50
_LONGEST = 120
_KINDS = {
    "target": mark("Target"),
    "setting": mark("Setting"),
    "person": mark("Person"),
    "absence": mark("Absence"),
    "user": mark("Login"),
    "password": mark("Password"),
    "session": mark("Session"),
    "source": mark("Source"),
    "token": mark("Token"),
    "screen": mark("Screen"),
    "playlist": mark("Playlist"),
}


def page(deps: Deps, text: Text, search: str | None) -> Component:
    """The page of the newest changes, or of those before the one that the address names."""
    given = parse_qs((search or "").removeprefix("?")).get("before", [""])[0]
    with store.read(deps.db) as conn:
        entries = audit.latest(conn, _PAGE + 1, int(given) if given.isdecimal() and len(given) < 10 else None)
        names = {member.key: member.name_shown or member.name for member in people.everybody(conn)}
        names |= {team.key: team.name for team in people.teams(conn)}
    shown, zone = entries[:_PAGE], deps.settings().timezone
    older = f"/settings/audit?before={shown[-1].id}" if len(entries) > _PAGE else None
    return layout.page(text, [line(text, entry, names, zone) for entry in shown], older)


def line(text: Text, entry: Entry, names: Mapping[str, str], zone: str) -> Line:
    """One change in words."""
    return Line(
        when=write.instant(text, entry.at, zone),
        who=entry.who,
        what=text.t(_KINDS[entry.what]) if entry.what in _KINDS else entry.what,
        subject=_target(text, entry.subject, names)
        if entry.what == "target"
        else names.get(entry.subject, entry.subject),
        before=_plain(entry.before),
        after=_plain(entry.after),
        note=entry.note,
    )


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


def _plain(value: Any) -> str:
    """A JSON value in a cell of a table."""
    said = _said(value)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_said, value))
    return value if isinstance(value, str) else json.dumps(value)

"""The metrics page at work: the form is read whole, checked whole, and saved whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.settings import visitor
from deps import Deps
from domain.metrics import METRICS
from domain.points import EARNING, POINTS, Rule
from domain.ranking import ATTAINMENT, VALUE
from domain.settings import Credit, DayShape, PeriodKind, Settings
from layouts import ids
from layouts.panels import overview
from layouts.settings import metrics as layout
from layouts.settings import parts
from layouts.settings.entry import EntryError, read_number, read_whole
from layouts.settings.metrics import Sheet
from layouts.text import Text
from storage import db as store
from storage import facts
from storage import settings as saved

# What the page may change, by the names of Settings' fields: those with a field of their own, and the table's.
TYPED = ("productive_seconds", "credit", "rank_metric", "rank_by", "rank_period", "rank_top", "early_percent",
         "behind_percent", "day_shape")  # fmt: skip
FIELDS = (*TYPED, "rank_points", "metrics_hidden")
_DAY_S = 24 * 3600
_MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form: every field's text, the metrics with a tick, the text of each metric's points."""

    typed: Mapping[str, str]
    shown: frozenset[str]
    points: Mapping[str, str]
    seen: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings that the form asks for (as they were where something is wrong), and what is wrong in which field."""

    settings: Settings
    problems: Mapping[str, str]


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with the settings as they are."""
    return layout.page(text, sheet(deps.settings()))


def sheet(settings: Settings) -> Sheet:
    """The form of these settings."""
    return Sheet(
        typed={name: str(getattr(settings, name)) for name in TYPED},
        shown=frozenset(METRICS) - settings.metrics_hidden,
        points={key: _plain(points) for key, points in settings.rank_points},
        currency=settings.currency,
        problems={},
        seen=mark(settings),
    )


def save(deps: Deps, text: Text, who: str, form: Form) -> list[Component | None]:
    """Store what was changed, all of it or nothing; the form anew, with what came of it."""
    with store.write(deps.db) as conn:
        old = deps.settings()
        reading = read(text, old, form)
        refusal = _refusal(text, old, reading, form)
        if refusal is None:
            saved.save(conn, changes(old, reading.settings), who, deps.clock())
            if facts.out_of_date(conn, reading.settings):
                facts.rebuild(conn, reading.settings)
    if refusal is not None:
        kept = replace(sheet(old), typed=form.typed, shown=form.shown, points=form.points, problems=reading.problems,
                       seen=form.seen)  # fmt: skip
        return layout.form(text, kept, parts.bad(refusal))
    return layout.form(text, sheet(reading.settings), parts.good(text.t("Saved. The wall shows it in a moment.")))


def read(text: Text, old: Settings, form: Form) -> Reading:
    """The settings out of what was typed, every field checked."""
    new: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, reader in _readers(text).items():
        try:
            new[name] = reader(form.typed.get(name, ""))
        except EntryError as error:
            problems[name] = str(error)
    rule, wrong = _points(text, form.points)
    problems |= wrong
    hidden = frozenset(METRICS) - form.shown
    asked = replace(old, **new, rank_points=rule, metrics_hidden=hidden)
    problems |= {name: said for name, said in _conflicts(text, asked).items() if name not in problems}
    return Reading(old if problems else asked, problems)


def changes(old: Settings, new: Settings) -> dict[str, object]:
    """The fields that differ, with their new values."""
    return {name: getattr(new, name) for name in FIELDS if getattr(old, name) != getattr(new, name)}


def mark(settings: Settings) -> str:
    """A short text that differs when any setting of this page does."""
    values = (getattr(settings, name) for name in FIELDS)
    stable = [repr(sorted(value) if isinstance(value, frozenset) else value) for value in values]
    return hashlib.sha256("\n".join(stable).encode()).hexdigest()[:16]


def read_form(values: Sequence[Any], keys: Iterable[Mapping[str, Any]], ticks: Sequence[Any],
              shown: Iterable[Mapping[str, Any]], points: Sequence[Any], earning: Iterable[Mapping[str, Any]],
              seen: Any) -> Form:  # fmt: skip
    """The form out of what the browser sent."""
    return Form(
        typed={str(key["name"]): str(value or "") for key, value in zip(keys, values, strict=True)},
        shown=frozenset(str(key["metric"]) for key, tick in zip(shown, ticks, strict=True) if tick),
        points={str(key["metric"]): str(value or "") for key, value in zip(earning, points, strict=True)},
        seen=str(seen),
    )


def register(app: Dash, deps: Deps) -> None:
    """Wire Save."""
    fields, shown, points = ids.metrics_field(ALL), ids.metric_shown(ALL), ids.metric_points(ALL)

    @app.callback(
        Output(ids.METRICS_FORM, "children"),
        Input(ids.METRICS_SAVE, "n_clicks"),
        *(State(key, prop) for key in (fields, shown, points) for prop in ("value", "id")),
        State(ids.METRICS_SEEN, "data"),
        prevent_initial_call=True,
    )
    def on_save(clicks: int | None, *form: Any) -> list[Component | None]:
        if not clicks:
            raise PreventUpdate
        return save(deps, visitor.words(deps), visitor.user().login, read_form(*form))


def _refusal(text: Text, old: Settings, reading: Reading, form: Form) -> str | None:
    if form.seen != mark(old):
        return text.t("Nothing is saved: somebody changed these settings meanwhile. Reload the page.")
    if reading.problems:
        return text.tn("Nothing is saved: {n} field cannot be read.", "Nothing is saved: {n} fields cannot be read.",
                       len(reading.problems))  # fmt: skip
    return None if changes(old, reading.settings) else text.t("Nothing to save: nothing has changed.")


def _readers(text: Text) -> dict[str, Callable[[str], object]]:
    """How each field is read."""

    def one_of(allowed: Iterable[str]) -> Callable[[str], str]:
        def reader(typed: str) -> str:
            if typed.strip() not in allowed:
                raise EntryError(text.t("Choose one of the list"))
            return typed.strip()

        return reader

    return {
        "productive_seconds": lambda typed: read_whole(text, typed, 0, _DAY_S),
        "credit": lambda typed: Credit(one_of(list(Credit))(typed)),
        "rank_metric": one_of(list(METRICS)),
        "rank_by": one_of((VALUE, ATTAINMENT, POINTS)),
        "rank_period": lambda typed: PeriodKind(one_of(list(PeriodKind))(typed)),
        "rank_top": lambda typed: read_whole(text, typed, 0, 100),
        "early_percent": lambda typed: read_whole(text, typed, 0, 90),
        "behind_percent": lambda typed: read_whole(text, typed, 1, 90),
        "day_shape": lambda typed: DayShape(one_of(list(DayShape))(typed)),
    }


def _points(text: Text, typed: Mapping[str, str]) -> tuple[Rule, dict[str, str]]:
    """What each metric is worth, in the order of the metrics, and what cannot be read; empty or 0 = nothing."""
    rule: list[tuple[str, Decimal]] = []
    problems: dict[str, str] = {}
    for key in EARNING:
        try:
            points = read_number(text, typed.get(key, ""))
        except EntryError as error:
            problems[key] = str(error)
            continue
        if points and points > _MOST_POINTS:
            problems[key] = text.t("Too large")
        elif points:
            rule.append((key, points))
    return tuple(rule), problems


def _conflicts(text: Text, asked: Settings) -> dict[str, str]:
    """Settings that each can be read and do not go together, by field."""
    found: dict[str, str] = {}
    if asked.rank_by == POINTS and not asked.rank_points:
        found["rank_by"] = text.t("Give points to at least one metric in the table")
    if asked.rank_by != POINTS and asked.rank_metric in asked.metrics_hidden:
        found["rank_metric"] = text.t("This metric is hidden: show it, or rank by another one")
    if asked.metrics_hidden.issuperset(overview.METRICS):
        found[overview.METRICS[0]] = text.t("The overview would be empty: show at least one of its metrics")
    return found


def _plain(points: Decimal) -> str:
    return f"{points.normalize():f}"

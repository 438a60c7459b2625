"""The numbers page at work: the board as a table for whoever asks, or the one figure that the address names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from dash.development.base_component import Component

from callbacks.settings import figure, number_views
from callbacks.settings.number_views import View
from deps import Deps
from domain.board import Board, Progress
from domain.building import sound
from domain.metrics import METRICS
from domain.reach import WHOLE, Reach
from domain.targets import COMPANY, REP, TEAM
from domain.worktime import today
from layouts import format as write
from layouts import words
from layouts.settings import numbers as layout
from layouts.settings.numbers import Cell, Row, Table
from layouts.text import Text
from storage import db as store
from storage import people


def page(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE) -> Component:
    """The page of the period, or of the figure, that the address names."""
    settings, _ = sound(deps.settings())
    here = today(settings.timezone, deps.clock())
    view = number_views.read_view(search, settings, here)
    if view.metric:
        return figure.page(deps, text, view, reach)
    before, after = number_views.neighbours(text, view, settings)
    shown = Table(
        title=number_views.title(text, view.period),
        kinds=number_views.kinds(text, view, settings, here),
        widths=number_views.widths(text, view),
        before=before,
        after=after,
        kind=view.period.kind.value,
        day=number_views.anchor(view.period, here).isoformat(),
        heads=tuple(words.metric_name(text, key) for key in view.metrics),
        rows=rows(deps, text, view, here, reach),
    )
    return layout.page(text, shown)


def rows(deps: Deps, text: Text, view: View, here: date, reach: Reach) -> list[Row]:
    """The company, each team with its reps below it, and the reps of no team; of a reach, its own teams alone."""
    with store.read(deps.db) as conn:
        reps, teams = people.crew(conn)
    kind, day = view.period.kind, number_views.anchor(view.period, here)
    whole = deps.boards.get(kind, day).board
    people_of = _by_team(whole, view, {rep.key: rep.team for rep in reps if reach.person(rep.team)})

    def row(scope: str, key: str, name: str, progress: Mapping[str, Progress]) -> Row:
        to = replace(view, scope=scope, key=key)
        cells = (_cell(text, replace(to, metric=metric), progress, whole.currency) for metric in view.metrics)
        return Row(scope, key, name, tuple(cells))

    found = [row(COMPANY, "", text.t("Company"), _of_board(whole, view))] if reach.whole else []
    for team in (team for team in teams if reach.team(team.key) and team.key in people_of):
        found.append(row(TEAM, team.key, team.name, _of_board(deps.boards.get(kind, day, team.key).board, view)))
        found += [row(REP, key, name, lines) for key, (name, lines) in people_of[team.key].items()]
    return found + [row(REP, key, name, lines) for key, (name, lines) in people_of.get(None, {}).items()]


def _by_team(
    board: Board, view: View, teams: Mapping[str, str | None]
) -> dict[str | None, dict[str, tuple[str, dict[str, Progress]]]]:
    """Everybody in `teams` who is on the board, by team and name: their progress by metric."""
    found: dict[str | None, dict[str, tuple[str, dict[str, Progress]]]] = {}
    for metric in view.metrics:
        for line in sorted(board.metric(metric).reps, key=lambda line: (line.name, line.rep)):
            if line.rep in teams:
                mine = found.setdefault(teams[line.rep], {})
                mine.setdefault(line.rep, (line.name, {}))[1][metric] = line.progress
    return found


def _of_board(board: Board, view: View) -> dict[str, Progress]:
    return {metric: board.metric(metric).progress for metric in view.metrics}


def _cell(text: Text, to: View, progress: Mapping[str, Progress], currency: str) -> Cell:
    unit, of = METRICS[to.metric].unit, progress[to.metric]

    def said(value: Decimal | None) -> str:
        return "" if value is None else write.short_amount(text, value, unit, currency)

    # A ratio is expected in full from the start: to say it twice would tell nothing.
    due = None if of.expected == of.target else of.expected
    return Cell(to.metric, number_views.address(to), said(of.actual), said(of.target), said(due))

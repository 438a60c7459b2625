"""One figure at work: its records, targets and days read from the store, told in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dash.development.base_component import Component

from callbacks.settings import corrections, figure_words, number_views
from callbacks.settings.figure_words import Ground
from callbacks.settings.number_views import View
from deps import Deps
from domain.board import Board, Progress
from domain.building import needs, sound
from domain.counting import Whose, count, sums_of, value
from domain.explaining import day_shares, portions, row_states
from domain.metrics import METRICS
from domain.people import Rep, Team
from domain.periods import so_far
from domain.ranking import ranked_by
from domain.reach import Reach
from domain.targets import COMPANY, REP, TEAM, TargetBook
from domain.worktime import latest_today, today
from layouts.mine.rank import Sentence, explain
from layouts.settings import figure as layout
from layouts.text import Text
from storage import counted, mine, people, rates, targets
from storage import db as store

_RECORDS = 50


def page(deps: Deps, text: Text, view: View, reach: Reach) -> Component:
    """The page of a figure, if there is one and the reader may see it."""
    ground = read_ground(deps, view, reach)
    if ground is None:
        return layout.nothing(text)
    whose = view.key if view.scope == REP else ""
    changed = corrections.address(whose, view.period.first)
    return layout.page(text, figure_words.figure(text, ground, _place(deps, text, ground, reach), changed))


def read_ground(deps: Deps, view: View, reach: Reach) -> Ground | None:
    """What the page is told from; None for a figure that is not there, or out of reach."""
    settings, _ = sound(deps.settings())
    now = deps.clock()
    here = today(settings.timezone, now)
    with store.read(deps.db) as conn:
        reps, teams = people.crew(conn)
        found = _found(deps, view, here, reach, reps, teams)
        if found is None:
            return None
        board, progress, whose = found
        exchange = rates.book(conn, settings.currency)
        sums, period = sums_of(view.metric), view.period
        # What is dated ahead is on the board when its day comes.
        begun = so_far(period, latest_today(settings, reps, now))
        piles = [
            pile
            for kind in dict.fromkeys(each.kind for each in sums)
            for pile in counted.piles(conn, settings, kind, period)
        ]
        listed = next(each for each in sums if each.key == view.part)
        stored = targets.current(conn, *needs(settings, period.kind, period.first, now).targets)
        records = counted.records(conn, settings, whose, listed, begun, _RECORDS, view.after)
    sellers = {rep.key for rep in reps}
    book = TargetBook(each.target for each in stored)
    made_of = portions(book, settings, view.metric, period, now, whose)
    plan = book.plan(view.metric, whose.scope, whose.key) or {}
    states = row_states(plan, view.metric, settings, period, now)
    return Ground(
        view=view,
        settings=settings,
        board=board,
        metric=board.metric(view.metric),
        progress=progress,
        whose=whose,
        value=value(view.metric, [pile for pile in piles if pile.day <= begun.last], whose, exchange),
        counts=tuple(count(each, piles, whose, sellers, exchange, begun.last) for each in sums),
        page=records,
        rates=exchange,
        rows=tuple((each, states[each.target.order]) for each in reversed(stored) if each.target.order in states),
        portions=made_of,
        days=day_shares(made_of, settings, period, now, whose, progress.expected),
        names={rep.key: rep.name for rep in reps} | {team.key: team.name for team in teams},
        today=here,
    )


def _found(
    deps: Deps, view: View, here: date, reach: Reach, reps: Sequence[Rep], teams: Sequence[Team]
) -> tuple[Board, Progress, Whose] | None:
    """The board on which the figure stands, the figure, and whose it is; None where there is none within reach."""
    kind, day = view.period.kind, number_views.anchor(view.period, here)
    known = {rep.key: rep for rep in reps}
    if view.scope == TEAM:
        if not reach.team(view.key) or view.key not in {team.key for team in teams}:
            return None
        board = deps.boards.get(kind, day, view.key).board
    else:
        board = deps.boards.get(kind, day).board
    metric = board.metric(view.metric)
    on_it = {line.rep: line.progress for line in metric.reps if line.rep in known}
    if view.scope == REP:
        rep = known.get(view.key)
        if rep is None or rep.key not in on_it or not reach.person(rep.team):
            return None
        return board, on_it[rep.key], Whose(REP, rep.key, (rep,))
    if view.scope == COMPANY and not reach.whole:
        return None
    crew = tuple(known[key] for key in on_it)
    if view.scope == TEAM:
        return board, metric.progress, Whose(TEAM, view.key, crew)
    return board, metric.progress, Whose(COMPANY, "", crew, tuple(teams))


def _place(deps: Deps, text: Text, ground: Ground, reach: Reach) -> list[Sentence]:
    """Why a rep holds their place by this metric in this period; nothing where more is no better."""
    view, metric = ground.view, METRICS[ground.view.metric]
    if view.scope != REP or not ground.metric.available or not metric.higher_is_better:
        return []
    day = number_views.anchor(view.period, ground.today)
    board = deps.boards.get(view.period.kind, day, ranked_by=view.metric).board
    rows, rep = board.leaderboard.rows, ground.whose.reps[0]
    own = next((row for row in rows if row.rep == rep.key), None)
    if own is None:
        return []
    with store.read(deps.db) as conn:
        why = mine.why(conn, ranked_by(ground.settings, view.metric, view.period.kind), rep, own, board)
        near = people.within(conn, reach) if not reach.whole else {row.rep for row in rows}
    why = replace(why, tied=tuple(key for key in why.tied if key in near))
    place = text.t("Place {n} of {all}.", n=own.place, all=len(rows))
    return [[place], *explain(why, board, board.leaderboard, text)]

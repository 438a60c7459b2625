"""The card of the place: which one, how far to the next, who is near, and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from domain.board import Board, Leaderboard, Place
from domain.leaderboard import Explanation
from domain.metrics import METRICS
from domain.points import POINTS
from domain.ranking import ATTAINMENT
from domain.standing import Neighbour
from layouts import format, words
from layouts.html import aria, data
from layouts.mine.card import Card, card
from layouts.panels import sentences
from layouts.panels.parts import draw_face, face, person, plain, woven
from layouts.text import Text

# Words, and names in their own writing direction.
Sentence = list[Component | str]


def rank(
    board: Board, wall: Leaderboard, near: Sequence[Neighbour], why: Explanation | None, text: Text
) -> Card | None:
    """The card; None for who is not ranked. `wall` is the leaderboard as everybody may see it, with no row beyond."""
    own = next((each.place for each in near if each.own), None)
    if own is None:
        return None
    ranks = board.leaderboard
    title = text.t("Place · {metric}", metric=words.ranked_name(text, ranks.metric))
    return card(
        "rank",
        title,
        _place(own, ranks, text),
        html.P(_next(own, ranks, wall.veiled, board.currency, text), className="next"),
        html.Ol([_row(each, ranks, board.currency, text) for each in near], className="ladder"),
        _why(why, board, wall, text) if why is not None else None,
        kind="rank",
    )


def _place(own: Place, ranks: Leaderboard, text: Text) -> Component:
    of = html.Small(text.t("of {n}", n=len(ranks.rows)))
    return html.P([html.B(str(own.place), **data(role="place")), of, _move(own, text)], className="place")


def _move(own: Place, text: Text) -> Component | None:
    moved = own.movement or 0
    if not moved:
        return None
    since = (
        text.tn("{n} place up since the last working day", "{n} places up since the last working day", moved)
        if moved > 0
        else text.tn("{n} place down since the last working day", "{n} places down since the last working day", -moved)
    )
    sign = html.Span(f"▲ {moved}" if moved > 0 else f"▼ {-moved}", **aria(hidden="true"))
    return html.Span([sign, html.Span(since, className="unseen")], className="move up" if moved > 0 else "move down")


def _next(own: Place, ranks: Leaderboard, veiled: bool, currency: str, text: Text) -> str:
    """The one sentence under the place."""
    if own.value == 0:
        return text.t("Nothing counted yet")
    if any(row.place == own.place and row.rep != own.rep for row in ranks.rows):
        return text.t("You share this place")
    if own.gap_to_next and not veiled:
        gap = format.amount(text, own.gap_to_next, ranks.unit, currency)
        return text.t("{gap} to the place above", gap=gap)
    return text.t("You lead") if own.place == 1 else ""


def _row(near: Neighbour, ranks: Leaderboard, currency: str, text: Text) -> Component:
    row = near.place
    shown = near.own or near.seen
    name: list[Component | str] = [person(row.name) if shown else text.t("not on the wall")]
    name += [" ", html.Em(text.t("you"))] if near.own else []
    value = format.short_amount(text, row.value, ranks.unit, currency) if shown and not near.veiled else ""
    away = "" if near.own or not near.distance else _signed(text, near.distance, ranks, currency)
    known = data(rep=row.rep, value="" if near.veiled else plain(row.value)) if shown else {}
    return html.Li(
        [
            html.Span(str(row.place), className="number"),
            draw_face(face(row.rep, row.name, None)) if shown else html.Span("·", className="face nobody"),
            html.Span(name, className="name"),
            html.Span([html.B(value), html.Small(away)], className="sum"),
        ],
        className="own" if near.own else "",
        **known,
    )


def _signed(text: Text, distance: Decimal, ranks: Leaderboard, currency: str) -> str:
    size = format.short_amount(text, abs(distance), ranks.unit, currency)
    return f"+{size}" if distance > 0 else f"\N{MINUS SIGN}{size}"


def _why(why: Explanation, board: Board, wall: Leaderboard, text: Text) -> Component:
    lines = [html.Li(line) for line in explain(why, board, wall, text)]
    return html.Details([html.Summary(text.t("Why this place?")), html.Ul(lines)], **data(details="why"))


def explain(why: Explanation, board: Board, wall: Leaderboard, text: Text) -> list[Sentence]:
    """The place in sentences: what is compared, what was counted, the plan, the days, who shares it."""
    unit, currency = board.leaderboard.unit, board.currency
    counted = text.t("Counted: {value}.", value=format.amount(text, why.value, unit, currency))
    if why.records is not None:
        counted = text.tn(
            "Counted: {value} from {n} record.", "Counted: {value} from {n} records.", why.records,
            value=format.amount(text, why.value, unit, currency),
        )  # fmt: skip
    made_of = _brought(why, board, text) if why.rank_by == POINTS else [_plan(why, board, text)]
    said = [_compared(why, text), counted, *made_of, _days(why, text), *_reached(why, board, text)]
    plain_ones: list[Sentence] = [[line] for line in said]
    return [*plain_ones, *_tied(why, wall, text)]


def _compared(why: Explanation, text: Text) -> str:
    when = sentences.when(text, why.period)
    if why.rank_by == POINTS:
        return text.t("Compared by points: {period}.", period=when)
    metric = words.metric_name(text, why.metric)
    if why.rank_by == ATTAINMENT:
        return text.t("Compared by the share of the plan: {metric}, {period}.", metric=metric, period=when)
    return text.t("Compared by the value: {metric}, {period}.", metric=metric, period=when)


def _brought(why: Explanation, board: Board, text: Text) -> list[str]:
    """What the points came from, and what each metric is worth."""
    rule = dict(board.leaderboard.rule)
    return [
        text.t(
            "{metric}: {value} brought {points} ({price}).",
            metric=words.metric_name(text, each.metric),
            value=format.amount(text, each.value, METRICS[each.metric].unit, board.currency),
            points=format.points(text, each.points),
            price=sentences.price(text, each.metric, rule[each.metric], board.currency),
        )
        for each in why.scored
    ]


def _plan(why: Explanation, board: Board, text: Text) -> str:
    if why.target is None:
        return text.t("There is no plan for it.")
    plan = format.amount(text, why.target, board.leaderboard.unit, board.currency)
    if why.attainment is None:
        return text.t("Plan: {plan}.", plan=plan)
    return text.t("Plan: {plan}, done: {share}.", plan=plan, share=format.percent(text, why.attainment))


def _days(why: Explanation, text: Text) -> str:
    return text.t("Working day {n} of {all} in this period.", n=why.passed, all=why.working_days)


def _reached(why: Explanation, board: Board, text: Text) -> list[str]:
    if why.reached is None:
        return []
    return [text.t("The last one that counted: {time}.", time=format.instant(text, why.reached, board.timezone))]


def _tied(why: Explanation, wall: Leaderboard, text: Text) -> list[Sentence]:
    if not why.tied or not why.value:
        return []
    shared: Sentence = []
    for row in (row for row in wall.rows if row.rep in why.tied):
        shared += [", ", person(row.name)] if shared else [person(row.name)]
    # Whom the wall does not show is counted, not named.
    left = len(why.tied) - sum(row.rep in why.tied for row in wall.rows)
    if left and shared:
        shared += [" ", text.tn("and {n} more", "and {n} more", left)]
    elif left:
        shared = [text.tn("{n} colleague", "{n} colleagues", left)]
    return [woven(text.t("Equal with: {names}. Who reached it first stands first."), names=html.Span(shared))]

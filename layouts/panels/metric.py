"""The panel of one metric, the same for each: fact against plan, pace, what closes the plan, curve, managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from dash import html
from dash.development.base_component import Component

from domain.board import Board, MetricBoard, RepProgress
from domain.metrics import Unit
from domain.periods import period_of
from domain.settings import PeriodKind, Slot
from domain.targets import looked_at
from domain.worktime import today
from layouts import format, words
from layouts.html import data
from layouts.panels import sentences
from layouts.panels.chart import Chart, chart, draw_chart
from layouts.panels.panel import Figure, Panel
from layouts.panels.parts import Bar, Face, bar, draw_bar, draw_face, face, heading, person, plain, size, tone, woven
from layouts.text import Text

# How many managers stand in how many columns; beyond the last, "and so many more" takes the last place.
_GRIDS = ((5, "one"), (10, "two"), (18, "three"), (40, "four"))
_ROOMY = ("one", "two")
# So many names can be written in full.
_FULL_NAMES = 12


@dataclass(frozen=True, slots=True)
class Extra:
    """A second figure under the first: its name, the value, and the plan where it has one."""

    name: str
    value: str
    plan: str


@dataclass(frozen=True, slots=True)
class Pace:
    """The plan's half of the panel: attainment, the bar with its mark, what is said of it. Empty text = not said."""

    name: str
    attainment: str
    bar: Bar | None
    expected: str
    verdict: str
    advice: str
    tone: str


@dataclass(frozen=True, slots=True)
class Month:
    """The month in one line: its name, fact, plan and attainment."""

    name: str
    actual: str
    plan: str
    attainment: str
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class RepLine:
    """One manager: name, fact, plan, bar."""

    rep: str
    name: str
    face: Face
    value: str
    actual: str
    plan: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class MetricView:
    """Everything on the panel, ready to draw. `target` None = no plan; `missing` (and `why`) = no source can tell."""

    title: str
    about: str
    missing: str
    why: str
    value: str
    actual: str
    target: str | None
    plan_line: str
    plan: str
    extras: tuple[Extra, ...]
    pace: Pace
    month: Month | None
    chart: Chart | None
    reps: tuple[RepLine, ...]
    more: str
    nobody: str
    grid: str


@dataclass(frozen=True, slots=True)
class Kin:
    """Metrics that belong together: the big figure, its amount (which may carry the plan), and what else is told."""

    key: str
    amount: str | None = None
    extras: tuple[str, ...] = ()


def panel(key: str, amount: str | None = None, extras: tuple[str, ...] = ()) -> Panel[MetricView]:
    """The panel of a metric. `amount` is its sum of money: when the plan is set on that alone, the pace is too."""
    return Panel(key, partial(view, Kin(key, amount, extras)), render, figure, partial(lacking, key))


def lacking(key: str, board: Board) -> bool:
    """Whether no source can tell the metric."""
    return not board.metric(key).available


def view(kin: Kin, board: Board, slot: Slot, text: Text) -> MetricView:
    """What the panel says. Raises KeyError for a metric that is not on the board."""
    metric, paced = board.metric(kin.key), planned(board, kin)
    about = sentences.subject(board, metric.progress, metric.unit)
    lines, more = _reps(paced, board, text, slot.top)
    target = metric.progress.target
    grid = next((name for most, name in _GRIDS if len(lines) <= most), _GRIDS[-1][1])
    return MetricView(
        title=words.panel_name(text, kin.key),
        about=sentences.subtitle(text, board),
        missing="" if metric.available else text.t("not available"),
        why="" if metric.available else text.t("No connected source gives this: settings say why"),
        value=plain(metric.progress.actual),
        actual=_amount(metric, metric.progress.actual, text, board.currency),
        target=None if target is None else plain(target),
        plan_line=sentences.of_plan(text, about),
        plan="" if target is None else format.amount(text, target, metric.unit, board.currency),
        extras=_extras(kin, board, text, roomy=grid in _ROOMY),
        pace=_pace(paced, metric, board, text),
        month=_month(paced.key, board, text),
        chart=chart(paced, board.period, text, board.currency),
        reps=lines,
        more=more,
        nobody="" if lines else text.t("No managers yet: add them in settings"),
        grid=grid,
    )


def planned(board: Board, kin: Kin) -> MetricBoard:
    """The metric whose plan is watched: the amount where the plan is set on it alone."""
    metric = board.metric(kin.key)
    if kin.amount is None or (metric.available and metric.progress.target is not None):
        return metric
    amount = board.metric(kin.amount)
    return amount if amount.available and amount.progress.target is not None else metric


def figure(shown: MetricView) -> Figure | None:
    """The figure of the panel's chart."""
    return shown.chart.figure if shown.chart else None


def render(shown: MetricView) -> Component:
    """The panel as a tree."""
    if shown.missing:
        return html.Div([heading(shown.title, shown.about), _unavailable(shown)])
    side = [draw_chart(shown.chart), _managers(shown)] if shown.chart else [_managers(shown)]
    rows = f"side side-{shown.grid}" if shown.chart else "side side-bare"
    body = [_hero(shown), html.Div(side, className=rows)]
    return html.Div([heading(shown.title, shown.about), html.Div(body, className=f"metric metric-{shown.grid}")])


def _hero(shown: MetricView) -> Component:
    fact = html.Div(shown.actual, className=f"fact {size(shown.actual)}", **data(role="actual", value=shown.value))
    extras = [
        html.Span([html.Small(extra.name), html.B([extra.value, html.Small(extra.plan)])]) for extra in shown.extras
    ]
    top = [fact, _plan_line(shown), html.Div(extras, className="extras") if extras else None]
    return html.Section(
        [html.Div(top), _pace_block(shown.pace), _month_line(shown.month)], className=f"card hero {shown.pace.tone}"
    )


def _unavailable(shown: MetricView) -> Component:
    big = html.P(shown.missing, className="big", **data(role="actual", value=""))
    return html.Section([big, html.P(shown.why)], className="card reading")


def _plan_line(shown: MetricView) -> Component:
    if shown.target is None:
        return html.P(shown.plan_line, className="plan none")
    plan = html.B(shown.plan, **data(role="target", value=shown.target))
    return html.P(woven(shown.plan_line, plan=plan), className="plan")


def _pace_block(pace: Pace) -> Component:
    head = [html.Span(pace.attainment, className="pct"), html.Span(pace.name, className="of")]
    said = [html.B(pace.verdict), html.Span(pace.advice)]
    bars = [html.P(head, className="head"), draw_bar(pace.bar), _mark(pace.bar, pace.expected)] if pace.bar else []
    return html.Div([*bars, html.P(said, className="say")], className="pace")


def _mark(shown: Bar, expected: str) -> Component:
    """The words under the bar's mark."""
    return html.P(html.Span(expected, style={"--p": shown.mark}) if shown.mark else None, className="mark")


def _month_line(month: Month | None) -> Component | None:
    if month is None:
        return None
    figures = html.Span([html.B(month.actual), f" / {month.plan}" if month.plan else ""])
    line = html.P([html.Span(month.name), figures, html.B(month.attainment, className="share")])
    return html.Div([line, draw_bar(month.bar) if month.bar else None], className="month")


def _managers(shown: MetricView) -> Component:
    if shown.nobody:
        return html.Section(html.P(shown.nobody, className="nobody"), className="card reps none")
    lines = [_rep(line) for line in shown.reps]
    if shown.more:
        lines.append(html.Div(shown.more, className="rep more"))
    return html.Section(lines, className=f"card reps {shown.grid}")


def _rep(line: RepLine) -> Component:
    number = html.Span([html.B(line.actual), f" / {line.plan}" if line.plan else ""], className="num")
    parts = [draw_face(line.face), html.Span(person(line.name), className="name"), number, draw_bar(line.bar)]
    return html.Div(parts, className=f"rep {line.bar.tone}", **data(rep=line.rep, value=line.value))


def _pace(paced: MetricBoard, metric: MetricBoard, board: Board, text: Text) -> Pace:
    about, progress = sentences.subject(board, paced.progress, paced.unit), paced.progress
    attained = progress.attainment
    return Pace(
        name="" if paced is metric else _of_amount(paced, board, text),
        attainment="" if attained is None else format.percent(text, attained),
        bar=bar(progress) if attained is not None else None,
        expected=sentences.expected(text, about),
        verdict=sentences.verdict(text, about),
        advice=sentences.advice(text, about) or sentences.usual(text, about, paced.curve),
        tone=tone(progress),
    )


def _of_amount(paced: MetricBoard, board: Board, text: Text) -> str:
    """Says that the pace is that of the money; where money is hidden, everything is its share already."""
    if paced.unit is Unit.RATIO:
        return text.t("Amount")
    target = paced.progress.target or Decimal(0)
    return text.t("of {plan}", plan=format.short_amount(text, target, paced.unit, board.currency))


def _extras(kin: Kin, board: Board, text: Text, roomy: bool) -> tuple[Extra, ...]:
    """Second figures; beside many managers one with its plan takes the room of two."""
    keys = ((kin.amount,) if kin.amount else ()) + kin.extras
    found = tuple(extra for key in keys if (extra := _extra(board.metric(key), board, text)) is not None)
    return found if roomy or not any(extra.plan for extra in found) else found[:1]


def _extra(metric: MetricBoard, board: Board, text: Text) -> Extra | None:
    actual, target = metric.progress.actual, metric.progress.target
    if not metric.available or actual is None:
        return None
    money = metric.key.endswith("_amount")
    name = text.t("Amount") if money else words.metric_name(text, metric.key)
    plan = f" / {_short(metric, text, board.currency, target)}" if money and _tells_plan(metric) else ""
    return Extra(name, format.short_amount(text, actual, metric.unit, board.currency), plan)


def _month(key: str, board: Board, text: Text) -> Month | None:
    metric = board.month.get(key)
    if metric is None or not metric.available:
        return None
    progress = metric.progress
    short = partial(_short, metric, text, board.currency)
    attained = progress.attainment
    return Month(
        # The board's month is that of its day, which in a longer period is seldom the first one.
        name=sentences.month_name(text, period_of(PeriodKind.MONTH, _day(board))),
        actual=short(progress.actual),
        plan=short(progress.target) if _tells_plan(metric) else "",
        attainment="" if attained is None else format.percent(text, attained),
        bar=bar(progress) if attained is not None else None,
    )


def _day(board: Board) -> date:
    return looked_at(board.period, today(board.timezone, board.now))


def _reps(metric: MetricBoard, board: Board, text: Text, top: int | None) -> tuple[tuple[RepLine, ...], str]:
    """The managers (the first `top` alone) in the order of the board, and how many found no room."""
    room, wanted = _GRIDS[-1][0], metric.reps[: top or None]
    shown = wanted if len(wanted) <= room else wanted[: room - 1]
    best = max((rep.progress.actual or Decimal(0) for rep in shown), default=None)
    rest = len(wanted) - len(shown)
    naming = str if len(shown) <= _FULL_NAMES else format.short_name
    lines = tuple(_rep_line(rep, naming(rep.name), metric, best, text, len(shown) > _FULL_NAMES) for rep in shown)
    return lines, text.tn("+ {n} more", "+ {n} more", rest) if rest else ""


def _rep_line(
    rep: RepProgress, name: str, metric: MetricBoard, best: Decimal | None, text: Text, dense: bool
) -> RepLine:
    """A line; where names are short, the bar alone tells of a plan in money."""
    progress = rep.progress
    hidden = progress.target is None or metric.unit is Unit.RATIO or (dense and metric.unit is Unit.MONEY)
    return RepLine(
        rep=rep.rep,
        name=name,
        face=face(rep.rep, rep.name, rep.photo),
        value=plain(progress.actual),
        actual=_bare(metric, text, progress.actual),
        plan="" if hidden else _bare(metric, text, progress.target),
        bar=bar(progress, best),
    )


def _tells_plan(metric: MetricBoard) -> bool:
    """Whether there is a plan to say beside the fact: the plan of a share would always be 100 %."""
    return metric.progress.target is not None and metric.unit is not Unit.RATIO


def _bare(metric: MetricBoard, text: Text, value: Decimal | None) -> str:
    return "–" if value is None else format.bare_amount(text, value, metric.unit)


def _amount(metric: MetricBoard, value: Decimal | None, text: Text, currency: str) -> str:
    return "–" if value is None else format.amount(text, value, metric.unit, currency)


def _short(metric: MetricBoard, text: Text, currency: str, value: Decimal | None) -> str:
    return "–" if value is None else format.short_amount(text, value, metric.unit, currency)

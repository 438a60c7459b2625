"""The curve of a metric: columns of plain HTML that are always there, and the Plotly figure that may replace them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from domain.board import Curve, MetricBoard, Period, Point
from domain.settings import PeriodKind
from layouts import format
from layouts.panels.panel import Figure
from layouts.panels.parts import share, tone
from layouts.text import Text

_ZERO = Decimal(0)
# Axis steps that people count by.
_NICE = (Decimal(1), Decimal(2), Decimal(5))
_MANY_COLUMNS = 12
_DAY_LABELS = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One hour or day: its label (empty = none), heights 0 to 1 of the running total and the plan, and whether it is
    still to come or under way."""

    label: str
    done: str
    plan: str | None
    when: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve ready to draw, twice: as columns and as a figure."""

    caption: str
    plan: str
    columns: tuple[Column, ...]
    tone: str
    figure: Figure


def chart(metric: MetricBoard, period: Period, text: Text, currency: str) -> Chart | None:
    """The chart of a metric; None where it has no curve to show."""
    curve = metric.curve
    if curve is None or not (curve.actual or curve.plan):
        return None
    by_day = period.kind is not PeriodKind.DAY
    top = max((point.y for point in (*curve.actual, *curve.plan, *curve.usual)), default=_ZERO) or Decimal(1)
    return Chart(
        caption=text.t("Running total by day") if by_day else text.t("Running total by hour"),
        plan=text.t("plan") if curve.plan else "",
        columns=tuple(_columns(curve, top, by_day)),
        tone=tone(metric.progress),
        figure=_figure(curve, metric, text, currency, top, by_day),
    )


def draw_chart(shown: Chart) -> Component:
    """The columns, in the card over which the screen lays the figure when it is ready."""
    legend = [html.Span(shown.caption), html.Span(shown.plan, className="key") if shown.plan else None]
    columns = [
        html.Span(
            [
                html.Span(html.I(style={"--a": column.done}), className="track"),
                html.S(style={"--p": column.plan}) if column.plan else None,
                html.Small(column.label),
            ],
            className=f"column {column.when}",
        )
        for column in shown.columns
    ]
    many = " many" if len(columns) > _MANY_COLUMNS else ""
    drawn = html.Div(columns, className=f"columns{many}")
    return html.Section([html.P(legend, className="legend"), drawn], className=f"card chart {shown.tone}")


def _columns(curve: Curve, top: Decimal, by_day: bool) -> list[Column]:
    """A column ends at each full hour, or is a day."""
    now = curve.actual[-1].x if curve.actual else _ZERO
    first = int(curve.x_first) + (0 if by_day else 1)
    columns = []
    for end in range(first, int(curve.x_last) + 1):
        begin = end if by_day else end - 1
        when = (
            "past" if end < now or (not by_day and end == now) else "now" if begin <= now and curve.actual else "next"
        )
        label = _label(begin, by_day, int(curve.x_last))
        planned = share(_at(curve.plan, Decimal(end)), top) if curve.plan else None
        done = _at(curve.actual, min(Decimal(end), now)) if when != "next" else _ZERO
        columns.append(Column(label, share(done, top), planned, when))
    return columns


def _when(begin: int, end: int, now: Decimal) -> str:
    """An hour is past at its end; a day that is today is under way."""
    if end < now or begin < end == now:
        return "past"
    return "now" if begin <= now else "next"


def _label(x: int, by_day: bool, last: int) -> str:
    if not by_day or last <= _MANY_COLUMNS:
        return str(x)
    return str(x) if x == 1 or (x % _DAY_LABELS == 0 and last <= 31) or x % 30 == 0 else ""


def _at(points: Sequence[Point], x: Decimal) -> Decimal:
    """The last value at or before x."""
    return next((point.y for point in reversed(points) if point.x <= x), _ZERO)


def _figure(curve: Curve, metric: MetricBoard, text: Text, currency: str, top: Decimal, by_day: bool) -> Figure:
    step = _step(top / 2)
    ceiling = top * Decimal("1.06")
    ticks = [step * count for count in range(int(ceiling / step) + 1)]
    hours = range(int(curve.x_first), int(curve.x_last) + 1)
    marks = [x for x in hours if not by_day or _label(x, by_day, int(curve.x_last))]
    lines = [
        _trace("usual", curve.usual),
        _trace("plan", curve.plan),
        _trace("actual", curve.actual, tone(metric.progress)),
    ]
    return {
        "data": [line for line in lines if line["x"]],
        "layout": {
            "xaxis": {
                "range": [float(curve.x_first), float(curve.x_last)],
                "tickvals": marks,
                "ticktext": [str(mark) for mark in marks],
            },
            "yaxis": {
                "range": [0, float(ceiling)],
                "tickvals": [float(tick) for tick in ticks],
                "ticktext": [format.short_amount(text, tick, metric.unit, currency) for tick in ticks],
            },
            "annotations": _annotations(curve, text),
        },
    }


def _trace(role: str, points: Sequence[Point], tone: str = "") -> Figure:
    """A line; `meta` tells the screen how to dress it."""
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": {"role": role, "tone": tone},
        "x": [float(point.x) for point in points],
        "y": [float(point.y) for point in points],
    }


def _annotations(curve: Curve, text: Text) -> list[Figure]:
    """Names at the lines, each on its own side, so that they never lie on each other."""
    names = []
    if curve.plan:
        above = not curve.usual or curve.plan[-1].y >= curve.usual[-1].y
        names.append(_name(text.t("plan"), "plan", curve.plan, above))
    if curve.usual:
        above = bool(curve.plan) and curve.usual[-1].y > curve.plan[-1].y
        names.append(_name(text.t("usual day"), "usual", curve.usual, above))
    return names


def _name(words: str, role: str, points: Sequence[Point], above: bool) -> Figure:
    """A word near four fifths of a line: above it on the left, or below it on the right."""
    at = points[len(points) * 4 // 5 - 1 if len(points) > 2 else 0]
    anchors = {"xanchor": "right", "yanchor": "bottom"} if above else {"xanchor": "left", "yanchor": "top"}
    return {"x": float(at.x), "y": float(at.y), "text": words, "name": role, "showarrow": False, **anchors}


def _step(most: Decimal) -> Decimal:
    """The largest round number that is no more; never less than one, since half a call is no call."""
    size = Decimal(1).scaleb(most.adjusted())
    return max(next(size * nice for nice in reversed(_NICE) if size * nice <= most), Decimal(1))

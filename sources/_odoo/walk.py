"""Reading lists that change while they are read: by number inside a window of time, never by time and number.

Odoo shows whole seconds and orders by what is behind them, so a page that begins after (time, number) loses rows that
were changed in one second. Numbers do not move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sources._odoo.api import PAGE
from sources._odoo.run import Run
from sources._odoo.state import Span
from sources._odoo.values import Row

# Where rows are hidden after a limit was applied, the newest one may be among them.
_SOME = 50


def paged(run: Run, name: str, model: str, base: Sequence[Any], first: Sequence[Any]) -> Iterator[list[Row]]:
    """The rows that are news, page by page; the walk moves past them when the next ones are asked for.

    `base` is what the list is; `first` is which of it a first read wants.
    """
    span, where = _begin(run, name, base, first)
    if not span.read and not span.total:
        span.total = run.api.count(model, where)
    while True:
        rows = run.api.rows(model, [*where, ["id", ">", span.last]], run.office.fields[model] or (), PAGE)
        _anchor(run, span, model, base, rows, more=len(rows) >= PAGE)
        yield from _handed(run, name, span, rows)
        if len(rows) < PAGE:
            break
    _end(run, name, span)


def listed(run: Run, name: str, model: str, base: Sequence[Any], first: Sequence[Any]) -> Iterator[list[Row]]:
    """The same for a model that hides rows after it has applied a limit: a short page would not be the last one."""
    span, where = _begin(run, name, base, first)
    ids = run.api.ids(model, [*where, ["id", ">", span.last]])
    span.total = span.done + len(ids)
    for start in range(0, len(ids), PAGE):
        rows = run.api.by_ids(model, ids[start : start + PAGE], run.office.fields[model] or ())
        _anchor(run, span, model, base, rows, more=len(ids) > PAGE)
        yield from _handed(run, name, span, rows)
        span.last = ids[min(start + PAGE, len(ids)) - 1]
    _end(run, name, span)


def grown(run: Run, name: str, model: str, base: Sequence[Any]) -> Iterator[list[Row]]:
    """The new rows of a list whose rows do not change; they may become visible some minutes late."""
    span = run.state.span(name)
    floor = span.last if span.walking else (span.marks[0][1] if span.marks else 0)
    span.walking = True
    ids = run.api.ids(model, [*base, ["id", ">", floor]])
    fresh = run.memory.unseen(name, ids)
    span.total = span.done + len(fresh)
    for start in range(0, len(fresh), PAGE):
        some = fresh[start : start + PAGE]
        rows = run.api.by_ids(model, some, run.office.fields[model] or ())
        yield from _handed(run, name, span, rows)
        span.last = some[-1]
    span.reached(max([floor, *ids]), run.now_ms)
    run.memory.drop_up_to(name, span.marks[0][1])


def _begin(run: Run, name: str, base: Sequence[Any], first: Sequence[Any]) -> tuple[Span, list[Any]]:
    span = run.state.span(name)
    span.walking = True
    return span, [*base, *([["write_date", ">=", span.low()]] if span.read else first)]


def _handed(run: Run, name: str, span: Span, rows: list[Row]) -> Iterator[list[Row]]:
    yield run.memory.news(name, rows)
    run.memory.saw(name, rows)
    span.last, span.done = max([span.last, *(row["id"] for row in rows)]), span.done + len(rows)


def _anchor(run: Run, span: Span, model: str, base: Sequence[Any], rows: list[Row], *, more: bool) -> None:
    """From where the next walk has to read: the newest change there was when this one began.

    Rows behind the first page may change after it was read, so the newest row of all pages would be too late.
    """
    if span.anchor:
        return
    found = run.api.rows(model, base, ["write_date"], _SOME, "write_date desc") if more else rows
    span.anchor = max([span.base, *(str(row["write_date"]) for row in found if row.get("write_date"))])


def _end(run: Run, name: str, span: Span) -> None:
    span.finish(run.now_ms)
    run.memory.drop_before(name, span.low())

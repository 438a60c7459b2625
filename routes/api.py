"""`/api/v1`: the board as JSON, the facts as CSV. Who may ask is the guard's business."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Engine

from deps import Deps
from domain.board import Board, Leaderboard, MetricBoard, Period, Place, Progress, RepProgress, SourceState
from domain.cells import BYTE_ORDER_MARK, csv_line
from domain.facts import Kind
from domain.metrics import Unit
from domain.settings import PeriodKind
from storage import facts

Json = dict[str, Any]
# The description of everything under /api/v1, written by hand; a test holds it against what the routes do.
_DESCRIPTION = Path(__file__).resolve().parents[1] / "docs" / "api" / "openapi.json"
_COLUMNS = (
    "source", "record", "kind", "at", "day", "rep", "amount", "currency", "seconds", "direction", "answered",
    "title", "customer", "pipeline", "stage", "loss_reason",
)  # fmt: skip


class BadRequestError(ValueError):
    """A parameter that cannot be read; the sentence names it and says what it takes."""


def register(server: Flask, deps: Deps) -> None:
    """Put the API on the server."""

    @server.get("/api/v1/board")
    def board() -> Response | tuple[Response, int]:
        return _answer(deps, request.args.get("period"), request.args.get("date"), request.args.get("team"))

    @server.get("/api/v1/openapi.json")
    def openapi() -> Response:
        return Response(_DESCRIPTION.read_bytes(), mimetype="application/json")

    @server.get("/api/v1/facts.csv")
    def facts_csv() -> Response | tuple[Response, int]:
        return _export(deps, request.args.get("from"), request.args.get("to"), request.args.get("kind"))


def read_board(deps: Deps, period: str | None, day: str | None, team: str | None) -> Json:
    """The board that the parameters name, as the contract's JSON. Raises BadRequestError."""
    try:
        snapshot = deps.boards.get(read_period(period), read_day(day, "date"), team or None)
    except KeyError:
        raise BadRequestError(f"team={team!r}: there is no team of that name or key.") from None
    return board_json(snapshot.board)


def read_period(text: str | None) -> PeriodKind:
    """`day` when nothing is said. Raises BadRequestError."""
    try:
        return PeriodKind(text or "day")
    except ValueError:
        raise BadRequestError(f"period={text!r} is not one of: {', '.join(PeriodKind)}.") from None


def read_day(text: str | None, name: str) -> date | None:
    """None when nothing is said. Raises BadRequestError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequestError(f"{name}={text!r} is not a day like 2026-11-20.") from None


def board_json(board: Board) -> Json:
    """The board as the contract shows it: JSON numbers, ISO times in UTC, null for what is not known."""
    return {
        "now": _instant(board.now),
        "as_of": _instant(board.as_of),
        "timezone": board.timezone,
        "currency": board.currency,
        "team": board.team,
        "period": _period(board.period),
        "demo": board.demo,
        "sources": [_source(source) for source in board.sources],
        "metrics": [_metric(metric) for metric in board.metrics.values()],
        "leaderboard": _leaderboard(board.leaderboard),
        "unmapped": {"people": board.unmapped.people, "facts": board.unmapped.facts},
        "problems": [{"code": p.code, "where": p.where, "text": p.text, "count": p.count} for p in board.problems],
    }


def _answer(deps: Deps, period: str | None, day: str | None, team: str | None) -> Response | tuple[Response, int]:
    try:
        return jsonify(read_board(deps, period, day, team))
    except BadRequestError as error:
        return jsonify(error=str(error)), 400


def _export(deps: Deps, first: str | None, last: str | None, kind: str | None) -> Response | tuple[Response, int]:
    try:
        span = (read_day(first, "from") or date.min, read_day(last, "to") or date.max)
        if kind and kind not in set(Kind):
            raise BadRequestError(f"kind={kind!r} is not one of: {', '.join(Kind)}.")
    except BadRequestError as error:
        return jsonify(error=str(error)), 400
    return Response(
        facts_rows(deps.db, span[0], span[1], Kind(kind) if kind else None),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=facts.csv"},
    )


def facts_rows(db: Engine, first: date, last: date, kind: Kind | None) -> Iterator[str]:
    """CSV lines with a byte order mark (Excel), one fact each, read as they are sent."""
    yield BYTE_ORDER_MARK + csv_line(_COLUMNS)
    for row in facts.facts(db, first, last, kind):
        fact = row.fact
        yield csv_line(
            (
                row.source, row.record, fact.kind, _instant(fact.at), row.day.isoformat(), row.rep, fact.amount,
                fact.currency, fact.seconds, fact.direction, fact.answered, fact.title, fact.customer, fact.pipeline,
                fact.stage, fact.loss_reason,
            )
        )  # fmt: skip


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _period(period: Period) -> Json:
    return {"kind": period.kind, "from": period.first.isoformat(), "to": period.last.isoformat()}


def _source(source: SourceState) -> Json:
    return {
        "name": source.name,
        "kind": source.kind,
        "state": source.health,
        "as_of": _instant(source.as_of),
        "problem": source.problem,
    }


def _metric(metric: MetricBoard) -> Json:
    progress = metric.progress
    rate = progress.required_rate
    return {
        "key": metric.key,
        "unit": metric.unit,
        "available": metric.available,
        "missing": metric.missing,
        **_progress(progress, metric.unit),
        "required_rate": {"value": _number(rate.value, 2), "per": rate.per} if rate else None,
        "projected": _number(progress.projected, _places(metric.unit)),
        "reps": [_rep(rep, metric.unit) for rep in metric.reps],
    }


def _rep(rep: RepProgress, unit: Unit) -> Json:
    return {"rep": rep.rep, "name": rep.name, "team": rep.team, **_progress(rep.progress, unit)}


def _progress(progress: Progress, unit: Unit) -> Json:
    places = _places(unit)
    return {
        "actual": _number(progress.actual, places),
        "target": _number(progress.target, places),
        "expected": _number(progress.expected, places),
        "attainment": _number(progress.attainment, 4),
        "gap": _number(progress.gap, places),
        "status": progress.status,
    }


def _leaderboard(board: Leaderboard) -> Json:
    return {
        "metric": board.metric,
        "unit": board.unit,
        "rank_by": board.rank_by,
        "period": _period(board.period),
        "rows": [_place(row, board.unit) for row in board.rows],
    }


def _place(row: Place, unit: Unit) -> Json:
    return {
        "place": row.place,
        "rep": row.rep,
        "name": row.name,
        "team": row.team,
        "value": _number(row.value, _places(unit)),
        "target": _number(row.target, _places(unit)),
        "attainment": _number(row.attainment, 4),
        "movement": row.movement,
        "gap_to_next": _number(row.gap_to_next, _places(unit)),
    }


def _places(unit: Unit) -> int:
    return 4 if unit is Unit.RATIO else 2


def _number(value: Decimal | None, places: int) -> int | float | None:
    if value is None:
        return None
    rounded = round(value, places)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)

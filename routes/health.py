"""What operations ask: alive, able to serve, details without secrets, Prometheus."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from deps import Deps
from storage import db as store
from storage import sources, state

_POLLER_LATE_S = 60.0


def register(server: Flask, deps: Deps) -> None:
    """Put the health pages on the server."""

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @server.get("/readyz")
    def readyz() -> tuple[Response, int]:
        problem = unready(deps)
        return jsonify(ready=problem is None, problem=problem), 503 if problem else 200

    @server.get("/api/health")
    def health() -> Response:
        return jsonify(details(deps))

    @server.get("/metrics")
    def metrics() -> Response:
        return Response(exposition(deps), content_type=CONTENT_TYPE_LATEST)


def unready(deps: Deps) -> str | None:
    """Why this process cannot serve the wall, None when it can. A CRM that is down is no reason."""
    try:
        with deps.db.connect() as conn:
            state.version(conn)
    except SQLAlchemyError as error:
        return f"The database does not answer ({type(error).__name__})."
    return None


def details(deps: Deps) -> dict[str, Any]:
    """Version, database, poller and sources: what a person looks at first when something is wrong."""
    with deps.db.connect() as conn:
        rows = sources.every(conn)
        age = beat_age(deps)
        return {
            "version": deps.config.version,
            "database": store.describe(conn),
            "numbers_version": state.version(conn),
            "poller": {"last_beat_s": age, "alive": age is not None and age < _POLLER_LATE_S},
            "sources": [
                {
                    "name": row.name,
                    "kind": row.kind,
                    "state": row.health,
                    "as_of": row.as_of.isoformat() if row.as_of else None,
                    "problem": row.problem,
                }
                for row in rows
            ],
        }


def exposition(deps: Deps) -> bytes:
    """The Prometheus text. No names of people in labels."""
    registry = CollectorRegistry()
    seen = deps.clock().timestamp()
    as_of = Gauge(
        "tablo_source_as_of_seconds", "Unix time up to which a source is complete", ["source"], registry=registry
    )
    failing = Gauge("tablo_source_failing", "1 while a source cannot be read", ["source"], registry=registry)
    requests = Gauge("tablo_source_requests", "Requests sent to the source so far", ["source"], registry=registry)
    with deps.db.connect() as conn:
        for row in sources.every(conn):
            as_of.labels(row.name).set(row.as_of.timestamp() if row.as_of else 0)
            failing.labels(row.name).set(1 if row.failing_since else 0)
            requests.labels(row.name).set(row.requests)
        version = state.version(conn)
    Gauge("tablo_numbers_version", "Counts every change of the numbers", registry=registry).set(version)
    Gauge("tablo_poller_beat_seconds", "Unix time of the poller's last sign of life", registry=registry).set(
        seen - (beat_age(deps) or seen)
    )
    return generate_latest(registry)


def beat_age(deps: Deps) -> float | None:
    """Seconds since the poller last showed that it works, None before its first sign of life."""
    with deps.db.connect() as conn:
        beat = state.last_beat(conn, "poller")
    return (deps.clock() - beat).total_seconds() if beat else None

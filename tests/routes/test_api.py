"""`/api/v1` and the health pages on a real store: numbers as numbers, nothing known as null, sentences for mistakes."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import from_environment
from deps import Deps, open_deps
from domain.board import SourceHealth
from domain.facts import Batch, Change, Fact, Kind, Person, Rate
from domain.settings import PeriodKind
from jobs.house import House
from routes import api, health
from storage import db as store
from storage import facts, sources, state, targets
from storage.secrets import Secrets
from tests.storage import ready

NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture
def deps(tmp_path: Path) -> Iterator[Deps]:
    """An office of two, with calls, a won deal in euros with a rate and one in dollars without."""
    config = from_environment({"TABLO_DATA_DIR": str(tmp_path / "data"), "TABLO_DEMO": "off"})
    db = ready.sqlite_at(config.data_dir / "tablo.db")
    house = House(db, Secrets(b"a key for tests"), config, lambda: NOW)
    with store.write(db) as conn:
        main = sources.add(conn, house.secrets, "main", "files", {}, "test", NOW)
        targets.add(conn, [targets.NewTarget("calls", "rep", "main:1", PeriodKind.DAY, Decimal(4), TODAY)], "test", NOW)
    facts.apply(db, main, _batch(), settings=house.settings())
    yield open_deps(house)
    db.dispose()


@pytest.fixture
def client(deps: Deps) -> FlaskClient:
    """The API and the health pages alone, with no guard before them."""
    server = Flask("test")
    api.register(server, deps)
    health.register(server, deps)
    return server.test_client()


def test_numbers_are_numbers_and_what_is_not_known_is_null(client: FlaskClient) -> None:
    board = client.get("/api/v1/board").get_json()
    metrics = {metric["key"]: metric for metric in board["metrics"]}
    assert metrics["calls"]["actual"] == 3
    assert metrics["calls"]["target"] == 4
    assert metrics["calls"]["attainment"] == 0.75
    assert metrics["emails"]["target"] is None
    assert metrics["emails"]["attainment"] is None
    assert metrics["deals_won"]["actual"] == 2
    assert metrics["win_rate"]["actual"] == 1
    assert (board["now"], board["as_of"], board["currency"]) == ("2026-11-20T12:26:00Z", "2026-11-20T12:26:00Z", "UAH")
    assert board["period"] == {"kind": "day", "from": "2026-11-20", "to": "2026-11-20"}


def test_foreign_money_is_converted_at_its_days_rate_and_listed_when_there_is_none(client: FlaskClient) -> None:
    board = client.get("/api/v1/board").get_json()
    won = next(metric for metric in board["metrics"] if metric["key"] == "deals_won_amount")
    assert won["actual"] == 4850.97
    assert [(problem["code"], problem["where"]) for problem in board["problems"]] == [("no_rate", "USD")]


def test_somebody_who_is_no_rep_is_counted_apart(client: FlaskClient) -> None:
    assert client.get("/api/v1/board").get_json()["unmapped"] == {"people": 1, "facts": 1}


def test_the_period_and_the_day_can_be_chosen(client: FlaskClient) -> None:
    quarter = client.get("/api/v1/board?period=quarter&date=2026-08-10").get_json()
    assert quarter["period"] == {"kind": "quarter", "from": "2026-07-01", "to": "2026-09-30"}
    assert quarter["metrics"][0]["actual"] == 0


@pytest.mark.parametrize(
    ("query", "word"), [("period=decade", "decade"), ("date=20.11.2026", "2026-11-20"), ("team=West", "West")]
)
def test_a_parameter_that_cannot_be_read_is_refused_in_words(client: FlaskClient, query: str, word: str) -> None:
    answer = client.get(f"/api/v1/board?{query}")
    assert answer.status_code == 400
    assert word in answer.get_json()["error"]


def test_the_facts_go_out_as_a_spreadsheet_that_runs_nothing(client: FlaskClient) -> None:
    answer = client.get("/api/v1/facts.csv?from=2026-11-20&to=2026-11-20")
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 6
    won = next(row for row in rows if row["record"] == "deal:1")
    assert (won["kind"], won["rep"], won["amount"], won["currency"]) == ("deal_won", "main:2", "100.02", "EUR")
    assert won["title"] == "'=HYPERLINK(1)"
    only = client.get("/api/v1/facts.csv?kind=deal_won").get_data(as_text=True)
    assert len(only.splitlines()) == 3


def test_an_export_of_an_unknown_kind_is_refused(client: FlaskClient) -> None:
    assert client.get("/api/v1/facts.csv?kind=visit").status_code == 400
    assert client.get("/api/v1/facts.csv?from=yesterday").status_code == 400


def test_health_tells_what_is_wrong_without_secrets(client: FlaskClient, deps: Deps) -> None:
    with store.write(deps.db) as conn:
        state.beat(conn, "poller", NOW)
        sources.failed(conn, 1, NOW, 1, SourceHealth.NEEDS_LOGIN, "Log in again.")
    assert client.get("/healthz").get_data() == b"ok\n"
    assert client.get("/readyz").get_json() == {"ready": True, "problem": None}
    found = client.get("/api/health").get_json()
    assert found["poller"] == {"alive": True, "last_beat_s": 0.0}
    assert found["sources"][0] == {
        "name": "main", "kind": "files", "state": "needs_login", "as_of": NOW.isoformat(), "problem": "Log in again.",
    }  # fmt: skip
    text = client.get("/metrics").get_data(as_text=True)
    assert 'tablo_source_failing{source="main"} 1.0' in text
    assert "Olena" not in text


def _batch() -> Batch:
    calls = [Change(f"call:{n}", (Fact(Kind.CALL, NOW, str(1 + n % 2), seconds=60),)) for n in range(3)]
    wins = [
        Change("deal:1", (_win("2", "100.02", "EUR", "=HYPERLINK(1)"),)),
        Change("deal:2", (_win("2", "70", "USD", "Second"),)),
    ]
    strange = Change("call:9", (Fact(Kind.CALL, NOW, "77", seconds=60),))
    people = [Person("1", "Olena", rep=True), Person("2", "Nikita", rep=True), Person("77", "Guard", rep=False)]
    rates = [Rate("EUR", "UAH", date(2026, 1, 1), Decimal("48.50"))]
    return Batch([*calls, *wins, strange], "c", NOW, people=people, rates=rates)


def _win(rep: str, amount: str, currency: str, title: str) -> Fact:
    return Fact(Kind.DEAL_WON, NOW, rep, amount=Decimal(amount), currency=currency, title=title)

"""A long first read says how far it is: records, requests, time left."""

from datetime import UTC, datetime

import pytest

from commands.sources import Progress
from jobs.poll import Report


def test_it_tells_records_requests_and_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((0.0, 1.0, 11.0, 12.0, 61.0))
    tell = Progress("main", lambda: next(times))
    tell(_report(1_000, 50_000, 2))
    tell(_report(11_000, 50_000, 7))
    tell(_report(12_000, 50_000, 8))
    tell(_report(25_000, 50_000, 14))
    assert capsys.readouterr().err.splitlines() == [
        "main: 11,000 of 50,000 records, 7 requests, about 39 s left",
        "main: 25,000 of 50,000 records, 14 requests, about 62 s left",
    ]


def test_a_source_that_does_not_know_its_size_promises_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((0.0, 5.0, 10.0))
    tell = Progress("main", lambda: next(times))
    tell(_report(1_000, None, 2))
    tell(_report(2_000, None, 4))
    assert "of ? records, 4 requests\n" in capsys.readouterr().err


def test_a_poll_that_is_through_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((0.0, 5.0))
    report = _report(10, 10, 1)
    report.as_of = datetime(2026, 11, 20, tzinfo=UTC)
    Progress("main", lambda: next(times))(report)
    assert capsys.readouterr().err == ""


def _report(done: int, total: int | None, requests: int) -> Report:
    return Report("main", "bitrix24", done=done, total=total, requests=requests)

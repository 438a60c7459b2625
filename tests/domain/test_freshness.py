"""Freshness: the age of a source's numbers, and why a metric is not available."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.board import SourceHealth
from domain.facts import Detail, Kind, Lack
from domain.freshness import Connection, missing, oldest, state
from tests.domain.office import AFTERNOON


def _lack(name: str) -> Lack:
    return Detail(name) if name in set(Detail) else Kind(name)


def connection(age: int | None, poll: int = 30, fault: SourceHealth | None = None, **missing: str) -> Connection:
    at = None if age is None else AFTERNOON - timedelta(seconds=age)
    lacking: dict[Lack, str] = {_lack(name): reason for name, reason in missing.items()}
    return Connection(f"crm{poll}", "bitrix24", at, poll, fault, None, lacking)


@pytest.mark.parametrize(
    ("age", "poll", "health"),
    [
        (0, 30, SourceHealth.LIVE),
        (89, 30, SourceHealth.LIVE),
        (90, 30, SourceHealth.LATE),
        (179, 60, SourceHealth.LIVE),
        (900, 30, SourceHealth.LATE),
        (901, 30, SourceHealth.STALE),
        (1799, 600, SourceHealth.LIVE),
        (1801, 600, SourceHealth.STALE),
        (None, 30, SourceHealth.STALE),
    ],
)
def test_numbers_are_live_then_late_then_stale(age: int | None, poll: int, health: SourceHealth) -> None:
    assert state(connection(age, poll), AFTERNOON).health is health


@pytest.mark.parametrize("fault", [SourceHealth.THROTTLED, SourceHealth.NEEDS_LOGIN, SourceHealth.ERROR])
def test_a_fault_says_more_than_the_age(fault: SourceHealth) -> None:
    assert state(connection(0, fault=fault), AFTERNOON).health is fault


def test_the_board_is_as_old_as_its_oldest_source() -> None:
    assert oldest([connection(5), connection(40)]) == AFTERNOON - timedelta(seconds=40)
    assert oldest([connection(5), connection(None)]) == AFTERNOON - timedelta(seconds=5)
    assert oldest([connection(None)]) is None
    assert oldest([]) is None


def test_a_metric_is_missing_when_no_source_can_give_it() -> None:
    deaf, mute = connection(0, call="no telephony"), connection(0, 60, call="not allowed", deal_won="no deals")
    assert missing("calls", [deaf]) == "no telephony"
    assert missing("calls", [deaf, mute]) == "crm30: no telephony; crm60: not allowed"
    assert missing("calls", [deaf, connection(0, 90)]) is None
    assert missing("win_rate", [mute]) == "no deals"
    assert missing("emails", []) == "No source is connected."


def test_calls_without_their_length_still_count_as_calls() -> None:
    without = connection(0, call_seconds="no lengths")
    assert [missing(key, [without]) for key in ("calls", "productive_calls", "call_seconds")] == [
        None,
        "no lengths",
        "no lengths",
    ]

"""A screen rests by the calendars of those whose numbers it shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.settings import AfterHours, Slot, Theme
from routes import resting
from storage import db as store
from storage import people, settings
from tests.desk.office import NOW, Office, furnish

EVERYBODY, SOUTH = Slot("calls", 12), Slot("calls", 12, team="main:s")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Dasha alone is in the south; she works on Saturdays, in Lisbon."""
    found = furnish(tmp_path)
    with store.write(found.deps.db) as conn:
        wishes = {"workdays": frozenset((6,)), "zone_override": "Europe/Lisbon"}
        people.change(conn, "main:3", wishes, "test", NOW)
        settings.save(conn, {"after_hours": AfterHours.SLEEP, "theme": Theme.LIGHT}, "test", NOW)
    return found


def next_day(office: Office, *playlist: Slot) -> str:
    """The first stretch after this Friday evening."""
    spans = resting.calm(office.deps, playlist).awake
    return next(f"{span.start:%a %H:%M}" for span in spans if span.start > NOW + timedelta(hours=6))


def test_a_screen_of_the_whole_office_keeps_its_hours(office: Office) -> None:
    assert next_day(office, EVERYBODY) == next_day(office, SOUTH, EVERYBODY) == "Mon 06:30"


def test_a_screen_of_one_team_is_awake_while_somebody_of_it_works(office: Office) -> None:
    assert next_day(office, SOUTH) == "Sat 08:30"


def test_a_team_that_is_gone_leaves_the_hours_of_the_office(office: Office) -> None:
    assert next_day(office, Slot("calls", 12, team="main:nobody")) == "Mon 06:30"


def test_a_wall_that_never_rests_needs_no_hours(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"after_hours": AfterHours.ON}, "test", NOW)
    assert resting.calm(office.deps, [EVERYBODY]).awake == ()


def test_an_unknown_country_does_not_keep_the_wall_from_resting(office: Office) -> None:
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"country": "XX"}, "test", NOW)
    assert next_day(office, EVERYBODY) == "Mon 06:30"

"""What a screen is told of the hours in which it is awake."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.rest import Span
from layouts import calm
from layouts.calm import Calm
from layouts.text import Text


def test_a_sleeping_screen_says_the_hour_of_the_day_on_which_it_wakes_over_a_change_of_the_clocks() -> None:
    # Kyiv is at +2 on Friday, and at +3 from Sunday on.
    monday = Span(datetime(2027, 3, 29, 5, 30, tzinfo=UTC), datetime(2027, 3, 29, 15, 30, tzinfo=UTC))
    (told,) = calm.state(Calm(awake=(monday,)), Text("en"), "Europe/Kyiv")["awake"]
    assert told[2:] == ["Monday 29 March", "08:30"]

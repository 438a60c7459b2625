"""PINs: four to eight digits, and none that anybody would try first."""

from __future__ import annotations

import pytest

from domain.pins import Fault, fault


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "٣٤٥٦", " 4917", "4917\n"])
def test_a_pin_has_four_to_eight_digits(pin: str) -> None:
    assert fault(pin) is Fault.SHAPE


@pytest.mark.parametrize(
    "pin",
    ["0000", "1234", "4321", "8901", "1122", "1212", "9753", "123123", "48374837", "1987", "2026", "2580", "77777777"],
)
def test_a_pin_that_anybody_would_try_first_is_refused(pin: str) -> None:
    assert fault(pin) is Fault.SIMPLE


@pytest.mark.parametrize("pin", ["4917", "0583", "739164", "90210", "15973846"])
def test_others_are_taken(pin: str) -> None:
    assert fault(pin) is None

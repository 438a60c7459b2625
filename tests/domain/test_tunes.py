"""The sounds are made here, short, loud enough and without a click at either end."""

from __future__ import annotations

import io
import wave
from array import array

import pytest

from domain.tunes import RATE, TUNES, silence, wav


def heard(file: bytes) -> array[int]:
    with wave.open(io.BytesIO(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, RATE)
        return array("h", sound.readframes(sound.getnframes()))


@pytest.mark.parametrize("name", TUNES)
def test_a_tune_is_a_short_wav(name: str) -> None:
    samples = heard(wav(name))
    assert 0.9 <= len(samples) / RATE <= 2.5
    assert 24_000 <= max(map(abs, samples)) <= 29_000
    assert max(map(abs, (*samples[:5], *samples[-5:]))) < 800


def test_every_tune_is_another_one() -> None:
    assert len({wav(name) for name in TUNES}) == len(TUNES) >= 5


def test_silence_is_silent() -> None:
    assert set(heard(silence())) == {0}


def test_a_tune_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        wav("../fanfare")

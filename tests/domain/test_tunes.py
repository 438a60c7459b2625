"""The sounds are made here, short, loud enough and without a click at either end."""

from __future__ import annotations

import io
import wave
from array import array

import pytest

from domain.tunes import RATE, TUNES, silence, sound_type, wav


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


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (wav("bell"), "audio/wav"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf3\x40\xc4", "audio/mpeg"),
        (b"\xff\xd8\xff\xe0", None),
        (b"\xff\xf1\x50\x80", None),
        (b"RIFF....AVI ", None),
        (b"<html>", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_a_sound_is_known_by_its_first_bytes(content: bytes, kind: str | None) -> None:
    assert sound_type(content) == kind

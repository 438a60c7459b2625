"""Tunes: the short sounds of a celebration, written down as notes and turned into WAV by arithmetic alone."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

RATE = 22_050
# Pitches are counted in half tones from the A of 440 Hz.
_A = 440.0
_PEAK = 0.82
_ATTACK_S, _RELEASE_S = 0.006, 0.05


@dataclass(frozen=True, slots=True)
class Voice:
    """How a note sounds: its partials as (multiple of the pitch, strength), and the seconds in which it fades by e."""

    partials: tuple[tuple[float, float], ...]
    fade: float


@dataclass(frozen=True, slots=True)
class Note:
    """A note: when it begins (seconds), its half tone, for how long, how loud."""

    at: float
    tone: float
    seconds: float
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Tune:
    """What is played, by what."""

    voice: Voice
    notes: tuple[Note, ...]


# A bell's partials are no whole multiples; a brass's are, and many.
_BELL = Voice(((0.5, 0.35), (1, 1), (1.19, 0.35), (2, 0.6), (2.74, 0.3), (4.07, 0.18)), 0.7)
_BRASS = Voice(tuple((n, 0.95 ** (n * n / 2) / n**0.6) for n in range(1, 8)), 1.4)
_PLUCK = Voice(((1, 1), (2, 0.5), (3, 0.22), (4, 0.12)), 0.28)
_BAR = Voice(((1, 1), (3.93, 0.35), (9.2, 0.1)), 0.3)
_COIN = Voice(((1, 1), (2, 0.25), (3, 0.5), (5, 0.2)), 0.22)


def _chord(at: float, tones: Sequence[float], seconds: float, strength: float = 1.0) -> tuple[Note, ...]:
    return tuple(Note(at, tone, seconds, strength) for tone in tones)


def _run(tones: Sequence[float], step: float, seconds: float, at: float = 0.0) -> tuple[Note, ...]:
    return tuple(Note(at + place * step, tone, seconds) for place, tone in enumerate(tones))


TUNES: Mapping[str, Tune] = {
    "fanfare": Tune(
        _BRASS,
        (*_run((-2, -2, -2), 0.13, 0.12), *_chord(0.42, (3, -2, -9), 0.3, 0.6), *_chord(0.76, (7, 3, -2), 1.1, 0.75)),
    ),
    "bell": Tune(_BELL, (Note(0, 3, 2.2), Note(0.32, 3, 2.0, 0.8))),
    "chime": Tune(_BAR, _run((3, 7, 10, 15, 19, 22), 0.1, 1.0)),
    "harp": Tune(_PLUCK, (*_run((-9, -5, -2, 3, 7, 10, 15, 19), 0.065, 1.1), *_chord(0.62, (15, 19, 22), 1.2, 0.6))),
    "coins": Tune(_COIN, (Note(0, 14, 0.09), Note(0.09, 19, 0.7), Note(0.34, 14, 0.09), Note(0.43, 19, 0.9))),
    "gong": Tune(_BELL, (Note(0, -17, 2.4), Note(0.02, -10, 2.2, 0.4), Note(0.04, -4.6, 1.8, 0.25))),
}


@cache
def wav(name: str) -> bytes:
    """The tune as a WAV file: 16 bit, one channel. Raises KeyError for a tune that there is not."""
    return _packed(_mixed(TUNES[name]))


@cache
def silence() -> bytes:
    """A twentieth of a second in which nothing is heard: by it a browser tells whether it may play."""
    return _packed([0.0] * (RATE // 20))


def sound_type(content: bytes) -> str | None:
    """What a sound file is by its first bytes (`audio/mpeg`); None for anything that is no WAV, MP3 or OGG."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav"
    if content[:4] == b"OggS":
        return "audio/ogg"
    # A tag, or the first frame of layer III.
    frame = len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2
    return "audio/mpeg" if content[:3] == b"ID3" or frame else None


def _mixed(tune: Tune) -> list[float]:
    length = max(note.at + note.seconds for note in tune.notes)
    heard = [0.0] * int(RATE * length)
    for note in tune.notes:
        _add(heard, note, tune.voice)
    loudest = max(map(abs, heard))
    return [each / loudest * _PEAK for each in heard]


def _add(heard: list[float], note: Note, voice: Voice) -> None:
    pitch, first = _A * 2 ** (note.tone / 12), int(note.at * RATE)
    alone = [0.0] * min(int(note.seconds * RATE), len(heard) - first)
    for n, strength in voice.partials:
        # What lies above half the rate would come back as another tone.
        if pitch * n < RATE / 2.2:
            # High partials fade first, as they do in metal and strings.
            _ring(alone, pitch * n, strength * note.strength, (0.6 + 0.4 * n) / voice.fade)
    for place, each in enumerate(alone):
        edge = min(1.0, place / (_ATTACK_S * RATE), (len(alone) - place) / (_RELEASE_S * RATE))
        heard[first + place] += each * edge


def _ring(alone: list[float], pitch: float, strength: float, fading: float) -> None:
    """Add a sine that fades by e in 1/`fading` s: each sample follows from the two before it."""
    turn, loss = 2 * math.pi * pitch / RATE, math.exp(-fading / RATE)
    from_last, from_before = 2 * loss * math.cos(turn), -loss * loss
    before, last = 0.0, loss * math.sin(turn) * strength
    for place in range(1, len(alone)):
        alone[place] += last
        before, last = last, from_last * last + from_before * before


def _packed(heard: Sequence[float]) -> bytes:
    samples = array("h", (int(each * 32_767) for each in heard))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()

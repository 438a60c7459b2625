"""What whoever asks is to be shown: a screen its own playlist and language, everybody else the office's."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Request

from deps import Deps
from domain.settings import Slot
from layouts import showing
from routes import pairing
from storage import db as store
from storage import playlists, slots
from storage.boards import Snapshot
from storage.screens import Screen

# A preview brings its playlist along in the address, which only somebody with a login may do (routes/guard.py).
PREVIEW = "preview"
_LONGEST_PREVIEW = 100


@dataclass(frozen=True, slots=True)
class Show:
    """What is asked for. `screen` None = no bound screen asks."""

    playlist: tuple[Slot, ...]
    language: str
    screen: Screen | None


def asked_for(deps: Deps, asked: Request) -> Show:
    """What this request is to be shown; no code for phones at an address that no phone can reach."""
    preview, host = asked.args.get(PREVIEW), asked.host_url
    screen = None if preview is not None else pairing.screen_of(deps, asked)
    return deps.boards.lately(("show", screen, preview, host), lambda: _show(deps, screen, preview, host))


def scenes(deps: Deps, playlist: Iterable[Slot]) -> list[tuple[Slot, Snapshot]]:
    """The slots that have something to show now, each with its board; never none."""
    return showing.scenes(playlist, deps.settings(), deps.clock(), lambda slot: board_of(deps, slot))


def board_of(deps: Deps, slot: Slot) -> Snapshot:
    """The board that a slot is drawn from. Raises KeyError where its team or metric is not there any more."""
    return deps.boards.get(slot.period, team=slot.team, ranked_by=slot.metric)


def _show(deps: Deps, screen: Screen | None, preview: str | None, host: str) -> Show:
    settings = deps.settings()
    chosen = _of_screen(deps, screen) if preview is None else _previewed(preview)
    slots, language = settings.playlist if chosen is None else chosen, screen.language if screen else None
    return Show(showing.without_phone(slots, settings.public_address, host), language or settings.language, screen)


def _of_screen(deps: Deps, screen: Screen | None) -> tuple[Slot, ...] | None:
    """The playlist of its own; None where it has none."""
    if screen is None or screen.playlist is None:
        return None
    with store.read(deps.db) as conn:
        own = playlists.find(conn, screen.playlist)
    return own.slots if own else None


def _previewed(given: str) -> tuple[Slot, ...] | None:
    """The playlist in the address; None for what is none."""
    try:
        return slots.decode(json.loads(given)[:_LONGEST_PREVIEW])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None

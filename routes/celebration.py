"""A rehearsal: one celebration on a small wall of its own, for the settings."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from flask import Flask

from deps import Deps
from domain.board import Board, Place, RepProgress
from domain.celebrations import Celebration, Cheer
from domain.people import Rep
from domain.privacy import discreet, discretion
from domain.settings import PeriodKind
from layouts import celebration, ids
from layouts.text import Text
from layouts.wall import ASSETS
from routes import fonts

_STYLES = ("wall.css", "celebration.css")
_AMOUNT = Decimal(240_000)


def register(server: Flask, deps: Deps) -> None:
    """Put the rehearsal on the server."""

    @server.get("/celebration")
    def rehearsal() -> str:
        return page(deps)


def told_of(deps: Deps) -> Board:
    """What celebrations tell of, before discretion: the office's day and leaderboard, and everybody's month."""
    return replace(deps.boards.get(PeriodKind.DAY).board, month=deps.boards.get(PeriodKind.MONTH).board.metrics)


def page(deps: Deps) -> str:
    """The page that celebrates once as soon as it is open."""
    settings, now = deps.settings(), deps.clock()
    text = Text(settings.language)
    board = discreet(told_of(deps), discretion(settings))
    cheer = Cheer(
        Celebration(0, "rehearsal", "", now, now, _AMOUNT, board.currency, None, text.t("A good customer")),
        _somebody(board, text),
    )
    boot = json.dumps(celebration.rehearsal(cheer, board, settings, text, now), ensure_ascii=False)
    styles = fonts.faces(deps) + "".join((ASSETS / name).read_text(encoding="utf-8") for name in _STYLES)
    return "".join(
        (
            f'<!DOCTYPE html><html lang="{text.locale.language}"><head><meta charset="utf-8"><title>Tablo</title>',
            f'<link rel="icon" href="data:,"><style>{styles}</style></head><body><div id="{ids.WALL}"></div>',
            f'<script type="application/json" id="{ids.BOOT}">{boot.replace("<", chr(92) + "u003c")}</script>',
            f'<script src="/assets/celebration.js?v={deps.config.version}-{now:%H%M}"></script></body></html>',
        )
    )


def _somebody(board: Board, text: Text) -> Rep:
    """Who leads, or who comes first."""
    found: list[Place | RepProgress] = [*board.leaderboard.rows, *board.everybody]
    return Rep(found[0].rep, found[0].name, photo=found[0].photo) if found else Rep("", text.t("A good manager"))

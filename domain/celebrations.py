"""Celebrations: which wins are news to the room, when the room wants quiet, and what is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.people import Rep
from domain.periods import DAY
from domain.settings import Celebrating, Settings
from domain.worktime import is_regular, office_calendar, shift

# A win is news for so long.
NEWS = timedelta(minutes=30)
# A CRM's clock may be ahead of ours by so much.
_AHEAD = timedelta(minutes=5)
_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Celebration:
    """A won deal to be celebrated. `deal` is `<source>:<record>`, `rep` the rep's key. `at` is when it was won, or
    heard of where the CRM tells the day alone; `noted_at` when we heard of it. The amount is in whole units."""

    id: int
    deal: str
    rep: str
    at: datetime
    noted_at: datetime
    amount: Decimal | None
    currency: str | None
    title: str | None
    customer: str | None


@dataclass(frozen=True, slots=True)
class Cheer:
    """A celebration and whose it is."""

    win: Celebration
    rep: Rep


def is_news(at: datetime, now: datetime) -> bool:
    """Whether a deal won at that instant is new enough to interrupt anybody."""
    return now - NEWS < at <= now + _AHEAD


def due(cheers: Iterable[Cheer], settings: Settings, now: datetime) -> tuple[Cheer, ...]:
    """What screens may show now: nothing in quiet hours, and nothing of which we heard in them."""
    if not settings.celebrating.on or is_quiet(settings, now):
        return ()
    return tuple(each for each in cheers if is_news(each.win.at, now) and not is_quiet(settings, each.win.noted_at))


def until(win: Celebration, settings: Settings, now: datetime) -> datetime:
    """From when on a screen that was away has to leave it: it is old, or quiet hours have begun."""
    end = win.at + NEWS
    at = now.replace(second=0, microsecond=0)
    while at < end:
        at += _STEP
        if is_quiet(settings, at):
            return min(at, end)
    return end


def is_quiet(settings: Settings, at: datetime) -> bool:
    """Whether nothing is celebrated at that instant. Quiet hours may run past midnight; equal times are none."""
    rules = settings.celebrating
    local = at.astimezone(ZoneInfo(settings.timezone))
    clock, start, end = local.time(), rules.quiet_from, rules.quiet_to
    if (start <= clock < end) if start <= end else (clock >= start or clock < end):
        return True
    if not rules.workdays_only:
        return False
    office, day = office_calendar(settings), local.date()
    # Who came the evening before is still there.
    return not is_regular(office, day - DAY if at < shift(office, day - DAY)[1] else day)


def sound_of(rules: Celebrating, rep: str, team: str | None) -> str:
    """The sound of a rep's win: the rep's own, else the team's, else everybody's. '' = none."""
    own, teams = dict(rules.rep_sounds), dict(rules.team_sounds)
    return own.get(rep, teams.get(team or "", rules.sound))

"""When a screen may rest: by the calendars of those whose numbers it shows."""

from __future__ import annotations

from collections.abc import Iterable

from deps import Deps
from domain.building import sound
from domain.rest import awake
from domain.settings import AfterHours, Settings, Slot
from domain.worktime import Calendar, office_calendar, rep_calendar, today, zone_known
from layouts.calm import Calm
from storage import db as store
from storage import people


def calm(deps: Deps, playlist: Iterable[Slot]) -> Calm:
    """How a screen of this playlist looks, and in which hours of the coming days it is awake; the same all day long."""
    settings, _ = sound(deps.settings())
    if settings.after_hours is AfterHours.ON:
        return Calm(settings.theme)
    spans = awake(_calendars(deps, settings, playlist), today(settings.timezone, deps.clock()))
    return Calm(settings.theme, settings.after_hours, spans)


def _calendars(deps: Deps, settings: Settings, playlist: Iterable[Slot]) -> tuple[Calendar, ...]:
    """The office's, unless every panel is a team's: then those of the people in these teams."""
    teams = {slot.team for slot in playlist}
    if None in teams or not teams:
        return (office_calendar(settings),)
    with store.read(deps.db) as conn:
        reps, _ = people.crew(conn)
    ours = [rep for rep in reps if rep.team in teams and (rep.zone is None or zone_known(rep.zone))]
    return tuple({rep_calendar(settings, rep): None for rep in ours}) or (office_calendar(settings),)

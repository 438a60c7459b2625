"""Working time: on which days and at which hours somebody works, and how much of it has passed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from domain.board import Period
from domain.people import Absence, Rep
from domain.periods import DAY, days, days_between
from domain.settings import Hours, Settings

_MIDNIGHT = time(0)
_ANY_YEAR = 2025


@dataclass(frozen=True, slots=True)
class Calendar:
    """When one person, or the office, works. Equal calendars are interchangeable.

    `workdays` are ISO weekdays, `country` an ISO 3166 code (`DE`) or subdivision (`DE-BY`), None = no public holidays.
    `holidays_added` are days off, `holidays_removed` holidays that are none here, `workdays_added` worked days whatever
    weekday they are.
    `joined` and `left` are the first and the last day.
    """

    zone: str
    hours: Hours
    workdays: frozenset[int]
    country: str | None = None
    holidays_added: frozenset[date] = frozenset()
    holidays_removed: frozenset[date] = frozenset()
    workdays_added: frozenset[date] = frozenset()
    absences: tuple[Absence, ...] = ()
    joined: date | None = None
    left: date | None = None


def office_calendar(settings: Settings) -> Calendar:
    """The calendar of the company and its teams."""
    return Calendar(
        zone=settings.timezone,
        hours=settings.hours,
        workdays=settings.workdays,
        country=settings.country,
        holidays_added=settings.holidays_added,
        holidays_removed=settings.holidays_removed,
        workdays_added=settings.workdays_added,
    )


def rep_calendar(settings: Settings, rep: Rep) -> Calendar:
    """The calendar of one rep: their own weekdays, zone, absences and dates, and the office's hours and holidays.

    Who has weekdays of their own does not work on the office's added days.
    """
    return Calendar(
        zone=rep.zone or settings.timezone,
        hours=settings.hours,
        workdays=settings.workdays if rep.workdays is None else rep.workdays,
        country=settings.country,
        holidays_added=settings.holidays_added,
        holidays_removed=settings.holidays_removed,
        workdays_added=settings.workdays_added if rep.workdays is None else frozenset(),
        absences=rep.absences,
        joined=rep.joined,
        left=rep.left,
    )


@lru_cache(maxsize=1024)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country or subdivision. Raises ValueError that lists the countries there are."""
    code, _, subdivision = country.partition("-")
    try:
        return frozenset(holidays.country_holidays(code, subdiv=subdivision or None, years=year))
    except NotImplementedError:  # so the library says that it has no such country or subdivision
        known = holidays.list_supported_countries()
        choice = (
            [f"{code}-{part}" for part in known[code]] if code in known else [key for key in known if len(key) == 2]
        )
        raise ValueError(f"No public holidays are known for {country!r}. Use one of: {', '.join(choice)}.") from None


@lru_cache(maxsize=64)
def holidays_known(country: str) -> bool:
    """Whether there is a list of public holidays for a country or subdivision."""
    try:
        public_holidays(country, _ANY_YEAR)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def zone_known(zone: str) -> bool:
    """Whether the IANA database has a zone of that name."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def countries() -> tuple[str, ...]:
    """Codes of the countries whose public holidays are known."""
    return tuple(sorted(code for code in holidays.list_supported_countries() if len(code) == 2))


def holiday_names(country: str, year: int, language: str) -> Mapping[date, str]:
    """Public holidays by day, named in the language where that is known, else in English or the country's own."""
    code, _, subdivision = country.partition("-")
    spoken = {"en": "en_US"}.get(language, language)
    named = holidays.country_holidays(code, subdiv=subdivision or None, years=year, language=spoken)
    return dict(sorted(named.items()))


def today(zone: str, now: datetime) -> date:
    """The calendar day in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def clock_hours(now: datetime, zone: str) -> Decimal:
    """The local time in hours: 9.5 at half past nine."""
    local = now.astimezone(ZoneInfo(zone))
    return Decimal(local.hour * 3600 + local.minute * 60 + local.second) / 3600


def latest_today(settings: Settings, reps: Iterable[Rep], now: datetime) -> date:
    """The latest calendar day that has begun in the office or where one of the reps is."""
    zones = {settings.timezone, *(rep.zone for rep in reps if rep.zone is not None)}
    return max(today(zone, now) for zone in zones if zone_known(zone))


def is_workday(calendar: Calendar, day: date) -> bool:
    """Whether the person works on that day: weekday, holidays, absences, between joining and leaving."""
    return is_regular(calendar, day) and is_employed(calendar, day) and absence_on(calendar, day) is None


def is_regular(calendar: Calendar, day: date) -> bool:
    """Whether weekday and holidays make it a working day, whoever is away."""
    if day in calendar.workdays_added:
        return True
    return day.isoweekday() in calendar.workdays and not is_holiday(calendar, day)


def is_holiday(calendar: Calendar, day: date) -> bool:
    """Whether it is a public holiday that the office keeps, or a day off of its own, whatever weekday."""
    if day in calendar.holidays_added:
        return True
    if calendar.country is None or day in calendar.holidays_removed or day in calendar.workdays_added:
        return False
    return day in public_holidays(calendar.country, day.year)


def is_employed(calendar: Calendar, day: date) -> bool:
    """Whether the day lies between joining and leaving."""
    return (calendar.joined or day) <= day <= (calendar.left or day)


def absence_on(calendar: Calendar, day: date) -> Absence | None:
    """The absence that covers the day; of several, one that lowers the target."""
    covering = [absence for absence in calendar.absences if absence.first <= day <= absence.last]
    return max(covering, key=lambda absence: absence.lowers, default=None)


@lru_cache(maxsize=4096)
def workdays(calendar: Calendar, first: date, last: date) -> tuple[date, ...]:
    """The days worked from `first` to `last`, both included, in order."""
    return tuple(day for day in days_between(first, last) if is_workday(calendar, day))


def shift(calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """From when to when, in UTC, the people of that day are there, break included; a day off is not asked for.

    A shift over midnight belongs to the day on which it begins. Round the clock is from midnight to midnight.
    """
    tz, (start, end) = ZoneInfo(calendar.zone), (calendar.hours.start, calendar.hours.end)
    if start == end:
        start = end = _MIDNIGHT
    first, last = _instant(tz, day, start), _instant(tz, day if start < end else day + DAY, end)
    return datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)


def seconds(zone: str, hours: Hours, day: date, now: datetime) -> tuple[int, int]:
    """Of the office hours of that day, break excluded: seconds passed by `now`, and seconds in all (at least 1).

    Real seconds in the zone, so a round-the-clock day has 23, 24 or 25 hours. Whether anybody works on
    that day is not asked. Hours that are all break pass at once, at the end of the day.
    """
    spans = _spans(zone, hours, day)
    total = sum(end - start for start, end in spans)
    instant = int(now.timestamp())
    if not total:
        return int(instant >= _instant(ZoneInfo(zone), day + DAY, _MIDNIGHT)), 1
    return sum(min(max(instant - start, 0), end - start) for start, end in spans), total


def hours_of(calendar: Calendar, day: date) -> Fraction:
    """The office hours of that day, break excluded."""
    return Fraction(sum(end - start for start, end in _spans(calendar.zone, calendar.hours, day)), 3600)


def passed(calendar: Calendar, day: date, now: datetime) -> Fraction:
    """The part of that day's office hours that has passed, 0 to 1."""
    return Fraction(*seconds(calendar.zone, calendar.hours, day, now))


def elapsed(calendar: Calendar, period: Period, now: datetime) -> Fraction:
    """The part of the period's working days that has passed, 0 to 1; of its calendar days where nobody works."""
    counted = workdays(calendar, period.first, period.last) or tuple(days(period))
    here = today(calendar.zone, now)
    under_way = passed(calendar, here, now) if here in counted else Fraction(0)
    return (bisect_left(counted, here) + under_way) / len(counted)


def hours_left(calendar: Calendar, day: date, now: datetime) -> Fraction:
    """Office hours of that day still to come, break excluded."""
    gone, total = seconds(calendar.zone, calendar.hours, day, now)
    return Fraction(total - gone, 3600)


def workdays_left(calendar: Calendar, period: Period, now: datetime) -> Fraction:
    """Working days of the period still to come; today counts with the part of its hours that is left."""
    here = today(calendar.zone, now)
    ahead = workdays(calendar, max(here, period.first), period.last)
    return len(ahead) - (passed(calendar, here, now) if here in ahead else Fraction(0))


@lru_cache(maxsize=4096)
def _spans(zone: str, hours: Hours, day: date) -> tuple[tuple[int, int], ...]:
    """The working stretches of a calendar day as Unix seconds, in order."""
    tz = ZoneInfo(zone)
    wall = _cut(_clock_spans(hours.start, hours.end), hours.break_start, hours.break_end)
    instants = ((_at(tz, day, start), _at(tz, day, end)) for start, end in wall)
    return tuple((start, end) for start, end in instants if start < end)


def _clock_spans(start: time, end: time) -> list[tuple[int, int]]:
    """Seconds of the clock's day. A night shift (end before start) has a stretch at either end of the day."""
    first, last, midnight = _clock(start), _clock(end), 24 * 3600
    if first < last:
        return [(first, last)]
    return [(0, last), (first, midnight)] if first > last else [(0, midnight)]


def _cut(spans: list[tuple[int, int]], start: time, end: time) -> list[tuple[int, int]]:
    """The stretches without the break; equal times are no break."""
    for gap_start, gap_end in _clock_spans(start, end) if start != end else []:
        pieces = [[(first, min(last, gap_start)), (max(first, gap_end), last)] for first, last in spans]
        spans = [span for pair in pieces for span in pair if span[0] < span[1]]
    return spans


def _clock(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _at(tz: ZoneInfo, day: date, second: int) -> int:
    whole_days, rest = divmod(second, 24 * 3600)
    return _instant(tz, day + timedelta(days=whole_days), time(rest // 3600, rest // 60 % 60, rest % 60))


def _instant(tz: ZoneInfo, day: date, moment: time) -> int:
    return int(datetime.combine(day, moment, tz).astimezone(UTC).timestamp())

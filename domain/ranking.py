"""Ranking: the board's leaderboard from the scene of the ranking period and the sums of its latest days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice

from domain.board import Leaderboard, Period, Place, Progress
from domain.leaderboard import Ranked, better_score, days_in_lead, movements, rank, ties
from domain.metrics import METRICS, SUMS, Measure, Metric, Unit
from domain.periods import DAY
from domain.plans import OFFICE
from domain.points import POINTS, Rule, earning, score, scored
from domain.progress import progress
from domain.scene import Scene, rep_progress
from domain.settings import PeriodKind, Settings
from domain.sums import Converter, RepSums, actuals, by_rep
from domain.targets import looked_at
from domain.totals import Total
from domain.worktime import Calendar, workdays

VALUE, ATTAINMENT = "value", "attainment"
# So far back the days in the lead are counted.
_WINDOW = timedelta(days=35)
_ZERO = Decimal(0)

# Asked for tied reps alone: who, metric, first and last day -> when each had what they have now.
Reached = Callable[[Sequence[str], str, date, date], Mapping[str, datetime]]
Scores = dict[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class _Race:
    """What a score is made of. `lines` are the reps' progress, whose targets attainment is measured by.

    `sums` are the metrics that are added up for it, `rule` what each of them is worth where points are compared.
    """

    metric: str
    by: str
    sums: tuple[str, ...]
    rule: Rule
    lines: Mapping[str, Progress]


def parts(metric: str) -> tuple[str, ...]:
    """The sums that a ranking by this metric is made of."""
    found = METRICS[metric]
    return (metric,) if isinstance(found, Metric) else tuple(dict.fromkeys((found.over, *found.under)))


def ranked_parts(settings: Settings) -> tuple[str, ...]:
    """The sums that the office's ranking is made of."""
    if settings.rank_by == POINTS:
        return tuple(key for key, _ in earning(settings.rank_points))
    return parts(settings.rank_metric)


def reaching(settings: Settings) -> tuple[str, ...]:
    """The sums whose last record says when a score was reached: all that bring points, else the first part."""
    return ranked_parts(settings) if settings.rank_by == POINTS else ranked_parts(settings)[:1]


def ranked_by(settings: Settings, metric: str, period: PeriodKind) -> Settings:
    """The settings of an office that ranks by this metric, or by points, over this period.

    Raises KeyError for what cannot be ranked by: no such metric, or no metric is worth any points.
    """
    if metric == POINTS:
        if not earning(settings.rank_points):
            raise KeyError(metric)
        return replace(settings, rank_by=POINTS, rank_period=period)
    by = VALUE if settings.rank_by == POINTS else settings.rank_by
    return replace(settings, rank_metric=METRICS[metric].key, rank_by=by, rank_period=period)


def window(office: Calendar, period: Period, today: date) -> tuple[date, date]:
    """The days whose sums by rep `leaderboard` wants: enough for the previous working day and for a lead of weeks."""
    last = looked_at(period, today)
    previous = max(workdays(office, period.first, last - DAY), default=period.first)
    return max(period.first, min(last - _WINDOW, previous)), last


def leaderboard(at: Scene, days: Iterable[Total], converter: Converter, reached: Reached) -> Leaderboard:
    """The places of all who are not hidden, the higher first.

    `days` are the sums of `ranked_parts` by rep and day in `window`.
    """
    settings, period, office = at.floor.settings, at.floor.period, at.floor.calendars[OFFICE]
    race = _race(at, settings)
    scores = _scores(race, at.sums, [rep.key for rep in at.floor.reps if not rep.hidden])
    ranked = _ranked(at, scores, reached)
    first, today = window(office, period, at.paces[OFFICE].day)
    worked = workdays(office, period.first, period.last)
    begun = [day for day in worked if day <= today]
    closes = _closes(race, at.sums, scores, _by_day(days), converter, [day for day in begun if day >= first])
    # Further back is looked only for as long as the lead lasts.
    latest = list(islice(closes, 2))
    moved = _moved(next((close for day, close in latest if day < today), {}), ranked, at)
    in_lead = days_in_lead(chain([scores], (close for _, close in chain(latest[1:], closes))))
    return Leaderboard(
        metric=race.metric,
        unit=Unit.POINTS if race.by == POINTS else METRICS[race.metric].unit,
        rank_by=settings.rank_by,
        period=period,
        working_day=len(begun),
        working_days=len(worked),
        rows=_rows(at, race, ranked, scores, moved, in_lead),
        overtakes=sum((step or 0) > 0 for step in moved.values()),
        rule=race.rule,
    )


def _race(at: Scene, settings: Settings) -> _Race:
    if settings.rank_by != POINTS:
        lines = dict(zip(at.floor.places, rep_progress(at, settings.rank_metric), strict=True))
        return _Race(settings.rank_metric, settings.rank_by, parts(settings.rank_metric), (), lines)
    rule = earning(settings.rank_points)
    points = _points(rule, at.sums, list(at.floor.places))
    # Nobody has a plan of points.
    lines = {rep: progress(score(rule, of), None, None, at.paces[at.floor.places[rep]]) for rep, of in points.items()}
    return _Race(POINTS, POINTS, tuple(key for key, _ in rule), rule, lines)


def _points(rule: Rule, sums: RepSums, reps: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """Each rep's values of the metrics that are worth something."""
    values = {key: actuals(key, sums, reps) for key, _ in rule}
    return {rep: {key: of[place] or _ZERO for key, of in values.items()} for place, rep in enumerate(reps)}


def _scores(race: _Race, sums: RepSums, reps: Iterable[str]) -> Scores:
    asked = list(reps)
    if race.by == POINTS:
        return {rep: score(race.rule, of) for rep, of in _points(race.rule, sums, asked).items()}
    values = dict(zip(asked, actuals(race.metric, sums, asked), strict=True))
    if race.by != ATTAINMENT:
        return values
    return {rep: _attainment(value, race.lines[rep].target) for rep, value in values.items()}


def _attainment(value: Decimal | None, target: Decimal | None) -> Decimal | None:
    return value / target if value is not None and target else None


def _ranked(at: Scene, scores: Scores, reached: Reached) -> Ranked:
    tied, period = ties(scores), at.floor.period
    asked = reaching(at.floor.settings) if tied else ()
    found = [reached(tied, metric, period.first, period.last) for metric in asked]
    when = {rep: max(each[rep] for each in found if rep in each) for rep in set[str]().union(*found)}
    return rank(scores, when, _names(at))


def _by_day(totals: Iterable[Total]) -> dict[date, list[Total]]:
    rows: dict[date, list[Total]] = {}
    for total in totals:
        if total.day is not None:
            rows.setdefault(total.day, []).append(total)
    return rows


def _closes(
    race: _Race,
    sums: RepSums,
    scores: Scores,
    by_day: dict[date, list[Total]],
    converter: Converter,
    worked: Sequence[date],
) -> Iterator[tuple[date, Scores]]:
    """The scores at the close of each working day, the latest first: today's less what came after that day."""
    left = {part: dict(sums.of.get(part, {})) for part in race.sums}
    later = sorted(by_day)
    for day in reversed(worked):
        changed: set[str] = set()
        while later and later[-1] > day:
            changed |= _take_away(left, by_rep(by_day[later.pop()], converter).of)
        scores = scores | _scores(race, replace(sums, of=left), changed & scores.keys())
        yield day, scores


def _take_away(left: dict[str, dict[str, Decimal]], gone: Mapping[str, dict[str, Decimal]]) -> set[str]:
    """Subtract one day's sums in place; who had any."""
    for part in left.keys() & gone.keys():
        for rep, value in gone[part].items():
            left[part][rep] = left[part].get(rep, _ZERO) - value
    return {rep for part in left.keys() & gone.keys() for rep in gone[part]}


def _moved(before: Scores, ranked: Ranked, at: Scene) -> dict[str, int | None]:
    """Places gained since then. While nobody had anything, nobody had a place."""
    return movements(rank(before, {}, _names(at)) if any(before.values()) else [], ranked)


def _rows(
    at: Scene,
    race: _Race,
    ranked: Ranked,
    scores: Scores,
    moved: Mapping[str, int | None],
    in_lead: Mapping[str, int],
) -> tuple[Place, ...]:
    reps = {rep.key: rep for rep in at.floor.reps}
    better = better_score(ranked, scores)
    counter = None if race.by == POINTS else _records_of(race.metric)
    brought = _points(race.rule, at.sums, list(scores)) if race.rule else {}
    records = at.sums.of.get(counter, {}) if counter else {}
    rows = []
    for place, key in ranked:
        rep, of = reps[key], race.lines[key]
        rows.append(
            Place(
                place=place,
                rep=key,
                name=rep.name,
                team=at.team_names.get(rep.team or ""),
                photo=rep.photo,
                value=of.actual or _ZERO,
                target=of.target,
                attainment=of.attainment,
                movement=moved[key],
                gap_to_next=_gap(race, key, better.get(key), scores[key]),
                count=int(records.get(key, _ZERO)) if counter else None,
                required_rate=of.required_rate,
                status=of.status,
                days_in_lead=in_lead.get(key) if place == 1 else None,
                scored=scored(race.rule, brought.get(key, {})),
            )
        )
    return tuple(rows)


def _gap(race: _Race, rep: str, better: Decimal | None, own: Decimal | None) -> Decimal | None:
    """The distance to the next better place as a value; by attainment, what one's own target makes of it."""
    target = race.lines[rep].target
    if better is None or own is None:
        return None
    if race.by != ATTAINMENT:
        return better - own
    return (better - own) * target if target else None


def _records_of(key: str) -> str | None:
    """The metric that counts the records of a sum of money, None where none counts just these."""
    money = METRICS[key]
    if not isinstance(money, Metric) or money.measure is not Measure.AMOUNT:
        return None
    counting = (metric.key for metric in SUMS if metric == replace(money, key=metric.key, measure=Measure.COUNT))
    return next(counting, None)


def _names(at: Scene) -> dict[str, str]:
    return {rep.key: rep.name for rep in at.floor.reps}

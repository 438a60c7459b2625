"""One figure in words: what was read from the store, as a reader's language says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from callbacks.settings import number_views
from callbacks.settings.number_views import View
from domain.board import Board, MetricBoard, Progress
from domain.counting import Count, LeftOut, Outside, Whose
from domain.explaining import DayShare, DayWord, Portion, RowState
from domain.metrics import METRICS, Measure, Metric, Ratio, Reason, Unit
from domain.records import Record, RecordPage
from domain.settings import DayShape, Settings
from domain.targets import COMPANY, REP
from domain.totals import RateBook, exponent
from layouts import format as write
from layouts import words
from layouts.mine.rank import Sentence
from layouts.mine.records import safe_address, title, when
from layouts.settings.figure import DayRow, Entry, Figure, PlanRow, Records, Share
from layouts.text import Text, mark
from storage.targets import StoredTarget

# As many as a rate needs for an amount of a thousand to come out to the cent.
_RATE_DIGITS = 6
_ROW_STATES = {
    RowState.HOLDS: mark("holds"),
    RowState.ELSEWHERE: mark("not needed: a target of another length goes first"),
    RowState.REPLACED: mark("replaced by a later one"),
    RowState.WITHDRAWN: mark("withdrawn"),
    RowState.LATER: mark("begins later"),
}
_DAY_WORDS = {
    DayWord.WORK: mark("working day"),
    DayWord.OFF: mark("day off"),
    DayWord.HOLIDAY: mark("public holiday"),
    DayWord.AWAY: mark("away: the plan is lower"),
    DayWord.KEPT: mark("away: the plan stays"),
    DayWord.NOT_YET: mark("not here yet"),
    DayWord.LEFT: mark("not here any more"),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that one figure's page is told from. `board` is the one on which the figure stands.

    `value` is the figure as the records make it, `counts` what each of its sums comes to. `names` are those of people
    and teams by key.
    """

    view: View
    settings: Settings
    board: Board
    metric: MetricBoard
    progress: Progress
    whose: Whose
    value: Decimal | None
    counts: tuple[Count, ...]
    page: RecordPage
    rates: RateBook
    rows: tuple[tuple[StoredTarget, RowState], ...]
    portions: tuple[Portion, ...]
    days: tuple[DayShare, ...]
    names: Mapping[str, str]
    today: date


def figure(text: Text, ground: Ground, place: Sequence[Sentence], corrections: str) -> Figure:
    """The whole page in words; `corrections` is where one sees what changed in the figure afterwards."""
    view, progress = ground.view, ground.progress
    now = write.instant(text, ground.board.now, ground.settings.timezone)
    ratio = isinstance(METRICS[view.metric], Ratio)
    return Figure(
        title=f"{words.metric_name(text, view.metric)} · {_name(text, ground)}",
        lead=text.t("{period}, as it stands on {when}.", period=number_views.title(text, view.period), when=now),
        back=number_views.address(replace(view, metric="", scope=COMPANY, key="", part="", after="")),
        corrections=corrections,
        facts=_facts(text, ground),
        formula=_formula(text, ground) if ratio else None,
        unavailable=None if ground.metric.available else text.t("No source gives this: it is not available."),
        records=_records(text, ground),
        left_out=tuple(_left_out(text, ground, each) for found in ground.counts for each in found.left_out),
        rows=tuple(_row(text, ground, *each) for each in ground.rows),
        shares=_shares(text, ground),
        target="" if progress.target is None else exact(text, ground, progress.target),
        days=tuple(_day(text, ground, each) for each in ground.days) if ground.portions else (),
        expected="" if progress.expected is None else exact(text, ground, progress.expected),
        by_usual_day=ground.settings.day_shape is DayShape.USUAL,
        ratio=ratio,
        place=place,
    )


def exact(text: Text, ground: Ground, value: Decimal | None, key: str = "") -> str:
    """A value to its last digit, so that what is listed can be added up. `key` is a metric, '' = the figure's own."""
    if value is None:
        return "–"
    unit, currency = METRICS[key or ground.view.metric].unit, ground.settings.currency
    if unit is Unit.MONEY:
        return write.money(text, value, currency, exponent(currency))
    if unit is Unit.SECONDS:
        return _clock(value)
    return write.percent(text, value, 1) if unit is Unit.RATIO else write.number(text, value, 2)


def secure(url: str | None) -> str | None:
    """The way into the CRM, over https alone."""
    safe = safe_address(url)
    return safe if safe is not None and urlsplit(safe).scheme == "https" else None


def _name(text: Text, ground: Ground) -> str:
    whose = ground.whose
    return text.t("Company") if whose.scope == COMPANY else ground.names.get(whose.key, whose.key)


def _facts(text: Text, ground: Ground) -> tuple[tuple[str, str, str], ...]:
    progress = ground.progress
    found = [("actual", text.t("Fact"), exact(text, ground, progress.actual))]
    found += [("target", text.t("Plan"), exact(text, ground, progress.target))]
    if progress.target is not None:
        found += [("expected", text.t("Expected by now"), exact(text, ground, progress.expected))]
    if progress.attainment is not None:
        found += [("attainment", text.t("Done"), write.percent(text, progress.attainment, 1))]
    return tuple(found)


def _formula(text: Text, ground: Ground) -> str:
    """Won deals 8 ÷ (Won deals 8 + Lost deals 20) = 28.6 %."""
    ratio = METRICS[ground.view.metric]
    if not isinstance(ratio, Ratio):
        return ""
    values = {each.metric: each.value for each in ground.counts}

    def part(key: str) -> str:
        return f"{words.metric_name(text, key)} {exact(text, ground, values[key], key)}"

    under = " + ".join(map(part, ratio.under))
    under = f"({under})" if len(ratio.under) > 1 else under
    return f"{part(ratio.over)} ÷ {under} = {exact(text, ground, ground.value)}"


def _records(text: Text, ground: Ground) -> Records:
    view = ground.view
    metric = METRICS[view.part]
    found = next(each for each in ground.counts if each.metric == view.part)
    measure = metric.measure if isinstance(metric, Metric) else Measure.COUNT
    newest = number_views.address(replace(view, after="")) if view.after else None
    older = number_views.address(replace(view, after=ground.page.more)) if ground.page.more else None
    return Records(
        tabs=number_views.tabs(text, view),
        entries=tuple(_entry(text, ground, each, measure) for each in ground.page.records),
        count=found.records,
        total=exact(text, ground, found.value, view.part),
        with_who=ground.whose.scope != REP,
        of_money=measure is Measure.AMOUNT,
        of_time=measure is Measure.SECONDS,
        currency=write.symbol(ground.settings.currency),
        newest=newest,
        older=older,
    )


def _entry(text: Text, ground: Ground, record: Record, measure: Measure) -> Entry:
    fact, name = record.fact, title(record.fact, text)
    rate, adds = _adds(text, ground, record, measure)
    customer = fact.customer if fact.customer and fact.customer != name else None
    source = record.source if len(ground.board.sources) > 1 else None
    return Entry(
        day=when(record, ground.settings.timezone, text),
        who=ground.names.get(record.rep, record.rep),
        title=name,
        under=" · ".join(each for each in (customer, source) if each),
        url=secure(record.url),
        size=_size(text, record),
        rate=rate,
        adds=adds,
    )


def _adds(text: Text, ground: Ground, record: Record, measure: Measure) -> tuple[str, str]:
    """The rate of the record's day, and what the record adds to the sum."""
    fact = record.fact
    if measure is Measure.SECONDS:
        return "", _clock(Decimal(fact.seconds or 0))
    if measure is not Measure.AMOUNT or fact.amount is None:
        return "", ""
    base = ground.settings.currency
    rate = ground.rates.value(fact.currency or base, record.day)
    if rate is None:
        return text.t("no rate"), text.t("left out")
    said = "" if fact.currency in (base, None) else write.number(text, rate, _RATE_DIGITS)
    return said, write.money(text, fact.amount * rate, base, exponent(base))


def _size(text: Text, record: Record) -> str:
    fact = record.fact
    if fact.amount is not None and fact.currency is not None:
        return write.money(text, fact.amount, fact.currency, exponent(fact.currency))
    return "" if fact.seconds is None else _clock(Decimal(fact.seconds))


def _clock(seconds: Decimal) -> str:
    """3:05:09 · 2:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _left_out(text: Text, ground: Ground, left: LeftOut) -> str:
    n = left.count
    if left.why is Outside.NO_RATE:
        amount = write.money(text, left.amount, left.currency, exponent(left.currency))
        return text.tn(
            "{n} record of {amount}: there is no rate from {currency} to {base} for its day.",
            "{n} records of {amount}: there is no rate from {currency} to {base} for their days.",
            n,
            amount=amount,
            currency=left.currency,
            base=ground.settings.currency,
        )
    if left.why is Outside.UNMAPPED:
        return text.tn(
            "{n} record of people who are not known to sell. Say on the People page who does.",
            "{n} records of people who are not known to sell. Say on the People page who does.",
            n,
        )
    if left.why is Outside.AHEAD:
        return text.tn(
            "{n} record dated ahead: it counts when its day comes.",
            "{n} records dated ahead: they count when their days come.",
            n,
        )
    return _narrowed(text, ground, left.why, n)


def _narrowed(text: Text, ground: Ground, why: Reason | Outside, n: int) -> str:
    if why is Reason.SHORT:
        seconds = ground.settings.productive_seconds
        return text.tn(
            "{n} call under {seconds} s: too short to be productive.",
            "{n} calls under {seconds} s: too short to be productive.",
            n,
            seconds=seconds,
        )
    if why is Reason.MISSED:
        return text.tn("{n} incoming call that nobody answered.", "{n} incoming calls that nobody answered.", n)
    if why is Reason.TAKEN:
        return text.tn("{n} call that was placed or answered.", "{n} calls that were placed or answered.", n)
    if why is Reason.INCOMING:
        return text.tn("{n} incoming email.", "{n} incoming emails.", n)
    if why is Reason.ONLY_MONEY:
        return text.tn(
            "{n} credit note or part payment: it changes the amount and is no invoice of its own.",
            "{n} credit notes or part payments: they change the amount and are no invoices of their own.",
            n,
        )
    return text.tn("{n} record without an amount.", "{n} records without an amount.", n)


def _row(text: Text, ground: Ground, stored: StoredTarget, state: RowState) -> PlanRow:
    row = stored.target
    return PlanRow(
        value=exact(text, ground, row.value),
        period=words.period_name(text, row.period),
        since=write.short_day(text, row.since),
        until="–" if row.until is None else write.short_day(text, row.until),
        set_at=write.instant(text, stored.recorded_at, ground.settings.timezone),
        author=stored.author,
        note=stored.note,
        state=text.t(_ROW_STATES[state]),
        holds=state is RowState.HOLDS,
    )


def _shares(text: Text, ground: Ground) -> tuple[Share, ...]:
    """The targets that are summed, where the figure has none of its own."""
    whose = ground.whose
    found = [each for each in ground.portions if (each.scope, each.key) != (whose.scope, whose.key)]
    return tuple(
        Share(
            name=ground.names.get(each.key, each.key),
            address=number_views.address(replace(ground.view, scope=each.scope, key=each.key, after="")),
            value=exact(text, ground, each.target),
        )
        for each in found
    )


def _day(text: Text, ground: Ground, each: DayShare) -> DayRow:
    crew = len(ground.whose.reps)
    return DayRow(
        day=write.long_day(text, each.day),
        word=text.t(_DAY_WORDS[each.word]),
        at_work="" if ground.whose.scope == REP else text.t("{n} of {all}", n=each.at_work, all=crew),
        share="–" if each.share is None else exact(text, ground, each.share),
        due="–" if each.share is None else exact(text, ground, each.due),
        today=each.day == ground.today,
    )

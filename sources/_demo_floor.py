"""The demo sales floor: who works there, what a record's story is, and the routine and the invoices of a day."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

from domain.facts import Change, Direction, Fact, Kind, OpenDeal
from sources import _demo_cast as cast
from sources import _demo_time as office

# A manager's ordinary day, before strength, trend and weekday. Calls and e-mails are of both directions.
CALLS, EMAILS, MEETINGS, TASKS, LEADS, INVOICES = 19.5, 14.5, 0.8, 3.0, 1.4, 2.9
OUTGOING_CALLS, OUTGOING_EMAILS, ANSWERED, PAID = 0.7, 0.75, 0.84, 0.85
INVOICE_PRICES = office.Prices(17_000, 0.6, 2_000, 120_000)

_WEEKDAYS = (1.0, 1.1, 1.08, 1.02, 0.82, 0.03, 0.02)
_LONGEST_PAYMENT = 20


@dataclass(frozen=True, slots=True)
class Manager:
    """How one manager differs from the others: factors around 1; `period` and `phase` are the trend's, in days."""

    id: str
    diligence: float
    writing: float
    billing: float
    skill: float
    period: float
    phase: float


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant at which a record changes: the facts it brings, and the open deal from then on."""

    at: datetime
    facts: tuple[Fact, ...]
    open_deal: OpenDeal | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All that will ever happen to one record, in order."""

    record: str
    owner: str
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """The office: its managers, and the zone and the currency it lives in."""

    seed: str
    managers: tuple[Manager, ...]
    zone: ZoneInfo
    currency: str


def open_floor(seed: str, reps: int, zone: ZoneInfo, currency: str) -> Floor:
    """A floor with its managers' characters drawn."""
    return Floor(seed, tuple(_manager(seed, number + 1) for number in range(reps)), zone, currency)


def told(story: Story, now: datetime) -> tuple[datetime, Change] | None:
    """What a CRM would say of the record at that instant, and since when; None before it exists."""
    past = [moment for moment in story.moments if moment.at <= now]
    if not past:
        return None
    facts = tuple(fact for moment in past for fact in moment.facts)
    return past[-1].at, Change(story.record, facts, owner=story.owner, open_deal=past[-1].open_deal)


def routine(floor: Floor, day: date) -> Iterator[Story]:
    """The calls, e-mails, meetings, tasks and leads of a day: each is over when it happens."""
    for manager in floor.managers:
        rng = office.chance(f"{floor.seed}:{manager.id}:{day}")
        share = strength(manager, day)
        for kind, mean in (
            (Kind.CALL, CALLS * manager.diligence),
            (Kind.EMAIL, EMAILS * manager.writing),
            (Kind.MEETING, MEETINGS * manager.diligence),
            (Kind.TASK_DONE, TASKS * manager.diligence),
            (Kind.LEAD_CREATED, LEADS),
        ):
            for number in range(office.count(rng, mean * share)):
                at = office.instant(floor.zone, day, office.second(rng))
                yield _single(f"{kind}:{day:%Y%m%d}.{manager.id}.{number}", _routine_fact(kind, at, manager.id, rng))


def invoices(floor: Floor, first: date, last: date) -> Iterator[Story]:
    """Every invoice with a moment between the two days, and some more from before them."""
    for day in office.workdays(first, last, before=_LONGEST_PAYMENT):
        for manager in floor.managers:
            yield from _issued(floor, manager, day)


def strength(manager: Manager, day: date) -> float:
    """How much of an ordinary day this one is: the weekday, and people's better and worse weeks (a slow wave)."""
    wave = math.sin(2 * math.pi * day.toordinal() / manager.period + manager.phase)
    return _WEEKDAYS[day.weekday()] * (1 + 0.1 * wave)


def _manager(seed: str, number: int) -> Manager:
    rng = office.chance(f"{seed}:{number}")
    return Manager(
        id=str(number),
        diligence=rng.uniform(0.86, 1.14),
        writing=rng.uniform(0.8, 1.2),
        billing=rng.uniform(0.75, 1.3),
        skill=rng.uniform(0.6, 1.5),
        period=rng.uniform(50, 110),
        phase=rng.uniform(0, 2 * math.pi),
    )


def _routine_fact(kind: Kind, at: datetime, rep: str, rng: Random) -> Fact:
    if kind is Kind.CALL:
        direction = Direction.OUT if rng.random() < OUTGOING_CALLS else Direction.IN
        answered = rng.random() < ANSWERED
        seconds = min(int(rng.lognormvariate(4.5, 0.9)) + 3, 2400) if answered else 0
        customer = cast.customer(rng)
        return Fact(kind, at, rep, seconds=seconds, direction=direction, answered=answered, customer=customer)
    if kind is Kind.EMAIL:
        direction = Direction.OUT if rng.random() < OUTGOING_EMAILS else Direction.IN
        return Fact(kind, at, rep, direction=direction, customer=cast.customer(rng))
    return Fact(kind, at, rep, customer=cast.customer(rng))


def _issued(floor: Floor, manager: Manager, day: date) -> Iterator[Story]:
    rng = office.chance(f"{floor.seed}:{manager.id}:{day}:invoices")
    for number in range(office.count(rng, INVOICES * manager.billing * strength(manager, day))):
        issued = Fact(
            Kind.INVOICE_ISSUED,
            office.instant(floor.zone, day, office.second(rng)),
            manager.id,
            amount=office.amount(rng, INVOICE_PRICES, floor.currency),
            currency=floor.currency,
            title=f"INV-{day:%y%m%d}-{manager.id}{number}",
            customer=cast.customer(rng),
        )
        moments = [Moment(issued.at, (issued,))]
        delay, second, honest = office.days(rng, 6, 0.6, _LONGEST_PAYMENT), office.second(rng), rng.random() < PAID
        if honest:
            at = office.instant(floor.zone, office.workday(office.index(day) + delay), second)
            moments.append(Moment(at, (replace(issued, kind=Kind.INVOICE_PAID, at=at),)))
        yield Story(f"invoice:{day:%Y%m%d}.{manager.id}.{number}", manager.id, tuple(moments))


def _single(record: str, fact: Fact) -> Story:
    return Story(record, fact.rep or "", (Moment(fact.at, (fact,)),))

"""The deals of the demo sales floor: each is told from its end, so that wins can be spread over the day."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from random import Random

from domain.facts import Fact, Kind, OpenDeal
from sources import _demo_cast as cast
from sources import _demo_time as office
from sources._demo_floor import Floor, Manager, Moment, Story, strength

STAGES = ("New", "Qualified", "Offer", "Negotiation")
WINS, LOSSES = 0.5, 1.1
DEAL_PRICES = office.Prices(52_000, 0.65, 8_000, 300_000)

_PIPELINE = "Sales"
# One win every 39 minutes over the floor, whatever its size: whoever watches the wall sees one.
_LEAST_WINS = 14
_LONGEST = 60
_FORGOTTEN = 0.15


@dataclass(frozen=True, slots=True)
class _Plan:
    """A deal before its details: from where to where it runs on the scale of working seconds, and how it ends."""

    record: str
    owner: str
    start: int
    end: int
    kind: Kind
    forgotten: bool = False


def deals(floor: Floor, first: date, last: date) -> Iterator[Story]:
    """Every deal with a moment between the two days, and some more from around them."""
    horizon = (office.index(last) + 1) * office.SECONDS
    for day in office.workdays(first, last, after=_LONGEST):
        plans = (*_won(floor, day), *(plan for manager in floor.managers for plan in _lost(floor, manager, day)))
        yield from (_deal(floor, plan) for plan in plans if plan.start < horizon)


def wins_a_day(floor: Floor, manager: Manager) -> float:
    """How many deals a manager wins on an ordinary day."""
    share = manager.skill / sum(other.skill for other in floor.managers)
    return share * max(_LEAST_WINS, WINS * len(floor.managers))


def _won(floor: Floor, day: date) -> Iterator[_Plan]:
    """The wins of a day are spread over it evenly."""
    rng = office.chance(f"{floor.seed}:wins:{day}")
    mean = sum(WINS * strength(manager, day) for manager in floor.managers)
    number = max(_LEAST_WINS, office.count(rng, mean))
    for place, winner in enumerate(_winners(floor, day, number, rng)):
        second = int((place + rng.uniform(0.4, 0.6)) * office.SECONDS / number)
        age = office.days(rng, 9, 0.7, _LONGEST)
        yield _plan(f"deal:{day:%Y%m%d}.{place}", winner, day, second, age, Kind.DEAL_WON, rng)


def _winners(floor: Floor, day: date, number: int, rng: Random) -> list[str]:
    """Who wins, in proportion to skill: evenly spaced points on the line of everybody's weights, then shuffled.

    Drawing each winner apart would leave a month's plan to luck alone.
    """
    heights = list(accumulate(manager.skill * strength(manager, day) for manager in floor.managers))
    step, offset = heights[-1] / number, rng.random()
    winners = [
        floor.managers[bisect(heights, (place + offset) * step, hi=len(heights) - 1)].id for place in range(number)
    ]
    rng.shuffle(winners)
    return winners


def _lost(floor: Floor, manager: Manager, day: date) -> Iterator[_Plan]:
    rng = office.chance(f"{floor.seed}:{manager.id}:{day}:losses")
    for place in range(office.count(rng, LOSSES * strength(manager, day))):
        forgotten = rng.random() < _FORGOTTEN
        age = rng.randint(_LONGEST // 2, _LONGEST) if forgotten else office.days(rng, 9, 0.8, _LONGEST)
        record = f"deal:{day:%Y%m%d}.{manager.id}.{place}"
        yield _plan(record, manager.id, day, office.second(rng), age, Kind.DEAL_LOST, rng, forgotten)


def _plan(
    record: str, owner: str, day: date, second: int, age: int, kind: Kind, rng: Random, forgotten: bool = False
) -> _Plan:
    """A deal that ends at that second of the day and was created `age` working days before."""
    end = office.index(day) * office.SECONDS
    start = end - age * office.SECONDS + office.second(rng)
    return _Plan(record, owner, start, end + second, kind, forgotten)


def _deal(floor: Floor, plan: _Plan) -> Story:
    """The deal from its creation through stages to its end."""
    rng = office.chance(f"{floor.seed}:{plan.record}")
    customer, amount = cast.customer(rng), office.amount(rng, DEAL_PRICES, floor.currency)
    steps = len(STAGES) - 1 if plan.kind is Kind.DEAL_WON else rng.randrange(len(STAGES))
    # A forgotten deal is worked on at first, and then nobody touches it.
    touched = plan.start + max((plan.end - plan.start) // (5 if plan.forgotten else 1), 1)
    marks = (plan.start, *sorted(rng.randint(plan.start + 1, touched) for _ in range(steps)), plan.end)
    turns = [office.moment(floor.zone, mark) for mark in marks]
    created = Fact(
        Kind.DEAL_CREATED,
        turns[0],
        plan.owner,
        amount=amount,
        currency=floor.currency,
        title=f"{customer}: {cast.goods(rng)}",
        customer=customer,
        pipeline=_PIPELINE,
    )
    silent = steps if plan.forgotten else None
    moments = [_worked_on(created, turns, place, silent) for place in range(steps + 1)]
    reason = cast.loss_reason(rng, plan.forgotten) if plan.kind is Kind.DEAL_LOST else None
    closed = replace(created, kind=plan.kind, at=turns[-1], stage=STAGES[steps] if reason else None, loss_reason=reason)
    return Story(plan.record, plan.owner, (*moments, Moment(closed.at, (closed,))))


def _worked_on(created: Fact, turns: Sequence[datetime], place: int, silent: int | None) -> Moment:
    """The deal comes into the stage of that place, and the next step is planned unless it falls silent there."""
    state = OpenDeal(
        owner=created.rep,
        created=created.at,
        title=created.title,
        stage=STAGES[place],
        pipeline=created.pipeline,
        amount=created.amount,
        currency=created.currency,
        next_activity=None if place == silent else turns[place + 1],
    )
    return Moment(turns[place], _entered(created, turns[place], place), state)


def _entered(created: Fact, at: datetime, place: int) -> tuple[Fact, ...]:
    """What coming into a stage stands for; the offer goes out with the stage of that name."""
    if place == 0:
        return (created,)
    entered = replace(created, kind=Kind.STAGE_ENTERED, at=at, stage=STAGES[place])
    if STAGES[place] != "Offer":
        return (entered,)
    return (entered, replace(created, kind=Kind.OFFER_SENT, at=at))

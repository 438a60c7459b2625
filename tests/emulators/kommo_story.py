"""Sixty days in a made-up sales office, and what may happen to it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from tests.emulators.kommo_world import LOST, PIPELINES, WON, World

DAY = 86400


def tell(world: World, rng: Random, days: int, leads: int, calls: int) -> None:
    """Fill the account: leads that move, are won and lost, calls of every sort, letters, tasks, invoices."""
    end = int(world.clock.seconds)
    start = end - days * DAY
    for _ in range(leads):
        _lead_life(world, rng, rng.randrange(start, end), end)
    for _ in range(calls):
        make_call(world, rng, rng.randrange(start, end))
    for _ in range(leads // 4):
        world.letter(rng.choice(world.users), rng.randrange(start, end))
        _task_life(world, rng, rng.randrange(start, end), end)


def make_call(world: World, rng: Random, at: int | None = None) -> None:
    """One call, on any kind of record, with or without a status and a mark, sometimes noted twice."""
    rep, outgoing = rng.choice(world.users), rng.random() < 0.6
    status = rng.choice((4, 4, 6, 7, None, None))
    seconds = 0 if status in (6, 7) or rng.random() < 0.2 else rng.randrange(1, 900)
    uniq = f"mark-{rng.random()}" if rng.random() < 0.7 else ""
    entity = rng.choice(("contacts", "contacts", "contacts", "leads", "companies"))
    quirks = {"created_by": 0, "responsible_user_id": rep} if rng.random() < 0.1 else {}
    world.call(entity, rep, outgoing, seconds, status, uniq, at, **quirks)
    if uniq and rng.random() < 0.3:
        world.call("leads", rep, outgoing, seconds, status, uniq, at)


def mutations(world: World, rng: Random) -> list[Callable[[], None]]:
    """Everything that may happen now, each a deed that can be done at once."""
    leads = rng.sample(sorted(world.leads.rows), min(8, len(world.leads.rows)))
    deeds: list[Callable[[], None]] = [
        lambda: make_call(world, rng),
        lambda: world.letter(rng.choice(world.users)),
        lambda: _new_lead(world, rng),
        lambda: _task_step(world, rng),
        lambda: _invoice_step(world, rng),
        lambda: _bin_step(world, rng),
    ]
    for lead in leads:
        deeds += _lead_deeds(world, rng, lead)
    return deeds


def happen(world: World, rng: Random, count: int) -> None:
    """Do some of it, seconds or minutes apart, sometimes within one second."""
    for _ in range(count):
        rng.choice(mutations(world, rng))()
        world.clock.sleep(rng.choice((0, 0, 1, 7, 40)))


def _lead_deeds(world: World, rng: Random, lead: int) -> list[Callable[[], None]]:
    row = world.leads.rows[lead]
    pipeline = row["pipeline_id"]
    other = 30 - pipeline
    deeds: list[Callable[[], None]] = [
        lambda: world.hand_over(lead, rng.choice(world.users)),
        lambda: world.reprice(lead, _amount(rng)),
        lambda: world.bump(lead),
        lambda: _change(world, lead, row, rng.choice(PIPELINES[pipeline][1]), None, rng),
        lambda: _change(world, lead, row, rng.choice(PIPELINES[other][1]), other, rng),
        lambda: _change(world, lead, row, WON, None, rng),
        lambda: _change(world, lead, row, LOST, None, rng),
    ]
    if row["status_id"] in (WON, LOST):
        earlier = int(world.clock.seconds) - rng.randrange(10 * DAY)
        deeds.append(lambda: world.backdate(lead, earlier))
        # A closed lead goes to the other pipeline's closed stage: it stays won, or lost, as it was.
        deeds.append(lambda: _change(world, lead, row, row["status_id"], other, rng))
    return deeds


def _change(world: World, lead: int, row: dict[str, object], status: int, pipeline: int | None, rng: Random) -> None:
    if (status, pipeline or row["pipeline_id"]) != (row["status_id"], row["pipeline_id"]):
        world.move(lead, status, pipeline, reason=rng.choice((1, 2, 3)))


def _new_lead(world: World, rng: Random) -> None:
    lead = world.lead(rng.choice(world.users), _amount(rng), rng.choice((10, 20)))
    if rng.random() < 0.3:
        world.clock.sleep(2)
        world.move(lead, WON)
        world.clock.sleep(1)
        world.hand_over(lead, rng.choice(world.users))


def _bin_step(world: World, rng: Random) -> None:
    lead = rng.choice(sorted(world.leads.rows))
    choice = rng.random()
    if choice < 0.4 and world.bin:
        world.restore(rng.choice(sorted(world.bin)))
    elif world.leads.rows[lead]["elements"]:
        # Whose an invoice of a deleted deal was cannot be known by somebody who never saw the deal.
        return
    elif choice < 0.8:
        world.delete(lead)
    else:
        loser = rng.choice(sorted(world.leads.rows))
        if loser != lead and not world.leads.rows[loser]["elements"]:
            world.merge(lead, loser)


def _task_step(world: World, rng: Random) -> None:
    task = rng.choice(sorted(world.tasks.rows)) if world.tasks.rows else None
    choice = rng.random()
    if task is None or choice < 0.3:
        world.task(rng.choice(world.users), rng.choice((1, 1, 2)))
    elif not world.tasks.rows[task]["is_completed"]:
        world.finish(task)
    elif choice < 0.5:
        world.reopen_task(task)
    elif choice < 0.8:
        world.retitle_task(task)
    else:
        world.delete_task(task)


def _invoice_step(world: World, rng: Random) -> None:
    element = rng.choice(sorted(world.elements.rows)) if world.elements.rows else None
    if element is None or rng.random() < 0.3:
        lead = rng.choice(sorted(world.leads.rows)) if rng.random() < 0.8 else None
        world.invoice(lead, rng.choice(world.users), _amount(rng))
        return
    row = world.elements.rows[element]
    linked = any(element in lead["elements"] for lead in world.bin.values())
    if row["is_deleted"] or linked:
        return
    paid = ("invoices_paid", f"invoice:{element}") in world.ledger.entries
    if rng.random() < 0.1:
        world.cancel(element)
    elif paid:
        world.unpay(element)
    else:
        world.pay(element, told=rng.random() < 0.8)


def _lead_life(world: World, rng: Random, born: int, end: int) -> None:
    pipeline = rng.choice((10, 10, 20))
    lead, at = world.lead(rng.choice(world.users), _amount(rng), pipeline, born), born
    for stage in PIPELINES[pipeline][1][1 : rng.randrange(1, 4)]:
        at += rng.randrange(1, 3 * DAY)
        if at >= end:
            return
        world.move(lead, stage, at=at)
        if rng.random() < 0.2 and at + 100 < end:
            world.hand_over(lead, rng.choice(world.users), at + 100)
            at += 100
    at += rng.randrange(1, 5 * DAY)
    if at >= end or rng.random() < 0.3:
        return
    world.move(lead, WON if rng.random() < 0.4 else LOST, at=at, reason=rng.choice((1, 2, 3)))
    if rng.random() < 0.2 and at + 5000 < end:
        world.hand_over(lead, rng.choice(world.users), at + 5000)
        at += 5000
    if rng.random() < 0.3 and at + 9000 < end:
        _invoice_life(world, rng, lead, at + 10, end)


def _invoice_life(world: World, rng: Random, lead: int, at: int, end: int) -> None:
    element = world.invoice(lead, rng.choice(world.users), _amount(rng), at)
    at += rng.randrange(60, 3 * DAY)
    if rng.random() < 0.6 and at < end:
        world.pay(element, at)


def _task_life(world: World, rng: Random, at: int, end: int) -> None:
    task = world.task(rng.choice(world.users), rng.choice((1, 1, 2)), at)
    at += rng.randrange(60, 2 * DAY)
    if rng.random() < 0.7 and at < end:
        world.finish(task, at)


def _amount(rng: Random) -> Decimal:
    return Decimal(rng.randrange(10_000, 9_000_000)) / 100

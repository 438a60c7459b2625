"""Sixty days in a made-up office that works with Odoo, and what may happen to it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from tests.emulators.odoo_books import Books
from tests.emulators.odoo_world import (
    ACTIVITY,
    CALL,
    EUR,
    LEAD,
    MEETING,
    MOVE,
    ORDER,
    PAID_AHEAD,
    STAGES,
    TO_DO,
    UAH,
    USD,
    WON,
    World,
)

DAY = 86400
ZONE = ZoneInfo("Europe/Kyiv")
_OUTCOMES = (WON, WON, PAID_AHEAD, None, None, 0, 0)


def tell(world: World, books: Books, rng: Random, days: int, leads: int) -> None:
    """Fill the database: deals of every sort, activities, letters, invoices, quotations."""
    end = int(world.clock.seconds)
    start = end - days * DAY
    for _ in range(leads):
        _lead_life(world, rng, rng.randrange(start, end), end)
        at = rng.randrange(start, end)
        activity = world.plan(rng.choice(world.reps), rng.choice((CALL, CALL, MEETING, TO_DO)))
        world.finish(activity, rng.choice((None, world.reps[1])), at)
        world.letter(
            rng.choice(world.reps), at=rng.randrange(start, end), kind=rng.choice(("comment", "email_outgoing"))
        )
    for _ in range(leads // 4):
        world.noise(rng.choice(world.reps), rng.randrange(start, end))
        _invoice_life(books, rng, datetime.fromtimestamp(rng.randrange(start, end), UTC).date())
        order = world.order(rng.choice(world.reps), _amount(rng), rng.randrange(start, end))
        if rng.random() < 0.7:
            world.send(order, max(rng.randrange(start, end), int(world.tables[ORDER][order]["create_date"])))


def happen(world: World, books: Books, rng: Random, count: int) -> None:
    """Do some of what may happen, seconds or minutes apart, sometimes within one second."""
    for _ in range(count):
        rng.choice(_deeds(world, books, rng))()
        world.clock.sleep(rng.choice((0, 0, 1, 7, 40)))


def _deeds(world: World, books: Books, rng: Random) -> list[Callable[[], object]]:
    deeds: list[Callable[[], object]] = [
        lambda: world.letter(rng.choice(world.reps)),
        lambda: world.noise(rng.choice(world.reps)),
        lambda: _activity_step(world, rng),
        lambda: _activity_step(world, rng),
        lambda: _order_step(world, rng),
        lambda: _invoice_step(books, rng),
        lambda: _invoice_step(books, rng),
        lambda: _new_deal(world, rng),
    ]
    for lead in rng.sample(sorted(world.tables[LEAD]), 5):
        deeds += _lead_deeds(world, rng, lead)
    return deeds


def _lead_deeds(world: World, rng: Random, lead: int) -> list[Callable[[], object]]:
    row, now = world.tables[LEAD][lead], int(world.clock.seconds)
    if row["type"] == "lead":
        return [lambda: world.convert(lead)]
    deeds: list[Callable[[], object]] = [
        lambda: world.hand_over(lead, rng.choice([*world.reps, None])),
        lambda: world.reprice(lead, _amount(rng)),
        # A transaction that took long: it is seen now and bears the time of its start.
        lambda: world.touch(lead, max(now - 300, int(row["write_date"]))),
        lambda: world.plan(rng.choice(world.reps), CALL, lead),
    ]
    if not row["active"]:
        return [*deeds, lambda: world.restore(lead)]
    if row["won_status"] == "won":
        deeds += [lambda: world.backdate(lead, now - rng.randrange(3600, 10 * DAY)), lambda: world.archive(lead)]
    else:
        deeds += [lambda: world.lose(lead, rng.choice((1, 2, None))), lambda: world.archive(lead)]
    deeds += [lambda: world.move(lead, rng.choice((*STAGES, WON, WON, PAID_AHEAD)))]
    if rng.random() < 0.15:
        deeds.append(lambda: world.delete(lead))
    return deeds


def _new_deal(world: World, rng: Random) -> None:
    lead = world.lead(rng.choice(world.reps), _amount(rng), kind=rng.choice(("lead", "opportunity", "opportunity")))
    if world.tables[LEAD][lead]["type"] == "opportunity" and rng.random() < 0.5:
        world.clock.sleep(2)
        world.move(lead, WON)
        # Handed over within the second of the win: the number of the message tells which was first.
        world.clock.sleep(rng.choice((0, 1)))
        world.hand_over(lead, rng.choice(world.reps))


def _activity_step(world: World, rng: Random) -> None:
    number = rng.choice(sorted(world.tables[ACTIVITY])) if world.tables[ACTIVITY] else None
    choice = rng.random()
    if number is None or choice < 0.3:
        number = world.plan(rng.choice(world.reps), rng.choice((CALL, CALL, MEETING, TO_DO)))
        world.finish(number, rng.choice((None, world.reps[2])))
    elif world.tables[ACTIVITY][number]["active"]:
        world.finish(number)
    elif choice < 0.5:
        world.undo(number)
    elif choice < 0.7:
        world.cancel_activity(number)
    elif _same_day(world, world.tables[ACTIVITY][number]["write_date"]):
        world.edit(number)


def _same_day(world: World, done: float) -> bool:
    """By both calendars: an edit on another day that nobody saw coming cannot be told from the doing."""
    then, now = (datetime.fromtimestamp(at, UTC) for at in (done, world.clock.seconds))
    return then.date() == now.date() and then.astimezone(ZONE).date() == now.astimezone(ZONE).date()


def _order_step(world: World, rng: Random) -> None:
    number = rng.choice(sorted(world.tables[ORDER])) if world.tables[ORDER] else None
    if number is None or rng.random() < 0.3:
        number = world.order(rng.choice(world.reps), _amount(rng))
    state = world.tables[ORDER][number]["state"]
    if state == "draft":
        world.send(number)
    elif state == "sent":
        world.settle(number, rng.choice(("sale", "cancel")))


def _invoice_step(books: Books, rng: Random) -> None:
    world = books.world
    today = datetime.fromtimestamp(world.clock.seconds, UTC).date()
    number = rng.choice(sorted(books.paid)) if books.paid else None
    if number is None or rng.random() < 0.25:
        _invoice_life(books, rng, today - timedelta(days=rng.choice((0, 0, 1, 20))), now=True)
        return
    row, paid = world.tables[MOVE][number], books.paid[number]
    if row["payment_state"] == "reversed" or (row["move_type"] == "out_refund" and row["payment_state"] == "paid"):
        return
    if row["state"] != "posted":
        if row["state"] == "draft":
            books.post(number)
    elif paid and rng.random() < 0.3:
        books.unpay(number, rng.choice(sorted(paid)))
    elif books.left(number) > 0:
        part = books.left(number) if rng.random() < 0.5 else min(books.left(number), _amount(rng))
        books.pay(number, part, today - timedelta(days=rng.choice((0, 0, 3, 30))), rng.random() < 0.3)
    elif not paid:
        books.withdraw(number)
    if not paid and row["state"] == "posted" and row["move_type"] == "out_invoice" and not books.paid[number]:
        rng.choice((
            lambda: books.reverse(number, today),
            lambda: books.withdraw(number, rng.choice(("draft", "cancel"))),
            lambda: books.amend(number, _amount(rng)),
        ))()  # fmt: skip


def _lead_life(world: World, rng: Random, born: int, end: int) -> None:
    kind = rng.choice(("lead", "opportunity", "opportunity", "opportunity"))
    lead, at = world.lead(rng.choice([*world.reps, None]), _amount(rng), born, kind), born
    if kind == "lead":
        if rng.random() < 0.5:
            return
        at = min(end - 1, at + rng.randrange(60, DAY))
        world.convert(lead, at)
    for stage in STAGES[1 : rng.randrange(1, 4)]:
        at += rng.randrange(60, 3 * DAY)
        if at >= end:
            return
        world.move(lead, stage, at)
        if rng.random() < 0.3 and at + 100 < end:
            at += 100
            world.hand_over(lead, rng.choice(world.reps), at)
    at += rng.randrange(60, 5 * DAY)
    outcome = rng.choice(_OUTCOMES)
    if at >= end or outcome is None:
        return
    if outcome:
        world.move(lead, outcome, at)
    else:
        world.lose(lead, rng.choice((1, 2, None)), at)
    if rng.random() < 0.3 and at + 5000 < end:
        world.hand_over(lead, rng.choice(world.reps), at + 5000)


def _invoice_life(books: Books, rng: Random, day: date, now: bool = False) -> None:
    at = None if now else int(datetime(day.year, day.month, day.day, 8, tzinfo=UTC).timestamp())
    refund, currency = rng.random() < 0.2, rng.choice((USD, UAH, EUR))
    number = books.invoice(rng.choice([*books.world.reps, None]), _amount(rng), day, currency, refund, at)
    if rng.random() < 0.9:
        books.post(number, at)
        for share in rng.choice(((), (1,), (2, 1), (3,))):
            part = (books.left(number) / share).quantize(Decimal("0.01"))
            paid = min(day + timedelta(days=rng.randrange(20)), date(2026, 11, 20))
            books.pay(number, part, paid, rng.random() < 0.3, at)


def _amount(rng: Random) -> Decimal:
    return Decimal(rng.randrange(10_000, 9_000_000)) / 100

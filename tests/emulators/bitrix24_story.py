"""What may happen on a floor next, drawn at random; and what may happen to the connection meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sources import SourceError
from tests.emulators.bitrix24_office import Office
from tests.emulators.bitrix24_world import INVOICE_STAGES, STAGES, World

# Faults of one answer; the connection survives them, or says so and goes on the next time.
FAULTS = ("drop", "html", "html200", "empty", "500", "503", "200error", "cut", "429", "overload")


def happen(world: World) -> None:
    """One event. A record that changed since the last whole poll is not handed over: nobody could tell whose it was."""
    _EVENTS[world.rng.randrange(len(_EVENTS))](world, world.rng)


def trouble(office: Office, rng: random.Random) -> None:
    """Queue some faults for the next requests."""
    if rng.random() < 0.5:
        office.portal.faults.extend(rng.choice(FAULTS) for _ in range(rng.randrange(1, 9)))
    if rng.random() < 0.2:
        office.portal.command_faults[rng.choice(("crm.item.list", "crm.stagehistory.list", "user.get"))] += 3


def live(office: Office, events: int, rng: random.Random, faults: bool = True, check_every: int = 60) -> int:
    """Let things happen, poll in between however it goes, and compare from time to time; how often it was compared."""
    compared = 0
    for n in range(1, events + 1):
        office.clock.sleep(rng.choice((0.2, 1, 7, 40, 300)))
        happen(office.world)
        if rng.random() < 0.25:
            _poll(office, rng, faults)
        if n % check_every == 0 or n == events:
            settle(office)
            assert office.differences() == {}
            assert office.open_deals() == office.world.open_plans()
            compared += 1
    return compared


def settle(office: Office) -> None:
    """The connection is well again: one poll and the nightly comparison tell everything."""
    office.portal.faults.clear()
    office.portal.command_faults.clear()
    office.clock.sleep(3600)
    office.sync(reconcile=True)


def _poll(office: Office, rng: random.Random, faults: bool) -> None:
    if faults:
        trouble(office, rng)
    try:
        office.sync(stop_after=1 if rng.random() < 0.2 else None)
    except SourceError:
        office.portal.faults.clear()


def _deal(world: World, rng: random.Random, semantic: str | None = None) -> int | None:
    found = [n for n, row in world.deals.rows.items() if semantic is None or row["stageSemanticId"] == semantic]
    return rng.choice(found) if found else None


def _invoice(world: World, rng: random.Random) -> int | None:
    return rng.choice(world.invoices.ids) if world.invoices.ids else None


def _rep(world: World, rng: random.Random) -> int:
    return rng.choice(world.reps)


def _new_deal(world: World, rng: random.Random) -> None:
    world.new_deal(_rep(world, rng))


def _move(world: World, rng: random.Random) -> None:
    number = _deal(world, rng)
    if number is None:
        return
    row = world.deals.rows[number]
    # A deal that is won is not moved to another pipeline's won stage: the portal hides when it was won first.
    stages = [name for name, (_, semantic) in STAGES[row["categoryId"]].items() if semantic != row["stageSemanticId"]]
    stage = rng.choice(stages)
    world.move(number, stage, reason=rng.choice((41, 43, None)) if stage in ("LOSE", "PRICE") else None)


def _win(world: World, rng: random.Random) -> None:
    number = _deal(world, rng, "P")
    if number is not None:
        world.move(number, "WON" if world.deals.rows[number]["categoryId"] == 0 else "C1:WON")


def _move_pipeline(world: World, rng: random.Random) -> None:
    number = _deal(world, rng)
    if number is not None:
        world.move(number, "C1:NEW" if world.deals.rows[number]["categoryId"] == 0 else "TALK")


def _reassign(world: World, rng: random.Random) -> None:
    number = _deal(world, rng)
    if number is not None and f"deal:{number}" not in world.dirty:
        world.reassign(number, _rep(world, rng))


def _price(world: World, rng: random.Random) -> None:
    number = _deal(world, rng)
    if number is not None:
        world.price(number, Decimal(rng.randrange(1, 9_000_000)) / 100)


def _backdate(world: World, rng: random.Random) -> None:
    number = _deal(world, rng)
    if number is not None:
        world.backdate(number, world.now().date() - timedelta(days=rng.randrange(30)))


def _delete_deal(world: World, rng: random.Random) -> None:
    if len(world.deals.ids) > 20 and rng.random() < 0.4:
        world.delete_deal(rng.choice(world.deals.ids))


def _new_invoice(world: World, rng: random.Random) -> None:
    world.new_invoice(_rep(world, rng))


def _move_invoice(world: World, rng: random.Random) -> None:
    number = _invoice(world, rng)
    if number is not None:
        world.move_invoice(number, rng.choice(list(INVOICE_STAGES)))


def _delete_invoice(world: World, rng: random.Random) -> None:
    if len(world.invoices.ids) > 20 and rng.random() < 0.3:
        world.delete_invoice(rng.choice(world.invoices.ids))


def _call(world: World, rng: random.Random) -> None:
    code = rng.choice(("200", "200", "304", "603-S"))
    user = rng.choice([*world.reps, None])
    world.call(user, rng.choice((1, 2, 3, 4, 5)), rng.randrange(5, 300) if code == "200" else 0, code)


def _email(world: World, rng: random.Random) -> None:
    world.activity("CRM_EMAIL", 4, _rep(world, rng), direction=rng.choice((1, 2)), done=rng.random() < 0.7)


def _plan(world: World, rng: random.Random) -> None:
    number = _deal(world, rng)
    if number is not None:
        due = world.now() + timedelta(hours=rng.randrange(1, 90))
        world.activity("CRM_TODO", 6, _rep(world, rng), done=False, deal=number, due=due)


def _task(world: World, rng: random.Random) -> None:
    provider, type_id = rng.choice((("CRM_TASKS_TASK", 3), ("CRM_MEETING", 1)))
    world.activity(provider, type_id, _rep(world, rng), done=rng.random() < 0.5)


def _finish(world: World, rng: random.Random) -> None:
    found = [n for n, row in world.activities.rows.items() if not row["COMPLETED"]]
    if found:
        world.finish(rng.choice(found))


def _delete_activity(world: World, rng: random.Random) -> None:
    # A plan that is deleted shows only when its deal is touched again, so only what is done is deleted here.
    found = [n for n, row in world.activities.rows.items() if row["COMPLETED"]]
    if len(found) > 30 and rng.random() < 0.3:
        world.delete_activity(rng.choice(found))


def _lead_or_offer(world: World, rng: random.Random) -> None:
    (world.new_lead if rng.random() < 0.5 else world.new_quote)(_rep(world, rng))


_EVENTS: tuple[Callable[[World, random.Random], None], ...] = (
    _new_deal, _new_deal, _move, _win, _win, _move_pipeline, _reassign, _reassign, _price, _backdate, _delete_deal,
    _new_invoice, _move_invoice, _move_invoice, _delete_invoice, _call, _call, _email, _plan, _task, _finish,
    _delete_activity, _lead_or_offer,
)  # fmt: skip

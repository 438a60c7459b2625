"""The truth of a made-up office whose CRM is not wholly documented, and a ledger that no answer is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from tests.emulators.kommo_world import Clock

ZONE = ZoneInfo("Europe/Kyiv")
PRODUCTIVE = 30
PIPELINES = {1: "Sales", 2: "Service"}
STAGES = {11: "New", 12: "Talks", 18: "Done", 19: "Off"}
REASONS = {1: "Too dear", 2: "No answer"}
USERS = {101 + number: f"User {number}" for number in range(6)}
Cells = dict[tuple[str, date, str], Decimal]


@dataclass
class Thing:
    """One record of any list. Seconds are unix seconds; `day` is a closing or a payment day."""

    id: int
    rep: int
    created: int
    updated: int
    amount: Decimal = Decimal(0)
    outcome: str = ""
    day: date | None = None
    reason: int | None = None
    pipeline: int = 1
    stage: int = 11
    archived: bool = False
    done: int = 0
    seconds: int = 0
    incoming: bool = False
    answered: bool = True
    payment: int = 0


@dataclass
class World:
    """One account. Every method is something that a person does there now, or `at` some second of the past."""

    clock: Clock
    lists: dict[str, dict[int, Thing]] = field(default_factory=dict)
    ledger: dict[tuple[str, str], tuple[date, int, Decimal, Thing]] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    serial: int = 500

    def of(self, name: str) -> dict[int, Thing]:
        """The records of a list."""
        return self.lists.setdefault(name, {})

    def new(self, name: str, rep: int, amount: Decimal = Decimal(0), at: int | None = None) -> Thing:
        """A record comes to be."""
        self.serial += 1
        at = int(self.clock.seconds) if at is None else at
        thing = self.of(name)[self.serial] = Thing(self.serial, rep, at, at, amount)
        return thing

    def touch(self, thing: Thing, at: int | None = None) -> None:
        """It changed."""
        thing.updated = max(thing.updated, int(self.clock.seconds) if at is None else at)
        self.fresh.add(thing.id)

    def note(self, what: str, thing: Thing, day: date) -> None:
        """It counts for whoever has it now."""
        self.ledger[what, f"{thing.id}"] = (day, thing.rep, thing.amount, thing)

    def forget(self, what: str, thing: Thing) -> None:
        """It does not count after all."""
        self.ledger.pop((what, f"{thing.id}"), None)

    def deal(self, rep: int, amount: Decimal, at: int | None = None) -> Thing:
        """A deal is made."""
        thing = self.new("deals", rep, amount, at)
        self.fresh.add(thing.id)
        self.note("deals_created", thing, local(thing.created))
        return thing

    def close(self, deal: Thing, outcome: str, at: int | None = None) -> None:
        """Won or lost."""
        self.reopen(deal, at)
        deal.outcome, deal.day, deal.stage = outcome, local(deal.updated), 18 if outcome == "won" else 19
        deal.reason = 1 if outcome == "lost" else None
        self.note(f"deals_{outcome}", deal, deal.day)

    def reopen(self, deal: Thing, at: int | None = None) -> None:
        """It is open again."""
        self.touch(deal, at)
        deal.outcome, deal.day, deal.stage, deal.reason = "", None, 12, None
        for what in ("deals_won", "deals_lost"):
            self.forget(what, deal)

    def backdate(self, deal: Thing, days: int) -> None:
        """Its closing day was another one."""
        self.touch(deal)
        deal.day = (deal.day or local(deal.updated)) - timedelta(days=days)
        self.note(f"deals_{deal.outcome}", deal, deal.day)

    def reprice(self, thing: Thing, amount: Decimal) -> None:
        """Its amount was another one: that holds for everything it stands for."""
        self.touch(thing)
        thing.amount = amount
        for key, (day, rep, _, noted) in self.ledger.items():
            if noted is thing:
                self.ledger[key] = (day, rep, amount, thing)

    def hand_over(self, deal: Thing, rep: int) -> None:
        """Somebody else has it now; what happened before stays with whoever had it."""
        self.touch(deal)
        deal.rep = rep

    def delete(self, name: str, thing: Thing) -> None:
        """It is gone without a trace."""
        del self.of(name)[thing.id]
        self.ledger = {key: entry for key, entry in self.ledger.items() if entry[3] is not thing}

    def invoice(self, rep: int, amount: Decimal, at: int | None = None) -> Thing:
        """An invoice is issued."""
        thing = self.new("invoices", rep, amount, at)
        self.note("invoices_issued", thing, local(thing.created))
        return thing

    def pay(self, invoice: Thing, at: int | None = None) -> None:
        """The money comes, a payment of its own."""
        self.touch(invoice, at)
        invoice.day = local(invoice.updated)
        payment = self.new("payments", invoice.rep, invoice.amount, invoice.updated)
        payment.day, invoice.payment = invoice.day, payment.id
        self.note("invoices_paid", invoice, invoice.day)

    def unpay(self, invoice: Thing) -> None:
        """It did not come after all."""
        self.touch(invoice)
        self.of("payments").pop(invoice.payment, None)
        invoice.day, invoice.payment = None, 0
        self.forget("invoices_paid", invoice)

    def call(self, rep: int, seconds: int, incoming: bool, at: int | None = None) -> Thing:
        """A call, answered if it lasted."""
        thing = self.new("calls", rep, at=at)
        thing.seconds, thing.incoming, thing.answered = seconds, incoming, seconds > 0
        self.note("call", thing, local(thing.created))
        return thing

    def task(self, rep: int, at: int | None = None) -> Thing:
        """A task is set."""
        return self.new("tasks", rep, at=at)

    def finish(self, task: Thing, at: int | None = None) -> None:
        """It is done."""
        self.touch(task, at)
        task.done = task.updated
        self.note("tasks_done", task, local(task.done))

    def unfinish(self, task: Thing) -> None:
        """It is not done after all."""
        self.touch(task)
        task.done = 0
        self.forget("tasks_done", task)

    def truth(self, since: date, kinds: frozenset[str]) -> Cells:
        """(rep, day, metric) → value, of the kinds that this CRM can tell."""
        found: Cells = {}
        for (what, _), (day, rep, amount, thing) in self.ledger.items():
            if day < since or what not in kinds:
                continue
            for metric, value in _count(what, amount, thing):
                key = (str(rep), day, metric)
                found[key] = found.get(key, Decimal(0)) + value
        return {key: value for key, value in found.items() if value}


def local(at: int) -> date:
    """The day on the office's wall."""
    return datetime.fromtimestamp(at, ZONE).date()


def tell(world: World, rng: Random, days: int, deals: int, others: int) -> None:
    """Fill the account with a past."""
    end = int(world.clock.seconds)
    for _ in range(deals):
        born = rng.randrange(end - days * 86400, end)
        deal = world.deal(_rep(rng), _amount(rng), born)
        if rng.random() < 0.6:
            world.close(deal, rng.choice(("won", "lost")), rng.randrange(born, end))
    for _ in range(others):
        born = rng.randrange(end - days * 86400, end)
        world.call(_rep(rng), rng.choice((0, 10, 45, 600)), rng.random() < 0.5, born)
        invoice, task = world.invoice(_rep(rng), _amount(rng), born), world.task(_rep(rng), born)
        if rng.random() < 0.5:
            world.pay(invoice, rng.randrange(born, end))
            world.finish(task, rng.randrange(born, end))
    world.fresh.clear()


def happen(world: World, rng: Random, count: int) -> None:
    """Do some of everything, seconds apart. What nobody could know is left out: a deal that has just been closed, or
    made, does not change hands before it was looked at."""
    for _ in range(count):
        rng.choice(_deeds(world, rng))()
        world.clock.sleep(rng.choice((0, 1, 5)))


def _deeds(world: World, rng: Random) -> list[Callable[[], object]]:
    deal = rng.choice(list(world.of("deals").values()))
    invoice, task = rng.choice(list(world.of("invoices").values())), rng.choice(list(world.of("tasks").values()))
    deeds: list[Callable[[], object]] = [
        lambda: world.deal(_rep(rng), _amount(rng)),
        lambda: world.call(_rep(rng), rng.choice((0, 10, 45, 600)), rng.random() < 0.5),
        lambda: world.invoice(_rep(rng), _amount(rng)),
        lambda: world.task(_rep(rng)),
        lambda: world.close(deal, rng.choice(("won", "lost"))),
        lambda: world.reprice(deal, _amount(rng)),
        lambda: world.unpay(invoice) if invoice.day else world.pay(invoice),
        lambda: world.unfinish(task) if task.done else world.finish(task),
    ]
    if deal.outcome:
        deeds += [lambda: world.reopen(deal), lambda: world.backdate(deal, rng.randrange(1, 5))]
    elif deal.id not in world.fresh:
        deeds += [lambda: world.hand_over(deal, _rep(rng))] * 2
    if rng.random() < 0.2 and not invoice.day:
        deeds += [lambda: world.delete("deals", deal), lambda: world.delete("invoices", invoice)]
    return deeds


def _count(what: str, amount: Decimal, thing: Thing) -> list[tuple[str, Decimal]]:
    one = Decimal(1)
    if what == "call":
        if thing.incoming and not thing.answered:
            return [("missed_calls", one)]
        long = [("productive_calls", one)] if thing.seconds >= PRODUCTIVE else []
        return [("calls", one), ("call_seconds", Decimal(thing.seconds)), *long]
    money = what in ("deals_won", "invoices_issued", "invoices_paid")
    return [(what, one), *([(f"{what}_amount", amount)] if money else [])]


def _rep(rng: Random) -> int:
    return rng.choice(list(USERS))


def _amount(rng: Random) -> Decimal:
    return Decimal(rng.randrange(10_000, 9_000_000)) / 100

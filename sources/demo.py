"""A plausible sales floor that lives through its day in real time: for the first run, screenshots and tests."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from domain.facts import Batch, Census, Change, PlannedTarget
from sources import Ask, Finding, Option, OptionError, Site
from sources import _demo_cast as cast
from sources import _demo_deals as dealing
from sources import _demo_floor as floors

LABEL = "Demo"
OPTIONS = (
    Option("seed", "Any word or number: another one gives other people's days.", default="1"),
    Option("reps", "How many managers work there, from 3 to 200.", default="12"),
)
BATCH_SIZE = 5_000
HISTORY_MONTHS = 3
FAMILIES = ("call:", "email:", "meeting:", "task_done:", "lead_created:", "invoice:", "deal:")

# A standing month's target is made for this many working days.
_MONTH_DAYS = 21
# Targets this much above what a manager usually does: most end a month at 75 to 110 % of the plan.
_AMBITIONS = (1.08, 1.22, 1.0, 1.12, 1.28, 1.04, 1.16)
# Two of twelve managers have no target for one thing: the wall must say so.
_WITHOUT = {5: "emails", 9: "invoices_issued_amount"}
# Sorts after every record of the same instant: everything up to there was given.
_ALL_RECORDS = "~"


# When a record last changed (milliseconds since 1970), which it is, and what it says; these sort by the first two.
Told = tuple[int, str, Change]
Place = tuple[int, str]


class DemoSource:
    """The demo floor as a source. Its cursor is the moment and the record that were given last, and whose floor it is.

    The floor is the seed, the number of managers, the zone and the currency: when the office changes one of them,
    everything is told anew. That is why its changes carry no revision: what is told later holds.
    """

    def __init__(self, floor: floors.Floor) -> None:
        self.requests = 0
        self._floor = floor
        self._stamp = f"{len(floor.managers)} {floor.zone.key} {floor.currency} {floor.seed}"

    def check(self) -> list[Finding]:
        """Who works there and since when; there is nothing that could be wrong."""
        return [
            Finding("people", f"{len(self._floor.managers)} invented managers in {len(cast.TEAMS)} teams"),
            Finding("history", f"this month and the {HISTORY_MONTHS} months before it"),
            Finding("office hours", f"weekdays, 9 to 18, in {self._floor.zone.key}"),
        ]

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """What happened since the cursor, in order; a first read begins three months before this month."""
        start = max(ask.since, _months_before(ask.now.astimezone(self._floor.zone).date()))
        after = None if cursor is None or ask.full else self._place(cursor)
        if after is not None:
            yield from self._batches(after, ask)
            return
        introduced = False
        seen = set[str]()
        for batch in self._batches((self._midnight(start), ""), ask):
            seen.update(change.record for change in batch.changes)
            again = batch.as_of is not None and (ask.full or cursor is not None)
            census = self._census(seen, start) if again else ()
            yield replace(self._introduced(batch, start) if not introduced else batch, census=census)
            introduced = True

    def _batches(self, after: Place, ask: Ask) -> Iterator[Batch]:
        changes = self._changes(after, ask.now)
        while len(chunk := tuple(islice(changes, BATCH_SIZE))) == BATCH_SIZE:
            after = chunk[-1][:2]
            yield Batch([change for _, _, change in chunk], self._cursor(after), None)
            if time.monotonic() >= ask.deadline:
                return
        end = max(after, (_milliseconds(ask.now), _ALL_RECORDS))
        yield Batch([change for _, _, change in chunk], self._cursor(end), ask.now)

    def _introduced(self, batch: Batch, start: date) -> Batch:
        """A first read begins with the people and their targets."""
        return replace(
            batch,
            people=cast.people(len(self._floor.managers)),
            groups=cast.groups(),
            targets=list(self._targets(start.replace(day=1))),
            problems=(),
            missing={},
        )

    def _census(self, seen: set[str], start: date) -> list[Census]:
        """What another floor had told before goes away."""
        since = datetime.fromtimestamp(self._midnight(start) / 1000, UTC)
        return [
            Census(prefix, frozenset(record for record in seen if record.startswith(prefix)), since, limit=None)
            for prefix in FAMILIES
        ]

    def _changes(self, after: Place, now: datetime) -> Iterator[Told]:
        """Every record whose latest moment up to `now` lies after the place, by that moment."""
        first = datetime.fromtimestamp(after[0] / 1000, UTC).astimezone(self._floor.zone).date()
        last = now.astimezone(self._floor.zone).date()
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        return merge(
            (told for day in days for told in _told(floors.routine(self._floor, day), after, now)),
            _told(floors.invoices(self._floor, first, last), after, now),
            _told(dealing.deals(self._floor, first, last), after, now),
        )

    def _cursor(self, place: Place) -> str:
        return f"{place[0]} {place[1]} {self._stamp}"

    def _place(self, cursor: str) -> Place | None:
        """Where to go on; None for the cursor of another floor."""
        moment, record, stamp = cursor.split(" ", 2)
        return (int(moment), record) if stamp == self._stamp else None

    def _targets(self, since: date) -> Iterator[PlannedTarget]:
        for place, manager in enumerate(self._floor.managers):
            ambition = _AMBITIONS[place % len(_AMBITIONS)] * _MONTH_DAYS
            for metric, usual in _usual_day(self._floor, manager).items():
                if _WITHOUT.get(place % 12) != metric:
                    yield PlannedTarget(metric, "rep", manager.id, "month", _rounded(usual * ambition), since)

    def _midnight(self, day: date) -> int:
        return _milliseconds(datetime(day.year, day.month, day.day, tzinfo=self._floor.zone))


def connect(options: Mapping[str, str], site: Site) -> DemoSource:
    """The floor for a seed and a number of managers, in the office's zone and currency. Raises OptionError."""
    reps = options["reps"]
    if not (reps.isascii() and reps.isdigit() and 3 <= int(reps) <= 200):
        raise OptionError(f"reps={reps!r} is not a whole number from 3 to 200.")
    return DemoSource(floors.open_floor(options["seed"], int(reps), ZoneInfo(site.timezone), site.currency))


def _told(stories: Iterator[floors.Story], after: Place, now: datetime) -> list[Told]:
    """What the stories come to at `now`, in order, without what was told up to the place."""
    known = (told for story in stories if (told := floors.told(story, now)) is not None)
    entries = ((_milliseconds(at), change.record, change) for at, change in known)
    return sorted(entry for entry in entries if entry[:2] > after)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _months_before(today: date) -> date:
    """The first day of the month so many months before this one."""
    year, month = divmod(today.year * 12 + today.month - 1 - HISTORY_MONTHS, 12)
    return date(year, month + 1, 1)


def _usual_day(floor: floors.Floor, manager: floors.Manager) -> dict[str, float]:
    """What a manager does on an ordinary day, by metric."""
    invoices, wins = floors.INVOICES * manager.billing, dealing.wins_a_day(floor, manager)
    invoice = floors.INVOICE_PRICES.mean(floor.currency)
    active_calls = floors.OUTGOING_CALLS + (1 - floors.OUTGOING_CALLS) * floors.ANSWERED
    return {
        "calls": floors.CALLS * manager.diligence * active_calls,
        "emails": floors.EMAILS * manager.writing * floors.OUTGOING_EMAILS,
        "invoices_issued": invoices,
        "invoices_issued_amount": invoices * invoice,
        "invoices_paid": invoices * floors.PAID,
        "invoices_paid_amount": invoices * floors.PAID * invoice,
        "deals_created": wins + dealing.LOSSES,
        "deals_won": wins,
        "deals_won_amount": wins * dealing.DEAL_PRICES.mean(floor.currency),
    }


def _rounded(value: float) -> Decimal:
    """To two significant digits from a hundred up, as people set targets."""
    return Decimal(int(round(value, min(1 - math.floor(math.log10(value)), 0))))

"""One sync of an account: what has changed in every list first, then the walks through whole lists that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from domain.facts import Batch, Kind, Lack, Problem
from sources import Ask, PermissionDeniedError, SchemaError, Site, SourceError, TransientError
from sources._rounds.crm import Crm, GoneError, Listing, OutOfTime, Way
from sources._rounds.memory import Memory
from sources._rounds.run import Run
from sources._rounds.state import Reading, State, parse
from sources._rounds.values import instant, ms

_DENIED_MS = 600_000
# A list that this account does not have will not be there a minute later.
_ABSENT_MS = 3_600_000
_DOUBT = "the answers were not in the order that was asked for, or lacked rows; all of the list is read instead."


def sync(crm: Crm, memory: Memory, cursor: str | None, site: Site, ask: Ask) -> Iterator[Batch]:
    """Batches until the account is read to the end, or time is up. Raises SourceError after handing over the rest."""
    mine = (memory.generation, crm.fingerprint)
    state = parse(cursor)
    if state is None or ask.full or (state.generation, state.rules) != mine:
        since = datetime.combine(ask.since, clock_time(), ZoneInfo(site.timezone))
        state = State(*mine, since=ms(since))
    run = Run(crm, memory, state, site, ask)
    try:
        yield from _cycle(run)
    except OutOfTime:
        yield _batch(run)
    except SourceError:
        yield _batch(run)
        raise


def _cycle(run: Run) -> Iterator[Batch]:
    prepared = run.crm.prepare(run.memory, run.site.clock())
    if run.ask.reconcile and not run.state.first:
        for listing in run.crm.lists():
            run.state.reading(listing.name).round.due = True
    failures = _Failures()
    for listing in run.crm.lists():
        yield from _guarded(run, listing, failures, _follow(run, listing))
    for listing in run.crm.lists():
        yield from _guarded(run, listing, failures, _walk(run, listing))
    if failures.last is not None:
        raise failures.last
    run.state.first = run.state.first and _as_of(run) is None
    yield _batch(run, whole=True, prepared=prepared)


class _Failures:
    """One list may be broken for a moment; two in a row are a broken server."""

    def __init__(self) -> None:
        self.last: TransientError | None = None
        self._broken = False

    def add(self, error: TransientError) -> None:
        """Note it. Raises it when the list before failed, too."""
        if self._broken:
            raise error
        self.last, self._broken = error, True

    def none(self) -> None:
        """A list could be read."""
        self._broken = False


def _follow(run: Run, listing: Listing) -> Iterator[None]:
    reading = run.state.reading(listing.name)
    run.learn(listing, reading)
    if run.is_live_due(listing, reading):
        yield from run.follow(listing, reading)


def _walk(run: Run, listing: Listing) -> Iterator[None]:
    reading = run.state.reading(listing.name)
    if run.is_round_due(reading):
        yield from run.walk(listing, reading)


def _guarded(run: Run, listing: Listing, failures: _Failures, steps: Iterator[None]) -> Iterator[Batch]:
    """Read one list. Where it may not or cannot be read, that is remembered for a while and told."""
    reading = run.state.reading(listing.name)
    if reading.denied and 0 < reading.until - run.now <= _ABSENT_MS:
        return
    try:
        for _ in steps:
            if run.is_full or run.census:
                yield from _batches(run)
        reading.denied = ""
        failures.none()
    except (PermissionDeniedError, SchemaError) as error:
        pause = _ABSENT_MS if isinstance(error, GoneError) else _DENIED_MS
        reading.denied, reading.until, reading.learned = str(error), run.now + pause, 0
        failures.none()
    except TransientError as error:
        failures.add(error)


def _batches(run: Run) -> Iterator[Batch]:
    """A census comes in a batch of its own: how much of a family vanishes is judged without the batch's changes."""
    census, run.census = run.census, []
    if run.changes or not census:
        yield _batch(run)
    if census:
        run.census = census
        yield _batch(run)


def _batch(run: Run, whole: bool = False, prepared: bool = False) -> Batch:
    crm, memory = run.crm, run.memory
    changes, census = run.take()
    people = crm.people(memory) if whole else []
    told = [[each.id, each.name, each.rep] for each in people]
    news = prepared or told != memory.recall("people told")
    if whole and news:
        memory.keep("people told", told)
        memory.commit()
    done, total = _progress(run)
    return Batch(
        changes=changes,
        cursor=run.state.dump(),
        as_of=None if run.state.first else _as_of(run),
        people=people if whole and news else None,
        groups=crm.groups(memory) if whole and news else None,
        problems=_problems(run) if whole else None,
        missing=missing(run.crm, memory, run.state) if whole else None,
        census=census,
        done=done,
        total=total,
    )


def missing(crm: Crm, memory: Memory, state: State) -> dict[Lack, str]:
    """The kinds of fact that the account cannot give, and why."""
    found: dict[Lack, str] = {}
    for kind in Kind:
        givers = [state.reading(each.name) for each in crm.lists() if kind in each.kinds]
        if givers and all(each.denied for each in givers):
            found[kind] = givers[0].denied
    return found | dict(crm.missing(memory))


def _as_of(run: Run) -> datetime | None:
    """Up to when every list that can be read was read; None while one of them never was."""
    readings = [run.state.reading(each.name) for each in run.crm.lists()]
    seen = [_read_at(each) for each in readings if not each.denied]
    return instant(min(seen)) if seen and all(seen) else None


def _read_at(reading: Reading) -> int:
    return reading.round.read_at if reading.way == Way.WHOLE else reading.live.read_at


def _progress(run: Run) -> tuple[int | None, int | None]:
    """Rows of the first read, and of how many, where the CRM says."""
    if not run.state.first:
        return None, None
    rounds = [run.state.reading(each.name).round for each in run.crm.lists()]
    totals = [each.total if each.total is not None else each.rows for each in rounds]
    return sum(each.rows for each in rounds), sum(totals) or None


def _problems(run: Run) -> list[Problem]:
    found = run.crm.problems(run.memory)
    for listing in run.crm.lists():
        reading = run.state.reading(listing.name)
        if reading.denied:
            found.append(Problem("list_denied", listing.name, reading.denied))
        elif reading.doubt:
            found.append(Problem("list_doubted", listing.name, f"{listing.label}: {_DOUBT}"))
    return found

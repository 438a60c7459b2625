"""One sync of a Kommo account: every list in turn, one that fails does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.facts import Batch, Kind, Lack, Problem
from sources import PermissionDeniedError, SchemaError, SourceError, TransientError
from sources._kommo.api import BlockedError, OutOfTime
from sources._kommo.feed import has_mail
from sources._kommo.lists import COUNTS, NOTES, READERS, Reader, is_idle_walk
from sources._kommo.office import complete, due, groups, load, people
from sources._kommo.rules import STAGE_OPTIONS
from sources._kommo.run import Run
from sources._kommo.walk import FilterIgnored

# A list that may not be read is asked for again after ten minutes.
_DENIED_S = 600
# A cycle that took longer than this is followed by another one: its first lists are old by now.
_LONG_CYCLE = timedelta(seconds=60)
_IGNORED = "the account does not filter this list by time; ask Kommo's support to switch API filtering on"
_LEAST_SHARE = 0.02
_NOTHING: frozenset[Kind] = frozenset()
OFFICE = "office"
_NO_LEADS_APART = "Kommo keeps leads and deals in one list: they count as deals."
_NO_INVOICES = (
    "The account has no list of invoices. Name the stages that stand for one in the connection's options "
    "(invoice_issued_stages, invoice_paid_stages)."
)
_NO_OFFERS = "Kommo has no offers. Name the stages that stand for one in the connection's options (offer_stages)."


def sync(run: Run, extra: list[Problem]) -> Iterator[Batch]:
    """Batches until the account is read to the end, or time is up. `extra` are problems known beforehand.

    Raises SourceError after handing over what was read before it.
    """
    run.office = load(run.memory)
    if run.ask.reconcile and not run.state.reading:
        for name in COUNTS:
            run.state.census.setdefault(name, -1)
    try:
        while True:
            yield from _cycle(run, extra)
            if run.site.clock() - _instant(run.state.as_of or 0) < _LONG_CYCLE:
                break
        yield from _compare(run)
    except OutOfTime:
        yield _batch(run)
    except SourceError as error:
        if isinstance(error, BlockedError):
            run.state.blocks = run.api.blocks
        yield _batch(run)
        raise


def _cycle(run: Run, extra: list[Problem]) -> Iterator[Batch]:
    if run.state.began is None:
        run.state.began = int(run.site.clock().timestamp() * 1000)
    failure: TransientError | None = None
    broken = False
    for name, reader, _ in ((OFFICE, _dictionaries, _NOTHING), *READERS):
        try:
            for _ in _guarded(run, name, reader):
                if run.is_full:
                    yield _batch(run)
            broken = False
        except TransientError as error:
            # One list may be broken; two in a row are a broken server, and nothing works without the office.
            if broken or not complete(run.memory):
                raise
            failure, broken = error, True
    if failure is not None:
        raise failure
    run.state.as_of, run.state.began, run.state.reading = run.state.began, None, False
    run.state.blocks = run.api.blocks = 0
    yield from _before_census(run)
    yield _batch(run, _problems(run, extra), _missing(run))


def _guarded(run: Run, name: str, reader: Reader) -> Iterator[None]:
    """Read one list. Where it may not or cannot be read, that is remembered for a while and told as a problem."""
    denied = run.state.denied
    if name in denied and run.now < denied[name][1]:
        return
    try:
        yield from reader(run)
        denied.pop(name, None)
    except (PermissionDeniedError, SchemaError) as error:
        denied[name] = (str(error), run.now + _DENIED_S)
    except FilterIgnored:
        denied[name] = (f"{name}: {_IGNORED}.", run.now + _DENIED_S)


def _dictionaries(run: Run) -> Iterator[None]:
    """All of them the first time, then the one that has waited longest, so that a quiet cycle stays cheap."""
    late = due(run.memory, run.now)
    if complete(run.memory):
        late = [] if is_idle_walk(run) else late[:1]
    for name in late:
        run.update(name)
    yield


def _compare(run: Run) -> Iterator[Batch]:
    """The counts that are due: they go on in the next sync where this one has no more time."""
    for name in [name for name in COUNTS if name in run.state.census]:
        for _ in _guarded(run, name, COUNTS[name]):
            if run.is_full:
                yield _batch(run)
        yield from _before_census(run)
        del run.state.census[name]
        yield _batch(run)


def _before_census(run: Run) -> Iterator[Batch]:
    """A census comes in a batch of its own: how much of a family vanishes is judged without the batch's changes."""
    if run.census and run.changes:
        census, run.census = run.census, []
        yield _batch(run)
        run.census = census


def _batch(run: Run, problems: list[Problem] | None = None, missing: dict[Lack, str] | None = None) -> Batch:
    state = run.state
    state.limits = dict(run.api.limits)
    changes, census = run.take()
    new, run.refreshed = run.refreshed, set()
    rows, total = _progress(run)
    return Batch(
        changes=changes,
        cursor=state.dump(),
        as_of=None if state.reading or state.as_of is None else _instant(state.as_of),
        people=people(run.memory) if "users" in new else None,
        groups=groups(run.memory) if new & {"users", "account"} else None,
        problems=problems,
        missing=missing,
        census=census,
        done=rows,
        total=total,
    )


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _progress(run: Run) -> tuple[int | None, int | None]:
    """Rows read of the first read, and how many they may become: as if time were filled evenly."""
    state = run.state
    if not state.reading:
        return None, None
    length = max(1, run.now - state.since)
    parts = []
    for name, _, _ in READERS:
        span = state.spans.get(name)
        read = 0.0
        if span is not None:
            read = span.low - state.since if span.high is None else run.now - span.high
            read = 1.0 if not span.walking else min(1.0, max(0.0, read / length))
        parts.append(read)
    share = sum(parts) / len(parts)
    return state.rows, int(state.rows / share) if share > _LEAST_SHARE else None


def _problems(run: Run, extra: list[Problem]) -> list[Problem]:
    found = list(extra)
    found += [Problem("list_denied", name, why) for name, (why, _) in sorted(run.state.denied.items())]
    if run.state.unfiltered:
        text = f"Leads: {_IGNORED}. They are read page by page."
        found.append(Problem("filters_ignored", run.office.name or "account", text))
    for name in run.rules.unknown(run.office):
        text = f"The account has no pipeline or stage called {name!r}. Correct the connection's options."
        found.append(Problem("unknown_stage", name, text))
    return found


def _missing(run: Run) -> dict[Lack, str]:
    """The kinds of fact that this account cannot give, and why."""
    denied = run.state.denied
    found: dict[Lack, str] = {Kind.LEAD_CREATED: _NO_LEADS_APART}
    for name, _, kinds in READERS:
        if name in denied and name not in NOTES:
            found |= dict.fromkeys(kinds, denied[name][0])
    if all(name in denied for name in NOTES):
        found[Kind.CALL] = denied[NOTES[0]][0]
        if not has_mail(run):
            found[Kind.EMAIL] = denied[NOTES[0]][0]
    for kind in STAGE_OPTIONS:
        if run.rules.stages.get(kind):
            found.pop(kind, None)
        elif kind is Kind.OFFER_SENT:
            found[kind] = _NO_OFFERS
        elif run.office.catalog is None:
            found[kind] = _NO_INVOICES
    return found

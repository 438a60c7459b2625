"""One sync of an Odoo: every list in turn, one that fails does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from domain.facts import Batch, Detail, Kind, Lack, Problem
from sources import AuthError, PermissionDeniedError, SchemaError, SourceError, TransientError
from sources._odoo.census import compare, families
from sources._odoo.errors import BadFieldError, NoModelError, OutOfTime
from sources._odoo.fields import APPLICATION
from sources._odoo.lists import LISTS, Reader, read_plans
from sources._odoo.office import complete, due, expire, groups, load, people, rates
from sources._odoo.run import DEALS, PASTS, PAYMENTS, PLANS, Run

# A list that may not be read is asked for again after ten minutes.
_DENIED_MS = 600_000
# Deals are compared every hour: a merged one looks like a deleted one.
_COUNT_MS = 3_600_000
# A cycle that took longer than this is followed by another one: its first lists are old by now.
_LONG_CYCLE = timedelta(seconds=60)
_ALL = "*"
_HIDDEN = (
    "The Odoo user does not see every accounting entry, so payments are dated by what Odoo noted with the invoice. "
    "Give it the right Accounting: read-only."
)
_NO_TRACKS = (
    "Only an administrator of Odoo may read who owned a deal before: a deal that changed hands before Tablo saw it "
    "counts for its owner of now."
)
_NO_STAGES = "Only an administrator of Odoo may read the steps of a deal."
_NO_LENGTHS = "Odoo notes that a call was made, not how long it was. Connect the telephony as a source of its own."
_NO_SENT = "Odoo does not tell when a quotation was sent."


def sync(run: Run) -> Iterator[Batch]:
    """Batches until Odoo is read to the end, or time is up. Raises SourceError after handing over what was read."""
    run.office = load(run.memory)
    if run.ask.reconcile and run.state.complete:
        run.state.census = [*dict.fromkeys([*run.state.census, _ALL])]
    try:
        while True:
            yield from _cycle(run)
            if run.site.clock() - _instant(run.state.as_of or 0) < _LONG_CYCLE:
                break
        yield from _compare(run)
    except OutOfTime:
        yield from _batch(run)
    except SourceError:
        yield from _batch(run)
        raise


def _cycle(run: Run) -> Iterator[Batch]:
    state = run.state
    if state.began is None:
        state.began = run.now_ms
    yield from _dictionaries(run)
    failure: TransientError | None = None
    broken = False
    for each in LISTS:
        if run.office.fields.get(each.model) is None:
            continue
        try:
            yield from _guarded(run, each.name, each.read)
            broken = False
        except TransientError as error:
            # One list may be broken; two in a row are a broken server.
            if broken:
                raise
            failure, broken = error, True
    if failure is not None:
        raise failure
    yield from _guarded(run, PLANS, read_plans)
    for name in run.again:
        state.forget(name)
        run.memory.forget(name)
    run.again = set()
    state.as_of, state.began, state.complete = state.began, None, True
    yield from _batch(run, _problems(run), _missing(run))


def _guarded(run: Run, name: str, reader: Reader) -> Iterator[Batch]:
    """Read one list. Where it may not or cannot be read, that is remembered for a while and told as a problem."""
    denied = run.state.denied
    if name in denied and run.now_ms < denied[name][1]:
        return
    try:
        for _ in reader(run):
            if run.is_full:
                yield from _batch(run)
        denied.pop(name, None)
    except AuthError:
        raise
    except (PermissionDeniedError, SchemaError) as error:
        changed = isinstance(error, (BadFieldError, NoModelError))
        if changed:
            # An application came or went: look again at what there is, and then at the list.
            expire(run.memory, "fields")
        denied[name] = [str(error), run.now_ms + (0 if changed else _DENIED_MS)]


def _dictionaries(run: Run) -> Iterator[Batch]:
    """All of them the first time, then the one that has waited longest, so that a quiet cycle stays cheap."""
    late = due(run.memory, run.now_ms)
    for name in late[:1] if complete(run.memory) else late:
        run.update(name)
    if run.refreshed and not run.state.complete:
        yield from _batch(run)


def _compare(run: Run) -> Iterator[Batch]:
    """The comparisons that are due: they go on in the next sync where this one has no more time."""
    state = run.state
    if not 0 <= run.now_ms - state.counted_at < _COUNT_MS and DEALS in families(run):
        state.census = [*dict.fromkeys([*state.census, DEALS])]
        state.counted_at = run.now_ms
    if _ALL in state.census:
        # Which there are is known when the dictionaries are.
        state.census = families(run)
    while state.census:
        name = state.census[0]
        try:
            compare(run, name)
        except (PermissionDeniedError, SchemaError) as error:
            # The list itself tells of it.
            state.denied.setdefault(name, [str(error), run.now_ms + _DENIED_MS])
        state.census = state.census[1:]
        yield from _batch(run)


def _batch(run: Run, problems: list[Problem] | None = None, missing: dict[Lack, str] | None = None) -> Iterator[Batch]:
    """What has gathered, with the cursor. When it was stored, the memory that belongs to it is kept as well."""
    state = run.state
    changes, census = run.take()
    new, run.refreshed = run.refreshed, set()
    office = run.site.currency
    done, total = _progress(run)
    cursor = state.dump()
    yield Batch(
        changes=changes,
        cursor=cursor,
        as_of=_instant(state.as_of) if state.complete and state.as_of else None,
        people=people(run.memory, run.choice) if new & {"users", "teams"} else None,
        groups=groups(run.memory) if "teams" in new else None,
        rates=rates(run.memory, run.choice, office) if new & {"rates", "companies"} else None,
        problems=problems,
        missing=missing,
        census=census,
        done=done,
        total=total,
    )
    run.memory.stored(cursor)


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _progress(run: Run) -> tuple[int | None, int | None]:
    """Rows read of the first read, and how many there are, as far as they were counted."""
    if run.state.complete:
        return None, None
    spans = run.state.spans.values()
    done = sum(span.done for span in spans)
    return done, max(done, sum(span.total for span in spans)) if spans else None


def _problems(run: Run) -> list[Problem]:
    denied = run.state.denied
    found = [Problem("list_denied", name, why) for name, (why, _) in sorted(denied.items()) if name != PASTS]
    if PASTS in denied:
        found.append(Problem("no_history", "mail.tracking.value", _NO_TRACKS))
    if run.state.hidden:
        found.append(Problem("entries_hidden", "account.move.line", _HIDDEN))
    return found


def _missing(run: Run) -> dict[Lack, str]:
    """What this Odoo cannot give, and why."""
    denied, found = run.state.denied, dict[Lack, str]({Detail.CALL_SECONDS: _NO_LENGTHS})
    if PASTS in denied:
        found[Kind.STAGE_ENTERED] = _NO_STAGES
    if PAYMENTS in denied:
        found[Kind.INVOICE_PAID] = str(denied[PAYMENTS][0])
    if not run.office.sent:
        found[Kind.OFFER_SENT] = _NO_SENT
    for each in LISTS:
        if run.office.fields.get(each.model) is None:
            found |= dict.fromkeys(each.kinds, f"The application {APPLICATION[each.model]} is not installed in Odoo.")
        elif each.name in denied:
            found |= dict.fromkeys(each.kinds, str(denied[each.name][0]))
    return found

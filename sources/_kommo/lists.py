"""Reading the lists of an account: leads, notes, tasks, invoices; and counting what still exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from domain.facts import Kind
from sources import SchemaError
from sources._kommo.api import PAGE, Row
from sources._kommo.feed import EVENTS, has_mail, read_events
from sources._kommo.invoices import invoice_changes
from sources._kommo.office import read_all
from sources._kommo.rows import second
from sources._kommo.run import Run
from sources._kommo.walk import FilterIgnored
from sources._kommo.work import CALLS, MAIL, note_changes, strangers, task_changes

LEADS, TASKS, INVOICES = "leads", "tasks", "invoices"
NOTES = ("leads/notes", "contacts/notes", "companies/notes")
# A full walk through the invoices costs a request a page: no more than one request in this many seconds goes there,
# and an account where nothing else moves is walked through every ten minutes, some pages in each cycle.
_SECONDS_A_PAGE = 5
_IDLE_WALK_S = 600
_SMALL_LIST = 1
_PAGES_A_CYCLE = 2
# Tasks are compared over this many days back.
_TASK_DAYS = 8

Reader = Callable[[Run], Iterator[None]]


def read_leads(run: Run) -> Iterator[None]:
    """The leads that changed. The event feed must be as new as they are, for it knows their owners."""
    if run.state.unfiltered:
        yield from _turn_pages(run)
        return
    query = [*run.lead_query(), ("order[updated_at]", "asc")]
    try:
        for rows in run.walk(LEADS, LEADS, LEADS, "updated_at", query):
            yield from _catch_up(run, LEADS, rows)
            run.add_deals(rows)
            yield
    except FilterIgnored:
        run.state.unfiltered = True
        yield from _turn_pages(run)


def read_notes(entity: str) -> Reader:
    """A reader of the calls (and letters, where no event tells of them) that hang on one kind of record."""

    def read(run: Run) -> Iterator[None]:
        kinds = CALLS if has_mail(run) else (*CALLS, MAIL)
        query = [*(("filter[note_type][]", kind) for kind in kinds), ("order[updated_at]", "asc")]
        for rows in run.walk(f"{entity}/notes", f"{entity}/notes", "notes", "updated_at", query):
            if strangers(rows, run.office.users):
                run.look_up("users")
            run.changes += note_changes(rows, entity, run.desk())
            yield

    return read


def read_tasks(run: Run) -> Iterator[None]:
    """The tasks that changed. Kommo orders tasks by other things than their last change."""
    for rows in run.walk(TASKS, TASKS, TASKS, "updated_at", [], ordered=False):
        yield from _catch_up(run, TASKS, rows)
        run.changes += task_changes(rows, run.desk())
        yield


def read_invoices(run: Run) -> Iterator[None]:
    """The invoices that changed, by time where the account filters that list, else all of them now and then."""
    if run.office.catalog is None:
        return
    path = f"catalogs/{run.office.catalog}/elements"
    if run.state.by_time:
        try:
            for rows in run.walk(INVOICES, path, "elements", "updated_at", [], ordered=False):
                run.changes += invoice_changes(rows, run.desk())
                yield
        except (FilterIgnored, SchemaError):
            # Nowhere is it written that this list can be asked by time: some accounts do, some do not.
            run.state.by_time = False
    if not run.state.by_time and _is_walk_due(run):
        yield from _walk_invoices(run, path)
    elif is_idle_walk(run):
        _walk_on(run, path)
    elif run.state.linked:
        _read_linked(run, path)


def count_leads(run: Run) -> Iterator[None]:
    """Every lead that the first read would find, once more: what is not among them was deleted or merged away."""
    if run.state.unfiltered:
        _count_pages(run)
        run.list_all("deal:", LEADS, None)
        return
    for rows in _count(run, LEADS, [*run.lead_query(), ("order[updated_at]", "asc")], run.state.since, ordered=True):
        run.add_deals(rows)
        yield
    run.list_all("deal:", LEADS, None)


def count_tasks(run: Run) -> Iterator[None]:
    """The tasks of the last days, likewise."""
    since = max(run.state.since, run.state.span(TASKS).top - _TASK_DAYS * 86400)
    for rows in _count(run, TASKS, [], since, ordered=False):
        run.changes += task_changes(rows, run.desk())
        yield
    run.list_all("task:", TASKS, since)


def count_invoices(run: Run) -> Iterator[None]:
    """All invoices, likewise."""
    if run.office.catalog is not None:
        yield from _walk_invoices(run, f"catalogs/{run.office.catalog}/elements", passes=2)


COUNTS: Mapping[str, Reader] = {LEADS: count_leads, TASKS: count_tasks, INVOICES: count_invoices}
# In this order: the feed first, for the others ask the memory that it fills.
READERS: tuple[tuple[str, Reader, frozenset[Kind]], ...] = (
    (EVENTS, read_events, frozenset()),
    (
        LEADS,
        read_leads,
        frozenset((Kind.DEAL_CREATED, Kind.DEAL_WON, Kind.DEAL_LOST, Kind.STAGE_ENTERED)),
    ),
    *((name, read_notes(name.split("/")[0]), frozenset((Kind.CALL,))) for name in NOTES),
    (TASKS, read_tasks, frozenset((Kind.TASK_DONE, Kind.MEETING))),
    (INVOICES, read_invoices, frozenset((Kind.INVOICE_ISSUED, Kind.INVOICE_PAID))),
)


def _count_pages(run: Run) -> None:
    """The same where the account does not filter: every page twice, for a lead may slip from one to another."""
    run.memory.start_list(LEADS)
    for _ in range(2):
        rows = read_all(run.api, LEADS, LEADS, [*run.lead_query(), ("order[id]", "asc")])
        run.memory.saw_listed(LEADS, [int(row["id"]) for row in rows])
        run.add_deals([row for row in rows if second(row, "updated_at") >= run.state.since])


def _catch_up(run: Run, name: str, rows: list[Row]) -> Iterator[None]:
    """Read the feed again before rows that are newer than it: a lead just won may just have changed hands, too."""
    newest = max((second(row, "updated_at") for row in rows), default=0)
    feed = run.state.span(EVENTS)
    if newest > max(feed.top, run.state.span(name).old_top) and EVENTS not in run.state.denied:
        yield from read_events(run)


def _turn_pages(run: Run) -> Iterator[None]:
    """The leads of an account that does not filter: the newest first, page by page, until the known ones come.

    A lead that changes meanwhile moves to the front, and the next time finds it there.
    """
    span = run.state.span(LEADS)
    span.begin(run.state.since)
    while True:
        page = run.api.page(LEADS, LEADS, [*run.lead_query(), ("order[updated_at]", "desc")], span.page)
        run.pages += 1
        stamps = [second(row, "updated_at") for row in page.rows]
        rows = [row for row, at in zip(page.rows, stamps, strict=True) if at >= span.low]
        yield from _catch_up(run, LEADS, rows)
        run.add_deals(rows)
        span.saw(stamps, run.now)
        span.page += 1
        yield
        # Where not even the order is kept, an old row says nothing about the pages behind it.
        if not page.more or (len(rows) < len(stamps) and stamps == sorted(stamps, reverse=True)):
            break
    span.finish(run.now)


def _read_linked(run: Run, path: str) -> None:
    """Invoices whose deal has become known, and with it whose they are."""
    try:
        run.changes += invoice_changes(run.by_ids(path, "elements", run.state.linked), run.desk())
    except FilterIgnored:
        run.state.by_time, run.state.dirty = False, True
    run.state.linked = []


def is_idle_walk(run: Run) -> bool:
    """Whether only the long time since the last walk through the invoices is a reason for another: no haste then."""
    state = run.state
    waited = not 0 <= run.now - state.walked_at < _IDLE_WALK_S
    return waited and not state.by_time and not state.dirty and state.walk_pages > _SMALL_LIST


def _is_walk_due(run: Run) -> bool:
    """Whether to walk through all invoices now: always when they are few, else when something moved, and not often."""
    state = run.state
    still = {INVOICES, *state.denied}
    moved = any(span.top > span.old_top for name, span in state.spans.items() if name not in still)
    state.dirty = state.dirty or moved
    if state.walk_pages <= _SMALL_LIST:
        return True
    return state.dirty and not 0 <= run.now - state.walked_at < state.walk_pages * _SECONDS_A_PAGE


def _walk_invoices(run: Run, path: str, passes: int = 1) -> Iterator[None]:
    """Every invoice, page by page; what several passes never saw does not exist."""
    rows: dict[int, Row] = {}
    pages = 1
    for _ in range(passes):
        before = run.api.requests
        rows |= {int(row["id"]): row for row in read_all(run.api, path, "elements")}
        pages = run.api.requests - before
        if pages == 1:
            break
    run.changes += invoice_changes(list(rows.values()), run.desk())
    if pages == 1 or passes > 1:
        run.memory.start_list(INVOICES)
        run.memory.saw_listed(INVOICES, list(rows))
        run.list_all("invoice:", INVOICES, None)
    run.state.walked_at, run.state.walk_pages, run.state.walk_next = run.now, pages, 1
    run.state.dirty, run.state.linked = False, []
    yield


def _walk_on(run: Run, path: str) -> None:
    """A few pages more of a walk that is spread over quiet cycles, so that each of them stays cheap."""
    state = run.state
    for _ in range(_PAGES_A_CYCLE):
        page = run.api.page(path, "elements", (), state.walk_next)
        run.changes += invoice_changes(page.rows, run.desk())
        state.walk_next += 1
        if not page.more:
            state.walked_at, state.walk_next, state.walk_pages = run.now, 1, state.walk_next - 1
            return


def _count(run: Run, name: str, query: list[tuple[str, object]], since: int, ordered: bool) -> Iterator[list[Row]]:
    """Walk through a list from `since` on beside its ordinary reading; it goes on where an earlier sync had to stop."""
    span = run.state.span(f"count/{name}")
    if run.state.census[name] < 0:
        run.memory.start_list(name)
        span.top = span.low = since
        span.walking, span.high, run.state.census[name] = True, None, since
    for rows in run.walk(f"count/{name}", name, name, "updated_at", query, PAGE, ordered):
        run.memory.saw_listed(name, [int(row["id"]) for row in rows])
        yield rows
    del run.state.spans[f"count/{name}"]

"""The event feed: who had what when, what was deleted or came back, and the letters sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.facts import Change
from sources._kommo.api import EVENTS_PAGE, Row
from sources._kommo.deals import FAMILY, gone
from sources._kommo.memory import Fate, Handover, Move
from sources._kommo.rows import inner, second, whole
from sources._kommo.run import Run
from sources._kommo.work import TASK, mail_change

EVENTS = "events"
MAIL = "outgoing_mail"
_CORE = (
    "lead_status_changed",
    "entity_responsible_changed",
    "lead_deleted",
    "lead_restored",
    "entity_merged",
    "task_completed",
    "task_deleted",
)
# An account that lists fewer types than this has listed only some of them.
_WHOLE_LIST = 10
_FAMILIES = {"lead": FAMILY, "leads": FAMILY, "task": TASK, "tasks": TASK}
_BACK = ("lead_restored", "entity_merged")
# How long acting upon an event is remembered; longer than it can come up again.
_HANDLED_S = 3600


def has_mail(run: Run) -> bool:
    """Whether letters are told by events; else they have to be read from notes."""
    return EVENTS not in run.state.denied and MAIL in (run.office.types or ())


def read_events(run: Run) -> Iterator[None]:
    """Read the feed to its end. What it tells of owners and stages goes into the memory."""
    query = [("filter[type]", ",".join(_types(run)))]
    for rows in run.walk(EVENTS, "events", "events", "created_at", query, EVENTS_PAGE):
        _remember(run, rows)
        run.changes += _deletions(run, rows)
        if has_mail(run):
            run.changes += [mail_change(row, run.desk()) for row in rows if row.get("type") == MAIL]
        if run.state.fed:
            _look_after(run, [row for row in rows if row.get("type") in _BACK and _family(row) == FAMILY])
        yield
    run.state.fed = True


def _types(run: Run) -> list[str]:
    known = run.office.types or frozenset()
    core = [each for each in _CORE if each in known or len(known) < _WHOLE_LIST]
    return core + ([MAIL] if MAIL in known else [])


def _remember(run: Run, rows: list[Row]) -> None:
    memory = run.memory
    memory.saw_moves(move for row in rows if (move := _move(row)) is not None)
    memory.saw_handovers(handover for row in rows if (handover := _handover(row)) is not None)
    memory.saw_done((int(row["entity_id"]), second(row, "created_at")) for row in rows if _is(row, "task_completed"))
    memory.saw_fates(fate for row in rows if (fate := _fate(row)) is not None)


def _deletions(run: Run, rows: list[Row]) -> Iterator[Change]:
    """The records that these events delete, unless a later event brings them back."""
    for row in rows:
        fate = _fate(row)
        if fate is None or fate.alive or run.memory.last_fate(fate.family, fate.id) != fate:
            continue
        yield gone(fate.id, fate.at) if fate.family == FAMILY else Change(f"task:{fate.id}", (), fate.at * 1000)


def _look_after(run: Run, rows: list[Row]) -> None:
    """Leads that came back or were merged: their own time of change may not have moved, so ask for each of them.

    A merge does not say which lead is gone. Where the one that it names still exists, all have to be counted.
    """
    state = run.state
    fresh = [row for row in rows if str(row["id"]) not in state.handled]
    if not fresh:
        return
    ids = sorted({int(row["entity_id"]) for row in fresh})
    found = run.leads(ids)
    run.add_deals(list(found.values()))
    for row in fresh:
        lead, at = int(row["entity_id"]), second(row, "created_at")
        if row["type"] == "entity_merged" and lead in found:
            state.census["leads"] = -1
        elif row["type"] == "entity_merged":
            run.memory.saw_fates([Fate(FAMILY, lead, at, str(row["id"]), False)])
            run.changes.append(gone(lead, at))
    newest = max(second(row, "created_at") for row in rows)
    kept = {event: at for event, at in state.handled.items() if at > newest - _HANDLED_S}
    state.handled = kept | {str(row["id"]): second(row, "created_at") for row in fresh}


def _is(row: Row, kind: str) -> bool:
    return row.get("type") == kind


def _family(row: Row) -> str | None:
    return _FAMILIES.get(str(row.get("entity_type")))


def _value(row: Row, side: str, name: str) -> Mapping[str, object]:
    """What an event says before or after: `[{"<name>": {…}}]`."""
    told = row.get(side)
    first = told[0] if isinstance(told, list) and told else told
    return inner(first, name) if isinstance(first, dict) else {}


def _move(row: Row) -> Move | None:
    if not _is(row, "lead_status_changed"):
        return None
    after, before = _value(row, "value_after", "lead_status"), _value(row, "value_before", "lead_status")
    return Move(
        lead=int(row["entity_id"]),
        at=second(row, "created_at"),
        event=str(row["id"]),
        pipeline=whole(after.get("pipeline_id")) or 0,
        status=whole(after.get("id")) or 0,
        from_pipeline=whole(before.get("pipeline_id")) or 0,
        from_status=whole(before.get("id")) or 0,
    )


def _handover(row: Row) -> Handover | None:
    family = _family(row)
    if not _is(row, "entity_responsible_changed") or family is None:
        return None
    before = whole(_value(row, "value_before", "responsible_user").get("id")) or 0
    return Handover(family, int(row["entity_id"]), second(row, "created_at"), str(row["id"]), before)


def _fate(row: Row) -> Fate | None:
    kinds = {"lead_deleted": (FAMILY, False), "lead_restored": (FAMILY, True), "task_deleted": (TASK, False)}
    found = kinds.get(str(row.get("type")))
    if found is None:
        return None
    return Fate(found[0], int(row["entity_id"]), second(row, "created_at"), str(row["id"]), found[1])

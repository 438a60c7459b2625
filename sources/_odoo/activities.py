"""Done activities: calls, meetings and tasks, by the person they were for, whoever ticked them off."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from domain.facts import Change, Fact, Kind
from sources._odoo.desk import Desk
from sources._odoo.office import is_call, is_meeting
from sources._odoo.values import Row, calendar_day, instant, person, ref, ref_name, said

FAMILY, MESSAGES = "activity:", "done:"
_NOON = timedelta(hours=12)


def activity_change(row: Row, desk: Desk) -> Change:
    """A row of the activities. One that is open, or open again, stands for nothing."""
    record, owner = f"{FAMILY}{row['id']}", person(row.get("user_id"))
    at = None if row.get("active") else _done(row, desk)
    if at is None:
        desk.memory.not_done(row["id"])
        return Change(record, (), owner=owner)
    moment, by_day = at
    kind = _kind(desk, row.get("activity_type_id"), str(row.get("activity_category") or ""))
    # Told by its UTC day alone, an activity counts on that day.
    on = moment.date() if by_day else None
    fact = Fact(kind, moment, owner, on=on, title=ref_name(row.get("activity_type_id")), owner_as_seen=True)
    return Change(record, desk.wanted([fact]), owner=owner)


def message_change(row: Row, desk: Desk) -> Change:
    """A message that tells of a done activity, where Odoo keeps nothing else: its author is who ticked it off."""
    at, kind = instant(row.get("date")), row.get("mail_activity_type_id")
    user = person(desk.office.users.get(ref(row.get("author_id")) or 0))
    if at is None:
        return Change(f"{MESSAGES}{row['id']}", ())
    category = desk.office.types.get(ref(kind) or 0, ("", ""))[0]
    fact = Fact(_kind(desk, kind, category), at, user, title=ref_name(kind))
    return Change(f"{MESSAGES}{row['id']}", desk.wanted([fact]), owner=user)


def _done(row: Row, desk: Desk) -> tuple[datetime, bool] | None:
    """When it was done, and whether only the day is known: Odoo keeps the UTC day, and the time of the last change.

    A change on that very day is the doing itself, or near to it; the first one that was seen is kept.
    """
    day, changed = calendar_day(row.get("date_done")), instant(row.get("write_date"))
    if day is None:
        return None
    exact = changed is not None and changed.date() == day
    moment = changed if exact and changed else datetime.combine(day, time(), desk.zone) + _NOON
    kept = instant(desk.memory.done_at(row["id"], day.isoformat(), said(moment)))
    if kept is None or kept == moment:
        return moment, not exact
    return kept, False


def _kind(desk: Desk, kind: object, category: str) -> Kind:
    if is_call(desk.choice, kind, category):
        return Kind.CALL
    return Kind.MEETING if is_meeting(desk.choice, kind, category) else Kind.TASK_DONE

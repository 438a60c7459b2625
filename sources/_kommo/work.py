"""Calls, letters and tasks: what people do in Kommo besides moving deals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from domain.facts import Change, Direction, Fact, Kind
from sources._kommo.api import Row
from sources._kommo.rows import Desk, inner, moment, owners, person, second, whole

TASK = "task"
CALLS = ("call_in", "call_out")
MAIL = "amomail_message"
# The same call may hang on a lead and on its contact: at the same second the lead's note wins, always.
_RANK = {"companies": 0, "contacts": 1, "leads": 2}
_TALKED = 4


def note_changes(rows: list[Row], entity: str, desk: Desk) -> list[Change]:
    """Calls and letters among the notes of `leads`, `contacts` or `companies`."""
    found = []
    for row in rows:
        if row.get("note_type") in CALLS:
            found.append(_call(row, entity, desk))
        elif row.get("note_type") == MAIL and _is_outgoing(inner(row, "params")):
            found.append(_letter(row, entity, desk))
    return found


def mail_change(event: Row, desk: Desk) -> Change:
    """An `outgoing_mail` event; who made it sent the letter."""
    at = second(event, "created_at")
    return Change(f"email:{event['id']}", desk.wanted([_sent(at, person(event.get("created_by")))]), at * 1000)


def task_changes(rows: list[Row], desk: Desk) -> list[Change]:
    """Completed tasks, and the taking back of one that is open again."""
    desk.memory.saw_owners(TASK, owners(rows))
    return [change for row in rows if (change := _task(row, desk)) is not None]


def strangers(rows: list[Row], users: frozenset[int]) -> bool:
    """Whether somebody made one of these rows whom the account's list of users does not hold."""
    return bool(users) and any((whole(row.get("created_by")) or 0) not in users | {0} for row in rows)


def _sent(at: int, rep: str | None) -> Fact:
    return Fact(Kind.EMAIL, moment(at), rep, direction=Direction.OUT)


def _call(row: Row, entity: str, desk: Desk) -> Change:
    params = inner(row, "params")
    status, seconds = whole(params.get("call_status")), max(0, whole(params.get("duration")) or 0)
    fact = Fact(
        kind=Kind.CALL,
        at=moment(second(row, "created_at")),
        rep=_caller(row, params, desk.office.users),
        seconds=seconds,
        direction=Direction.IN if row["note_type"] == "call_in" else Direction.OUT,
        answered=seconds > 0 if status is None else status == _TALKED,
    )
    return Change(f"call:{_key(params.get('uniq'), entity, row)}", desk.wanted([fact]), _revision(row, entity))


def _caller(row: Row, params: Mapping[str, object], users: frozenset[int]) -> str | None:
    """Who was on the line: the note's author where that is a user, else the responsible, else whom telephony names."""
    author = whole(row.get("created_by")) or 0
    if author > 0 and (not users or author in users):
        return str(author)
    return person(row.get("responsible_user_id")) or person(params.get("call_responsible"))


def _letter(row: Row, entity: str, desk: Desk) -> Change:
    author = person(row.get("created_by")) or person(row.get("responsible_user_id"))
    fact = _sent(second(row, "created_at"), author)
    key = _key(inner(row, "params").get("message_id"), entity, row)
    return Change(f"email:{key}", desk.wanted([fact]), _revision(row, entity))


def _is_outgoing(params: Mapping[str, object]) -> bool:
    return params.get("income") in (False, 0, "0", "false")


def _key(mark: object, entity: str, row: Row) -> str:
    """The telephony's own mark of the call, so that two notes of one call are one call; else the note."""
    text = str(mark).strip() if isinstance(mark, str | int) and not isinstance(mark, bool) else ""
    if not text:
        return f"{entity}:{row['id']}"
    return f"u:{text}" if len(text) <= 64 else f"h:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def _revision(row: Row, entity: str) -> int:
    return second(row, "updated_at") * 1000 + _RANK[entity]


def _task(row: Row, desk: Desk) -> Change | None:
    task, memory = int(row["id"]), desk.memory
    fate = memory.last_fate(TASK, task)
    revision = max(second(row, "updated_at"), fate.at if fate else 0) * 1000
    done = memory.done_at(task)
    if not row.get("is_completed"):
        # An open task stands for nothing; saying so matters only where it was completed before.
        return None if done is None else Change(f"task:{task}", (), revision)
    if done is None:
        # No event tells when it was done: the first change that shows it done is the nearest, and is kept.
        done = second(row, "updated_at")
        memory.saw_done([(task, done)])
    owner = whole(row.get("responsible_user_id")) or 0
    rep = person(memory.owner_at(TASK, task, done, owner))
    kinds = [Kind.TASK_DONE]
    if whole(row.get("task_type_id")) in desk.office.meeting_types:
        kinds.append(Kind.MEETING)
    facts = [Fact(kind, moment(done), rep, title=_title(row), owner_as_seen=True) for kind in kinds]
    return Change(f"task:{task}", desk.wanted(facts), revision, person(owner))


def _title(row: Row) -> str | None:
    return str(row.get("text") or "").strip()[:200] or None

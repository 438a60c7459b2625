"""What became of deals, from the changes that Odoo tracks: who owned a deal when, and which stages it went through.

Only administrators may read them. They bear the change's own time, and the number of the message that tells of it: of
two changes within a second the lower number came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sources._odoo.api import Api
from sources._odoo.fields import LEAD, MESSAGE, TRACKING
from sources._odoo.values import Row, instant, number, ref, text

_FIELDS = _OWNER, _STAGE, _ACTIVE = "user_id", "stage_id", "active"
# A deal is closed in the same transaction that tells of it; a closing day further off was written by hand.
_TOGETHER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Step:
    """One change: numbers before and after (0 = none), and the name of what came after."""

    at: datetime
    message: int
    old: int
    new: int
    name: str | None = None


@dataclass(slots=True)
class Past:
    """The changes of one deal, each kind in its order."""

    owners: list[Step] = field(default_factory=list)
    stages: list[Step] = field(default_factory=list)
    active: list[Step] = field(default_factory=list)


def read_pasts(api: Api, leads: Sequence[int], link: str, known: dict[int, str]) -> dict[int, Past]:
    """The past of each of these deals. Raises SourceError.

    `link` is `field_id`, up to version 16 `field`. `known` maps numbers of tracked fields to their names; what turns
    out to be unknown is learnt and put there.
    """
    found: dict[int, Past] = {lead: Past() for lead in leads}
    where = [*_tracks(link, *_FIELDS), ["mail_message_id.res_id", "in", list(leads)]]
    wanted = ["mail_message_id", link, "old_value_integer", "new_value_integer", "new_value_char", "create_date"]
    values = [row for page in api.pages(TRACKING, where, wanted) for row in page]
    if not values:
        return found
    if {ref(row.get(link)) for row in values} - known.keys():
        known |= _learn(api, link)
    messages = sorted({message for row in values if (message := ref(row.get("mail_message_id")))})
    deals = {row["id"]: number(row.get("res_id")) for row in api.by_ids(MESSAGE, messages, ["res_id"])}
    for row in values:
        past = found.get(deals.get(ref(row.get("mail_message_id")) or 0) or 0)
        step = _step(row)
        if past is not None and step is not None:
            _list(past, known.get(ref(row.get(link)) or 0, "")).append(step)
    for past in found.values():
        for steps in (past.owners, past.stages, past.active):
            steps.sort(key=lambda step: step.message)
    return found


def owner_at(past: Past | None, at: datetime, now: int, message: int | None = None) -> tuple[int, bool]:
    """Who had the deal then (0 = nobody), and whether that is known or only what it looks like `now`.

    `message` is that of the event itself, where it is known: it orders changes within the second. That no change was
    tracked proves nothing: an import may leave no tracks.
    """
    steps = past.owners if past else []
    before = [step for step in steps if (step.message <= message if message else step.at <= at)]
    after = [step for step in steps if step not in before]
    if after:
        return after[0].old, True
    return (before[-1].new, True) if before else (now, False)


def closing(past: Past | None, closed: datetime, won: frozenset[int] | None) -> Step | None:
    """The change by which a deal was won (into one of these stages) or, None, lost; where it was tracked."""
    if past is None:
        return None
    if won is None:
        steps = [step for step in past.active if not step.new]
    else:
        steps = [step for step in past.stages if step.new in won and step.old not in won]
    near = [step for step in steps if abs(step.at - closed) <= _TOGETHER]
    if near:
        return min(near, key=lambda step: (abs(step.at - closed), -step.message))
    return steps[-1] if steps else None


def _tracks(link: str, *names: str) -> list[list[object]]:
    return [[f"{link}.model", "=", LEAD], [f"{link}.name", "in", list(names)]]


def _learn(api: Api, link: str) -> dict[int, str]:
    """The number that each tracked field has in this database; a value bears it with a name in somebody's language."""
    found = {}
    for name in _FIELDS:
        for row in api.rows(TRACKING, _tracks(link, name), [link], 1):
            found[ref(row.get(link)) or 0] = name
    return found


def _step(row: Row) -> Step | None:
    at, message = instant(row.get("create_date")), ref(row.get("mail_message_id"))
    if at is None or message is None:
        return None
    old, new = number(row.get("old_value_integer")) or 0, number(row.get("new_value_integer")) or 0
    return Step(at, message, old, new, text(row.get("new_value_char")))


def _list(past: Past, kind: str) -> list[Step]:
    return {_OWNER: past.owners, _STAGE: past.stages, _ACTIVE: past.active}.get(kind, [])

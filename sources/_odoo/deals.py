"""Deals and leads, which share one table: what each of them stands for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from domain.facts import Change, Fact, Kind, OpenDeal
from sources._odoo.desk import Desk
from sources._odoo.fields import LEAD
from sources._odoo.history import Past, closing, owner_at
from sources._odoo.office import counts_company
from sources._odoo.options import is_named
from sources._odoo.values import ROBOT, Row, calendar_day, instant, person, ref, ref_name, text

FAMILY = "deal:"
_OPPORTUNITY, _WON, _LOST, _OPEN = "opportunity", "won", "lost", "pending"
_CERTAIN = 100


def deal_change(row: Row, past: Past | None, desk: Desk) -> Change:
    """One row of the table. `past` None = the changes may not be read, so that its owner is only seen."""
    record, owner = f"{FAMILY}{row['id']}", person(row.get("user_id"))
    chosen = not desk.choice.teams or is_named(desk.choice.teams, row.get("team_id"))
    if not chosen or not counts_company(desk.choice, row.get("company_id")):
        return Change(record, (), owner=owner)
    story = _Story(row, past, desk)
    facts, url = desk.wanted(story.facts()), desk.link(LEAD, row["id"])
    changed_by = person(row.get("write_uid"))
    return Change(record, facts, owner=owner, open_deal=story.open_deal(), url=url, changed_by=changed_by)


def outcome(row: Row, won: frozenset[int]) -> str:
    """`won`, `lost` or `pending`. Archived is not lost, and a lost deal has nothing to do with its probability now.

    Before version 18 there is no such field: won is a won stage at 100 %, lost is archived at 0 %.
    """
    told = row.get("won_status")
    if told in (_WON, _LOST, _OPEN):
        return str(told)
    chance = row.get("probability") or 0
    if chance >= _CERTAIN and ref(row.get("stage_id")) in won:
        return _WON
    return _LOST if not row.get("active") and not chance else _OPEN


class _Story:
    """One row with its past."""

    def __init__(self, row: Row, past: Past | None, desk: Desk) -> None:
        self._row, self._past, self._desk = row, past, desk
        self._owner = ref(row.get("user_id")) or 0
        self._outcome = outcome(row, desk.office.won)
        self._deal = row.get("type") == _OPPORTUNITY
        self._born = instant(row.get("create_date")) or desk.since
        self._converted = instant(row.get("date_conversion"))

    def facts(self) -> list[Fact]:
        """Everything dated. A lead that became a deal was a lead first, and is a new deal when it became one."""
        found = []
        if not self._deal or self._converted is not None:
            found.append(self._fact(Kind.LEAD_CREATED, self._born, self._born))
        if not self._deal:
            return found
        made = self._converted or self._born
        found.append(self._fact(Kind.DEAL_CREATED, made, made))
        for step in self._past.stages if self._past else ():
            name = self._desk.office.stages.get(step.new, (step.name, False))[0]
            found.append(self._fact(Kind.STAGE_ENTERED, step.at, step.at, step.message, name))
        closed = self._closed()
        return found if closed is None else [*found, closed]

    def open_deal(self) -> OpenDeal | None:
        """The present state of a deal that is neither won nor lost, nor put away."""
        if not self._deal or self._outcome != _OPEN or not self._row.get("active"):
            return None
        return OpenDeal(
            owner=person(self._row.get("user_id")),
            created=self._converted or self._born,
            title=text(self._row.get("name")),
            stage=self._stage(),
            pipeline=ref_name(self._row.get("team_id")),
            amount=self._amount(),
            currency=self._currency(),
            next_activity=self._planned(),
        )

    def _closed(self) -> Fact | None:
        """Won or lost on the day that Odoo calls the closing one, by whoever had it when it was closed."""
        if self._outcome == _OPEN:
            return None
        named = ("date_closed", "date_last_stage_update", "write_date")
        at = next((found for name in named if (found := instant(self._row.get(name)))), self._born)
        won = self._outcome == _WON
        step = closing(self._past, at, self._desk.office.won if won else None)
        when, message = (step.at, step.message) if step else (at, None)
        kind = Kind.DEAL_WON if won else Kind.DEAL_LOST
        return self._fact(kind, at, when, message, reason=None if won else ref_name(self._row.get("lost_reason_id")))

    def _fact(
        self,
        kind: Kind,
        at: datetime,
        owned: datetime,
        message: int | None = None,
        stage: str | None = None,
        reason: str | None = None,
    ) -> Fact:
        """`owned` and `message` say at which moment the owner counts."""
        owner, known = owner_at(self._past, owned, self._owner, message)
        return Fact(
            kind=kind,
            at=at,
            rep=str(owner) if owner > ROBOT else None,
            amount=self._amount(),
            currency=self._currency(),
            title=text(self._row.get("name")),
            customer=ref_name(self._row.get("partner_id")),
            pipeline=ref_name(self._row.get("team_id")),
            stage=stage or self._stage(),
            loss_reason=reason,
            owner_as_seen=not known,
        )

    def _amount(self) -> Decimal | None:
        return self._desk.office.money(self._row.get("expected_revenue"), self._currency())

    def _currency(self) -> str | None:
        return ref_name(self._row.get("company_currency"))

    def _stage(self) -> str | None:
        return ref_name(self._row.get("stage_id"))

    def _planned(self) -> datetime | None:
        """A plan has a day: it is late when that day is over in the office."""
        day = calendar_day(self._row.get("activity_date_deadline"))
        return None if day is None else self._desk.start_of(day).replace(hour=23, minute=59, second=59)

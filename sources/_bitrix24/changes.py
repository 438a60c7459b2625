"""From a portal's rows to our changes: what each record stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timezone
from typing import Any

from domain.facts import Change, Direction, Fact, Kind, OpenDeal
from sources._bitrix24.book import LOST, WON, WORK, Book, same_field
from sources._bitrix24.options import Choice, EmailOwner, Issued
from sources._bitrix24.streams import DEAL, INVOICE, QUOTE
from sources._bitrix24.values import (
    Row,
    calendar_day,
    flag,
    ident,
    instant,
    is_midnight_utc,
    millis,
    money,
    number,
    text,
)

_MEETING, _CALL, _TASK, _EMAIL = 1, 2, 3, 4
_BY_PROVIDER = {
    "CRM_MEETING": _MEETING,
    "VOXIMPLANT_CALL": _CALL,
    "CRM_CALL": _CALL,
    "TASKS": _TASK,
    "CRM_TASKS_TASK": _TASK,
    "CRM_EMAIL": _EMAIL,
}
_INCOMING, _OUTGOING = 1, 2
_PLACED, _RECEIVED = frozenset((1, 4)), frozenset((2, 3))
_ANSWERED = "200"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a stage history."""

    id: int
    at: datetime
    stage: str
    semantic: str
    pipeline: int


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes changes by the portal's book and the team lead's choice. `root` is the portal's address, for links."""

    book: Book
    choice: Choice
    root: str
    zone: timezone = UTC

    def moment(self, value: Any) -> datetime | None:
        """An instant as the portal writes it."""
        return instant(value, self.zone)

    def deal(self, row: Row, steps: Sequence[Step], planned: datetime | None, customer: str | None) -> Change:
        """A deal with its history and the time of its next planned activity."""
        record = f"deal:{number(row.get('id'))}"
        revision = millis(self.moment(row.get("updatedTime")))
        owner = ident(row.get("assignedById"))
        if not self._counts(row):
            return Change(record, (), revision, owner)
        facts = tuple(self._deal_facts(row, sorted(steps, key=lambda step: step.id), owner, customer))
        url = f"{self.root}/crm/deal/details/{number(row.get('id'))}/"
        changed_by = ident(row.get("updatedBy"))
        return Change(record, facts, revision, owner, self._open(row, owner, planned), url, changed_by)

    def semantic(self, row: Row) -> str:
        """What a deal's stage means."""
        told = str(row.get("stageSemanticId") or "")
        if told in (WON, LOST, WORK):
            return told
        stage = self.book.deals.get(str(row.get("stageId")))
        return stage.semantic if stage else WORK

    def invoice(self, row: Row, steps: Sequence[Step]) -> Change:
        """A smart invoice."""
        owner = ident(row.get("assignedById"))
        facts = []
        issued, day = self._issued(row, sorted(steps, key=lambda step: step.id))
        if issued is not None:
            facts.append(self._invoice_fact(Kind.INVOICE_ISSUED, row, issued, owner, on=day))
        paid = self.moment(row.get("movedTime")) or self.moment(row.get("updatedTime"))
        if self._is_paid(str(row.get("stageId"))) and paid is not None:
            facts.append(self._invoice_fact(Kind.INVOICE_PAID, row, paid, owner))
        revision = millis(self.moment(row.get("updatedTime")))
        url = f"{self.root}/crm/type/{INVOICE}/details/{number(row.get('id'))}/"
        changed_by = ident(row.get("updatedBy"))
        return Change(f"invoice:{number(row.get('id'))}", tuple(facts), revision, owner, url=url, changed_by=changed_by)

    def old_invoice(self, row: Row) -> Change:
        """An invoice of the old kind, which keeps its own day of payment."""
        owner = ident(row.get("RESPONSIBLE_ID"))
        named = {**row, "opportunity": row.get("PRICE"), "currencyId": row.get("CURRENCY")}
        named["title"] = row.get("ORDER_TOPIC") or row.get("ACCOUNT_NUMBER")
        issued = row.get("DATE_BILL" if self.choice.issued is Issued.DATED else "DATE_INSERT")
        facts = []
        for kind, value in ((Kind.INVOICE_ISSUED, issued), (Kind.INVOICE_PAID, row.get("DATE_PAYED"))):
            at = self.moment(value)
            if at is None or (kind is Kind.INVOICE_PAID and not flag(row.get("PAYED"))):
                continue
            day = calendar_day(value) if is_midnight_utc(at) or len(str(value)) == len("2026-11-20") else None
            facts.append(self._invoice_fact(kind, named, at, owner, on=day))
        revision = millis(self.moment(row.get("DATE_UPDATE")))
        return Change(f"invoice:{number(row.get('ID'))}", tuple(facts), revision, owner)

    def lead(self, row: Row) -> Change:
        """A lead counts when it was made."""
        return self._created("lead", Kind.LEAD_CREATED, row, f"{self.root}/crm/lead/details/")

    def quote(self, row: Row) -> Change:
        """An offer counts when it was made: Bitrix24 keeps no day of sending."""
        return self._created("quote", Kind.OFFER_SENT, row, f"{self.root}/crm/type/{QUOTE}/details/")

    def call(self, row: Row) -> Change | None:
        """A call of the telephony's list; None for those that are no calls between people."""
        kind = number(row.get("CALL_TYPE"))
        at = self.moment(row.get("CALL_START_DATE"))
        seconds = number(row.get("CALL_DURATION"))
        if at is None or kind not in _PLACED | _RECEIVED or seconds < self.choice.min_call_seconds:
            return None
        fact = Fact(
            Kind.CALL,
            at,
            ident(row.get("PORTAL_USER_ID")),
            seconds=seconds,
            direction=Direction.OUT if kind in _PLACED else Direction.IN,
            answered=str(row.get("CALL_FAILED_CODE")) == _ANSWERED,
        )
        return Change(f"call:{number(row.get('ID'))}", (fact,))

    def activity(self, row: Row, calls_too: bool) -> Change | None:
        """An activity; None for kinds that are none of ours. One that is not done yet stands for nothing."""
        kind = activity_kind(row)
        if kind not in (_MEETING, _TASK, _EMAIL) and not (kind == _CALL and calls_too):
            return None
        fact = self._activity_fact(kind, row)
        revision = millis(self.moment(row.get("LAST_UPDATED")))
        family = "email" if kind == _EMAIL else "activity"
        owner = ident(row.get("RESPONSIBLE_ID"))
        return Change(f"{family}:{number(row.get('ID'))}", (fact,) if fact else (), revision, owner)

    def planned(self, row: Row) -> tuple[int, datetime] | None:
        """The deal that an open activity belongs to, and when it is due; None where nothing is planned by it."""
        if number(row.get("OWNER_TYPE_ID")) != DEAL or flag(row.get("COMPLETED")):
            return None
        due = self.moment(row.get("DEADLINE")) or (None if row.get("DEADLINE") else self.moment(row.get("END_TIME")))
        return (number(row.get("OWNER_ID")), due) if due else None

    def step(self, row: Row, stages_of_invoices: bool = False) -> Step | None:
        """A row of the stage history."""
        at = self.moment(row.get("CREATED_TIME"))
        stage = str(row.get("STAGE_ID") or row.get("STATUS_ID") or "")
        if at is None or not stage:
            return None
        told = str(row.get("STAGE_SEMANTIC_ID") or row.get("STATUS_SEMANTIC_ID") or "")
        known = (self.book.invoices if stages_of_invoices else self.book.deals).get(stage)
        semantic = told if told in (WON, LOST, WORK) else (known.semantic if known else WORK)
        return Step(number(row.get("ID")), at, stage, semantic, number(row.get("CATEGORY_ID")))

    def _counts(self, row: Row) -> bool:
        # A template of recurring deals is no deal.
        wanted = self.choice.pipelines
        return not flag(row.get("isRecurring")) and (not wanted or number(row.get("categoryId")) in wanted)

    def _deal_facts(self, row: Row, steps: Sequence[Step], owner: str | None, customer: str | None) -> Iterator[Fact]:
        created = self.moment(row.get("createdTime"))
        if created is not None:
            yield self._deal_fact(Kind.DEAL_CREATED, row, created, owner, customer=customer)
        for step in steps:
            yield Fact(
                Kind.STAGE_ENTERED,
                step.at,
                owner,
                pipeline=self.book.pipelines.get(step.pipeline),
                stage=self.book.stage(step.stage),
                owner_as_seen=True,
            )
        semantic = self.semantic(row)
        closing = self._closing(row, steps, owner, semantic, customer) if semantic in (WON, LOST) else None
        if closing is not None:
            yield closing

    def _closing(
        self, row: Row, steps: Sequence[Step], owner: str | None, semantic: str, customer: str | None
    ) -> Fact | None:
        before, step = entered(steps, semantic)
        moved = step.at if step else self.moment(row.get("movedTime"))
        day = None if moved else calendar_day(row.get("closedate"))
        at = moved or self.moment(row.get("closedate"))
        if at is None:
            return None
        if semantic == WON:
            stage = self.book.stage(row.get("stageId"))
            return self._deal_fact(Kind.DEAL_WON, row, at, owner, on=day, customer=customer, stage=stage)
        left = self.book.stage(before.stage) if before else None
        reason = self._reason(row)
        return self._deal_fact(
            Kind.DEAL_LOST, row, at, owner, on=day, customer=customer, stage=left, loss_reason=reason
        )

    def _deal_fact(self, kind: Kind, row: Row, at: datetime, owner: str | None, **also: Any) -> Fact:
        return Fact(
            kind,
            at,
            owner,
            amount=money(row.get("opportunity")),
            currency=text(row.get("currencyId")),
            title=text(row.get("title")),
            pipeline=self.book.pipelines.get(number(row.get("categoryId"))),
            owner_as_seen=True,
            **also,
        )

    def _reason(self, row: Row) -> str | None:
        field = self.choice.loss_reason_field
        if field:
            given = next((value for name, value in row.items() if same_field(name, field)), None)
            values = given if isinstance(given, list) else [given]
            labels = [self.book.reasons.get(str(value)) or text(value) for value in values if value not in (0, "0")]
            named = ", ".join(label for label in labels if label)
            if named:
                return named
        return self.book.stage(row.get("stageId"))

    def _open(self, row: Row, owner: str | None, planned: datetime | None) -> OpenDeal | None:
        created = self.moment(row.get("createdTime"))
        if self.semantic(row) != WORK or created is None:
            return None
        return OpenDeal(
            owner,
            created,
            title=text(row.get("title")),
            stage=self.book.stage(row.get("stageId")),
            pipeline=self.book.pipelines.get(number(row.get("categoryId"))),
            amount=money(row.get("opportunity")),
            currency=text(row.get("currencyId")),
            next_activity=planned,
        )

    def _issued(self, row: Row, steps: Sequence[Step]) -> tuple[datetime | None, Any]:
        if self.choice.issued is Issued.DATED and row.get("begindate"):
            return self.moment(row.get("begindate")), calendar_day(row.get("begindate"))
        if self.choice.issued is Issued.SENT:
            sent = [step.at for step in steps if step.stage.endswith(":S")]
            now_sent = self.moment(row.get("movedTime")) if str(row.get("stageId")).endswith(":S") else None
            return (sent[0] if sent else now_sent), None
        return self.moment(row.get("createdTime")), None

    def _is_paid(self, stage: str) -> bool:
        if self.choice.paid:
            return stage in self.choice.paid
        known = self.book.invoices.get(stage)
        return known is not None and known.semantic == WON

    def _invoice_fact(self, kind: Kind, row: Row, at: datetime, owner: str | None, on: Any = None) -> Fact:
        amount, currency, title = money(row.get("opportunity")), text(row.get("currencyId")), text(row.get("title"))
        return Fact(kind, at, owner, on=on, amount=amount, currency=currency, title=title, owner_as_seen=True)

    def _created(self, family: str, kind: Kind, row: Row, page: str) -> Change:
        record, owner = number(row.get("id")), ident(row.get("assignedById"))
        at = self.moment(row.get("createdTime"))
        facts: tuple[Fact, ...] = ()
        if at is not None:
            amount = money(row.get("opportunity")) if kind is Kind.OFFER_SENT else None
            currency = text(row.get("currencyId")) if amount is not None else None
            title = text(row.get("title"))
            facts = (Fact(kind, at, owner, amount=amount, currency=currency, title=title, owner_as_seen=True),)
        revision = millis(self.moment(row.get("updatedTime")))
        return Change(f"{family}:{record}", facts, revision, owner, url=f"{page}{record}/")

    def _activity_fact(self, kind: int, row: Row) -> Fact | None:
        person, done = ident(row.get("RESPONSIBLE_ID")), flag(row.get("COMPLETED"))
        created, changed = self.moment(row.get("CREATED")), self.moment(row.get("LAST_UPDATED"))
        start = self.moment(row.get("START_TIME"))
        if kind == _EMAIL:
            return self._email_fact(row, created, person, done)
        if not done or changed is None:
            return None
        if kind == _MEETING:
            # A meeting that was ticked off before it began counts when it was ticked off.
            return Fact(Kind.MEETING, min(start or changed, changed), person, owner_as_seen=True)
        if kind == _TASK:
            return Fact(Kind.TASK_DONE, self._done_at(row, created, changed), person, owner_as_seen=True)
        out = number(row.get("DIRECTION")) != _INCOMING
        direction = Direction.OUT if out else Direction.IN
        return Fact(Kind.CALL, min(start or changed, changed), person, direction=direction, owner_as_seen=True)

    def _done_at(self, row: Row, created: datetime | None, changed: datetime) -> datetime:
        # The end of a finished task, unless that is only the end that was planned.
        end = self.moment(row.get("END_TIME"))
        planned = end == self.moment(row.get("DEADLINE"))
        return end if end and not planned and (created or end) <= end <= changed else changed

    def _email_fact(self, row: Row, created: datetime | None, person: str | None, done: bool) -> Fact | None:
        way = number(row.get("DIRECTION"))
        # An outgoing letter that is not completed is a draft.
        if created is None or way not in (_INCOMING, _OUTGOING) or (way == _OUTGOING and not done):
            return None
        if way == _OUTGOING and self.choice.email_owner is EmailOwner.AUTHOR:
            person = ident(row.get("AUTHOR_ID")) or person
        direction = Direction.OUT if way == _OUTGOING else Direction.IN
        return Fact(Kind.EMAIL, created, person, direction=direction, owner_as_seen=True)


def activity_kind(row: Row) -> int:
    """Meeting, call, task or e-mail by their number; 0 for all else. The provider says it more exactly."""
    told = number(row.get("TYPE_ID"))
    return _BY_PROVIDER.get(str(row.get("PROVIDER_ID")), told if told in (_MEETING, _CALL, _TASK, _EMAIL) else 0)


def entered(steps: Sequence[Step], semantic: str) -> tuple[Step | None, Step | None]:
    """The step before, and the first step into this meaning after the last one out of it; None where there is none."""
    before: Step | None = None
    first: Step | None = None
    for step in steps:
        if step.semantic != semantic:
            before, first = step, None
        elif first is None:
            first = step
    return before, first

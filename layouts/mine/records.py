"""The records that made a number, the newest first, with the way into the CRM."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from dash import html
from dash.development.base_component import Component

from domain.board import Board
from domain.facts import Direction, Fact, Kind
from domain.records import Record, RecordPage
from layouts import format
from layouts.html import data
from layouts.mine.card import Card, Piece, card
from layouts.panels.parts import person
from layouts.text import Text, mark

_KINDS = {
    Kind.EMAIL: mark("Email"),
    Kind.INVOICE_ISSUED: mark("Invoice"),
    Kind.INVOICE_PAID: mark("Paid invoice"),
    Kind.DEAL_CREATED: mark("New deal"),
    Kind.DEAL_WON: mark("Won deal"),
    Kind.DEAL_LOST: mark("Lost deal"),
    Kind.MEETING: mark("Meeting"),
    Kind.TASK_DONE: mark("Task"),
    Kind.LEAD_CREATED: mark("New lead"),
    Kind.OFFER_SENT: mark("Offer"),
    Kind.STAGE_ENTERED: mark("Stage"),
}


def records(page: RecordPage, metric: str, later: bool, board: Board, text: Text) -> Card:
    """The card of the records behind a metric. `later`: it is not the first page of them."""
    lines = [_line(each, board, text) for each in page.records]
    newest = html.A(text.t("Back to the newest"), href=f"?metric={quote(metric)}#records")
    older = html.A(text.t("Show older ones"), href=f"?metric={quote(metric)}&after={quote(page.more or '')}#records")
    ways = [*([newest] if later else []), *([older] if page.more else [])]
    return card(
        "records",
        text.t("What it is made of"),
        html.Ul(lines, className="records", id="records")
        if lines
        else html.P(text.t("Nothing counted yet"), id="records"),
        html.P(ways, className="ways") if ways else None,
    )


def title(fact: Fact, text: Text) -> str:
    """What a record is called."""
    if fact.title:
        return fact.title
    if fact.kind is Kind.CALL:
        return text.t("Incoming call") if fact.direction is Direction.IN else text.t("Outgoing call")
    return text.t(_KINDS[fact.kind])


def when(record: Record, zone: str, text: Text) -> str:
    """Its day, with the time where the CRM tells one."""
    day = format.day_month(text, record.day)
    # The CRM told the day alone: its midnight is no time of the record.
    return day if record.fact.on is not None else f"{day}, {format.clock(text, record.fact.at, zone)}"


def _line(record: Record, board: Board, text: Text) -> Component:
    fact = record.fact
    shown_title = title(fact, text)
    name = html.Bdi(shown_title)
    address = safe_address(record.url)
    shown: Component = html.A(name, href=address, target="_blank", rel="noopener noreferrer") if address else name
    under: list[Piece] = [when(record, board.timezone, text)]
    if fact.customer and fact.customer != shown_title:
        under += [" · ", person(fact.customer)]
    return html.Li(
        [
            html.Span([html.Span(shown, className="what"), html.Small(under)], className="told"),
            html.B(_size(fact, text), className="size"),
        ],
        **data(record=record.day.isoformat()),
    )


def safe_address(url: str | None) -> str | None:
    """An address out of a CRM that a page may lead to: a script is none."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _size(fact: Fact, text: Text) -> str:
    if fact.amount is not None and fact.currency is not None:
        return format.money(text, fact.amount, fact.currency)
    return format.duration(text, fact.seconds) if fact.seconds is not None else ""

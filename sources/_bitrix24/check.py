"""The connection test: one look at a portal that says on one screen what is there and what is lacking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sources import Finding, Site
from sources._bitrix24 import book as books
from sources._bitrix24.errors import Failure, Trouble
from sources._bitrix24.options import Choice, Invoices
from sources._bitrix24.portal import Command, Portal, Reply
from sources._bitrix24.streams import (
    ACTIVITIES,
    CALLS,
    DEALS,
    INVOICES,
    LEADS,
    USERS,
    Stream,
    streams,
    users,
)
from sources._bitrix24.values import mapping, text

# What each scope is for: docs/sources/bitrix24.md tells the same.
SCOPES = {
    "crm": "deals, invoices, e-mails, meetings",
    "telephony": "calls and their length",
    "user_brief": "names and photos",
    "department": "teams",
}
# A wider scope that includes a needed one.
_WIDER = {"user_brief": ("user_brief", "user_basic", "user")}
_COUNTED = {
    DEALS: ("Deals of this month", "createdTime"),
    INVOICES: ("Invoices of this month", "createdTime"),
    LEADS: ("Leads of this month", "createdTime"),
    CALLS: ("Calls of this month", "CALL_START_DATE"),
    ACTIVITIES: ("E-mails and activities of this month", "CREATED"),
}


def look(portal: Portal, choice: Choice, site: Site, deadline: float) -> list[Finding]:
    """Everything in one request. Raises SourceError."""
    known = {stream.name: stream for stream in streams(choice, old_methods=False, telephony=True)} | {USERS: users()}
    month = _month(site)
    commands = {
        "profile": Command("profile"),
        "scope": Command("scope"),
        "now": Command("server.time"),
        "app": Command("app.info"),
        **books.commands(choice.loss_reason_field, old_methods=False),
        **{name: _count(known[name], field, month) for name, (_, field) in _COUNTED.items() if name in known},
        USERS: known[USERS].command(0, start=0),
        "departments": Command("department.get"),
    }
    reply = portal.batch(commands, deadline)
    return [_portal(reply, portal), _scopes(reply), *_lists(reply, known, choice), _clock(reply, site)]


def _count(stream: Stream, field: str, month: datetime) -> Command:
    if stream.method == "crm.invoice.list":
        field = "DATE_INSERT"
    return stream.command(0, {f">={field}": month.isoformat()}, start=0)


def _portal(reply: Reply, portal: Portal) -> Finding:
    profile, app = mapping(reply.results.get("profile")), mapping(reply.results.get("app"))
    name = " ".join(part for part in (text(profile.get("NAME")), text(profile.get("LAST_NAME"))) if part)
    rights = "an administrator" if profile.get("ADMIN") else "no administrator"
    license_ = text(app.get("LICENSE"))
    return Finding(
        "Portal", f"{portal.root}, as {name or 'somebody'} ({rights})" + (f", {license_}" if license_ else "")
    )


def _scopes(reply: Reply) -> Finding:
    given = {str(scope) for scope in mapping(reply.results.get("scope")).values()}
    lacking = [scope for scope in SCOPES if given.isdisjoint(_WIDER.get(scope, (scope,)))]
    if not given:
        return Finding("Scopes", "the portal does not tell which it has", good=False)
    if lacking:
        return Finding("Scopes", ", ".join(f"lacks `{scope}` ({SCOPES[scope]})" for scope in lacking), good=False)
    return Finding("Scopes", ", ".join(SCOPES))


def _lists(reply: Reply, known: Mapping[str, Stream], choice: Choice) -> list[Finding]:
    found = [_list("Employees", reply, known[USERS])]
    for name, (label, _) in _COUNTED.items():
        if name in known:
            found.append(_list(label, reply, known[name]))
    if choice.invoices is Invoices.NONE:
        found.append(Finding("Invoices", "not read, as the connection's options say"))
    return [*found, _book(reply, choice)]


def _list(label: str, reply: Reply, stream: Stream) -> Finding:
    failure = reply.failures.get(stream.name)
    if failure is not None:
        return Finding(label, _why(failure, stream), good=False)
    here = len(stream.rows(reply.results.get(stream.name)))
    return Finding(label, str(max(reply.totals.get(stream.name, 0), here)))


def _book(reply: Reply, choice: Choice) -> Finding:
    book = books.read(reply, choice.loss_reason_field)
    names = ", ".join(name for name in book.pipelines.values() if name)
    unknown = sorted(choice.pipelines - book.pipelines.keys()) if book.pipelines else []
    if unknown:
        listed = ", ".join(str(number) for number in unknown)
        return Finding("Pipelines", f"there is no pipeline {listed}; there are {pipelines_text(book)}", good=False)
    return Finding("Pipelines", names or "none that may be read", good=bool(names))


def pipelines_text(book: books.Book) -> str:
    """`0 = Sales, 3 = Service`."""
    return ", ".join(f"{number} = {name}" for number, name in sorted(book.pipelines.items()))


def _clock(reply: Reply, site: Site) -> Finding:
    apart = abs((reply.clock - site.clock()).total_seconds())
    return Finding("Clock", f"{apart:.0f} s apart from ours", good=apart < 120)


def _why(failure: Failure, stream: Stream) -> str:
    if failure.trouble is Trouble.SCOPE:
        return f"not available: the webhook lacks `{stream.scope}`"
    return f"not available: {failure.text or failure.code or 'refused'}"


def _month(site: Site) -> datetime:
    now = site.clock().astimezone(ZoneInfo(site.timezone))
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

"""The connection test: what is there, what may be read, and what the account cannot give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.facts import Kind, Problem
from sources import Finding, PermissionDeniedError, SchemaError, Site
from sources._kommo.api import EVENTS_PAGE, PAGE, Api, Query
from sources._kommo.feed import MAIL
from sources._kommo.memory import Memory
from sources._kommo.office import Office, due, load, people, refresh
from sources._kommo.rules import STAGE_OPTIONS, Rules
from sources._kommo.work import CALLS

_FUTURE = timedelta(days=3650)


def examine(api: Api, rules: Rules, site: Site, problems: list[Problem]) -> list[Finding]:
    """One finding for each thing that Tablo needs of the account. Raises SourceError where it cannot be read at all."""
    memory = Memory(Path(":memory:"))
    try:
        for name in due(memory, _unix(site.clock())):
            refresh(api, memory, name, _unix(site.clock()))
        office, staff = load(memory), people(memory)
    finally:
        memory.close()
    month = site.clock().astimezone(ZoneInfo(site.timezone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [
        Finding("Account", office.name or "without a name"),
        _zone(office, site),
        Finding("Currency", office.currency or f"not told; {site.currency} is taken"),
        _users(len([each for each in staff if each.active]), len([each for each in staff if each.active and each.rep])),
        Finding("Pipelines", _pipelines(office), bool(office.stages)),
        _filters(api, site.clock()),
        _count(api, "Deals created this month", "leads", "leads", [("filter[created_at][from]", _unix(month))]),
    ]
    found += [_calls(api, entity, month) for entity in ("leads", "contacts", "companies")]
    found += [
        _count(api, "Tasks changed this month", "tasks", "tasks", [("filter[updated_at][from]", _unix(month))]),
        _count(api, "Events this month", "events", "events", [("filter[created_at][from]", _unix(month))], EVENTS_PAGE),
        Finding("E-mails", "counted from events" if MAIL in (office.types or ()) else "counted from notes"),
        _invoices(office, rules),
    ]
    found += [
        Finding("Options", f"The account has no pipeline or stage {name!r}.", False) for name in rules.unknown(office)
    ]
    return found + [Finding("Token", problem.text, False) for problem in problems]


def _unix(at: datetime) -> int:
    return int(at.timestamp())


def _zone(office: Office, site: Site) -> Finding:
    if office.zone in (None, site.timezone):
        return Finding("Time zone", office.zone or f"not told; {site.timezone} is taken")
    return Finding(
        "Time zone", f"{office.zone} in Kommo, {site.timezone} in Tablo: days are counted in Tablo's.", False
    )


def _users(active: int, reps: int) -> Finding:
    if not active:
        return Finding("Users", "The list may not be read: use the token of an administrator.", False)
    return Finding("Users", f"{active} active, {reps} of them may see deals")


def _pipelines(office: Office) -> str:
    names = list(dict.fromkeys(stage.pipeline_name for stage in office.stages.values()))
    return f"{len(names)}: {', '.join(names[:6])}" if names else "The pipelines cannot be read."


def _filters(api: Api, now: datetime) -> Finding:
    """Asked for leads that change in ten years, an account that filters gives none."""

    def ask() -> Finding:
        page = api.page("leads", "leads", [("filter[updated_at][from]", _unix(now + _FUTURE))], most=10)
        if page.rows:
            return Finding("Filters", "The account ignores filters: ask Kommo's support to switch them on.", False)
        return Finding("Filters", "work")

    return _tried("Filters", ask)


def _count(api: Api, what: str, path: str, name: str, query: Query, most: int = PAGE) -> Finding:
    def ask() -> Finding:
        page = api.page(path, name, query, most=most)
        return Finding(what, f"{len(page.rows)} or more" if page.more else str(len(page.rows)))

    return _tried(what, ask)


def _calls(api: Api, entity: str, month: datetime) -> Finding:
    kinds = [("filter[note_type][]", kind) for kind in CALLS]
    query = [*kinds, ("filter[updated_at][from]", _unix(month))]
    return _count(api, f"Calls of {entity} this month", f"{entity}/notes", "notes", query)


def _tried(what: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except (PermissionDeniedError, SchemaError) as error:
        return Finding(what, str(error), False)


def _invoices(office: Office, rules: Rules) -> Finding:
    named = [STAGE_OPTIONS[kind] for kind in (Kind.INVOICE_ISSUED, Kind.INVOICE_PAID) if rules.stages.get(kind)]
    if named:
        return Finding("Invoices", f"read from stages ({', '.join(named)})")
    if office.catalog is not None:
        return Finding("Invoices", f"read from the account's list of invoices ({office.catalog})")
    return Finding("Invoices", "There is no list of invoices: name the stages that mean issued and paid.", False)

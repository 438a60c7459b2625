"""The connection test: what is there, what may be read, and what is hidden without a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sources import Finding, PermissionDeniedError, SchemaError, Site
from sources._odoo.api import ANY, Api
from sources._odoo.errors import NoModelError
from sources._odoo.fields import ACTIVITY, APPLICATION, LEAD, LINE, MESSAGE, MOVE, ORDER, PARTIAL, TRACKING
from sources._odoo.invoices import SALES
from sources._odoo.letters import letters
from sources._odoo.memory import Memory
from sources._odoo.office import Office, due, groups, load, main_company, people, refresh
from sources._odoo.options import Choice, is_named
from sources._odoo.values import ref, ref_name, said

_SOME = 50
_DEALS = [["type", "=", "opportunity"], ANY]
_OWN_ONLY = (
    "All that can be seen belong to one person or to nobody. Odoo hides other people's without an "
    "error: give the user {right}, if others sell too."
)
_HIDDEN_LINES = (
    "Some entries behind payments are hidden, so days of payment may be wrong: give the user Accounting: read-only."
)


def examine(api: Api, memory: Memory, choice: Choice, site: Site) -> list[Finding]:
    """One finding for each thing that Tablo needs of Odoo. Raises SourceError where it cannot be read at all."""
    door = api.door
    found = [Finding("Odoo", f"version {door.server.version}, by {'JSON-2' if door.json2 else 'JSON-RPC'}")]
    now_ms = int(site.clock().timestamp() * 1000)
    for name in due(memory, now_ms):
        refresh(api, memory, name, now_ms)
    office = load(memory)
    month = site.clock().astimezone(ZoneInfo(site.timezone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found += [*_company(office, choice, site), *_people(memory, choice, office)]
    found += _lists(api, office, choice, month)
    return [*found, _tracks(api, office), *_entries(api, office), *_names(memory, choice, office)]


def _company(office: Office, choice: Choice, site: Site) -> list[Finding]:
    company = main_company(office, choice)
    currency = ref_name(company.get("currency_id")) if company else None
    return [
        Finding("Companies", ", ".join(str(row.get("name")) for row in office.companies) or "none may be read",
                bool(office.companies)),
        Finding("Currency", currency or f"not told; {site.currency} is taken"),
        Finding("Time zone", f"{site.timezone}: days are counted in Tablo's; Odoo has no zone of its own"),
    ]  # fmt: skip


def _people(memory: Memory, choice: Choice, office: Office) -> list[Finding]:
    staff = [each for each in people(memory, choice) if each.active]
    return [
        Finding("Users", f"{len(staff)} active, {sum(bool(each.rep) for each in staff)} of them sell", bool(staff)),
        Finding("Sales teams", ", ".join(each.name for each in groups(memory)) or "none"),
        Finding("Currencies", ", ".join(sorted(office.places)) or "none may be read"),
    ]


def _lists(api: Api, office: Office, choice: Choice, month: datetime) -> list[Finding]:
    since = said(month)
    day = month.date().isoformat()
    found = [
        _count(api, office, "Deals created this month", LEAD, [*_DEALS, ["create_date", ">=", since]]),
        _count(api, office, "Deals closed this month", LEAD, [*_DEALS, ["date_closed", ">=", since]]),
        *_owners(api, office, "Deals of others", LEAD, _DEALS, "user_id", "Sales: all documents"),
        _count(
            api, office, "Invoices this month", MOVE, [SALES, ["state", "=", "posted"], ["invoice_date", ">=", day]]
        ),
        *_owners(api, office, "Invoices of others", MOVE, [SALES], "invoice_user_id", "Accounting: read-only"),
    ]
    if office.has(ACTIVITY, "date_done"):
        done = [["active", "=", False], ["date_done", ">=", day]]
        found.append(_count(api, office, "Activities done this month", ACTIVITY, done))
    if office.gone:
        text = "Odoo keeps no done activities of some types: they are counted by who ticked them off."
        found.append(Finding("Done activities", text))
    found.append(_count(api, office, "E-mails this month", MESSAGE, [*letters(choice), ["date", ">=", since]]))
    found.append(_count(api, office, "Quotations this month", ORDER, [["create_date", ">=", since]]))
    return found


def _count(api: Api, office: Office, what: str, model: str, domain: Sequence[Any]) -> Finding:
    if office.fields.get(model) is None:
        return Finding(what, f"not available: the application {APPLICATION[model]} is not installed", model == ORDER)
    return _tried(what, lambda: Finding(what, str(api.count(model, domain))))


def _owners(
    api: Api, office: Office, what: str, model: str, domain: Sequence[Any], field: str, right: str
) -> list[Finding]:
    """Whether anybody else's rows can be seen: a salesperson's own rights hide them, and Odoo does not say so."""
    if office.fields.get(model) is None:
        return []

    def ask() -> Finding:
        owners = {each for row in api.rows(model, domain, [field], _SOME, "id desc") if (each := ref(row.get(field)))}
        alone = len(owners) <= 1
        if owners and alone:
            # The newest may be one person's by chance.
            alone = not api.count(model, [*domain, [field, "not in", [False, *owners]]])
        if owners and alone and len(office.users) > 1:
            return Finding(what, _OWN_ONLY.format(right=right), False)
        return Finding(what, "can be seen")

    return [_tried(what, ask)]


def _tracks(api: Api, office: Office) -> Finding:
    """Who owned a deal before, and its steps: for administrators alone."""
    what = "History of owners and stages"
    text = "Only administrators may read it: a deal counts for the owner whom Tablo sees first with the event."
    if office.fields.get(TRACKING) is None:
        return Finding(what, text)
    try:
        api.rows(TRACKING, [], ["create_date"], 1)
    except (PermissionDeniedError, SchemaError):
        return Finding(what, text)
    return Finding(what, "can be read")


def _entries(api: Api, office: Office) -> list[Finding]:
    """Whether the entries that pay invoices can be seen: hidden ones are left out of the answer without a word."""
    what = "Payments of invoices"
    if office.fields.get(MOVE) is None:
        return []

    def ask() -> Finding:
        sides = ["debit_move_id", "credit_move_id"]
        pairs = api.rows(PARTIAL, [], sides, _SOME, "id desc")
        ids = sorted({line for row in pairs for side in sides if (line := ref(row.get(side)))})
        seen = api.count(LINE, [["id", "in", ids]]) if ids else 0
        return Finding(what, _HIDDEN_LINES, False) if seen < len(ids) else Finding(what, "can be read")

    return [_tried(what, ask)]


def _names(memory: Memory, choice: Choice, office: Office) -> list[Finding]:
    """What was named in the options and is not in Odoo."""
    known = {
        "teams": [[each.id, each.name] for each in groups(memory)],
        "companies": [[row["id"], row.get("name")] for row in office.companies],
        "call_types": [[key, name] for key, (_, name) in office.types.items()],
        "meeting_types": [[key, name] for key, (_, name) in office.types.items()],
    }
    return [
        Finding("Options", f"{option}: Odoo has nothing called {name!r}.", False)
        for option, things in known.items()
        for name in sorted(getattr(choice, option))
        if not any(is_named(frozenset((name,)), thing) for thing in things)
    ]


def _tried(what: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except NoModelError as error:
        return Finding(what, f"not available: {error}", False)
    except (PermissionDeniedError, SchemaError) as error:
        return Finding(what, str(error), False)

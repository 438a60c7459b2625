"""Users, departments and currencies of a portal: small lists, read whole from time to time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from domain.facts import Group, Person, Rate
from sources._bitrix24.options import Reps
from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.streams import PAGE
from sources._bitrix24.values import Row, flag, ident, mapping, money, rows, text

# The mark of a photo that cannot be had.
NO_PHOTO = ".none"
_DEPARTMENTS, _CURRENCIES, _BASE = "departments", "currencies", "base_currency"
# A CRM knows one rate, today's; it stands for all days, because facts of earlier days need one too.
_ALWAYS = date(2000, 1, 1)
_MOST_DEPARTMENTS = 250


def commands() -> dict[str, Command]:
    """Departments and currencies."""
    found = {
        f"{_DEPARTMENTS}_{start}": Command("department.get", {"sort": "ID", "order": "ASC", "start": start})
        for start in range(0, _MOST_DEPARTMENTS, PAGE)
    }
    return {**found, _CURRENCIES: Command("crm.currency.list"), _BASE: Command("crm.currency.base.get")}


def people(found: Sequence[Row], reps: Reps, folder: Path) -> tuple[Person, ...]:
    """The users of all pages, each once."""
    return tuple(_person(row, reps, folder) for row in {str(row.get("ID")): row for row in found}.values())


def photos(found: Sequence[Row]) -> dict[str, str]:
    """Where each user's photo is."""
    return {str(row.get("ID")): str(row["PERSONAL_PHOTO"]) for row in found if text(row.get("PERSONAL_PHOTO"))}


def photo_of(folder: Path, user: str) -> str | None:
    """The name of a user's photo inside the source's folder, None where there is none yet."""
    files = (folder / "photos").glob(f"{user}.*") if user.isdigit() else ()
    found = sorted(file for file in files if file.suffix != NO_PHOTO)
    return f"photos/{found[0].name}" if found else None


def groups(reply: Reply) -> tuple[Group, ...] | None:
    """Departments, None where they may not be read."""
    if f"{_DEPARTMENTS}_0" not in reply.results:
        return None
    found: dict[str, Group] = {}
    for start in range(0, _MOST_DEPARTMENTS, PAGE):
        for row in rows(reply.results.get(f"{_DEPARTMENTS}_{start}")):
            number = ident(row.get("ID"))
            if number:
                found.setdefault(number, Group(number, text(row.get("NAME")) or number, ident(row.get("UF_HEAD"))))
    return tuple(found.values())


def rates(reply: Reply, office: str) -> tuple[Rate, ...] | None:
    """What each currency is worth, in the office's own where the portal knows it; None where it may not be read."""
    if _CURRENCIES not in reply.results:
        return None
    base = text(reply.results.get(_BASE))
    worth: dict[str, Decimal] = {}
    for row in rows(reply.results[_CURRENCIES]):
        name, amount, count = text(row.get("CURRENCY")), money(row.get("AMOUNT")), money(row.get("AMOUNT_CNT"))
        if name and amount and amount > 0 and (count is None or count > 0):
            worth[name] = amount / (count or 1)
        if name and flag(row.get("BASE")):
            base = base or name
    if base:
        worth[base] = Decimal(1)
    # Straight into the office's own currency, where the portal knows it.
    target = office if office in worth else base
    if not target:
        return ()
    return tuple(Rate(name, target, _ALWAYS, value / worth[target]) for name, value in worth.items() if name != target)


def _person(row: Row, reps: Reps, folder: Path) -> Person:
    number = str(ident(row.get("ID")) or "")
    name = " ".join(part for part in (text(row.get("NAME")), text(row.get("LAST_NAME"))) if part)
    departments = [team for team in map(ident, mapping(row.get("UF_DEPARTMENT")).values()) if team]
    return Person(
        id=number,
        name=name or f"User {number}",
        team=departments[0] if departments else None,
        photo=photo_of(folder, number),
        active=flag(row.get("ACTIVE", True)),
        rep=_sells(number, departments, reps),
    )


def _sells(number: str, departments: list[str], reps: Reps) -> bool | None:
    if reps.everybody:
        return True
    if not reps.departments and not reps.users:
        return None
    return number in reps.users or not reps.departments.isdisjoint(departments)

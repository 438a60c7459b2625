"""The targets page: three people's plans, saved all or nothing, never over somebody else's newer change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from callbacks.settings import target_saving, targets
from callbacks.settings.target_ground import Place
from callbacks.settings.targets import Form
from domain.settings import PeriodKind
from domain.targets import Target
from layouts import ids
from layouts.text import Text
from storage import audit, state
from storage import db as store
from storage import targets as stored
from storage.targets import NewTarget
from tests.callbacks.reading import Tree, classed, parts, words
from tests.desk.office import FIRST, LAST, Office

OLENA, NIKITA, DASHA = "main:1", "main:2", "main:3"
NOVEMBER, DECEMBER = "?period=month&day=2026-11-01", "?period=month&day=2026-12-01"


@dataclass(frozen=True)
class Shown:
    """A cell as the script draws it."""

    value: str
    placeholder: str
    problem: str


def cells(tree: Tree) -> dict[tuple[str, str, str], Shown]:
    """The cells of the table by metric, scope and key; of a year those of the first month."""
    return {place[:3]: cell for place, cell in reversed(year(tree).items())}


def year(tree: Tree) -> dict[Place, Shown]:
    """The cells of the table."""
    data = sheet(tree)
    return {
        Place(head["metric"], row["scope"], row["key"], date.fromisoformat(head["first"])): Shown(
            shown if typed is None else typed, due, problem
        )
        for row in data["rows"]
        for head, (shown, typed, due, _, problem) in zip(data["heads"], row["cells"], strict=True)
    }


def sheet(tree: Tree) -> Any:
    """What the script draws."""
    return next(part.data for part in parts(tree) if getattr(part, "id", "") == ids.TARGETS_SHEET)


def problems(tree: Tree) -> list[str]:
    """What is said beside the cells."""
    return [cell.problem for cell in year(tree).values() if cell.problem]


def shown(tree: Tree, key: str) -> str:
    """What stands in the cell of a rep's calls."""
    return str(cells(tree)["calls", "rep", key].value)


def form(seen: int = 1, **typed: str) -> Form:
    """What stands in the form; `olena="410"` types into her calls."""
    people = {"olena": OLENA, "nikita": NIKITA, "dasha": DASHA}
    cells = {calls(people[name]): value for name, value in typed.items()}
    return Form(cells, "", target_saving.THIS, "", seen)


def calls(key: str, first: date = FIRST) -> Place:
    """The cell of a rep's calls."""
    return Place("calls", "rep", key, first)


def save(office: Office, text: Text, given: Form, search: str = NOVEMBER, who: str = "lead") -> Tree:
    return targets.save(office.deps, text, search, who, given)


def recorded(office: Office) -> list[Target]:
    """What was recorded after the office was furnished."""
    with store.read(office.deps.db) as conn:
        return [row.target for row in stored.current(conn)][1:]


def add(office: Office, key: str, value: int, kind: PeriodKind = PeriodKind.MONTH, until: date | None = LAST) -> None:
    with store.write(office.deps.db) as conn:
        rows = [NewTarget("calls", "rep", key, kind, Decimal(value), FIRST, until)]
        stored.add(conn, rows, "root", office.clock())


def test_the_table_shows_everybody_with_their_team_and_what_is_stored(office: Office, text: Text) -> None:
    page = targets.page(office.deps, text, None)
    assert [row["name"] for row in sheet(page)["rows"]] == [
        "Company",
        "North",
        "Nikita Orlov",
        "Олена Коваль",
        "South",
        "Dasha Lewis",
    ]
    assert shown(page, OLENA) == "400"
    assert shown(page, NIKITA) == ""
    assert "November 2026" in words(page)
    assert "Last change of these targets: lead, 17 Nov 2026, 14:26" in words(page)


def test_an_empty_cell_shows_what_is_due_all_the_same(office: Office, text: Text) -> None:
    add(office, NIKITA, 200)
    month = cells(targets.page(office.deps, text, NOVEMBER))
    assert month["calls", "team", "main:n"].placeholder == "600"
    assert month["calls", "company", ""].placeholder == "600"
    assert month["calls", "company", ""].value == ""
    day = cells(targets.page(office.deps, text, "?period=day&day=2026-11-20"))
    # 400 calls over the 21 working days of November.
    assert day["calls", "rep", OLENA].placeholder in ("19", "20")


def test_a_change_is_recorded_with_who_when_and_from_which_day(office: Office, text: Text) -> None:
    with store.read(office.deps.db) as conn:
        before = state.version(conn)
    tree = save(office, text, replace(form(olena="410", dasha="90"), note=" new phone "))
    rows = recorded(office)
    assert [(row.scope_key, row.value, row.since, row.until) for row in rows] == [
        (OLENA, Decimal(410), date(2026, 11, 20), LAST),
        (DASHA, Decimal(90), date(2026, 11, 20), LAST),
    ]
    assert classed(tree, "good") == ["Saved 2 targets, from 20 November. The wall shows them in a moment."]
    with store.read(office.deps.db) as conn:
        newest = stored.current(conn)[-1]
        assert (newest.author, newest.recorded_at, newest.note) == ("lead", office.clock(), "new phone")
        assert audit.latest(conn, 1)[0].who == "lead"
        assert state.version(conn) > before


def test_a_change_may_hold_from_the_first_day_and_future_months_always_do(office: Office, text: Text) -> None:
    save(office, text, replace(form(olena="410"), since="2026-11-01"))
    save(
        office,
        text,
        replace(form(seen=2), typed={calls(OLENA, date(2026, 12, 1)): "500"}, since="2026-11-20"),
        DECEMBER,
    )
    assert [row.since for row in recorded(office)] == [date(2026, 11, 1), date(2026, 12, 1)]


def test_a_day_that_was_not_offered_is_not_taken(office: Office, text: Text) -> None:
    save(office, text, replace(form(olena="410"), since="2020-01-01"))
    assert [row.since for row in recorded(office)] == [date(2026, 11, 20)]


def test_one_cell_that_cannot_be_read_keeps_all_from_being_saved(office: Office, text: Text) -> None:
    tree = save(office, text, form(olena="410", dasha="many", nikita="-3"))
    assert recorded(office) == []
    assert classed(tree, "said") == ["Nothing is saved: 2 cells cannot be read."]
    assert problems(tree) == ["Cannot be negative", "Not a number"]
    assert shown(tree, OLENA) == "410"
    assert shown(tree, DASHA) == "many"


def test_clearing_a_cell_withdraws_the_target_and_zero_does_not(office: Office, text: Text) -> None:
    save(office, text, form(olena=""))
    save(office, text, form(seen=2, olena="0"))
    assert [row.value for row in recorded(office)] == [None, Decimal(0)]
    assert shown(targets.page(office.deps, text, NOVEMBER), OLENA) == "0"


def test_somebody_elses_newer_change_is_never_overwritten(office: Office, text: Text) -> None:
    add(office, OLENA, 450)
    tree = save(office, text, form(olena="410"))
    assert len(recorded(office)) == 1
    assert "root changed “Calls” in one of these cells at 14:26" in classed(tree, "said")[0]
    assert shown(tree, OLENA) == "410"
    save(office, text, form(olena="410"))
    assert len(recorded(office)) == 1, "a second try without a reload is refused as well"


def test_somebody_elses_change_of_another_cell_is_left_alone(office: Office, text: Text) -> None:
    add(office, NIKITA, 300)
    save(office, text, form(olena="410", nikita=""))
    assert [(row.scope_key, row.value) for row in recorded(office)] == [(NIKITA, Decimal(300)), (OLENA, Decimal(410))]


def test_nothing_changed_is_said_and_nothing_recorded(office: Office, text: Text) -> None:
    assert classed(save(office, text, form(olena=" 400 ")), "said") == ["Nothing to save: no target has changed."]
    assert recorded(office) == []


def test_a_target_for_all_later_months_stands_and_wins_in_this_one_too(office: Office, text: Text) -> None:
    save(office, text, replace(form(olena="410", nikita="100"), span=target_saving.ALWAYS))
    assert {(row.scope_key, row.until) for row in recorded(office)} == {(OLENA, None), (OLENA, LAST), (NIKITA, None)}
    for search in (NOVEMBER, DECEMBER):
        page = targets.page(office.deps, text, search)
        assert (shown(page, OLENA), shown(page, NIKITA)) == ("410", "100")


def test_a_target_of_this_month_ends_with_it(office: Office, text: Text) -> None:
    save(office, text, form(olena="410"))
    assert shown(targets.page(office.deps, text, DECEMBER), OLENA) == ""


@pytest.mark.parametrize(
    ("search", "kind", "until"),
    [
        ("?period=week&day=2026-11-18", PeriodKind.WEEK, date(2026, 11, 22)),
        ("?period=day&day=2026-11-20", PeriodKind.DAY, date(2026, 11, 20)),
        ("?period=quarter&day=2026-11-20", PeriodKind.QUARTER, date(2026, 12, 31)),
    ],
)
def test_weeks_days_and_quarters_have_targets_of_their_own(
    office: Office, text: Text, search: str, kind: PeriodKind, until: date
) -> None:
    first = date.fromisoformat(
        {PeriodKind.WEEK: "2026-11-16", PeriodKind.QUARTER: "2026-10-01"}.get(kind, search[-10:])
    )
    save(office, text, Form({calls(NIKITA, first): "25"}, "", target_saving.THIS, "", 1), search)
    assert [(row.period, row.until, row.since) for row in recorded(office)] == [(kind, until, date(2026, 11, 20))]


def test_what_is_no_cell_of_the_table_is_not_recorded(office: Office, text: Text) -> None:
    strange = [("calls", "rep", "main:99"), ("spells", "rep", OLENA), ("calls", "world", "")]
    typed = {Place(*line, FIRST): "5" for line in strange} | {calls(OLENA, LAST): "5"}
    save(office, text, Form(typed, "", target_saving.THIS, "", 1))
    assert recorded(office) == []


def test_a_target_that_a_file_brought_is_kept_when_nobody_touched_it(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        odd = NewTarget("calls", "rep", NIKITA, PeriodKind.MONTH, Decimal("33.3333"), FIRST, LAST)
        stored.add(conn, [odd], "main", office.clock())
    there = shown(targets.page(office.deps, text, NOVEMBER), NIKITA)
    save(office, text, form(seen=2, nikita=there, olena="410"))
    assert [row.scope_key for row in recorded(office)] == [NIKITA, OLENA]


def test_yesterdays_target_stays_what_it_was_yesterday(office: Office, text: Text) -> None:
    save(office, text, form(olena="410"))
    office.clock.turn(-timedelta(days=1))
    assert shown(targets.page(office.deps, text, NOVEMBER), OLENA) == "400"


@pytest.mark.parametrize("search", ["?day=never", "?period=century", "?day=0001-01-01", "?day=9999-12-31", "%%%", None])
def test_an_address_that_cannot_be_read_is_this_month(office: Office, text: Text, search: Any) -> None:
    assert "November 2026" in words(targets.page(office.deps, text, search))


def test_a_form_is_read_without_trust() -> None:
    cells = [["calls", "rep", OLENA, "2026-11-01", "5"], ["m", 1, 2, "2026-11-01", None]]
    read = targets.read_form(cells, None, None, None, "many")
    assert read == Form({calls(OLENA): "5", Place("m", "1", "2", FIRST): "None"}, "", "", "", 0)
    for wrong in (["calls", "rep"], ["calls", "rep", OLENA, "soon", "5"]):
        with pytest.raises(ValueError):
            targets.read_form([wrong], None, None, None, 1)

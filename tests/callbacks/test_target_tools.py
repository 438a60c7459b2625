"""Tools of the targets page: many cells filled in at once, a year by months, the last save undone, a cell's history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from callbacks.settings import target_saving, targets
from callbacks.settings.target_fill import Order
from callbacks.settings.target_ground import Place
from callbacks.settings.targets import Form
from domain.facts import Batch, Change, Fact, Kind
from domain.people import Absence
from domain.reach import Reach
from domain.settings import PeriodKind
from layouts.settings.target_tools import Deed
from layouts.text import Text
from storage import absences, facts, people, sources
from storage import db as store
from storage import targets as stored
from storage.targets import NewTarget
from tests.callbacks.reading import Tree, classed, parts, words
from tests.callbacks.test_targets import DASHA, NIKITA, NOVEMBER, OLENA, calls, form, sheet, shown, year
from tests.desk.office import FIRST, LAST, Office

NORTH, SOUTH = "main:n", "main:s"
YEAR = "?period=year&day=2026-11-20&metric=calls"
OF_NORTH = Place("calls", "team", NORTH, FIRST)


def fill(
    office: Office, text: Text, order: Order, search: str = NOVEMBER, reach: Reach | None = None
) -> dict[str, str]:
    """What is written into whose cell of calls."""
    _, filled = targets.fill(office.deps, text, search, order, reach or Reach())
    return {place.key: value for place, value in filled.items()}


def refusal(office: Office, text: Text, order: Order) -> str:
    said, filled = targets.fill(office.deps, text, NOVEMBER, order)
    assert filled == {}
    return words(said)


def phone(office: Office, key: str, at: datetime, count: int) -> None:
    """So many calls of a manager at that time."""
    with store.read(office.deps.db) as conn:
        source = sources.get(conn, "main").id
    made = [
        Change(f"{key}:{at}:{n}", (Fact(Kind.CALL, at, key.removeprefix("main:"), seconds=60),), revision=1)
        for n in range(count)
    ]
    facts.apply(office.deps.db, source, Batch(made, "c", office.clock()), settings=office.deps.settings())


def busy(office: Office) -> None:
    """Calls in September and October: 3 and 5 of Olena, 0 and 2 of Nikita."""
    for key, month, count in ((OLENA, 9, 3), (OLENA, 10, 5), (NIKITA, 10, 2)):
        phone(office, key, datetime(2026, month, 15, 9, tzinfo=UTC), count)


def test_the_month_before_is_copied_and_nothing_is_stored(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        before = stored.last_change(conn)
    assert fill(office, text, Order(Deed.COPY, "0"), "?period=month&day=2026-12-01") == {OLENA: "400"}
    assert fill(office, text, Order(Deed.COPY, "0"), "?period=year&day=2027-11-01") == {}
    copied = targets.fill(office.deps, text, "?period=year&day=2027-11-01", Order(Deed.COPY))[1]
    assert copied == {calls(OLENA, date(2027, 11, 1)): "400"}
    with store.read(office.deps.db) as conn:
        assert stored.last_change(conn) == before


def test_what_stands_in_the_cells_is_raised_saved_or_not(office: Office, text: Text) -> None:
    typed = {calls(OLENA): "410", calls(DASHA): "100", OF_NORTH: "1000", calls(NIKITA): "many"}
    order = Order(Deed.RAISE, "0", "", "5 %", typed=typed)
    assert fill(office, text, order) == {OLENA: "431", DASHA: "105", NORTH: "1050"}
    lowered = Order(Deed.RAISE, "0", NORTH, "-10", typed=typed)
    assert fill(office, text, lowered) == {OLENA: "369", NORTH: "900"}
    for wrong in ("", "many", "-101", "5000"):
        assert refusal(office, text, Order(Deed.RAISE, "0", "", wrong, typed=typed)) != ""


def test_a_teams_target_is_split_equally_and_sums_to_it_exactly(office: Office, text: Text) -> None:
    assert fill(office, text, Order(Deed.EQUALLY, "0", typed={OF_NORTH: "1001"})) == {NIKITA: "501", OLENA: "500"}
    company = Order(Deed.EQUALLY, "0", "company", typed={Place("calls", "company", "", FIRST): "10"})
    assert fill(office, text, company) == {NIKITA: "4", OLENA: "3", DASHA: "3"}
    assert "type the target of a team" in refusal(office, text, Order(Deed.EQUALLY, "0"))


def test_a_team_is_split_by_working_days(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        absences.add(conn, OLENA, Absence(date(2026, 11, 16), date(2026, 11, 29)), "lead", office.clock())
    # 21 working days of November against 11.
    assert fill(office, text, Order(Deed.BY_DAYS, "0", typed={OF_NORTH: "320"})) == {NIKITA: "210", OLENA: "110"}


def test_a_team_is_split_by_own_weights(office: Office, text: Text) -> None:
    order = Order(Deed.BY_WEIGHT, "0", typed={OF_NORTH: "300"}, weights={OLENA: "2"})
    assert fill(office, text, order) == {NIKITA: "100", OLENA: "200"}
    nothing = Order(Deed.BY_WEIGHT, "0", typed={OF_NORTH: "300"}, weights={OLENA: "0", NIKITA: "0"})
    assert "North" in refusal(office, text, nothing)


def test_a_team_is_split_by_what_was_reached(office: Office, text: Text) -> None:
    busy(office)
    order = Order(Deed.BY_PAST, "0", typed={OF_NORTH: "100"}, last="6")
    assert fill(office, text, order) == {NIKITA: "20", OLENA: "80"}
    of_october = Order(Deed.BY_PAST, "0", typed={OF_NORTH: "70"}, last="1")
    assert fill(office, text, of_october) == {NIKITA: "20", OLENA: "50"}
    assert refusal(office, text, Order(Deed.BY_PAST, "0", last="0")) == "A whole number from 1 to 24"


def test_everybody_gets_a_ratio_whole(office: Office, text: Text) -> None:
    column = str(list(words_of_columns(office, text)).index("win_rate"))
    order = Order(Deed.EQUALLY, column, typed={Place("win_rate", "team", NORTH, FIRST): "25"})
    assert fill(office, text, order, f"{NOVEMBER}&metrics=all") == {NIKITA: "25", OLENA: "25"}


def words_of_columns(office: Office, text: Text) -> list[str]:
    heads = sheet(targets.page(office.deps, text, f"{NOVEMBER}&metrics=all"))["heads"]
    return [head["metric"] for head in heads]


def test_the_first_target_of_a_team_is_filled_down(office: Office, text: Text) -> None:
    assert fill(office, text, Order(Deed.DOWN, "0", typed={calls(NIKITA): "50"})) == {OLENA: "50"}


def test_another_teams_lead_fills_in_nobody_else(office: Office, text: Text) -> None:
    typed = {calls(OLENA): "10", calls(DASHA): "10", OF_NORTH: "100", Place("calls", "company", "", FIRST): "9"}
    south = Reach(frozenset((SOUTH,)))
    assert fill(office, text, Order(Deed.RAISE, "0", "", "50", typed=typed), reach=south) == {DASHA: "15"}
    for deed in (Deed.EQUALLY, Deed.DOWN):
        assert fill(office, text, Order(deed, "0", NORTH, typed=typed), reach=south) == {}


def test_a_year_shows_the_months_of_one_metric_and_saves_each_by_itself(office: Office, text: Text) -> None:
    page = targets.page(office.deps, text, YEAR)
    assert [head["name"] for head in sheet(page)["heads"]][::11] == ["January", "December"]
    assert year(page)[calls(OLENA)].value == "400"
    typed = {calls(OLENA, date(2026, month, 1)): str(month * 100) for month in (1, 11, 12)}
    tree = targets.save(office.deps, text, YEAR, "lead", Form(typed, "", target_saving.ALWAYS, "", 1))
    assert classed(tree, "good") == ["Saved 3 targets. The wall shows them in a moment."]
    with store.read(office.deps.db) as conn:
        rows = [row.target for row in stored.current(conn)][1:]
    assert [(row.since, row.until, row.value) for row in rows] == [
        (date(2026, 1, 1), date(2026, 1, 31), Decimal(100)),
        (date(2026, 11, 20), LAST, Decimal(1100)),
        (date(2026, 12, 1), date(2026, 12, 31), Decimal(1200)),
    ]
    assert shown(targets.page(office.deps, text, "?period=month&day=2026-12-01"), OLENA) == "1200"


def test_a_change_may_hold_from_another_day_of_the_period_and_of_no_other(office: Office, text: Text) -> None:
    wrong = Form({calls(OLENA): "410"}, "other", target_saving.THIS, "", 1, "2026-12-03")
    tree = targets.save(office.deps, text, NOVEMBER, "lead", wrong)
    assert classed(tree, "said") == ["Choose a day from 1 Nov 2026 to 30 Nov 2026"]
    right = Form({calls(OLENA): "410"}, "other", target_saving.THIS, "", 1, "2026-11-09")
    targets.save(office.deps, text, NOVEMBER, "lead", right)
    with store.read(office.deps.db) as conn:
        assert stored.current(conn)[-1].target.since == date(2026, 11, 9)


def test_the_last_save_is_undone_whole_and_the_undoing_too(office: Office, text: Text) -> None:
    office.clock.turn(timedelta(minutes=1))
    targets.save(office.deps, text, NOVEMBER, "lead", form(olena="410", dasha="90"))
    for expected in (("400", ""), ("410", "90")):
        office.clock.turn(timedelta(minutes=1))
        tree = targets.take_back(office.deps, text, NOVEMBER, "lead")
        assert classed(tree, "good") == ["Undone: everything is as before your last save."]
        assert (shown(tree, OLENA), shown(tree, DASHA)) == expected


def test_an_undo_never_runs_over_somebody_elses_newer_change(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        rows = [NewTarget("calls", "rep", OLENA, PeriodKind.MONTH, Decimal(450), FIRST, LAST)]
        stored.add(conn, rows, "root", office.clock())
    tree = targets.take_back(office.deps, text, NOVEMBER, "lead")
    assert "root changed “Calls”" in classed(tree, "said")[0]
    assert shown(tree, OLENA) == "450"
    assert "There is nothing to undo." in words(targets.take_back(office.deps, text, NOVEMBER, "nobody"))


def test_a_lead_undoes_nothing_of_teams_that_were_taken_away(office: Office, text: Text) -> None:
    tree = targets.take_back(office.deps, text, NOVEMBER, "lead", Reach(frozenset((SOUTH,))))
    assert classed(tree, "said") == ["There is nothing to undo."]


def takes(tree: Tree) -> list[str]:
    """What the buttons of the history type into the cell."""
    return [part.to_plotly_json()["props"]["data-take"] for part in parts(tree) if type(part).__name__ == "Button"]


def test_the_history_of_a_cell_tells_every_change_and_gives_its_value_back(office: Office, text: Text) -> None:
    busy(office)
    with store.write(office.deps.db) as conn:
        rows = [NewTarget("calls", "rep", OLENA, PeriodKind.MONTH, Decimal(5), date(2026, 11, 20), LAST)]
        stored.add(conn, rows, "root", office.clock(), "new phone")
    tree = targets.tell(office.deps, text, NOVEMBER, calls(OLENA))
    said = words(tree)
    for each in ("Олена Коваль · Calls · November 2026", "September 2026", "5: reached 1 of 2", "new phone"):
        assert each in said
    cells = [part.children for part in parts(tree) if type(part).__name__ == "Td"]
    assert cells[:4] == ["400", "5", "20 Nov 2026 – 30 Nov 2026", "root"]
    assert takes(tree) == ["400"]


def test_the_history_of_a_cell_beyond_reach_is_not_told(office: Office, text: Text) -> None:
    for place in (calls(OLENA), OF_NORTH, calls("main:99")):
        tree = targets.tell(office.deps, text, NOVEMBER, place, Reach(frozenset((SOUTH,))))
        assert "no such cell" in words(tree)
        assert "lead" not in words(tree)


def test_beside_a_target_stands_what_was_reached_before(office: Office, text: Text) -> None:
    busy(office)
    data = sheet(targets.page(office.deps, text, NOVEMBER))
    past = {row["key"]: row["past"]["calls"] for row in data["rows"]}
    # Nothing is known of the months before the first record.
    assert data["times"] == ("September 2026", "October 2026")
    assert (past[OLENA], past[NIKITA], past[NORTH], past[""]) == (("3", "5"), ("0", "2"), ("3", "7"), ("3", "7"))


def test_who_was_not_there_yet_has_no_figures_of_that_time(office: Office, text: Text) -> None:
    busy(office)
    with store.write(office.deps.db) as conn:
        people.change(conn, NIKITA, {"joined": date(2026, 10, 5)}, "lead", office.clock())
    rows = sheet(targets.page(office.deps, text, NOVEMBER))["rows"]
    assert next(row["past"]["calls"] for row in rows if row["key"] == NIKITA) == (None, "2")


@pytest.mark.parametrize(("typed", "says"), [("101", "100 % at most"), ("25", "")])
def test_a_ratio_is_a_hundred_per_cent_at_most(office: Office, text: Text, typed: str, says: str) -> None:
    place = Place("win_rate", "rep", OLENA, FIRST)
    tree = targets.save(office.deps, text, f"{NOVEMBER}&metrics=all", "lead", Form({place: typed}, "", "", "", 1))
    assert year(tree)[place].problem == says

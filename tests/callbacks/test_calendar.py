"""The calendar: a month at a glance, who is away, and the office's own days off and worked days."""

from __future__ import annotations

from datetime import date

import pytest

from callbacks.settings import calendar
from callbacks.settings.calendar import Forms
from domain.people import Absence
from domain.reach import WHOLE
from domain.rota import Mark
from layouts import ids
from layouts.settings.calendar import WORKED, DayForm, Form
from layouts.text import Text
from storage import absences, audit, people
from storage import db as store
from storage import settings as saved
from tests.callbacks.reading import Tree, classed, values, words
from tests.desk.office import NOW, Office

LEAVE = Form("main:2", "2026-11-23", "27.11.2026", False)


def press(office: Office, text: Text, action: str, about: object = "", form: Form | None = None,
          day: DayForm | None = None) -> Tree:  # fmt: skip
    forms = Forms(form or Form(), day or DayForm())
    tree: Tree = calendar.answer(office.deps, text, "lead", ids.calendar_do(action, about), "", forms)
    return tree


def noted(office: Office) -> list[absences.StoredAbsence]:
    with store.read(office.deps.db) as conn:
        return absences.every(conn)


def test_a_month_has_a_row_for_the_office_and_one_for_everybody_who_is_there(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        people.change(conn, "main:2", {"joined": date(2026, 11, 23), "workdays": frozenset((1, 2, 3))}, "lead", NOW)
        people.change(conn, "main:3", {"left": date(2026, 10, 30)}, "lead", NOW)
    month = calendar.read_month(office.deps, text, "", WHOLE, Forms())
    assert [(line.name, line.days, line.hours) for line in month.lines] == [
        ("Office", 21, "168"), ("Nikita Orlov", 4, "32"), ("Олена Коваль", 21, "168")
    ]  # fmt: skip
    assert month.lines[1].marks[21:25] == (Mark.NOT_YET, Mark.WORK, Mark.WORK, Mark.WORK)
    assert (month.before, month.after) == ("/settings/calendar?month=2026-10", "/settings/calendar?month=2026-12")
    earlier = calendar.read_month(office.deps, text, "?month=2026-10", WHOLE, Forms())
    assert "Dasha Lewis" in [line.name for line in earlier.lines]


@pytest.mark.parametrize("search", [None, "?month=", "?month=2026-13", "?month=0001-01", "?month=9999-12", "?month=x"])
def test_an_address_without_a_month_opens_the_present_one(office: Office, text: Text, search: str | None) -> None:
    assert "November 2026" in words(calendar.page(office.deps, text, search))


def test_an_absence_is_noted_changed_and_taken_back(office: Office, text: Text) -> None:
    tree = press(office, text, "save", form=LEAVE)
    found = noted(office)
    assert [(each.rep, each.absence) for each in found] == [
        ("main:2", Absence(date(2026, 11, 23), date(2026, 11, 27), False))
    ]
    assert "23 Nov 2026 – 27 Nov 2026 | the plan stays" in words(tree)
    number = found[0].id
    tree = press(office, text, "edit", number)
    assert values(tree)[str(ids.calendar_field("first"))] == "2026-11-23"
    tree = press(office, text, "save", number, Form("main:2", "2026-11-24", "", True))
    assert noted(office) == [absences.StoredAbsence(number, "main:2", Absence(date(2026, 11, 24), date(2026, 11, 24)))]
    press(office, text, "save", number, Form("main:3", "2026-11-24", "", True))
    assert [each.rep for each in noted(office)] == ["main:3"]
    number = noted(office)[0].id
    press(office, text, "remove", number)
    assert noted(office) == []
    assert "not there any more" in classed(press(office, text, "remove", number), "said")[0]
    with store.read(office.deps.db) as conn:
        assert [entry.who for entry in audit.latest(conn, 5) if entry.what == "absence"] == ["lead"] * 5


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (Form(first="2026-11-23"), "Choose who is away."),
        (Form("main:2"), "Write a day like 20.11.2026"),
        (Form("main:2", "2026-11-23", "2026-11-20"), "The last day is before the first one."),
        (Form("main:2", "2026-11-27", "2026-12-02"), "Overlaps with 23 Nov 2026 – 27 Nov 2026, which is noted already"),
    ],
)
def test_an_absence_that_cannot_be_taken_is_told_why_beside_it_and_stays_typed(
    office: Office, text: Text, form: Form, why: str
) -> None:
    press(office, text, "save", form=LEAVE)
    tree = press(office, text, "save", form=form)
    assert classed(tree, "problem") == [why]
    assert values(tree)[str(ids.calendar_field("first"))] == form.first
    assert len(noted(office)) == 1


def test_an_absence_does_not_overlap_itself(office: Office, text: Text) -> None:
    press(office, text, "save", form=LEAVE)
    press(office, text, "save", noted(office)[0].id, Form("main:2", "2026-11-20", "2026-11-24"))
    assert noted(office)[0].absence.first == date(2026, 11, 20)


def test_a_public_holiday_is_worked_and_kept_again_by_one_press(office: Office, text: Text) -> None:
    tree = press(office, text, "turn", "2026-12-25")
    assert classed(tree, "good") == ["Saved. The wall shows it in a moment."]
    assert office.deps.settings().holidays_removed == {date(2026, 12, 25)}
    assert "Friday 25 December | Christmas Day | worked day" in words(tree)
    press(office, text, "turn", "2026-12-25")
    assert office.deps.settings().holidays_removed == frozenset()


def test_a_day_off_and_a_worked_saturday_are_added_and_taken_back(office: Office, text: Text) -> None:
    press(office, text, "add", day=DayForm("24.12.2026"))
    press(office, text, "add", day=DayForm("2026-11-21", WORKED))
    settings = office.deps.settings()
    assert settings.holidays_added == {date(2026, 12, 24)}
    assert settings.workdays_added == {date(2026, 11, 21)}
    month = calendar.read_month(office.deps, text, "", WHOLE, Forms())
    assert (month.lines[0].days, month.lines[0].marks[20]) == (22, Mark.WORK)
    for day in ("2026-12-24", "2026-11-21"):
        press(office, text, "turn", day)
    settings = office.deps.settings()
    assert not settings.holidays_added | settings.workdays_added | settings.holidays_removed


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (DayForm("soon"), "Write a day like 20.11.2026"),
        (DayForm("2026-12-25"), "This is a public holiday already"),
        (DayForm("2026-11-20", WORKED), "The office works on this day anyway"),
        (DayForm("2026-12-31"), "This day is in the list already"),
    ],
)
def test_a_day_that_changes_nothing_is_refused_beside_it(office: Office, text: Text, form: DayForm, why: str) -> None:
    with store.write(office.deps.db) as conn:
        saved.save(conn, {"holidays_added": frozenset((date(2026, 12, 31),))}, "lead", NOW)
    assert classed(press(office, text, "add", day=form), "problem") == [why]


def test_without_a_country_no_holiday_is_known_and_that_is_said(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        saved.save(conn, {"country": None}, "lead", NOW)
    assert "no public holiday is known" in words(calendar.page(office.deps, text, None))

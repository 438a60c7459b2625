"""The desk in a real browser: by mouse, by keyboard alone, on a phone, in three languages."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from PIL import Image
from playwright.sync_api import Dialog, FilePayload, expect

from domain.settings import Slot
from layouts.settings.frame import TITLES
from storage import db as store
from storage import people, settings, targets, users
from tests.desk.conftest import Desk
from tests.desk.judging import judge
from tests.desk.office import NOW

pytestmark = pytest.mark.browser

OLENA, NIKITA, DASHA = "Олена Коваль", "Nikita Orlov", "Dasha Lewis"


def recorded(desk: Desk) -> list[tuple[str, Decimal | None]]:
    """Whose target of what value was recorded after the office was furnished."""
    with store.read(desk.office.deps.db) as conn:
        return [(row.target.scope_key, row.target.value) for row in targets.current(conn)][1:]


def test_a_team_lead_logs_in_changes_a_target_and_it_is_stored(desk: Desk) -> None:
    desk.fill_in()
    page = desk.page
    cell = desk.cell(OLENA, "Calls")
    expect(cell).to_have_value("400")
    cell.fill("410")
    expect(page.locator("td.changed")).to_have_count(1)
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text(
        "Saved 1 target, from 20 November. The wall shows it in a moment."
    )
    expect(page.locator("td.changed")).to_have_count(0)
    expect(page.get_by_text("Not saved yet")).to_be_hidden()
    assert recorded(desk) == [("main:1", Decimal(410))]
    page.reload()
    expect(desk.cell(OLENA, "Calls")).to_have_value("410")
    assert desk.faults == []


def test_a_wrong_password_says_so_and_the_fourth_one_has_to_wait(desk: Desk) -> None:
    for _ in range(3):
        desk.fill_in(password="a wrong guess")
        expect(desk.page.get_by_role("alert")).to_have_text("This login and this password do not belong together.")
    desk.fill_in()
    expect(desk.page.get_by_role("alert")).to_have_text("Too many wrong passwords. Try again in 1 second.")
    desk.office.clock.turn(timedelta(seconds=1))
    desk.fill_in()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Targets")


def test_a_newcomer_chooses_a_password_before_anything_else(desk: Desk) -> None:
    with store.write(desk.office.deps.db) as conn:
        users.set_password(conn, "lead", "one time only!", "test", NOW, must_change=True)
    desk.fill_in(password="one time only!")
    page = desk.page
    for name in ("new", "again"):
        page.fill(f"#{name}", "another quiet morning")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Targets")


def test_everything_can_be_done_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.address}/login")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("lead")
    page.keyboard.press("Tab")
    page.keyboard.type("a quiet morning tea")
    page.keyboard.press("Enter")
    desk.cell(NIKITA, "Calls").focus()
    page.keyboard.type("300")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("405")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("90")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Save":
            break
    page.keyboard.press("Space")
    expect(page.locator(".said.good")).to_contain_text("Saved 3 targets")
    assert recorded(desk) == [("main:2", Decimal(300)), ("main:1", Decimal(405)), ("main:3", Decimal(90))]
    expect(page.get_by_role("button", name="Save").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_text("Nothing to save: no target has changed.")
    assert desk.faults == []


def test_what_cannot_be_read_is_told_beside_the_cell_and_stays_typed(desk: Desk) -> None:
    desk.fill_in()
    desk.cell(DASHA, "Calls").fill("many")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.page.locator("td .problem")).to_have_text("Not a number")
    expect(desk.cell(DASHA, "Calls")).to_have_value("many")
    expect(desk.page.get_by_text("Not saved yet")).to_be_visible()
    assert recorded(desk) == []


def test_a_block_from_a_spreadsheet_fills_the_cells_from_here(desk: Desk) -> None:
    desk.fill_in()
    page = desk.page
    first = desk.cell(NIKITA, "Calls")
    first.evaluate(
        """input => {
            const data = new DataTransfer();
            data.setData("text/plain", "300\\t50\\n405\\t60\\r\\n");
            input.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said.good")).to_contain_text("Saved 4 targets")
    assert sorted(recorded(desk)) == [
        ("main:1", Decimal(60)),
        ("main:1", Decimal(405)),
        ("main:2", Decimal(50)),
        ("main:2", Decimal(300)),
    ]


def test_what_is_not_saved_is_not_left_by_accident(desk: Desk) -> None:
    desk.fill_in()
    page, asked = desk.page, list[str]()
    answers = iter((False, True))

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        (dialog.accept if next(answers) else dialog.dismiss)()

    page.on("dialog", answer)
    desk.cell(OLENA, "Calls").fill("410")
    page.get_by_role("link", name="December").click()
    expect(desk.cell(OLENA, "Calls")).to_have_value("410")
    page.get_by_role("link", name="December").click()
    expect(page.get_by_role("heading", name="December 2026")).to_be_visible()
    expect(desk.cell(OLENA, "Calls")).to_have_value("")
    assert asked == ["What you typed is not saved. Leave all the same?"] * 2


def test_only_the_save_of_what_was_typed_ends_its_mark(desk: Desk) -> None:
    desk.log_in()
    desk.open("wall")
    page, asked = desk.page, list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    unsaved, seconds = page.get_by_text("Not saved yet"), page.locator(".slot").first.get_by_label("Seconds")
    page.get_by_text("New playlist, name, delete").click()

    def copy(name: str) -> None:
        page.get_by_label("Name of the new playlist").fill(name)
        page.get_by_role("button", name="Copy this one").click()
        expect(page.locator(".said.good").first).to_contain_text(f"“{name}” is made.")
        desk.settle()

    copy("Hall")
    page.get_by_role("button", name="Remove “Leaderboard”").click()
    expect(page.locator(".slot")).to_have_count(7)
    desk.settle()
    expect(unsaved).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#wall-rows .said.good")).to_be_visible()
    expect(unsaved).to_be_hidden()

    seconds.fill("30")
    expect(page.get_by_text("One round takes 1 min 42 s.")).to_be_visible()
    desk.settle()
    expect(unsaved).to_be_visible()
    page.get_by_text("New playlist, name, delete").click()
    copy("Kitchen")
    expect(unsaved).to_be_visible()
    page.get_by_role("link", name="Look").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wall")
    expect(seconds).to_have_value("30")
    assert asked == ["What you typed is not saved. Leave all the same?"]
    assert desk.faults == []


def test_a_login_that_ended_leads_to_the_login_and_back(desk: Desk) -> None:
    desk.log_in()
    desk.open("wall")
    desk.office.clock.turn(timedelta(hours=13))
    desk.page.get_by_role("link", name="Office").click()
    desk.page.wait_for_url("**/login?next=office")
    desk.page.fill("#login", "lead")
    desk.page.fill("#password", "a quiet morning tea")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/settings/office")


def test_the_office_saves_its_hours_and_tells_what_it_cannot_read(desk: Desk) -> None:
    desk.log_in()
    desk.open("office")
    page = desk.page
    page.get_by_label("To", exact=True).fill("17:30")
    page.get_by_label("Time zone").fill("Kyiv")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problem")).to_have_text("Choose a city of the list, like Europe/Kyiv")
    page.get_by_label("Time zone").fill("Europe/Warsaw")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said.good")).to_be_visible()
    saved = desk.office.deps.settings()
    assert (saved.timezone, f"{saved.hours.end:%H:%M}") == ("Europe/Warsaw", "17:30")
    assert desk.faults == []


def test_panels_are_ordered_removed_and_saved_and_the_focus_stays(desk: Desk) -> None:
    desk.log_in()
    desk.open("wall")
    page = desk.page
    names = page.locator(".slot strong")
    page.get_by_role("button", name="Move “Emails” up").focus()
    page.keyboard.press("Enter")
    expect(names.nth(1)).to_have_text("Emails")
    expect(page.get_by_role("button", name="Move “Emails” up")).to_be_focused()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.keyboard.press("Enter")
    expect(names.first).to_have_text("Emails")
    page.get_by_role("button", name="Remove “Leaderboard”").click()
    expect(page.locator(".slot")).to_have_count(7)
    page.locator(".slot").first.get_by_label("Seconds").fill("30")
    expect(page.get_by_text("One round takes 1 min 45 s.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said.good")).to_be_visible()
    playlist = desk.office.deps.settings().playlist
    assert playlist[0] == Slot("emails", 30)
    assert "leaderboard" not in [slot.panel for slot in playlist]
    assert desk.faults == []


def test_somebody_is_mapped_and_an_absence_noted(desk: Desk) -> None:
    desk.log_in()
    desk.open("people")
    page = desk.page
    page.get_by_role("button", name="Sells Telephone Exchange").press("Enter")
    expect(page.get_by_role("button", name="Does not sell Telephone Exchange")).to_be_focused()
    desk.open("calendar")
    row = page.locator("#calendar-grid tr", has_text=NIKITA)
    expect(row.locator(".day-work")).to_have_count(21)
    away = page.locator(".card", has_text="Absences")
    away.get_by_label("Who").select_option(NIKITA)
    away.get_by_label("First day").fill("2026-11-23")
    away.get_by_label("Last day").fill("2026-11-27")
    away.get_by_role("button", name="Add").press("Enter")
    expect(page.get_by_role("cell", name="23 Nov 2026 – 27 Nov 2026", exact=True)).to_be_visible()
    expect(row.locator(".day-away")).to_have_count(5)
    expect(row.locator(".sum").last).to_have_text("128")
    assert desk.faults == []


def test_a_person_gets_a_photo_another_team_and_is_hidden_by_keyboard(desk: Desk) -> None:
    desk.log_in()
    desk.open("people")
    page = desk.page
    page.get_by_role("link", name=NIKITA).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NIKITA)
    desk.settle()
    face = io.BytesIO()
    Image.new("RGB", (64, 48), (20, 90, 160)).save(face, "PNG")
    sent = FilePayload(name="n.png", mimeType="image/png", buffer=face.getvalue())
    page.locator("#person-upload input").set_input_files(sent)
    expect(page.get_by_role("img", name=f"Photo of {NIKITA}")).to_be_visible()
    desk.settle()
    assert judge(page) == []
    page.get_by_label("Team").select_option("South")
    page.get_by_label("From the day").fill("2026-11-16")
    page.get_by_role("button", name="Change the team").press("Enter")
    expect(page.get_by_role("cell", name="16 Nov 2026", exact=True)).to_be_visible()
    desk.settle()
    page.get_by_label("Shown on the wall").press("Space")
    page.get_by_label("Monday").press("Space")
    page.get_by_label("Last day").fill("2026-01-01")
    page.get_by_label("First day").fill("2026-02-01")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The last day is before the first one.")).to_be_visible()
    page.get_by_label("Last day").fill("")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".said.good")).to_be_visible()
    with store.read(desk.office.deps.db) as conn:
        nikita = next(rep for rep in people.reps(conn) if rep.name == NIKITA)
    assert (nikita.team, nikita.hidden, nikita.workdays) == ("main:s", True, frozenset((1,)))
    assert nikita.photo is not None
    assert desk.faults == []


def test_a_lost_server_is_told_and_what_was_typed_stays(desk: Desk) -> None:
    desk.fill_in()
    page = desk.page
    desk.cell(OLENA, "Calls").fill("410")
    page.route("**/_dash-update-component*", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(desk.cell(OLENA, "Calls")).to_have_value("410")
    page.unroute("**/_dash-update-component*")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said.good")).to_be_visible()
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()


@pytest.mark.parametrize(
    "language", ["uk", *(pytest.param(language, marks=pytest.mark.long) for language in ("ru", "en"))]
)
def test_every_page_fits_a_phone_and_a_desk_in_every_language(desk: Desk, language: str) -> None:
    with store.write(desk.office.deps.db) as conn:
        settings.save(conn, {"language": language}, "test", NOW)
    desk.fill_in("root")
    page = desk.page
    for name in TITLES:
        link = page.locator(f".nav-link[href='/settings/{name}']")
        link.click()
        expect(page.locator(".page h1")).to_have_text(link.inner_text())
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    assert desk.faults == []


def test_names_from_the_crm_are_text_and_nothing_else(desk: Desk) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    with store.write(desk.office.deps.db) as conn:
        people.change(conn, "main:2", {"name_shown": hostile}, "test", NOW)
    desk.log_in("root")
    for name in ("targets", "people", "audit"):
        desk.open(name)
        expect(desk.page.get_by_text(hostile).first).to_be_attached()
    assert desk.faults == []

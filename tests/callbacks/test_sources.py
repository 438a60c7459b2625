"""The sources page: a connection is tested, confirmed, changed, read again and removed; no secret comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks.settings import connection as desk
from callbacks.settings import sources
from callbacks.settings.connection import Shown, Typed
from domain.connections import Kept
from domain.facts import Batch, Change, Fact, Kind, Problem
from jobs.connections import Connections
from layouts import ids
from layouts.text import Text
from storage import audit, facts, wishes
from storage import db as store
from storage import sources as stored
from storage.sources import SourceRow
from storage.wishes import Haste
from tests.callbacks.reading import classed, parts, values, words
from tests.desk.office import NOW, Office

CANARY = "c4nary-53cret-0123456789"


@pytest.fixture(autouse=True)
def asked(office: Office) -> Iterator[None]:
    """Addresses of our own are told as the browser knows us."""
    with office.server.test_request_context("/settings/_dash-update-component"):
        yield


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    place = tmp_path / "sheets"
    place.mkdir()
    (place / "reps.csv").write_text("id,name\n1,Olena\n", encoding="utf-8")
    (place / "calls.csv").write_text("id,rep_id,date,seconds\na,1,2026-11-20,45\n", encoding="utf-8")
    return place


def press(office: Office, action: str, about: str, typed: Typed | None = None) -> Shown:
    return desk.answer(office.deps, Text("en"), "root", (action, about), typed or Typed({}))


def said(shown: Shown) -> str:
    assert shown.said is not None, shown.refusal
    return words(shown.said)


def sheet(shown: Shown) -> str:
    assert shown.sheet is not None, shown.refusal
    return words(shown.sheet)


def fields(path: Path, **more: str) -> dict[str, str]:
    return {ids.SOURCE_NAME: "office", "path": str(path), **more}


def connected(office: Office, sheets: Path) -> None:
    look, _ = desk.test(office.deps, Text("en"), "new", "files", Typed(fields(sheets)))
    said(press(office, "connect", "files", Typed(fields(sheets), look.proof or "")))


def kommo(office: Office) -> int:
    with store.write(office.deps.db) as conn:
        options = {"base_url": "https://example.kommo.com", "token": CANARY}
        return stored.add(conn, office.deps.secrets, "crm", "kommo", options, "root", NOW)


def rows(office: Office) -> dict[str, SourceRow]:
    with store.read(office.deps.db) as conn:
        return {row.name: row for row in stored.every(conn)}


def card(office: Office, name: str) -> str:
    drawn = sources.content(office.deps, Text("en"), None) or []
    return next(found for found in classed(drawn, "card") if f"{name} |" in f"{found} |")


def test_a_form_has_every_option_with_its_help_and_secrets_as_passwords(office: Office) -> None:
    drawn = press(office, "add", "kommo").sheet
    assert drawn is not None
    inputs = {part.id["name"]: part for part in parts(drawn) if isinstance(getattr(part, "id", None), dict)
              and part.id["type"] == ids.source_field("")["type"]}  # fmt: skip
    kind = next(kind for kind in office.deps.connections.kinds() if kind.key == "kommo")
    assert set(inputs) == {ids.SOURCE_NAME, *(option.name for option in kind.options)}
    assert {name for name, part in inputs.items() if part.type == "password"} == {"token", "client_secret"}
    assert all(option.help in words(drawn) for option in kind.options)
    assert "http://localhost/connect/NAME/done" in words(drawn)


def test_what_no_real_account_has_proved_is_called_beta_in_the_list_and_in_its_form(office: Office) -> None:
    drawn = sources.page(office.deps, Text("en"), None)
    choice = next(part for part in parts(drawn) if getattr(part, "id", None) == ids.SOURCE_KIND)
    beta = {each["value"] for each in choice.options if each["label"].endswith(" (beta)")}
    assert beta == {"aspro", "s2"}
    for key in ("s2", "aspro", "kommo"):
        sheet = press(office, "add", key).sheet
        assert sheet is not None
        assert ("Beta: built from the maker's documents" in words(sheet)) == (key in beta)


def test_a_test_tells_what_was_found_and_only_then_offers_to_connect(office: Office, sheets: Path, text: Text) -> None:
    look, told = desk.test(office.deps, text, "new", "files", Typed(fields(sheets)))
    assert "1 of 1 rows of calls" in words(told)
    assert "Nothing is stored and nothing is drawn until you confirm." in words(told)
    assert "Connect" in words(told)
    assert set(rows(office)) == {"main"}
    assert "office is connected." in said(press(office, "connect", "files", Typed(fields(sheets), look.proof or "")))
    # The demo sales floor has gone: a real source is there.
    assert [(row.name, row.kind, row.enabled) for row in rows(office).values()] == [("office", "files", True)]


def test_a_test_that_fails_names_the_option_and_offers_nothing(office: Office, text: Text) -> None:
    look, told = desk.test(office.deps, text, "new", "files", Typed({ids.SOURCE_NAME: "office"}))
    assert look.option == "path"
    assert "needs path" in classed(told, "bad")[0]
    assert "Connect" not in words(told).split(" | ")
    look, told = desk.test(office.deps, text, "new", "files", Typed({ids.SOURCE_NAME: "two words", "path": "/"}))
    assert "1 to 40 characters" in classed(told, "bad")[0]
    assert look.proof is None


def test_what_was_changed_after_the_test_is_not_stored(office: Office, sheets: Path, text: Text) -> None:
    look, _ = desk.test(office.deps, text, "new", "files", Typed(fields(sheets)))
    changed = Typed(fields(sheets, decimal="comma"), look.proof or "")
    assert press(office, "connect", "files", changed).refusal == "The fields have changed since the test. Test again."
    assert press(office, "connect", "files", Typed(fields(sheets))).refusal is not None
    assert set(rows(office)) == {"main"}


def test_the_form_of_a_connection_shows_its_options_and_never_a_secret(office: Office) -> None:
    kommo(office)
    drawn = press(office, "edit", "crm").sheet
    assert drawn is not None
    assert CANARY not in json.dumps(drawn, cls=PlotlyJSONEncoder)
    assert "https://example.kommo.com" in values(drawn).values()
    assert "It is stored: leave the field empty to keep it" in words(drawn)


def test_a_connection_is_paused_goes_on_is_looked_at_and_read_again(office: Office) -> None:
    number = kommo(office)
    assert "crm is paused: " in said(press(office, "pause", "crm"))
    assert "Paused" in card(office, "crm")
    assert "crm goes on." in said(press(office, "resume", "crm"))
    assert "crm is looked at now." in said(press(office, "hurry", "crm"))
    assert "First day" in sheet(press(office, "reread", "crm"))
    again = Typed({ids.SOURCE_SINCE: "2026-10-01"})
    assert "crm is read again in a moment." in said(press(office, "reread!", "crm", again))
    assert "Will be read again from 1 Oct 2026 on." in card(office, "crm")
    with store.read(office.deps.db) as conn:
        assert (wishes.hurried(conn, number), wishes.to_reread(conn, number)) == (Haste.PERSON, date(2026, 10, 1))
    assert press(office, "reread!", "crm", Typed({ids.SOURCE_SINCE: "soon"})).refusal is not None


def test_a_connection_is_removed_after_a_question_and_the_audit_says_so(office: Office) -> None:
    kommo(office)
    assert "Remove crm?" in sheet(press(office, "remove", "crm"))
    assert "crm" in rows(office)
    assert "crm is removed." in said(press(office, "remove!", "crm"))
    assert "crm" not in rows(office)
    with store.read(office.deps.db) as conn:
        assert [(each.who, each.what, each.subject) for each in audit.latest(conn, 1)] == [("root", "source", "crm")]
    assert "no source" in (press(office, "remove!", "crm").refusal or "")


def test_a_connection_may_be_closed_instead_and_can_only_be_removed_then(office: Office) -> None:
    kommo(office)
    assert "Close and keep its numbers" in sheet(press(office, "remove", "crm"))
    assert "crm is closed. Its numbers stay." in said(press(office, "close!", "crm"))
    assert "Closed" in card(office, "crm")
    assert "Pause" not in card(office, "crm")
    assert "Close and keep its numbers" not in sheet(press(office, "remove", "crm"))
    assert "closed" in (press(office, "resume", "crm").refusal or "")


def test_the_address_for_events_is_shown_once(office: Office) -> None:
    kommo(office)
    url = classed_code(press(office, "hook", "crm"))
    assert url.startswith("http://localhost/api/v1/hooks/")
    assert url.rpartition("/")[2] not in words(sources.page(office.deps, Text("en"), None))
    assert classed_code(press(office, "hook", "crm")) != url


def classed_code(shown: Shown) -> str:
    assert shown.sheet is not None, shown.refusal
    return classed(shown.sheet, "address")[0]


def test_what_is_no_button_does_nothing(office: Office) -> None:
    kommo(office)
    for action, about in (("explode", "crm"), ("add", "nothing"), ("edit", "nobody"), ("hook", "main")):
        assert press(office, action, about).refusal
    assert press(office, "close", "") == Shown()


def test_a_first_read_tells_how_far_it_is_and_how_long_it_takes(office: Office) -> None:
    number = kommo(office)
    with store.write(office.deps.db) as conn:
        stored.begins(conn, number, NOW)
    changes = [Change("call:1", (Fact(Kind.CALL, NOW, "1", seconds=5),))]
    batch = Batch(changes, "c", None, done=20_000, total=50_000)
    facts.apply(office.deps.db, number, batch, settings=office.deps.settings())
    office.clock.turn(timedelta(minutes=2))
    assert "20,000 of 50,000 records read · about 3 min left" in card(office, "crm")
    whole = Batch([], "d", office.clock.now, done=50_000, total=50_000)
    facts.apply(office.deps.db, number, whole, settings=office.deps.settings())
    assert "records read" not in card(office, "crm")


@pytest.mark.parametrize(
    ("done", "total", "seconds", "left"),
    [(0, 10, 60, None), (5, 10, 3, None), (10, 10, 60, 0), (20, 10, 60, 0), (1, 4, 61, 180), (9, 10, 30, 3)],
)
def test_the_time_left_follows_the_rate_so_far(done: int, total: int, seconds: int, left: int | None) -> None:
    assert sources.time_left(done, total, timedelta(seconds=seconds)) == left


def test_a_token_that_is_about_to_end_is_told_on_the_page(office: Office) -> None:
    number = kommo(office)
    problem = Problem(
        "token_expires_7", "https://example.kommo.com", "The token expires on 2026-11-25. Make a new one."
    )
    facts.apply(office.deps.db, number, Batch([], "c", NOW, problems=[problem]), settings=office.deps.settings())
    assert "The token expires on 2026-11-25. Make a new one." in card(office, "crm")


def test_the_list_is_drawn_anew_only_when_something_has_changed(office: Office, text: Text) -> None:
    seen = sources.fingerprint(sources.read(office.deps, text))
    assert sources.content(office.deps, text, seen) is None
    kommo(office)
    assert sources.content(office.deps, text, seen) is not None


def test_a_connection_that_is_removed_while_the_list_is_drawn_is_left_out(office: Office, text: Text) -> None:
    kommo(office)
    operator = office.deps.connections
    assert isinstance(operator, Connections)

    class Hasty(Connections):
        def kept(self, name: str) -> Kept:
            self.remove(name, "root")
            return super().kept(name)

    deps = replace(office.deps, connections=Hasty(operator.house))
    assert [each.name for each in sources.read(deps, text)] == ["main"]
    assert list(rows(office)) == ["main"]


def test_the_demo_has_no_buttons(office: Office) -> None:
    assert "Remove" not in card(office, "main")


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?login=done&source=crm", "crm is authorised."),
        ("?login=expired&source=crm", "Try again."),
        ("?login=failed&source=crm", "the CRM refused"),
    ],
)
def test_who_comes_back_from_the_crm_is_told_how_it_went(office: Office, search: str, sentence: str) -> None:
    kommo(office)
    assert sentence in classed(sources.page(office.deps, Text("en"), search), "said")[0]


@pytest.mark.parametrize("search", ["?login=done&source=evil", "?login=<b>&source=crm", "?login=done", "", None])
def test_a_made_up_address_says_nothing(office: Office, search: str | None) -> None:
    kommo(office)
    assert classed(sources.page(office.deps, Text("en"), search), "said") == []


def test_what_the_browser_sends_is_read_by_name() -> None:
    keys = [ids.source_field("path"), ids.source_field(ids.SOURCE_NAME), ids.source_field("sheet")]
    typed = desk.read_form([" /data ", "office", None], keys, ["proof"])
    assert (typed.options, typed.fields[ids.SOURCE_NAME], typed.proof) == ({"path": "/data"}, "office", "proof")
    assert desk.read_form([], [], []).proof == ""

"""The celebrations page: rules are saved whole or not at all; a sound comes in when it is one, and leaves no trace."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import time

import pytest

from callbacks.settings import celebrations
from domain.settings import Celebrating
from domain.tunes import TUNES, wav
from layouts import ids
from layouts.settings import celebrations as layout
from layouts.settings.celebrations import NONE, USUAL, Form
from layouts.text import Text
from storage import db as store
from storage import files, settings
from tests.callbacks.reading import Tree, classed, values, words
from tests.desk.office import NOW, Office


def form(office: Office) -> Form:
    return celebrations.as_saved(office.deps.settings().celebrating)


def press(office: Office, text: Text, what: object, given: Form, file: tuple[str, str] = ("", "")) -> Tree:
    return celebrations.answer(office.deps, text, "lead", what, given, file)


def rules(office: Office) -> Celebrating:
    return office.deps.settings().celebrating


def given_file(content: bytes, name: str = "hurra.wav") -> tuple[str, str]:
    return f"data:audio/wav;base64,{base64.b64encode(content).decode()}", name


def listed(office: Office) -> list[str]:
    with store.read(office.deps.db) as conn:
        return [file.name for file in files.listed(conn, "sound")]


def test_every_tune_has_a_name_and_can_be_heard(office: Office, text: Text) -> None:
    assert set(layout.TUNES) == set(TUNES)
    page = celebrations.page(office.deps, text, None)
    for name in layout.TUNES.values():
        assert name in words(page)
    assert "North" in words(page)
    assert "Nikita Orlov" in words(page)


def test_the_rules_are_saved(office: Office, text: Text) -> None:
    typed = {"seconds": "5", "volume": "0", "quiet_from": "20:30", "quiet_to": "8:00", "sound": NONE}
    chosen = {("team", "main:n"): "bell", ("rep", "main:2"): NONE, ("rep", "main:3"): USUAL}
    given = Form(False, True, typed, chosen, form(office).seen)
    tree = press(office, text, ids.PARTY_SAVE, given)
    assert classed(tree, "good") == ["Saved. The wall shows it in a moment."]
    assert rules(office) == Celebrating(
        on=False, workdays_only=True, seconds=5, volume=0, sound="", quiet_from=time(20, 30), quiet_to=time(8),
        team_sounds=(("main:n", "bell"),), rep_sounds=(("main:2", ""),),
    )  # fmt: skip
    again = values(celebrations.page(office.deps, text, None))
    assert again[str(ids.party_sound("team", "main:n"))] == "bell"
    assert again[str(ids.party_sound("rep", "main:2"))] == NONE


def test_who_is_not_listed_just_now_keeps_a_sound_and_who_is_loses_it_when_it_is_taken_away(
    office: Office, text: Text
) -> None:
    before = Celebrating(
        team_sounds=(("main:empty", "bell"), ("main:n", "gong")), rep_sounds=(("main:1", "harp"), ("main:4", ""))
    )
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"celebrating": before}, "test", NOW)
    shown = values(celebrations.page(office.deps, text, None))
    listed = {("team", "main:n"): USUAL, ("rep", "main:1"): "coins"}
    assert {str(ids.party_sound(*owner)) for owner in listed} <= set(shown)
    assert str(ids.party_sound("team", "main:empty")) not in shown
    press(office, text, ids.PARTY_SAVE, replace(form(office), chosen=listed))
    assert rules(office).team_sounds == (("main:empty", "bell"),)
    assert rules(office).rep_sounds == (("main:1", "coins"), ("main:4", ""))


@pytest.mark.parametrize(
    ("name", "typed"),
    [("seconds", "2"), ("seconds", "15"), ("volume", "101"), ("volume", ""), ("quiet_from", "25:00"), ("quiet_to", "")],
)
def test_what_cannot_be_read_is_told_beside_it(office: Office, text: Text, name: str, typed: str) -> None:
    before = form(office)
    tree = press(office, text, ids.PARTY_SAVE, replace(before, typed={**before.typed, name: typed}))
    assert len(classed(tree, "problem")) == 1
    assert classed(tree, "said") == ["Nothing is saved: 1 field cannot be read."]
    assert rules(office) == Celebrating()


def test_a_sound_that_there_is_not_is_no_sound(office: Office, text: Text) -> None:
    before = form(office)
    press(office, text, ids.PARTY_SAVE, replace(before, typed={**before.typed, "sound": "../../etc/passwd"}))
    assert rules(office).sound == ""


def test_rules_that_somebody_changed_meanwhile_are_not_overwritten(office: Office, text: Text) -> None:
    mine = form(office)
    press(office, text, ids.PARTY_SAVE, replace(mine, on=False))
    tree = press(office, text, ids.PARTY_SAVE, replace(mine, workdays_only=True))
    assert "somebody changed these settings meanwhile" in classed(tree, "said")[0]
    assert classed(press(office, text, ids.PARTY_SAVE, form(office)), "said") == [
        "Nothing to save: nothing has changed."
    ]


def test_an_upload_can_be_chosen_heard_and_removed(office: Office, text: Text) -> None:
    typed = {**form(office).typed, "seconds": "6"}
    tree = press(office, text, ids.PARTY_UPLOAD, replace(form(office), typed=typed), given_file(wav("bell")))
    assert classed(tree, "beside") == classed(tree, "good") == ["“hurra” can be chosen now."]
    assert values(tree)[str(ids.party_field("seconds"))] == "6", "what was typed stays"
    number = next(iter(celebrations._furnished(office.deps, form(office)).uploads))
    chosen = {("rep", "main:1"): number}
    press(office, text, ids.PARTY_SAVE, replace(form(office), typed={**typed, "sound": number}, chosen=chosen))
    assert (rules(office).sound, rules(office).rep_sounds) == (number, (("main:1", number),))
    heard = office.login().get(f"/sounds/{number}")
    assert (heard.status_code, heard.mimetype, heard.data) == (200, "audio/wav", wav("bell"))
    assert heard.headers["X-Content-Type-Options"] == "nosniff"
    tree = press(office, text, ids.sound_remove(int(number)), form(office))
    assert classed(tree, "beside") == classed(tree, "good") == ["The sound is removed."]
    assert (rules(office).sound, rules(office).rep_sounds, listed(office)) == ("fanfare", (), [])
    assert office.login().get(f"/sounds/{number}").status_code == 404
    assert "not there any more" in classed(press(office, text, ids.sound_remove(int(number)), form(office)), "said")[0]


@pytest.mark.parametrize(
    "file",
    [
        given_file(b"<html><script>alert(1)</script>", "x.wav"),
        given_file(wav("bell") + bytes(2**20), "large.wav"),
        ("data:audio/wav;base64,~~~", "broken.wav"),
        ("", ""),
    ],
)
def test_what_is_no_sound_is_refused(office: Office, text: Text, file: tuple[str, str]) -> None:
    tree = press(office, text, ids.PARTY_UPLOAD, form(office), file)
    assert classed(tree, "bad") == ["This is no WAV, MP3 or OGG of 1 MB at most."]
    assert listed(office) == []


def test_a_name_of_a_file_is_made_plain(office: Office, text: Text) -> None:
    press(office, text, ids.PARTY_UPLOAD, form(office), given_file(wav("gong"), "<b>Ура</b>/../гонг.wav"))
    assert listed(office) == ["b Ура b .. гонг"]


def test_a_form_out_of_what_the_browser_sent() -> None:
    keys = [{"name": name} for name in ("on", "seconds", "sound", "else")]
    owners = [{"whose": "rep", "key": "main:1"}]
    read = celebrations.read_form([True, "7", "bell", "x"], keys, [None], owners, "mark")
    assert read.on
    assert not read.workdays_only
    assert read.typed == {"seconds": "7", "volume": "", "quiet_from": "", "quiet_to": "", "sound": "bell"}
    assert read.chosen == {("rep", "main:1"): USUAL}


def test_tunes_and_silence_go_to_screens_and_nothing_else_does(office: Office) -> None:
    client = office.login()
    assert client.get("/sounds/fanfare").data == wav("fanfare")
    assert client.get("/sounds/silence").mimetype == "audio/wav"
    assert [client.get(f"/sounds/{name}").status_code for name in ("1", "999999999999", "x", "²")] == [404] * 4


def test_a_rehearsal_is_for_a_login_and_says_whose_deal_it_might_be(office: Office) -> None:
    answer = office.login().get("/celebration")
    assert answer.status_code == 200
    assert "rehearsal" in answer.text
    assert office.server.test_client().get("/celebration").status_code in (302, 401)

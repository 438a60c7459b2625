"""The celebrations page in a real browser: choose, upload, hear, rehearse."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app import create_app
from domain.settings import Celebrating
from domain.tunes import wav
from tests.desk.conftest import DESKTOP, Desk, serving
from tests.desk.office import furnish

pytestmark = pytest.mark.browser


def test_a_team_lead_uploads_a_sound_chooses_it_and_rehearses(tmp_path: Path, chromium: Browser) -> None:
    office, sound = furnish(tmp_path), tmp_path / "Ура.wav"
    sound.write_bytes(wav("coins"))
    with serving(create_app(office.deps)) as address:
        context = chromium.new_context(viewport=DESKTOP)
        page, faults = context.new_page(), list[str]()
        page.on("pageerror", lambda error: faults.append(str(error)))
        desk = Desk(office, address, page, faults)
        desk.log_in()
        desk.open("celebrations")
        page.get_by_label("Quiet from").fill("20:00")
        page.set_input_files("#party-upload input[type=file]", sound)
        expect(page.get_by_role("status").first).to_have_text("“Ура” can be chosen now.")
        expect(page.get_by_label("Quiet from")).to_have_value("20:00")
        page.get_by_label("Nikita Orlov").select_option(label="Ура")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").first).to_have_text("Saved. The wall shows it in a moment.")
        rules = office.deps.settings().celebrating
        assert rules.rep_sounds == (("main:2", "1"),)
        assert rules.quiet_from != Celebrating().quiet_from
        page.get_by_role("link", name="Try it").click()
        stage = page.frame_locator("iframe.stage")
        expect(stage.locator("#celebration .winner")).to_be_visible()
        assert page.evaluate("localStorage.getItem('tablo-celebrated')") is None
        assert faults == []
        context.close()

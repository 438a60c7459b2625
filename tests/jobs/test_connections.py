"""Connections: tried before they are stored, changed without showing a secret, removed with all that came of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from domain.board import SourceHealth
from domain.connections import Draft, Finding, RefusedError, UntestedError
from domain.deliveries import Outcome, Posted
from domain.facts import Batch, Change, Fact, Kind, Person
from domain.settings import Settings
from jobs.connections import Connections
from jobs.house import House, folder, open_source
from jobs.poll import poll
from sources import Ask, OptionError, Source
from storage import audit, facts, hooks, people, totals, wishes
from storage import db as store
from storage import files as uploads
from storage import sources as stored
from storage.db import StoreError
from storage.sources import SourceRow
from storage.wishes import Haste
from tests.jobs.conftest import Clock

CANARY = "c4nary-53cret-0123456789"
DEAF = "http://127.0.0.1:9"


@pytest.fixture
def desk(house: House) -> Connections:
    """Accounts on this machine may be asked; nobody answers there."""
    return Connections(replace(house, config=replace(house.config, allow_local_crm=True)))


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """A folder with one manager and two calls."""
    place = tmp_path / "sheets"
    place.mkdir()
    (place / "reps.csv").write_text("id,name\n1,Olena\n", encoding="utf-8")
    (place / "calls.csv").write_text("id,rep_id,date,seconds\na,1,2026-11-20,45\nb,1,2026-11-20,60\n", "utf-8")
    return place


def files(path: Path | str, name: str = "office", **more: str) -> Draft:
    return Draft(name, "files", {"path": str(path), **more})


def rows(house: House) -> list[SourceRow]:
    with store.read(house.db) as conn:
        return stored.every(conn)


def options(house: House, name: str) -> Mapping[str, str]:
    with store.read(house.db) as conn:
        return stored.options(conn, house.secrets, stored.get(conn, name).id)


def numbers(house: House) -> dict[str, int]:
    """The calls of a month, as the totals have them."""
    with store.read(house.db) as conn:
        found = totals.read(conn, date(2026, 11, 1), date(2026, 11, 30), "UAH")
    return {total.metric: total.value for total in found if total.metric == "calls"}


def connect(desk: Connections, draft: Draft) -> str | None:
    return desk.connect(draft, proof(desk, draft), "root").hook


def proof(desk: Connections, draft: Draft, known: bool = False) -> str:
    look = desk.test(draft, known)
    assert look.proof is not None, look.problem
    return look.proof


def told(house: House) -> list[tuple[str, str, object, object]]:
    with store.read(house.db) as conn:
        return [(entry.who, entry.subject, entry.before, entry.after) for entry in audit.latest(conn, 9)][::-1]


def called(desk: Connections, secret: str, body: bytes) -> Outcome:
    return desk.called(secret, Posted(body)).outcome


def bitrix(**more: str) -> Draft:
    given = {"portal": DEAF, "client_id": "app.1", "client_secret": CANARY}
    return Draft("main", "bitrix24", given | more)


def kommo(name: str = "main", **more: str) -> Draft:
    return Draft(name, "kommo", {"base_url": DEAF} | more)


def test_the_demo_is_no_product_that_one_connects(desk: Connections) -> None:
    kinds = {kind.key: kind for kind in desk.kinds()}
    assert "demo" not in kinds
    assert (kinds["files"].events, kinds["kommo"].events, kinds["kommo"].label) == (False, True, "Kommo (amoCRM)")


def test_a_test_says_what_is_there_and_stores_nothing(desk: Connections, house: House, sheets: Path) -> None:
    look = desk.test(files(sheets), False)
    assert look.problem is None
    assert any("2 of 2 rows of calls" in finding.found for finding in look.findings)
    assert rows(house) == []
    assert told(house) == []
    assert not (house.config.data_dir / "sources").exists()


def test_only_what_was_tested_can_be_connected(desk: Connections, house: House, sheets: Path, tmp_path: Path) -> None:
    for wrong in ("", "made up", proof(desk, files(sheets, "other")), proof(desk, files(sheets, decimal="comma"))):
        with pytest.raises(UntestedError):
            desk.connect(files(sheets), wrong, "root")
    assert rows(house) == []
    desk.connect(files(sheets), proof(desk, files(sheets)), "root")
    assert [(row.name, row.kind, row.enabled) for row in rows(house)] == [("office", "files", True)]
    assert told(house) == [("root", "office", None, {"kind": "files"})]


def test_an_option_that_does_not_fit_is_named(desk: Connections, sheets: Path) -> None:
    missing = desk.test(Draft("x", "files", {}), False)
    assert (missing.option, missing.proof) == ("path", None)
    assert desk.test(files(sheets, holds="cats"), False).option == "holds"
    assert desk.test(Draft("x", "bitrix24", {"webhook_url": f"no {CANARY}"}), False).option == "webhook_url"


def test_a_crm_that_does_not_answer_cannot_be_connected(desk: Connections, tmp_path: Path) -> None:
    look = desk.test(files(tmp_path / "nowhere"), False)
    assert look.problem
    assert (look.proof, look.findings, look.login) == (None, (), False)


def test_a_test_that_hangs_is_given_up(house: House, tmp_path: Path) -> None:
    # So many rows cannot be read in no time at all.
    rows_ = "".join(f"{n},1,2026-11-20,5\n" for n in range(100_000))
    (tmp_path / "calls.csv").write_text(f"id,rep_id,date,seconds\n{rows_}", "utf-8")
    began = time.monotonic()
    look = Connections(house, patience_s=0.01).test(files(tmp_path / "calls.csv"), False)
    assert "given up" in (look.problem or "")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", ["", "two words", "a:b", "a/b", "x" * 41])
def test_a_name_that_cannot_be_is_refused_before_anything_is_asked(desk: Connections, sheets: Path, name: str) -> None:
    with pytest.raises(StoreError, match="1 to 40 characters"):
        desk.test(files(sheets, name), False)


def test_a_name_is_given_once(desk: Connections, sheets: Path) -> None:
    connect(desk, files(sheets))
    with pytest.raises(StoreError, match="already"):
        desk.test(files(sheets), False)


def test_a_form_never_holds_a_secret_and_an_empty_one_keeps_what_is_stored(desk: Connections, house: House) -> None:
    desk.add("main", "kommo", {"base_url": DEAF, "token": CANARY}, "root")
    kept = desk.kept("main")
    assert kept.draft.typed == {"base_url": DEAF}
    assert kept.secrets == {"token"}
    assert CANARY not in repr(kept)
    changed = kommo(pipelines="Sales")
    desk.change(changed, sealed(desk, changed), "root")
    assert options(house, "main") == {"base_url": DEAF, "token": CANARY, "pipelines": "Sales"}
    assert told(house)[-1] == ("root", "main", None, {"options": ["pipelines"]})


def test_a_dash_takes_a_stored_secret_away(desk: Connections, house: House) -> None:
    desk.add("main", "bitrix24", {"webhook_url": f"{DEAF}/rest/1/{CANARY}/"}, "root")
    draft = bitrix(webhook_url="-")
    desk.change(draft, sealed(desk, draft), "root")
    assert "webhook_url" not in options(house, "main")
    assert desk.kept("main").login


def sealed(desk: Connections, draft: Draft) -> str:
    """The proof of a change. The account is not there, and the change may be stored all the same."""
    look = Connections(desk.house, patience_s=0.1).test(draft, True)
    assert look.problem
    assert look.proof is not None
    return look.proof


def test_a_connection_that_is_authorised_in_the_browser_rests_until_it_is(desk: Connections, house: House) -> None:
    look = desk.test(bitrix(), False)
    assert look.login
    assert look.proof is not None
    done = desk.connect(bitrix(), look.proof, "root")
    assert done.login
    assert [row.enabled for row in rows(house)] == [False]


def test_a_pause_and_its_end_are_noted_and_served_at_once(desk: Connections, house: House, sheets: Path) -> None:
    connect(desk, files(sheets))
    desk.enable("office", False, "root")
    desk.enable("office", True, "root")
    assert told(house)[1:] == [
        ("root", "office", {"enabled": True}, {"enabled": False}),
        ("root", "office", {"enabled": False}, {"enabled": True}),
    ]
    with store.read(house.db) as conn:
        assert wishes.hurried(conn, 1) is Haste.PERSON


def test_reading_again_is_wished_for_and_noted(desk: Connections, house: House, sheets: Path) -> None:
    connect(desk, files(sheets))
    desk.reread("office", date(2026, 1, 1), "root")
    with store.read(house.db) as conn:
        assert wishes.to_reread(conn, 1) == date(2026, 1, 1)
    assert told(house)[-1] == ("root", "office", None, {"read again from": "2026-01-01"})


def test_a_removed_connection_leaves_nothing_but_its_line_in_the_audit(
    desk: Connections, house: House, sheets: Path, clock: Clock
) -> None:
    connect(desk, files(sheets))
    change = Change("call:1", (Fact(Kind.CALL, clock.now, "1", seconds=60),))
    facts.apply(house.db, 1, Batch([change], "c", clock.now, people=[Person("1", "Olena")]), settings=Settings())
    (folder(house, "office") / "photos").mkdir()
    desk.hurry("office")
    with store.write(house.db) as conn:
        number = uploads.add(conn, "photo", "Olena", "image/png", b"a face", "root", clock.now)
        sound = uploads.add(conn, "sound", "Bell", "audio/mpeg", b"a bell", "root", clock.now)
        people.change(conn, "office:1", {"photo_file": number}, "root", clock.now)
    desk.remove("office", "root")
    assert rows(house) == []
    assert list(facts.facts(house.db, date(2026, 1, 1), date(2026, 12, 31))) == []
    assert told(house)[-1] == ("root", "office", {"kind": "files"}, None)
    assert not (house.config.data_dir / "sources" / "office").exists()
    with store.read(house.db) as conn:
        assert wishes.hurried(conn, 1) is None
        assert uploads.get(conn, number, "photo") is None
        assert uploads.get(conn, sound, "sound") is not None
    with pytest.raises(StoreError, match="no source"):
        desk.remove("office", "root")


def test_a_closed_connection_keeps_its_numbers_and_people_and_nothing_else(
    desk: Connections, house: House, sheets: Path
) -> None:
    connect(desk, files(sheets))
    poll(house, "office")
    (folder(house, "office") / "photos").mkdir(parents=True, exist_ok=True)
    (folder(house, "office") / "photos" / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder(house, "office") / "feed.sqlite").write_bytes(b"of no use now")
    desk.close("office", "root")
    assert numbers(house) == {"calls": 2}
    assert desk.photo("office", "1.png") is not None
    assert [each.name for each in folder(house, "office").iterdir()] == ["photos"]
    assert options(house, "office") == {}
    assert [(row.health, row.enabled, row.cursor) for row in rows(house)] == [(SourceHealth.CLOSED, False, None)]
    assert told(house)[-1] == ("root", "office", {"closed": False}, {"closed": True})


def test_nobody_can_open_a_closed_connection_again(desk: Connections, house: House, sheets: Path) -> None:
    connect(desk, files(sheets))
    desk.close("office", "root")
    refused: list[Callable[[], object]] = [
        lambda: desk.enable("office", True, "root"),
        lambda: desk.hurry("office"),
        lambda: desk.reread("office", date(2026, 1, 1), "root"),
        lambda: desk.close("office", "root"),
        lambda: desk.change(files(sheets), proof(desk, files(sheets), True), "root"),
    ]
    for wish in refused:
        with pytest.raises(RefusedError, match="closed"):
            wish()
    with pytest.raises(StoreError, match="closed"):
        poll(house, "office")
    desk.remove("office", "root")
    assert rows(house) == []


def test_a_poll_that_is_under_way_when_its_connection_is_closed_stores_nothing(
    desk: Connections, house: House, sheets: Path
) -> None:
    connect(desk, files(sheets))
    with pytest.raises(StoreError, match="closed while"):
        poll(house, "office", connect=lambda at, row: _Closing(desk, open_source(at, row)))
    assert numbers(house) == {}
    assert [row.health for row in rows(house)] == [SourceHealth.CLOSED]


@dataclass
class _Closing:
    """A source that is closed between the answer of the CRM and its storing."""

    desk: Connections
    source: Source
    requests: int = 0

    def check(self) -> list[Finding]:
        return self.source.check()

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        for batch in self.source.sync(cursor, ask):
            if not self.requests:
                self.desk.close("office", "root")
            self.requests = 1
            yield batch


def test_a_new_connection_never_takes_over_files_of_an_old_one(desk: Connections, house: House, sheets: Path) -> None:
    (folder(house, "office") / "photos").mkdir()
    connect(desk, files(sheets))
    assert not (house.config.data_dir / "sources" / "office" / "photos").exists()


def test_no_two_names_share_a_folder(house: House) -> None:
    places = [folder(house, name) for name in ("main", "m?in", "m*in", ".", "..", "...", "_", ".main")]
    assert len(set(places)) == len(places)
    assert {place.parent for place in places} == {house.config.data_dir / "sources"}


def test_the_command_line_may_store_without_a_test_but_not_what_does_not_fit(desk: Connections, house: House) -> None:
    with pytest.raises(OptionError):
        desk.add("main", "kommo", {"base_url": DEAF}, "command line")
    assert rows(house) == []


def test_an_address_for_events_is_made_once_and_replaced_by_the_next(desk: Connections, house: House) -> None:
    desk.add("main", "kommo", {"base_url": DEAF, "token": CANARY}, "root")
    first = desk.new_hook("main", "root")
    second = desk.new_hook("main", "root")
    assert first != second
    assert called(desk, first, b"leads[add][0][id]=1") is Outcome.NOWHERE
    assert called(desk, second, b"leads[add][0][id]=1") is Outcome.HURRIED
    assert called(desk, second, b"\xff\xfe") is Outcome.UNPROVEN
    assert second not in str(told(house))
    with store.read(house.db) as conn:
        assert hooks.known(conn) == {1}
        assert wishes.hurried(conn, 1) is Haste.EVENT


def test_an_event_of_bitrix24_proves_itself_by_its_token(desk: Connections, house: House) -> None:
    hook = f"{DEAF}/rest/1/{CANARY}/"
    desk.add("main", "bitrix24", {"webhook_url": hook, "application_token": "t0ken"}, "root")
    secret = desk.new_hook("main", "root")
    form = b"event=ONCRMDEALUPDATE&data[FIELDS][ID]=7&ts=1795000000&auth[application_token]="
    assert called(desk, secret, form + b"t0ken") is Outcome.HURRIED
    assert called(desk, secret, form + b"another") is Outcome.UNPROVEN
    assert called(desk, secret, form) is Outcome.UNPROVEN


def test_a_kind_without_events_has_no_address(desk: Connections, sheets: Path) -> None:
    assert connect(desk, files(sheets)) is None
    with pytest.raises(RefusedError, match="no events"):
        desk.new_hook("office", "root")


def test_only_pictures_are_shown_and_only_under_plain_names(desk: Connections, house: House, sheets: Path) -> None:
    connect(desk, files(sheets))
    place = folder(house, "office") / "photos"
    place.mkdir()
    for name, content in {
        "1.png": b"\x89PNG\r\n\x1a\n...",
        "2.png": b"<svg onload=alert(1)>",
        "3.webp": b"RIFF\0\0\0\0WEBPVP8 ",
        "4.webp": b"RIFF\0\0\0\0AVI ",
        "5.none": b"",
    }.items():
        (place / name).write_bytes(content)
    (place.parent / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (place / "6.png").symlink_to(place.parent / "secret.png")
    shown = {name: desk.photo("office", name) for name in ("1.png", "2.png", "3.webp", "4.webp", "5.none", "6.png")}
    assert {name for name, found in shown.items() if found} == {"1.png", "3.webp"}
    assert shown["1.png"] == (b"\x89PNG\r\n\x1a\n...", "image/png")
    for name in ("../secret.png", "..%2fsecret.png", "9.png", "", "1.png\n"):
        assert desk.photo("office", name) is None
    assert desk.photo("nobody", "1.png") is None
    assert not (house.config.data_dir / "sources" / "nobody").exists()

"""Tokens: the one that ends by itself, and the pair whose second half works only once."""

from __future__ import annotations

import base64
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sources import AuthError, OptionError, Site, ThrottledError, TransientError
from sources._kommo.login import account_url, expires, expiry_problem
from sources.kommo import KommoSource, accepts_event, authorize_url, exchange_code
from storage import sources as connections
from storage.db import open_db, write
from storage.secrets import Secrets
from tests.emulators.kommo import TOKEN, Emulator
from tests.emulators.kommo_world import Clock, World
from tests.sources.kommo_office import Office, PlainVault, first_day
from tests.sources.kommo_renewer import KEY, OPTIONS
from tests.storage import ready

NOON = datetime(2026, 11, 20, 10, tzinfo=UTC)


def jwt(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{body}.sign"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An account that was authorised through the browser."""
    clock = Clock(NOON)
    with Emulator(World(clock), clock) as emulator:
        desk = Office(emulator, tmp_path, first_day(NOON, 3), token="", **OPTIONS)
        emulator.tokens = set()
        emulator.codes = {"c0de"}
        authorise(desk, "c0de")
        yield desk
        desk.close()


def authorise(desk: Office, code: str) -> None:
    came = {"code": code, "referer": desk.emulator.url.removeprefix("http://"), "state": "s"}
    exchange_code(desk.options, desk.site(), code, came)


class Killed(BaseException):
    """The process ends here and now."""


@dataclass
class MortalVault(PlainVault):
    """Dies at the n-th write, before or after it has reached the disk."""

    dies_at: int = 0
    after: bool = False
    count: int = 0

    def write(self, values: Mapping[str, str]) -> None:
        self.count += 1
        if self.count == self.dies_at and not self.after:
            raise Killed
        PlainVault.write(self, values)
        if self.count == self.dies_at:
            raise Killed


def test_a_code_becomes_a_pair_that_reads_the_account(office: Office) -> None:
    office.poll()
    assert office.batches[-1].as_of is not None
    assert office.vault.kept["base"] == office.emulator.url


def test_a_code_works_once(office: Office) -> None:
    with pytest.raises(AuthError, match="authorise"):
        authorise(office, "c0de")


def test_an_account_that_was_never_authorised_says_so(office: Office) -> None:
    office.vault.kept = {}
    with pytest.raises(AuthError, match="not authorised in Kommo yet"):
        office.poll()
    assert office.emulator.meter.count == 0


def test_a_day_later_the_pair_is_renewed_and_kept_before_it_is_used(office: Office) -> None:
    office.poll()
    first = dict(office.vault.kept)
    office.clock.sleep(86400)
    seen: list[dict[str, str]] = []
    office.emulator.stir = lambda: seen.append(dict(office.vault.kept))
    office.poll()
    assert seen[0]["access"] != first["access"]
    assert seen[0]["refresh"] != first["refresh"]
    assert office.emulator.refresh_uses.count(first["refresh"]) == 1


def test_a_token_is_renewed_some_minutes_before_it_ends(office: Office) -> None:
    office.clock.sleep(86400 - 240)
    office.poll()
    assert "refresh-1" in office.emulator.refresh_uses


def test_a_token_refused_early_is_renewed_once_and_the_question_repeated(office: Office) -> None:
    office.emulator.tokens = set()
    office.poll()
    assert office.batches[-1].as_of is not None
    assert office.emulator.refresh_uses.count("refresh-1") == 1


def test_a_refused_renewal_says_authorise_again_and_does_not_hammer(office: Office) -> None:
    office.emulator.refresh = "somebody else's"
    office.clock.sleep(90000)
    with pytest.raises(AuthError, match="authorise Tablo"):
        office.poll()
    count = office.emulator.meter.count
    for _ in range(3):
        with pytest.raises(AuthError, match="authorise Tablo"):
            office.poll()
    assert office.emulator.meter.count == count
    assert office.emulator.refresh_uses.count("refresh-1") == 1


def test_a_lost_answer_is_not_asked_again_blindly_and_ends_in_authorise_again(office: Office) -> None:
    office.clock.sleep(86400 - 120)
    office.emulator.lose_tokens = 1
    with pytest.raises(TransientError):
        office.poll()
    assert office.emulator.refresh_uses.count("refresh-1") == 1
    with pytest.raises(AuthError, match="authorise"):
        office.poll()
    assert office.emulator.refresh_uses.count("refresh-1") == 2


def test_after_a_lost_answer_the_old_token_serves_for_as_long_as_it_lives(office: Office) -> None:
    office.clock.sleep(86400 - 120)
    office.vault.kept["burning"] = "a mark"
    office.poll()
    assert office.emulator.refresh_uses == ["None"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_broken_token_service_burns_nothing(office: Office, status: int) -> None:
    office.clock.sleep(90000)
    office.emulator.token_status = status
    with pytest.raises((TransientError, ThrottledError)):
        office.poll()
    office.emulator.token_status = None
    office.poll()
    assert office.batches[-1].as_of is not None
    assert "burning" not in office.vault.kept


def test_a_network_that_is_down_burns_nothing(tmp_path: Path) -> None:
    clock = Clock(NOON)
    with Emulator(World(clock), clock) as emulator:
        desk = Office(emulator, tmp_path, first_day(NOON, 3), token="", **OPTIONS)
        emulator.codes = {"c0de"}
        authorise(desk, "c0de")
        clock.sleep(90000)
        emulator.fault = lambda path: "down"
        for _ in range(4):
            with pytest.raises(TransientError):
                desk.poll()
        assert emulator.refresh_uses == ["None"]
        emulator.fault = lambda path: None
        desk.poll()
        assert desk.batches[-1].as_of is not None
        desk.close()


def test_an_account_that_moved_is_followed_to_a_host_of_kommo_only(office: Office) -> None:
    office.clock.sleep(90000)
    office.emulator.moved_to = office.emulator.url.removeprefix("http://").replace("127.0.0.1", "localhost")
    with pytest.raises(AuthError):
        office.poll()
    assert office.emulator.refresh_uses.count("refresh-1") == 2
    with pytest.raises(OptionError):
        account_url("https://evil.example", allow_local=False)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write_number", [1, 2])
def test_killed_at_any_write_there_is_a_working_pair_or_a_clear_authorise_again(
    tmp_path: Path, write_number: int, after: bool
) -> None:
    clock = Clock(NOON)
    with Emulator(World(clock), clock) as emulator:
        desk = Office(emulator, tmp_path, first_day(NOON, 3), token="", **OPTIONS)
        emulator.codes = {"c0de"}
        authorise(desk, "c0de")
        clock.sleep(90000)
        desk.vault = MortalVault(kept=desk.vault.kept, dies_at=write_number, after=after)
        with pytest.raises(Killed):
            desk.poll()
        desk.vault = PlainVault(kept=desk.vault.kept)
        # Only death between Kommo's answer and the disk loses the pair.
        if write_number == 2 and not after:
            with pytest.raises(AuthError, match="authorise"):
                desk.poll()
        else:
            desk.poll()
            assert desk.batches[-1].as_of is not None
        desk.close()


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[Emulator, str]]:
    """An account whose access token has just ended, and a store that holds its pair."""
    clock = Clock(datetime.now(UTC))
    with Emulator(World(clock), clock) as emulator:
        address = f"sqlite:///{tmp_path / 'tablo.db'}"
        engine = ready.sqlite_at(tmp_path / "tablo.db")
        with write(engine) as conn:
            number = connections.add(conn, Secrets(KEY), "main", "kommo", {}, "test", datetime.now(UTC))
        pair = emulator.issue()
        kept = {"access": "ended", "refresh": str(pair["refresh_token"]), "expires": "1", "base": emulator.url}
        connections.vault(engine, number, Secrets(KEY), lambda: datetime.now(UTC)).write(kept)
        engine.dispose()
        yield emulator, address


def renewer(emulator: Emulator, address: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sources.kommo_renewer", emulator.url, address]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_find_the_token_ended_at_once_renew_it_once(shared: tuple[Emulator, str]) -> None:
    emulator, address = shared
    crowd = [renewer(emulator, address) for _ in range(3)]
    said = [(process.communicate(timeout=60)[0], process.returncode) for process in crowd]
    assert [code for _, code in said] == [0, 0, 0], said
    assert emulator.refresh_uses == ["refresh-1"]


def test_kill_9_during_a_renewal_leaves_a_working_pair_or_a_clear_authorise_again(
    shared: tuple[Emulator, str],
) -> None:
    emulator, address = shared
    moment = random.Random(5)
    process = renewer(emulator, address)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3 + moment.random())
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    # The lock of the dead process ends by itself; the next one is here before that, and waits.
    engine = open_db(address)
    with write(engine) as conn:
        conn.exec_driver_sql("UPDATE leases SET expires_at = 0")
    engine.dispose()
    again = renewer(emulator, address)
    said, _ = again.communicate(timeout=60)
    assert again.returncode in (0, 3), said
    assert again.returncode == 0 or "authorise Tablo in Kommo again" in said


def test_a_token_says_itself_when_it_ends() -> None:
    assert expires(jwt(exp=1795000000)) == datetime.fromtimestamp(1795000000, UTC)
    for odd in ("", "abc", "a.b.c", "a.W10.c", jwt(exp="soon"), jwt(exp=True), jwt(exp=10**30), jwt()):
        assert expires(odd) is None


@pytest.mark.parametrize(
    ("left", "code"),
    [(31, None), (30, "token_expires_30"), (7, "token_expires_7"), (1, "token_expires_1"), (-1, "token_expires_1")],
)
def test_the_end_of_a_token_is_told_thirty_seven_and_one_days_before(left: int, code: str | None) -> None:
    token = jwt(exp=(NOON + timedelta(days=left)).timestamp())
    problem = expiry_problem(token, "https://name.kommo.com", NOON)
    assert (problem.code if problem else None) == code
    assert problem is None or token not in problem.text


def test_a_source_tells_it_with_every_cycle(tmp_path: Path) -> None:
    clock = Clock(NOON)
    with Emulator(World(clock), clock) as emulator:
        token = jwt(exp=(NOON + timedelta(days=5)).timestamp())
        emulator.tokens.add(token)
        desk = Office(emulator, tmp_path, first_day(NOON, 3), token=token)
        desk.poll()
        problems = desk.batches[-1].problems or ()
        assert [problem.code for problem in problems] == ["token_expires_7"]
        desk.close()


@pytest.mark.parametrize(
    "good", ["name.kommo.com", "https://name.amocrm.ru/", "https://name.amocrm.com/leads/list", " NAME.kommo.com "]
)
def test_an_address_is_taken_as_people_paste_it(good: str) -> None:
    assert account_url(good, False) in (f"https://name.{end}" for end in ("kommo.com", "amocrm.ru", "amocrm.com"))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "http://name.kommo.com",
        "https://kommo.com",
        "https://www.kommo.com",
        "https://name.kommo.com.evil.example",
        "https://evilkommo.com",
        "https://user:pass@name.kommo.com",
        "https://name.kommo.com:8443",
        "https://127.0.0.1",
        "ftp://name.kommo.com",
    ],
)
def test_a_token_is_sent_to_kommo_and_nowhere_else(bad: str) -> None:
    with pytest.raises(OptionError):
        account_url(bad, False)


def test_the_browser_is_sent_to_the_right_one_of_the_two() -> None:
    options = {**OPTIONS, "client_id": "a b", "base_url": "https://name.kommo.com"}
    assert authorize_url(options, "st&te") == "https://www.kommo.com/oauth?client_id=a+b&state=st%26te"
    assert authorize_url({**options, "base_url": "x.amocrm.ru"}, "s").startswith("https://www.amocrm.ru/oauth?")


def test_a_connection_with_a_token_has_nothing_to_authorise() -> None:
    with pytest.raises(OptionError, match="nothing to authorise"):
        authorize_url({"base_url": "name.kommo.com", "token": TOKEN}, "s")


def test_a_code_is_not_taken_to_a_host_that_is_not_kommos(tmp_path: Path) -> None:
    vault = PlainVault()
    site = Site("main", "Europe/Kyiv", "UAH", lambda: NOON, tmp_path, vault)
    with pytest.raises(OptionError):
        exchange_code({**OPTIONS, "base_url": "name.kommo.com"}, site, "c0de", {"referer": "kommo.com.evil.example"})
    assert vault.written == []


def test_an_event_is_worth_a_look_when_it_names_something() -> None:
    assert accepts_event({}, b"leads[add][0][id]=1&account[subdomain]=example")
    assert not accepts_event({}, b"hello")


def test_a_token_or_the_three_keys_are_needed(tmp_path: Path) -> None:
    site = Site("main", "Europe/Kyiv", "UAH", lambda: NOON, tmp_path, PlainVault())
    with pytest.raises(OptionError, match="client_id"):
        KommoSource({"base_url": "name.kommo.com"}, site)
    assert TOKEN not in repr(KommoSource({"base_url": "name.kommo.com", "token": TOKEN}, site))

"""The phone page: by link or by the wall's code, with a PIN; one's own page and no other; closed when it is ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from callbacks.settings import links as desk_links
from domain.facts import Batch, Change, Fact, Kind
from domain.settings import PeriodKind, Settings, Slot
from layouts import icon, ids
from layouts.mine.records import safe_address
from layouts.panels.parts import plain
from layouts.text import Text
from routes import fonts, visits
from routes.guard import ROUTES, Rule
from storage import db as store
from storage import facts, joining, links, people, settings, sources
from tests.callbacks.reading import parts
from tests.desk.office import NOW, ORIGIN, PASSWORD, Office, furnish
from tests.routes.test_guard import FAR, path_of, routes

OLENA, NIKITA, PIN = "main:1", "main:2", "4917"
EN = Text("en")


@dataclass
class Phone:
    """A manager's phone before the server."""

    client: FlaskClient

    def open(self, path: str = "/me") -> str:
        answer = self.client.get(path, environ_base=FAR, follow_redirects=True)
        assert answer.request.path == "/me"
        return answer.text

    def send(self, follow: bool = True, **form: str) -> tuple[int, str]:
        answer = self.client.post("/me/pin", data=form, headers=ORIGIN, environ_base=FAR, follow_redirects=follow)
        return answer.status_code, answer.text


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A server for many machines, with a won deal of Olena's and one of Nikita's."""
    office = furnish(tmp_path, host="0.0.0.0")
    wins = [win(1, "1", "184000", "https://crm.example/deal/1"), win(2, "2", "92000", "javascript:alert(1)")]
    with store.read(office.deps.db) as conn:
        source = sources.every(conn)[0].id
    facts.apply(office.deps.db, source, Batch(wins, "d", NOW), settings=office.deps.settings())
    return office


def win(number: int, rep: str, amount: str, url: str) -> Change:
    fact = Fact(
        Kind.DEAL_WON, NOW - timedelta(hours=2), rep, amount=Decimal(amount), currency="UAH", title=f"Deal {number}"
    )
    return Change(f"deal:{number}", (fact,), 1, url=url)


def phone(office: Office) -> Phone:
    return Phone(office.server.test_client())


def link_of(office: Office, rep: str = OLENA) -> str:
    with store.write(office.deps.db) as conn:
        return f"/me/{links.renew(conn, rep, 'lead', NOW)}"


def let_in(office: Office, rep: str = OLENA) -> Phone:
    """A phone on which somebody has chosen a PIN."""
    found = phone(office)
    found.open(link_of(office, rep))
    assert found.send(pin=PIN, again=PIN)[0] == 200
    return found


def test_a_link_becomes_a_cookie_and_leaves_the_address(office: Office) -> None:
    found = phone(office)
    path = link_of(office)
    answer = found.client.get(path, environ_base=FAR)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = found.client.get_cookie(visits.DOOR, path="/me")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/me")
    assert path.removeprefix("/me/") not in str(answer.headers)
    page = found.open()
    assert "Choose a PIN" in page
    assert "Олена Коваль" in page
    assert "data-card=" not in page.partition("</head>")[2]


def test_a_page_on_the_home_screen_takes_a_link_that_is_pasted(office: Office) -> None:
    def paste(link: str) -> tuple[int, str]:
        answer = found.client.post("/me/link", data={"link": link}, headers=ORIGIN, environ_base=FAR)
        return answer.status_code, answer.headers.get("Location", answer.text)

    found, path = phone(office), link_of(office)
    assert 'action="/me/link"' in found.open()
    for nonsense in ("", "Olena", "https://tablo.example/me/", f"{path}x", "/" * 9000):
        status, page = paste(nonsense)
        assert (status, "does not open anything any more" in page) == (404, True)
    assert paste(f"  https://tablo.example{path}/ ") == (303, "/me")
    assert "Choose a PIN" in found.open()


def test_the_pin_is_chosen_once_and_asked_for_on_the_next_device(office: Office) -> None:
    path, first = link_of(office), phone(office)
    first.open(path)
    assert "4 to 8 digits" in first.send(pin="12", again="12")[1]
    assert "anybody would try" in first.send(pin="1234", again="1234")[1]
    assert "differ" in first.send(pin=PIN, again="4918")[1]
    status, page = first.send(pin=PIN, again=PIN)
    assert (status, "data-card=" in page) == (200, True)
    second = phone(office)
    assert "Type your PIN" in second.open(path)
    # Not even who came first can choose another one by the form of the first time.
    assert second.send(pin="739164", again="739164")[0] == 403
    assert "This is not the PIN." in second.send(pin="1111")[1]
    assert "data-card=" in second.send(pin=PIN)[1]


def test_wrong_pins_are_slowed_and_never_locked(office: Office) -> None:
    path = link_of(office)
    first = phone(office)
    first.open(path)
    first.send(pin=PIN, again=PIN)
    other = phone(office)
    other.open(path)
    assert [other.send(pin="7391")[0] for _ in range(3)] == [403] * 3
    status, page = other.send(pin=PIN)
    assert (status, "Try again in 1 second" in page) == (429, True)
    office.clock.turn(timedelta(seconds=1))
    assert "data-card=" in other.send(pin=PIN)[1]


@pytest.mark.parametrize(
    ("language", "after_s", "said"),
    [
        ("en", 0, "Try again in 15 minutes."),
        ("uk", 240, "Спробуйте через 11 хвилин."),
        ("uk", 13 * 60, "Спробуйте через 2 хвилини."),
        ("ru", 839, "Попробуйте через 2 минуты."),
        ("ru", 840, "Попробуйте через 60 секунд."),
    ],
)
def test_who_has_to_wait_long_is_told_the_minutes_and_a_phone_that_is_in_is_not_disturbed(
    office: Office, language: str, after_s: int, said: str
) -> None:
    path, other = link_of(office), phone(office)
    first = phone(office)
    first.open(path)
    first.send(pin=PIN, again=PIN)
    with store.write(office.deps.db) as conn:
        for _ in range(30):
            links.wrong_pin(conn, OLENA, False, "192.0.2.1", NOW)
    office.clock.turn(timedelta(seconds=after_s))
    other.client.get(path, environ_base=FAR)
    answer = other.client.post(
        "/me/pin", data={"pin": PIN}, headers=ORIGIN | {"Accept-Language": language}, environ_base=FAR
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(900 - after_s))
    assert said in answer.text
    assert "data-card=" in first.open()
    # The lead reads it where the link is renewed.
    shown = str(desk_links.section(office.deps, Text(language)))
    assert shown.count(Text(language).t("chosen; many wrong tries within a day")) == 1


def test_the_page_shows_what_the_board_says_and_leads_into_the_crm(office: Office) -> None:
    page = let_in(office).open()
    board = office.deps.boards.get(PeriodKind.MONTH).board
    line = next(each for each in board.metric("deals_won_amount").reps if each.rep == OLENA)
    assert f'data-value="{plain(line.progress.actual)}"' in page
    assert "184,000" in page
    assert 'href="https://crm.example/deal/1"' in page
    assert "Deal 2" not in page
    assert "javascript:" not in let_in(office, NIKITA).open()


def test_a_manager_sees_no_other_page_whatever_is_changed_in_the_address(office: Office) -> None:
    nikita = let_in(office, NIKITA)
    for query in ("rep=main:1", "who=main:1", "metric=deals_won&after=800000.1.0.deal:0&rep=main:1", "metric=nothing"):
        page = nikita.open(f"/me?{query}")
        assert "<h1><bdi>Nikita Orlov" in page
        assert "Deal 1" not in page
        assert "Deal 1" not in nikita.client.get(f"/me/state?{query}").text
    # At the door of one's own link the form names nobody else.
    other = phone(office)
    path = link_of(office, NIKITA)
    other.open(path)
    other.send(pin="739164", again="739164", who=OLENA)
    assert "Nikita Orlov" in other.open()


def test_a_phone_opens_nothing_but_its_page(office: Office) -> None:
    folder = office.deps.config.data_dir / "fonts"
    folder.mkdir()
    for part in fonts.PARTS:
        (folder / part.name).touch()
    server = create_app(office.deps)
    cookie = let_in(office).client.get_cookie(visits.COOKIE, path="/me")
    assert cookie is not None
    for route in routes(server):
        # A browser sends it to /me alone; here it is sent everywhere.
        client = server.test_client()
        client.set_cookie(visits.COOKIE, cookie.value)
        for method in sorted((route.methods or set()) - {"OPTIONS", "HEAD"}):
            with client.open(path_of(route), method=method, headers=ORIGIN, environ_base=FAR, json={}) as answer:
                onward = answer.headers.get("Location", "").startswith("/login")
                closed = answer.status_code in (401, 403, 404, 405) or onward
                own = ROUTES[route.rule] in (Rule.PUBLIC, Rule.MANAGER)
                pairing = route.rule in ("/", "/tv-lite") and b"data-code" in answer.data
                assert own or closed or pairing, (route.rule, method, answer.status)


def test_the_walls_code_lets_somebody_choose_a_name_for_some_minutes(office: Office) -> None:
    let_in(office)
    code = visits.wall_code(office.deps, 0)
    stranger = phone(office)
    assert "Олена" not in stranger.open("/me?w=wrong")
    assert "too old" in stranger.open("/me?w=wrong")
    visitor = phone(office)
    page = visitor.open(f"/me?w={code}")
    names = re.findall(r'<option value="(main:\d)"', page)
    assert names == [OLENA]
    assert visitor.send(who=NIKITA, pin=PIN)[0] == 403
    assert "data-card=" in visitor.send(who=OLENA, pin=PIN)[1]
    office.clock.turn(timedelta(minutes=11))
    assert "too old" in phone(office).open(f"/me?w={code}")


def test_the_name_waits_at_the_door_for_a_quarter_of_an_hour(office: Office) -> None:
    found = phone(office)
    assert "Choose a PIN" in found.open(link_of(office))
    office.clock.turn(timedelta(minutes=15))
    assert "Open your personal link" in found.open()
    assert found.send(pin=PIN, again=PIN, follow=False)[0] == 303


def test_a_screen_that_is_ended_takes_its_code_with_it(office: Office) -> None:
    let_in(office)
    assert "too old" in phone(office).open(f"/me?w={visits.wall_code(office.deps, 7)}")


def test_the_wall_has_a_code_only_where_phones_can_reach_it(office: Office) -> None:
    there = "http://192.168.1.20:8050"
    lead = office.server.test_client()
    lead.post("/login", data={"login": "lead", "password": PASSWORD}, base_url=there, headers={"Origin": there})
    far = lead.get("/wall/phone.svg", base_url=there)
    assert (far.status_code, far.mimetype, far.headers["Cache-Control"]) == (200, "image/svg+xml", "no-store")
    lead = office.login()
    assert lead.get("/wall/phone.svg").status_code == 404
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"public_address": "https://tablo.example"}, "lead", NOW)
    assert lead.get("/wall/phone.svg").status_code == 200
    assert office.server.test_client().get("/wall/phone.svg", environ_base=FAR).status_code == 401


@pytest.mark.parametrize("end", ["renew", "revoke", "pin", "leave", "logout", "gone"])
def test_the_page_closes_at_the_next_request(office: Office, end: str) -> None:
    found = let_in(office)
    assert found.client.get("/me/state").status_code == 200
    with store.write(office.deps.db) as conn:
        if end == "renew":
            links.renew(conn, OLENA, "lead", NOW)
        elif end == "revoke":
            links.revoke(conn, OLENA, "lead", NOW)
        elif end == "pin":
            links.set_pin(conn, OLENA, "739164", "lead", NOW)
        elif end == "leave":
            people.change(conn, OLENA, {"left": (NOW - timedelta(days=1)).date()}, "lead", NOW)
        elif end == "gone":
            people.set_rep(conn, OLENA, False, "lead", NOW)
    if end == "logout":
        found.client.post("/me/logout", headers=ORIGIN)
    assert found.client.get("/me/state").status_code in (401, 404)
    page = found.open()
    assert "data-card=" not in page.partition("</head>")[2]
    assert "184" not in page.partition("</head>")[2]


@pytest.mark.parametrize("way", ["link", "code"])
def test_a_phone_whose_manager_is_gone_lets_somebody_else_in(office: Office, way: str) -> None:
    let_in(office, NIKITA)
    found = let_in(office)
    with store.write(office.deps.db) as conn:
        people.change(conn, OLENA, {"left": (NOW - timedelta(days=1)).date()}, "lead", NOW)
    assert found.client.get("/me/state").status_code == 404
    if way == "link":
        assert "Choose a PIN" in found.open(link_of(office, NIKITA))
        page = found.send(pin=PIN, again=PIN)[1]
    else:
        assert "There is no page for you now" in found.open()
        assert "There is no page for you now" not in found.open()
        assert "Nikita Orlov" in found.open(f"/me?w={visits.wall_code(office.deps, 0)}")
        page = found.send(who=NIKITA, pin=PIN)[1]
    assert "<h1><bdi>Nikita Orlov" in page


def test_a_join_costs_nobody_their_page_and_leaves_the_lead_the_say_over_it(office: Office) -> None:
    path = link_of(office, NIKITA)
    first, second, third = phone(office), phone(office), phone(office)
    first.open(path)
    first.send(pin=PIN, again=PIN)
    with store.write(office.deps.db) as conn:
        joining.join(conn, NIKITA, OLENA, "lead", NOW)
    assert "<h1><bdi>Олена Коваль" in first.open()
    assert "Олена Коваль" in second.open(path)
    assert "data-card=" in second.send(pin=PIN)[1]
    assert f'<option value="{NIKITA}"' in third.open(f"/me?w={visits.wall_code(office.deps, 0)}")
    assert "<h1><bdi>Олена Коваль" in third.send(who=NIKITA, pin=PIN)[1]
    owner = next(each for each in desk_links.owners(office.deps, EN) if each.key == OLENA)
    assert (owner.has_pin, bool(owner.made)) == (True, True)
    with store.write(office.deps.db) as conn:
        links.set_pin(conn, OLENA, "739164", "lead", NOW)
    assert first.client.get("/me/state").status_code == 401
    second.open(path)
    assert "data-card=" in second.send(pin="739164")[1]
    with store.write(office.deps.db) as conn:
        links.revoke(conn, OLENA, "lead", NOW)
    assert second.client.get("/me/state").status_code == 401
    assert phone(office).client.get(path, environ_base=FAR).status_code == 404


def test_ninety_days_begin_anew_with_each_use(office: Office) -> None:
    found = let_in(office)
    for _ in range(3):
        office.clock.turn(timedelta(days=80))
        assert "data-card=" in found.open()
    office.clock.turn(timedelta(days=90))
    assert "Open your personal link" in found.open()


def test_the_reader_chooses_the_language_else_the_browser_else_the_office(office: Office) -> None:
    found = let_in(office)

    def title(accepts: str) -> str:
        page = found.client.get("/me", headers={"Accept-Language": accepts}).text
        known = {"Today": "en", "Сьогодні": "uk", "Сегодня": "ru"}
        return next(code for word, code in known.items() if word in page)

    assert (title("uk-UA,uk;q=0.9,en;q=0.5"), title("ru"), title("de")) == ("uk", "ru", "en")
    found.client.post("/me/language", data={"language": "ru"}, headers=ORIGIN)
    assert title("uk") == "ru"
    found.client.post("/me/language", data={"language": "xx"}, headers=ORIGIN)
    assert title("uk") == "ru"


def test_the_state_is_told_once_and_then_only_that_nothing_changed(office: Office) -> None:
    found = let_in(office)
    first = found.client.get("/me/state")
    assert first.headers["Tablo-As-Of"] == str(first.json["as_of"])  # type: ignore[index]  # it is an object
    again = found.client.get("/me/state", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Tablo-Now"]


def test_it_can_be_installed(office: Office) -> None:
    client = office.server.test_client()
    manifest = client.get("/me/files/manifest.webmanifest", environ_base=FAR).get_json(force=True)
    assert (manifest["start_url"], manifest["display"]) == ("/me", "standalone")
    for each in manifest["icons"]:
        drawn = client.get(each["src"], environ_base=FAR)
        side = int(each["sizes"].partition("x")[0])
        assert drawn.data[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(drawn.data[16:20], "big") == int.from_bytes(drawn.data[20:24], "big") == side
    worker = client.get("/me/files/sw.js", environ_base=FAR)
    assert worker.headers["Service-Worker-Allowed"] == "/me"
    assert "/me/state" not in worker.text
    assert client.get("/me/files/me.css").status_code == 404
    offline = client.get("/me/offline", environ_base=FAR).text
    assert "No connection" in offline
    assert icon.png(180) is icon.png(180)


def test_a_lead_makes_renews_ends_a_link_and_sets_a_pin_and_all_is_written_down(office: Office) -> None:
    with office.server.test_request_context("/", base_url="http://192.168.1.20:8050"):
        tree = desk_links.answer(office.deps, EN, "lead", ids.link("make", OLENA), "", "")
    address = next(str(part.children) for part in parts([*tree]) if getattr(part, "className", "") == "handed")
    assert address.startswith("http://192.168.1.20:8050/me/")
    assert "Choose a PIN" in phone(office).open(address.removeprefix("http://192.168.1.20:8050"))
    for rep, pin, said in (("", PIN, "Choose whose"), (OLENA, "1234", "anybody would try"), (OLENA, PIN, "PIN is set")):
        assert said in str(desk_links.answer(office.deps, EN, "lead", ids.PIN_SET, rep, pin))
    owner = next(each for each in desk_links.owners(office.deps, EN) if each.key == OLENA)
    assert (owner.has_pin, bool(owner.made), bool(owner.opened)) == (True, True, True)
    assert "is ended" in str(desk_links.answer(office.deps, EN, "lead", ids.link("end", OLENA), "", ""))
    assert "no personal link" in str(desk_links.answer(office.deps, EN, "lead", ids.link("end", OLENA), "", ""))
    assert "does not sell" in str(desk_links.answer(office.deps, EN, "lead", ids.link("make", "main:4"), "", ""))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://crm.example/deal/1", True),
        ("http://10.0.0.5/d", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/x", False),
        ("https://", False),
        ("http://[broken", False),
        (None, False),
    ],
)
def test_only_a_web_address_is_led_to(url: str | None, safe: bool) -> None:
    assert (safe_address(url) == url and url is not None) is safe


@pytest.mark.parametrize("metric", ["win_rate", "average_deal"])
def test_where_the_office_looks_at_no_metric_with_days_of_its_own_the_page_goes_without(
    office: Office, metric: str
) -> None:
    found = let_in(office)
    with store.write(office.deps.db) as conn:
        terms = {"playlist": (Slot("overview", 60), Slot("leaderboard", 60)), "rank_metric": metric}
        settings.save(conn, terms, "lead", NOW)
    page = found.open()
    assert 'data-card="rank"' in page
    assert not any(f'data-card="{card}"' in page for card in ("chooser", "days", "records"))
    assert found.client.get("/me/state").status_code == 200


@pytest.mark.parametrize(
    ("top", "dasha", "said"),
    [
        (0, "92000", "Dasha Lewis</bdi>, <bdi>Nikita Orlov</bdi></span>."),
        (1, "92000", "Dasha Lewis</bdi> and 1 more</span>."),
        (1, "93000", "<span>1 colleague</span>."),
    ],
)
def test_nobody_beyond_the_walls_places_is_named_among_the_tied(
    office: Office, top: int, dasha: str, said: str
) -> None:
    found = let_in(office)
    tie = [win(1, "1", "92000", "https://crm.example/deal/1"), win(3, "3", dasha, "https://crm.example/deal/3")]
    with store.read(office.deps.db) as conn:
        source = sources.every(conn)[0].id
    facts.apply(office.deps.db, source, Batch([replace(each, revision=2) for each in tie], "t", NOW),
                settings=office.deps.settings())  # fmt: skip
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"rank_top": top}, "lead", NOW)
    why = found.open().partition("Equal with:")[2].partition("</li>")[0]
    assert said in why
    assert ("Nikita" in why) is (top == 0)


def test_an_unknown_country_does_not_close_the_page(office: Office) -> None:
    found = let_in(office)
    with store.write(office.deps.db) as conn:
        settings.save(conn, {"country": "ZZ"}, "lead", NOW)
    assert office.deps.settings() != Settings()
    assert "data-card=" in found.open()

"""Everybody walks through every route and every callback: who may go where is a table here, and nobody else gets in."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route
from werkzeug.wrappers import Response

from app import create_app
from domain.people import Absence
from layouts import ids
from routes import fonts, pairing, sessions, visits
from routes.guard import CALLBACKS, ROUTES, Rule, first_output
from storage import absences, links, screens, users
from storage import db as store
from tests.desk.office import NOW, ORIGIN, PASSWORD, Office, furnish

Enter = Callable[[str], FlaskClient]

UPDATE = "/settings/_dash-update-component"
# A machine elsewhere, so that nothing is open for being close by.
FAR = {"REMOTE_ADDR": "192.0.2.7"}
LOGINS = {"south", "lead", "root"}
EVERYBODY = {"nobody", "screen", "phone", *LOGINS}
# Who gets in by which rule. `south` leads the team South alone.
MAY: dict[Rule, set[str]] = {
    Rule.PUBLIC: EVERYBODY,
    Rule.HOOK: EVERYBODY,
    Rule.GUEST: EVERYBODY,
    Rule.WALL: {"screen", *LOGINS},
    Rule.MANAGER: {"phone"},
    Rule.OPERATIONS: LOGINS,
    Rule.ANY_LOGIN: LOGINS,
    Rule.LOGIN: {"lead", "root"},
    Rule.ADMIN: {"root"},
    Rule.TOKEN: set(),
    Rule.NOBODY: set(),
}
# What a team lead of own teams may call at all. Each is tried below with people of another team.
OF_OWN_TEAMS = {
    *(ids.PAGE, ids.TARGETS_FORM, ids.TARGETS_FILLED, ids.TARGETS_STORY),
    *(ids.TARGETS_IMPORT, ids.TARGETS_DOWNLOAD),
    *(ids.PEOPLE, ids.PERSON, ids.CALENDAR, ids.LINKS, ids.CORRECTIONS_FILE, ids.ACCOUNT),
}
# Whom South's lead must neither see nor touch, by name, address, team and key; and what belongs to the office.
OTHERS = ("Nikita", "Orlov", "Олена", "olena@", "North", "Telephone Exchange", "Книга", "main:n",
          *(f"main:{number}" for number in (1, 2, 4, 5)), '"company"')  # fmt: skip
MINE = "Dasha Lewis"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A server for many machines, whole."""
    here = furnish(tmp_path, host="0.0.0.0")
    folder = tmp_path / "fonts"
    folder.mkdir()
    for part in fonts.PARTS:
        (folder / part.name).touch()
    here.server = create_app(here.deps)
    return here


@pytest.fixture
def enter(office: Office) -> Enter:
    """A new browser with what somebody carries, made without the slow hash of a password."""
    with store.write(office.deps.db) as conn:
        users.add(conn, "south", PASSWORD, "team_lead", "test", NOW, teams=["main:s"])
        known = {user.login: user for user in users.every(conn)}
        tv = screens.new_cookie()
        screens.bind(conn, screens.offer(conn, tv, "", NOW), "Hall", "test", NOW)

    def come(who: str) -> FlaskClient:
        client = office.server.test_client()
        with store.write(office.deps.db) as conn:
            if who in known:
                cookie = users.begin(conn, known[who], f"browser of {who}", NOW, timedelta(hours=1))
                client.set_cookie(sessions.COOKIE, cookie)
        if who == "screen":
            client.set_cookie(pairing.COOKIE, tv)
        if who == "phone":
            with store.write(office.deps.db) as conn:
                client.set_cookie(visits.COOKIE, links.let_in(conn, "main:2", NOW))
        return client

    return come


class Watch:
    """Says whether anybody has written into the store since the last look."""

    def __init__(self, office: Office) -> None:
        self._conn = sqlite3.connect(office.deps.config.data_dir / "tablo.db")
        self._seen = self._version()

    def written(self) -> bool:
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def close(self) -> None:
        self._conn.close()

    def _version(self) -> int:
        return int(self._conn.execute("PRAGMA data_version").fetchone()[0])


def refused(answer: Response, path: str) -> bool:
    """Whether somebody was sent away: with a status, to the login, or to the door for screens or phones."""
    if answer.status_code in (401, 403) or answer.headers.get("Location", "").startswith("/login"):
        return True
    # Only then is it read: the line of events to a screen never ends.
    if answer.status_code == 404:
        said = answer.get_data(as_text=True)
        return "There is nothing here." in said or "There is no such callback." in said
    said = answer.get_data(as_text=True)
    return path in (*pairing.PAGES, visits.PATH) and "data-panel" not in said and "data-slot" not in said


def path_of(route: Route) -> str:
    """An address that the route answers."""
    return route.build(dict.fromkeys(route.arguments, "x"))[1]  # type: ignore[index]  # None only for missing names


def test_the_table_has_every_rule() -> None:
    assert set(MAY) == set(Rule)
    assert {output for output, rule in CALLBACKS.items() if rule is Rule.ANY_LOGIN} == OF_OWN_TEAMS


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_every_route_sends_away_whom_its_rule_does_not_name_and_nothing_is_seen_or_written(
    office: Office, enter: Enter, who: str
) -> None:
    with closing(Watch(office)) as watch:
        for route in office.server.url_map.iter_rules():
            rule = ROUTES[route.rule]
            # Nobody is sent away there: a wrong password or a made-up secret are answered by the route itself.
            if rule in (Rule.PUBLIC, Rule.HOOK, Rule.GUEST):
                continue
            for method in sorted((route.methods or set()) - {"OPTIONS", "HEAD"}):
                # A new browser each: some routes end the visit.
                client = enter(who)
                watch.written()
                with client.open(path_of(route), method=method, headers=ORIGIN, environ_base=FAR, json={}) as answer:
                    if who in MAY[rule]:
                        continue
                    assert refused(answer, route.rule), (route.rule, method, answer.status)
                    assert not [name for name in (*OTHERS[:5], MINE) if name in answer.get_data(as_text=True)], (
                        route.rule,
                        method,
                    )
                # An unbound screen's code is a row of its own.
                assert route.rule in pairing.PAGES or not watch.written(), (route.rule, method)


def test_every_callback_answers_whom_its_rule_names_and_nobody_else(office: Office, enter: Enter) -> None:
    listed = enter("root").get("/settings/_dash-dependencies").json or []
    outputs = [str(each["output"]) for each in listed if not each["clientside_function"]]
    assert {first_output(output) for output in outputs} == set(CALLBACKS)
    with closing(Watch(office)) as watch:
        for who in sorted(EVERYBODY):
            client = enter(who)
            watch.written()
            for output in outputs:
                body = {"output": output, "outputs": [], "inputs": [], "changedPropIds": [], "state": []}
                status = client.post(UPDATE, json=body, headers=ORIGIN, environ_base=FAR).status_code
                may = who in MAY[CALLBACKS[first_output(output)]]
                assert (status not in (401, 403, 404)) is may, (who, output, status)
            assert not watch.written(), who


def test_another_teams_lead_finds_nobody_of_other_teams_on_any_page(office: Office, enter: Enter) -> None:
    south = enter("south")
    enter("root")
    for page in ids.PAGES:
        for search in ("", "?period=day", "?period=quarter&metrics=all", "?who=main:2"):
            shown = open_page(south, page, search)
            assert not [each for each in (*OTHERS, "browser of root") if each in shown], page
    assert MINE in open_page(south, "targets")
    assert MINE in open_page(south, "people")
    assert MINE in open_page(south, "calendar")
    assert "This page is for those who answer for all teams" in open_page(south, "audit")
    assert "Only an administrator" in open_page(south, "users")
    layout = json.dumps(south.get("/settings/_dash-layout").json)
    assert "/settings/people" in layout
    assert "/settings/office" not in layout


def test_another_teams_lead_changes_nothing_of_other_teams(office: Office, enter: Enter) -> None:
    with store.write(office.deps.db) as conn:
        absence = Absence(date(2026, 11, 23), date(2026, 11, 24))
        absences.add(conn, "main:2", absence, "root", NOW)
        number = absences.every(conn)[0].id
        links.renew(conn, "main:2", "root", NOW)
    south = enter("south")
    with store.write(office.deps.db) as conn:
        users.begin(conn, next(each for each in users.every(conn) if each.login == "root"), "", NOW, timedelta(hours=1))
        theirs = next(each.id for each in users.open_sessions(conn, NOW) if each.user.login == "root")
    with closing(Watch(office)) as watch:
        for scope, key in (("rep", "main:2"), ("team", "main:n"), ("company", "")):
            assert not save_target(south, scope, key), key
            assert not watch.written(), key
        answers = [
            *(press_people(south, ids.person(part, "main:2")) for part in ("sells", "sells-not", "separate")),
            press_people(south, ids.person("sells", "main:4")),
            *(press_calendar(south, action, number, "main:3") for action in ("edit", "remove", "save")),
            press_calendar(south, "save", "", "main:2"),
            *(press_calendar(south, action, "2026-12-25", "") for action in ("turn", "add")),
            *(press_people(south, ids.team(part, key)) for part, key in (("add", ""), ("rename", "main:s"))),
            *(press_person(south, "main:2", action) for action in ("save", "move", "unphoto", "upload")),
            press_people(south, ids.person("join", ""), pair=["main:3", "main:2"]),
            press_people(south, ids.person("join", ""), pair=["main:2", "main:3"]),
            press_links(south, ids.link("make", "main:2")),
            press_links(south, ids.link("end", "main:2")),
            press_links(south, ids.PIN_SET, "main:2", "482915"),
            end_session(south, theirs),
        ]
        assert "This is none of your teams" in press_person(south, "main:3", "move")
        assert not watch.written()
    assert not [each for answer in answers for each in OTHERS if each in answer]


def test_another_teams_lead_neither_fills_nor_asks_nor_keeps_targets_of_other_teams(
    office: Office, enter: Enter
) -> None:
    south = enter("south")
    place = ["calls", "rep", "main:1", "2026-11-01"]
    cells = {"cells": [[*place, "100"]], "weights": {}, "press": 1}
    state = [value(ids.PLACE, "search", "?period=month&day=2026-11-01")]
    fields = (ids.TARGETS_DO, ids.TARGETS_COLUMN, ids.TARGETS_WHOSE, ids.TARGETS_PERCENT, ids.TARGETS_LAST)
    chosen = [value(key, "value", each) for key, each in zip(fields, ("raise", "-", "-", "5", "6"), strict=True)]
    answers = [
        call(south, ids.TARGETS_FILLED, [value(ids.TARGETS_ORDER, "data", cells)], state + chosen, ids.TARGETS_ORDER),
        call(south, ids.TARGETS_STORY, [value(ids.TARGETS_ASKED, "data", {"place": place})], state, ids.TARGETS_ASKED),
        keep_targets(south),
        bring_targets(south, "calls,main:2,month,2026-11-01,,5"),
    ]
    assert not [each for answer in answers for each in (*OTHERS, "400") if each in answer and each != "main:2"]
    with closing(Watch(office)) as watch:
        bring_targets(south, "calls,main:2,month,2026-11-01,,5", token="x")
        assert not watch.written()


def test_another_teams_lead_may_do_all_that_with_the_own_team(office: Office, enter: Enter) -> None:
    south = enter("south")
    with closing(Watch(office)) as watch:
        assert save_target(south, "rep", "main:3")
        assert watch.written()
        press_calendar(south, "save", "", "main:3")
        assert watch.written()
        press_links(south, ids.link("make", "main:3"))
        assert watch.written()
        press_person(south, "main:3", "save")
        assert watch.written()
        press_people(south, ids.person("sells-not", "main:3"))
        assert watch.written()


def test_a_lead_whose_teams_were_taken_sees_that_at_the_next_click(office: Office, enter: Enter) -> None:
    south = enter("south")
    assert MINE in open_page(south, "people")
    with store.write(office.deps.db) as conn:
        users.change(conn, "south", "team_lead", ["main:n"], "root", NOW)
    assert MINE not in open_page(south, "people")
    with store.write(office.deps.db) as conn:
        users.remove(conn, "south", "root", NOW)
    assert south.get("/settings/_dash-layout").status_code == 401


def value(key: object, prop: str, given: object) -> dict[str, Any]:
    return {"id": key, "property": prop, "value": given}


def call(client: FlaskClient, output: str, inputs: list[Any], state: list[Any], pressed: object) -> str:
    """What a callback answers after that input, '' when there is nothing to draw."""
    name = pressed if isinstance(pressed, str) else json.dumps(pressed, sort_keys=True, separators=(",", ":"))
    given = [each for group in inputs for each in (group if isinstance(group, list) else [group])]
    prop = next((each["property"] for each in given if each["id"] == pressed), "n_clicks")
    written = "data" if output == ids.TARGETS_DOWNLOAD else "children"
    body = {
        "output": f"{output}.{written}",
        "outputs": {"id": output, "property": written},
        "inputs": inputs,
        "state": state,
        "changedPropIds": [f"{name}.{prop}"],
    }
    answer = client.post(UPDATE, json=body, headers=ORIGIN, environ_base=FAR)
    assert answer.status_code == 200, (output, answer.status, answer.text[:300])
    return json.dumps(answer.json, ensure_ascii=False)


def open_page(client: FlaskClient, page: str, search: str = "") -> str:
    place = [value(ids.PLACE, "pathname", f"/settings/{page}"), value(ids.PLACE, "search", search)]
    return call(client, ids.PAGE, place, [], ids.PLACE)


def save_target(client: FlaskClient, scope: str, key: str) -> bool:
    """Whether a target of 77 calls was taken."""
    cells = {"cells": [["calls", scope, key, "2026-11-01", "77"]]}
    state = [
        value(ids.PLACE, "search", ""),
        value(ids.TARGETS_SINCE, "value", None),
        value(ids.TARGETS_SPAN, "value", "this"),
        value(ids.TARGETS_NOTE, "value", ""),
        value(ids.TARGETS_SEEN, "data", 99),
        value(ids.TARGETS_DAY, "value", ""),
    ]
    inputs = [value(ids.TARGETS_TYPED, "data", cells), value(ids.TARGETS_UNDO, "n_clicks", 0)]
    said = call(client, ids.TARGETS_FORM, inputs, state, ids.TARGETS_TYPED)
    return "Saved 1 target" in said


def keep_targets(client: FlaskClient) -> str:
    """The targets as a CSV, out of the answer."""
    inputs = [value(ids.TARGETS_CSV, "n_clicks", 1), value(ids.TARGETS_XLSX, "n_clicks", 0)]
    body = json.loads(call(client, ids.TARGETS_DOWNLOAD, inputs, [], ids.TARGETS_CSV))
    return base64.b64decode(body["response"][ids.TARGETS_DOWNLOAD]["data"]["content"]).decode("utf-8-sig")


def bring_targets(client: FlaskClient, row: str, token: str = "") -> str:
    """A file of targets with that row looked at, or with a token recorded."""
    text = f"metric,who,period,since,until,value\n{row}\n"
    contents = "data:text/csv;base64," + base64.b64encode(text.encode()).decode()
    button = ids.TARGETS_APPLY if token else ids.TARGETS_UPLOAD
    inputs = [
        value(ids.TARGETS_UPLOAD, "contents", contents),
        value(ids.TARGETS_APPLY, "n_clicks", 1 if token else 0),
        value(ids.TARGETS_ABOUT, "value", "-"),
    ]
    state = [value(ids.TARGETS_UPLOAD, "filename", "plan.csv"), value(ids.TARGETS_TOKEN, "data", token)]
    return call(client, ids.TARGETS_IMPORT, inputs, state, button)


def press_people(client: FlaskClient, button: Any, pair: list[str] | None = None) -> str:
    """A button of the people page, drawn or not."""
    wired = [ids.person("separate", ""), ids.person("join", "")]
    wired += [ids.team(part, "") for part in ("add", "rename", "remove")]
    action = str(button["type"]).removeprefix("person-")
    drawn = {"action": action, "key": button["key"]} if action in ("sells", "sells-not") else None
    inputs: list[Any] = [value(ids.PEOPLE_PRESS, "data", drawn)]
    inputs += [[value(button, "n_clicks", 1)] if button["type"] == each["type"] else [] for each in wired]
    state: list[Any] = [
        [
            value(ids.person("pair", place), "value", key)
            for place, key in zip(("who", "with"), pair or (), strict=False)
        ],
        [value(ids.team("name", key), "value", "Renamed") for key in ("", "main:s")],
        [value(ids.team("name", key), "id", ids.team("name", key)) for key in ("", "main:s")],
    ]
    return call(client, ids.PEOPLE, inputs, state, ids.PEOPLE_PRESS if drawn else button)


def press_person(client: FlaskClient, key: str, action: str) -> str:
    """A button of somebody's page, or a photo, with another team and other weekdays in the form."""
    button = ids.PERSON_UPLOAD if action == "upload" else ids.person_do(action, "")
    seen = repr((None, None, None, [], None, None, False))
    typed = {"name": "", "sells": "-", "zone": "", "joined": "", "left": "", "team": "main:n", "since": "",
             "seen": seen, "visible": True, "workdays": [1, 2]}  # fmt: skip
    fields = [ids.person_field(name) for name in typed]
    inputs = [
        [value(button, "n_clicks", 1)] if action != "upload" else [],
        value(ids.PERSON_UPLOAD, "contents", "data:image/png;base64,iVBORw==" if action == "upload" else None),
    ]
    state = [
        value(ids.PERSON_KEY, "data", key),
        [value(each, "value", typed[str(each["name"])]) for each in fields],
        [value(each, "id", each) for each in fields],
    ]
    return call(client, ids.PERSON, inputs, state, button)


def press_calendar(client: FlaskClient, action: str, about: object, rep: str) -> str:
    """A button of the calendar, drawn or not, with an absence and a day off in its forms."""
    button = ids.calendar_do(action, about)
    typed = {"rep": rep, "first": "2026-11-23", "last": "", "lowers": True, "day": "2026-12-29", "kind": "free"}
    fields = [ids.calendar_field(name) for name in typed]
    state = [
        [value(key, "value", typed[str(key["name"])]) for key in fields],
        [value(key, "id", key) for key in fields],
        value(ids.PLACE, "search", ""),
    ]
    return call(client, ids.CALENDAR, [[value(button, "n_clicks", 1)]], state, button)


def press_links(client: FlaskClient, button: Any, rep: str = "", pin: str = "") -> str:
    """A button of the personal links."""
    drawn = {"action": str(button["type"])[5:], "key": button["key"]} if isinstance(button, dict) else None
    inputs: list[Any] = [value(ids.LINKS_PRESS, "data", drawn)]
    inputs.append(value(ids.PIN_SET, "n_clicks", 1 if button == ids.PIN_SET else 0))
    state = [value(ids.PIN_REP, "value", rep), value(ids.PIN_VALUE, "value", pin)]
    return call(client, ids.LINKS, inputs, state, ids.LINKS_PRESS if drawn else button)


def end_session(client: FlaskClient, session: str) -> str:
    """The button beside a session of one's own, pressed for this one."""
    button = ids.own_session(session)
    return call(client, ids.ACCOUNT, [[value(button, "n_clicks", 1)]], [], button)

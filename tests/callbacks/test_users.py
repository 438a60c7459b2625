"""The users page and the account page: who may do what, and the sessions that are open."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from callbacks.settings import users as page
from callbacks.settings.users import Form, Wish
from callbacks.settings.visitor import Seat
from layouts import ids
from layouts.settings.users import ADMIN, LEAD, LEAD_OF_OWN
from layouts.text import Text
from storage import audit, invitations, second_step, users
from storage import db as store
from storage.users import User
from tests.callbacks.reading import Tree, classed, words
from tests.desk.office import NOW, PASSWORD, Office


def seat(office: Office, login: str = "root", agent: str = "here") -> Seat:
    """Somebody with a new session."""
    with store.write(office.deps.db) as conn:
        user = known(office)[login]
        cookie = users.begin(conn, user, agent, NOW, timedelta(hours=1))
        found = users.look_up(conn, cookie, NOW, {})
    assert found
    return Seat(user, found.id)


def known(office: Office) -> dict[str, User]:
    with store.read(office.deps.db) as conn:
        return {user.login: user for user in users.every(conn)}


def press(office: Office, text: Text, button: object, form: Form | None = None, who: Seat | None = None) -> Tree:
    return page.answer(office.deps, text, who or seat(office), button, form or Form())


def test_a_login_is_made_with_its_teams_and_a_password_that_has_to_go(office: Office, text: Text) -> None:
    new = Form("Olena", PASSWORD, Wish(LEAD_OF_OWN, ["main:n", "main:made-up"]))
    tree = press(office, text, ids.LOGIN_ADD, new)
    assert classed(tree, "good") == ["olena may log in now, and chooses a password then."]
    made = known(office)["olena"]
    assert (made.role, made.teams, made.must_change) == ("team_lead", frozenset(("main:n",)), True)
    assert PASSWORD not in words(tree) + repr(new)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (Form("", PASSWORD), "A login needs a name."),
        (Form(" LEAD ", PASSWORD), "There is a login of this name already."),
        (Form("olena", "short"), "A password has at least 10 characters."),
        (Form("olena", PASSWORD, Wish("owner")), "Choose one of the list"),
        (Form("olena", PASSWORD, Wish(LEAD_OF_OWN)), "Tick at least one team, or choose another role."),
    ],
)
def test_a_login_that_cannot_be_made_is_told_why(office: Office, text: Text, form: Form, why: str) -> None:
    assert classed(press(office, text, ids.LOGIN_ADD, form), "said") == [why]
    assert set(known(office)) == {"lead", "root"}


def test_role_and_teams_are_changed_and_the_audit_says_so(office: Office, text: Text) -> None:
    save = ids.login("save", "lead")
    press(office, text, save, Form(wishes={"lead": Wish(LEAD_OF_OWN, ["main:s"])}))
    assert known(office)["lead"].teams == frozenset(("main:s",))
    press(office, text, save, Form(wishes={"lead": Wish(ADMIN, ["main:s"])}))
    assert known(office)["lead"].reach.whole
    with store.read(office.deps.db) as conn:
        told = [(each.who, each.subject, each.before, each.after) for each in audit.latest(conn, 2)]
    own = {"role": "team_lead", "teams": ["main:s"]}
    assert told == [("root", "lead", own, {"role": "admin"}), ("root", "lead", {"role": "team_lead"}, own)]


def test_nobody_takes_away_their_own_rights_or_the_last_administrator(office: Office, text: Text) -> None:
    fewer = Form(wishes={"root": Wish(LEAD)})
    for button in (ids.login("save", "root"), ids.login("remove-now", "root")):
        assert "only another administrator" in classed(press(office, text, button, fewer), "said")[0]
    press(office, text, ids.login("save", "lead"), Form(wishes={"lead": Wish(ADMIN)}))
    other = seat(office, "lead")
    press(office, text, ids.login("save", "root"), fewer, other)
    assert known(office)["root"].role == "team_lead"
    with store.read(office.deps.db) as conn:
        made_up = Seat(User(99, "ghost", ADMIN, False, NOW), "")
        assert [each.login for each in users.every(conn) if each.role == ADMIN] == ["lead"]
    said = classed(press(office, text, ids.login("remove-now", "lead"), who=made_up), "said")
    assert said == ["This is the last administrator. Make another one first."]


def test_a_login_goes_after_a_question_and_its_sessions_with_it(office: Office, text: Text) -> None:
    seat(office, "lead", "a browser that is open")
    tree = press(office, text, ids.login("remove", "lead"))
    assert "Remove the login lead?" in words(tree)
    assert "lead" in known(office)
    tree = press(office, text, ids.login("remove-now", "lead"))
    assert classed(tree, "good") == ["lead may log in no more."]
    assert "a browser that is open" not in words(tree)
    assert classed(press(office, text, ids.login("remove-now", "lead")), "said") == ["This login is gone already."]


def test_an_administrator_ends_anybodys_session(office: Office, text: Text) -> None:
    phone = seat(office, "lead", "phone")
    assert "phone" in words(page.page(office.deps, text, None, seat(office)))
    assert "phone" not in words(press(office, text, ids.session(phone.session)))
    assert classed(press(office, text, ids.session(phone.session)), "said") == ["This session has ended already."]


def test_everybody_sees_and_ends_their_own_sessions_and_no_others(office: Office, text: Text) -> None:
    root, here, there = seat(office, "root", "boss"), seat(office, "lead", "here"), seat(office, "lead", "there")
    shown = words(page.account(office.deps, text, None, here))
    assert "Team lead of all teams" in shown
    assert "boss" not in shown
    assert classed(page.end_own(office.deps, text, here, root.session), "said") == ["This session has ended already."]
    tree: Tree = page.end_own(office.deps, text, here, there.session)
    assert classed(tree, "good") == ["The session is ended."]
    with store.read(office.deps.db) as conn:
        assert {each.agent for each in users.open_sessions(conn, NOW)} == {"boss", "here"}


def test_somebody_is_invited_by_a_link_that_is_shown_once_and_can_be_taken_back(office: Office, text: Text) -> None:
    with office.server.test_request_context("/", base_url="http://tablo.example:8050"):
        tree = press(office, text, ids.LOGIN_INVITE, Form("Olena ", new=Wish(LEAD_OF_OWN, ["main:n"])))
    shown = re.search(r"http://tablo\.example:8050/invited/([\w-]{43})", words(tree))
    assert shown
    with store.read(office.deps.db) as conn:
        found = invitations.find(conn, shown[1], NOW)
    assert found
    assert (found.login, found.role, found.teams, found.author) == (
        "olena",
        "team_lead",
        frozenset(("main:n",)),
        "root",
    )
    listed = words(page.page(office.deps, text, None, seat(office)))
    assert "olena" in listed
    assert shown[1] not in listed
    tree = press(office, text, ids.login("withdraw", "olena"))
    assert classed(tree, "good") == ["The invitation of olena is taken back."]
    assert "Invited" not in words(tree).split(" | ")
    again = classed(press(office, text, ids.login("withdraw", "olena")), "said")
    assert again == ["This invitation was followed or taken back already."]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (Form(" "), "A login needs a name."),
        (Form("root"), "There is a login of this name already."),
        (Form("olena", new=Wish(LEAD_OF_OWN)), "Tick at least one team, or choose another role."),
    ],
)
def test_an_invitation_that_cannot_be_is_told_why(office: Office, text: Text, form: Form, why: str) -> None:
    assert classed(press(office, text, ids.LOGIN_INVITE, form), "said") == [why]


def test_an_administrator_turns_the_second_step_of_a_lost_phone_off(office: Office, text: Text) -> None:
    with store.write(office.deps.db) as conn:
        secret = second_step.new_secret()
        code = str(pyotp.TOTP(secret).at(NOW))
        assert second_step.turn_on(conn, office.deps.secrets, users.get(conn, "lead"), secret, code, NOW)
    assert "with a second step" in words(page.page(office.deps, text, None, seat(office)))
    assert "Second step: on" in words(page.account(office.deps, text, None, seat(office, "lead")))
    tree = press(office, text, ids.login("code-off", "lead"))
    assert classed(tree, "good") == ["lead logs in by the password alone from now on."]
    assert not known(office)["lead"].second_step

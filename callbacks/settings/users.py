"""The users page at work: who may log in and do what, and the sessions that are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from flask import request
from sqlalchemy import Connection

from callbacks.settings import visitor
from callbacks.settings.visitor import Seat
from deps import Deps
from domain.address import for_phones
from layouts import format as write
from layouts import ids
from layouts.refusals import plainly
from layouts.settings import parts
from layouts.settings import users as layout
from layouts.settings.entry import EntryError
from layouts.settings.users import ADMIN, LEAD, LEAD_OF_OWN, Guest, House, Login
from layouts.text import Text
from storage import db as store
from storage import invitations, people, second_step, users
from storage.db import StoreError
from storage.passwords import MIN_PASSWORD, is_common
from storage.users import Session, User


@dataclass(frozen=True, slots=True)
class Wish:
    """What a login shall be: LEAD_OF_OWN with the keys of its teams, or one that reaches the whole office."""

    kind: str = LEAD
    teams: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What stands on the page: the new login, and the wish for each that is there."""

    name: str = ""
    password: str = field(default="", repr=False)
    new: Wish = Wish()
    wishes: Mapping[str, Wish] = field(default_factory=dict)


def page(deps: Deps, text: Text, _search: str | None, seat: Seat) -> Component:
    """The page with every login and every session."""
    return layout.page(text, read_house(deps, text, seat))


def account(deps: Deps, text: Text, _search: str | None, seat: Seat) -> Component:
    """The page of one's own login."""
    user = seat.user
    with store.read(deps.db) as conn:
        names = [team.name for team in people.teams(conn) if user.reach.team(team.key)]
    kind = layout.kinds(text)[_kind(user)]
    role = kind if user.reach.whole else f"{kind}: {', '.join(names) or '–'}"
    return layout.account(text, user.login, role, _own(deps, text, seat), user.second_step)


def answer(deps: Deps, text: Text, seat: Seat, pressed: Any, form: Form) -> list[Component | None]:
    """The users page after a button, with what came of it."""
    if isinstance(pressed, Mapping) and pressed["type"] == ids.login("remove", "")["type"]:
        return layout.content(text, read_house(deps, text, seat), layout.question(text, str(pressed["name"])))
    try:
        with store.write(deps.db) as conn:
            done = _do(conn, deps, text, seat, pressed, form)
    except (EntryError, StoreError) as error:
        return layout.content(text, read_house(deps, text, seat), parts.bad(plainly(text, error)))
    return layout.content(text, read_house(deps, text, seat), parts.good(done) if isinstance(done, str) else done)


def end_own(deps: Deps, text: Text, seat: Seat, session: str) -> list[Component | None]:
    """One's own sessions after one of them was ended; nobody else's can be."""
    try:
        with store.write(deps.db) as conn:
            users.revoke(conn, session, seat.user.login, deps.clock(), seat.user)
    except StoreError:
        return layout.account_content(text, _own(deps, text, seat), parts.bad(_gone(text)))
    return layout.account_content(text, _own(deps, text, seat), parts.good(text.t("The session is ended.")))


def read_house(deps: Deps, text: Text, seat: Seat) -> House:
    """Every login, every session, every team."""
    with store.read(deps.db) as conn:
        logins = users.every(conn)
        sessions = users.open_sessions(conn, deps.clock())
        guests = invitations.every(conn, deps.clock())
        teams = {team.key: team.name for team in people.teams(conn)}
    zone = deps.settings().timezone
    return House(
        logins=[
            Login(each.login, _kind(each), sorted(each.teams or ()), write.instant(text, each.created_at, zone),
                  each.login == seat.user.login, each.second_step)
            for each in logins
        ],
        seats=[_seat(text, each, zone, seat) for each in sessions],
        teams=teams,
        guests=[
            Guest(each.login, _kind_of(each.role, each.teams), each.author, write.instant(text, each.expires_at, zone))
            for each in guests
        ],
    )  # fmt: skip


def read_form(name: Any, password: Any, kind: Any, teams: Any, kinds: Sequence[Any], keys: Sequence[Mapping[str, Any]],
              ticked: Sequence[Any]) -> Form:  # fmt: skip
    """The form out of what the browser sent."""
    rows = zip(keys, kinds, ticked, strict=True)
    wishes = {str(key["name"]): _wish(kind, teams) for key, kind, teams in rows}
    return Form(str(name or ""), str(password or ""), _wish(kind, teams), wishes)


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons of both pages."""

    @app.callback(
        Output(ids.USERS, "children"),
        Input(ids.LOGIN_ADD, "n_clicks"),
        Input(ids.LOGIN_INVITE, "n_clicks"),
        Input(ids.login("save", ALL), "n_clicks"),
        Input(ids.login("remove", ALL), "n_clicks"),
        Input(ids.login("remove-now", ALL), "n_clicks"),
        Input(ids.login("code-off", ALL), "n_clicks"),
        Input(ids.login("withdraw", ALL), "n_clicks"),
        Input(ids.session(ALL), "n_clicks"),
        State(ids.LOGIN_NAME, "value"),
        State(ids.LOGIN_PASSWORD, "value"),
        State(ids.LOGIN_KIND, "value"),
        State(ids.LOGIN_TEAMS, "value"),
        State(ids.login("kind", ALL), "value"),
        State(ids.login("kind", ALL), "id"),
        State(ids.login("teams", ALL), "value"),
        prevent_initial_call=True,
    )
    def on_press(*given: Any) -> list[Component | None]:
        return answer(deps, visitor.words(deps), visitor.seat(), visitor.pressed(), read_form(*given[-7:]))

    @app.callback(Output(ids.ACCOUNT, "children"), Input(ids.own_session(ALL), "n_clicks"), prevent_initial_call=True)
    def on_end(_clicks: Any) -> list[Component | None]:
        return end_own(deps, visitor.words(deps), visitor.seat(), str(visitor.pressed()["key"]))


def _do(conn: Connection, deps: Deps, text: Text, seat: Seat, pressed: Any, form: Form) -> str | Component:
    """Do what the button says; what is to be said afterwards."""
    who, now = seat.user.login, deps.clock()
    if pressed == ids.LOGIN_ADD:
        _check_name(conn, text, form)
        _check_password(text, form)
        role, teams = _role(conn, text, form.new, frozenset())
        made = users.add(conn, form.name, form.password, role, who, now, must_change=True, teams=teams)
        return text.t("{name} may log in now, and chooses a password then.", name=made.login)
    if pressed == ids.LOGIN_INVITE:
        return _invite(conn, deps, text, seat, form)
    if pressed["type"] == ids.session("")["type"]:
        if all(each.id != pressed["key"] for each in users.open_sessions(conn, now)):
            raise EntryError(_gone(text))
        users.revoke(conn, str(pressed["key"]), who, now)
        return text.t("The session is ended.")
    if pressed["type"] == ids.login("withdraw", "")["type"]:
        return _withdraw(conn, deps, text, seat, str(pressed["name"]))
    user = _known(conn, text, str(pressed["name"]))
    if pressed["type"] == ids.login("code-off", "")["type"]:
        second_step.turn_off(conn, user.login, who, now)
        return text.t("{name} logs in by the password alone from now on.", name=user.login)
    if pressed["type"] == ids.login("remove-now", "")["type"]:
        _check_dispensable(conn, text, user, who)
        users.remove(conn, user.login, who, now)
        return text.t("{name} may log in no more.", name=user.login)
    role, teams = _role(conn, text, form.wishes.get(user.login, Wish()), user.teams or frozenset())
    if role != user.role:
        _check_dispensable(conn, text, user, who)
    users.change(conn, user.login, role, teams, who, now)
    return text.t("Saved. It holds from now on.")


def _invite(conn: Connection, deps: Deps, text: Text, seat: Seat, form: Form) -> Component:
    _check_name(conn, text, form)
    role, teams = _role(conn, text, form.new, frozenset())
    secret = invitations.invite(conn, form.name, role, teams, seat.user.login, deps.clock())
    address = for_phones(deps.settings().public_address, request.host_url)
    here = address or request.host_url.rstrip("/")
    return layout.invitation(text, users.plain(form.name), f"{here}/invited/{secret}", address is not None)


def _withdraw(conn: Connection, deps: Deps, text: Text, seat: Seat, name: str) -> str:
    if all(each.login != name for each in invitations.every(conn, deps.clock())):
        raise EntryError(text.t("This invitation was followed or taken back already."))
    invitations.withdraw(conn, name, seat.user.login, deps.clock())
    return text.t("The invitation of {name} is taken back.", name=name)


def _role(conn: Connection, text: Text, wish: Wish, kept: frozenset[str]) -> tuple[str, list[str] | None]:
    """Role and teams as the store has them. `kept` may stay though the team has gone. Raises EntryError."""
    if wish.kind not in (ADMIN, LEAD, LEAD_OF_OWN):
        raise EntryError(text.t("Choose one of the list"))
    if wish.kind != LEAD_OF_OWN:
        return wish.kind, None
    known = {team.key for team in people.teams(conn)} | kept
    teams = [key for key in wish.teams if key in known]
    if not teams:
        raise EntryError(text.t("Tick at least one team, or choose another role."))
    return LEAD, teams


def _check_name(conn: Connection, text: Text, form: Form) -> None:
    """What the store would refuse too, in the reader's words. Raises EntryError."""
    name = form.name.strip().casefold()
    if not name:
        raise EntryError(text.t("A login needs a name."))
    if any(user.login == name for user in users.every(conn)):
        raise EntryError(text.t("There is a login of this name already."))


def _check_password(text: Text, form: Form) -> None:
    if len(form.password) < MIN_PASSWORD:
        raise EntryError(
            text.tn("A password has at least {n} character.", "A password has at least {n} characters.",
                    MIN_PASSWORD)
        )  # fmt: skip
    if is_common(form.password, users.plain(form.name)):
        raise EntryError(text.t("This password is one of the first that anybody would try. Choose another one."))


def _check_dispensable(conn: Connection, text: Text, user: User, who: str) -> None:
    """Raises EntryError for oneself and for the last administrator."""
    if user.login == who:
        raise EntryError(text.t("Your own login and role only another administrator can take away."))
    admins = [each for each in users.every(conn) if each.role == ADMIN]
    if admins == [user]:
        raise EntryError(text.t("This is the last administrator. Make another one first."))


def _known(conn: Connection, text: Text, name: str) -> User:
    found = [each for each in users.every(conn) if each.login == name]
    if not found:
        raise EntryError(text.t("This login is gone already."))
    return found[0]


def _kind(user: User) -> str:
    return _kind_of(user.role, user.teams)


def _kind_of(role: str, teams: frozenset[str] | None) -> str:
    return ADMIN if role == ADMIN else LEAD if teams is None else LEAD_OF_OWN


def _wish(kind: Any, teams: Any) -> Wish:
    return Wish(str(kind), [str(each) for each in teams] if isinstance(teams, list) else [])


def _own(deps: Deps, text: Text, seat: Seat) -> list[layout.Seat]:
    with store.read(deps.db) as conn:
        sessions = users.open_sessions(conn, deps.clock(), seat.user)
    zone = deps.settings().timezone
    return [_seat(text, each, zone, seat) for each in sessions]


def _seat(text: Text, each: Session, zone: str, seat: Seat) -> layout.Seat:
    begun, seen = (write.instant(text, at, zone) for at in (each.created_at, each.seen_at))
    return layout.Seat(each.id, each.user.login, each.agent, begun, seen, each.id == seat.session)


def _gone(text: Text) -> str:
    return text.t("This session has ended already.")

"""The users page: who may log in, what each may do, and where they are logged in. Beside it, one's own account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import parts
from layouts.text import Text

# What is chosen for a login: the roles, the second one cut in two.
ADMIN, LEAD, LEAD_OF_OWN = "admin", "team_lead", "own"


@dataclass(frozen=True, slots=True)
class Login:
    """One login. `kind` is ADMIN, LEAD or LEAD_OF_OWN, `teams` the keys of the own ones; `own`: it is the reader's."""

    name: str
    kind: str
    teams: Sequence[str]
    since: str
    own: bool
    second_step: bool = False


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who was invited: as what, by whom, and until when the link holds, in words."""

    name: str
    kind: str
    author: str
    until: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A session in words; `here`: it is the one that asks."""

    key: str
    login: str
    browser: str
    begun: str
    seen: str
    here: bool


@dataclass(frozen=True, slots=True)
class House:
    """Everybody who may log in, where they are logged in, and the teams by key."""

    logins: Sequence[Login]
    seats: Sequence[Seat]
    teams: Mapping[str, str]
    guests: Sequence[Guest] = ()


def page(text: Text, house: House) -> Component:
    """The whole users page."""
    return parts.page(
        text.t("Users"),
        text.t("Who may open these settings. The wall needs no login, and a manager's phone none either."),
        html.Div(content(text, house, None), id=ids.USERS),
        _adding(text, house.teams),
    )


def content(text: Text, house: House, said: Component | None) -> list[Component | None]:
    """What every change draws anew."""
    logins = [_login(text, each, house.teams) for each in house.logins]
    return [
        said,
        parts.section(text.t("Logins"), html.Div(logins, className="list")),
        parts.section(text.t("Invited"), _guests(text, house.guests)) if house.guests else None,
        parts.section(text.t("Logged in now"), _seats(text, house.seats, ids.session, with_login=True)),
    ]


def question(text: Text, name: str) -> Component:
    """Asked before a login goes."""
    sure = parts.button(ids.login("remove-now", name), text.t("Remove for good"))
    return html.Div([html.P(text.t("Remove the login {name}?", name=name)), sure], className="said act", role="alert")


def invitation(text: Text, name: str, address: str, reachable: bool) -> Component:
    """The link of an invitation, shown this once. `reachable` False = no other machine can follow it."""
    warning = text.t("This address works on this computer alone. Set the address for phones on the Office page first.")
    return html.Div(
        [
            html.P(text.t("The invitation of {name}. It is shown this once, works once, and for three days:",
                          name=name)),
            html.Code(address, className="handed"),
            html.P(warning, className="problem", role="alert") if not reachable else None,
        ],
        className="said good new-link",
        role="status",
    )  # fmt: skip


def account(text: Text, name: str, role: str, seats: Sequence[Seat], second_step: bool) -> Component:
    """The page of one's own login; `role` says what it may do, `second_step` whether a phone's code is asked for."""
    step = (
        text.t("Second step: on. Whoever logs in needs your phone too.")
        if second_step
        else text.t("Second step: off. With it, your password alone opens nothing.")
    )
    change = text.t("Turn the second step off") if second_step else text.t("Turn the second step on")
    return parts.page(
        text.t("Your account"),
        None,
        parts.section(
            name,
            html.P(role),
            html.P(step),
            html.Div(
                [
                    html.A(text.t("Change the password"), href="/password", className="btn btn-light"),
                    html.A(change, href="/second-step", className="btn btn-light"),
                ],
                className="act",
            ),
        ),
        html.Div(account_content(text, seats, None), id=ids.ACCOUNT),
    )


def account_content(text: Text, seats: Sequence[Seat], said: Component | None) -> list[Component | None]:
    """What every change draws anew."""
    hint = text.t("A session that you do not know? End it, and change your password.")
    return [said, parts.section(text.t("Where you are logged in"), _seats(text, seats, ids.own_session), hint=hint)]


def kinds(text: Text) -> dict[str, str]:
    """What a login can be, in words."""
    return {
        ADMIN: text.t("Administrator"),
        LEAD: text.t("Team lead of all teams"),
        LEAD_OF_OWN: text.t("Team lead of own teams"),
    }


def _login(text: Text, each: Login, teams: Mapping[str, str]) -> Component:
    # A team that has gone stays ticked until somebody unticks it.
    offered = dict(teams) | {key: key for key in each.teams if key not in teams}
    unseen = html.Span(each.name, className="unseen")
    off: list[Component | str] = [text.t("Second step off"), " ", unseen]
    buttons = [
        parts.button(ids.login("code-off", each.name), off, "light") if each.second_step and not each.own else None,
        parts.button(ids.login("save", each.name), [text.t("Save"), " ", unseen], "light"),
        None if each.own else parts.button(ids.login("remove", each.name), [text.t("Remove"), " ", unseen], "light"),
    ]
    step = html.Small(text.t("with a second step")) if each.second_step else None
    head = [html.Bdi(each.name), html.Small(text.t("since {day}", day=each.since))]
    return html.Div(
        [
            html.Div([*head, html.Small(text.t("you")) if each.own else None, step], className="who"),
            parts.field(text.t("May"), parts.choice(ids.login("kind", each.name), kinds(text), each.kind)),
            _ticks(text, ids.login("teams", each.name), offered, each.teams),
            html.Div(buttons, className="act"),
        ],
        className="login-row",
    )


def _guests(text: Text, guests: Sequence[Guest]) -> Component:
    heads = [text.t("Login"), text.t("May"), text.t("Invited by"), text.t("Until"), ""]
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    rows = [html.Tr([html.Td(cell) for cell in _guest(text, each)]) for each in guests]
    return html.Div(html.Table([head, html.Tbody(rows)], className="list-table"), className="scroll")


def _guest(text: Text, each: Guest) -> list[Component | str]:
    words: list[Component | str] = [text.t("Take back"), " ", html.Span(each.name, className="unseen")]
    back = parts.button(ids.login("withdraw", each.name), words, "light")
    return [html.Bdi(each.name), kinds(text).get(each.kind, each.kind), html.Bdi(each.author), each.until, back]


def _ticks(text: Text, key: parts.Id, teams: Mapping[str, str], ticked: Sequence[str]) -> Component:
    options = [{"value": each, "label": name} for each, name in teams.items()]
    boxes = dbc.Checklist(id=key, options=options, value=list(ticked))
    return parts.group(text.t("Own teams"), boxes)


def _adding(text: Text, teams: Mapping[str, str]) -> Component:
    """The fields stand apart from what changes draw anew, so that a mistake costs no typing."""
    fields = [
        parts.field(text.t("Login"), parts.entry(ids.LOGIN_NAME, "", maxlength=80)),
        parts.field(text.t("May"), parts.choice(ids.LOGIN_KIND, kinds(text), LEAD)),
        _ticks(text, ids.LOGIN_TEAMS, teams, ()),
        parts.button(ids.LOGIN_INVITE, text.t("Invite by a link")),
    ]
    handed = [
        parts.field(
            text.t("First password"), parts.entry(ids.LOGIN_PASSWORD, "", type="password", maxlength=200),
            hint=text.t("Hand it over yourself. It has to be replaced at the first login."),
        ),
        parts.button(ids.LOGIN_ADD, text.t("Add with this password"), "light"),
    ]  # fmt: skip
    hint = text.t(
        "An administrator sees everything. A team lead sees all but sources and users; one of own teams sees the "
        "targets, people and absences of these alone."
    )
    return parts.section(text.t("Add a login"), html.Div(fields, className="adding"),
                         html.Div(handed, className="adding"), hint=hint)  # fmt: skip


def _seats(text: Text, seats: Sequence[Seat], key: ids.Keyed, with_login: bool = False) -> Component:
    whose = [text.t("Login")] if with_login else []
    heads = [*whose, text.t("Browser"), text.t("Since"), text.t("Last used"), ""]
    head = html.Thead(html.Tr([html.Th(each, scope="col") for each in heads]))
    rows = [html.Tr([html.Td(cell) for cell in _seat(text, each, key, with_login)]) for each in seats]
    return html.Div(html.Table([head, html.Tbody(rows)], className="list-table"), className="scroll")


def _seat(text: Text, each: Seat, key: ids.Keyed, with_login: bool) -> list[Component | str]:
    spoken = html.Span(f"{each.login}, {each.begun}", className="unseen")
    end = parts.button(key(each.key), [text.tp("session", "End"), " ", spoken], "light")
    whose: list[Component | str] = [html.Bdi(each.login)] if with_login else []
    last = html.Strong(text.t("this one")) if each.here else end
    return [*whose, html.Small(each.browser), each.begun, each.seen, last]

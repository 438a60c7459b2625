"""The people page at work: who sells, who is the same person, and the teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import links, person, teams, visitor
from callbacks.settings.teams import UNTYPED, Typed, WrongNameError
from deps import Deps
from domain.reach import WHOLE, Reach
from domain.worktime import today
from layouts import format as write
from layouts import ids
from layouts.refusals import plainly
from layouts.settings import drawn, parts
from layouts.settings import people as layout
from layouts.settings.entry import EntryError
from layouts.settings.people import Crew, Somebody
from layouts.text import Text
from storage import db as store
from storage import joining, joins, people, totals
from storage.db import StoreError
from storage.people import Member

_LOOK_BACK = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two keys that are said to be one person."""

    who: str = ""
    same: str = ""


def page(deps: Deps, text: Text, search: str | None, reach: Reach = WHOLE) -> Component:
    """The page with everybody the sources know, as far as its reader reaches; the one person's that is asked for."""
    key = parse_qs((search or "").removeprefix("?")).get("who", [""])[0]
    one = person.page(deps, text, key, reach) if key else None
    if one is not None:
        return one
    return layout.page(text, read_crew(deps, text, reach), links.section(deps, text, reach))


def answer(deps: Deps, text: Text, who: str, pressed: Any, pair: Pair = Pair(),
           reach: Reach = WHOLE, typed: Typed = UNTYPED) -> list[Component | None]:  # fmt: skip
    """The page after a button, with what came of it."""
    try:
        with store.write(deps.db) as conn:
            if teams.is_pressed(pressed):
                _check_whole(text, reach)
                done = teams.do(conn, text, who, pressed, typed, deps.clock())
            else:
                _check_reach(conn, text, reach, _touched(pressed, pair))
                done = _do(conn, deps, text, who, pressed, pair)
    except WrongNameError as error:
        wrong = replace(typed, key=str(pressed["key"]), problem=str(error))
        return layout.content(text, read_crew(deps, text, reach, wrong), None)
    except (EntryError, StoreError) as error:
        return layout.content(text, read_crew(deps, text, reach), parts.bad(plainly(text, error)))
    return layout.content(text, read_crew(deps, text, reach), parts.good(done))


def read_crew(deps: Deps, text: Text, reach: Reach = WHOLE, typed: Typed = UNTYPED) -> Crew:
    """Everybody within reach, sorted into those who sell, who wait to be mapped, and the others."""
    day = today(deps.settings().timezone, deps.clock())
    with store.read(deps.db) as conn:
        near = None if reach.whole else people.within(conn, reach)
        members = [member for member in people.everybody(conn) if near is None or member.key in near]
        names_of_teams = {team.key: team.name for team in people.teams(conn)}
        groups = teams.groups(conn, typed) if reach.whole else None
        known = joins.read(conn)
        sells = {rep.key for rep in people.reps(conn)}
        strangers = totals.strangers(conn, day - _LOOK_BACK, day, sells)
        counts = {each.rep: each.facts for each in strangers if near is None or each.rep in near}
    names = {member.key: member.name_shown or member.name for member in members}
    others = {known.main(member.key): list[tuple[str, str, str]]() for member in members}
    for face in (face for face in known.mains if near is None or face in near):
        others.setdefault(known.main(face), []).append((face, names.get(face, face), face.partition(":")[0]))
    # Known by their records alone: no list of people names them.
    unknown = [key for key in counts if key not in names and not key.endswith(":")]
    somebody = [_somebody(text, m, names_of_teams, counts, others[m.key]) for m in members if m.key not in known.mains]
    waiting = [each for each in somebody if each.key not in sells and each.facts]
    return Crew(
        reps=[each for each in somebody if each.key in sells],
        waiting=[*waiting, *(_known_by_records(key, counts[key]) for key in unknown)],
        others=[each for each in somebody if each.key not in sells and not each.facts],
        orphans=sum(count for key, count in counts.items() if key.endswith(":")),
        groups=groups,
    )


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons."""

    @app.callback(
        Output(ids.PEOPLE, "children"),
        Input(ids.PEOPLE_PRESS, "data"),
        Input(ids.person("separate", ALL), "n_clicks"),
        Input(ids.person("join", ALL), "n_clicks"),
        Input(ids.team("add", ALL), "n_clicks"),
        Input(ids.team("rename", ALL), "n_clicks"),
        Input(ids.team("remove", ALL), "n_clicks"),
        State(ids.person("pair", ALL), "value"),
        State(ids.team("name", ALL), "value"),
        State(ids.team("name", ALL), "id"),
        prevent_initial_call=True,
    )
    def on_press(*given: Any) -> list[Component | None]:
        sent, *_clicks, pairs, names, keys = given
        pressed = visitor.pressed()
        button = ids.person(*drawn.pressed(sent)) if pressed == ids.PEOPLE_PRESS else pressed
        pair, user = Pair(*(str(each or "") for each in pairs)), visitor.user()
        typed = Typed({str(key["key"]): str(name or "") for key, name in zip(keys, names, strict=True)})
        return answer(deps, visitor.words(deps), user.login, button, pair, user.reach, typed)


def _touched(pressed: Any, pair: Pair) -> list[str]:
    """Whom a button is about."""
    if pressed["type"] == ids.person("join", "")["type"]:
        return [each for each in (pair.who, pair.same) if each]
    return [str(pressed["key"])]


def _check_reach(conn: Connection, text: Text, reach: Reach, whom: Sequence[str]) -> None:
    """Raises EntryError where somebody is beyond reach."""
    if not reach.whole and not people.within(conn, reach).issuperset(whom):
        raise EntryError(text.t("Nothing is done: this is nobody of your teams."))


def _check_whole(text: Text, reach: Reach) -> None:
    if not reach.whole:
        raise EntryError(text.t("Only an administrator, or who answers for all teams, may do this."))


def _do(conn: Connection, deps: Deps, text: Text, who: str, pressed: Any, pair: Pair) -> str:
    """Do what the button says; what is to be said afterwards."""
    now = deps.clock()
    if pressed["type"] == ids.person("join", "")["type"]:
        if not (pair.who and pair.same):
            raise EntryError(text.t("Choose who is the same person as whom."))
        joining.join(conn, pair.who, pair.same, who, now)
        return text.t("They are one person now.")
    if pressed["type"] == ids.person("separate", "")["type"]:
        joining.separate(conn, str(pressed["key"]), who, now)
        return text.t("They are two people again.")
    sells = pressed["type"] == ids.person("sells", "")["type"]
    people.set_rep(conn, str(pressed["key"]), sells, who, now)
    return text.t("Saved. The wall shows it in a moment.")


def _somebody(
    text: Text, member: Member, teams_by_key: Mapping[str, str], counts: Mapping[str, int],
    others: Sequence[tuple[str, str, str]],
) -> Somebody:  # fmt: skip
    return Somebody(
        key=member.key,
        name=member.name_shown or member.name,
        team=teams_by_key.get(member.team or "", ""),
        email=member.email or "",
        source=member.key.partition(":")[0],
        active=member.active,
        facts=counts.get(member.key, 0),
        others=others,
        notes=list(_notes(text, member)),
    )


def _notes(text: Text, member: Member) -> Iterator[str]:
    """What is out of the ordinary with somebody."""
    if member.hidden:
        yield text.t("not on the wall")
    if member.workdays is not None:
        yield text.t("own working days")
    if member.joined is not None:
        yield text.t("from {day}", day=write.short_day(text, member.joined))
    if member.left is not None:
        yield text.t("until {day}", day=write.short_day(text, member.left))


def _known_by_records(key: str, count: int) -> Somebody:
    source, _, number = key.partition(":")
    return Somebody(key, number, "", "", source, True, count, page=False)

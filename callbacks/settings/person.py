"""One person's page at work: the form is read whole, checked whole and saved whole; teams and photos change at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import visitor
from callbacks.settings.office import zones
from callbacks.settings.portraits import MIME, portrait
from deps import Deps
from domain.reach import WHOLE, Reach
from domain.worktime import today
from layouts import format as write
from layouts import ids
from layouts.panels.parts import face
from layouts.refusals import plainly
from layouts.settings import parts
from layouts.settings import person as layout
from layouts.settings.entry import EntryError, read_day
from layouts.settings.person import FOLLOW, NO, NO_TEAM, YES, Form, Somebody, Stay
from layouts.text import Text
from storage import db as store
from storage import files, people, recount, teams
from storage.db import StoreError
from storage.keys import split
from storage.people import Member

_KIND = "photo"
_SELLS = {"": None, YES: True, NO: False}
_FIELDS = ("name", "sells", "zone", "joined", "left", "team", "since", "seen")
_YEARS = range(1950, 2101)


class _WrongFieldsError(EntryError):
    """Some fields cannot be taken: `problems` says why, by field."""

    def __init__(self, text: Text, problems: Mapping[str, str]) -> None:
        super().__init__(
            text.tn("Nothing is saved: {n} field cannot be read.", "Nothing is saved: {n} fields cannot be read.",
                    len(problems))
        )  # fmt: skip
        self.problems = problems


def page(deps: Deps, text: Text, key: str, reach: Reach = WHOLE) -> Component | None:
    """The page of somebody within reach, None where there is nobody."""
    found = _find(deps, key, reach)
    return None if found is None else layout.page(text, _furnished(deps, text, found, as_saved(deps, found), reach))


def answer(
    deps: Deps, text: Text, who: str, key: str, pressed: Any, form: Form, upload: str = "", reach: Reach = WHOLE
) -> list[Component | None]:
    """The page after a button, with what came of it; what was refused stands as it was typed."""
    found = _find(deps, key, reach)
    if found is None:
        return [parts.bad(text.t("Nothing is done: this is nobody of your teams."))]
    try:
        with store.write(deps.db) as conn:
            done = _do(conn, deps, text, who, found, pressed, form, upload, reach)
    except (EntryError, StoreError) as error:
        problems = error.problems if isinstance(error, _WrongFieldsError) else {}
        kept = replace(form, problems=problems)
        return layout.content(text, _furnished(deps, text, found, kept, reach), parts.bad(plainly(text, error)))
    fresh = _find(deps, key, reach)
    if fresh is None:
        return [parts.good(done)]
    saved = as_saved(deps, fresh)
    # A photo or a change of teams leaves what is typed in the other fields.
    kept = saved if _is(pressed, "save") else replace(form, typed={**form.typed, "team": saved.typed["team"]})
    said = parts.good(done, beside=_is_unsaved(kept, saved))
    return layout.content(text, _furnished(deps, text, fresh, kept, reach), said)


def read_form(values: Sequence[Any], keys: Sequence[Mapping[str, Any]]) -> Form:
    """The form out of what the browser sent."""
    given = {str(key["name"]): value for key, value in zip(keys, values, strict=True)}
    workdays = given.get("workdays") or []
    days = [day for day in workdays if isinstance(day, int) and day in range(1, 8)]
    return Form({name: parts.chosen(given.get(name)).strip() for name in _FIELDS}, days, bool(given.get("visible")))


def as_saved(deps: Deps, member: Member) -> Form:
    """The form of somebody as they are stored."""
    here = today(deps.settings().timezone, deps.clock())
    override = member.team_override
    team = (member.team or NO_TEAM) if override is not None else FOLLOW
    typed = {
        "name": member.name_shown or "",
        "sells": next(key for key, value in _SELLS.items() if value is member.is_rep),
        "zone": member.zone_override or "",
        "joined": "" if member.joined is None else member.joined.isoformat(),
        "left": "" if member.left is None else member.left.isoformat(),
        "team": team,
        "since": here.isoformat(),
        "seen": mark(member),
    }
    return Form(typed, sorted(member.workdays or ()), not member.hidden)


def mark(member: Member) -> str:
    """A text that differs when what the form decides does."""
    return repr((member.name_shown, member.is_rep, member.zone_override, sorted(member.workdays or ()), member.joined,
                 member.left, member.hidden))  # fmt: skip


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons and the upload."""
    fields = ids.person_field(ALL)

    @app.callback(
        Output(ids.PERSON, "children"),
        Input(ids.person_do(ALL, ALL), "n_clicks"),
        Input(ids.PERSON_UPLOAD, "contents"),
        State(ids.PERSON_KEY, "data"),
        State(fields, "value"),
        State(fields, "id"),
        prevent_initial_call=True,
    )
    def on_press(_clicks: Any, file: Any, key: Any, values: Any, keys: Any) -> list[Component | None]:
        pressed, user, form = visitor.pressed(), visitor.user(), read_form(values, keys)
        return answer(deps, visitor.words(deps), user.login, str(key or ""), pressed, form, str(file or ""), user.reach)


def _do(conn: Connection, deps: Deps, text: Text, who: str, member: Member, pressed: Any, form: Form, upload: str,
        reach: Reach) -> str:  # fmt: skip
    """Do what the button says; what is to be said afterwards."""
    now = deps.clock()
    if pressed == ids.PERSON_UPLOAD:
        _keep_photo(conn, member, _picture(text, upload), who, deps)
        return text.t("The photo is there. The wall shows it in a moment.")
    if _is(pressed, "unphoto"):
        _keep_photo(conn, member, None, who, deps)
        return text.t("The photo is removed.")
    if _is(pressed, "take-back"):
        teams.take_back(conn, member, read_day(text, pressed["about"]), who, now)
        return text.t("The change of teams is taken back.")
    if _is(pressed, "move"):
        team, since = _read_move(conn, deps, text, member, form, reach)
        teams.assign(conn, member, team, since, who, now, form.typed["team"] == FOLLOW)
        return text.t("Saved. The wall shows it in a moment.")
    _save(conn, deps, text, who, member, form)
    return text.t("Saved. The wall shows it in a moment.")


def _save(conn: Connection, deps: Deps, text: Text, who: str, member: Member, form: Form) -> None:
    if form.typed["seen"] != mark(member):
        raise EntryError(text.t("Nothing is saved: somebody changed this person meanwhile. Reload the page."))
    terms = _changed(member, _read_terms(text, member, form))
    if not terms:
        raise EntryError(text.t("Nothing to save: nothing has changed."))
    people.change(conn, member.key, terms, who, deps.clock())
    if "zone_override" in terms:
        source_id, _ = split(conn, member.key)
        recount.redate(conn, source_id, recount.basis(conn, deps.settings()))


def _read_terms(text: Text, member: Member, form: Form) -> dict[str, object]:
    """What the form decides, by the store's names. Raises _WrongFieldsError."""
    typed, terms, problems = form.typed, dict[str, object](), dict[str, str]()
    if len(typed["name"]) > layout.LONGEST_NAME:
        problems["name"] = text.t("{most} characters at most", most=layout.LONGEST_NAME)
    if typed["zone"] and typed["zone"] not in (*zones(), member.zone_override):
        problems["zone"] = text.t("Choose a city of the list, like Europe/Kyiv")
    for name in ("joined", "left"):
        try:
            terms[name] = _plausible(text, typed[name]) if typed[name] else None
        except EntryError as error:
            problems[name] = str(error)
    joined, left = terms.get("joined"), terms.get("left")
    if isinstance(joined, date) and isinstance(left, date) and left < joined:
        problems["left"] = text.t("The last day is before the first one.")
    if problems:
        raise _WrongFieldsError(text, problems)
    return terms | {
        "name_shown": " ".join(typed["name"].split()) or None,
        "is_rep": _SELLS.get(typed["sells"]),
        "zone_override": typed["zone"] or None,
        "workdays": frozenset(form.workdays) or None,
        "hidden": not form.visible,
    }


def _changed(member: Member, terms: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in terms.items() if getattr(member, name) != value}


def _read_move(conn: Connection, deps: Deps, text: Text, member: Member, form: Form,
               reach: Reach) -> tuple[str | None, date | None]:  # fmt: skip
    """The team and the first day in it, None = always. Raises _WrongFieldsError."""
    chosen, since = form.typed["team"], None
    team = member.team_said if chosen == FOLLOW else None if chosen == NO_TEAM else chosen
    known = {each.key for each in people.teams(conn)}
    if team is not None and team not in known:
        raise _WrongFieldsError(text, {"team": text.t("Choose one of the list")})
    if not reach.person(team):
        raise _WrongFieldsError(text, {"team": text.t("This is none of your teams")})
    if form.typed["since"]:
        try:
            since = _plausible(text, form.typed["since"])
        except EntryError as error:
            raise _WrongFieldsError(text, {"since": str(error)}) from None
        if since > today(deps.settings().timezone, deps.clock()):
            raise _WrongFieldsError(text, {"since": text.t("This day has not come yet")})
    return team, since


def _plausible(text: Text, typed: str) -> date:
    day = read_day(text, typed)
    if day.year not in _YEARS:
        raise EntryError(text.t("Write a day like 20.11.2026"))
    return day


def _keep_photo(conn: Connection, member: Member, picture: bytes | None, who: str, deps: Deps) -> None:
    """The office's photo of somebody, in place of the one before; None takes it away."""
    now, number = deps.clock(), None
    if picture is not None:
        number = files.add(conn, _KIND, member.name_shown or member.name, MIME, picture, who, now)
    people.change(conn, member.key, {"photo_file": number}, who, now)
    if member.photo_file is not None:
        files.remove(conn, member.photo_file, _KIND, who, now)


def _picture(text: Text, upload: str) -> bytes:
    """The portrait out of a data URL. Raises EntryError for what is none."""
    try:
        made = portrait(base64.b64decode(upload.partition(",")[2], validate=True))
    except binascii.Error:
        made = None
    if made is None:
        raise EntryError(text.t("This is no JPEG, PNG or WebP of 2 MB and 16 million pixels at most."))
    return made


def _find(deps: Deps, key: str, reach: Reach) -> Member | None:
    with store.read(deps.db) as conn:
        near = people.within(conn, reach)
        return next((each for each in people.everybody(conn) if each.key == key and key in near), None)


def _furnished(deps: Deps, text: Text, member: Member, form: Form, reach: Reach) -> Somebody:
    with store.read(deps.db) as conn:
        names = {team.key: team.name for team in people.teams(conn)}
    said = {
        "name": member.name,
        "sells": text.t("sells") if member.said else text.t("does not sell"),
        "team": names.get(member.team_said or "", text.t("no team")),
        "zone": member.zone if member.zone and not member.zone_override else deps.settings().timezone,
    }
    name = member.name_shown or member.name
    return Somebody(
        key=member.key,
        name=name,
        source=member.key.partition(":")[0],
        said=said,
        photo=face(member.key, name, member.photo).photo,
        own_photo=member.photo_file is not None,
        stays=_stays(text, member, names),
        teams={key: name for key, name in names.items() if reach.team(key)},
        zones=zones(),
        form=form,
        seen=form.typed.get("seen", ""),
    )


def _stays(text: Text, member: Member, names: Mapping[str, str]) -> list[Stay]:
    def named(team: str | None) -> str:
        return text.t("no team") if team is None else names.get(team, team)

    if not member.stints:
        return [Stay("", text.t("always"), named(member.team))]
    first, *later = member.stints
    moves = [Stay(each.since.isoformat(), write.short_day(text, each.since), named(each.team)) for each in later]
    return [Stay("", text.t("until then"), named(first.team)), *moves]


def _is_unsaved(form: Form, saved: Form) -> bool:
    """Whether Save would save anything: the day of a change of teams is not its matter."""
    typed = {**form.typed, "since": saved.typed["since"]}
    return replace(form, typed=typed, workdays=sorted(form.workdays)) != saved


def _is(pressed: Any, action: str) -> bool:
    return isinstance(pressed, Mapping) and pressed["action"] == action

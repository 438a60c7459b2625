"""The celebrations page at work: the rules are read and saved whole; sounds come and go at once."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import visitor
from deps import Deps
from domain.settings import Celebrating
from domain.tunes import sound_type
from layouts import ids
from layouts.refusals import plainly
from layouts.settings import celebrations as layout
from layouts.settings import parts
from layouts.settings.celebrations import MOST_BYTES, NONE, USUAL, Form, Owner
from layouts.settings.entry import EntryError, read_clock, read_whole
from layouts.text import Text
from storage import db as store
from storage import files, people
from storage import settings as saved
from storage.db import StoreError

SHORTEST_S, LONGEST_S = 3, 14
_KIND = "sound"
_NAME = re.compile(r"[^\w .()-]+")
_LONGEST_NAME = 60
_SPOKEN = ("on", "workdays_only")
_OWNERS = ("team", "rep")


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with the rules as they are."""
    return layout.page(text, _furnished(deps, as_saved(deps.settings().celebrating)))


def as_saved(rules: Celebrating) -> Form:
    """The form of these rules."""
    typed = {
        "seconds": str(rules.seconds),
        "volume": str(rules.volume),
        "quiet_from": f"{rules.quiet_from:%H:%M}",
        "quiet_to": f"{rules.quiet_to:%H:%M}",
        "sound": rules.sound or NONE,
    }
    chosen = {owner: sound or NONE for owner, sound in _owned(rules).items()}
    return Form(rules.on, rules.workdays_only, typed, chosen, mark(rules))


def mark(rules: Celebrating) -> str:
    """A text that differs when the rules do."""
    return repr(rules)


def save(deps: Deps, text: Text, who: str, form: Form) -> list[Component | None]:
    """Store the rules, or say why not; the form anew."""
    with store.write(deps.db) as conn:
        old = deps.settings().celebrating
        rules, problems = read(text, form, _known(conn, text), old)
        refusal = _refusal(text, old, rules, problems, form)
        if refusal is None:
            saved.save(conn, {"celebrating": rules}, who, deps.clock())
    if refusal is not None:
        return layout.form(text, _furnished(deps, replace(form, problems=problems)), parts.bad(refusal))
    said = parts.good(text.t("Saved. The wall shows it in a moment."))
    return layout.form(text, _furnished(deps, as_saved(rules)), said)


def read(text: Text, form: Form, known: Sequence[str], old: Celebrating) -> tuple[Celebrating, dict[str, str]]:
    """The rules that the form asks for, and what is wrong in which field (then the rules are the usual ones).

    Whoever is not in the form just now keeps the old sound.
    """
    readers: dict[str, Callable[[str], Any]] = {
        "seconds": lambda typed: read_whole(text, typed, SHORTEST_S, LONGEST_S),
        "volume": lambda typed: read_whole(text, typed, 0, 100),
        "quiet_from": lambda typed: read_clock(text, typed),
        "quiet_to": lambda typed: read_clock(text, typed),
    }
    new, problems = dict[str, Any](), dict[str, str]()
    for name, reader in readers.items():
        try:
            new[name] = reader(form.typed.get(name, ""))
        except EntryError as error:
            problems[name] = str(error)
    if problems:
        return Celebrating(), problems
    chosen = {owner: _sound(sound, known) for owner, sound in form.chosen.items() if sound != USUAL}
    absent = {owner: sound for owner, sound in _owned(old).items() if owner not in form.chosen}
    own = {whose: tuple(sorted((key, sound) for (of, key), sound in (absent | chosen).items() if of == whose))
           for whose in _OWNERS}  # fmt: skip
    everybody = _sound(form.typed.get("sound", NONE), known)
    return Celebrating(
        **new, on=form.on, workdays_only=form.workdays_only, sound=everybody,
        team_sounds=own["team"], rep_sounds=own["rep"],
    ), {}  # fmt: skip


def upload(deps: Deps, text: Text, who: str, form: Form, contents: str, name: str) -> list[Component | None]:
    """Keep a sound if it is one; the form as it was typed, with what came of it."""
    content = _decoded(contents)
    mime = sound_type(content)
    if mime is None or len(content) > MOST_BYTES:
        said = parts.bad(text.t("This is no WAV, MP3 or OGG of 1 MB at most."))
        return layout.form(text, _furnished(deps, form), said)
    plain = _NAME.sub(" ", name.rpartition(".")[0] or name).strip()[:_LONGEST_NAME] or text.t("Sound")
    with store.write(deps.db) as conn:
        files.add(conn, _KIND, plain, mime, content, who, deps.clock())
    said = parts.good(text.t("“{name}” can be chosen now.", name=plain), beside=True)
    return layout.form(text, _furnished(deps, form), said)


def remove(deps: Deps, text: Text, who: str, form: Form, number: int) -> list[Component | None]:
    """Forget a sound; who had it has the usual one again."""
    try:
        with store.write(deps.db) as conn:
            files.remove(conn, number, _KIND, who, deps.clock())
            old = deps.settings().celebrating
            rules = _without(old, str(number))
            if rules != old:
                saved.save(conn, {"celebrating": rules}, who, deps.clock())
    except StoreError as error:
        return layout.form(text, _furnished(deps, form), parts.bad(plainly(text, error)))
    form = replace(
        form,
        seen=mark(rules) if form.seen == mark(old) else form.seen,
        typed={**form.typed, "sound": _kept(form.typed.get("sound", NONE), number, Celebrating().sound)},
        chosen={key: _kept(sound, number, USUAL) for key, sound in form.chosen.items()},
    )
    return layout.form(text, _furnished(deps, form), parts.good(text.t("The sound is removed."), beside=True))


def read_form(values: Sequence[Any], keys: Sequence[Mapping[str, Any]], sounds: Sequence[Any],
              owners: Sequence[Mapping[str, Any]], seen: Any) -> Form:  # fmt: skip
    """The form out of what the browser sent."""
    given = {str(key["name"]): value for key, value in zip(keys, values, strict=True)}
    on, workdays_only = (bool(given.pop(name, False)) for name in _SPOKEN)
    typed = {name: str(given.get(name) or "") for name in as_saved(Celebrating()).typed}
    chosen = {
        (str(owner["whose"]), str(owner["key"])): str(sound or USUAL)
        for owner, sound in zip(owners, sounds, strict=True)
    }
    return Form(on, workdays_only, typed, chosen, str(seen))


def answer(deps: Deps, text: Text, who: str, pressed: Any, form: Form, file: tuple[Any, Any]) -> list[Component | None]:
    """The form after Save, an upload, or the removal of a sound."""
    if pressed == ids.PARTY_SAVE:
        return save(deps, text, who, form)
    if pressed == ids.PARTY_UPLOAD:
        return upload(deps, text, who, form, str(file[0] or ""), str(file[1] or ""))
    return remove(deps, text, who, form, int(pressed["number"]))


def register(app: Dash, deps: Deps) -> None:
    """Wire Save, the upload and the buttons that remove a sound."""
    fields, owners = ids.party_field(ALL), ids.party_sound(ALL, ALL)

    @app.callback(
        Output(ids.PARTY_FORM, "children"),
        Input(ids.PARTY_SAVE, "n_clicks"),
        Input(ids.PARTY_UPLOAD, "contents"),
        Input(ids.sound_remove(ALL), "n_clicks"),
        State(ids.PARTY_UPLOAD, "filename"),
        State(fields, "value"),
        State(fields, "id"),
        State(owners, "value"),
        State(owners, "id"),
        State(ids.PARTY_SEEN, "data"),
        prevent_initial_call=True,
    )
    def on_press(_save: Any, file: Any, _remove: Any, name: Any, *form: Any) -> list[Component | None]:
        found = read_form(*form)
        return answer(deps, visitor.words(deps), visitor.user().login, visitor.pressed(), found, (file, name))


def _furnished(deps: Deps, form: Form) -> Form:
    """The form with everybody who may have a sound, and every sound that there is."""
    with store.read(deps.db) as conn:
        reps, teams = people.crew(conn)
        uploads = {str(file.id): file.name for file in files.listed(conn, _KIND)}
    owners = [Owner("team", team.key, team.name) for team in teams if any(rep.team == team.key for rep in reps)]
    return replace(form, owners=[*owners, *(Owner("rep", rep.key, rep.name) for rep in reps)], uploads=uploads)


def _known(conn: Connection, text: Text) -> list[str]:
    return [*layout.sounds(text, {}), *(str(file.id) for file in files.listed(conn, _KIND))]


def _owned(rules: Celebrating) -> dict[tuple[str, str], str]:
    """The sounds of teams and managers by (whose, key); '' = none."""
    pairs = zip(_OWNERS, (rules.team_sounds, rules.rep_sounds), strict=True)
    return {(whose, key): sound for whose, sounds in pairs for key, sound in sounds}


def _sound(chosen: str, known: Sequence[str]) -> str:
    return chosen if chosen in known else ""


def _kept(chosen: str, removed: int, otherwise: str) -> str:
    return otherwise if chosen == str(removed) else chosen


def _without(rules: Celebrating, sound: str) -> Celebrating:
    return replace(
        rules,
        sound=Celebrating().sound if rules.sound == sound else rules.sound,
        team_sounds=tuple(pair for pair in rules.team_sounds if pair[1] != sound),
        rep_sounds=tuple(pair for pair in rules.rep_sounds if pair[1] != sound),
    )


def _decoded(contents: str) -> bytes:
    """The bytes of a data URL; none for anything that cannot be read."""
    try:
        return base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error:
        return b""


def _refusal(text: Text, old: Celebrating, rules: Celebrating, problems: Mapping[str, str], form: Form) -> str | None:
    if problems:
        return text.tn("Nothing is saved: {n} field cannot be read.", "Nothing is saved: {n} fields cannot be read.",
                       len(problems))  # fmt: skip
    if form.seen != mark(old):
        return text.t("Nothing is saved: somebody changed these settings meanwhile. Reload the page.")
    return None if rules != old else text.t("Nothing to save: nothing has changed.")

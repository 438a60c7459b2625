"""What is done with a connection: added, tested, changed, paused, read again, removed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import ALL, Dash, Input, Output, State, no_update, set_props
from dash.development.base_component import Component
from flask import request

from callbacks.settings import visitor
from deps import Deps
from domain.connections import TOLD, Draft, Look, RefusedError, SourceKind, UntestedError
from domain.worktime import today
from layouts import ids
from layouts.refusals import plainly
from layouts.settings import connection as layout
from layouts.settings import parts
from layouts.settings import sources as page
from layouts.settings.connection import Form
from layouts.settings.entry import EntryError, read_day
from layouts.text import Text
from storage.db import StoreError


@dataclass(frozen=True, slots=True)
class Typed:
    """What is in the fields, by their names, and the proof that it was tested ('' = none)."""

    fields: Mapping[str, str]
    proof: str = ""

    @property
    def options(self) -> dict[str, str]:
        """The options among them that say something."""
        return {name: value for name, value in self.fields.items() if not name.startswith(":") and value}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn anew: what was said, and a sheet to fill in; or only why nothing was done."""

    said: Component | None = None
    sheet: Component | None = None
    refusal: str | None = None


def answer(deps: Deps, text: Text, who: str, pressed: tuple[str, str], typed: Typed) -> Shown:
    """What a button does; `pressed` is its action, and the name or kind that it is about."""
    action, about = pressed
    try:
        if action in ("add", "edit", "reread", "remove", "close"):
            return Shown(sheet=_sheet(deps, text, action, about))
        return _do(deps, text, who, action, about, typed)
    except UntestedError:
        return Shown(refusal=text.t("The fields have changed since the test. Test again."))
    except (EntryError, StoreError, RefusedError) as error:
        return Shown(refusal=plainly(text, error))


def test(deps: Deps, text: Text, mode: str, about: str, typed: Typed) -> tuple[Look, list[Component | None]]:
    """What a test of the form finds, and how it is told."""
    known = about if mode == "known" else None
    try:
        look = deps.connections.test(_draft(deps, mode, about, typed), known is not None)
    except (StoreError, RefusedError) as error:
        look = Look(problem=plainly(text, error))
    return look, layout.findings(text, look, known, about)


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons and the test."""
    fields = (State(ids.source_field(ALL), "value"), State(ids.source_field(ALL), "id"))

    @app.callback(
        Output(ids.SOURCE_DESK, "children"),
        Input(ids.SOURCE_ADD, "n_clicks"),
        Input(ids.source_do(ALL, ALL), "n_clicks"),
        State(ids.SOURCE_KIND, "value"),
        *fields,
        State(ids.source_proof(ALL), "data"),
        prevent_initial_call=True,
    )
    def on_press(_add: Any, _do: Any, kind: Any, *form: Any) -> Any:
        pressed = _pressed(visitor.pressed(), kind)
        return _drawn(answer(deps, visitor.words(deps), visitor.user().login, pressed, read_form(*form)))

    @app.callback(
        Output(ids.SOURCE_FINDINGS, "children"),
        Input(ids.source_test(ALL, ALL), "n_clicks"),
        *fields,
        prevent_initial_call=True,
    )
    def on_test(_clicks: Any, *form: Any) -> list[Component | None]:
        return _tell(deps, visitor.words(deps), visitor.pressed(), read_form(*form))


def read_form(values: Sequence[Any], keys: Sequence[Mapping[str, Any]], proofs: Sequence[Any] = ()) -> Typed:
    """The form out of what the browser sent."""
    fields = {str(key["name"]): str(value or "").strip() for key, value in zip(keys, values, strict=True)}
    return Typed(fields, str(next(iter(proofs), None) or ""))


def _pressed(pressed: Any, kind: Any) -> tuple[str, str]:
    return ("add", str(kind)) if pressed == ids.SOURCE_ADD else (str(pressed["action"]), str(pressed["about"]))


def _drawn(shown: Shown) -> Any:
    """The desk anew. A refusal leaves it as it is, for it holds what was typed, secrets too."""
    if shown.refusal is not None:
        set_props(ids.SOURCE_FINDINGS, {"children": parts.bad(shown.refusal)})
        return no_update
    # Any number that differs from the last one has the list drawn anew.
    return page.desk(shown.said, shown.sheet, time.monotonic_ns())


def _tell(deps: Deps, text: Text, pressed: Any, typed: Typed) -> list[Component | None]:
    """What a test found, and beside each option what is wrong with it."""
    look, told = test(deps, text, str(pressed["mode"]), str(pressed["about"]), typed)
    for name in typed.fields:
        if not name.startswith(":"):
            set_props(ids.source_problem(name), {"children": look.problem if name == look.option else ""})
    return told


def _sheet(deps: Deps, text: Text, action: str, about: str) -> Component | None:
    if action == "add":
        kind = _kind(deps, about)
        back = _back(deps, about, "NAME")
        return layout.form(text, Form(kind.key, kind.label, kind.options, back=back, beta=kind.beta))
    if action == "edit":
        kept = deps.connections.kept(about)
        kind = _kind(deps, kept.draft.kind)
        back = _back(deps, kind.key, about)
        typed, secrets = kept.draft.typed, kept.secrets
        return layout.form(text, Form(kind.key, kind.label, kind.options, about, typed, secrets, back, kind.beta))
    if action == "reread":
        return layout.reread(text, about, today(deps.settings().timezone, deps.clock()).replace(day=1).isoformat())
    return layout.removal(text, about, deps.connections.kept(about).closed) if action == "remove" else None


def _do(deps: Deps, text: Text, who: str, action: str, about: str, typed: Typed) -> Shown:
    desk = deps.connections
    if action == "connect":
        draft = _draft(deps, "new", about, typed)
        done = desk.connect(draft, typed.proof, who)
        told = draft.kind in TOLD
        sheet = layout.address(text, _hook(done.hook), told) if done.hook else None
        return Shown(parts.good(_connected(text, draft, done.login)), sheet)
    if action == "hook":
        told = desk.kept(about).draft.kind in TOLD
        return Shown(parts.good(text.t("The address before holds no longer.")),
                     layout.address(text, _hook(desk.new_hook(about, who)), told))  # fmt: skip
    if action == "change":
        draft = _draft(deps, "known", about, typed)
        desk.change(draft, typed.proof, who)
        said = text.t("Saved. {name} listens with these options now.", name=about) if draft.kind in TOLD else \
            text.t("Saved. {name} is looked at with these options now.", name=about)  # fmt: skip
        return Shown(parts.good(said))
    if action == "reread!":
        desk.reread(about, read_day(text, typed.fields.get(ids.SOURCE_SINCE, "")), who)
        return Shown(parts.good(text.t("{name} is read again in a moment.", name=about)))
    if action == "close!":
        desk.close(about, who)
        return Shown(parts.good(text.t("{name} is closed. Its numbers stay.", name=about)))
    if action == "remove!":
        desk.remove(about, who)
        return Shown(parts.good(text.t("{name} is removed.", name=about)))
    return Shown(parts.good(_steer(deps, text, who, action, about)))


def _connected(text: Text, draft: Draft, login: bool) -> str:
    if draft.kind in TOLD:
        return text.t("{name} is connected. It waits for records at the address below.", name=draft.name)
    if login:
        return text.t("{name} is connected. Now authorise Tablo in the CRM.", name=draft.name)
    return text.t("{name} is connected. Its numbers come in a moment.", name=draft.name)


def _steer(deps: Deps, text: Text, who: str, action: str, name: str) -> str:
    if action == "hurry":
        deps.connections.hurry(name)
        return text.t("{name} is looked at now.", name=name)
    if action not in ("pause", "resume"):
        raise RefusedError(action)
    deps.connections.enable(name, action == "resume", who)
    if action == "resume":
        return text.t("{name} goes on.", name=name)
    return text.t("{name} is paused: nobody reads it until it goes on.", name=name)


def _draft(deps: Deps, mode: str, about: str, typed: Typed) -> Draft:
    if mode == "known":
        return Draft(about, deps.connections.kept(about).draft.kind, typed.options)
    return Draft(typed.fields.get(ids.SOURCE_NAME, ""), _kind(deps, about).key, typed.options)


def _kind(deps: Deps, key: str) -> SourceKind:
    for kind in deps.connections.kinds():
        if kind.key == key:
            return kind
    raise RefusedError(key)


def _back(deps: Deps, kind: str, name: str) -> str:
    """Where a CRM sends a browser back to; only kinds that have an id for applications send anybody."""
    sends = any(option.name == "client_id" for option in _kind(deps, kind).options)
    return f"{request.host_url}connect/{name}/done" if sends else ""


def _hook(secret: str) -> str:
    return f"{request.host_url}api/v1/hooks/{secret}"

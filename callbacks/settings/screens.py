"""The screens page at work: bind a TV by its code, say what it shows, tell it to do something, end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component
from sqlalchemy import Connection

from callbacks.settings import playlists as lists
from callbacks.settings import visitor
from callbacks.settings.slots import board_of
from deps import Deps
from domain.settings import Slot
from domain.watching import standing
from domain.worktime import office_calendar
from layouts import browsers, ids, showing, words
from layouts import format as write
from layouts.settings import parts
from layouts.settings import screens as layout
from layouts.settings.screens import Card, Choices, Facts, Tv
from layouts.settings.slots import RANKED
from layouts.text import LANGUAGES, Text
from storage import db as store
from storage import people, playlists, screens
from storage.db import StoreError
from storage.playlists import Playlist
from storage.screens import Screen, UnknownCodeError

_MEGABYTE = 1_000_000
_FIELDS = ("name", "playlist", "language", "slot")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields: of the screen to bind, and of every bound one by its number."""

    code: str = ""
    new_name: str = ""
    cards: Mapping[int, Card] = field(default_factory=dict)


def page(deps: Deps, text: Text, _search: str | None) -> Component:
    """The page with every bound screen."""
    return layout.page(text, *_bound(deps, text, {}))


def answer(deps: Deps, text: Text, who: str, pressed: Any, typed: Typed) -> list[Component | None]:
    """The list after a button was pressed, with what came of it; what is not saved stands as it was typed."""
    if _is_unshown(deps, text, pressed, typed):
        gone = text.t("This screen cannot show that panel now. Choose another one.")
        return layout.content(text, *_bound(deps, text, typed.cards), parts.bad(gone))
    try:
        with store.write(deps.db) as conn:
            said = _do(conn, deps, text, who, pressed, typed)
    except StoreError as error:
        return layout.content(text, *_bound(deps, text, typed.cards), parts.bad(_problem(text, error)))
    kept = {number: card for number, card in typed.cards.items() if pressed != ids.screen_do("save", number)}
    return layout.content(text, *_bound(deps, text, kept), parts.good(said))


def doing(deps: Deps, text: Text, numbers: Sequence[int]) -> list[list[Component]]:
    """How these screens are doing; nothing for those that were ended meanwhile."""
    with store.read(deps.db) as conn:
        found = {screen.id: screen for screen in screens.every(conn)}
    return [layout.facts(text, _facts(deps, text, found[each])) if each in found else [] for each in numbers]


def register(app: Dash, deps: Deps) -> None:
    """Wire the buttons, and what is looked at again."""
    fields = [State(ids.screen_field(name, ALL), "value") for name in _FIELDS]

    @app.callback(
        Output(ids.SCREENS, "children"),
        Input(ids.SCREEN_BIND, "n_clicks"),
        Input(ids.screen_do(ALL, ALL), "n_clicks"),
        State(ids.SCREEN_CODE, "value"),
        State(ids.SCREEN_NAME, "value"),
        State(ids.screen_facts(ALL), "id"),
        *fields,
        prevent_initial_call=True,
    )
    def on_press(_bind: Any, _do: Any, code: Any, name: Any, keys: Any, *of: Any) -> list[Component | None]:
        pressed, typed = visitor.pressed(), read_fields(code, name, keys, of)
        return answer(deps, visitor.words(deps), visitor.user().login, pressed, typed)

    @app.callback(
        Output(ids.screen_facts(ALL), "children"),
        Input(ids.SCREENS_TICK, "n_intervals"),
        State(ids.screen_facts(ALL), "id"),
        prevent_initial_call=True,
    )
    def on_tick(_ticks: Any, keys: Any) -> list[list[Component]]:
        return doing(deps, visitor.words(deps), [int(key["number"]) for key in keys])


def read_fields(code: Any, name: Any, keys: Sequence[Mapping[str, Any]], of: Sequence[Sequence[Any]]) -> Typed:
    """What the browser sent; `of` are the screens' fields, each for all of them in the order of `keys`."""
    cards = (Card(*map(parts.chosen, card)) for card in zip(*of, strict=True))
    return Typed(
        str(code or ""), str(name or ""), {int(key["number"]): card for key, card in zip(keys, cards, strict=True)}
    )


def _do(conn: Connection, deps: Deps, text: Text, who: str, pressed: Any, typed: Typed) -> str:
    """Do what the button says; the sentence of what was done. Raises StoreError."""
    now = deps.clock()
    if pressed == ids.SCREEN_BIND:
        screen = screens.bind(conn, typed.code, typed.new_name, who, now)
        return text.t("{name} is bound and shows the wall in a moment.", name=screen.name)
    number, action = int(pressed["number"]), pressed["action"]
    card = typed.cards.get(number, Card())
    if action == "save":
        screens.rename(conn, number, card.name, who, now)
        playlist = int(card.playlist) if card.playlist.isascii() and card.playlist.isdigit() else None
        screens.choose(conn, number, playlist, card.language if card.language in LANGUAGES else None, who, now)
        return text.t("Saved. {name} shows it in a moment.", name=card.name.strip())
    if action == "end":
        screens.revoke(conn, number, who, now)
        return text.t("The screen is ended. It shows a code again.")
    if action == "show":
        screens.command(conn, number, f"show {card.slot}")
        return text.t("The screen shows it in a moment.")
    screens.command(conn, number, "reload")
    return text.t("The screen loads its page anew in a moment.")


def _is_unshown(deps: Deps, text: Text, pressed: Any, typed: Typed) -> bool:
    """Whether a screen is asked for a panel that is not among those it shows now: its hours may be over, its playlist
    another one since the page was drawn."""
    if pressed == ids.SCREEN_BIND or pressed["action"] != "show":
        return False
    number = int(pressed["number"])
    offered = next((tv.slots for tv in _bound(deps, text, {})[0] if tv.number == number), None)
    return offered is not None and typed.cards.get(number, Card()).slot not in offered


def _problem(text: Text, error: StoreError) -> str:
    if isinstance(error, UnknownCodeError):
        return text.t("No screen shows this code now. A code holds for ten minutes: look at the screen again.")
    return lists.problem(text, error)


def _bound(deps: Deps, text: Text, typed: Mapping[int, Card]) -> tuple[list[Tv], Choices, bool]:
    """Every screen, in whose fields stands what was typed, else what is stored; what can be chosen; whether the wall is
    open to this machine."""
    with store.read(deps.db) as conn:
        found, ever = screens.every(conn), screens.ever_bound(conn)
        named = {each.id: each for each in playlists.every(conn)}
        teams = {team.key: team.name for team in people.teams(conn)}
    settings = deps.settings()
    choices = Choices(
        playlists={"": text.t("Shared playlist"), **{str(each.id): each.name for each in named.values()}},
        languages={"": text.t("As in Office ({name})", name=LANGUAGES.get(settings.language, "")), **LANGUAGES},
    )
    playing = {screen.id: _playlist(deps, screen, named) for screen in found}
    shown = {chosen: _slots(deps, text, chosen, teams) for chosen in set(playing.values())}
    tvs = [
        Tv(
            number=screen.id,
            name=screen.name,
            facts=_facts(deps, text, screen),
            card=_card(screen, typed.get(screen.id), choices),
            slots=shown[playing[screen.id]],
        )
        for screen in found
    ]
    return tvs, choices, deps.config.loopback and not ever


def _playlist(deps: Deps, screen: Screen, named: Mapping[int, Playlist]) -> tuple[Slot, ...]:
    """The slots of its playlist that its address lets a screen show."""
    settings = deps.settings()
    own = named.get(screen.playlist) if screen.playlist is not None else None
    chosen = settings.playlist if own is None else own.slots
    return showing.without_phone(chosen, settings.public_address, deps.sightings.address_of(screen))


def _card(screen: Screen, typed: Card | None, choices: Choices) -> Card:
    """What was typed, as far as it can be chosen still, else what is stored."""
    playlist, language = str(screen.playlist or ""), screen.language or ""
    stored = Card(screen.name, playlist if playlist in choices.playlists else "", language)
    if typed is None:
        return stored
    return replace(
        typed,
        playlist=typed.playlist if typed.playlist in choices.playlists else stored.playlist,
        language=typed.language if typed.language in choices.languages else stored.language,
    )


def _slots(deps: Deps, text: Text, playlist: Sequence[Slot], teams: Mapping[str, str]) -> dict[str, str]:
    """What a screen with this playlist shows now: the slots by their ids, in words."""
    scenes = showing.scenes(playlist, deps.settings(), deps.clock(), lambda slot: board_of(deps, slot))
    slots = [slot for slot, _ in scenes]
    return {name: _slot(text, slot, teams) for name, slot in zip(showing.slot_ids(slots), slots, strict=True)}


def _slot(text: Text, slot: Slot, teams: Mapping[str, str]) -> str:
    metric = words.ranked_name(text, slot.metric) if slot.metric else ""
    own = slot.panel != RANKED or slot.metric
    period = words.period_name(text, slot.period) if own else ""
    said = (words.panel_name(text, slot.panel), metric, period, teams.get(slot.team or "", ""))
    return " · ".join(part for part in said if part)


def _facts(deps: Deps, text: Text, screen: Screen) -> Facts:
    now, settings = deps.clock(), deps.settings()
    return Facts(
        standing=standing(screen.seen_at or screen.created_at, office_calendar(settings), now),
        age=write.duration(text, _age(screen.seen_at or screen.created_at, now)),
        seen=_seen(text, screen, now, settings.timezone),
        showing=words.panel_name(text, screen.showing) if screen.showing in words.PANELS else "",
        browser=browsers.plain(screen.agent),
        memory=text.t("{n} MB", n=screen.heap // _MEGABYTE) if screen.heap else "",
        errors="" if screen.errors is None else write.number(text, screen.errors),
        told=_told(text, screen),
    )


def _seen(text: Text, screen: Screen, now: datetime, zone: str) -> str:
    if screen.seen_at is None:
        return text.t("never")
    ago = text.t("{age} ago", age=write.duration(text, _age(screen.seen_at, now)))
    return f"{ago} · {write.instant(text, screen.seen_at, zone)}"


def _age(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()))


def _told(text: Text, screen: Screen) -> str:
    """What it was told and has not done yet."""
    if screen.due is None:
        return ""
    return text.t("Waiting to be reloaded") if screen.due.do == "reload" else text.t("Waiting to show a panel")

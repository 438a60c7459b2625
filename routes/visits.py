"""Which manager's phone asks: the cookie of one that was let in, or of one at the door with a PIN to type."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from flask import Request, Response, request

from deps import Deps
from domain.people import Rep
from domain.worktime import today
from layouts.text import LANGUAGES, Text
from routes.scheme import over_https
from storage import db as store
from storage import joins, links, people
from storage.db import StoreError, from_ms, to_ms
from storage.joins import Joins
from storage.links import Visit

# These cookies are sent to the phone page and nowhere else.
PATH = "/me"
COOKIE = "tablo_me"
DOOR = "tablo_me_door"
LANGUAGE = "tablo_me_language"
# Between opening the link, or scanning the code, and the right PIN.
_AT_THE_DOOR = timedelta(minutes=15)
_LANGUAGE_LASTS = timedelta(days=400)
# The wall's code is good for so long: it is drawn anew each time that its panel comes.
_CODE_LIVES = timedelta(minutes=10)
_PURPOSE = b"P"


@dataclass(frozen=True, slots=True)
class Door:
    """Somebody with a personal link (its `rep` and `mark`), or with the wall's code (both '')."""

    rep: str = ""
    mark: str = ""


def of(deps: Deps, asked: Request) -> Visit | None:
    """The visit of the phone that asks, None for anybody else."""
    cookie = asked.cookies.get(COOKIE)
    if not cookie:
        return None
    now = deps.clock()
    with store.read(deps.db) as conn:
        visit = links.visitor(conn, cookie, now)
    if visit is not None and links.is_news(visit, now):
        with store.write(deps.db) as conn:
            links.touch(conn, cookie, now)
    return visit


def let_in(deps: Deps, rep: str, answer: Response) -> None:
    """Let this phone in, and close the door behind it; the visit that it had before ends."""
    with store.write(deps.db) as conn:
        links.leave(conn, request.cookies.get(COOKIE, ""))
        cookie = links.let_in(conn, rep, deps.clock())
    answer.delete_cookie(DOOR, path=PATH)
    remember(answer, cookie)


def remember(answer: Response, cookie: str) -> None:
    """The browser keeps the cookie for as long as the store keeps the visit, anew from now."""
    _keep(answer, COOKIE, cookie, links.LIFETIME)


def leave(deps: Deps, answer: Response) -> None:
    """Log this phone out."""
    with store.write(deps.db) as conn:
        links.leave(conn, request.cookies.get(COOKIE, ""))
    for name in (COOKIE, DOOR):
        answer.delete_cookie(name, path=PATH, httponly=True, samesite="Lax", secure=over_https(request))


def end(deps: Deps, answer: Response) -> None:
    """This phone's visit is over; it may go on standing at the door."""
    with store.write(deps.db) as conn:
        links.leave(conn, request.cookies.get(COOKIE, ""))
    answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Lax", secure=over_https(request))


def open_door(deps: Deps, door: Door, answer: Response) -> None:
    """Let this phone stand at the door for some minutes."""
    until = to_ms(deps.clock() + _AT_THE_DOOR)
    _keep(answer, DOOR, deps.secrets.seal(json.dumps(asdict(door) | {"until": until})), _AT_THE_DOOR)


def door(deps: Deps, asked: Request) -> Door | None:
    """The door at which the phone stands, None when it has none any more."""
    sealed = asked.cookies.get(DOOR)
    if not sealed:
        return None
    try:
        known: dict[str, Any] = json.loads(deps.secrets.unseal(sealed))
    except StoreError:
        return None
    return Door(known["rep"], known["mark"]) if deps.clock() < from_ms(known["until"]) else None


def wall_code(deps: Deps, screen: int) -> str:
    """A short-lived token of the wall on this screen (0 = on no screen of its own)."""
    minutes = to_ms(deps.clock() + _CODE_LIVES) // 60_000
    return deps.secrets.sign(_PURPOSE + minutes.to_bytes(4, "big") + screen.to_bytes(3, "big"))


def screen_of_code(deps: Deps, code: str) -> int | None:
    """The screen whose code this is, None when it is too old or none of ours."""
    content = deps.secrets.signed(code)
    if content is None or len(content) != 8 or not content.startswith(_PURPOSE):
        return None
    fresh = int.from_bytes(content[1:5], "big") * 60_000 >= to_ms(deps.clock())
    return int.from_bytes(content[5:], "big") if fresh else None


def managers(deps: Deps) -> dict[str, Rep]:
    """Who may have a phone page, by key: everybody who sells and has not left."""
    day = today(deps.settings().timezone, deps.clock())
    with store.read(deps.db) as conn:
        return {rep.key: rep for rep in people.reps(conn) if rep.left is None or rep.left >= day}


def manager(deps: Deps, key: str) -> Rep | None:
    """Who may have the page of this key, by any key of a joined person; None when nobody may."""
    return managers(deps).get(mains(deps).main(key))


def mains(deps: Deps) -> Joins:
    """Who is joined with whom: links, PINs and phones stay under the key that they were given to."""
    with store.read(deps.db) as conn:
        return joins.read(conn)


def text_of(deps: Deps, asked: Request) -> Text:
    """The reader's words: their own choice, else a language of their browser that we have, else the office's."""
    chosen = asked.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return Text(chosen)
    return Text(asked.accept_languages.best_match(list(LANGUAGES)) or deps.settings().language)


def choose_language(answer: Response, language: str) -> None:
    """Read the page in this language from now on."""
    if language in LANGUAGES:
        _keep(answer, LANGUAGE, language, _LANGUAGE_LASTS)


def _keep(answer: Response, name: str, value: str, lifetime: timedelta) -> None:
    age = int(lifetime.total_seconds())
    answer.set_cookie(name, value, max_age=age, path=PATH, httponly=True, samesite="Lax", secure=over_https(request))

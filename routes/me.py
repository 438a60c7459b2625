"""The phone page for a manager who was let in: their own numbers, and nobody else's."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from flask import Flask, Response, jsonify, request

from deps import Deps
from domain.board import Board
from domain.building import sound
from domain.freshness import live_seconds
from domain.people import Rep
from domain.periods import so_far
from domain.privacy import discreet, discretion
from domain.records import RecordPage
from domain.settings import PeriodKind, Settings
from domain.standing import neighbours
from domain.worktime import latest_today
from layouts import me as layout
from layouts.me import Mine, Page
from layouts.text import Text
from layouts.wall import Clock
from routes import door, phone_files, visits
from routes.wall import Kept
from storage import db as store
from storage import mine

# Pages of this many managers, languages and choices are kept until the numbers change.
_KEPT = 256
_RECORDS = 20
_NONE = RecordPage((), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose page, and what of it."""

    rep: Rep
    metric: str
    after: str


def register(server: Flask, deps: Deps) -> None:
    """Put the page and its state on the server."""
    pages: Kept[Page] = Kept(_KEPT)

    @server.get("/me")
    def me() -> Response:
        return answer(deps, pages)

    @server.get("/me/state")
    def me_state() -> Response | tuple[Response, int]:
        return state(deps, pages)

    @server.post("/me/logout")
    def me_logout() -> Response:
        leaving = door.to_the_page()
        visits.leave(deps, leaving)
        return leaving

    @server.post("/me/language")
    def me_language() -> Response:
        chosen = door.to_the_page()
        visits.choose_language(chosen, request.form.get("language", ""))
        return chosen


def answer(deps: Deps, pages: Kept[Page]) -> Response:
    """The page of whoever the phone belongs to; the wall's code in the address has done its work."""
    wish = wish_of(deps)
    if wish is None:
        return door.again(deps)
    if "w" in request.args:
        return door.to_the_page()
    text = visits.text_of(deps, request)
    page, clock = current(deps, pages, wish, text)
    html = layout.document(page, clock, text, phone_files.style(deps), phone_files.version())
    response = phone_files.page(html)
    visits.remember(response, request.cookies[visits.COOKIE])
    return response


def state(deps: Deps, pages: Kept[Page]) -> Response | tuple[Response, int]:
    """The same as JSON, or 304: the server's time and the age of the numbers are in the headers of both."""
    wish = wish_of(deps)
    if wish is None:
        return jsonify(error="There is no page for this manager."), 404
    text = visits.text_of(deps, request)
    page, clock = current(deps, pages, wish, text)
    response = jsonify(layout.state(page, clock, text))
    response.set_etag(f"{page.version}-{phone_files.version()}")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Tablo-Now"] = str(int(clock.now.timestamp() * 1000))
    response.headers["Tablo-As-Of"] = str(int(clock.as_of.timestamp() * 1000)) if clock.as_of else ""
    response.make_conditional(request)
    return response


def wish_of(deps: Deps) -> Wish | None:
    """What is asked for; None when the visit is of nobody who may have a page now."""
    visit = visits.of(deps, request)
    rep = None if visit is None else visits.manager(deps, visit.rep)
    return None if rep is None else Wish(rep, request.args.get("metric", ""), request.args.get("after", ""))


def current(deps: Deps, pages: Kept[Page], wish: Wish, text: Text) -> tuple[Page, Clock]:
    """The page as it is now, and how fresh its numbers are."""
    settings, _ = sound(deps.settings())
    of_day, of_month = deps.boards.get(PeriodKind.DAY), deps.boards.get(PeriodKind.MONTH)
    clock = Clock(deps.clock(), of_day.board.as_of, live_seconds(deps.config.poll_seconds))
    key: Hashable = (wish, text.language, settings, of_day.version, of_month.version, of_day.board.as_of is None)
    page = pages.get(key, lambda: layout.draw(gather(deps, settings, wish, of_day.board, of_month.board), text))
    return page, clock


def gather(deps: Deps, settings: Settings, wish: Wish, of_day: Board, of_month: Board) -> Mine:
    """Everything that this manager's page is made of."""
    metrics = layout.shown_metrics(settings)
    chosen = layout.chosen_metric(wish.metric, metrics)
    wall = discreet(of_day, discretion(settings)).leaderboard
    near = neighbours(of_day.leaderboard, wall, wish.rep.key, settings.rank_top)
    with store.read(deps.db) as conn:
        period = of_month.period
        # What is dated ahead is on the board when its day comes.
        begun = so_far(period, latest_today(settings, (wish.rep,), of_month.now))
        days = mine.days(conn, settings, wish.rep, chosen, period, of_month.now) if chosen else ()
        records = mine.records(conn, settings, wish.rep, chosen, begun, _RECORDS, wish.after) if chosen else _NONE
        own = next((each.place for each in near if each.own), None)
        why = None if own is None else mine.why(conn, settings, wish.rep, own, of_day)
    return Mine(
        rep=wish.rep.key,
        name=wish.rep.name,
        today=of_day,
        month=of_month,
        wall=replace(wall, rows=wall.rows[: settings.rank_top or None]),
        near=near,
        why=why,
        metrics=metrics,
        chosen=chosen,
        days=days,
        records=records,
        later=bool(wish.after),
        week_start=settings.week_start,
    )

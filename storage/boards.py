"""Boards: read what a board needs, build it once per change, hand the same one to everybody."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from domain import ranking
from domain.board import Board, Period, SourceHealth, Unmapped, Win
from domain.building import Inputs, Needs, build_board, needs
from domain.celebrations import Cheer
from domain.facts import Problem
from domain.freshness import Connection as Fresh
from domain.freshness import oldest, state
from domain.people import Team
from domain.periods import so_far
from domain.ranking import Reached
from domain.settings import PeriodKind, Settings
from domain.sums import HourRow
from domain.targets import TargetBook
from domain.totals import Total
from domain.worktime import latest_today
from storage import celebrations, facts, floors, joins, people, rates, sources, targets, totals
from storage import state as counters
from storage.db import read
from storage.floors import Whose
from storage.lately import Lately
from storage.watch import Watch

Key = TypeVar("Key")
Value = TypeVar("Value")

# Boards of this many periods, days and teams are kept; a wall with every panel asks for two or three.
_KEPT = 64
_WIN_IS_NEWS = timedelta(hours=12)
_FAULTS = frozenset((SourceHealth.THROTTLED, SourceHealth.NEEDS_LOGIN, SourceHealth.ERROR))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A board and the version of the numbers on it: equal versions, equal numbers."""

    version: str
    board: Board


@dataclass(frozen=True, slots=True)
class _Wish:
    kind: PeriodKind
    day: date
    team: str | None
    ranked_by: str | None


class _Once:
    """What the boards of one version have in common, each thing read when the first of them needs it."""

    def __init__(self, version: str) -> None:
        self.version, self._known = version, dict[Hashable, Any]()

    def get(self, key: Hashable, find: Callable[[], Value]) -> Value:
        """The thing of that key."""
        if key not in self._known:
            self._known[key] = find()
        found: Value = self._known[key]
        return found


class LiveBoards:
    """The boards of one store. A change of the store, or the next minute (the pace moves), makes new ones."""

    def __init__(
        self, db: Engine, settings: Callable[[], Settings], clock: Callable[[], datetime], poll_seconds: int
    ) -> None:
        self._db, self._settings, self._clock, self._poll_seconds = db, settings, clock, poll_seconds
        self._kept: OrderedDict[_Wish, Snapshot] = OrderedDict()
        self._building = threading.Lock()
        self._once = _Once("")
        self._hours: OrderedDict[Hashable, list[HourRow]] = OrderedDict()
        self._lately = Lately(Watch(db), clock)
        self._cheers: tuple[int, tuple[Cheer, ...]] = (-1, ())
        self._books: OrderedDict[tuple[int, frozenset[tuple[str, str]], date, date], TargetBook] = OrderedDict()

    def get(
        self, period: PeriodKind, day: date | None = None, team: str | None = None, ranked_by: str | None = None
    ) -> Snapshot:
        """The board of the period that holds `day` (None = today); `team` is a name or key. `ranked_by` is the metric
        of a leaderboard over that same period, or "points", None = the office's leaderboard.

        Raises KeyError for an unknown team, or what nobody can be ranked by. How old the sources are is always told
        anew.
        """
        now, settings = self._clock(), self._settings()
        if ranked_by is not None:
            settings = ranking.ranked_by(settings, ranked_by, period)
        with read(self._db) as conn:
            key = None if team is None else _team_key(people.teams(conn), team)
            wish = _Wish(period, day or now.astimezone(ZoneInfo(settings.timezone)).date(), key, ranked_by)
            version = f"{counters.version(conn)}.{int(now.timestamp()) // 60}"
            fresh = _connections(conn, self._poll_seconds)
            snapshot = self._kept.get(wish)
            if snapshot is None or snapshot.version != version:
                snapshot = self._build(conn, wish, version, settings, fresh, now)
        board = replace(snapshot.board, now=now, as_of=oldest(fresh), sources=tuple(state(each, now) for each in fresh))
        return Snapshot(snapshot.version, board)

    def cheers(self) -> tuple[Cheer, ...]:
        """What was won lately and by whom, in the order in which we heard of it; some of it may be old news by now."""
        with read(self._db) as conn:
            version = counters.version(conn)
            if version != self._cheers[0]:
                self._cheers = version, _cheers(conn, self._clock())
        return self._cheers[1]

    def lately(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The thing of that key, made anew only when something was committed, or some seconds have passed."""
        return self._lately.get(key, make)

    def watch(self) -> Watch:
        """An eye on the store."""
        return Watch(self._db)

    def _build(
        self, conn: Connection, wish: _Wish, version: str, settings: Settings, fresh: Sequence[Fresh], now: datetime
    ) -> Snapshot:
        """One thread builds; the others wait for what it has built."""
        with self._building:
            snapshot = self._kept.get(wish)
            if snapshot is None or snapshot.version != version:
                if version != self._once.version:
                    self._once = _Once(version)
                wanted = needs(settings, wish.kind, wish.day, now)
                inputs = self._read(conn, wish, wanted, settings, fresh, now)
                snapshot = Snapshot(version, build_board(inputs, wish.kind, wish.day, now, wish.team))
                _keep(self._kept, wish, snapshot)
            return snapshot

    def _read(
        self, conn: Connection, wish: _Wish, wanted: Needs, settings: Settings, fresh: Sequence[Fresh], now: datetime
    ) -> Inputs:
        once, team = self._once, wish.team
        reps, teams = once.get("crew", lambda: people.crew(conn))
        whose, everybody = Whose(tuple(reps), team), Whose(tuple(reps), None)
        keys, usual = {rep.key for rep in reps}, wanted.hours[1:]

        def of_period(period: Period) -> list[Total]:
            return once.get(
                ("totals", team, period.first, period.last), lambda: _counted(conn, whose, settings, period, now)
            )

        def of_days(metrics: tuple[str, ...], first: date, last: date) -> list[Total]:
            return once.get(
                ("days", team, metrics, first, last), lambda: floors.of_days(conn, whose, metrics, first, last)
            )

        first, last = wanted.period.first, wanted.period.last
        strangers, theirs = once.get(("strangers", first, last), lambda: totals.unmapped(conn, first, last, keys))
        return Inputs(
            settings=settings,
            reps=tuple(reps),
            teams=tuple(teams),
            targets=self._book(conn, wanted),
            rates=once.get("rates", lambda: rates.book(conn, settings.currency)),
            totals=of_period(wanted.period),
            month=of_period(wanted.month),
            rank=of_period(wanted.rank),
            rank_days=of_days(wanted.rank_metrics, *wanted.rank_days),
            hours=[*floors.by_hour(conn, whose, wanted.hours[:1]), *self._over(conn, whose, usual, settings, fresh)],
            by_day=floors.by_day(conn, whose, wanted.by_day),
            reached=_reached(conn, whose, settings, now),
            connections=fresh,
            unmapped=Unmapped(strangers, theirs),
            last_win=_last_win(conn, whose, now),
            problems=once.get("problems", lambda: _problems(conn)),
            shape_hours=self._over(conn, everybody, wanted.shape_days, settings, fresh),
        )

    def _over(
        self, conn: Connection, whose: Whose, days: tuple[date, ...], settings: Settings, fresh: Sequence[Fresh]
    ) -> Sequence[HourRow]:
        """What these people came to in each hour of these days, which are over and seldom change: read once an hour,
        and when the office counts otherwise, people are joined, or a source has told its past."""
        told = tuple(each.name for each in fresh if each.as_of is not None)
        key = (whose, days, settings, told, self._joined(conn), int(self._clock().timestamp()) // 3600)
        if key not in self._hours:
            _keep(self._hours, key, floors.by_hour(conn, whose, days))
        return self._hours[key]

    def _joined(self, conn: Connection) -> frozenset[tuple[str, str]]:
        return self._once.get("joins", lambda: frozenset(joins.read(conn).mains.items()))

    def _book(self, conn: Connection, wanted: Needs) -> TargetBook:
        """Targets change some times a month: what was laid out over the working days stays with its book."""
        first, last = wanted.targets
        key = (targets.last_change(conn), self._joined(conn), first, last)
        if key not in self._books:
            _keep(self._books, key, TargetBook(each.target for each in targets.current(conn, first, last)))
        return self._books[key]


def _cheers(conn: Connection, now: datetime) -> tuple[Cheer, ...]:
    wins = celebrations.recent(conn, now)
    reps = {rep.key: rep for rep in people.reps(conn)} if wins else {}
    return tuple(Cheer(win, reps[win.rep]) for win in wins if win.rep in reps and not reps[win.rep].hidden)


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _KEPT:
        kept.popitem(last=False)


def _counted(conn: Connection, whose: Whose, settings: Settings, period: Period, now: datetime) -> list[Total]:
    """The sums of the period's days that have begun: what is dated ahead counts when its day comes."""
    here = latest_today(settings, whose.reps, now)
    begun = so_far(period, here) if period.last > here and totals.ahead(conn, here) else period
    return floors.of_period(conn, whose, begun, settings.currency) if begun.first <= begun.last else []


def _reached(conn: Connection, whose: Whose, settings: Settings, now: datetime) -> Reached:
    seconds, here = settings.productive_seconds, latest_today(settings, whose.reps, now)
    return lambda reps, metric, first, last: floors.reached(conn, whose, reps, metric, first, min(last, here), seconds)


def _last_win(conn: Connection, whose: Whose, now: datetime) -> Win | None:
    names = {rep.key: rep.name for rep in whose.reps if whose.team in (None, rep.team) and not rep.hidden}
    for won in facts.recent_wins(conn, now - _WIN_IS_NEWS, 20):
        if won.rep is not None and won.rep in names and won.fact.at <= now:
            fact = won.fact
            return Win(won.rep, names[won.rep], fact.at, fact.amount, fact.currency, fact.title)
    return None


def _problems(conn: Connection) -> list[Problem]:
    return [problem for row in sources.every(conn) if row.enabled for problem in row.problems]


def _connections(conn: Connection, poll_seconds: int) -> list[Fresh]:
    """What the numbers depend on. A paused source still does: its own are as old as the pause."""
    return [
        Fresh(
            name=row.name,
            kind=row.kind,
            as_of=row.as_of,
            poll_seconds=poll_seconds,
            fault=row.health if row.enabled and row.health in _FAULTS else None,
            problem=row.problem,
            missing=row.missing,
        )
        for row in sources.every(conn)
        if row.enabled or (row.as_of is not None and row.health is not SourceHealth.CLOSED)
    ]


def _team_key(teams: Sequence[Team], wanted: str) -> str:
    for team in teams:
        if wanted in (team.key, team.name):
            return team.key
    raise KeyError(wanted)

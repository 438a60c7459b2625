"""The small lists beside the streams: who works here, in which team, what a currency is worth; every quarter hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from domain.facts import Group, Person, Problem, Rate
from sources._bitrix24 import people
from sources._bitrix24.options import Reps
from sources._bitrix24.pages import Pages, Want
from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.state import State
from sources._bitrix24.streams import PAGE, USERS, users
from sources._bitrix24.values import Row

EVERY_MS = int(timedelta(minutes=15) / timedelta(milliseconds=1))
_MOST_PAGES = 20


@dataclass(slots=True)
class Lists:
    """What a step brought of them; None = nothing."""

    people: Sequence[Person] | None = None
    groups: Sequence[Group] | None = None
    rates: Sequence[Rate] | None = None


@dataclass(slots=True)
class Roster:
    """Gathers the users of all pages before it tells of any."""

    state: State
    reps: Reps
    currency: str
    folder: Path
    rows: list[Row] = field(default_factory=list)
    total: int = 0
    problem: Problem | None = None

    def due(self, now_ms: int) -> bool:
        """Whether it is time to read them again."""
        return now_ms - self.state.people_at >= EVERY_MS or now_ms < self.state.people_at

    def commands(self) -> dict[str, Command]:
        """Departments and currencies, with the first page of users."""
        return {} if self.rows else people.commands()

    def wants(self) -> dict[str, Want]:
        """The next pages of users."""
        stream = users()
        last = max((stream.id_of(row) for row in self.rows), default=0)
        if not self.rows:
            return {USERS: Want(stream, 0, self.state.people_pages, count=True)}
        return {USERS: Want(stream, last, max(0, self.total - len(self.rows)) // PAGE + 1)}

    def take(self, page: Pages, reply: Reply, now_ms: int, fetch: Callable[[Mapping[str, str]], None]) -> Lists:
        """What the answer says; the people once the last page is there, with the photos that `fetch` could get."""
        lists = Lists()
        if not self.rows:
            lists.groups, lists.rates = people.groups(reply), people.rates(reply, self.currency)
        self.rows += page.rows
        self.total = page.total or self.total
        if not page.ended and page.failure is None:
            return lists
        self.state.people_at = now_ms
        if page.failure is None:
            self.state.people_pages = min(_MOST_PAGES, len(self.rows) // PAGE + 1)
            fetch(people.photos(self.rows))
            lists.people = people.people(self.rows, self.reps, self.folder)
        else:
            text = "The names of employees cannot be read. Add the scope `user_brief` to the webhook or application."
            self.problem = Problem("no_people", "users", text)
        self.rows = []
        return lists

"""Pages of lists: many in one request, each chained to the one before it, believed only as far as they add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sources import SchemaError, ThrottledError, TransientError
from sources._bitrix24.errors import DISABLING, Failure, Trouble
from sources._bitrix24.portal import MOST_COMMANDS, Command, Portal, Reply
from sources._bitrix24.streams import PAGE, Stream, from_millis
from sources._bitrix24.values import Row


@dataclass(frozen=True, slots=True)
class Want:
    """`pages` pages of a stream after the id `last`. `count` = have the rows counted as well."""

    stream: Stream
    last: int = 0
    pages: int = 1
    where: Mapping[str, Any] = field(default_factory=dict)
    count: bool = False

    def commands(self, key: str) -> dict[str, Command]:
        """The chain: each page begins after the last row of the one before it."""
        found = {f"{key}_0": self.stream.command(self.last, self.where, 0 if self.count else -1)}
        for n in range(1, self.pages):
            found[f"{key}_{n}"] = self.stream.command(self.stream.reference(f"{key}_{n - 1}"), self.where)
        return found


@dataclass(slots=True)
class Pages:
    """What came of a want: rows, the highest id among them, whether the list ended, or why nothing came."""

    rows: list[Row] = field(default_factory=list)
    last: int = 0
    ended: bool = False
    failure: Failure | None = None
    total: int | None = None


def ask(
    portal: Portal, wants: Mapping[str, Want], deadline: float, others: Mapping[str, Command] | None = None
) -> tuple[Reply, dict[str, Pages]]:
    """All wants (and some other commands) in one request. Raises SourceError where the whole request failed."""
    commands = {key: command for name, want in wants.items() for key, command in want.commands(name).items()}
    reply = portal.batch({**commands, **(others or {})}, deadline)
    return reply, {name: _collect(name, want, reply) for name, want in wants.items()}


def fetch_all(
    portal: Portal, wants: Mapping[str, Want], deadline: float, others: Mapping[str, Command] | None = None
) -> tuple[Reply | None, dict[str, list[Row]]]:
    """Every row of every want, in as few requests as it takes; nothing for a list that may not be read.

    `others` go with the first request, whose reply is handed back. Raises TransientError where the portal failed,
    ThrottledError where it has no time left for a method: what is incomplete is of no use.
    """
    found: dict[str, list[Row]] = {name: [] for name in wants}
    open_wants = dict(wants)
    first: Reply | None = None
    while open_wants or (others and first is None):
        beside = {} if first else dict(others or {})
        now = _affordable(portal, open_wants, MOST_COMMANDS - len(beside))
        reply, pages = ask(portal, now, deadline, beside)
        first = first or reply
        for name, page in pages.items():
            if page.failure is not None and page.failure.trouble is Trouble.METHOD_TIME:
                continue
            if page.failure is not None and page.failure.trouble not in DISABLING:
                raise TransientError(f"The portal could not complete a list ({page.failure.code or 'no code'}).")
            found[name] += page.rows
            del open_wants[name]
            if not page.ended and page.failure is None:
                open_wants[name] = Want(now[name].stream, page.last, 1, now[name].where)
    return first, found


def _affordable(portal: Portal, wants: Mapping[str, Want], most: int) -> dict[str, Want]:
    """The first wants that fit into a request and into the time of their methods."""
    taken: dict[str, Want] = {}
    used: Counter[str] = Counter()
    for name, want in wants.items():
        if len(taken) < most and used[want.stream.method] < portal.room(want.stream.method):
            taken[name] = want
            used[want.stream.method] += 1
    if wants and not taken:
        method = next(iter(wants.values())).stream.method
        text = f"The portal grants {method} no more time for some minutes."
        raise ThrottledError(text, from_millis(portal.meter.rests_until(method)))
    return taken


def _collect(name: str, want: Want, reply: Reply) -> Pages:
    pages = Pages(last=want.last, total=reply.totals.get(f"{name}_0") if want.count else None)
    for n in range(want.pages):
        key = f"{name}_{n}"
        failure = reply.failures.get(key) or _unreadable(reply, key, want.stream)
        if failure is not None:
            # A later page fails for want of a full one before it; only a limit is news there.
            if n == 0 or failure.trouble is Trouble.METHOD_TIME:
                pages.failure = failure
            break
        found = want.stream.rows(reply.results[key])
        newest = max((want.stream.id_of(row) for row in found), default=0)
        if len(found) >= PAGE and newest <= pages.last:
            if n == 0:
                raise SchemaError(f"The portal ignores the filter by id in {want.stream.method}.")
            break
        pages.rows += found
        pages.last = max(pages.last, newest)
        if len(found) < PAGE:
            pages.ended = True
            break
    return pages


def _unreadable(reply: Reply, key: str, stream: Stream) -> Failure | None:
    """A command without an answer, or with one that holds no list: nothing may be concluded from it."""
    result = reply.results.get(key)
    if isinstance(result, list) or (isinstance(result, Mapping) and (stream.inside is None or stream.inside in result)):
        return None
    return Failure(Trouble.SERVER, "", "no list in the answer")

"""Changes and censuses against what is stored: the later version of a record wins, in whatever order they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection

from domain.facts import Census, Change, Problem
from storage.corrections import Journal
from storage.db import many, query, to_ms
from storage.rows import AT, DAY, FACT_COLUMNS, HOUR, KIND, REP, Calendar, Draft, FactRow, N, draft, keep_reps
from storage.tally import Tally

MASS_DELETION = "mass_deletion"
_CHUNK = 800
_INSERT_FACT = f"INSERT INTO facts (source_id, record, {FACT_COLUMNS}) VALUES ({', '.join('?' * 14)})"  # noqa: S608 (constants)


class Stored(NamedTuple):
    """A row of `records`. `digest` None = deleted."""

    revision: int
    digest: int | None
    owner: str | None


class Won(NamedTuple):
    """A win of a record, of its person and its day. `at` in ms UTC; not `timed` = the CRM tells the day alone."""

    record: str
    rep: str
    at: int
    day: int
    timed: bool


@dataclass(slots=True)
class Merged:
    """What became of the changes: facts added and removed, records left alone, deals won, and what was refused.

    `lost` are wins whose records vanished from a list that is trusted: an edited row may look like another.
    """

    added: int = 0
    removed: int = 0
    unchanged: int = 0
    ignored: int = 0
    vanished: int = 0
    deals: bool = False
    won: list[Won] = field(default_factory=list)
    lost: list[Won] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)


class Merger:
    """Writes changes of one source; the totals' differences gather in `tally`, corrections in `journal`."""

    def __init__(self, conn: Connection, source_id: int, calendar: Calendar, tally: Tally, currency: str,
                 journal: Journal | None = None) -> None:  # fmt: skip
        self._conn, self._source_id, self._currency = conn, source_id, currency
        self._calendar, self._tally, self._journal = calendar, tally, journal
        self.merged = Merged()

    def changes(self, changes: Sequence[Change]) -> None:
        """Store what is newer than what is stored."""
        stored = self._stored({change.record for change in changes})
        currency, refused = self._currency, self.merged.refused
        drafts: dict[str, list[Draft]] = {}
        for change in changes:
            drafts.setdefault(change.record, []).append(draft(change, currency, refused))
        before = self._facts(name for name, mine in drafts.items() if _may_replace(stored.get(name), mine))
        final: dict[str, tuple[Draft, list[FactRow] | None]] = {}
        for name, mine in drafts.items():
            result = self._fold(stored.get(name), mine, before.get(name, []))
            if result is not None:
                final[name] = result
        self._write(stored, before, final)

    def census(self, census: Census, seen: Iterable[str]) -> None:
        """Delete what the CRM no longer lists, except what this very batch brought. Refuses a mass deletion."""
        judged = [name for name in self._family(census) if name not in seen]
        vanished = [name for name in judged if name not in census.records]
        if census.limit is not None and len(vanished) > census.limit * len(judged):
            self.merged.refused.append(_mass_deletion(census, len(vanished), len(judged)))
            return
        stored, before = self._stored(vanished), self._facts(vanished)
        self.merged.vanished += len(vanished)
        self.merged.removed += sum(map(len, before.values()))
        if census.limit is None:
            wins = (self._win(name, before.get(name, ()), stored[name].owner) for name in vanished)
            self.merged.lost += [win for win in wins if win is not None]
        if self._journal is not None:
            for name in vanished:
                self._journal.look(name, before.get(name, ()), stored[name].owner, (), None, True, None)
        self._remove(before, stored, vanished)
        rows = [(self._source_id, name) for name in vanished]
        many(self._conn, "UPDATE records SET digest = NULL WHERE source_id = ? AND record = ?", rows)

    def _fold(
        self, stored: Stored | None, drafts: list[Draft], before: list[FactRow]
    ) -> tuple[Draft, list[FactRow] | None] | None:
        """The version that stands after all of them, with its new rows (None = those stored stay). None = no news."""
        if stored is None and len(drafts) == 1:
            return drafts[0], self._rows(drafts[0], [])
        revision = stored.revision if stored else None
        digest = stored.digest if stored else None
        rows, fresh = before, False
        last: Draft | None = None
        for each in drafts:
            if revision is not None and each.change.revision < revision:
                self.merged.ignored += 1
                continue
            if revision is not None and each.digest == digest:
                self.merged.unchanged += 1
                if each.change.revision == revision:
                    continue
            else:
                rows, fresh = self._rows(each, rows), True
            revision, digest, last = each.change.revision, each.digest, each
        return None if last is None else (last, rows if fresh else None)

    def _rows(self, each: Draft, before: list[FactRow]) -> list[FactRow]:
        contents = keep_reps(each.contents, before) if before else each.contents
        row, owner = self._calendar.row, each.change.owner
        return [row(n, content, owner) for n, content in enumerate(contents)]

    def _write(
        self,
        stored: dict[str, Stored],
        before: dict[str, list[FactRow]],
        final: dict[str, tuple[Draft, list[FactRow] | None]],
    ) -> None:
        me = self._source_id
        many(
            self._conn,
            """INSERT INTO records (source_id, record, revision, digest, owner, url) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, record) DO UPDATE SET revision = excluded.revision, digest = excluded.digest,
            owner = excluded.owner, url = excluded.url""",
            [(me, name, each.change.revision, each.digest, each.change.owner, each.change.url)
             for name, (each, _) in final.items()],
        )  # fmt: skip
        replaced = {name: (each, rows) for name, (each, rows) in final.items() if rows is not None}
        self._remove(before, stored, [name for name in replaced if name in stored])
        self._add(replaced)
        self._count(before, replaced)
        self._hear(before, replaced)
        self._compare(stored, before, replaced)

    def _add(self, replaced: dict[str, tuple[Draft, list[FactRow]]]) -> None:
        me, count = self._source_id, self._tally.add
        facts, deals = [], []
        for name, (each, rows) in replaced.items():
            owner = each.change.owner
            for row in rows:
                count(row, owner, 1)
                facts.append((me, name, *row))
            if each.deal is not None:
                deals.append((me, name, *each.deal))
        many(self._conn, _INSERT_FACT, facts)
        many(
            self._conn,
            """INSERT INTO open_deals (source_id, record, owner, created, title, stage, pipeline, amount, currency,
            next_activity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            deals,
        )
        self.merged.deals |= bool(deals)

    def _remove(self, before: dict[str, list[FactRow]], stored: dict[str, Stored], names: list[str]) -> None:
        """Take the facts and open deals of stored records out of the tables and the totals."""
        for name in names:
            for row in before.get(name, ()):
                self._tally.add(row, stored[name].owner, -1)
        alive = [(self._source_id, name) for name in names if stored[name].digest is not None]
        many(self._conn, "DELETE FROM facts WHERE source_id = ? AND record = ?", alive)
        many(self._conn, "DELETE FROM open_deals WHERE source_id = ? AND record = ?", alive)
        self.merged.deals |= bool(alive)

    def _count(self, before: dict[str, list[FactRow]], replaced: dict[str, tuple[Draft, list[FactRow]]]) -> None:
        for name, (_, rows) in replaced.items():
            old = before.get(name)
            if not old:
                self.merged.added += len(rows)
                continue
            was, now = Counter(row[N + 1 :] for row in old), Counter(row[N + 1 :] for row in rows)
            self.merged.added += (now - was).total()
            self.merged.removed += (was - now).total()

    def _hear(self, before: dict[str, list[FactRow]], replaced: dict[str, tuple[Draft, list[FactRow]]]) -> None:
        """Which deals have been won since their records came last."""
        for name, (each, rows) in replaced.items():
            win = self._win(name, rows, each.change.owner)
            if win is not None and not any(row[KIND] == "deal_won" for row in before.get(name, ())):
                self.merged.won.append(win)

    def _win(self, name: str, rows: Iterable[FactRow], owner: str | None) -> Won | None:
        """The last win of a record."""
        row = max((row for row in rows if row[KIND] == "deal_won"), key=itemgetter(AT), default=None)
        if row is None:
            return None
        rep = self._calendar.credited("deal_won", row[REP], owner)
        return Won(name, rep, row[AT], row[DAY], row[HOUR] is not None)

    def _compare(
        self,
        stored: dict[str, Stored],
        before: dict[str, list[FactRow]],
        replaced: dict[str, tuple[Draft, list[FactRow]]],
    ) -> None:
        """Which days that were over are told otherwise."""
        if self._journal is None:
            return
        for name, ((change, _, digest, _), rows) in replaced.items():
            owner = stored[name].owner if name in stored else None
            gone = digest is None
            self._journal.look(name, before.get(name, ()), owner, rows, change.owner, gone, change.changed_by)

    def _stored(self, names: Iterable[str]) -> dict[str, Stored]:
        # A first read meets an empty table: then nothing needs to be looked up.
        if query(self._conn, "SELECT 1 FROM records WHERE source_id = ? LIMIT 1", (self._source_id,)).first() is None:
            return {}
        sql = "SELECT record, revision, digest, owner FROM records WHERE source_id = ? AND record IN "
        return {name: Stored(*rest) for name, *rest in self._in_chunks(sql, names)}

    def _facts(self, names: Iterable[str]) -> dict[str, list[FactRow]]:
        sql = f"SELECT record, {FACT_COLUMNS} FROM facts WHERE source_id = ? AND record IN "  # noqa: S608 (constants)
        found: dict[str, list[FactRow]] = {}
        for name, *row in sorted(self._in_chunks(sql, names), key=lambda row: row[:2]):
            found.setdefault(name, []).append(tuple(row))
        return found

    def _family(self, census: Census) -> list[str]:
        """The records of a family that stand, with `since` those of which nothing lies before that instant."""
        sql = "SELECT record FROM records r WHERE source_id = ? AND substr(record, 1, ?) = ? AND digest IS NOT NULL"
        values: tuple[Any, ...] = (self._source_id, len(census.prefix), census.prefix)
        if census.since is not None:
            for table, at in (("facts", "at"), ("open_deals", "created")):
                sql += f""" AND NOT EXISTS (SELECT 1 FROM {table} f WHERE f.source_id = r.source_id
                    AND f.record = r.record AND f.{at} < ?)"""  # noqa: S608 (constants)
            values += (to_ms(census.since),) * 2
        return [row[0] for row in query(self._conn, sql, values).all()]

    def _in_chunks(self, sql: str, names: Iterable[str]) -> Iterator[Any]:
        wanted = list(names)
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            yield from query(self._conn, f"{sql}({', '.join('?' * len(chunk))})", (self._source_id, *chunk)).all()


def _may_replace(stored: Stored | None, drafts: list[Draft]) -> bool:
    """Whether a record that stands is about to say something else: then its facts are needed."""
    if stored is None or stored.digest is None:
        return False
    return any(each.change.revision >= stored.revision and each.digest != stored.digest for each in drafts)


def _mass_deletion(census: Census, vanished: int, judged: int) -> Problem:
    text = (
        f"{vanished} of {judged} records of the family {census.prefix} are missing from the CRM's list. That looks "
        "like a lost permission, so they were kept. Check what the connection may read."
    )
    return Problem(MASS_DELETION, census.prefix, text, vanished)

"""One walk over all streams: a first read of many requests, or a poll of one; each step is a batch to go on from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from domain.facts import Batch, Change, Problem
from sources import Ask, Site, SourceError, ThrottledError, TransientError
from sources._bitrix24 import book as books
from sources._bitrix24 import judge, photos, plan, probe
from sources._bitrix24.changes import Maker
from sources._bitrix24.details import Details
from sources._bitrix24.intake import Intake
from sources._bitrix24.judge import CORE, RestartError
from sources._bitrix24.options import Calls, Choice, DatetimeFilter
from sources._bitrix24.pages import Pages, Want, ask
from sources._bitrix24.portal import MOST_COMMANDS, Command, Portal, Reply, zone_of
from sources._bitrix24.roster import Lists, Roster
from sources._bitrix24.spill import Spill
from sources._bitrix24.state import Run, State
from sources._bitrix24.streams import (
    ACTIVITIES,
    DEALS,
    HISTORY,
    INVOICE_HISTORY,
    OLD_DEALS,
    OLD_PLANS,
    USERS,
    Stream,
    date_text,
    from_millis,
    leftovers,
    overlap,
    streams,
)
from sources._bitrix24.values import millis

LEAST_SECONDS = 3.0
_PHOTO_SECONDS = 15.0
_PATIENCE = 3
_NARROWEST = 10
# Where the portal's clock was set back, this far at most is read again.
_LONGEST_JUMP = timedelta(days=1)
# How late a request may have come through a full bucket and a few retries.
_SLACK = timedelta(minutes=1)
_SPILLED = (HISTORY, INVOICE_HISTORY, ACTIVITIES, OLD_PLANS)


class Walk:
    """Reads what changed. The state is moved on in place; every yielded batch carries it as its cursor."""

    def __init__(
        self,
        portal: Portal,
        state: State,
        choice: Choice,
        site: Site,
        spill: Spill,
        asked: Ask,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._portal, self._state, self._choice, self._site = portal, state, choice, site
        self._spill, self._asked, self._clock = spill, asked, clock
        self._roster = Roster(state, choice.reps, site.currency, site.folder)
        self._book = books.Book()
        self._seen: dict[str, dict[str, str]] = {}
        self._tired: ThrottledError | None = None
        self._failures = 0
        self._turn = 0

    def batches(self) -> Iterator[Batch]:
        """Go on until everything is read or the time is over. Raises SourceError; what was yielded stays."""
        begun_here = False
        while self._clock() + LEAST_SECONDS < self._asked.deadline:
            if self._state.run is None:
                self._begin()
                begun_here = True
            try:
                batch = self._step()
            except RestartError:
                self._state.run = None
                continue
            except (TransientError, ThrottledError) as error:
                self._narrow(error)
                # What the limits have learnt has to outlast the failure.
                yield self.batch(())
                raise
            yield batch
            if self._tired is not None:
                raise self._tired
            # A run that an earlier sync began tells of that time: a poll of now follows it.
            if self._state.run is None and self._state.complete and begun_here:
                return

    def batch(self, changes: Sequence[Change]) -> Batch:
        """A batch with the state as it is now."""
        state, run = self._state, self._state.run
        state.meter = self._portal.meter.kept(self._now_ms())
        state.bucket = [round(self._portal.session.bucket.level, 3), self._now_ms()]
        state.host = self._portal.moved
        done = sum(run.counts.values()) if run is not None and run.first else None
        total = max(done, sum(run.total.values())) if run is not None and done is not None else None
        return Batch(changes, state.dump(), state.as_of(), done=done, total=total)

    def known(self) -> dict[str, Stream]:
        """Every stream by its name."""
        return {stream.name: stream for stream in streams(self._choice, self._state.old_methods, self._telephony())}

    def filter_text(self, moment: datetime) -> str:
        """An instant as this portal takes it in a filter."""
        return date_text(moment, timezone(timedelta(seconds=self._state.offset)), self._naive())

    def _begin(self) -> None:
        state = self._state
        self._turn, self._seen = 0, {}
        state.run = Run(local=self._now_ms(), first=not state.read)
        state.run.last = {name: marks[0][1] for name, marks in state.marks.items() if marks}
        if state.run.first:
            self._spill.drop()

    def _step(self) -> Batch:
        state, run, now = self._state, self._run(), self._now_ms()
        known, due = self.known(), self._roster.due(now)
        if run.first:
            late = leftovers(tuple(known.values()), self.filter_text(self._first_instant()))
            known |= {stream.name: stream for stream in late}
        self._reread_what_was_lost(run)
        others = self._others(run, known, due)
        users = self._roster.wants() if due else {}
        room = MOST_COMMANDS - len(others) - sum(want.pages for want in users.values())
        wants = plan.wants(state, run, known, self._portal.meter, now, where=self._where, room=room, retry_off=due)
        self._turn += 1
        if not wants and not users and self._turn > 1:
            return self._outcome(run, known, (), Lists())
        reply, pages = ask(self._portal, {**users, **wants}, self._asked.deadline, others)
        self._note_clock(run, reply)
        self._judge(pages, reply, known, wants)
        if run.first and not self._book.deals:
            self._book = books.read(reply, self._choice.loss_reason_field)
        changes = self._take(run, known, reply, pages)
        # Last of all: what fails before leaves the state as it was.
        lists = self._roster.take(pages[USERS], reply, now, self._photos) if users else Lists()
        return self._outcome(run, known, changes, lists)

    def _take(self, run: Run, known: Mapping[str, Stream], reply: Reply, pages: Mapping[str, Pages]) -> list[Change]:
        maker = Maker(self._book, self._choice, self._portal.root, zone_of(reply.clock))
        reach = run.server - self._overlap_ms()
        intake = Intake(self._state, run, known, maker, not self._telephony(), reach, self._seen)
        if run.first:
            return intake.first(pages, self._spill)
        changes, maker = intake.poll(pages, lambda: Details(self._portal, known, maker, self._asked.deadline))
        self._book = maker.book
        return changes

    def _outcome(self, run: Run, known: Mapping[str, Stream], changes: Sequence[Change], lists: Lists) -> Batch:
        """The step's batch; where everything is read, the run is closed by it."""
        now = self._now_ms()
        waiting = [stream for name, stream in known.items() if name not in run.done and name not in self._state.off]
        resting = [stream for stream in waiting if not self._portal.meter.room(stream.method, now)]
        over = len(resting) == len(waiting) and not self._roster.due(now)
        if over and resting and run.first:
            # Nothing is left to be read for now; what was read is told first.
            until = min(self._portal.meter.rests_until(stream.method) for stream in resting)
            self._tired = ThrottledError(judge.resting(resting[0]).text, from_millis(until))
            over = False
        if over:
            self._close(run, known)
        made = replace(self.batch(changes), people=lists.people, groups=lists.groups, rates=lists.rates)
        if not over:
            return made
        missing = judge.missing(self._state, known, self._choice)
        return replace(made, missing=missing, problems=self._problems(resting))

    def _close(self, run: Run, known: Mapping[str, Stream]) -> None:
        """The run is over: from now on each stream that was read is complete up to the run's beginning."""
        state = self._state
        for name in run.done:
            if name in (OLD_PLANS, OLD_DEALS) or name not in known:
                continue
            if known[name].changed:
                state.since[name] = run.server - self._overlap_ms()
            else:
                state.marks[name] = self._marks(state.marks.get(name, []), run, run.last.get(name, 0))
            state.fresh[name] = run.local
        state.fresh = {name: at for name, at in state.fresh.items() if name not in state.off} or {"": run.local}
        state.seen = {} if run.first else self._seen
        state.complete, state.read, state.run = not run.first, True, None
        if run.first:
            self._spill.drop()

    def _marks(self, kept: list[list[int]], run: Run, last: int) -> list[list[int]]:
        """The ids reached by each run of the last minutes; the oldest one is where the next run begins.

        A row may become visible after one with a higher id, so the last two minutes are always read again.
        """
        marks = [*kept, [run.local, last]]
        while len(marks) > 1 and marks[1][0] <= run.local - self._overlap_ms():
            marks.pop(0)
        return marks

    def _judge(
        self, pages: Mapping[str, Pages], reply: Reply, known: Mapping[str, Stream], wants: Mapping[str, Want]
    ) -> None:
        """What failures and probes teach, before any row is believed. Raises RestartError, SourceError."""
        state, run, broken = self._state, self._run(), False
        naive = probe.verdict(reply, known[DEALS])
        if naive is not None and naive != state.naive:
            state.naive = naive
            if naive:
                raise RestartError
        for name in wants:
            failure = pages[name].failure
            if failure is not None:
                broken |= judge.refused(name, failure, known[name], state, run, self._choice)
                continue
            self._doubt(known[name], pages[name])
            if state.off.pop(name, None) is not None and name in CORE and not run.first:
                judge.forget(state)
                raise RestartError
        self._failures += broken
        if self._failures >= _PATIENCE:
            raise TransientError("The portal answers, and cannot complete some of its lists.")

    def _doubt(self, stream: Stream, page: Pages) -> None:
        """Rows from before the asked time show that the portal does not take the date as we wrote it."""
        state = self._state
        since = state.since.get(stream.name)
        if self._choice.datetime_filter is not DatetimeFilter.AUTO or state.naive or not since or not stream.changed:
            return
        maker = Maker(self._book, self._choice, "")
        if any(0 < millis(maker.moment(stream.changed_of(row))) < since - 1000 for row in page.rows):
            state.naive = True
            raise RestartError

    def _note_clock(self, run: Run, reply: Reply) -> None:
        state = self._state
        state.offset = int((reply.clock.utcoffset() or timedelta()).total_seconds())
        if run.server:
            return
        run.server = millis(reply.clock)
        if not state.complete:
            return
        slack = int(_SLACK / timedelta(milliseconds=1))
        late = {name: at for name, at in self._due_marks(run).items() if state.since[name] > at + slack}
        if late:
            # The portal's clock was set back: what changed since then bears times that lie before our mark.
            state.since.update(late)
            raise RestartError

    def _due_marks(self, run: Run) -> dict[str, int]:
        """Where each stream should have been read up to, by how long ago that was on our own clock."""
        longest = int(_LONGEST_JUMP / timedelta(milliseconds=1))
        waited = {name: run.local - self._state.fresh.get(name, run.local) for name in self._state.since}
        return {name: run.server - min(max(0, span), longest) - self._overlap_ms() for name, span in waited.items()}

    def _reread_what_was_lost(self, run: Run) -> None:
        """Where the kept histories and plans are not here (another machine, a lost file), they are read again."""
        if not run.first or all(self._spill.reaches(name, run.local, run.last.get(name, 0)) for name in _SPILLED):
            return
        for name in _SPILLED:
            run.last.pop(name, None)
            run.counts.pop(name, None)
        run.done = [name for name in run.done if name not in _SPILLED]

    def _others(self, run: Run, known: Mapping[str, Stream], due: bool) -> dict[str, Command]:
        found = {"now": Command("server.time")}
        if run.first and not self._book.deals:
            found |= books.commands(self._choice.loss_reason_field, self._state.old_methods)
        if due:
            found |= self._roster.commands()
        if run.first and not run.server and self._choice.datetime_filter is DatetimeFilter.AUTO:
            found |= probe.commands(known[DEALS])
        return found

    def _where(self, stream: Stream) -> Mapping[str, Any]:
        """What limits a stream besides the id: the time of change, or the first day."""
        if stream.changed:
            since = self._state.since.get(stream.name)
            moment = from_millis(since) if since and not self._run().first else self._first_instant()
            return {f">={stream.changed}": self.filter_text(moment)}
        return {f">={stream.born}": self.filter_text(self._first_instant())} if stream.born else {}

    def _telephony(self) -> bool:
        return Calls.ACTIVITIES not in (self._choice.calls, self._state.calls)

    def _first_instant(self) -> datetime:
        return datetime.fromisoformat(self._state.first_day).replace(tzinfo=ZoneInfo(self._site.timezone))

    def _naive(self) -> bool:
        wanted = self._choice.datetime_filter
        return wanted is DatetimeFilter.SERVER_NAIVE or (wanted is DatetimeFilter.AUTO and bool(self._state.naive))

    def _overlap_ms(self) -> int:
        return int(overlap(self._naive()) / timedelta(milliseconds=1))

    def _problems(self, resting: Sequence[Stream]) -> list[Problem]:
        found = [judge.resting(stream) for stream in resting]
        if self._roster.problem is not None:
            found.append(self._roster.problem)
        if self._portal.moved:
            text = f"The portal was renamed to {self._portal.moved}. Enter its new address in the connection."
            found.append(Problem("renamed", self._portal.moved, text))
        return found

    def _narrow(self, error: SourceError) -> None:
        """After a failure in the middle of a first read: ask for less at once the next time."""
        run = self._state.run
        if isinstance(error, TransientError) and run is not None and run.first and run.server:
            self._state.width = max(_NARROWEST, self._state.width // 2)

    def _photos(self, wanted: Mapping[str, str]) -> None:
        """Not in a first read: the numbers come first."""
        if not self._run().first:
            until = min(self._asked.deadline, self._clock() + _PHOTO_SECONDS)
            photos.fetch(self._portal.session, wanted, self._site.folder, until, self._clock)

    def _run(self) -> Run:
        if self._state.run is None:
            raise TransientError("No run is under way.")
        return self._state.run

    def _now_ms(self) -> int:
        return millis(self._site.clock())

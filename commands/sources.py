"""`sources`: connections to CRMs and spreadsheets; `sync`: read them now."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime

import click

import sources as kinds
from commands.shared import WHO, house, plainly, read_options
from domain.board import SourceHealth
from domain.connections import TOLD
from jobs.connections import Connections
from jobs.house import House
from jobs.poll import Report, Watch, poll
from jobs.roster import settle_demo
from storage import db as store
from storage import sources as connections

_LOCK_PATIENCE_S = 150.0
_TELL_EVERY_S = 2.0


@click.group()
def sources() -> None:
    """Connections to CRMs and spreadsheets."""


@sources.command("add")
@click.argument("kind")
@click.argument("name")
@click.argument("options", nargs=-1, metavar="key=value …")
@plainly
def add(kind: str, name: str, options: tuple[str, ...]) -> None:
    """Connect a source. Secrets may come from a file (key=@FILE) or standard input (key=-)."""
    given = read_options(options, lambda: sys.stdin.read())
    kinds.prepare(kind, given)
    here = house()
    desk = Connections(here)
    desk.add(name, kind, given, WHO)
    if kind in TOLD:
        click.echo(f"Added {name} ({kind}). Send facts to this address; it is shown this once, and is a password:")
        click.echo(_new_address(here, name))
        return
    click.echo(f"Added {name} ({kind}). Look at it: python app.py sources test {name}")


@sources.command("list")
@plainly
def list_all() -> None:
    """Every connection and how it is doing."""
    with store.read(house().db) as conn:
        for row in connections.every(conn):
            never = "nothing sent yet" if row.kind in TOLD else "not read yet"
            as_of = row.as_of.isoformat(timespec="seconds") if row.as_of else never
            state = row.health if row.enabled or row.health is SourceHealth.CLOSED else "paused"
            click.echo("\t".join((row.name, row.kind, state, as_of, row.problem or "")))


@sources.command()
@click.argument("name")
@plainly
def test(name: str) -> None:
    """Look at what a connection finds; nothing is stored."""
    findings = Connections(house()).check(name)
    for finding in findings:
        click.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what}: {finding.found}")
    if not all(finding.good for finding in findings):
        raise click.exceptions.Exit(1)


@sources.command()
@click.argument("name")
@plainly
def address(name: str) -> None:
    """A new address that the CRM calls, or that facts are sent to; the one before holds no longer."""
    made = _new_address(house(), name)
    click.echo(f"The address of {name}; it is shown this once, and is a password. The one before holds no longer:")
    click.echo(made)


@sources.command()
@click.argument("name")
@plainly
def pause(name: str) -> None:
    """Read a source no longer, until it is resumed; its numbers stay, as old as the pause."""
    Connections(house()).enable(name, False, WHO)
    click.echo(f"Paused {name}. Go on: python app.py sources resume {name}")


@sources.command()
@click.argument("name")
@plainly
def resume(name: str) -> None:
    """Read a paused source again."""
    Connections(house()).enable(name, True, WHO)
    click.echo(f"{name} goes on.")


@sources.command()
@click.argument("name")
@click.option("--keep-facts", is_flag=True, help="Keep its numbers; forget its access to the CRM.")
@plainly
def remove(name: str, keep_facts: bool) -> None:
    """Disconnect a source and forget everything that it said, or only how it is read."""
    if keep_facts:
        Connections(house()).close(name, WHO)
        click.echo(f"Closed {name}. Its numbers stay.")
        return
    Connections(house()).remove(name, WHO)
    click.echo(f"Removed {name} with all of its facts.")


@click.command()
@click.argument("name", required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Read again from this day on.")
@click.option("--full", is_flag=True, help="Read everything again.")
@plainly
def sync(name: str | None, since: datetime | None, full: bool) -> None:
    """Read one source, or all, now; one JSON object a source."""
    here = house()
    if name is None:
        settle_demo(here)
    with store.read(here.db) as conn:
        asked = [row.name for row in connections.every(conn) if row.enabled and row.kind not in TOLD]
    names = [name] if name else asked
    reports = [_whole(here, each, since, full) for each in names]
    if not all(report.ok for report in reports):
        raise click.exceptions.Exit(1)


def _new_address(here: House, name: str) -> str:
    return f"http://{here.config.host}:{here.config.port}/api/v1/hooks/{Connections(here).new_hook(name, WHO)}"


def _whole(here: House, name: str, since: datetime | None, full: bool) -> Report:
    """One source, until its first read is through."""
    watch = Progress(name)
    whole = report = _patiently(here, name, since, full, watch)
    while report.unfinished:
        report = _patiently(here, name, None, False, watch)
        whole.add(report)
    click.echo(json.dumps(whole.json(), ensure_ascii=False))
    return whole


class Progress:
    """Tells on standard error how far a first read is, at most every other second."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._clock, self._told = name, clock, clock()
        self._began: tuple[float, int] | None = None

    def __call__(self, report: Report) -> None:
        now = self._clock()
        if report.as_of is not None or report.done is None:
            return
        self._began = self._began or (now, report.done)
        if now - self._told >= _TELL_EVERY_S:
            self._told = now
            total = "?" if report.total is None else f"{report.total:,}"
            line = f"{self._name}: {report.done:,} of {total} records, {report.requests} requests"
            click.echo(line + self._left(report, now, *self._began), err=True)

    def _left(self, report: Report, now: float, began: float, first: int) -> str:
        """About how long it will take, by what was measured so far."""
        done, total = report.done or 0, report.total
        if total is None or done <= first:
            return ""
        seconds = (total - done) * (now - began) / (done - first)
        return f", about {round(seconds / 60)} min left" if seconds >= 90 else f", about {seconds:.0f} s left"


def _patiently(here: House, name: str, since: datetime | None, full: bool, watch: Watch) -> Report:
    """Wait while the poller is at the same source."""
    until = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        report = poll(here, name, since.date() if since else None, full, wished=True, watch=watch)
        if report is not None:
            return report
        if time.monotonic() > until:
            raise store.StoreError(f"The poller has been reading {name} for minutes; try again later.")
        time.sleep(0.5)

"""Spreadsheets: CSV, TSV and XLSX files in a folder or at an https address, read again when they change."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

from domain.facts import Batch
from sources import Ask, Finding, Option, OptionError, SchemaError, Site
from sources._sheets.mapping import Manner, Rule, checked_manner, read_mapping
from sources._sheets.people import People, people_of
from sources._sheets.places import BusyError, Item, local_items, new_session, web_item
from sources._sheets.plans import Plan, Planned
from sources._sheets.reading import open_table, read_reps_table
from sources._sheets.shapes import KINDS, REPS
from sources._sheets.state import load
from sources._sheets.sync import NO_TABLES, Sync
from sources._sheets.tables import TableError

LABEL = "Spreadsheets (CSV, XLSX)"
OPTIONS = (
    Option("path", "A folder, a file, or the https address of one CSV or XLSX file.", required=True),
    Option("mapping", "The mapping file, where it does not lie beside the data as mapping.toml.", default=""),
    Option("holds", f"What a single file holds, if its name does not say so: {', '.join(KINDS)}.", default=""),
    Option("sheet", "The sheet of a workbook that is named for what it holds; the first one if empty.", default=""),
    Option("date_order", "How 3/4/2026 is read: auto (by the column), dmy, mdy, or iso.", default="auto"),
    Option("decimal", "The decimal mark of numbers: auto (by the column), point, or comma.", default="auto"),
    Option("encoding", "The encoding of text files: auto, utf-8, utf-16, windows-1251 and so on.", default="auto"),
    Option("delimiter", "What stands between the cells of text files; found out if empty.", default=""),
    Option("timezone", "The IANA zone of times in the files; the office's if empty.", default=""),
    Option("currency", "The currency of amounts that name none; the office's if empty.", default=""),
    Option("redirect_hosts", "Hosts, with commas, that an https address may send us on to.", default=""),
)
# Grows when the same files would be read differently, so that an update reads them again.
_READER = 1
_MAPPING = "mapping.toml"
_CHECK_SECONDS = 60.0


class FilesSource:
    """The tables at one path. What it remembers between two polls is in the cursor."""

    def __init__(self, options: Mapping[str, str], site: Site) -> None:
        self._path = options["path"].strip()
        self._options = dict(options)
        self._site = site
        self._web = _is_address(self._path)
        self._manner = _manner(options, site)
        self._session = new_session(self._path, site.clock, site.allow_local) if self._web else None

    def __repr__(self) -> str:
        # An address may be the key to its file.
        return f"FilesSource({self._site.name!r})"

    @property
    def requests(self) -> int:
        """HTTP requests so far."""
        return self._session.requests if self._session else 0

    def check(self) -> list[Finding]:
        """Read everything once and say table by table what was found. Raises SourceError."""
        ask = Ask(self._site.clock(), self._site.clock().date(), time.monotonic() + _CHECK_SECONDS)
        plan = self._plan()
        findings: list[Finding] = []
        tables: list[Planned] = []
        for item in self._items(plan, ask):
            try:
                found = plan.tables(item.name, item.load(None).data or b"")
            except (TableError, BusyError) as error:
                findings.append(Finding(item.name, str(error) or "it is being written now", good=False))
                continue
            tables += found
            if not found:
                findings.append(Finding(item.name, plan.unknown(item.name).text, good=False))
        if not findings and not tables:
            raise SchemaError(NO_TABLES)
        return findings + _look(tables)

    def sync(self, cursor: str | None, ask: Ask) -> Iterator[Batch]:
        """Whatever files changed, whole; each with the list of its records. `ask.since` does not narrow a file."""
        plan = self._plan()
        return Sync(plan, self._items(plan, ask), load(cursor), self._setup(plan), ask).run()

    def _plan(self) -> Plan:
        holds, sheet = self._options["holds"] or None, self._options["sheet"] or None
        return Plan(self._rules(), self._manner, holds, sheet)

    def _rules(self) -> tuple[Rule, ...]:
        given = self._options["mapping"]
        if given:
            return read_mapping(Path(given).expanduser(), self._manner)
        if self._web:
            return ()
        path = Path(self._path).expanduser()
        beside = (path if path.is_dir() else path.parent) / _MAPPING
        return read_mapping(beside, self._manner) if beside.is_file() else ()

    def _items(self, plan: Plan, ask: Ask) -> list[Item]:
        if self._session is None:
            return local_items(Path(self._path).expanduser(), plan.wants, ask.now)
        hosts = self._options["redirect_hosts"].split(",")
        return [web_item(self._path, self._session, hosts, ask.deadline, ask.now)]

    def _setup(self, plan: Plan) -> str:
        """A digest of everything but the files that decides what is read."""
        parts = json.dumps([_READER, self._options, repr(plan)], sort_keys=True)
        return blake2b(parts.encode(), digest_size=12).hexdigest()


def connect(options: Mapping[str, str], site: Site) -> FilesSource:
    """A source for these options (defaults filled in). Raises OptionError."""
    address = options["path"].strip()
    if _is_address(address):
        parts = urlsplit(address)
        if parts.scheme != "https" and not site.allow_local:
            raise OptionError("path is an http address. Use https.")
        if not parts.hostname or parts.username is not None or parts.password is not None:
            raise OptionError("path is no address that can be asked. It looks like https://name.example/calls.csv.")
    if options["holds"] and options["holds"] not in KINDS:
        raise OptionError(f"holds is {options['holds']!r}. Use one of: {', '.join(KINDS)}.")
    return FilesSource(options, site)


def _is_address(path: str) -> bool:
    return path.lower().startswith(("https://", "http://"))


def _manner(options: Mapping[str, str], site: Site) -> Manner:
    base = Manner(site.timezone, site.currency)
    names = ("date_order", "decimal", "encoding", "delimiter", "timezone", "currency")
    return checked_manner(base, {name: options[name] for name in names if options[name]}, "options")


def _look(tables: list[Planned]) -> list[Finding]:
    """What each table holds, read to its end; nothing is stored."""
    states = [read_reps_table(table, None) for table in tables if table.rule.kind == REPS]
    listed = [person for state in states for person in state.people]
    people = people_of(listed if states else None)
    return [_finding(table, people) for table in tables]


def _finding(table: Planned, people: People) -> Finding:
    try:
        opened = open_table(table, people)
        opened.read_out()
    except TableError as error:
        return Finding(table.family, str(error), good=False)
    columns = ", ".join(f"{name} ← {column.heading}" for name, column in opened.sheet.columns.items())
    unused = f"; not used: {', '.join(opened.sheet.unused)}" if opened.sheet.unused else ""
    problems = opened.complaints.problems()
    trouble = f"; {problems[0].where}: {problems[0].text}" if problems else ""
    counted = f"{opened.complaints.taken:,} of {opened.sheet.count:,} rows of {opened.kind}"
    return Finding(table.family, f"{counted} ({columns}{unused}){trouble}", good=not problems)

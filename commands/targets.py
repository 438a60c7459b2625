"""`targets import` and `targets export`: plans as a table, CSV or XLSX, all or nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import click
import openpyxl

from commands.shared import WHO, house, plainly
from domain.cells import harmless
from domain.facts import PlannedTarget
from domain.settings import PeriodKind
from domain.target_rows import COLUMNS, Mistake, Office, read_rows, write_rows
from domain.targets import Target
from jobs.house import House
from sources._sheets.book import is_book, read_sheet, sheet_names
from sources._sheets.tables import Table, TableError
from sources._sheets.text import read_text
from storage import db as store
from storage import people
from storage import targets as plans

_FILE = click.Path(dir_okay=False, path_type=Path)
_LISTED = 50


@click.group()
def targets() -> None:
    """Plans as a table."""


@targets.command("import")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change and store nothing.")
@plainly
def import_file(file: Path, dry_run: bool) -> None:
    """Record the targets of FILE: all of them, or none and a list of what to mend."""
    here = house()
    wanted, mistakes = _read(here, file)
    if mistakes:
        _refuse(mistakes)
    with store.write(here.db) as conn:
        standing = {_place(each.target): each.target.value for each in plans.current(conn)}
        rows = [_row(each) for each in wanted]
        news = [row for row in rows if _place(row) not in standing or standing[_place(row)] != row.value]
        if not dry_run:
            plans.add(conn, news, WHO, here.clock(), f"import of {file.name}")
    done = "would change" if dry_run else "changed"
    click.echo(f"{len(news)} of {len(rows)} targets {done}; the rest stand as they are.")


@targets.command("export")
@click.argument("file", type=_FILE)
@plainly
def export_file(file: Path) -> None:
    """Write every target that stands to FILE (.csv or .xlsx), as `import` reads it."""
    here = house()
    with store.read(here.db) as conn:
        latest = {_place(each.target): each.target for each in plans.current(conn)}
        names = {member.key: member.name for member in people.everybody(conn)}
        names |= {team.key: team.name for team in people.teams(conn)}
    rows = [
        PlannedTarget(each.metric, each.scope, each.scope_key or None, each.period, each.value, each.since, each.until)
        for each in latest.values()
        if each.value is not None
    ]
    _write(file, write_rows(rows, names))
    click.echo(f"Wrote {len(rows)} targets to {file}.")


def _read(here: House, file: Path) -> tuple[list[PlannedTarget], list[Mistake]]:
    try:
        table = _table(file.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read ({error.strerror}).") from None
    except TableError as error:
        raise click.ClickException(f"{file}: {error}.") from None
    office = here.settings()
    with store.read(here.db) as conn:
        known = Office(people.reps(conn), people.teams(conn), office.week_start, office.year_start)
    broken: list[Mistake] = []
    wanted, mistakes = read_rows(
        table.header, table.rows(lambda number, text: broken.append(Mistake(number, "(all)", text))), known
    )
    return wanted, broken + mistakes


def _table(data: bytes) -> Table:
    if is_book(data):
        return read_sheet(data, sheet_names(data)[0], None)
    return read_text(data, "auto", None, None, lambda heading: heading.strip().lower() in COLUMNS)


def _refuse(mistakes: list[Mistake]) -> None:
    for mistake in mistakes[:_LISTED]:
        click.echo(str(mistake), err=True)
    if len(mistakes) > _LISTED:
        click.echo(f"… and {len(mistakes) - _LISTED} more.", err=True)
    raise click.ClickException(f"{len(mistakes)} cells cannot be taken, so nothing was stored.")


def _row(planned: PlannedTarget) -> plans.NewTarget:
    return plans.NewTarget(
        planned.metric,
        planned.scope,
        planned.scope_id or "",
        PeriodKind(planned.period),
        planned.value,
        planned.since,
        planned.until,
    )


def _place(row: plans.NewTarget | Target) -> tuple[object, ...]:
    return row.metric, row.scope, row.scope_key, row.period, row.since, row.until


def _write(file: Path, rows: list[list[object]]) -> None:
    if file.suffix.lower() == ".xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("targets")
        for row in rows:
            sheet.append([harmless(cell) for cell in row])
        book.save(file)
        return
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)

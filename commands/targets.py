"""`targets import` and `targets export`: plans as a table, CSV or XLSX, all or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from callbacks.settings.target_import import headings, known_words, read_table
from commands.shared import WHO, house, plainly
from domain.sheets import SheetError
from domain.target_import import Step, in_effect, news, plan
from domain.target_rows import Mistake, Office, write_rows
from domain.targets import Target
from domain.worktime import today
from jobs.house import House
from jobs.sheets import Sheets
from layouts import mistakes as said
from layouts.text import Text
from storage import db as store
from storage import people
from storage import targets as plans

_FILE = click.Path(dir_okay=False, path_type=Path)
_LISTED = 50
_ENGLISH = Text("en")


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
        steps = _steps(here, wanted, [row.target for row in plans.current(conn)])
        rows = [_row(step.target) for step in news(steps)]
        if not dry_run:
            plans.add(conn, rows, WHO, here.clock(), f"import of {file.name}")
    done = "would change" if dry_run else "changed"
    click.echo(f"{len(rows)} of {len(steps)} targets {done}; the rest stand as they are.")


@targets.command("export")
@click.argument("file", type=_FILE)
@plainly
def export_file(file: Path) -> None:
    """Write every target that stands to FILE (.csv or .xlsx), as `import` reads it."""
    here = house()
    office = here.settings()
    with store.read(here.db) as conn:
        stored = [row.target for row in plans.current(conn)]
        names = {member.key: member.name for member in people.everybody(conn)}
        names |= {team.key: team.name for team in people.teams(conn)}
    rows = in_effect(stored, office.week_start, office.year_start)
    table = write_rows(rows, names)
    is_book = file.suffix.lower() == ".xlsx"
    file.write_bytes(Sheets().book("targets", table) if is_book else Sheets().csv(table))
    click.echo(f"Wrote {len(rows)} targets to {file}.")


def _read(here: House, file: Path) -> tuple[list[Target], list[Mistake]]:
    try:
        table = Sheets().read(file.read_bytes(), headings())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read ({error.strerror}).") from None
    except SheetError as error:
        raise click.ClickException(f"{file}: {error}.") from None
    office = here.settings()
    with store.read(here.db) as conn:
        known = Office(people.reps(conn), people.teams(conn), office.week_start, office.year_start, words=known_words())
    return read_table(table, known)


def _steps(here: House, wanted: list[Target], stored: list[Target]) -> list[Step]:
    office = here.settings()
    return plan(wanted, stored, today(office.timezone, here.clock()), office.week_start, office.year_start)


def _refuse(mistakes: list[Mistake]) -> None:
    for mistake in mistakes[:_LISTED]:
        click.echo(said.line(_ENGLISH, mistake), err=True)
    if len(mistakes) > _LISTED:
        click.echo(f"… and {len(mistakes) - _LISTED} more.", err=True)
    raise click.ClickException(f"{len(mistakes)} cells cannot be taken, so nothing was stored.")


def _row(target: Target) -> plans.NewTarget:
    return plans.NewTarget(
        target.metric, target.scope, target.scope_key, target.period, target.value, target.since, target.until
    )

"""`board`: what the wall shows, as JSON."""

from __future__ import annotations

import json

import click

from commands.shared import house, plainly
from deps import open_deps
from domain.settings import PeriodKind
from routes.api import BadRequestError, read_board


@click.command()
@click.option("--period", type=click.Choice([kind.value for kind in PeriodKind]), default="day", show_default=True)
@click.option("--date", "day", help="A day of the wanted period, like 2026-11-20; today if left out.")
@click.option("--team", help="Only this team: its name or key.")
@plainly
def board(period: str, day: str | None, team: str | None) -> None:
    """The board as JSON, the same as GET /api/v1/board."""
    try:
        found = read_board(open_deps(house()), period, day, team)
    except BadRequestError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))

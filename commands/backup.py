"""`backup`, `restore`, `verify`: the whole store in one file, on either engine."""

from __future__ import annotations

from pathlib import Path

import click

from commands.shared import house, plainly
from config import from_environment
from storage import backup as copies

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@plainly
def backup(file: Path) -> None:
    """Write the whole store to FILE while Tablo runs."""
    copies.backup(house().db, file)
    click.echo(f"Wrote {file}. Keep the secret key file with it, in another place.")


@click.command()
@click.argument("file", type=_FILE)
@plainly
def restore(file: Path) -> None:
    """Put the store of FILE in place of the present one. Stop Tablo first."""
    copies.restore(from_environment().database_url, file)
    click.echo(f"Restored {file}.")


@click.command()
@click.argument("file", type=_FILE)
@plainly
def verify(file: Path) -> None:
    """Look whether FILE is a whole, undamaged backup."""
    click.echo(copies.verify(file))

"""`secrets`: the key under which credentials are kept."""

from __future__ import annotations

import click

from commands.shared import WHO, house, plainly
from storage import resealing


@click.group("secrets")
def keys() -> None:
    """The key under which credentials are kept."""


@keys.command()
@plainly
def rotate() -> None:
    """Make a new key and seal everything anew with it, while Tablo runs; the older key opens nothing more."""
    here = house()
    count = resealing.rotate(here.db, here.config.secret_key_file, WHO, here.clock)
    click.echo(f"A new key in {here.config.secret_key_file}; sealed anew with it: {count}.")
    click.echo("A backup from before needs the key of its time: keep a copy of that one with it, or make a new backup.")

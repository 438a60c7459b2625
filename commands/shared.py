"""What every command needs: the house, opened once, and errors that end with a sentence and an exit code of 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from config import ConfigError, from_environment
from domain.connections import RefusedError
from jobs.house import House, open_house
from sources import SourceError
from storage.db import StoreError

WHO = "command line"
P = ParamSpec("P")
R = TypeVar("R")


def house() -> House:
    """The house of this process's environment. Raises ClickException with the sentence that says what is wrong."""
    try:
        return open_house(from_environment())
    except (ConfigError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Show the errors that a person can mend as one sentence; anything else is a fault of ours and keeps its trace."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (SourceError, StoreError, RefusedError) as error:
            raise click.ClickException(str(error)) from None

    return run


def read_options(pairs: tuple[str, ...], secret_input: Callable[[], str]) -> Mapping[str, str]:
    """`key=value` pairs; `key=@FILE` reads a file, `key=-` standard input, so that no secret stands in the history."""
    options: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise click.ClickException(f"{key!r} is not of the form key=value.")
        if value == "-":
            value = secret_input().strip()
        elif value.startswith("@"):
            value = _file(value[1:], key)
        options[key] = value
    return options


def _file(path: str, key: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{key}=@{path}: the file cannot be read ({error.__class__.__name__}).") from None

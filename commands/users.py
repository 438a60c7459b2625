"""`users`: logins of the settings pages; `tokens`: keys for `/api/v1`."""

from __future__ import annotations

import sys
from collections.abc import Collection

import click
from sqlalchemy import Connection

from commands.shared import WHO, house, plainly
from storage import db as store
from storage import people, second_step
from storage import tokens as bearer
from storage import users as logins


@click.group()
def users() -> None:
    """Logins of the settings pages."""


@users.command("add")
@click.argument("login")
@click.option("--role", type=click.Choice(["admin", "team_lead"]), required=True)
@click.option("--team", "teams", multiple=True, help="A team that the login answers for; without any it is all.")
@plainly
def add(login: str, role: str, teams: tuple[str, ...]) -> None:
    """Make a login; the password is asked for, or read from standard input."""
    here = house()
    with store.write(here.db) as conn:
        logins.add(conn, login, _password(), role, WHO, here.clock(), teams=_known(conn, teams))
    click.echo(f"Added {login} ({role}).")


@users.command("list")
@plainly
def list_all() -> None:
    """Every login, its role, and its teams where they are not all."""
    with store.read(house().db) as conn:
        for user in logins.every(conn):
            click.echo("\t".join((user.login, user.role, *sorted(user.teams or ()))))


@users.command()
@click.argument("login")
@plainly
def remove(login: str) -> None:
    """Take a login away; its sessions end."""
    here = house()
    with store.write(here.db) as conn:
        logins.remove(conn, login, WHO, here.clock())
    click.echo(f"Removed {login}.")


@users.command()
@click.argument("login")
@plainly
def password(login: str) -> None:
    """Set a new password; the login's sessions end."""
    here = house()
    with store.write(here.db) as conn:
        logins.set_password(conn, login, _password(), WHO, here.clock())
    click.echo(f"The password of {login} is changed.")


@users.command("totp-off")
@click.argument("login")
@plainly
def totp_off(login: str) -> None:
    """Ask a login for no more codes of a phone, which was lost."""
    here = house()
    with store.write(here.db) as conn:
        second_step.turn_off(conn, login, WHO, here.clock())
    click.echo(f"{login} logs in by the password alone.")


@click.group()
def tokens() -> None:
    """Keys for /api/v1."""


@tokens.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice(["read"]), default="read", show_default=True)
@plainly
def add_token(name: str, scope: str) -> None:
    """Make a token and print it; it cannot be shown again."""
    here = house()
    with store.write(here.db) as conn:
        value = bearer.add(conn, name, scope, WHO, here.clock())
    click.echo(value)


@tokens.command("list")
@plainly
def list_tokens() -> None:
    """Every token: name, scope, whether it stands, last use."""
    with store.read(house().db) as conn:
        for token in bearer.every(conn):
            used = token.last_used_at.isoformat(timespec="minutes") if token.last_used_at else "never used"
            click.echo("\t".join((token.name, token.scope, "revoked" if token.revoked_at else "valid", used)))


@tokens.command()
@click.argument("name")
@plainly
def revoke(name: str) -> None:
    """End a token at once."""
    here = house()
    with store.write(here.db) as conn:
        bearer.revoke(conn, name, WHO, here.clock())
    click.echo(f"Revoked {name}.")


def _known(conn: Connection, teams: Collection[str]) -> Collection[str] | None:
    known = [team.key for team in people.teams(conn)]
    wrong = [key for key in teams if key not in known]
    if wrong:
        raise store.StoreError(f"There is no team {wrong[0]!r}. Teams: {', '.join(known)}.")
    return teams or None


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")

"""Tablo: the web server with the wall and the settings, the poller beside it, and the command line."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
from dataclasses import replace
from typing import NoReturn

import click
import waitress
from flask import Flask

import logs
from callbacks import desk as pages
from commands.backup import backup, restore, verify
from commands.board import board
from commands.secrets import keys
from commands.shared import house
from commands.sources import sources, sync
from commands.targets import targets
from commands.users import tokens, users
from config import Config
from deps import Deps, open_deps
from jobs.house import House
from jobs.supervisor import Supervisor
from routes import (
    api,
    auth,
    celebration,
    connect,
    desk,
    door,
    events,
    fonts,
    guard,
    health,
    hooks,
    invited,
    me,
    pairing,
    phone_files,
    photos,
    pulse,
    second_step,
    sounds,
    trouble,
    wall,
)
from storage import db as store
from storage import users as logins

# For requests; every open line to a screen keeps a thread more, and a screen has a second connection beside it.
_THREADS = 16
_CONNECTIONS = 2 * pulse.MOST_LINES + 600
# More than the guard lets through anywhere: what is larger is not even received.
_MOST_BYTES = 4 * 1024 * 1024
# A screen that was switched off is given up after so long without an answer to what was sent (ms).
_GONE_AFTER = 20_000
_FIRST_LOGIN = "lead"


def create_app(deps: Deps) -> Flask:
    """The web server: everything is refused unless the guard's table lets it through."""
    server = Flask("tablo", static_folder=None)
    for part in (
        guard,
        auth,
        second_step,
        invited,
        pairing,
        trouble,
        health,
        api,
        hooks,
        connect,
        photos,
        sounds,
        celebration,
        fonts,
        wall,
        door,
        me,
        phone_files,
    ):
        part.register(server, deps)
    pages.register(desk.register(server, deps), deps)
    return server


@click.group(invoke_without_command=True)
@click.option("--host", help="Address to listen on (TABLO_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (TABLO_PORT).")
@click.option("--no-poller", is_flag=True, help="Serve only; the poller runs elsewhere (python -m jobs).")
@click.pass_context
def main(context: click.Context, host: str | None, port: int | None, no_poller: bool) -> None:
    """A live sales-floor display. Without a command: serve the wall and the settings, and poll the sources."""
    if context.invoked_subcommand is None:
        here = house()
        config = replace(here.config, host=host or here.config.host, port=port or here.config.port)
        serve(replace(here, config=config), no_poller)


for command in (sources, sync, board, targets, users, tokens, keys, backup, restore, verify):
    main.add_command(command)


def serve(here: House, no_poller: bool) -> None:
    """Run until Ctrl-C or SIGTERM. Ends with a sentence when the database is damaged or the address is taken."""
    logs.start(here.config.log_format)
    _look_for_damage(here)
    deps = open_deps(here)
    server = create_app(deps)
    listener = _listen(server, here.config)
    poller = None if no_poller else Supervisor(lambda: health.beat_age(deps), _poller_command())
    _welcome(here)
    fonts.begin(deps)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _leave(server))
    if poller:
        poller.start()
    try:
        listener.run()
    finally:
        listener.close()
        if poller:
            poller.stop()


def _look_for_damage(here: House) -> None:
    try:
        store.check(here.db)
    except store.StoreError as error:
        raise click.ClickException(str(error)) from None


def _listen(server: Flask, config: Config) -> waitress.server.BaseWSGIServer:
    try:
        listener = waitress.create_server(
            server,
            host=config.host,
            port=config.port,
            threads=_THREADS + pulse.MOST_LINES,
            connection_limit=_CONNECTIONS,
            max_request_body_size=_MOST_BYTES,
            asyncore_use_poll=True,
            ident=None,
        )
        # Waitress has no argument for it, and takes it from there for every connection.
        listener.adj.socket_options = _socket_options()
        return listener
    except OSError as error:
        raise click.ClickException(
            f"Nothing can listen on {config.host}:{config.port} ({error.strerror}). Another Tablo may be running; "
            "choose another port with --port."
        ) from None


def _socket_options() -> list[tuple[int, int, int]]:
    """At once what is small, and no waiting for who is gone (where the system has that)."""
    patience = getattr(socket, "TCP_USER_TIMEOUT", None)
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    return options if patience is None else [*options, (socket.IPPROTO_TCP, patience, _GONE_AFTER)]


def _leave(server: Flask) -> NoReturn:
    events.end(server)
    sys.exit(0)


def _poller_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "jobs", "--parent", str(os.getpid()))


def _welcome(here: House) -> None:
    address = f"http://{here.config.host}:{here.config.port}"
    click.echo(f"Wall:     {address}/")
    click.echo(f"Settings: {address}/settings/")
    password = _first_password(here)
    if password:
        click.echo(f"First login: {_FIRST_LOGIN}   one-time password: {password}   (you choose your own right away)")


def _first_password(here: House) -> str | None:
    """The one-time password of the first login, None when there is a login already."""
    with store.write(here.db) as conn:
        if logins.every(conn):
            return None
        password = secrets.token_urlsafe(12)
        logins.add(conn, _FIRST_LOGIN, password, "admin", "first start", here.clock(), must_change=True)
    return password


if __name__ == "__main__":
    main()

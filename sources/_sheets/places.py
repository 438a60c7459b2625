"""Where spreadsheets lie: a folder, a file, an https address. Each is read only when it changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from sources import AuthError, OptionError, PermissionDeniedError, SchemaError, TransientError
from sources._sheets.tables import TableError
from sources.http import Answer, Bucket, CrmSession, raise_for

MAX_BYTES = 256 * 2**20
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
# File systems tell the time of a change to two seconds at worst; younger files may change without showing it.
_YOUNG_SECONDS = 3.0
_HOPS = 5
# What is shorter is no key, and would be taken out of harmless words.
_KEY_LETTERS = 12


class BusyError(Exception):
    """The file changed while it was read: the next poll will find it finished."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found: `data` None = as it was at `stamp`, the mark of a version."""

    stamp: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Item:
    """One file. `load(stamp)` reads it unless it is still what it was at that stamp (None = read anyway).

    Raises TableError (too large, no right to read), BusyError, and for an address SourceError.
    """

    name: str
    load: Callable[[str | None], Loaded]


def local_items(path: Path, wanted: Callable[[str], bool], now: datetime) -> list[Item]:
    """The spreadsheets of a folder by name, or the one file. Raises TransientError where nothing can be seen."""
    try:
        if path.is_dir():
            names = sorted(entry.name for entry in path.iterdir() if entry.is_file())
            files = [path / name for name in names if _is_table(name) or wanted(name)]
        elif path.is_file():
            files = [path]
        else:
            raise TransientError(f"There is no file or folder {path}. Put it back, or change path.")
    except OSError as error:
        raise TransientError(f"{path} cannot be looked at ({error.strerror}).") from None
    return [_local_item(file, now) for file in files]


def web_name(url: str) -> str:
    """What a file at an address is called: the last part of its path, else its host."""
    parts = urlsplit(url)
    return unquote(PurePosixPath(parts.path).name) or parts.hostname or ""


def web_item(url: str, session: CrmSession, hosts: Iterable[str], deadline: float, now: datetime) -> Item:
    """The file at an address; redirects are followed to its own host and to `hosts` alone."""
    allowed = {str(urlsplit(url).hostname).lower(), *(host.strip().lower() for host in hosts if host.strip())}
    return Item(web_name(url), lambda stamp: _load_web(url, session, allowed, deadline, now, stamp))


def new_session(url: str, now: Callable[[], datetime], allow_local: bool) -> CrmSession:
    """A session for one address. What follows its host may be a key to the file: errors never show it."""
    parts = urlsplit(url)
    keys = [text for text in (url, parts.path, parts.query) if len(text) >= _KEY_LETTERS]
    return CrmSession(Bucket(1.0, 5.0), now=now, allow_local=allow_local, secrets=keys)


def _is_table(name: str) -> bool:
    # Office programs leave `~$name.xlsx` beside a workbook that somebody has open.
    return name.lower().endswith(SUFFIXES) and not name.startswith(("~", "."))


def _local_item(file: Path, now: datetime) -> Item:
    return Item(file.name, lambda stamp: _load_local(file, stamp, now))


def _load_local(file: Path, stamp: str | None, now: datetime) -> Loaded:
    try:
        before = file.stat()
        found = f"{before.st_mtime_ns}:{before.st_size}"
        if found == stamp:
            return Loaded(found, None)
        if before.st_size > MAX_BYTES:
            raise TableError(f"it is larger than {MAX_BYTES // 2**20} MB: split it into several files")
        data = file.read_bytes()
        after = file.stat()
    except OSError as error:
        raise TableError(f"it cannot be read ({error.strerror})") from None
    if (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size) or len(data) != before.st_size:
        raise BusyError(file.name)
    young = before.st_mtime > now.timestamp() - _YOUNG_SECONDS
    return Loaded(f"{found}:young" if young else found, data)


def _load_web(
    url: str, session: CrmSession, allowed: set[str], deadline: float, now: datetime, stamp: str | None
) -> Loaded:
    headers = {"Accept": "text/csv, */*;q=0.5", **(json.loads(stamp) if stamp else {})}
    answer = _follow(url, session, allowed, deadline, headers)
    if answer.status == 304 and stamp:
        return Loaded(stamp, None)
    if answer.status in (401, 403):
        raise PermissionDeniedError(f"{answer.host} does not show this file to us: publish it, or share it by link.")
    raise_for(answer, now)
    if answer.headers.get("content-type", "").startswith("text/html"):
        raise SchemaError(f"{answer.host} answers with a web page, not with a CSV or XLSX file: publish it as one.")
    names = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    found = {ask: answer.headers[told] for ask, told in names if answer.headers.get(told)}
    return Loaded(json.dumps(found, sort_keys=True), answer.body)


def _follow(url: str, session: CrmSession, allowed: set[str], deadline: float, headers: dict[str, str]) -> Answer:
    for _ in range(_HOPS):
        answer = session.request("GET", url, deadline=deadline, headers=headers)
        if answer.status not in (301, 302, 303, 307, 308):
            return answer
        target = urlsplit(urljoin(url, answer.headers.get("location", "")))
        if str(target.hostname).lower() not in allowed:
            raise AuthError(
                f"{answer.host} sends us to {target.hostname}. Give the file's final address, or, where you trust "
                f"that host, add redirect_hosts={target.hostname}."
            )
        if target.scheme != urlsplit(url).scheme:
            raise OptionError(f"{answer.host} sends us from https to {target.scheme}: that is not followed.")
        url = target.geturl()
    raise SchemaError(f"{urlsplit(url).hostname} sends us in circles. Check the address.")

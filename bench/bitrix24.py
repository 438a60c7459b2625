"""What does Bitrix24 cost? Requests and seconds of a first read and of a quiet poll, on a local portal with its limits.

python -m bench.bitrix24 [DEALS CALLS]            default 50,000 200,000; beside fast_bitrix24 and b24pysdk if installed
python -m bench.bitrix24 story [EVENTS [DEALS CALLS]]   that many random events, faults and kills; then every number is
                                                  compared with the ledger. Default 2,000
python -m bench.bitrix24 kill [TIMES]             kill -9 a polling process at random moments of a first read and of
                                                  polls; then every number is compared with the ledger. Default 40
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sources import Ask, Site, prepare
from sources.bitrix24 import connect
from storage import facts, sources
from storage.db import open_db, read
from tests.emulators.bitrix24 import Portal
from tests.emulators.bitrix24_office import SETTINGS, ZONE, Clock, MemoryVault, fill, office
from tests.emulators.bitrix24_server import portal_lock, serve
from tests.emulators.bitrix24_story import happen, live
from tests.emulators.bitrix24_world import World

_REPS = list(range(11, 23))
_DAYS = 60
# What a first read has to bring: the method, and what it is asked with. The libraries choose the order themselves.
_LISTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("crm.item.list", {"entityTypeId": 2}),
    ("crm.stagehistory.list", {"entityTypeId": 2}),
    ("crm.activity.list", {}),
    ("crm.item.list", {"entityTypeId": 31}),
    ("crm.item.list", {"entityTypeId": 1}),
    ("crm.item.list", {"entityTypeId": 7}),
    ("voximplant.statistic.get", {}),
)


@dataclass
class Meter:
    """What a portal counted between two looks."""

    portal: Portal

    def spent(self, work: Callable[[], object]) -> str:
        """Do the work and say what it took."""
        portal, limits = self.portal, self.portal.limits
        limits.level, limits.over = 0.0, 0
        requests, rows, begun = portal.requests, portal.rows, time.monotonic()
        problem = ""
        try:
            work()
        except Exception as error:  # noqa: BLE001 (whatever a library dies of is what is measured)
            problem = f"  FAILED: {type(error).__name__}: {str(error)[:80]}"
        seconds = time.monotonic() - begun
        made, read = portal.requests - requests, portal.rows - rows
        return f"{made:6} requests {seconds:8.1f} s {read:9} rows  {limits.over} above the limits{problem}"


def compare(deals: int, calls: int) -> None:
    """Tablo's first read and quiet poll; then the same lists by the two libraries."""
    world = _world(deals, calls)
    tables = (world.deals, world.history, world.activities, world.calls, world.invoices, world.leads, world.quotes)
    print(f"{sum(len(table.ids) for table in tables)} rows in the portal; full requests: {_least(tables)}")
    with tempfile.TemporaryDirectory() as folder, _opened(world, Path(folder)) as (portal, url, certificate):
        meter = Meter(portal)
        cursor = _tablo(meter, url, certificate, Path(folder))
        print("Tablo, quiet poll     ", meter.spent(lambda: _sync(url, certificate, Path(folder), cursor)))
        for name, work in (("fast_bitrix24", _fast), ("b24pysdk", _official)):
            try:
                importlib.import_module(name)
            except ImportError:
                print(f"{name:22} is not installed")
                continue
            print(f"{name:22}", meter.spent(lambda work=work: work(url)))  # type: ignore[misc]  # no type is inferred for it
            portal.limits.used.clear()


def story(events: int, deals: int, calls: int) -> None:
    """Random life on a large portal, compared with the ledger at every tenth of it."""
    world = _world(deals, calls, Clock().now)
    with tempfile.TemporaryDirectory() as folder, office(Path(folder), world) as place:
        begun = time.monotonic()
        place.sync()
        wrong = len(place.differences())
        print(f"first read: {place.requests} requests, {time.monotonic() - begun:.0f} s, {wrong} differences")
        begun, requests = time.monotonic(), place.portal.requests
        compared = live(place, events, random.Random(7), check_every=max(1, events // 10))
        made, over = place.portal.requests - requests, place.portal.limits.over
        print(f"{events} events, {made} requests, {time.monotonic() - begun:.0f} s, {over} requests above the limits")
        print(f"equal to the ledger at each of {compared} looks")


def kill(times: int) -> None:
    """A poller that dies again and again, on a portal where life goes on; the last one is let live."""
    rng, world = random.Random(3), _world(8_000, 20_000, _now)
    killed = 0
    with tempfile.TemporaryDirectory() as name, office(Path(name), world) as place:
        place.portal.world.clock, place.portal.clock = _now, time.monotonic
        world.dirty.update(world.truth)
        begun = time.monotonic()
        while killed < times:
            poller = _poller(place.url, Path(name))
            try:
                poller.wait(rng.uniform(0.8, 4))
            except subprocess.TimeoutExpired:
                poller.kill()
                killed += 1
            poller.wait()
            with portal_lock:
                for _ in range(20):
                    happen(world)
        over = place.portal.limits.over
        assert _poller(place.url, Path(name), reconcile=True).wait() == 0
        print(
            f"killed {killed} times in {time.monotonic() - begun:.0f} s, {place.portal.requests} requests, "
            f"{over} above the limits, {len(place.differences())} differences"
        )


def _poller(url: str, folder: Path, reconcile: bool = False) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bench.bitrix24", "poller", url, str(folder), str(int(reconcile))])


def _poll_once(url: str, folder: Path, reconcile: bool) -> None:
    """What a poller does, in a process of its own: the cursor comes out of the store and goes back into it."""
    db = open_db(f"sqlite:///{folder / 'store.db'}")
    with read(db) as conn:
        cursor = sources.get(conn, "main").cursor
    site = Site("main", ZONE, "UAH", _now, folder, MemoryVault(), allow_local=True)
    source = connect(prepare("bitrix24", {"webhook_url": f"{url}/rest/1/s3cr3tcanary0001/"}), site)
    since = (_now() - timedelta(days=_DAYS + 30)).date().replace(day=1)
    for batch in source.sync(cursor, Ask(_now(), since, time.monotonic() + 600, reconcile=reconcile)):
        facts.apply(db, 1, batch, settings=SETTINGS, lease=None)


def _tablo(meter: Meter, url: str, certificate: Path, folder: Path) -> str:
    cursors: list[str] = []
    print("Tablo, first read     ", meter.spent(lambda: cursors.append(_sync(url, certificate, folder, None))))
    return cursors[-1]


def _sync(url: str, certificate: Path, folder: Path, cursor: str | None) -> str:
    site = Site("main", ZONE, "UAH", _now, folder, MemoryVault(), allow_local=True)
    given = {"webhook_url": f"{url}/rest/1/s3cr3tcanary0001/", "ca_file": str(certificate)}
    source = connect(prepare("bitrix24", given), site)
    since = (_now() - timedelta(days=_DAYS + 30)).date()
    for batch in source.sync(cursor, Ask(_now(), date(since.year, since.month, 1), time.monotonic() + 3600)):
        cursor = batch.cursor
    return cursor or ""


def _now() -> datetime:
    return datetime.now(UTC)


def _fast(url: str) -> None:
    library: Any = importlib.import_module("fast_bitrix24")

    async def read() -> None:
        client = library.BitrixAsync(f"{url}/rest/1/s3cr3tcanary0001/", verbose=False, ssl=False)
        for method, given in _LISTS:
            await client.get_all(method, given)

    asyncio.run(read())


def _official(url: str) -> None:
    library: Any = importlib.import_module("b24pysdk")
    token: Any = library.BitrixWebhook(domain=url.removeprefix("https://"), webhook_token="1/s3cr3tcanary0001")
    for method, given in _LISTS:
        for _ in token.call_list_fast(api_method=method, params=given)["result"]:
            continue


def _world(deals: int, calls: int, clock: Callable[[], datetime] | None = None) -> World:
    now = datetime.now(UTC)
    world = World(clock or (lambda: now), random.Random(1), list(_REPS))
    fill(world, _DAYS, deals, calls, calls // 4)
    return world


@contextmanager
def _opened(world: World, folder: Path) -> Iterator[tuple[Portal, str, Path]]:
    """The portal behind TLS, as b24pysdk knows no other way."""
    world.clock = _now
    certificate = _certificate(folder)
    os.environ["REQUESTS_CA_BUNDLE"] = str(certificate)
    portal = Portal(world, time.monotonic)
    with serve(portal, certificate) as url:
        yield portal, url, certificate


def _least(tables: tuple[Any, ...]) -> int:
    return -(-sum(-(-len(table.ids) // 50) for table in tables) // 50)


def _certificate(folder: Path) -> Path:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]),
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "localhost.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def main(arguments: list[str]) -> None:
    """See the top of this file."""
    if arguments[:1] == ["story"]:
        given = [int(value) for value in arguments[1:]]
        events, deals, calls = (*given, *(2_000, 50_000, 200_000)[len(given) :])
        story(events, deals, calls)
        return
    if arguments[:1] == ["kill"]:
        kill(int((arguments[1:] or ["40"])[0]))
        return
    if arguments[:1] == ["poller"]:
        _poll_once(arguments[1], Path(arguments[2]), arguments[3] == "1")
        return
    deals, calls = (int(value) for value in arguments) if arguments else (50_000, 200_000)
    compare(deals, calls)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Where a source may connect to: the checked number of a name and nothing else, for so long and no longer."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

from requests.adapters import HTTPAdapter

from sources import OptionError, TransientError

_NAT64 = ip_network("64:ff9b::/96")
_GIVEN_OUT = ip_network("2000::/3")
# For protocols, and for relays that are no more; Python calls them global.
_KEPT = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"))

Resolve = Callable[[str, int], list[str]]


def check_address(url: str, allow_local: bool, resolve: Resolve | None = None) -> None:
    """Refuse what we would never ask: no https, a private or a loopback address. Raises OptionError, TransientError."""
    parts = urlsplit(url)
    guard = Guard(allow_local, resolve)
    guard.addresses(parts.scheme, parts.hostname or "", parts.port or 443)


class Guard:
    """Which addresses may be asked, and the number that a name stood for when it was checked."""

    def __init__(self, allow_local: bool, resolve: Resolve | None = None) -> None:
        self._allow_local = allow_local
        self._resolve = resolve or _resolve
        self._known: dict[tuple[str, int], list[str]] = {}

    def addresses(self, scheme: str, host: str, port: int) -> list[str]:
        """Checked numbers of a host, kept until `turn`."""
        if scheme != "https" and not (self._allow_local and scheme == "http"):
            raise OptionError("A CRM is asked over https only.")
        if (host, port) not in self._known:
            found = self._resolve(host, port)
            if not self._allow_local and any(not _is_public(address) for address in found):
                raise OptionError(
                    f"{host} is an address inside a private network. A CRM there has to be allowed first "
                    "(TABLO_ALLOW_LOCAL_CRM=on)."
                )
            self._known[host, port] = found
        return self._known[host, port]

    def turn(self, host: str) -> None:
        """The first number did not work: try the next one, and look the name up again when all were tried."""
        for key in [key for key in self._known if key[0] == host]:
            self._known[key] = self._known[key][1:]
            if not self._known[key]:
                del self._known[key]


class _Watch:
    """Cuts every connection of an adapter when the time is over, however slowly the bytes drip."""

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self.fired = False
        self._cut = cut
        self._timer = threading.Timer(max(0.0, seconds), self._fire)
        self._timer.daemon = True

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _fire(self) -> None:
        self.fired = True
        self._cut()


class PinnedAdapter(HTTPAdapter):
    """Connects to the very number that was checked (no second look-up to rebind), TLS still proves the name."""

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard
        self._connections: WeakSet[Any] = WeakSet()
        self._sockets: WeakSet[socket.socket] = WeakSet()

    def watch(self, seconds: float) -> AbstractContextManager[_Watch]:
        """A watch over the exchange that follows."""
        return _Watch(seconds, self._cut)

    def forget(self, host: str) -> None:
        """The address of this host failed."""
        self._guard.turn(host)

    # requests' and urllib3's own types for these two are private, hence Any.
    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The pool of the checked number, with the name kept for the certificate."""
        where, options = super().build_connection_pool_key_attributes(request, verify, cert)
        scheme, host = where["scheme"], where["host"]
        checked = self._guard.addresses(scheme, host, where["port"] or (443 if scheme == "https" else 80))
        named = {"server_hostname": host} if scheme == "https" else {}
        return {**where, "host": checked[0]}, {**options, **named}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """A pool whose connections are known to the watch."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        make = type(pool).ConnectionCls

        def remembered(*given: Any, **named: Any) -> Any:
            connection = make(*given, **named)
            connect = connection.connect

            def connected() -> None:
                connect()
                # The connection forgets its socket when the body ends with it; the watch must not.
                self._sockets.add(connection.sock)

            connection.connect = connected
            self._connections.add(connection)
            return connection

        pool.ConnectionCls = remembered
        return pool

    def _cut(self) -> None:
        opening = {connection.sock for connection in list(self._connections) if connection.sock is not None}
        for sock in opening.union(self._sockets):
            _shut(sock)


def _shut(sock: socket.socket) -> None:
    # A TLS socket's own shutdown takes its cipher away under the reader; the plain one just ends the stream.
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError as error:
        logging.getLogger(__name__).debug("The connection was gone already: %s", error.strerror)


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise TransientError(f"{host} cannot be found. Check the address, and the network's name server.")
    # Version 4 first: many an office announces version 6 and does not carry it.
    ordered = sorted(found, key=lambda entry: entry[0] is not socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in ordered))


def _is_public(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text.split("%")[0])
    if isinstance(address, IPv4Address):
        kept = any(address in network for network in _KEPT)
        return address.is_global and not address.is_multicast and not kept
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    # Version 6 has given out this range alone; the others hold ways of writing version 4, or are of one network.
    return _is_public(str(inner)) if inner is not None else address in _GIVEN_OUT and address.is_global

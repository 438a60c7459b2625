"""What every question to such a CRM has in common: our own rate, the deadline, a success that says something."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from sources import OptionError, Site
from sources._rounds.crm import OutOfTime
from sources.http import Answer, Bucket, CrmSession, transient

_MARGIN_S = 1.0
# Below the rate that is permitted: two of our requests may arrive a good deal closer together than they left.
_SHARE = 0.87
_FASTEST = 20.0


def read_rate(options: Mapping[str, str]) -> float:
    """Requests a second, as typed. Raises OptionError."""
    told = (options.get("rate") or "1").strip().replace(",", ".")
    try:
        rate = float(told)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= _FASTEST:
        raise OptionError(f"rate is a number of requests a second, more than 0 and not above {_FASTEST:.0f}.")
    return rate


def new_bucket(rate: float) -> Bucket:
    """Our rate. It starts full, so that two processes one after the other cannot exceed it together."""
    return Bucket(rate * _SHARE, 1, level=1.0)


def read_address(options: Mapping[str, str], site: Site) -> str:
    """`base_url` without a slash at its end. Raises OptionError."""
    told = (options.get("base_url") or "").strip().rstrip("/")
    parts = urlsplit(told if "://" in told else f"https://{told}")
    wanted = ("https", "http") if site.allow_local else ("https",)
    if parts.scheme not in wanted or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise OptionError("base_url is the address of the CRM, like https://name.example.")
    return parts.geturl().rstrip("/")


class Line:
    """A way to one CRM. `deadline` (monotonic) may be set anew for each sync."""

    def __init__(self, session: CrmSession, clock: Callable[[], float] = time.monotonic) -> None:
        self.deadline = float("inf")
        self._session = session
        self._clock = clock

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._session.requests

    def get(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], again: Callable[[Answer], bool]
    ) -> Answer:
        """Ask. Raises SourceError, and OutOfTime before a request for which no time is left."""
        # Our own turn may come later than there is time for: that is no refusal by the CRM.
        if self.deadline - self._clock() < _MARGIN_S + self._session.bucket.wait():
            raise OutOfTime
        return self._session.request("GET", url, deadline=self.deadline, params=params, headers=headers, again=again)

    def scrub(self, told: object) -> str:
        """Some words of the CRM that may be shown: short, without a secret."""
        return self._session.scrub(str(told))[:200]


def again_unless_json(answer: Answer) -> bool:
    """A success that is no JSON object is a gateway's page, or cut off: worth asking again."""
    return transient(answer) or (answer.ok and not answer.body.lstrip().startswith(b"{"))

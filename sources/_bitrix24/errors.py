"""What a Bitrix24 error means: one table from (status, code, text) to what we do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Trouble(StrEnum):
    """What to do: the names say it."""

    RATE = "rate"  # too many requests: back off and ask again
    METHOD_TIME = "method_time"  # this method has used its time: others go on
    OVERLOAD = "overload"  # blocked by hand at the vendor's: stay away for long
    SERVER = "server"  # broken for the moment: ask again
    EXPIRED = "expired"  # the access token is over: refresh once
    AUTH = "auth"  # the credential is wrong or withdrawn
    PLAN = "plan"  # the portal's plan has no REST
    SCOPE = "scope"  # the credential lacks a scope
    RIGHTS = "rights"  # the user may not see this
    ABSENT = "absent"  # the portal has no such method or module
    GONE = "gone"  # the portal was closed
    REQUEST = "request"  # our request is not understood


@dataclass(frozen=True, slots=True)
class Failure:
    """One error answer, of a request or of a command in a batch. `code` is in lower case."""

    trouble: Trouble
    code: str
    text: str


_BY_CODE = {
    "query_limit_exceeded": Trouble.RATE,
    "operation_time_limit": Trouble.METHOD_TIME,
    "overload_limit": Trouble.OVERLOAD,
    "internal_server_error": Trouble.SERVER,
    "error_unexpected_answer": Trouble.SERVER,
    "expired_token": Trouble.EXPIRED,
    "invalid_token": Trouble.EXPIRED,
    "no_auth_found": Trouble.AUTH,
    "invalid_credentials": Trouble.AUTH,
    "authorization_error": Trouble.AUTH,
    "application_not_found": Trouble.AUTH,
    "error_oauth": Trouble.AUTH,
    "not_installed": Trouble.AUTH,
    "invalid_client": Trouble.AUTH,
    "wrong_client": Trouble.AUTH,
    "invalid_grant": Trouble.AUTH,
    "user_access_error": Trouble.AUTH,
    "allowed_only_intranet_user": Trouble.AUTH,
    "wrong_auth_type": Trouble.AUTH,
    "payment_required": Trouble.PLAN,
    "insufficient_scope": Trouble.SCOPE,
    "invalid_scope": Trouble.SCOPE,
    "access_denied": Trouble.RIGHTS,
    "method_confirm_waiting": Trouble.RIGHTS,
    "method_confirm_denied": Trouble.RIGHTS,
    "error_method_not_found": Trouble.ABSENT,
    "entity_type_not_supported": Trouble.ABSENT,
    "not_found": Trouble.ABSENT,
    "portal_deleted": Trouble.GONE,
    "wrong_encoding": Trouble.REQUEST,
    "invalid_request": Trouble.REQUEST,
    "invalid_arg_value": Trouble.REQUEST,
    "error_argument": Trouble.REQUEST,
}
_BY_STATUS = {
    401: Trouble.AUTH,
    402: Trouble.PLAN,
    403: Trouble.RIGHTS,
    404: Trouble.ABSENT,
    410: Trouble.GONE,
    429: Trouble.METHOD_TIME,
    503: Trouble.RATE,
}
# Codes are sometimes empty, 0 or unknown: then the words decide.
_BY_WORDS = (
    ("commercial plans", Trouble.PLAN),
    ("access denied", Trouble.RIGHTS),
    ("not supported", Trouble.ABSENT),
    ("method not found", Trouble.ABSENT),
    ("portal was deleted", Trouble.GONE),
    ("too many requests", Trouble.RATE),
    ("operation time limit", Trouble.METHOD_TIME),
)
REPEATABLE = frozenset((Trouble.RATE, Trouble.SERVER))
DISABLING = frozenset((Trouble.SCOPE, Trouble.RIGHTS, Trouble.ABSENT, Trouble.REQUEST))


def failure_in(status: int, body: Any) -> Failure | None:
    """The error that a decoded answer carries (HTTP 200 with an `error` key exists too), None for a good one."""
    if not isinstance(body, Mapping):
        return Failure(Trouble.SERVER, "", "The answer is no JSON object.")
    if "error" not in body:
        return None if status < 400 else Failure(_by_status(status), "", f"HTTP {status}")
    return classify(status, body)


def classify(status: int, body: Mapping[str, Any]) -> Failure:
    """The meaning of an answer with an `error` key, or of one entry of a batch's `result_error` (status 200)."""
    error = body.get("error")
    code, words = error, body.get("error_description")
    if isinstance(error, Mapping):  # the third version of the interface
        code, words = error.get("code"), error.get("message")
    name = str(code if code is not None else "").strip().lower()
    said = str(words or "").strip()
    return Failure(_meaning(status, name, said.lower()), name, said)


def _meaning(status: int, code: str, words: str) -> Trouble:
    if "commercial plans" in words:
        return Trouble.PLAN
    if code in _BY_CODE:
        return _BY_CODE[code]
    for part, trouble in _BY_WORDS:
        if part in words:
            return trouble
    return _by_status(status) if status >= 400 else Trouble.REQUEST


def _by_status(status: int) -> Trouble:
    return _BY_STATUS.get(status, Trouble.SERVER if status >= 500 else Trouble.REQUEST)

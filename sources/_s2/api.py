"""Asking S2: JSON:API documents, its statuses and error codes turned into our errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sources import AuthError, PermissionDeniedError, TransientError
from sources._rounds.asking import Line, again_unless_json
from sources._rounds.crm import GoneError, RefusedQuery
from sources.http import Answer, raise_for

Document = dict[str, Any]


class RefusedPart(RefusedQuery):
    """A part of the question is not known; `detail` says in S2's own words which."""

    def __init__(self, message: str, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class Api:
    """One account's API v1. `base` is `https://app.salesap.ru/api/v1`."""

    def __init__(self, line: Line, base: str, token: str, now: Callable[[], datetime]) -> None:
        self.line = line
        self._base = base
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.api+json"}
        self._now = now

    def get(self, kind: str, params: Mapping[str, str]) -> Document:
        """The document of a list. Raises SourceError, OutOfTime."""
        return self._get(kind, params)

    def one(self, kind: str, key: str, params: Mapping[str, str]) -> Document:
        """The document of one record. Raises GoneError where it does not exist."""
        return self._get(f"{kind}/{quote(key, safe='')}", params)

    def _get(self, path: str, params: Mapping[str, str]) -> Document:
        answer = self.line.get(f"{self._base}/{path}", params, self._headers, again_unless_json)
        self._check(answer, path)
        body = answer.json()
        if not isinstance(body, dict) or "data" not in body:
            raise TransientError(f"{answer.host} answered {path} without data.")
        return body

    def _check(self, answer: Answer, path: str) -> None:
        if answer.status == 401:
            raise AuthError("S2 does not accept the token (401). Make a new one in its settings, under API.")
        if answer.status == 403:
            raise PermissionDeniedError(f"S2 does not let this token read {path} (403). Use an administrator's token.")
        if answer.status == 404:
            raise GoneError(f"S2 has no list or record {path} (404).")
        if answer.status in (400, 406, 415, 422):
            detail = self.line.scrub(_detail(answer))
            raise RefusedPart(f"S2 refused to be asked for {path} like this ({answer.status}): {detail}", detail)
        raise_for(answer, self._now())


def _detail(answer: Answer) -> str:
    """The first error's own words: `{"errors": [{"title", "detail", "code", "status"}]}`."""
    try:
        body = answer.json()
    except TransientError:
        return "no reason given."
    errors = body.get("errors") if isinstance(body, dict) else None
    told = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return str(told.get("detail") or told.get("title") or "no reason given.")

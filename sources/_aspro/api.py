"""Asking Aspro.Cloud: errors come inside a success, the key stands in the address, and one GET deletes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from sources import AuthError, PermissionDeniedError, SchemaError, TransientError
from sources._rounds.asking import Line, again_unless_json
from sources._rounds.crm import GoneError, RefusedQuery, Row
from sources._rounds.values import whole
from sources.http import Answer, raise_for, transient


class Method(StrEnum):
    """All that is ever asked. Aspro.Cloud deletes by a GET, too: no other word may come into an address."""

    LIST = "list"
    GET = "get"


class Entity(StrEnum):
    """What is read, as `module/entity`."""

    DEALS = "crm/lead"
    PIPELINES = "crm/pipeline"
    STAGES = "crm/pipeline_stage"
    REASONS = "crm/loss_reason"
    TASKS = "task/tasks"
    INVOICES = "fin/invoice"
    PAYMENTS = "fin/customer_payment"
    CURRENCIES = "fin/currency"
    USERS = "core/user"
    DEPARTMENTS = "orgchart/department"


# The codes of errors, which come with HTTP 200.
_UNKNOWN, _LOGIN, _REQUEST, _INTERNAL, _NOT_FOUND, _VALIDATION, _DENIED, _METHOD, _MODULE = (
    *(10, 11, 12, 13, 20, 21, 22, 30, 31),
)


class Api:
    """One account. `base` is `https://name.aspro.cloud`."""

    def __init__(self, line: Line, base: str, api_key: str, now: Callable[[], datetime]) -> None:
        self.line = line
        self._base = base
        self._key = api_key
        self._now = now

    def list(self, entity: Entity, params: Mapping[str, str]) -> tuple[list[Row], int | None]:
        """The rows of a page and how many match in all, where that is told. Raises SourceError, OutOfTime."""
        try:
            told = self._get(address(self._base, entity, Method.LIST), entity, params)
        except GoneError:
            # Behind the last page some answer "not found" instead of nothing.
            if params.get("page", "1") == "1":
                raise
            return [], None
        if not isinstance(told, dict):
            return [], None
        items = told.get("items")
        if items is not None and not isinstance(items, list):
            raise TransientError(f"Aspro.Cloud answered {entity} with items that are no list.")
        rows = [row for row in items or () if isinstance(row, dict)]
        if any("id" not in row for row in rows):
            raise TransientError(f"Aspro.Cloud answered {entity} with rows that have no id.")
        return rows, whole(told.get("total_result"))

    def one(self, entity: Entity, key: str) -> Row:
        """One record. Raises GoneError where it does not exist."""
        told = self._get(address(self._base, entity, Method.GET, key), entity, {})
        if not isinstance(told, dict) or "id" not in told:
            raise TransientError(f"Aspro.Cloud answered {entity} with a record that is none.")
        return told

    def _get(self, url: str, entity: Entity, params: Mapping[str, str]) -> Any:
        asked = {"api_key": self._key, **params}
        answer = self.line.get(url, asked, {}, _again)
        if answer.status == 401:
            raise AuthError("Aspro.Cloud does not accept the key (401). Make a new one in its settings, under API.")
        if answer.status == 403:
            raise PermissionDeniedError(_denied(entity))
        raise_for(answer, self._now())
        body = answer.json()
        if not isinstance(body, dict) or not {"response", "error"} & body.keys():
            raise TransientError(f"{answer.host} answered {entity} with neither a response nor an error.")
        if body.get("error"):
            self._fail(body, entity)
        return body.get("response")

    def _fail(self, body: Mapping[str, Any], entity: Entity) -> None:
        code, said = _error(body)
        words = self.line.scrub(said)
        if code == _LOGIN:
            raise AuthError(
                "Aspro.Cloud does not accept the key (error 11). Make a new one in its settings, under API."
            )
        if code == _DENIED:
            raise PermissionDeniedError(_denied(entity))
        if code in (_NOT_FOUND, _METHOD, _MODULE):
            raise GoneError(f"Aspro.Cloud has no {entity} for this key (error {code}).")
        if code in (_REQUEST, _VALIDATION):
            raise RefusedQuery(f"Aspro.Cloud refused to be asked for {entity} like this (error {code}): {words}")
        if code in (_UNKNOWN, _INTERNAL):
            raise TransientError(f"Aspro.Cloud failed on {entity} (error {code}): {words}")
        raise SchemaError(f"Aspro.Cloud answered {entity} with an error that Tablo does not know: {words}")


def address(base: str, entity: Entity, method: Method, key: str = "") -> str:
    """Where something is read. Raises ValueError for anything that would do more than read."""
    Entity(entity)
    if Method(method) is Method.LIST:
        return f"{base}/api/v1/module/{entity}/list"
    return f"{base}/api/v1/module/{entity}/get/{quote(key, safe='')}"


def _again(answer: Answer) -> bool:
    """An internal error inside a success may pass, as one outside does."""
    if transient(answer) or again_unless_json(answer):
        return True
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return True
    return answer.ok and isinstance(body, dict) and _error(body)[0] == _INTERNAL


def _error(body: Mapping[str, Any]) -> tuple[int, str]:
    """The code and the words of `{"error": {"error_code", "error_msg"}}` or `{"error": "validation", …}`."""
    told = body.get("error")
    if isinstance(told, dict):
        return whole(told.get("error_code")) or 0, str(told.get("error_msg") or "no reason given")
    if told == "validation":
        return _VALIDATION, str(body.get("description") or "no reason given")
    return (_LOGIN if "token" in str(told) else 0) if told else -1, str(told)


def _denied(entity: Entity) -> str:
    return f"Aspro.Cloud does not let this key read {entity}. Give the key the right to that module."

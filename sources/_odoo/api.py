"""Asking Odoo's models: rows, numbers, counts and fields, each checked for its shape."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sources import TransientError
from sources._odoo.door import Door
from sources._odoo.errors import OutOfTime
from sources._odoo.values import Row

Domain = Sequence[Any]

PAGE = 500
# Every record, archived ones too: lost deals and done activities are such.
ANY = ["active", "in", [True, False]]
_MARGIN_S = 2.0
# A model's own idea of what is active must not hide the rows that a domain does not speak of.
_CONTEXT = {"active_test": False}


class Api:
    """One Odoo. `deadline` (monotonic) may be set anew for each sync."""

    def __init__(self, open_door: Callable[[float], Door], clock: Callable[[], float] = time.monotonic) -> None:
        self.deadline = float("inf")
        self._open, self._clock = open_door, clock
        self._door: Door | None = None

    @property
    def door(self) -> Door:
        """The way in, opened at the first use. Raises SourceError."""
        self._check_time()
        if self._door is None:
            self._door = self._open(self.deadline)
        return self._door

    def rows(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        limit: int | None = None,
        order: str = "id",
        lang: str | None = None,
    ) -> list[Row]:
        """The rows that match, all of them without a `limit`. Raises SourceError, OutOfTime.

        Names come in the language of the user; `lang` asks for another one.
        """
        named: dict[str, Any] = {"domain": list(domain), "fields": list(fields), "order": order}
        if limit is not None:
            named["limit"] = limit
        found = self._call(model, "search_read", named, {"lang": lang} if lang else {})
        if not isinstance(found, list) or any(not isinstance(row, dict) or "id" not in row for row in found):
            raise TransientError(f"Odoo answered {model} with something that is no list of rows.")
        return found

    def by_ids(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """These rows, as far as they exist and may be seen."""
        found: list[Row] = []
        for start in range(0, len(ids), PAGE):
            some = ["id", "in", list(ids[start : start + PAGE])]
            found += self.rows(model, [some, ANY] if "active" in fields else [some], fields)
        return found

    def pages(self, model: str, domain: Domain, fields: Sequence[str], size: int = 2000) -> Iterator[list[Row]]:
        """The rows that match, page by page; not for models that hide rows after the limit was applied."""
        last = 0
        while True:
            found = self.rows(model, [*domain, ["id", ">", last]], fields, size)
            yield found
            if len(found) < size:
                return
            last = found[-1]["id"]

    def ids(self, model: str, domain: Domain) -> list[int]:
        """The numbers of all rows that match, in order."""
        found = self._call(model, "search", {"domain": list(domain), "order": "id"})
        if not isinstance(found, list) or any(isinstance(each, bool) or not isinstance(each, int) for each in found):
            raise TransientError(f"Odoo answered {model} with something that is no list of numbers.")
        return found

    def count(self, model: str, domain: Domain) -> int:
        """How many rows match, as far as they may be seen."""
        found = self._call(model, "search_count", {"domain": list(domain)})
        if isinstance(found, bool) or not isinstance(found, int):
            raise TransientError(f"Odoo answered the count of {model} with something that is no number.")
        return found

    def fields(self, model: str, wanted: Sequence[str]) -> list[str]:
        """Those of the wanted fields that this Odoo has."""
        named = {"allfields": list(wanted), "attributes": ["type"]}
        self._check_time()
        found = self.door.call(model, "fields_get", named, self.deadline)
        if not isinstance(found, dict):
            raise TransientError(f"Odoo answered the fields of {model} with something that is no object.")
        return [name for name in wanted if name in found]

    def _call(self, model: str, method: str, named: dict[str, Any], context: Mapping[str, str] | None = None) -> Any:
        return self.door.call(model, method, {**named, "context": {**_CONTEXT, **(context or {})}}, self.deadline)

    def _check_time(self) -> None:
        if self.deadline - self._clock() < _MARGIN_S:
            raise OutOfTime

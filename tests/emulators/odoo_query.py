"""Odoo's tables as rows, its domains in Polish notation, and the form in which it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
Tables = dict[str, dict[int, Row]]

# model → field → its type; "m2o:<model>", "m2m", or "o2m:<model>:<the field that points back>".
SCHEMA: Mapping[str, Mapping[str, str]] = {
    "res.users": {
        **dict.fromkeys(("name", "login", "email"), "char"),
        "active": "boolean",
        "share": "boolean",
        "partner_id": "m2o:res.partner",
        "tz": "char",
    },
    "res.partner": {"name": "char", "partner_share": "boolean"},
    "res.company": {"name": "char", "currency_id": "m2o:res.currency"},
    "res.currency": {"name": "char", "decimal_places": "integer", "active": "boolean"},
    "res.currency.rate": {
        "name": "date",
        "currency_id": "m2o:res.currency",
        "company_id": "m2o:res.company",
        **dict.fromkeys(("rate", "company_rate", "inverse_company_rate"), "float"),
    },
    "crm.team": {"name": "char", "active": "boolean", "user_id": "m2o:res.users", "member_ids": "m2m"},
    "crm.stage": {"name": "char", "is_won": "boolean"},
    "crm.lost.reason": {"name": "char"},
    "crm.lead": {
        **dict.fromkeys(("name", "type", "won_status"), "char"),
        **dict.fromkeys(("probability", "expected_revenue"), "float"),
        **dict.fromkeys(
            ("create_date", "date_conversion", "date_closed", "date_last_stage_update", "write_date"), "datetime"
        ),
        "active": "boolean",
        "user_id": "m2o:res.users",
        "write_uid": "m2o:res.users",
        "team_id": "m2o:crm.team",
        "stage_id": "m2o:crm.stage",
        "company_currency": "m2o:res.currency",
        "company_id": "m2o:res.company",
        "partner_id": "m2o:res.partner",
        "lost_reason_id": "m2o:crm.lost.reason",
        "activity_date_deadline": "date",
    },
    "mail.activity.type": {"name": "char", "category": "char", "active": "boolean", "keep_done": "boolean"},
    "mail.activity": {
        "activity_type_id": "m2o:mail.activity.type",
        "activity_category": "char",
        "user_id": "m2o:res.users",
        "active": "boolean",
        "date_done": "date",
        "date_deadline": "date",
        "res_model": "char",
        "res_id": "integer",
        "write_date": "datetime",
    },
    "mail.message.subtype": {"name": "char", "res_model": "char", "internal": "boolean"},
    "mail.message": {
        "date": "datetime",
        "author_id": "m2o:res.partner",
        "message_type": "char",
        "model": "char",
        "res_id": "integer",
        "subtype_id": "m2o:mail.message.subtype",
        "write_date": "datetime",
        "mail_activity_type_id": "m2o:mail.activity.type",
        "notification_ids": "o2m:mail.notification:mail_message_id",
    },
    "mail.notification": {
        "mail_message_id": "m2o:mail.message",
        "notification_type": "char",
        "res_partner_id": "m2o:res.partner",
    },
    "ir.model.fields": {"model": "char", "name": "char"},
    "mail.tracking.value": {
        "mail_message_id": "m2o:mail.message",
        "field_id": "m2o:ir.model.fields",
        "create_date": "datetime",
        "old_value_integer": "integer",
        "new_value_integer": "integer",
        "new_value_char": "char",
    },
    "account.move": {
        **dict.fromkeys(("name", "move_type", "state", "payment_state"), "char"),
        "invoice_date": "date",
        "invoice_user_id": "m2o:res.users",
        "partner_id": "m2o:res.partner",
        "currency_id": "m2o:res.currency",
        "company_id": "m2o:res.company",
        "write_date": "datetime",
        **dict.fromkeys(("amount_total", "amount_residual"), "float"),
    },
    "account.move.line": {"name": "char", "move_id": "m2o:account.move", "move_type": "char", "date": "date"},
    "account.partial.reconcile": {
        "debit_move_id": "m2o:account.move.line",
        "credit_move_id": "m2o:account.move.line",
        "max_date": "date",
        **dict.fromkeys(("debit_amount_currency", "credit_amount_currency"), "float"),
        "exchange_move_id": "m2o:account.move",
    },
    "account.payment": {"date": "date", "amount": "float", "invoice_ids": "m2m", "state": "char"},
    "sale.order": {
        "name": "char",
        "state": "char",
        "user_id": "m2o:res.users",
        "partner_id": "m2o:res.partner",
        "currency_id": "m2o:res.currency",
        "company_id": "m2o:res.company",
        "amount_total": "float",
        "create_date": "datetime",
        "write_date": "datetime",
    },
}
_NAMELESS = frozenset(("mail.message",))


class BadField(Exception):
    """A field that the model has not: (field, model)."""


class Query:
    """Reads the tables. `whole_seconds` = comparisons do not see behind the second, as from version 19 on."""

    def __init__(self, tables: Tables, whole_seconds: bool, without: frozenset[str] = frozenset()) -> None:
        self._tables, self._whole, self._without = tables, whole_seconds, without
        self._backs: dict[str, dict[int, list[Row]]] = {}

    def fields(self, model: str) -> dict[str, str]:
        """The model's fields and their types."""
        return {name: kind for name, kind in SCHEMA[model].items() if f"{model}.{name}" not in self._without}

    def search(self, model: str, domain: list[Any], order: str, active_test: bool) -> list[Row]:
        """The rows that match, in order."""
        if active_test and "active" in self.fields(model) and not any(_names(term, "active") for term in domain):
            domain = [*domain, ["active", "=", True]]
        test = self._compile(model, domain)
        rows = [row for row in self._tables[model].values() if test(row)]
        for part in reversed(order.split(",")):
            name, _, way = part.strip().partition(" ")
            self._type(model, name)
            rows.sort(key=lambda row: (row.get(name) is not None, row.get(name)), reverse=way.strip() == "desc")
        return rows

    def shown(self, model: str, row: Row, fields: list[str]) -> Row:
        """A row as Odoo answers it: `false` for whatever is empty, `[7, "Name"]` for what points elsewhere."""
        return {"id": row["id"], **{name: self._value(row.get(name), self._type(model, name)) for name in fields}}

    def _value(self, value: Any, kind: str) -> Any:
        if kind == "m2m" or kind.startswith("o2m"):
            return list(value or ())
        if kind == "boolean":
            return bool(value)
        if kind in ("float", "integer"):
            return value or (0.0 if kind == "float" else 0)
        if value is None:
            return False
        if kind == "datetime":
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
        if kind.startswith("m2o:"):
            target = kind.split(":")[1]
            name = self._tables[target][value].get("name")
            return [value, False if target in _NAMELESS else name]
        return value

    def _compile(self, model: str, domain: list[Any]) -> Callable[[Row], bool]:
        terms = iter(domain)
        tests: list[tuple[int, Callable[[Row], bool]]] = []
        for term in terms:
            cost = 3 if isinstance(term, str) else 0 if term[0] == "id" else 1 + ("." in term[0])
            tests.append((cost, self._term(model, term, terms)))
        # The cheap ones first, as a database would.
        ordered = [test for _, test in sorted(tests, key=lambda pair: pair[0])]
        return lambda row: all(test(row) for test in ordered)

    def _term(self, model: str, term: Any, terms: Iterator[Any]) -> Callable[[Row], bool]:
        if term in ("|", "&"):
            left = self._term(model, next(terms), terms)
            right = self._term(model, next(terms), terms)
            if term == "|":
                return lambda row: left(row) or right(row)
            return lambda row: left(row) and right(row)
        path, operator, wanted = term
        kind = self._kind(model, path)
        test = _OPERATORS[operator]
        asked = self._asked(kind, wanted)
        return lambda row: test([self._plain(kind, each) for each in self._follow(model, row, path.split("."))], asked)

    def _follow(self, model: str, row: Row, path: list[str]) -> list[Any]:
        """What stands at the end of a dotted path: several values where it leads through a list."""
        kind, rest = self._type(model, path[0]), path[1:]
        if kind.startswith("o2m:"):
            _, target, back = kind.split(":")
            found = self._pointing(target, back).get(row["id"], ())
            return [value for each in found for value in self._follow(target, each, rest)]
        if kind == "m2m":
            return list(row.get(path[0]) or ())
        value = row.get(path[0])
        if not rest:
            return [value]
        target = kind.split(":")[1]
        return self._follow(target, self._tables[target][value], rest) if value is not None else [None]

    def _pointing(self, target: str, back: str) -> dict[int, list[Row]]:
        if target not in self._backs:
            found: dict[int, list[Row]] = {}
            self._backs[target] = found
            for each in self._tables[target].values():
                found.setdefault(each[back], []).append(each)
        return self._backs[target]

    def _kind(self, model: str, path: str) -> str:
        for name in path.split("."):
            kind = self._type(model, name)
            model = kind.split(":")[1] if ":" in kind else ""
        return kind

    def _type(self, model: str, name: str) -> str:
        if name == "id":
            return "integer"
        if model not in SCHEMA or name not in self.fields(model):
            raise BadField(name, model)
        return SCHEMA[model][name]

    def _plain(self, kind: str, value: Any) -> Any:
        if kind == "boolean":
            return bool(value)
        return float(int(value)) if kind == "datetime" and value is not None and self._whole else value

    def _asked(self, kind: str, wanted: Any) -> Any:
        if kind == "datetime" and isinstance(wanted, str):
            return datetime.strptime(wanted, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
        if isinstance(wanted, list):
            return frozenset(None if each is False and kind != "boolean" else each for each in wanted)
        return None if wanted is False and kind != "boolean" else wanted


def _names(term: Any, field: str) -> bool:
    return isinstance(term, list) and term[0] == field


_OPERATORS: Mapping[str, Callable[[list[Any], Any], bool]] = {
    "=": lambda values, asked: asked in values,
    "!=": lambda values, asked: asked not in values,
    "in": lambda values, asked: any(each in asked for each in values),
    "not in": lambda values, asked: all(each not in asked for each in values),
    ">": lambda values, asked: any(each is not None and each > asked for each in values),
    ">=": lambda values, asked: any(each is not None and each >= asked for each in values),
    "<": lambda values, asked: any(each is not None and each < asked for each in values),
}

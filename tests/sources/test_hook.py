"""What a hook takes: every field read exactly or named with how to mend it, proofs checked, nothing taken in part."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.deliveries import DeliveryError, Named, Outcome, Posted, Told
from domain.facts import Direction, Fact, Kind
from sources import OptionError, hook

NOW = datetime(2026, 11, 20, 12, 26, tzinfo=UTC)
KEY = "a key that nobody guesses"
CALL = {"kind": "call", "id": "c-1", "at": "2026-11-20T14:07:00+02:00"}


def read(body: object, **options: str) -> list[Told]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return hook.read_delivery(options, "Europe/Kyiv", Posted(raw, "application/json"), NOW)


def refused(body: object) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        read(body)
    return caught.value


def fault(**fields: Any) -> tuple[str, str]:
    """The field and the sentence of the one thing that is wrong with a call that says this besides."""
    error = refused(CALL | fields)
    assert error.outcome is Outcome.WRONG
    assert [each.index for each in error.faults] == [0]
    return error.faults[0].field, error.faults[0].text


def fact(**fields: Any) -> Fact:
    told = read(CALL | fields)[0].fact
    assert told is not None
    return told


def test_a_fact_is_read_field_by_field() -> None:
    sent = CALL | {
        "kind": "deal_won", "rep": 17, "email": "Anna@Example.com", "extension": "101", "rep_name": "Anna",
        "amount": 1184000.55, "currency": "uah", "seconds": 95, "direction": "out", "answered": True, "title": "№ 5",
        "customer": "Ромашка", "pipeline": "A", "stage": "B", "loss_reason": "C", "url": "https://crm.example.com/5",
        "revision": 7,
    }  # fmt: skip
    at = datetime(2026, 11, 20, 12, 7, tzinfo=UTC)
    assert read(sent) == [
        Told(
            Kind.DEAL_WON,
            "c-1",
            Fact(
                Kind.DEAL_WON, at, None, None, Decimal("1184000.55"), "UAH", 95, Direction.OUT, True,
                "№ 5", "Ромашка", "A", "B", "C",
            ),
            Named("17", "anna@example.com", "101", "Anna"),
            7,
            "https://crm.example.com/5",
        )
    ]  # fmt: skip
    assert read(sent)[0].record == "deal_won:c-1"


def test_one_fact_or_a_list_or_none_may_come() -> None:
    assert len(read(CALL)) == 1
    assert [each.id for each in read([CALL, CALL | {"id": 5}])] == ["c-1", "5"]
    assert read([]) == []
    assert len(read(b"\xef\xbb\xbf" + json.dumps(CALL).encode())) == 1


@pytest.mark.parametrize(
    ("at", "moment", "on"),
    [
        ("2026-11-20T14:07:00+02:00", datetime(2026, 11, 20, 12, 7, tzinfo=UTC), None),
        ("2026-11-20 14:07:00.5Z", datetime(2026, 11, 20, 14, 7, 0, 500_000, tzinfo=UTC), None),
        ("2026-11-20T14:07:00", datetime(2026, 11, 20, 12, 7, tzinfo=UTC), None),
        ("2026-07-20T14:07", datetime(2026, 7, 20, 11, 7, tzinfo=UTC), None),
        ("2026-11-20", datetime(2026, 11, 19, 22, tzinfo=UTC), date(2026, 11, 20)),
    ],
)
def test_a_time_without_an_offset_is_the_offices_and_a_day_is_a_day(at: str, moment: datetime, on: date | None) -> None:
    assert (fact(at=at).at, fact(at=at).on) == (moment, on)


@pytest.mark.parametrize("text", ["0.1", "1184000.55", "-20.10", "1e3", "100", "0.30000000000000004", "1000000000000"])
def test_an_amount_is_exact_however_it_is_written(text: str) -> None:
    assert (fact(amount=None).amount, fact(amount="").amount) == (None, None)
    raw = json.dumps(CALL)[:-1].encode() + f', "amount": {text}}}'.encode()
    told = read(raw)[0].fact
    assert told is not None
    assert told.amount == Decimal(text)
    if "e" not in text:
        assert fact(amount=text).amount == Decimal(text)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kind", "chat", "use one of call, email"),
        ("kind", ["call"], "a list is no kind"),
        ("id", "", "so that the same fact sent again replaces itself"),
        ("id", "  ", "1 to 200 characters"),
        ("id", "x" * 201, "at most 200 characters"),
        ("id", "a\u0000b", "cannot be printed"),
        ("id", "a\nb", "in one line"),
        ("id", 1.5, "no text"),
        ("at", "20.11.2026", "write it like 2026-11-20T14:07:00+02:00"),
        ("at", "2026-02-30", "2026-02-30"),
        ("at", "2026-11-20T25:00", "is no time"),
        ("at", "0001-01-01", "is no time"),
        ("at", 1795000000, "is no time"),
        ("rep", True, "no text"),
        ("email", "anna", "anna@example.com"),
        ("extension", "1" * 41, "at most 40"),
        ("rep_name", "x" * 101, "at most 100"),
        ("amount", "1 000", "without spaces"),
        ("amount", "ten", "is no amount"),
        ("amount", 10**12 + 1, "at most 1,000,000,000,000"),
        ("amount", True, "is no amount"),
        ("currency", "грн", "three letters"),
        ("seconds", -1, "whole number from 0"),
        ("seconds", 1.5, "whole number from 0"),
        ("direction", "outgoing", "use in or out"),
        ("answered", "yes", "neither true nor false"),
        ("title", "x" * 501, "at most 500"),
        ("title", "\ud800", "cannot be printed"),
        ("url", "javascript:alert(1)", "write it like https://"),
        ("revision", 2**60, "whole number from 0"),
        ("emial", "a@b.c", "Did you mean email?"),
    ],
)
def test_what_cannot_be_taken_is_named_with_how_to_mend_it(field: str, value: object, words: str) -> None:
    named, text = fault(**{field: value})
    assert named == field
    assert words in text


def test_a_short_number_that_is_very_long_takes_no_time() -> None:
    for field in ("amount", "seconds", "revision", "id"):
        for number in ("1e999999999", "1e-999999999", "9" * 5000):
            body = json.dumps(CALL | {field: 0}).replace(f'"{field}": 0', f'"{field}": {number}')
            assert refused(body.encode()).faults[0].field == field


def test_everything_wrong_is_listed_with_its_place_and_nothing_is_taken() -> None:
    error = refused([CALL, {"kind": "call"}, 5, CALL | {"amount": "x"}])
    assert [(each.index, each.field) for each in error.faults] == [(1, "id"), (1, "at"), (2, ""), (3, "amount")]
    assert "Nothing was stored" in str(error)


def test_very_many_mistakes_are_not_all_listed() -> None:
    error = refused([{"no": 1}] * 5000)
    assert 100 <= len(error.faults) < 110
    assert "There may be more" in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"null", b"5", b'"call"', b"[" * 50_000, b'{"kind": NaN}', b"1e" + b"9" * 30]
)
def test_what_is_no_json_object_or_list_is_unreadable(body: bytes) -> None:
    assert refused(body).outcome is Outcome.UNREADABLE


def test_so_many_facts_and_no_more_are_taken_at_once() -> None:
    assert len(read([CALL] * hook.MOST_FACTS)) == hook.MOST_FACTS
    assert refused([CALL] * (hook.MOST_FACTS + 1)).outcome is Outcome.TOO_MANY


def test_a_fact_is_taken_back_by_its_kind_and_id_alone() -> None:
    assert read({"kind": "call", "id": "c-1", "deleted": True}) == [Told(Kind.CALL, "c-1", None)]
    assert read(CALL | {"deleted": "false"})[0].fact is not None


@pytest.mark.parametrize("mime", ["", "text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_only_json_is_taken(mime: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        hook.read_delivery({}, "UTC", Posted(b"[]", mime), NOW)
    assert caught.value.outcome is Outcome.NO_JSON


def signed(body: bytes, at: datetime = NOW, key: str = KEY) -> Posted:
    stamp = str(int(at.timestamp()))
    made = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Posted(body, "application/json", stamp, f"sha256={made}")


def proven(posted: Posted) -> bool:
    try:
        hook.read_delivery({"signing_key": KEY}, "UTC", posted, NOW)
    except DeliveryError as error:
        return (error.outcome, KEY in str(error)) != (Outcome.UNPROVEN, False)
    return True


def test_with_a_signing_key_only_what_is_signed_with_it_about_now_is_taken() -> None:
    good = signed(b"[]")
    assert proven(good)
    assert proven(signed(b"[]", NOW - timedelta(seconds=300)))
    assert not proven(signed(b"[]", NOW - timedelta(seconds=301)))
    assert not proven(signed(b"[]", NOW + timedelta(seconds=301)))
    assert not proven(signed(b"[]", key="another"))
    assert not proven(Posted(b"[ ]", good.mime, good.timestamp, good.signature))
    assert not proven(Posted(b"[]", good.mime, str(int(good.timestamp) + 1), good.signature))
    assert not proven(Posted(b"[]", good.mime))
    assert not proven(Posted(b"[]", good.mime, good.timestamp, "sha256=ключ"))
    stamp = "soon"
    made = hmac.new(KEY.encode(), f"{stamp}.[]".encode(), hashlib.sha256).hexdigest()
    assert not proven(Posted(b"[]", good.mime, stamp, f"sha256={made}"))


def test_options_that_do_not_fit_are_named() -> None:
    with pytest.raises(OptionError, match="at least 16"):
        hook.connect({"signing_key": "short", "gives": ""}, site())
    with pytest.raises(OptionError, match="'visit'"):
        hook.connect({"gives": "call, visit"}, site())
    assert hook.gives({"gives": "call, deal_won"}) == {Kind.CALL, Kind.DEAL_WON}


def site() -> Any:
    """Nothing of a site is needed where options are refused."""
    return None

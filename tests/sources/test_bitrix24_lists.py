"""Lists, events and photos of Bitrix24."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sources import SchemaError
from sources._bitrix24.errors import Failure, Trouble
from sources._bitrix24.options import Choice, Invoices, Reps
from sources._bitrix24.pages import Want, ask
from sources._bitrix24.people import people
from sources._bitrix24.photos import fetch
from sources._bitrix24.portal import Command, Reply
from sources._bitrix24.streams import CALLS, DEALS, INVOICES, Stream, date_text, streams
from sources.bitrix24 import deletion, parse_event, verified
from sources.http import Bucket, CrmSession

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def reply(results: Mapping[str, Any], failures: Mapping[str, Failure] | None = None) -> Reply:
    return Reply(results, failures or {}, {}, NOW)


class Canned:
    """A portal that answers one batch with what it was given."""

    def __init__(self, answer: Reply) -> None:
        self.answer = answer
        self.asked: dict[str, Command] = {}

    def batch(self, commands: Mapping[str, Command], deadline: float) -> Reply:
        self.asked = dict(commands)
        return self.answer


ITEMS = Stream("deals", "crm.item.list", fixed={"entityTypeId": 2})


def page(first: int, count: int) -> dict[str, Any]:
    return {"items": [{"id": number} for number in range(first, first + count)]}


def asked(results: Mapping[str, Any], failures: Mapping[str, Failure] | None = None, last: int = 0) -> Any:
    portal = Canned(reply(results, failures))
    return ask(portal, {"deals": Want(ITEMS, last, 3)}, 0)[1]["deals"]  # type: ignore[arg-type]  # a portal's part


def test_what_follows_a_short_page_is_not_believed() -> None:
    found = asked({"deals_0": page(1, 50), "deals_1": page(51, 7), "deals_2": page(1, 50)})
    assert (len(found.rows), found.last, found.ended) == (57, 57, True)


def test_a_chain_that_breaks_is_taken_up_where_it_broke() -> None:
    server = Failure(Trouble.SERVER, "x", "")
    found = asked({"deals_0": page(1, 50)}, {"deals_1": server, "deals_2": server})
    assert (len(found.rows), found.last, found.ended, found.failure) == (50, 50, False, None)


@pytest.mark.parametrize("result", [None, False, "x", {"rows": []}, 7])
def test_an_answer_without_a_list_ends_nothing(result: Any) -> None:
    found = asked({"deals_0": result})
    assert (found.ended, found.failure.trouble) == (False, Trouble.SERVER)


def test_a_portal_that_ignores_the_filter_by_id_is_not_read_for_ever() -> None:
    with pytest.raises(SchemaError, match="ignores"):
        asked({"deals_0": page(1, 50)}, last=900)


def test_every_list_pages_by_id_in_the_form_of_its_method() -> None:
    known = {stream.name: stream for stream in streams(Choice(), old_methods=False, telephony=True)}
    text = known[CALLS].command(7).text()
    assert text == "voximplant.statistic.get?FILTER[%3EID]=7&SORT=ID&ORDER=ASC&start=-1"
    assert "order[id]=ASC&start=-1" in known[DEALS].command(7).text()
    old = {stream.name: stream for stream in streams(Choice(invoices=Invoices.OLD), old_methods=True, telephony=True)}
    assert old[DEALS].command(7).text().startswith("crm.deal.list?select[]=ID&select[]=TITLE&select[]=ASSIGNED_BY_ID")
    assert old[INVOICES].method == "crm.invoice.list"
    assert old[DEALS].rows([{"ID": "5", "DATE_MODIFY": "x"}]) == [{"id": "5", "updatedTime": "x"}]


def test_dates_in_filters_bear_the_servers_own_offset() -> None:
    zone = timezone(timedelta(hours=3))
    assert date_text(NOW, zone, naive=False) == "2026-11-20T15:00:00+03:00"
    assert date_text(NOW, zone, naive=True) == "2026-11-20 15:00:00"


def form(**other: str) -> bytes:
    body = {
        "event": "ONCRMDEALUPDATE", "data%5BFIELDS%5D%5BID%5D": "759", "ts": "1736405807",
        "auth%5Bapplication_token%5D": "t0ken", **other,
    }  # fmt: skip
    return "&".join(f"{name}={value}" for name, value in body.items()).encode()


def test_an_event_is_believed_by_its_token_alone() -> None:
    event = verified(parse_event(form()), "t0ken")
    assert event is not None
    assert (event.name, event.record, event.deleted) == ("ONCRMDEALUPDATE", "deal:759", False)
    assert verified(parse_event(form()), "another") is None
    assert verified(parse_event(form()), "") is None
    assert verified(parse_event(b"event=ONCRMDEALUPDATE"), "t0ken") is None
    assert verified(parse_event(form(event="ONIMBOTMESSAGEADD")), "t0ken") is None
    assert verified(parse_event(b"\xff\xfe&&=%zz"), "t0ken") is None


def test_a_deletion_is_newer_than_all_that_was_known() -> None:
    event = verified(parse_event(form(event="onCrmDealDelete")), "t0ken")
    assert event is not None
    assert [(change.record, change.facts, change.revision) for change in deletion(event)] == [
        ("deal:759", (), 1736405808000)
    ]
    letter = verified(parse_event(form(event="ONCRMACTIVITYDELETE")), "t0ken")
    assert letter is not None
    assert [change.record for change in deletion(letter)] == ["activity:759", "email:759"]
    smart = verified(parse_event(form(event="ONCRMDYNAMICITEMDELETE")), "t0ken")
    assert smart is not None
    assert deletion(smart) == ()


def test_photos_are_fetched_once_and_only_if_they_are_pictures(tmp_path: Path) -> None:
    from tests.sources.test_http import reply as answer
    from tests.sources.test_http import served

    bodies = {"/1.jpg": b"\xff\xd8\xff\xe0jpeg", "/2.jpg": b"<html>login</html>", "/3": b"\x89PNG\r\n\x1a\nx"}
    with served(lambda handler, _: answer(handler, 200, bodies[handler.path])) as (url, seen):
        session = CrmSession(Bucket(100, 100), now=lambda: NOW, allow_local=True)
        photos = {"1": f"{url}/1.jpg", "2": f"{url}/2.jpg", "3": f"{url}/3", "../4": f"{url}/1.jpg"}
        assert fetch(session, photos, tmp_path, 1e12) == 2
        assert fetch(session, photos, tmp_path, 1e12) == 0
    assert len(seen) == 3
    listed = people([{"ID": "1"}, {"ID": "2"}, {"ID": "3"}], Reps(), tmp_path)
    assert [person.photo for person in listed] == ["photos/1.jpg", None, "photos/3.png"]

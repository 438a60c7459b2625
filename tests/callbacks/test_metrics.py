"""The metrics page: what is shown, what counts, the limits of the pace, the ranking; saved whole, in one place."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from callbacks.settings import metrics as page
from callbacks.settings import office as office_page
from callbacks.settings.metrics import Form
from domain.metrics import METRICS
from domain.privacy import discreet, discretion
from domain.settings import Credit, DayShape, PeriodKind, Slot
from layouts import ids, me, showing
from layouts.panels import overview
from layouts.settings.slots import Offer
from layouts.text import Text
from storage import audit, facts
from storage import db as store
from tests import boards
from tests.callbacks.reading import Tree, classed, values
from tests.desk.office import Office


def form(office: Office, hidden: tuple[str, ...] = (), points: dict[str, str] | None = None, **typed: str) -> Form:
    """The form as it stands, with some fields typed over, ticks taken away and points given."""
    drawn = page.sheet(office.deps.settings())
    return Form({**drawn.typed, **typed}, drawn.shown - set(hidden), {**drawn.points, **(points or {})}, drawn.seen)


def save(office: Office, text: Text, given: Form) -> Tree:
    return page.save(office.deps, text, "lead", given)


def test_the_form_that_is_drawn_reads_back_as_the_same_settings(office: Office, text: Text) -> None:
    save(office, text, form(office, ("emails",), {"calls": "1", "deals_won_amount": "0,25"}, rank_by="points"))
    settings = office.deps.settings()
    assert page.read(text, settings, form(office)) == page.Reading(settings, {})
    drawn = values(page.page(office.deps, text, None))
    assert drawn[str(ids.metric_points("deals_won_amount"))] == "0.25"
    assert (drawn[str(ids.metric_shown("emails"))], drawn[str(ids.metric_shown("calls"))]) == (False, True)
    assert str(ids.metric_points("win_rate")) not in drawn


def test_every_field_is_saved_with_who_and_when_and_no_other_page_has_it(office: Office, text: Text) -> None:
    points = {"deals_won": "100", "call_seconds": "0.5"}
    typed = {
        "productive_seconds": "45", "credit": "current_owner", "rank_metric": "calls", "rank_by": "points",
        "rank_period": "week", "rank_top": "0", "early_percent": "10", "behind_percent": "25",
        "day_shape": "usual",
    }  # fmt: skip
    assert classed(save(office, text, form(office, ("emails", "missed_calls"), points, **typed)), "good")
    new = office.deps.settings()
    assert new == replace(
        new,
        productive_seconds=45,
        credit=Credit.CURRENT_OWNER,
        rank_metric="calls",
        rank_by="points",
        rank_period=PeriodKind.WEEK,
        rank_top=0,
        early_percent=10,
        behind_percent=25,
        day_shape=DayShape.USUAL,
        rank_points=(("call_seconds", Decimal("0.5")), ("deals_won", Decimal(100))),
        metrics_hidden=frozenset(("emails", "missed_calls")),
    )
    with store.read(office.deps.db) as conn:
        entries = [entry for entry in audit.latest(conn, 30) if entry.what == "setting"]
        assert not facts.out_of_date(conn, new)
    assert {entry.subject for entry in entries} == set(page.FIELDS)
    assert {entry.who for entry in entries} == {"lead"}
    assert not set(page.FIELDS) & set(office_page.FIELDS)


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({"productive_seconds": "-1"}, ids.metrics_field("productive_seconds"), "Cannot be negative"),
        ({"rank_top": "101"}, ids.metrics_field("rank_top"), "A whole number from 0 to 100"),
        ({"early_percent": "95"}, ids.metrics_field("early_percent"), "A whole number from 0 to 90"),
        ({"behind_percent": "0"}, ids.metrics_field("behind_percent"), "A whole number from 1 to 90"),
        ({"rank_metric": "charm"}, ids.metrics_field("rank_metric"), "Choose one of the list"),
        ({"rank_by": "points"}, ids.metrics_field("rank_by"), "Give points to at least one metric in the table"),
        ({"points": {"calls": "many"}}, ids.metric_points("calls"), "Not a number"),
        ({"points": {"calls": "-5"}}, ids.metric_points("calls"), "Cannot be negative"),
        ({"points": {"calls": "1000000"}}, ids.metric_points("calls"), "Too large"),
        (
            {"hidden": ("deals_won_amount",)},
            ids.metrics_field("rank_metric"),
            "This metric is hidden: show it, or rank by another one",
        ),
        (
            {"hidden": overview.METRICS},
            ids.metric_points("calls"),
            "The overview would be empty: show at least one of its metrics",
        ),
    ],
)
def test_what_cannot_be_is_told_beside_it_and_nothing_is_saved(
    office: Office, text: Text, change: dict[str, Any], where: dict[str, object], why: str
) -> None:
    before = office.deps.settings()
    tree = save(office, text, form(office, credit="current_owner", **change))
    assert classed(tree, "problem") == [why]
    assert classed(tree, "said") == ["Nothing is saved: 1 field cannot be read."]
    assert str(where) in values(tree)
    assert office.deps.settings() == before


def test_a_change_over_somebody_elses_is_refused_and_no_change_is_said(office: Office, text: Text) -> None:
    mine = form(office, rank_top="5")
    save(office, text, form(office, rank_top="7"))
    assert "somebody changed these settings meanwhile" in classed(save(office, text, mine), "said")[0]
    assert office.deps.settings().rank_top == 7
    assert classed(save(office, text, form(office)), "said") == ["Nothing to save: nothing has changed."]


def test_a_hidden_metric_is_nowhere_but_in_the_counting(office: Office, text: Text) -> None:
    save(office, text, form(office, ("emails", "productive_calls", "invoices_issued_amount")))
    settings = office.deps.settings()
    full = boards.board(12)
    board = discreet(full, discretion(settings))
    assert [line.key for line in overview.view(board, Slot("overview", 9), text).lines] == [
        key for key in overview.METRICS if key != "emails"
    ]
    assert board.metric("emails").progress.actual is None
    assert showing.is_hidden(Slot("emails", 9), settings)
    assert showing.is_hidden(Slot("leaderboard", 9, metric="emails"), settings)
    assert not showing.is_hidden(Slot("calls", 9), settings)
    assert "emails" not in me.shown_metrics(settings)
    assert "emails" not in Offer(hidden=settings.metrics_hidden).panels()
    assert full.metric("emails").progress.actual is not None
    assert set(METRICS) == set(full.metrics)


def test_the_form_is_read_as_the_browser_sends_it() -> None:
    read = page.read_form(
        ["5", None], [{"name": "rank_top"}, {"name": "credit"}], [True, None],
        [{"metric": "calls"}, {"metric": "emails"}], ["1.5", None], [{"metric": "calls"}, {"metric": "emails"}], "x",
    )  # fmt: skip
    assert read == Form({"rank_top": "5", "credit": ""}, frozenset(("calls",)), {"calls": "1.5", "emails": ""}, "x")

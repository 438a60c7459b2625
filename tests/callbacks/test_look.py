"""The look page: colours, rest and privacy."""

from __future__ import annotations

import pytest

from callbacks.settings import look
from domain.settings import AfterHours, Theme
from layouts import ids
from layouts.text import Text
from tests.callbacks.reading import Tree, classed, values
from tests.desk.office import Office

ALL = {"theme": "light", "after_hours": "sleep", "first_names_only": True, "hide_amounts": True, "hide_ranking": False}


def send(office: Office, text: Text, typed: dict[str, object], seen: str | None = None) -> Tree:
    wanted = look.read_form(list(typed.values()), [{"name": name} for name in typed])
    return look.save(office.deps, text, "lead", wanted, seen or look.mark(office.deps.settings()))


def test_the_form_shows_what_holds(office: Office, text: Text) -> None:
    form = values(look.page(office.deps, text, None))
    assert form[str(ids.look_field("theme"))] == "dark"
    assert form[str(ids.look_field("after_hours"))] == "on"
    assert form[str(ids.look_field("hide_amounts"))] is False


def test_everything_is_saved_together(office: Office, text: Text) -> None:
    assert classed(send(office, text, ALL), "good") == ["Saved. The wall shows it in a moment."]
    now = office.deps.settings()
    assert (now.theme, now.after_hours) == (Theme.LIGHT, AfterHours.SLEEP)
    assert (now.first_names_only, now.hide_amounts, now.hide_ranking) == (True, True, False)


def test_saving_what_is_there_already_says_so(office: Office, text: Text) -> None:
    same = {name: getattr(office.deps.settings(), name) for name in look.FIELDS}
    assert classed(send(office, text, same), "said") == ["Nothing to save: nothing has changed."]


def test_what_somebody_changed_meanwhile_is_not_overwritten(office: Office, text: Text) -> None:
    seen = look.mark(office.deps.settings())
    send(office, text, {"theme": "light"})
    tree = send(office, text, {"theme": "dark", "hide_amounts": True}, seen)
    assert "somebody changed these settings meanwhile" in classed(tree, "said")[0]
    assert (office.deps.settings().theme, office.deps.settings().hide_amounts) == (Theme.LIGHT, False)


@pytest.mark.parametrize("sent", [{"theme": "neon"}, {"after_hours": ["off"]}, {"currency": "EUR"}, {}])
def test_what_is_no_choice_of_this_page_changes_nothing(office: Office, text: Text, sent: dict[str, object]) -> None:
    before = office.deps.settings()
    send(office, text, sent)
    assert office.deps.settings() == before

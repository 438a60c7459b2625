"""What is said of a won deal, and what is not said where the office wishes it so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from domain.celebrations import Celebration, Cheer
from domain.people import Rep
from domain.privacy import discreet, discretion
from domain.settings import Celebrating, PeriodKind, Settings
from layouts import celebration
from layouts.celebration import CelebrationView
from layouts.text import Text
from tests import boards

MONTH = boards.board(kind=PeriodKind.MONTH)


def cheer(rep: int = 1, amount: int | None = 240_000, customer: str | None = "Rozetka Opt") -> Cheer:
    paid = None if amount is None else Decimal(amount)
    at = boards.NOW - timedelta(minutes=1)
    win = Celebration(7, "main:deal:7", f"main:{rep}", at, at, paid, "EUR" if paid else None, "Deal 7", customer)
    return Cheer(win, Rep(f"main:{rep}", boards.name_of(rep - 1), team="main:n"))


def seen(of: Cheer, settings: Settings | None = None, language: str = "en") -> CelebrationView:
    settings = settings or Settings()
    return celebration.view(of, discreet(MONTH, discretion(settings)), settings, Text(language))


def test_a_leader_is_told_so_and_how_far_ahead() -> None:
    shown = seen(cheer())
    assert (shown.name, shown.sum, shown.customer) == ("Олена Коваль", "€240,000", "Rozetka Opt")
    assert (shown.place, shown.leads, shown.way) == ("★ Leader of the month", True, "₴92,000 ahead of the next")


def test_everybody_else_is_told_the_place_and_the_way_up() -> None:
    shown = seen(cheer(rep=4), language="uk")
    assert (shown.place, shown.leads) == ("4 місце · Листопад", False)
    assert shown.way.replace("\N{NO-BREAK SPACE}", " ") == "184 000 ₴ до вищого місця"


def test_the_month_stands_against_its_plan() -> None:
    shown = seen(cheer(rep=5))
    assert shown.month.endswith("planned this month")
    assert shown.share.endswith("%")
    assert shown.bar is not None


def test_what_is_not_known_is_left_out() -> None:
    shown = seen(cheer(amount=None, customer=None))
    assert (shown.sum, shown.customer) == ("", "Deal 7")
    stranger = seen(Cheer(cheer().win, Rep("main:77", "Nobody Yet")))
    assert (stranger.place, stranger.way, stranger.month, stranger.bar) == ("", "", "", None)


def test_amounts_family_names_and_places_stay_hidden_where_the_office_wishes_it() -> None:
    hidden = Settings(hide_amounts=True, first_names_only=True, hide_ranking=True)
    shown = seen(cheer(rep=2), hidden)
    assert (shown.name, shown.sum, shown.place, shown.way) == ("Nikita", "", "", "")
    assert shown.month == "Plan of the month"
    text = Text("en")
    drawn = celebration.draw([cheer(rep=2)], discreet(MONTH, discretion(hidden)), hidden, text, boards.NOW).drawn[0]
    assert "₴" not in drawn.html + drawn.line
    assert "€" not in drawn.html + drawn.line
    assert "Orlov" not in drawn.html + drawn.line


def test_by_first_names_alone_namesakes_are_told_apart_as_on_the_panels() -> None:
    calls = MONTH.metrics["calls"]
    reps = tuple(replace(each, name="Олена Бойко") if each.rep == "main:7" else each for each in calls.reps)
    board = replace(MONTH, metrics={"calls": replace(calls, reps=reps)}, leaderboard=boards.leaderboard(0))
    short = Settings(first_names_only=True)
    discreetly = discreet(board, discretion(short))

    def winner(key: str, name: str) -> str:
        return celebration.view(Cheer(cheer().win, Rep(key, name)), discreetly, short, Text("uk")).name

    assert (winner("main:1", "Олена Коваль"), winner("main:7", "Олена Бойко")) == ("Олена К.", "Олена Б.")
    assert winner("main:77", "Олена Нова") == "Олена"


def test_names_are_escaped_and_demo_is_said() -> None:
    demo = replace(MONTH, demo=True)
    nasty = cheer(rep=11, customer=boards.HOSTILE)
    drawn = celebration.draw([nasty], demo, Settings(), Text("en"), boards.NOW).drawn[0]
    assert "<script" not in drawn.html + drawn.line
    assert "<img" not in drawn.html + drawn.line
    assert ">Demo<" in drawn.html
    assert ">Demo<" in drawn.line


def test_the_sound_is_that_of_the_team_and_mute_is_not_audible() -> None:
    rules = Celebrating(team_sounds=(("main:n", "bell"),))
    settings = Settings(celebrating=rules)
    party = celebration.draw([cheer()], MONTH, settings, Text("en"), boards.NOW)
    assert (party.drawn[0].sound, party.audible) == ("/sounds/bell", True)
    mute = Settings(celebrating=replace(rules, volume=0))
    assert not celebration.draw([], MONTH, mute, Text("en"), boards.NOW).audible
    silent = Settings(celebrating=Celebrating(sound=""))
    assert celebration.draw([cheer()], MONTH, silent, Text("en"), boards.NOW).drawn[0].sound == ""

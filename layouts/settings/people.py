"""The people page: who sells, who waits to be mapped, who is the same person, and the teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.settings import drawn, parts, teams
from layouts.settings.drawn import Act, Cell, Row
from layouts.settings.teams import Group, NewGroup
from layouts.text import Text


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of a source. `team` and `email` may be ''. `facts` of the last 30 days, where they wait to be mapped.

    `others` are the same person in other sources: key, name and source of each. `notes` are what is out of the
    ordinary, in words. `page` = there is a page of this person.
    """

    key: str
    name: str
    team: str
    email: str
    source: str
    active: bool
    facts: int = 0
    others: Sequence[tuple[str, str, str]] = ()
    notes: Sequence[str] = ()
    page: bool = True


@dataclass(frozen=True, slots=True)
class Crew:
    """Everybody: `reps` sell, `waiting` have facts and do not, `others` have none. `orphans` are nobody's facts.

    `groups` are the teams, None for who does not answer for the whole office.
    """

    reps: Sequence[Somebody]
    waiting: Sequence[Somebody]
    others: Sequence[Somebody]
    orphans: int
    groups: tuple[Sequence[Group], NewGroup] | None = None


def page(text: Text, crew: Crew, *more: Component) -> Component:
    """The whole page; `more` are sections of their own."""
    many = len(crew.reps) + len(crew.waiting) + len(crew.others) > parts.SEEK_FROM
    search = html.Div(parts.seek(text.t("Find somebody")), className="bar") if many else None
    return parts.page(text.t("People"), None, search, html.Div(content(text, crew, None), id=ids.PEOPLE),
                      dcc.Store(id=ids.PEOPLE_PRESS), *more)  # fmt: skip


def content(text: Text, crew: Crew, said: Component | None) -> list[Component | None]:
    """What every change draws anew."""
    return [
        said,
        _waiting(text, crew),
        _reps(text, crew),
        _joined(text, crew),
        teams.section(text, *crew.groups) if crew.groups else None,
        _others(text, crew),
    ]


def _waiting(text: Text, crew: Crew) -> Component | None:
    if not crew.waiting and not crew.orphans:
        return None
    orphans = text.tn(
        "{n} record of the last 30 days has no owner in the CRM.",
        "{n} records of the last 30 days have no owner in the CRM.",
        crew.orphans,
    )
    rows = [_row(text, each, Cell(str(each.facts)), Cell(acts=[_sells(text, each)])) for each in crew.waiting]
    return parts.section(
        text.t("Wait to be mapped"),
        drawn.table([text.t("Who"), text.t("Records, 30 days"), ""], rows) if rows else None,
        html.P(orphans) if crew.orphans else None,
        hint=text.t("They are in the CRM and have records, but nobody said that they sell. Their records are kept."),
    )


def _reps(text: Text, crew: Crew) -> Component:
    rows = [
        _row(text, each, Cell(each.team), Cell(small=[" · ".join(each.notes)]), Cell(acts=[_sells_not(text, each)]))
        for each in crew.reps
    ]
    return parts.section(
        text.t("Managers"),
        drawn.table([text.t("Who"), text.t("Team"), "", ""], rows) if rows else html.P(text.t("Nobody yet.")),
        hint=text.t("The name opens the person's own page: name, team, photo, working days, first and last day."),
    )


def _others(text: Text, crew: Crew) -> Component | None:
    if not crew.others:
        return None
    rows = [_row(text, each, Cell(each.email), Cell(acts=[_sells(text, each)])) for each in crew.others]
    return parts.section(text.t("Other people of the CRM"), drawn.table([text.t("Who"), text.t("Email"), ""], rows))


def _joined(text: Text, crew: Crew) -> Component | None:
    """Who is known to several sources, and the form that says so of two more. Nothing where one source is all."""
    everybody = [*crew.reps, *crew.waiting, *crew.others]
    rows: list[list[Component | str]] = [
        [_also(each.name, each.source), _also(name, source), _separate(text, key, name)]
        for each in everybody
        for key, name, source in each.others
    ]
    if not rows and len({each.source for each in everybody}) < 2:
        return None
    people = {"": "–"} | {each.key: f"{each.name} · {each.source}" for each in everybody}
    joining = html.Div(
        [
            parts.field(text.t("Who"), parts.choice(ids.person("pair", "who"), people, "")),
            parts.field(text.t("Same person as"), parts.choice(ids.person("pair", "with"), people, "")),
            parts.button(ids.person("join", ""), text.t("Join")),
        ],
        className="adding",
    )
    heads = [text.t("Who"), text.t("Also known as"), ""]
    return parts.section(
        text.t("One person in several sources"),
        parts.table(heads, rows) if rows else None,
        joining,
        hint=text.t("Joined people rank once, with the name, team and plan of the second one. No record changes: "
                    "separated, they have their old numbers. The same email joins by itself."),
    )  # fmt: skip


def _also(name: str, source: str) -> Component:
    return html.Span([html.Bdi(name), html.Small(source)], className="who")


def _separate(text: Text, key: str, name: str) -> Component:
    spoken = html.Span(name, className="unseen")
    return parts.button(ids.person("separate", key), [text.t("Separate"), " ", spoken], "light")


def _row(text: Text, each: Somebody, *cells: Cell) -> Row:
    gone = [] if each.active else [text.t("no longer in the CRM")]
    name = Cell(each.name, person_address(each.key) if each.page else "", [each.source, *gone])
    return Row([name, *cells], f"{each.name} {each.team} {each.email}")


def _sells(text: Text, each: Somebody) -> Act:
    return Act(text.t("Sells"), each.name, "sells", each.key, ids.PEOPLE_PRESS)


def _sells_not(text: Text, each: Somebody) -> Act:
    return Act(text.t("Does not sell"), each.name, "sells-not", each.key, ids.PEOPLE_PRESS)


def person_address(key: str) -> str:
    """The page of one person."""
    return f"/settings/people?{parts.query(who=key)}"

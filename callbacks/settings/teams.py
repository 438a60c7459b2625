"""The teams of the people page at work: they are renamed, made and removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from layouts import ids
from layouts.settings.entry import EntryError
from layouts.settings.teams import Group, NewGroup
from layouts.text import Text
from storage import people, teams
from storage.db import StoreError
from storage.names import LONGEST, TakenNameError, UnfitNameError


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields by a team's key, '' = a new one; after a mistake what is wrong with which."""

    names: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    problem: str | None = None


UNTYPED = Typed()


class WrongNameError(EntryError):
    """A team cannot be called so."""


def is_pressed(pressed: Any) -> bool:
    """Whether the button is one of a team."""
    return pressed["type"] in {ids.team(part, "")["type"] for part in ("add", "rename", "remove")}


def groups(conn: Connection, typed: Typed) -> tuple[list[Group], NewGroup]:
    """Every team with how many managers are in it now, and the form of a new one."""
    reps, known = people.crew(conn)
    count = Counter(rep.team for rep in reps)
    listed = [Group(team.key, team.name, teams.is_own(team.key), count[team.key]) for team in known]
    if typed.key is None:
        return listed, NewGroup()
    wrong = typed.names.get(typed.key, "")
    marked = [replace(each, typed=wrong, problem=typed.problem) if each.key == typed.key else each for each in listed]
    return marked, NewGroup(wrong, typed.problem) if not typed.key else NewGroup()


def do(conn: Connection, text: Text, who: str, pressed: Mapping[str, Any], typed: Typed, at: datetime) -> str:
    """Do what the button says; what is to be said afterwards. Raises WrongNameError, StoreError."""
    key = str(pressed["key"])
    name = typed.names.get(key, "")
    try:
        if pressed["type"] == ids.team("add", "")["type"]:
            teams.add(conn, name, who, at)
            return text.t("The team is there. People get into it on their own pages.")
        if pressed["type"] == ids.team("remove", "")["type"]:
            teams.remove(conn, key, who, at)
            return text.t("The team is removed.")
        teams.rename(conn, key, name, who, at)
    except UnfitNameError:
        raise WrongNameError(text.t("1 to {most} characters", most=LONGEST)) from None
    except TakenNameError:
        raise WrongNameError(text.t("There is a team of this name already")) from None
    except StoreError:
        raise EntryError(text.t("People are or were in this team: its numbers need it.")) from None
    return text.t("Saved. The wall shows it in a moment.")

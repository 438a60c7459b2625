"""How far a login reaches: the one answer to which teams and which people it may see and change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """The keys of the teams that a login answers for; None = the whole office."""

    teams: frozenset[str] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the whole office, with what belongs to no team."""
        return self.teams is None

    def team(self, key: str) -> bool:
        """Whether this team is within reach."""
        return self.teams is None or key in self.teams

    def person(self, team: str | None) -> bool:
        """Whether somebody of this team is; who is in none is the whole office's alone."""
        return self.teams is None or team in self.teams


WHOLE = Reach()

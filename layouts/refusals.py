"""What the store refuses to somebody at the desk because another was quicker, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from layouts.text import Text, mark

# The store's own sentences, as it writes them: a test compares.
SENTENCES = (
    mark("This absence is not there any more."),
    mark("An absence cannot end before it begins."),
    mark("This team is not there any more."),
    mark("This manager has no personal link."),
    mark("These two are one person already."),
    mark("This session has ended already."),
    mark("This is the last administrator. Make another one first."),
    mark("Nobody takes away their own login or role: ask another administrator."),
    mark("A login needs a name."),
    mark("The login '{login}' exists already."),
    mark("There is no login called '{login}'."),
    mark("Nobody is invited as '{login}'."),
    mark("A password has at least {n} characters."),
    mark("This password is one of the first that anybody would try. Choose another one."),
    mark("'{who}' is nobody whom a source knows."),
    mark("This change of teams is not there any more."),
    mark("There is no time zone called '{zone}'."),
    mark("This file is not there any more."),
    mark("A source's name has 1 to 40 characters without spaces, ':' and '/'. Rename '{name}'."),
    mark("There is a source called '{name}' already. Choose another name, or remove that one first."),
    mark("There is no source called '{name}'. Sources: {names}."),
    mark("Another process has been renewing this source's login for more than a minute."),
)


@runtime_checkable
class Refusal(Protocol):
    """What the store raises: a sentence, and what its `{placeholders}` stand for."""

    sentence: str
    names: Mapping[str, object]


def plainly(text: Text, error: Exception) -> str:
    """Why nothing was done. What is no sentence of ours stays as it is: it may be in the reader's words already."""
    if isinstance(error, Refusal) and error.sentence in SENTENCES:
        return text.t(error.sentence, **error.names)
    return str(error)

"""What the store refuses to somebody at the desk because another was quicker, in the reader's language."""

from __future__ import annotations

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
)


def plainly(text: Text, error: Exception) -> str:
    """Why nothing was done. What is no sentence of ours stays as it is: it may be in the reader's words already."""
    said = str(error)
    return text.t(said) if said in SENTENCES else said

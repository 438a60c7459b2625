"""What failed lists teach: a metric that is not to be had, an older portal, or that somebody has to log in."""

from __future__ import annotations

from collections.abc import Mapping

from domain.facts import Kind, Lack, Problem
from sources import AuthError
from sources._bitrix24.errors import DISABLING, Failure, Trouble
from sources._bitrix24.options import Calls, Choice, Invoices
from sources._bitrix24.state import Run, State
from sources._bitrix24.streams import ACTIVITIES, CALLS, DEALS, HISTORY, OLD_DEALS, OLD_PLANS, Stream

_LOGIN = frozenset((Trouble.EXPIRED, Trouble.PLAN, Trouble.GONE))
# Inside a request that was let in, these mean the one method: some are not for webhooks, or not for this user.
_THIS_ONE = DISABLING | {Trouble.AUTH}
# What other records are made whole with: when it comes back, they have to be made anew.
CORE = frozenset((DEALS, HISTORY, ACTIVITIES))


class RestartError(Exception):
    """What was learnt changes how everything has to be asked: the run begins again."""


def refused(name: str, failure: Failure, stream: Stream, state: State, run: Run, choice: Choice) -> bool:
    """One list failed. True where it may well work the next time. Raises AuthError, RestartError."""
    if failure.trouble in _LOGIN:
        raise AuthError(f"The portal does not accept the credential ({failure.code}). Make a new webhook or log in.")
    if failure.trouble not in _THIS_ONE:
        return failure.trouble is not Trouble.METHOD_TIME
    if failure.code == "error_method_not_found" and stream.method == "crm.item.list" and not state.old_methods:
        state.old_methods = name == DEALS
        if state.old_methods:
            raise RestartError
    if name == CALLS and failure.trouble is Trouble.ABSENT and choice.calls is Calls.AUTO:
        state.calls = Calls.ACTIVITIES.value
        forget(state)
        raise RestartError
    if name in (OLD_DEALS, OLD_PLANS):
        run.done.append(name)
    else:
        state.off[name] = _reason(stream, failure)
    return False


def forget(state: State) -> None:
    """Everything has to be read anew, because what was missing belongs to what was read."""
    state.read = state.complete = False
    state.since, state.marks, state.seen, state.fresh = {}, {}, {}, {}


def missing(state: State, known: Mapping[str, Stream], choice: Choice) -> dict[Lack, str]:
    """The kinds of fact that this portal does not give, and why."""
    found: dict[Lack, str] = {
        kind: reason for name, reason in state.off.items() if name in known for kind in known[name].kinds
    }
    if choice.invoices is Invoices.NONE:
        found |= dict.fromkeys((Kind.INVOICE_ISSUED, Kind.INVOICE_PAID), "reading invoices is switched off")
    return found


def resting(stream: Stream) -> Problem:
    """A method has used the time that the portal grants it."""
    text = (
        f"The portal grants {stream.method} no more time for some minutes, so this part is late. "
        "Other applications on the same credential use it too: give Tablo a webhook of its own."
    )
    return Problem("throttled", stream.method, text)


def _reason(stream: Stream, failure: Failure) -> str:
    if failure.trouble is Trouble.SCOPE:
        return f"the webhook lacks `{stream.scope}`"
    if failure.trouble in (Trouble.RIGHTS, Trouble.AUTH):
        return f"the webhook's owner may not read {stream.method} ({failure.code or 'access denied'})"
    if failure.trouble is Trouble.ABSENT:
        return f"the portal has no {stream.method} for this ({failure.code or 'not supported'})"
    return f"the portal refuses {stream.method} ({failure.code or 'no code'})"

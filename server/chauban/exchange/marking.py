"""Several dispatches noted at one desk: each is an act of its own, with a result of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chauban.accounts.officers import Officer
from chauban.directory.models import Channel
from chauban.exchange.dispatching import mark_received, mark_sent
from chauban.exchange.errors import ExchangeError
from chauban.exchange.models import Dispatch

What = Literal["sent", "received"]


@dataclass(frozen=True)
class Marked:
    """What became of one of them: it is noted, or refused for this reason."""

    dispatch: Dispatch
    error: ExchangeError | None


def takes_word(dispatch: Dispatch) -> bool:
    """Whether a word of its own is asked of it: the post's number, or who signed for it."""
    return dispatch.channel == Channel.HAND or (
        dispatch.channel == Channel.POST and dispatch.state == Dispatch.State.DUE
    )


def mark_each(
    asked: Sequence[tuple[Dispatch, str]],
    what: What,
    *,
    on: date,
    officer: Officer,
    now: datetime,
) -> list[Marked]:
    """Note of each that it was sent, or received, on a day; one that cannot be stops no other.

    Asked are dispatches with their own words: of what goes by post its number there, of what
    was handed over who signed for it (PL IV.I, PL IV.III).

    Raises: NotAllowed: the officer does not issue for the body of one; what stood before it in
        the list is noted.
    """
    return [_marked(one, word, what, on=on, officer=officer, now=now) for one, word in asked]


def _marked(
    dispatch: Dispatch, word: str, what: What, *, on: date, officer: Officer, now: datetime
) -> Marked:
    try:
        if what == "sent":
            is_post = dispatch.channel == Channel.POST
            number = word if is_post else ""
            mark_sent(dispatch, sent_on=on, postal_number=number, officer=officer, now=now)
        else:
            signed = word if dispatch.channel == Channel.HAND else ""
            mark_received(dispatch, received_on=on, received_by=signed, officer=officer, now=now)
    except ExchangeError as error:
        return Marked(dispatch, error)
    return Marked(dispatch, None)

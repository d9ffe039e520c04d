"""Recall and update: what is asked, what an answer changes, what a request does (edxml.md 6.3).

Decided from plain values. Messages come late, twice and out of order; whatever order they come
in, the same ones lead to the same end, but for what the rules say of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chauban.exchange.rules import Effect

AGREED, REFUSED = "15", "16"
RETURNED = "02"


class Request(StrEnum):
    """Where our request to one recipient stands."""

    UNSENT = "unsent"  # the document never left: nothing to ask
    APART = "apart"  # no axis leads there: asked on another way
    WAITING = "waiting"
    UNDELIVERED = "undelivered"  # the request itself did not get there
    AGREED = "agreed"
    REFUSED = "refused"


_OPEN = (Request.WAITING, Request.UNDELIVERED, Request.REFUSED)


def request_to(
    *, is_on_axis: bool, may_have_left: bool, is_refused_by_axis: bool, status_code: str
) -> Request:
    """Where the request to one recipient of a recalled document begins.

    A message tried once may have left, although no answer told so: then the recipient is asked.
    """
    if not may_have_left:
        return Request.UNSENT
    if not is_on_axis:
        return Request.APART
    if is_refused_by_axis:
        return Request.UNSENT
    return Request.AGREED if status_code == RETURNED else Request.WAITING


@dataclass(frozen=True)
class Answered:
    request: Request
    effect: Effect


def request_after(request: Request, code: str) -> Answered:
    """What one more status of the recipient makes of our request.

    15 is final. 16 leaves the document in use: we may ask again, and the recipient may still
    agree. Who returned the document (02) holds none, which is as good as agreed.
    """
    if code not in (AGREED, REFUSED, RETURNED):
        return Answered(request, "noted")
    if request not in _OPEN:
        is_same = request == Request.AGREED and code in (AGREED, RETURNED)
        return Answered(request, "late" if is_same else "conflict")
    if code == REFUSED:
        is_known = request == Request.REFUSED
        return Answered(Request.REFUSED, "late" if is_known else "moved")
    return Answered(Request.AGREED, "moved")


def may_ask_again(request: Request) -> bool:
    """Whether a recipient may be asked once more (edxml.md 5.5: a new recall, after 16)."""
    return request in _OPEN


@dataclass(frozen=True)
class Step:
    """What a recall that came does with the delivery and with the clerk's work."""

    withdraws: bool = False  # at once: it has not been registered
    asks: bool = False  # the clerk is to answer
    answers: str = ""  # the machine repeats an answer, or says that nothing is held


def on_recall(delivery: str, answered: str, *, is_repeat: bool) -> Step:
    """What comes of a recall, by the delivery's state ("": unknown) and our answer so far.

    answered is "", "15" or "16"; is_repeat, that the same message came before. A document that
    is not registered is withdrawn from the inbox; of a registered one the clerk decides.
    """
    if answered == AGREED or (answered == REFUSED and is_repeat):
        return Step(withdraws=is_undecided(delivery), answers=answered)
    if delivery == "returned":
        return Step(answers=AGREED)
    return Step(withdraws=is_undecided(delivery), asks=True)


def is_undecided(delivery: str) -> bool:
    return delivery in ("arrived", "proposed")


def may_refuse(delivery: str) -> bool:
    """Whether a recall may be refused: only of a document that is registered and in use."""
    return delivery == "registered"


def may_answer(answered: str, *, agrees: bool) -> bool:
    """Whether the clerk may still answer so: 15 is final, after 16 she may agree."""
    return not answered or (answered == REFUSED and agrees)


@dataclass(frozen=True)
class Difference:
    """A fact that an update changes, as header_of names it."""

    name: str
    before: str
    after: str


COMPARED = (
    "code_number",
    "code_notation",
    "promulgated_on",
    "kind_name",
    "subject",
    "signer_name",
    "signer_position",
    "priority",
    "due_on",
)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The facts in which two headers differ, in the order of the form."""
    return [
        Difference(name, _text(before.get(name)), _text(after.get(name)))
        for name in COMPARED
        if before.get(name) != after.get(name)
    ]


def concerns(header: Mapping[str, Any], organ_ids: Iterable[str]) -> list[Mapping[str, Any]]:
    """The documents that a message replaces or updates for a recipient of any of these codes."""
    ours = {one.casefold() for one in organ_ids}
    return [
        one
        for one in header.get("concerns", ())
        if not one["organ_ids"] or ours & {each.casefold() for each in one["organ_ids"]}
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)

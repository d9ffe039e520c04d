"""Who may do what with a draft, and when; what marks a state secret. Plain values only.

States are the values of `Draft.State`, roles those of `directory.Role`.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePosixPath

from chauban_docform.kinds import KINDS
from chauban_docform.typesetting import FORMS

# Minutes have two signatories and no date to fill in (mẫu 1.9); a round here has one signatory.
DRAFTED = {code: it for code, it in KINDS.items() if FORMS.get(it.template, "minutes") != "minutes"}
UNDO_TIME = timedelta(minutes=10)  # for taking back one's own last act
SIGNING_LEASE = timedelta(minutes=5)  # one confirmation of a person
BATCH_LEASE = timedelta(minutes=2)  # one document of a batch, with all that answers late
MOST_IN_BATCH = 40  # about what one can look through; a key stays open no longer
COMPLETION_LEASE = timedelta(minutes=1)  # one try of the worker, and the wait before the next
LOOK_LEASE = timedelta(minutes=1)  # one look of the worker after a key that answers elsewhere
FIRST_LOOK = timedelta(seconds=2)  # then each pause is half as long again, up to the longest
LONGEST_PAUSE = timedelta(seconds=15)
PLUGIN_TIME = timedelta(minutes=10)  # for the holder's own program, all files of the act
MOST_CALL_BACKS = 100  # about one request; whoever sends more is not listened to
TRIES_TO_KEEP = 20  # what a person confirmed is kept by then, or came to nothing
# A signature is remade when its time-stamp has not come by then: it would prove too late a time.
PENDING_LIMIT = timedelta(hours=48)


class Step(StrEnum):
    """What a person may do with a draft."""

    REVISE = "revise"
    SUBMIT = "submit"
    CHECK_CONTENT = "check-content"
    CHECK_LAYOUT = "check-layout"
    APPROVE = "approve"
    SIGN = "sign"
    RETURN = "return"
    NUMBER = "number"
    SEAL = "seal"
    CANCEL_NUMBER = "cancel-number"
    ISSUE = "issue"
    ASK_OPINIONS = "ask-opinions"  # within the agency; the draft stays where it is


class Standing(StrEnum):
    """What a person is to a draft."""

    AUTHOR = "author"
    UNIT_HEAD = "unit-head"  # answers for content (Điều 12.1)
    LAYOUT_CHECKER = "layout-checker"  # answers for layout (Điều 12.2)
    OFFICE_HEAD = "office-head"
    SIGNATORY = "signatory"  # of the mandate, whatever agency his post is in
    CLERK = "clerk"  # of the registry of the issuing body
    HEAD = "head"  # of the agency that keeps that registry


HEAD_ROLES = ("leader", "office-head")


def _by(*standings: Standing) -> frozenset[Standing]:
    return frozenset(standings)


_AUTHORS = _by(Standing.AUTHOR, Standing.UNIT_HEAD)
_APPROVERS = _by(Standing.SIGNATORY, Standing.OFFICE_HEAD)

# The person whose turn it is may correct the text himself or send it back (PL VI III.1.n).
TURNS: Mapping[str, Mapping[Step, frozenset[Standing]]] = {
    "drafting": {
        Step.REVISE: _AUTHORS,
        Step.SUBMIT: _AUTHORS,
        Step.ASK_OPINIONS: _AUTHORS,
    },
    "content-check": {
        Step.ASK_OPINIONS: _by(Standing.UNIT_HEAD),
        Step.CHECK_CONTENT: _by(Standing.UNIT_HEAD),
        Step.RETURN: _by(Standing.UNIT_HEAD),
        Step.REVISE: _by(Standing.UNIT_HEAD),
    },
    "layout-check": {
        Step.CHECK_LAYOUT: _by(Standing.LAYOUT_CHECKER),
        Step.RETURN: _by(Standing.LAYOUT_CHECKER),
        Step.REVISE: _by(Standing.LAYOUT_CHECKER),
    },
    "approval": {
        Step.APPROVE: _APPROVERS,
        Step.RETURN: _APPROVERS,
        Step.REVISE: _APPROVERS,
        Step.ASK_OPINIONS: _APPROVERS,
    },
    "signing": {
        Step.SIGN: _by(Standing.SIGNATORY),
        Step.RETURN: _by(Standing.SIGNATORY),
        Step.REVISE: _by(Standing.SIGNATORY, Standing.AUTHOR),
    },
    "signed": {Step.NUMBER: _by(Standing.CLERK), Step.RETURN: _by(Standing.CLERK)},
    "numbered": {
        Step.SEAL: _by(Standing.CLERK),
        Step.CANCEL_NUMBER: _by(Standing.HEAD),
    },
    "sealed": {Step.ISSUE: _by(Standing.CLERK)},
    "issued": {},
}

# While a draft stands there, an opinion on it may still be given: it is not yet approved.
STATES_OF_OPINIONS = ("drafting", "content-check", "layout-check", "approval")

# From which state on a person of that standing sees the draft; the author always does.
SEEN_FROM: Mapping[Standing, str] = {
    Standing.AUTHOR: "drafting",
    Standing.UNIT_HEAD: "drafting",
    Standing.LAYOUT_CHECKER: "layout-check",
    Standing.OFFICE_HEAD: "approval",
    Standing.SIGNATORY: "approval",
    Standing.CLERK: "signed",
    Standing.HEAD: "numbered",
}


def standings(
    *,
    role: str,
    is_author: bool,
    is_signatory: bool,
    in_agency: bool,
    in_unit: bool,
    in_registry: bool,
) -> frozenset[Standing]:
    """What an officer in a post of that role is to a draft.

    `in_agency`: the post is in the drafting agency; `in_unit`: in the drafting unit;
    `in_registry`: in the agency that keeps the registry of the issuing body.
    """
    held = {
        Standing.AUTHOR: is_author,
        Standing.SIGNATORY: is_signatory,
        Standing.UNIT_HEAD: role == "unit-head" and in_agency and in_unit,
        Standing.LAYOUT_CHECKER: role == "layout-checker" and in_agency,
        Standing.OFFICE_HEAD: role == "office-head" and in_agency,
        Standing.CLERK: role == "clerk" and in_registry,
        Standing.HEAD: role in HEAD_ROLES and in_registry,
    }
    return frozenset(standing for standing, holds in held.items() if holds)


def open_steps(state: str, held: frozenset[Standing]) -> frozenset[Step]:
    """The steps that someone of these standings may take with a draft in that state."""
    return frozenset(step for step, allowed in TURNS[state].items() if allowed & held)


def states_from(first: str) -> list[str]:
    """That state and all that come after it in the life of a draft."""
    order = list(TURNS)
    return order[order.index(first) :]


def state_after_revision(state: str) -> str:
    """Where a changed draft stands: any change passes both checks and approval again.

    Điều 11.2, Điều 12. The unit head who corrects it himself still holds it.
    """
    return "drafting" if state == "drafting" else "content-check"


def pause_after(looks: int) -> timedelta:
    """How long the worker waits after so many looks before it asks a telephone again."""
    return min(FIRST_LOOK * 1.5 ** min(looks, 10), LONGEST_PAUSE)


def pages_digest(page_digests: Sequence[str]) -> str:
    """One SHA-256 over the digests of all pages, in order."""
    return sha256("\n".join(page_digests).encode("ascii")).hexdigest()


# Dấu chỉ mức độ mật: documents so marked must not enter a networked system (Luật 117/2025/QH15
# Điều 5).
_SECRECY_MARKS = frozenset({"mật", "tối mật", "tuyệt mật"})


def secrecy_mark(text: str) -> str:
    """Return the mark of secrecy that stands alone on a line of text, or nothing.

    The words inside a sentence, as in "bảo mật thông tin", are no mark.
    """
    for line in unicodedata.normalize("NFC", text).splitlines():
        bare = " ".join(line.split()).strip(" .:;()[]*-").casefold()
        bare = bare.removeprefix("độ mật").strip(" :")
        if bare in _SECRECY_MARKS:
            return " ".join(line.split())
    return ""


def name_mark(name: str) -> str:
    """Return the mark of secrecy that a file's name is, or nothing."""
    return secrecy_mark(PurePosixPath(name).stem.replace("_", " "))

"""Authority to sign (thẩm quyền ký văn bản), Nghị định 30/2020/NĐ-CP Điều 13, PL I Phần I II.7.

The rules read a mandate with its post, body, agencies and parent as they are loaded; they ask
no database, clock or setting. Each refusal is an error that names the rule and its clause.
"""

from collections.abc import Sequence
from datetime import date

from chauban.directory.models import Agency, IssuingBody, Person, Role
from chauban.trust import errors
from chauban.trust.models import Capacity, Mandate
from chauban_docform.kinds import KINDS

# The prefixes of the lines above the name, from the top. A line without a prefix is the
# signatory's own position.
STACKS: dict[Capacity, tuple[tuple[str, ...], ...]] = {
    Capacity.HEAD: (("",),),
    Capacity.TM: (("TM.", ""),),
    Capacity.ACTING: (("Q.",), ("TM.", "Q.")),
    Capacity.KT: (("KT.", ""), ("TM.", "KT.", ""), ("TL.", "KT.", "")),
    Capacity.TL: (("TL.", ""),),
    Capacity.TUQ: (("TUQ.", ""), ("TM.", "TUQ.", "")),
}

_HEADS = (Role.LEADER, Role.OFFICE_HEAD)  # an office is a body of its own


def require_mandate(
    mandate: Mandate, *, person: Person, body: IssuingBody, kind: str, day: date
) -> None:
    """Check that person may sign a document of that kind for body on that legal day.

    Raises:
        NotTheMandatary, MandateNotForBody, MandateNotForKind: it is another's, another body's,
            or for other kinds.
        MandateOutsidePeriod: not in force on day; its leaves: the post, the body or the order
            above it has ended.
    """
    if mandate.person_id != person.pk:
        raise errors.NotTheMandatary(mandate, person.full_name)
    if mandate.body_id != body.pk:
        raise errors.MandateNotForBody(mandate, body.name)
    if not mandate.covers_kind(kind):
        raise errors.MandateNotForKind(mandate, kind)
    if not mandate.is_in_force(day):
        raise errors.MandateOutsidePeriod(mandate, day)
    if not mandate.post.is_in_force(day):
        raise errors.MandatePostEnded(mandate, day)
    if not body.is_in_force(day):
        raise errors.MandateBodyEnded(mandate, day)
    parent = mandate.parent
    if parent is not None and not (parent.is_in_force(day) and parent.post.is_in_force(day)):
        raise errors.MandateParentEnded(mandate, day)


def require_grantable(mandate: Mandate) -> None:
    """Check that a mandate, not yet stored, is one that Điều 13 allows.

    Raises: a leaf of MandateError, which names the rule.
    """
    _require_sound(mandate)
    _require_lines(mandate)
    _require_parent(mandate)
    _REQUIRED_OF[Capacity(mandate.capacity)](mandate)


def prefixes(authority_lines: Sequence[str]) -> tuple[str, ...]:
    """The prefix of each line: `("TM.", "KT.", "")` for a vice-chairman's three lines."""
    return tuple(_prefix(line) for line in authority_lines)


def _prefix(line: str) -> str:
    first = line.partition(" ")[0]
    return first if first in [capacity.value for capacity in Capacity if capacity] else ""


def _own_position(mandate: Mandate) -> str:
    """The signatory's own position as the last line writes it, without the prefix "Q."."""
    last = mandate.authority_lines[-1]
    return last.removeprefix("Q. ")


def _require_sound(mandate: Mandate) -> None:
    post, body = mandate.post, mandate.body
    if not mandate.basis.strip():
        raise errors.MandateWithoutBasis(mandate)
    if mandate.valid_to is not None and mandate.valid_to <= mandate.valid_from:
        raise errors.MandateBackwards(mandate)
    if post.person_id != mandate.person_id:
        raise errors.PostNotThePersons(mandate)
    for holds in (post, body):
        if not holds.is_in_force(mandate.valid_from) or _outlasts(mandate.valid_to, holds.valid_to):
            raise errors.MandateOutsidePost(mandate, str(holds))
    for kind in mandate.kinds:
        if kind not in KINDS:
            raise errors.UnknownKindInMandate(mandate, kind)


def _outlasts(end: date | None, limit: date | None) -> bool:
    return limit is not None and (end is None or end > limit)


def _require_lines(mandate: Mandate) -> None:
    lines = mandate.authority_lines
    stack = prefixes(lines)
    if "TUQ." in stack and stack not in STACKS[Capacity.TUQ]:
        raise errors.TUQCannotBePassedOn(mandate)
    if stack not in STACKS[Capacity(mandate.capacity)]:
        raise errors.AuthorityLinesWrong(mandate, " / ".join(lines))
    if any(line != line.upper() or not line.strip() for line in lines):
        raise errors.AuthorityLinesWrong(mandate, " / ".join(lines))
    title = mandate.post.title.upper().removeprefix("QUYỀN ")
    if not _own_position(mandate).startswith(title):
        raise errors.AuthorityLinesWrong(mandate, title)
    if "TM." in stack and not mandate.body.is_collective:
        raise errors.TMOnlyForCollective(mandate)


def _require_parent(mandate: Mandate) -> None:
    parent = mandate.parent
    is_under_order = prefixes(mandate.authority_lines) == ("TL.", "KT.", "")
    if parent is not None and parent.capacity == Capacity.TUQ:
        raise errors.TUQCannotBePassedOn(mandate)
    if (parent is not None) != is_under_order:
        raise errors.OrderMissing(mandate)
    if parent is None:
        return
    if parent.capacity != Capacity.TL:
        raise errors.OrderMissing(mandate)
    is_within = (
        parent.body_id == mandate.body_id
        and set(mandate.kinds or KINDS) <= set(parent.kinds or KINDS)
        and parent.is_in_force(mandate.valid_from)
        and not _outlasts(mandate.valid_to, parent.valid_to)
    )
    if not is_within:
        raise errors.WiderThanItsOrder(mandate)


def _require_head(mandate: Mandate) -> None:
    """Điều 13.1, 13.2: the head signs for the agency, or in the name of its collective."""
    post = mandate.post
    is_head = post.role in _HEADS and not _is_deputy(mandate)
    if not is_head or not _is_own_agency(mandate):
        raise errors.NotTheHead(mandate)


def _require_deputy(mandate: Mandate) -> None:
    """Điều 13.1: a deputy signs in the head's place; 13.4: in the unit head's, under TL."""
    is_under_order = mandate.parent is not None
    deputised = (Role.UNIT_HEAD, Role.OFFICE_HEAD) if is_under_order else _HEADS
    if mandate.post.role not in deputised or not (_is_deputy(mandate) and _is_own_agency(mandate)):
        raise errors.KTOnlyForDeputy(mandate)


def _require_unit_head(mandate: Mandate) -> None:
    """Điều 13.4: the head of a unit of the agency signs some kinds of document by order."""
    is_unit_head = mandate.post.role in (Role.UNIT_HEAD, Role.OFFICE_HEAD)
    if not is_unit_head or _is_deputy(mandate) or not _is_own_agency(mandate):
        raise errors.TLOnlyForUnitHead(mandate)
    if not mandate.kinds:
        raise errors.TLMustNameKinds(mandate)


def _require_authorised(mandate: Mandate) -> None:
    """Điều 13.3: in writing, limited in time and content, to the head of a subordinate body."""
    post = mandate.post
    heads_a_unit = _is_own_agency(mandate) and post.role in (Role.UNIT_HEAD, Role.OFFICE_HEAD)
    heads_an_agency = _is_below(post.agency, mandate.body.agency) and post.role == Role.LEADER
    if not (heads_a_unit or heads_an_agency) or _is_deputy(mandate):
        raise errors.TUQOnlyForSubordinateHead(mandate)
    if mandate.valid_to is None:
        raise errors.TUQWithoutEnd(mandate)
    if not mandate.kinds:
        raise errors.TUQWithoutKinds(mandate)


def _is_own_agency(mandate: Mandate) -> bool:
    return mandate.post.agency_id == mandate.body.agency_id


def _is_below(agency: Agency, above: Agency) -> bool:
    return agency.parent_id == above.pk


def _is_deputy(mandate: Mandate) -> bool:
    return mandate.post.title.lower().startswith(("phó ", "thứ "))


_REQUIRED_OF = {
    Capacity.HEAD: _require_head,
    Capacity.TM: _require_head,
    Capacity.ACTING: _require_head,
    Capacity.KT: _require_deputy,
    Capacity.TL: _require_unit_head,
    Capacity.TUQ: _require_authorised,
}

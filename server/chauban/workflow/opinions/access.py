"""The only way to an opinion, a round of them, or what was asked about, for a person."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission
from chauban.workflow.models import Draft, DraftAttachment
from chauban.workflow.opinions.models import Opinion, OpinionRound


def visible_opinions(officer: Officer) -> QuerySet[Opinion]:
    """What officer is asked and may still read (PL VI III.3.b)."""
    return Opinion.objects.asked_of(officer).readable()


def access_opinion(officer: Officer | None, pk: int) -> Opinion:
    """One of the opinions asked of officer. Raises: NotFound, NotAllowed."""
    found = (
        visible_opinions(_signed_in(officer))
        .select_related(
            "round__draft__body", "round__draft__author__person", "round__version",
            "round__asked_by__person", "post__person", "unit", "by__person", "settled_in",
        )
        .filter(pk=pk)
        .first()
    )  # fmt: skip
    if found is None:
        raise NotFound(pk)
    return found


def attachments_of(round: OpinionRound) -> QuerySet[DraftAttachment]:
    """The files that lay with the draft at the moment of asking."""
    lay = Q(removed_at=None) | Q(removed_at__gt=round.asked_at)
    return round.draft.attachments.filter(lay, at__lte=round.asked_at).select_related("blob")


def access_asked_file(officer: Officer | None, pk: int, attachment: int) -> DraftAttachment:
    """One of the files that lay with what officer is asked about. Raises: NotFound, NotAllowed."""
    found = attachments_of(access_opinion(officer, pk).round).filter(pk=attachment).first()
    if found is None:
        raise NotFound(attachment)
    return found


def awaited_rounds(officer: Officer) -> QuerySet[OpinionRound]:
    """Rounds that officer asked for, on drafts he sees, and that somebody has not answered."""
    awaited = Opinion.objects.open().filter(round=OuterRef("pk"))
    return visible_rounds(officer).filter(Exists(awaited), asked_by__person=officer.post.person_id)


def visible_rounds(officer: Officer) -> QuerySet[OpinionRound]:
    """Rounds on drafts that officer may see: whoever checks, approves or signs reads them."""
    return OpinionRound.objects.filter(draft__in=Draft.objects.visible_to(officer).values("pk"))


def access_round(officer: Officer | None, pk: int) -> OpinionRound:
    """A round on a draft that officer may see. Raises: NotFound, NotAllowed."""
    found = (
        visible_rounds(_signed_in(officer))
        .select_related("draft__body", "draft__author", "draft__mandate", "version")
        .select_related("asked_by__person")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(pk)
    return found


def _signed_in(officer: Officer | None) -> Officer:
    if officer is None:
        raise NotAllowed(None, Permission.DRAFT)
    return officer

"""The only way to a register or a document in it for a person."""

from datetime import date

from django.db.models import Q, QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.reach import Reach
from chauban.accounts.rights import NotFound, Permission, may, require
from chauban.directory.models import IssuingBody, Role
from chauban.registers.models import IncomingDocument, OutgoingDocument, OutgoingFile

# Those who direct or keep the registry see every incoming document of their agency.
DIRECTING = (Role.LEADER, Role.OFFICE_HEAD, Role.CLERK)


def registers_of(officer: Officer, day: date) -> list[IssuingBody]:
    """The bodies whose registers officer's agency keeps, those in force on day first.

    Raises: NotAllowed.
    """
    require(officer, Permission.VIEW_REGISTERS)
    bodies = IssuingBody.objects.filter(agency=officer.agency_id).select_related("agency")
    return sorted(bodies, key=lambda body: (not body.is_in_force(day), body.pk))


def access_register(officer: Officer, body_key: str, permission: Permission) -> IssuingBody:
    """The body whose register officer may use.

    Raises: NotFound: no such body in his agency; NotAllowed: his post does not allow it.
    """
    require(officer, permission)
    body = (
        IssuingBody.objects.filter(agency=officer.agency_id, key=body_key)
        .select_related("agency")
        .first()
    )
    if body is None:
        raise NotFound(body_key)
    return body


def visible_outgoing(officer: Officer) -> QuerySet[OutgoingDocument]:
    """Documents in the outgoing registers of officer's agency, or that it drafted (TUQ.)."""
    if not may(officer, Permission.VIEW_REGISTERS):
        return OutgoingDocument.objects.none()
    return OutgoingDocument.objects.of_agency(officer.agency_id)


def visible_incoming(officer: Officer) -> QuerySet[IncomingDocument]:
    """Incoming documents that officer may see: by his role, or by what is asked of him."""
    post = officer.post
    seen = Q(tasks__assignee__person=post.person_id)
    if post.role in DIRECTING:
        seen |= Q(body__agency=post.agency_id)
    if post.role == Role.ARCHIVIST:  # what has been dealt with goes to the archive (Điều 30)
        seen |= Q(body__agency=post.agency_id, state=IncomingDocument.State.DONE)
    if post.role == Role.UNIT_HEAD:
        seen |= Q(tasks__assignee__unit=post.unit_id, tasks__assignee__agency=post.agency_id)
    return IncomingDocument.objects.filter(
        pk__in=IncomingDocument.objects.filter(seen).values("pk")
    )


def countable_outgoing(reach: Reach) -> QuerySet[OutgoingDocument]:
    """Issued documents that may be counted, recalled ones too; a unit's are those it drafted."""
    found = OutgoingDocument.objects.filter(issued_at__isnull=False)
    if reach.post_id:
        return found.none()
    found = found.filter(body__agency__in=reach.agency_ids)
    return found.filter(unit=reach.unit) if reach.unit else found


def access_outgoing(officer: Officer, pk: int) -> OutgoingDocument:
    """One of the outgoing documents that officer may see. Raises: NotFound, NotAllowed."""
    require(officer, Permission.VIEW_REGISTERS)
    documents = visible_outgoing(officer).select_related(
        "body__agency",
        "unit",
        "cancellation_approver__person",
        "draft",
        "succession__earlier",
        "recall_announced_by",
    )
    document = next(iter(documents.filter(pk=pk)), None)
    if document is None:
        raise NotFound(pk)
    return document


def access_outgoing_file(officer: Officer, pk: int, ordinal: int) -> OutgoingFile:
    """One file of a document that officer may see. Raises: NotFound, NotAllowed."""
    document = access_outgoing(officer, pk)
    file = document.files.filter(ordinal=ordinal).select_related("blob").first()
    if file is None:
        raise NotFound(ordinal)
    return file

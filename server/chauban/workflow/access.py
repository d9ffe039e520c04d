"""The only way to a draft, a task, an incoming document or a page of them for a person."""

from django.db.models import Q, QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.reach import Reach
from chauban.accounts.rights import NotAllowed, NotFound, Permission, may
from chauban.blobs.models import Blob
from chauban.registers.access import visible_incoming
from chauban.registers.models import IncomingDocument, IncomingFile, OutgoingFile
from chauban.workflow.models import (
    Draft,
    DraftAttachment,
    DraftVersion,
    KeyUse,
    Opinion,
    SigningCopy,
    Task,
)


def access_draft(officer: Officer | None, pk: int) -> Draft:
    """A draft that officer may see. Raises: NotFound, NotAllowed."""
    drafts = Draft.objects.visible_to(_signed_in(officer)).for_page()
    draft = next(iter(drafts.filter(pk=pk)), None)
    if draft is None:
        raise NotFound(pk)
    return draft


def access_attachment(officer: Officer | None, pk: int, attachment: int) -> DraftAttachment:
    """An attachment of a draft that officer may see. Raises: NotFound, NotAllowed."""
    found = access_draft(officer, pk).attachments.kept().filter(pk=attachment).first()
    if found is None:
        raise NotFound(attachment)
    return found


def countable_tasks(reach: Reach) -> QuerySet[Task]:
    """Tasks that may be counted; not those that stopped when their document was recalled."""
    tasks = Task.objects.filter(assignee__agency__in=reach.agency_ids)
    if reach.unit:
        tasks = tasks.filter(assignee__unit=reach.unit)
    if reach.post_id:
        tasks = tasks.filter(assignee=reach.post_id)
    return tasks.exclude(state=Task.State.STOPPED)


def countable_incoming(reach: Reach) -> QuerySet[IncomingDocument]:
    """Incoming documents that may be counted; a unit's are those it has a task in."""
    found = IncomingDocument.objects.filter(body__agency__in=reach.agency_ids)
    if reach.is_of_agencies:
        return found
    return found.filter(pk__in=countable_tasks(reach).values("document"))


def access_incoming(officer: Officer | None, pk: int) -> IncomingDocument:
    """An incoming document that officer may see. Raises: NotFound, NotAllowed."""
    documents = visible_incoming(_signed_in(officer)).select_related("body__agency")
    document = next(iter(documents.filter(pk=pk)), None)
    if document is None:
        raise NotFound(pk)
    return document


def access_incoming_file(officer: Officer | None, pk: int, ordinal: int) -> IncomingFile:
    """One file of an incoming document that officer may see. Raises: NotFound, NotAllowed."""
    document = access_incoming(officer, pk)
    require_open(document, officer)
    file = document.files.filter(ordinal=ordinal).select_related("blob").first()
    if file is None:
        raise NotFound(ordinal)
    return file


def require_open(document: IncomingDocument, officer: Officer | None) -> None:
    """The files of a withdrawn document are for the registry alone (F8.b, F8.c).

    Raises: NotAllowed.
    """
    if not may_open_files(document, officer):
        raise NotAllowed(officer, Permission.REGISTER_INCOMING, document.body.agency)


def may_open_files(document: IncomingDocument, officer: Officer | None) -> bool:
    is_in_use = document.state != IncomingDocument.State.RECALLED
    return is_in_use or may(officer, Permission.REGISTER_INCOMING, document.body)


def access_task(officer: Officer | None, pk: int) -> Task:
    """A task given to officer. Raises: NotFound, NotAllowed."""
    tasks = Task.objects.of(_signed_in(officer)).select_related("document__body__agency")
    task = tasks.filter(pk=pk).first()
    if task is None:
        raise NotFound(pk)
    return task


def access_blob(officer: Officer | None, sha256: str) -> Blob:
    """A file that stands in some draft or document that officer may see.

    Raises: NotFound, NotAllowed.
    """
    officer = _signed_in(officer)
    drafts = Draft.objects.visible_to(officer).values("pk")
    copies = SigningCopy.objects.filter(draft__in=drafts)
    held = (
        DraftVersion.objects.filter(draft__in=drafts, pages=sha256),
        Opinion.objects.asked_of(officer).readable().filter(round__version__pages=sha256),
        copies.filter(Q(reserved=sha256) | Q(signed=sha256) | Q(sealed=sha256)),
        DraftAttachment.objects.filter(draft__in=drafts, blob=sha256),
        # What a key has made of a seal that is still held is shown to nobody.
        KeyUse.objects.filter(copy__in=copies.exclude(sealed=None), result=sha256),
        IncomingFile.objects.filter(document__in=_open_to(officer), blob=sha256),
        _outgoing_files(officer).filter(blob=sha256),
    )
    blob = Blob.objects.filter(pk=sha256).first()
    if blob is None or not any(rows.exists() for rows in held):
        raise NotFound(sha256)
    return blob


def _open_to(officer: Officer) -> QuerySet[IncomingDocument]:
    """Incoming documents whose files officer may open."""
    seen = visible_incoming(officer)
    if may(officer, Permission.REGISTER_INCOMING):
        return seen
    return seen.exclude(state=IncomingDocument.State.RECALLED)


def _outgoing_files(officer: Officer) -> QuerySet[OutgoingFile]:
    if not may(officer, Permission.VIEW_REGISTERS):
        return OutgoingFile.objects.none()
    agency = officer.agency_id
    return OutgoingFile.objects.filter(
        Q(document__body__agency=agency) | Q(document__unit__agency=agency)
    )


def _signed_in(officer: Officer | None) -> Officer:
    if officer is None:
        raise NotAllowed(None, Permission.DRAFT)
    return officer

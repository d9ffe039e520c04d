"""Writing a draft: its text in versions, its recipients, its attachments (Điều 10)."""

import mimetypes
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from io import SEEK_END, BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Self

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission, require
from chauban.blobs import store
from chauban.blobs.inspection import LARGEST_READ_BYTES, InspectionFailed, in_child
from chauban.blobs.models import Blob
from chauban.directory.errors import BodyHasNoCode
from chauban.directory.models import IssuingBody, OutsideOrganisation, Unit
from chauban.directory.rules import legal_day
from chauban.directory.succession import heirs_of
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument, OutgoingDocument, Priority
from chauban.registers.recalling import require_replaceable
from chauban.trust.models import Certificate, Mandate
from chauban.trust.rules import require_mandate
from chauban.workflow.claims import close_lapsed
from chauban.workflow.errors import (
    FileEmpty,
    FileNameTaken,
    FileTooComplex,
    FileTooLarge,
    PagesUnreadable,
    RecipientRetired,
    SecretMarking,
)
from chauban.workflow.letters import Content, letter_of
from chauban.workflow.models import Draft, DraftAttachment, DraftRecipient, DraftVersion
from chauban.workflow.pages import normalised
from chauban.workflow.rules import Step, name_mark, secrecy_mark, state_after_revision
from chauban.workflow.steps import advance, as_stored, require_step
from chauban_docform import symbols
from chauban_docform.errors import UploadError
from chauban_docform.kinds import kind
from chauban_docform.typesetting import typeset

PDF = "application/pdf"
# Real diameter of a seal whose picture has not been stored yet.
DEFAULT_SEAL_DIAMETER_MM = 36.0


@dataclass(frozen=True)
class Addressee:
    """One agency that will receive the document; `body` is None outside the directory.

    organ_id is blank where there is none: it gets the document off the axis.
    """

    organ_id: str
    name: str
    body: IssuingBody | None = None

    @classmethod
    def of(cls, body: IssuingBody, day: date) -> Self:
        try:
            return cls(body.organ_id(day), body.name, body)
        except BodyHasNoCode:
            return cls("", body.name, body)

    @classmethod
    def listed(cls, organisation: OutsideOrganisation) -> Self:
        return cls(organisation.code, organisation.name[:200])


@dataclass(frozen=True)
class Written:
    """All that a drafter states (Điều 10.2); a blank notation is made from kind and body."""

    body: IssuingBody
    mandate: Mandate
    kind: str
    subject: str
    content: Content
    recipients: tuple[Addressee, ...] = ()
    notation: str = ""
    priority: int = Priority.NORMAL
    due_on: date | None = None
    unit: Unit | None = None
    answers: IncomingDocument | None = None
    succeeds: OutgoingDocument | None = None  # the issued document it replaces or amends
    succession: str = ""  # registers.models.Succession.Kind


def create_draft(written: Written, *, officer: Officer, now: datetime) -> Draft:
    """Begin a draft: its first version is kept with the pages made of it (Điều 10.2).

    Raises:
        NotAllowed: the officer drafts for neither the body's agency nor the signatory's.
        MandateError: the signatory may not sign this (Điều 13).
        NotationDoesNotFit, LetterError, KindNotTypeset: form (Điều 8, PL I).
        SecretMarking: a text bears a mark of secrecy.
        NotReplaceable: the document it is to replace or amend is none of the body's issued ones.
    """
    _require_may_draft(written, officer)
    written = _checked(written, officer, now)
    pages = _typeset(written, now)
    with transaction.atomic():
        draft = Draft.objects.create(
            agency=officer.agency,
            author=officer.post,
            created_at=now,
            changed_at=now,
            body=written.body,
            **_columns(written),
        )
        _keep_version(draft, written, pages, number=1, officer=officer, now=now)
        record(ActKind.DRAFTED, on=draft, by=officer, at=now, digest=pages.sha256)
    return draft


def revise_draft(draft: Draft, written: Written, *, officer: Officer, now: datetime) -> Draft:
    """Keep a new version; after submission it passes checks and approval again (Điều 11.2).

    The issuing body stays: another body's document is another draft.

    Raises:
        StepNotAllowed, ChangedMeanwhile: as every step.
        MandateError, NotationDoesNotFit, LetterError, KindNotTypeset, SecretMarking: as
            `create_draft`.
    """
    require_step(draft, Step.REVISE, officer)
    written = replace(written, body=draft.body, unit=written.unit or draft.unit)
    written = _checked(written, officer, now)
    pages = _typeset(written, now)
    with transaction.atomic():
        _revise(draft, officer=officer, now=now, **_columns(written))
        number = draft.newest_version.number + 1
        _keep_version(draft, written, pages, number=number, officer=officer, now=now)
        record(ActKind.REVISED, on=draft, by=officer, at=now, digest=pages.sha256, version=number)
    return as_stored(draft)


def attach_file(
    draft: Draft,
    *,
    name: str,
    content: bytes | BinaryIO,
    limit_bytes: int,
    officer: Officer,
    now: datetime,
) -> DraftAttachment:
    """Attach a file; a PDF is normalised once, any other file is kept as it is (Điều 10.2).

    Raises:
        FileEmpty, FileTooLarge, FileNameTaken, SecretMarking
        UploadError, PagesUnreadable: a PDF that is unreadable, encrypted or signed already.
        FileTooComplex: reading it ran out of time or memory, or broke.
        StepNotAllowed, ChangedMeanwhile: as every step.
    """
    require_step(draft, Step.REVISE, officer)
    name = clean_file_name(name)
    file = BytesIO(content) if isinstance(content, bytes) else content
    _require_size(name, file.seek(0, SEEK_END), limit_bytes)
    file.seek(0)
    if mark := name_mark(name):
        raise SecretMarking(mark, name)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if file.read(5) == b"%PDF-" or media_type == PDF:
        _require_size(name, file.seek(0, SEEK_END), min(limit_bytes, LARGEST_READ_BYTES))
        file.seek(0)
        pdf, text = _normalised(name, file.read(), limit_bytes)
        require_unmarked({name: text})
        blob, media_type = store.put(pdf, now=now), PDF
    else:
        file.seek(0)
        blob = store.put(file, now=now)
    with transaction.atomic():
        _revise(draft, officer=officer, now=now)
        if draft.attachments.kept().filter(name=name).exists():
            raise FileNameTaken(name)
        attachment = draft.attachments.create(
            blob=blob, name=name, media_type=media_type, by=officer.post, at=now
        )
        record(
            ActKind.REVISED,
            on=draft,
            by=officer,
            at=now,
            digest=blob.sha256,
            attached=attachment.pk,
        )
    as_stored(draft)
    return attachment


def remove_attachment(attachment: DraftAttachment, *, officer: Officer, now: datetime) -> Draft:
    """Take an attachment off the draft; the file stays in its history (PL VI III.5.a)."""
    draft = attachment.draft
    require_step(draft, Step.REVISE, officer)
    with transaction.atomic():
        _revise(draft, officer=officer, now=now)
        draft.attachments.kept().filter(pk=attachment.pk).update(removed_at=now)
        record(ActKind.REVISED, on=draft, by=officer, at=now, removed=attachment.pk)
    return as_stored(draft)


def default_notation(written: Written) -> str:
    """The symbol that the body writes on this kind: `QĐ-UBND`, `UBND-VX` (PL I II.3.b)."""
    unit_symbol = written.unit.symbol if written.unit else None
    return symbols.notation(kind(written.kind), written.body.symbol, unit_symbol)


def seal_diameter_mm(body: IssuingBody) -> float:
    """The real diameter of the body's seal, as stored with its picture."""
    seal = Certificate.objects.filter(
        body=body, holder=Certificate.Holder.ORGANISATION, picture_width_mm__isnull=False
    ).last()
    return seal.picture_width_mm if seal else DEFAULT_SEAL_DIAMETER_MM


def clean_file_name(name: str) -> str:
    """Return a file's own name in NFC, without folders or control characters, not too long."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    path = PurePosixPath("".join(it for it in name if it.isprintable()).strip() or "tep")
    return path.stem[: 190 - len(path.suffix)] + path.suffix[:20]


def _require_may_draft(written: Written, officer: Officer) -> None:
    require(officer, Permission.DRAFT)
    agencies = {written.body.agency_id, written.mandate.post.agency_id}
    if officer.agency_id not in agencies:
        raise NotAllowed(officer, Permission.DRAFT, written.body.agency)


def _checked(written: Written, officer: Officer, now: datetime) -> Written:
    """The same with its symbol and unit, after every check that needs no page."""
    subject = " ".join(unicodedata.normalize("NFC", written.subject).split())
    written = replace(written, unit=written.unit or officer.post.unit, subject=subject)
    written = replace(written, notation=written.notation or default_notation(written))
    symbols.require_notation_fits(written.notation, kind(written.kind), written.body.symbol)
    require_mandate(
        written.mandate,
        person=written.mandate.person,
        body=written.body,
        kind=written.kind,
        day=legal_day(now),
    )
    require_addressable(written.recipients, legal_day(now))
    require_unmarked({"subject": written.subject})
    require_unmarked({"content": "\n".join(written.content.texts())})
    if written.answers and written.answers.body.agency_id != officer.agency_id:
        raise NotFound("incoming document of another agency")
    if written.succeeds:
        require_replaceable(written.succeeds, body_id=written.body.pk, kind=written.succession)
    return written


def require_addressable(recipients: Iterable[Addressee], day: date) -> None:
    """Raises: RecipientRetired, naming who took over, for a body or a code that is no more."""
    named = list(recipients)
    bodies = IssuingBody.objects.by_codes(one.organ_id for one in named)
    for one in named:
        body = bodies.get(one.organ_id) or one.body  # the former with its codes at hand
        if body is None:
            continue
        held = not one.organ_id or any(
            code.code == one.organ_id and code.is_in_force(day) for code in body.codes.all()
        )
        if not (held and body.is_in_force(day)):
            heirs = heirs_of([body], day)[body.pk]
            raise RecipientRetired(one.name, one.organ_id, tuple(heir.name for heir in heirs))


def require_unmarked(texts: dict[str, str]) -> None:
    """Require that no text bears a mark of secrecy. Raises: SecretMarking, with its place."""
    for place, text in texts.items():
        if mark := secrecy_mark(text):
            raise SecretMarking(mark, place)


def _require_size(name: str, size_bytes: int, limit_bytes: int) -> None:
    if not size_bytes:
        raise FileEmpty(name)
    if size_bytes > limit_bytes:
        raise FileTooLarge(name, size_bytes, limit_bytes)


def _normalised(name: str, content: bytes, limit_bytes: int) -> tuple[bytes, str]:
    """The rewritten PDF and the text of its first page, read in a process of its own."""
    work = partial(normalised, content, limit_bytes=limit_bytes)
    try:
        return in_child(work, passing=(UploadError, PagesUnreadable))
    except InspectionFailed as failed:
        raise FileTooComplex(name, failed.reason) from failed


def _typeset(written: Written, now: datetime) -> Blob:
    letter = letter_of(
        written.content,
        kind_code=written.kind,
        body=written.body,
        mandate=written.mandate,
        notation=written.notation,
        subject=written.subject,
        priority=written.priority,
        seal_diameter_mm=seal_diameter_mm(written.body),
    )
    return store.put(typeset(letter, created_at=now), now=now)


def _columns(written: Written) -> dict[str, Any]:
    names = ("mandate", "kind", "notation", "subject", "priority", "due_on", "unit", "answers",
             "succeeds", "succession")  # fmt: skip
    return {name: getattr(written, name) for name in names}


def _keep_version(
    draft: Draft, written: Written, pages: Blob, *, number: int, officer: Officer, now: datetime
) -> None:
    DraftVersion.objects.create(
        draft=draft,
        number=number,
        subject=written.subject,
        content=written.content.as_json(),
        pages=pages,
        by=officer.post,
        at=now,
    )
    draft.recipients.all().delete()
    DraftRecipient.objects.bulk_create(
        DraftRecipient(draft=draft, body=it.body, organ_id=it.organ_id, name=it.name)
        for it in _once(written.recipients)
    )


def _once(recipients: Iterable[Addressee]) -> list[Addressee]:
    """Each agency once: by its body, else its code, else its name."""
    once = {
        recipient.body.pk if recipient.body else recipient.organ_id or recipient.name: recipient
        for recipient in recipients
    }
    return list(once.values())


def _revise(draft: Draft, *, officer: Officer, now: datetime, **values: Any) -> None:
    state = state_after_revision(draft.state)
    advance(draft, Step.REVISE, state, officer=officer, now=now, **values)
    close_lapsed(draft, now)

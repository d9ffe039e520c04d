"""The life of a draft from its first words to its number: all writing that needs no key."""

import mimetypes
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import SEEK_END, BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Self

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission, require
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, Unit
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers import actions as registers
from chauban.registers.models import IncomingDocument, Priority
from chauban.trust.models import Certificate, Mandate
from chauban.trust.rules import require_mandate
from chauban.workflow.claims import close_lapsed, drop_pending
from chauban.workflow.errors import (
    ChangedMeanwhile,
    CommentMissing,
    FileEmpty,
    FileNameTaken,
    FileTooLarge,
    SecretMarking,
    StepNotAllowed,
    TimestampPending,
)
from chauban.workflow.letters import Content, letter_of
from chauban.workflow.models import (
    Answer,
    Check,
    Draft,
    DraftAttachment,
    DraftRecipient,
    DraftVersion,
    KeyUse,
    SigningCopy,
)
from chauban.workflow.pages import first_page_text, page_amount
from chauban.workflow.rules import (
    Standing,
    Step,
    open_steps,
    secrecy_mark,
    standings,
    state_after_revision,
)
from chauban_docform import symbols
from chauban_docform.kinds import kind
from chauban_docform.normalising import normalise_upload
from chauban_docform.typesetting import typeset
from chauban_pades.digests import page_digests
from chauban_pades.reserving import reserve

State = Draft.State
PDF = "application/pdf"
# Real diameter of a seal whose picture has not been stored yet.
DEFAULT_SEAL_DIAMETER_MM = 36.0


@dataclass(frozen=True)
class Addressee:
    """One agency that will receive the document; `body` is None outside the directory."""

    organ_id: str
    name: str
    body: IssuingBody | None = None

    @classmethod
    def of(cls, body: IssuingBody, day: date) -> Self:
        return cls(body.organ_id(day), body.name, body)


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


def standings_of(draft: Draft, officer: Officer) -> frozenset[Standing]:
    """What officer is to a draft, in the post he acts in."""
    post = officer.post
    return standings(
        role=post.role,
        is_author=draft.author.person_id == post.person_id,
        is_signatory=draft.mandate.person_id == post.person_id,
        in_agency=draft.agency_id == post.agency_id,
        in_unit=draft.unit_id is None or draft.unit_id == post.unit_id,
        in_registry=draft.body.agency_id == post.agency_id,
    )


def require_step(draft: Draft, step: Step, officer: Officer) -> None:
    """Require that the step is officer's to take with the draft as it stands.

    Raises: StepNotAllowed.
    """
    if step not in open_steps(draft.state, standings_of(draft, officer)):
        raise StepNotAllowed(step, draft.state, draft.get_state_display())


def create_draft(written: Written, *, officer: Officer, now: datetime) -> Draft:
    """Begin a draft: its first version is kept with the pages made of it (Điều 10.2).

    Raises:
        NotAllowed: the officer drafts for neither the body's agency nor the signatory's.
        MandateError: the signatory may not sign this (Điều 13).
        NotationDoesNotFit, LetterError, KindNotTypeset: form (Điều 8, PL I).
        SecretMarking: a text bears a mark of secrecy.
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
    return _as_stored(draft)


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
        StepNotAllowed, ChangedMeanwhile: as every step.
    """
    require_step(draft, Step.REVISE, officer)
    name = clean_file_name(name)
    file = BytesIO(content) if isinstance(content, bytes) else content
    _require_size(name, file.seek(0, SEEK_END), limit_bytes)
    file.seek(0)
    _require_unmarked({name: PurePosixPath(name).stem.replace("_", " ")})
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if file.read(5) == b"%PDF-" or media_type == PDF:
        file.seek(0)
        pdf = normalise_upload(file.read(), limit_bytes=limit_bytes)
        _require_unmarked({name: first_page_text(pdf)})
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
    _as_stored(draft)
    return attachment


def remove_attachment(attachment: DraftAttachment, *, officer: Officer, now: datetime) -> Draft:
    """Take an attachment off the draft; the file stays in its history (PL VI III.5.a)."""
    draft = attachment.draft
    require_step(draft, Step.REVISE, officer)
    with transaction.atomic():
        _revise(draft, officer=officer, now=now)
        draft.attachments.kept().filter(pk=attachment.pk).update(removed_at=now)
        record(ActKind.REVISED, on=draft, by=officer, at=now, removed=attachment.pk)
    return _as_stored(draft)


@transaction.atomic
def submit_for_check(draft: Draft, *, officer: Officer, now: datetime) -> Draft:
    """Hand the draft to the head of the drafting unit (Điều 12.1)."""
    _advance(draft, Step.SUBMIT, State.CONTENT_CHECK, officer=officer, now=now)
    record(ActKind.SUBMITTED, on=draft, by=officer, at=now)
    return _as_stored(draft)


@transaction.atomic
def check_content(draft: Draft, *, officer: Officer, now: datetime, comment: str = "") -> Draft:
    """Record that the head of the drafting unit answers for the content (Điều 12.1)."""
    _advance(draft, Step.CHECK_CONTENT, State.LAYOUT_CHECK, officer=officer, now=now)
    _keep_check(draft, Check.Aspect.CONTENT, comment, officer=officer, now=now)
    record(ActKind.CONTENT_CHECKED, on=draft, by=officer, at=now)
    return _as_stored(draft)


@transaction.atomic
def check_layout(draft: Draft, *, officer: Officer, now: datetime, comment: str = "") -> Draft:
    """Record that the appointed person answers for the layout (Điều 12.2)."""
    _advance(draft, Step.CHECK_LAYOUT, State.APPROVAL, officer=officer, now=now)
    _keep_check(draft, Check.Aspect.LAYOUT, comment, officer=officer, now=now)
    record(ActKind.LAYOUT_CHECKED, on=draft, by=officer, at=now)
    return _as_stored(draft)


@transaction.atomic
def return_draft(draft: Draft, *, comment: str, officer: Officer, now: datetime) -> Draft:
    """Send the draft back to its author with a reason; all versions stay (Điều 10.3).

    The clerk so returns what was signed and must not be issued; the signature is of no more use.

    Raises:
        CommentMissing
        StepNotAllowed, ChangedMeanwhile, KeyInUse: as every step.
    """
    if not comment.strip():
        raise CommentMissing
    aspect = {
        State.CONTENT_CHECK: Check.Aspect.CONTENT,
        State.LAYOUT_CHECK: Check.Aspect.LAYOUT,
    }.get(draft.state, Check.Aspect.APPROVAL)
    _advance(draft, Step.RETURN, State.DRAFTING, officer=officer, now=now)
    close_lapsed(draft, now)
    drop_pending(draft, "draft-returned", now)
    SigningCopy.objects.filter(draft=draft).update(signed=None)
    _keep_check(draft, aspect, comment, officer=officer, now=now, passed=False)
    record(ActKind.RETURNED, on=draft, by=officer, at=now, aspect=aspect)
    return _as_stored(draft)


def approve(draft: Draft, *, officer: Officer, now: datetime, comment: str = "") -> Draft:
    """Approve the draft (Điều 11.1) and fix its newest version as the signing copy."""
    require_step(draft, Step.APPROVE, officer)
    version = draft.newest_version
    reserved = reserve(store.read(version.pages))
    kept = store.put(reserved, now=now)
    with transaction.atomic():
        _advance(draft, Step.APPROVE, State.SIGNING, officer=officer, now=now)
        SigningCopy.objects.update_or_create(
            draft=draft,
            defaults={
                "version": version,
                "reserved": kept,
                "page_digests": list(page_digests(reserved)),
                "signed": None,
                "sealed": None,
            },
        )
        _keep_check(draft, Check.Aspect.APPROVAL, comment, officer=officer, now=now)
        record(ActKind.APPROVED, on=draft, by=officer, at=now, version=version.number)
        record(ActKind.FIXED_FOR_SIGNING, on=draft, by=officer, at=now, digest=kept.sha256)
    return _as_stored(draft)


def number_draft(draft: Draft, *, officer: Officer, now: datetime) -> Draft:
    """Give the signed document its number and date and enter it in the register (Điều 15, 16).

    Raises:
        TimestampPending: the signature still waits for its time-stamp.
        ClockBehindSeries and others of `registers.actions.number_outgoing`; no number is gone.
    """
    require_step(draft, Step.NUMBER, officer)
    copy = draft.signing_copy
    waiting = copy.key_uses.pending().filter(purpose=KeyUse.Purpose.SIGN).first()
    if waiting:
        raise TimestampPending(waiting.claimed_at, waiting.last_problem)
    entry = _register_entry(draft, page_amount(store.read(copy.signed)))
    with transaction.atomic():
        _advance(draft, Step.NUMBER, State.NUMBERED, officer=officer, now=now)
        document = registers.number_outgoing(entry, body=draft.body, officer=officer, now=now)
        Draft.objects.filter(pk=draft.pk).update(outgoing=document)
    return _as_stored(draft)


@transaction.atomic
def cancel_number(draft: Draft, *, reason: str, officer: Officer, now: datetime) -> Draft:
    """Cancel the draft's number, which is never reused; the signed draft may get another.

    Raises:
        KeyInUse: the clerk is sealing it at this moment.
        CancellationWithoutReason
    """
    document = draft.outgoing
    _advance(draft, Step.CANCEL_NUMBER, State.SIGNED, officer=officer, now=now, outgoing=None)
    close_lapsed(draft, now)
    drop_pending(draft, "number-cancelled", now)
    SigningCopy.objects.filter(draft=draft).update(sealed=None)
    registers.cancel_number(document, reason=reason, officer=officer, now=now)
    return _as_stored(draft)


@transaction.atomic
def link_answer(draft: Draft, *, officer: Officer, now: datetime) -> Draft:
    """Close a draft whose document is issued, and link it to the document it answers (Điều 24).

    The incoming document stays open: who leads on it closes it.
    """
    _advance(draft, Step.ISSUE, State.ISSUED, officer=officer, now=now)
    if draft.answers:
        Answer.objects.create(incoming=draft.answers, outgoing=draft.outgoing, at=now)
        record(ActKind.ANSWERED, on=draft.answers, by=officer, at=now, outgoing=draft.outgoing_id)
    return _as_stored(draft)


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
    _require_unmarked({"subject": written.subject})
    _require_unmarked({"content": "\n".join(written.content.texts())})
    if written.answers and written.answers.body.agency_id != officer.agency_id:
        raise NotFound("incoming document of another agency")
    return written


def _require_unmarked(texts: dict[str, str]) -> None:
    for place, text in texts.items():
        if mark := secrecy_mark(text):
            raise SecretMarking(mark, place)


def _require_size(name: str, size_bytes: int, limit_bytes: int) -> None:
    if not size_bytes:
        raise FileEmpty(name)
    if size_bytes > limit_bytes:
        raise FileTooLarge(name, size_bytes, limit_bytes)


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
    names = ("mandate", "kind", "notation", "subject", "priority", "due_on", "unit", "answers")
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
    return list({recipient.organ_id: recipient for recipient in recipients}.values())


def _keep_check(
    draft: Draft,
    aspect: Check.Aspect,
    comment: str,
    *,
    officer: Officer,
    now: datetime,
    passed: bool = True,
) -> None:
    Check.objects.create(
        version=draft.newest_version,
        aspect=aspect,
        passed=passed,
        comment=comment.strip(),
        by=officer.post,
        at=now,
    )


def _revise(draft: Draft, *, officer: Officer, now: datetime, **values: Any) -> None:
    state = state_after_revision(draft.state)
    _advance(draft, Step.REVISE, state, officer=officer, now=now, **values)
    close_lapsed(draft, now)


def _advance(
    draft: Draft, step: Step, state: str, *, officer: Officer, now: datetime, **values: Any
) -> None:
    """Move the draft on as one guarded write: of two people only one gets through."""
    require_step(draft, step, officer)
    is_moved = Draft.objects.filter(
        pk=draft.pk, state=draft.state, changed_at=draft.changed_at
    ).update(state=state, changed_at=now, **values)
    if not is_moved:
        current = Draft.objects.get(pk=draft.pk)
        raise ChangedMeanwhile(current.changed_at, current.get_state_display())


def _as_stored(draft: Draft) -> Draft:
    """The draft with what was written; only now, for a write that fails leaves it as it was."""
    draft.refresh_from_db()
    return draft


def _register_entry(draft: Draft, pages: int) -> registers.OutgoingEntry:
    mandate = draft.mandate
    content = Content.of_json(draft.newest_version.content)
    return registers.OutgoingEntry(
        kind=draft.kind,
        notation=draft.notation,
        subject=draft.subject,
        signer_name=mandate.person.full_name,
        signer_position=mandate.authority_lines[-1],
        competence=mandate.capacity,
        unit=draft.unit,
        to_places=content.to_places,
        priority=draft.priority,
        due_on=draft.due_on,
        page_amount=pages,
        issued_amount=max(1, draft.recipients.count()),
    )

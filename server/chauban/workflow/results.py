"""What keys have made, read back from the store and assessed before it counts as done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.registers.actions import SealedFile
from chauban.registers.models import OutgoingDocument, OutgoingFile
from chauban.workflow.errors import ResultNotValid
from chauban.workflow.made import Made, SigningServices
from chauban.workflow.models import Draft, DraftAttachment, SigningCopy
from chauban_pades.assessing import assess
from chauban_pades.detached import assess_detached
from chauban_pades.report import DocumentStatus, Report
from chauban_pki.reasons import Verdict

Part = OutgoingFile.Part


def require_sound(made: Made, services: SigningServices, *, now: datetime) -> None:
    """Require that a signature just made is not a failed one; a time-stamp may be pending.

    Raises: ResultNotValid.
    """
    report = assess(made.content, trust=services.trust, at=now)
    ours = [it for it in report.signatures if it.field == made.use.field]
    if not ours or ours[0].verdict is Verdict.TOTAL_FAILED:
        raise ResultNotValid(made.use.field, report.verdict, _codes(report))


def stored_report(copy: SigningCopy, services: SigningServices, *, now: datetime) -> Report:
    """The newest revision of a draft, read back from the store and assessed."""
    revision = store.read(copy.newest_revision)
    return assess(revision, trust=services.trust, at=now, fetch=services.fetch)


def require_kept(draft: Draft, report: Report) -> None:
    """Require that what the store holds of a signed or sealed draft counts.

    Raises: ResultNotValid.
    """
    if draft.state == Draft.State.SEALED:
        is_sound = report.document is DocumentStatus.COMPLETE
    else:
        verdicts = {signature.verdict for signature in report.signatures}
        is_sound = bool(verdicts) and Verdict.TOTAL_FAILED not in verdicts
    if not is_sound:
        raise ResultNotValid(draft.subject, report.document, _codes(report))


def sealed_files(
    document: OutgoingDocument,
    made: Sequence[Made],
    blobs: Sequence[Blob],
    services: SigningServices,
    *,
    now: datetime,
) -> list[SealedFile]:
    """The document's files for the register, the document itself first.

    Raises: ResultNotValid: one of them does not verify.
    """
    files: list[SealedFile] = []
    for each, blob in zip(made, blobs, strict=True):
        attachment = each.use.attachment
        if attachment is None:
            files.append(_document_file(document, blob, services, now))
        elif attachment.is_pdf:
            files.append(_attachment_file(attachment, blob, services, now))
        else:
            files += _file_and_signature(attachment, blob, services, now)
    return files


def _document_file(
    document: OutgoingDocument, blob: Blob, services: SigningServices, now: datetime
) -> SealedFile:
    name = f"{document.code.replace('/', '_')}.pdf"
    report = _assessed(blob, DocumentStatus.COMPLETE, name, services, now)
    return SealedFile(blob, Part.MAIN, name, "application/pdf", report)


def _attachment_file(
    attachment: DraftAttachment, blob: Blob, services: SigningServices, now: datetime
) -> SealedFile:
    report = _assessed(blob, DocumentStatus.ATTACHMENT, attachment.name, services, now)
    return SealedFile(blob, Part.ATTACHMENT, attachment.name, attachment.media_type, report)


def _file_and_signature(
    attachment: DraftAttachment, p7s: Blob, services: SigningServices, now: datetime
) -> list[SealedFile]:
    name = attachment.name
    with store.open_blob(attachment.blob) as content:
        report = assess_detached(
            content, store.read(p7s), trust=services.trust, at=now, fetch=services.fetch
        )
    # Revocation is asked for here and may have no answer; the seal's own was had a moment ago.
    if report.verdict is Verdict.TOTAL_FAILED:
        raise ResultNotValid(name, report.document, _codes(report))
    return [
        SealedFile(attachment.blob, Part.ATTACHMENT, name, attachment.media_type),
        SealedFile(
            p7s, Part.SIGNATURE, f"{name}.p7s", "application/pkcs7-signature", report.as_dict()
        ),
    ]


def _assessed(
    blob: Blob, expected: DocumentStatus, name: str, services: SigningServices, now: datetime
) -> dict[str, Any]:
    report = assess(store.read(blob), trust=services.trust, at=now)
    if report.document is not expected:
        raise ResultNotValid(name, report.document, _codes(report))
    return report.as_dict()


def _codes(report: Report) -> tuple[str, ...]:
    own = (reason for signature in report.signatures for reason in signature.reasons)
    return tuple(dict.fromkeys(reason.code for reason in (*report.reasons, *own)))

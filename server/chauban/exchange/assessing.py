"""Checking the signatures of what came, by two readings, and proposing what the clerk may do."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import models, transaction

from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.inspection import LARGEST_READ_BYTES, InspectionFailed, in_child
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody
from chauban.exchange.leases import claim_first, claim_some, hold_all, settle_all
from chauban.exchange.models import Assessment, DeliveredFile, Delivery
from chauban.exchange.ports import WHOLE_BYTES
from chauban.exchange.rules import FileFacts, main_file, propose
from chauban.exchange.signatures import read_beside, read_pdf
from chauban.journal.kinds import ActKind
from chauban.journal.recording import made, record_all
from chauban.registers.models import OutgoingFile
from chauban_pki.trust import Fetch, Trust

LEASE = timedelta(minutes=2)
FRESH = timedelta(hours=24)  # a report is used again for other deliveries of the same file
ALIKE_AT_ONCE = 40
SAMPLED_ONE_IN = 10  # of our own files the second reading takes these; of foreign ones all

Inspect = Callable[[Callable[[], dict[str, Any]]], dict[str, Any]]


def assess_next(
    *,
    now: datetime,
    trust: Trust,
    fetch: Fetch | None = None,
    inspect: Inspect | None = None,
) -> int:
    """Check the delivery that has waited longest, and propose; return how many were checked.

    Deliveries that the same bytes led to are checked with it: their files are the same. Foreign
    bytes are read in a process of its own with limits; what breaks there becomes a report that
    says so, and the clerk still decides (Điều 21.2).
    """
    inspect = inspect or partial(in_child, fetch=fetch)
    waiting = Delivery.objects.to_assess()
    first = claim_first(waiting, now=now, lease=LEASE)
    if first is None:
        return 0
    alike = waiting.filter(message__raw=first.message.raw_id)
    deliveries = [first, *claim_some(alike, now=now, lease=LEASE, most=ALIKE_AT_ONCE)]
    models.prefetch_related_objects(deliveries, "body", "files__blob")
    senders = IssuingBody.objects.by_codes(map(_issuing_code, deliveries))
    reports: dict[str, dict[str, Any]] = {}
    keys: dict[int, str] = {}
    proposals = {}
    for delivery in deliveries:
        files = list(delivery.files.all())
        for file in files:
            key = keys[file.pk] = assessment_key(file, files)
            if key and key not in reports:
                reports[key] = report_on(
                    file, files, now=now, trust=trust, fetch=fetch, inspect=inspect
                )
            file.report = reports.get(key)
        sender = senders.get(_issuing_code(delivery))
        facts = [facts_of(file, files) for file in files]
        proposals[delivery.pk] = propose(
            facts,
            sender_known=sender is not None,
            seal_agrees=seal_agrees(facts, sender.name if sender else None),
        )
    with transaction.atomic():
        held = hold_all(deliveries)
        ours = [delivery for delivery in deliveries if delivery.pk in held]
        for delivery in ours:
            proposal, grounds = proposals[delivery.pk]
            delivery.state = Delivery.State.PROPOSED
            delivery.proposal = proposal
            delivery.proposal_reasons = [ground.as_dict() for ground in grounds]
        settle_all(ours, ("state", "proposal", "proposal_reasons"))
        for key, report in reports.items():
            alike = [file.pk for one in ours for file in one.files.all() if keys[file.pk] == key]
            DeliveredFile.objects.filter(pk__in=alike).update(report=report)
        record_all(
            made(
                ActKind.ASSESSED,
                on=delivery,
                by=None,
                at=now,
                agency_id=delivery.body.agency_id,
                proposal=delivery.proposal,
            )
            for delivery in ours
        )
    return len(deliveries)


def _issuing_code(delivery: Delivery) -> str:
    """Whose seal is expected: the sender's, or the issuer's of what the sender passed on."""
    issuer = delivery.header.get("issuer") or {}
    return str(issuer.get("organ_id") or delivery.from_organ_id)


def assessment_key(file: DeliveredFile, files: Sequence[DeliveredFile]) -> str:
    """The digest of a file that carries a signature, with that of the .p7s beside it.

    Blank for what carries none of its own: a .p7s (its report stands at the file it signs), a
    file that is no PDF and has none beside it, a file that could not be had.
    """
    if file.blob is None or is_signature(file):
        return ""
    p7s = signature_beside(file, files)
    if p7s:
        return f"{file.blob_id}:{p7s.blob_id}"
    return str(file.blob_id) if file.name.lower().endswith(".pdf") else ""


def report_on(
    file: DeliveredFile,
    files: Sequence[DeliveredFile],
    *,
    now: datetime,
    trust: Trust,
    fetch: Fetch | None,
    inspect: Inspect,
) -> dict[str, Any]:
    """The report on a file that carries a signature, from its last reading while that is fresh."""
    key = assessment_key(file, files)
    p7s = signature_beside(file, files)
    both_legs = is_second_leg_due(str(file.blob_id))
    known = Assessment.objects.filter(pk=key, at__gt=now - FRESH).first()
    if known and (known.both_legs or not both_legs):
        return known.report
    if p7s is None and file.blob.size_bytes > LARGEST_READ_BYTES:
        return not_inspected("size")
    try:
        content = store.read(file.blob) if file.blob.size_bytes <= WHOLE_BYTES else _path(file.blob)
        signature = store.read(p7s.blob) if p7s else None
    except BlobError:
        return not_inspected("storage")
    asked = {"trust": trust, "at": now, "fetch": fetch}
    if signature is None:
        work = partial(read_pdf, content, both_legs=both_legs, **asked)
    else:
        work = partial(read_beside, content, signature, **asked)
    try:
        report = inspect(work)
    except InspectionFailed as failed:
        return not_inspected(failed.reason)
    Assessment.objects.update_or_create(
        key=key, defaults={"report": report, "both_legs": both_legs, "at": now}
    )
    return report


def _path(blob: Blob) -> Path:
    """Where the child that reads a large file finds it. Raises: BlobMissing, BlobDamaged."""
    store.require_undamaged(blob)
    return store.path_of(blob.sha256)


def is_second_leg_due(sha256: str) -> bool:
    """Foreign files are read twice; of those issued here, one in ten, by digest (decision 2)."""
    is_ours = OutgoingFile.objects.filter(blob=sha256).exists()
    return not is_ours or int(sha256[:8], 16) % SAMPLED_ONE_IN == 0


def facts_of(file: DeliveredFile, files: Sequence[DeliveredFile]) -> FileFacts:
    return FileFacts(
        name=file.name,
        fault=file.fault,
        report=file.report,
        is_signature=is_signature(file) and signed_by(file, files) is not None,
    )


def seal_agrees(facts: Sequence[FileFacts], body_name: str | None) -> bool | None:
    """Whether a valid seal in the document is the sending body's; None: nothing to compare."""
    main = main_file(facts)
    if main is None or main.report is None or body_name is None:
        return None
    seals = [
        signature["agency"] or signature["signer"]
        for signature in main.report["signatures"]
        if signature["role"] == "organisation"
    ]
    return body_name.casefold() in (seal.casefold() for seal in seals) if seals else None


def is_signature(file: DeliveredFile) -> bool:
    return file.name.lower().endswith(".p7s")


def signature_beside(file: DeliveredFile, files: Sequence[DeliveredFile]) -> DeliveredFile | None:
    """The detached signature that travels beside a file under its name and `.p7s`."""
    return next((one for one in files if one.name == f"{file.name}.p7s" and one.blob), None)


def signed_by(p7s: DeliveredFile, files: Sequence[DeliveredFile]) -> DeliveredFile | None:
    return next((one for one in files if p7s.name == f"{one.name}.p7s"), None)


def not_inspected(reason: str) -> dict[str, Any]:
    """A report for a file whose reading ran out of time or memory, or broke."""
    code, vi, en = _NOT_INSPECTED.get(reason, _BROKEN)
    return {
        "verdict": "INDETERMINATE",
        "document": "unreadable" if code == _BROKEN[0] else "not-enough-evidence",
        "signatures": [],
        "changes_after_signing": [],
        "reasons": [{"code": code, "vi": vi, "en": en, "clause": "ETSI EN 319 102-1 clause 5.1.3"}],
    }


_BROKEN = (
    "check-broke",
    "Không kiểm tra được tệp này (lỗi khi đọc). Hãy yêu cầu nơi gửi gửi lại.",
    "The file could not be checked (reading broke). Ask the sender for it again.",
)
_NOT_INSPECTED = {
    "time": (
        "check-ran-out-of-time",
        "Việc kiểm tra chữ ký số quá thời gian cho phép. Hãy mở tệp để xem trực tiếp.",
        "The check ran out of time. Look at the file itself.",
    ),
    "size": (
        "too-large-to-check",
        "Tệp PDF quá lớn nên không tự kiểm tra chữ ký số. Hãy mở tệp bằng phần mềm đọc PDF để xem.",
        "The PDF is too large to be checked here. Look at its signatures in a PDF reader.",
    ),
}

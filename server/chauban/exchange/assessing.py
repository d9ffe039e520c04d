"""Checking the signatures of what came, by two readings, and proposing what the clerk may do."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from chauban.blobs import store
from chauban.blobs.errors import BlobError
from chauban.blobs.inspection import InspectionFailed, in_child
from chauban.exchange.leases import claim_first, hold
from chauban.exchange.models import Assessment, DeliveredFile, Delivery
from chauban.exchange.rules import FileFacts, main_file, propose
from chauban.exchange.signatures import read_beside, read_pdf
from chauban.exchange.statuses import body_of
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import OutgoingFile
from chauban_pki.trust import Fetch, Trust

LEASE = timedelta(minutes=2)
FRESH = timedelta(hours=24)  # a report is used again for other deliveries of the same file
SAMPLED_ONE_IN = 10  # of our own files the second reading takes these; of foreign ones all

Inspect = Callable[[Callable[[], dict[str, Any]]], dict[str, Any]]


def assess_next(
    *, now: datetime, trust: Trust, fetch: Fetch | None = None, inspect: Inspect | None = None
) -> bool:
    """Check the delivery that has waited longest and propose; False: none waits.

    Foreign bytes are read in a process of its own with limits; what breaks there becomes a
    report that says so, and the clerk still decides (Điều 21.2).
    """
    delivery = claim_first(Delivery.objects.to_assess(), now=now, lease=LEASE)
    if delivery is None:
        return False
    inspect = inspect or partial(in_child, fetch=fetch)
    files = list(delivery.files.select_related("blob"))
    for file in files:
        file.report = report_on(file, files, now=now, trust=trust, fetch=fetch, inspect=inspect)
    facts = [facts_of(file, files) for file in files]
    sender = body_of(delivery.from_organ_id)
    proposal, grounds = propose(
        facts,
        sender_known=sender is not None,
        seal_agrees=seal_agrees(facts, sender.name if sender else None),
    )
    with transaction.atomic():
        if not hold(delivery):
            return True
        DeliveredFile.objects.bulk_update(files, ["report"])
        delivery.state = Delivery.State.PROPOSED
        delivery.proposal = proposal
        delivery.proposal_reasons = [ground.as_dict() for ground in grounds]
        delivery.lease_until = None
        delivery.save(update_fields=["state", "proposal", "proposal_reasons", "lease_until"])
        record(
            ActKind.ASSESSED,
            on=delivery,
            by=None,
            at=now,
            agency_id=delivery.body.agency_id,
            proposal=proposal,
        )
    return True


def report_on(
    file: DeliveredFile,
    files: Sequence[DeliveredFile],
    *,
    now: datetime,
    trust: Trust,
    fetch: Fetch | None,
    inspect: Inspect,
) -> dict[str, Any] | None:
    """The report on one file, from this digest's last reading while that is fresh.

    None for what carries no signature of its own: a .p7s (its report stands at the file it
    signs), a file that is no PDF and has none beside it, a file that could not be had.
    """
    if file.blob is None or is_signature(file):
        return None
    p7s = signature_beside(file, files)
    is_pdf = file.name.lower().endswith(".pdf")
    if p7s is None and not is_pdf:
        return None
    key = file.blob_id if p7s is None else f"{file.blob_id}:{p7s.blob_id}"
    both_legs = is_second_leg_due(file.blob_id)
    known = Assessment.objects.filter(pk=key, at__gt=now - FRESH).first()
    if known and (known.both_legs or not both_legs):
        return known.report
    try:
        content = store.read(file.blob)
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
    is_slow = reason == "time"
    return {
        "verdict": "INDETERMINATE",
        "document": "not-enough-evidence" if is_slow else "unreadable",
        "signatures": [],
        "changes_after_signing": [],
        "reasons": [
            {
                "code": "check-ran-out-of-time" if is_slow else "check-broke",
                "vi": "Việc kiểm tra chữ ký số quá thời gian cho phép. Hãy mở tệp để xem trực tiếp."
                if is_slow
                else "Không kiểm tra được tệp này (lỗi khi đọc). Hãy yêu cầu nơi gửi gửi lại.",
                "en": "The check ran out of time. Look at the file itself."
                if is_slow
                else "The file could not be checked (reading broke). Ask the sender for it again.",
                "clause": "ETSI EN 319 102-1 clause 5.1.3",
            }
        ],
    }

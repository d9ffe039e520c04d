"""The steps of a draft that need no key: checks, approval, number, issue (Điều 10-12, 15, 16)."""

from datetime import datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.blobs import store
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers import actions as registers
from chauban.registers.recalling import succeed
from chauban.trust.errors import NoUsableCertificate
from chauban.trust.models import Certificate, Custody
from chauban.workflow.claims import close_lapsed, drop_pending
from chauban.workflow.errors import CommentMissing, TimestampPending
from chauban.workflow.letters import Content
from chauban.workflow.models import Answer, Check, Draft, KeyUse, SigningCopy
from chauban.workflow.pages import page_amount
from chauban.workflow.rules import Step
from chauban.workflow.steps import advance, as_stored, require_step
from chauban_pades.digests import page_digests
from chauban_pades.reserving import reserve

State = Draft.State


@transaction.atomic
def submit_for_check(draft: Draft, *, officer: Officer, now: datetime) -> Draft:
    """Hand the draft to the head of the drafting unit (Điều 12.1)."""
    advance(draft, Step.SUBMIT, State.CONTENT_CHECK, officer=officer, now=now)
    record(ActKind.SUBMITTED, on=draft, by=officer, at=now)
    return as_stored(draft)


@transaction.atomic
def check_content(draft: Draft, *, officer: Officer, now: datetime, comment: str = "") -> Draft:
    """Record that the head of the drafting unit answers for the content (Điều 12.1)."""
    advance(draft, Step.CHECK_CONTENT, State.LAYOUT_CHECK, officer=officer, now=now)
    _keep_check(draft, Check.Aspect.CONTENT, comment, officer=officer, now=now)
    record(ActKind.CONTENT_CHECKED, on=draft, by=officer, at=now)
    return as_stored(draft)


@transaction.atomic
def check_layout(draft: Draft, *, officer: Officer, now: datetime, comment: str = "") -> Draft:
    """Record that the appointed person answers for the layout (Điều 12.2)."""
    advance(draft, Step.CHECK_LAYOUT, State.APPROVAL, officer=officer, now=now)
    _keep_check(draft, Check.Aspect.LAYOUT, comment, officer=officer, now=now)
    record(ActKind.LAYOUT_CHECKED, on=draft, by=officer, at=now)
    return as_stored(draft)


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
    advance(draft, Step.RETURN, State.DRAFTING, officer=officer, now=now)
    close_lapsed(draft, now)
    drop_pending(draft, "draft-returned", now)
    SigningCopy.objects.filter(draft=draft).update(signed=None)
    _keep_check(draft, aspect, comment, officer=officer, now=now, passed=False)
    record(ActKind.RETURNED, on=draft, by=officer, at=now, aspect=aspect, was=draft.state)
    return as_stored(draft)


def approve(draft: Draft, *, officer: Officer, now: datetime, comment: str = "") -> Draft:
    """Approve the draft (Điều 11.1) and fix its newest version as the signing copy."""
    require_step(draft, Step.APPROVE, officer)
    version = draft.newest_version
    pages = store.read(version.pages)
    reserved = reserve(pages, filled_before_seal=_is_sealed_by_program(draft, now))
    kept = store.put(reserved, now=now)
    with transaction.atomic():
        advance(draft, Step.APPROVE, State.SIGNING, officer=officer, now=now)
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
    return as_stored(draft)


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
        advance(draft, Step.NUMBER, State.NUMBERED, officer=officer, now=now)
        document = registers.number_outgoing(entry, body=draft.body, officer=officer, now=now)
        Draft.objects.filter(pk=draft.pk).update(outgoing=document)
    return as_stored(draft)


@transaction.atomic
def cancel_number(draft: Draft, *, reason: str, officer: Officer, now: datetime) -> Draft:
    """Cancel the draft's number, which is never reused; the signed draft may get another.

    Raises:
        KeyInUse: the clerk is sealing it at this moment.
        CancellationWithoutReason
    """
    document = draft.outgoing
    advance(draft, Step.CANCEL_NUMBER, State.SIGNED, officer=officer, now=now, outgoing=None)
    close_lapsed(draft, now)
    drop_pending(draft, "number-cancelled", now)
    SigningCopy.objects.filter(draft=draft).update(sealed=None)
    registers.cancel_number(document, reason=reason, officer=officer, now=now)
    return as_stored(draft)


@transaction.atomic
def link_answer(draft: Draft, *, officer: Officer, now: datetime) -> Draft:
    """Close a draft whose document is issued, and link it to the document it answers (Điều 24).

    The incoming document stays open: who leads on it closes it. A document that this one
    replaces or amends is linked likewise, both ways.

    Raises: NotReplaceable.
    """
    advance(draft, Step.ISSUE, State.ISSUED, officer=officer, now=now)
    if draft.answers:
        Answer.objects.create(incoming=draft.answers, outgoing=draft.outgoing, at=now)
        record(ActKind.ANSWERED, on=draft.answers, by=officer, at=now, outgoing=draft.outgoing_id)
    if draft.succeeds:
        succeed(draft.outgoing, draft.succeeds, kind=draft.succession, officer=officer, now=now)
    return as_stored(draft)


def _is_sealed_by_program(draft: Draft, now: datetime) -> bool:
    """Whether a program that signs whole files will seal, so that number and date precede it."""
    try:
        seal = Certificate.objects.seal_of(draft.body, at=now)
    except NoUsableCertificate:
        return False
    return seal.custody == Custody.PLUGIN


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

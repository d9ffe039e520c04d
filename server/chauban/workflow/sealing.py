"""The clerk seals: number, date and seal in one revision, held until it is complete.

Design, section 2 step 6; Nghị định 30/2020/NĐ-CP Điều 17, Điều 32.2; PL I II.8.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.directory.rules import HANOI
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers import actions as registers
from chauban.registers.models import OutgoingDocument
from chauban.trust.keys import Keys
from chauban.trust.models import Certificate
from chauban.workflow.claims import claim, closed_on_failure, require_shown
from chauban.workflow.errors import ClaimLost, SealHeld
from chauban.workflow.made import Made, SigningServices, completed, picture_of
from chauban.workflow.models import Draft, KeyUse, SigningCopy
from chauban.workflow.results import sealed_files
from chauban.workflow.rules import Step
from chauban.workflow.steps import require_step
from chauban_docform.symbols import date_texts, number_text
from chauban_pades.attachments import sign_attachment_pending
from chauban_pades.signing import fill_and_seal_pending
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import Credential

FIELD = "seal-1"
ATTACHMENT_FIELD = "attachment-seal"
Purpose = KeyUse.Purpose


def seal_draft(
    draft: Draft,
    *,
    keys: Keys,
    shown: str,
    officer: Officer,
    now: datetime,
    services: SigningServices,
) -> Draft:
    """Seal a signed and numbered document, in the clerk's own act (Điều 32.2.c, d).

    `shown` and `keys` as for `sign_draft`. Number, date and seal are one revision; each PDF
    attachment is signed at its top right, any other file gets a detached signature beside it.
    What still lacks its time-stamp or its validation data is held: the draft stays numbered
    until `complete_next` has them. Nothing counts as sealed that does not verify when read back
    from the store.

    Raises:
        StepNotAllowed, KeyInUse: as every step.
        SealHeld: it is sealed already and waits for its time-stamp.
        PagesChanged: what was seen is not what would be sealed.
        NoUsableCertificate, WrongPIN, KeyLocked: the key cannot be used; nothing was sealed.
        CertificateRevoked, ResultNotValid: what was made is not valid and was dropped.
        ClaimLost: the confirmation took longer than its lease.
    """
    services = services.for_one_act()
    uses = claim_seal(draft, shown=shown, officer=officer, now=now)
    with closed_on_failure(uses[0], now):
        key = keys(uses[0].certificate)
        made = [_sealed(uses[0], key, draft.outgoing, now)]
        made += [_attachment_signed(use, key, draft.outgoing, now) for use in uses[1:]]
        made = [completed(each, services, now=now) for each in made]
        settle_seal(draft, made, services, officer=officer, now=now)
    draft.refresh_from_db()
    return draft


def claim_seal(draft: Draft, *, shown: str, officer: Officer, now: datetime) -> list[KeyUse]:
    """Refuse what must not be sealed, and write down each use of the key: the document first."""
    require_step(draft, Step.SEAL, officer)
    copy = draft.signing_copy
    held = copy.key_uses.pending().first()
    if held:
        raise SealHeld(held.claimed_at, held.last_problem)
    require_shown(copy, copy.signed, shown)
    certificate = Certificate.objects.seal_of(draft.body, at=now)

    def use_of(purpose: Purpose, field: str, before: Blob, **values: Any) -> KeyUse:
        return KeyUse(
            copy=copy, purpose=purpose, field=field, certificate=certificate, by=officer.post,
            digest_before=before.sha256, claimed_at=now, **values,
        )  # fmt: skip

    with transaction.atomic():
        seal = claim(use_of(Purpose.SEAL, FIELD, copy.signed), on=draft)
        uses = [seal]
        for each in draft.attachments.kept().select_related("blob"):
            field = ATTACHMENT_FIELD if each.is_pdf else ""
            use = use_of(Purpose.ATTACHMENT, field, each.blob, attachment=each, seal=seal)
            use.lease_until = seal.lease_until
            use.save(force_insert=True)
            uses.append(use)
        record(
            ActKind.SEALING_STARTED,
            on=draft,
            by=officer,
            at=now,
            digest=seal.digest_before,
            pages=shown,
            certificate=certificate.pk,
            attachments=len(uses) - 1,
        )
    return uses


def settle_seal(
    draft: Draft,
    made: Sequence[Made],
    services: SigningServices,
    *,
    officer: Officer,
    now: datetime,
) -> None:
    """Keep what was made, the document first; when all is complete, enter it in the register.

    The store is read back and each file assessed before the one transaction that shows the
    document as sealed.

    Raises:
        ResultNotValid: a file does not verify.
        ClaimLost: the claim was no longer ours; nothing was written.
    """
    blobs = [store.put(each.content, now=now) for each in made]
    is_whole = not any(each.is_pending for each in made)
    document = draft.outgoing
    files = sealed_files(document, made, blobs, services, now=now) if is_whole else []
    with transaction.atomic():
        for each, blob in zip(made, blobs, strict=True):
            _settle(each, blob, now)
        if not is_whole:
            if made[0].use.settled_at is None:
                record(ActKind.SEAL_HELD, on=draft, by=officer, at=now, digest=blobs[0].sha256)
            return
        SigningCopy.objects.filter(draft=draft).update(sealed=blobs[0])
        is_moved = Draft.objects.filter(
            pk=draft.pk, state=Draft.State.NUMBERED, outgoing=document
        ).update(state=Draft.State.SEALED, changed_at=now)
        if not is_moved:
            raise ClaimLost
        registers.enter_sealed(document, files, officer=officer, now=now)


def reserved_values(document: OutgoingDocument) -> dict[str, str]:
    """What the reserved text fields of the document are filled with (PL I II.3, II.4)."""
    return {"number": number_text(document.number), **date_texts(document.issued_on)}


def attachment_lines(document: OutgoingDocument, at: datetime) -> tuple[str, str]:
    """Number and symbol of the document and the time of signing (PL I II.8.b, ISO 8601)."""
    return document.code, at.astimezone(HANOI).isoformat(timespec="seconds")


def _sealed(use: KeyUse, key: Credential, document: OutgoingDocument, now: datetime) -> Made:
    content = fill_and_seal_pending(
        store.read(use.copy.signed),
        field=use.field,
        values=reserved_values(document),
        credential=key,
        now=now,
        image=picture_of(use.certificate),
    )
    return Made(use, content, timestamp_pending=True, validation_data_pending=True)


def _attachment_signed(
    use: KeyUse, key: Credential, document: OutgoingDocument, now: datetime
) -> Made:
    if not use.field:
        digest = bytes.fromhex(use.attachment.blob.sha256)
        content = detached_signature(digest, key, claimed_at=now, timestamp=None)
        return Made(use, content, timestamp_pending=True, validation_data_pending=False)
    content = sign_attachment_pending(
        store.read(use.attachment.blob),
        credential=key,
        now=now,
        lines=attachment_lines(document, now),
    )
    return Made(use, content, timestamp_pending=True, validation_data_pending=True)


def _settle(made: Made, blob: Blob, now: datetime) -> None:
    use = made.use
    is_ours = KeyUse.objects.filter(
        pk=use.pk, settled_at=use.settled_at, lease_until=use.lease_until
    ).update(
        result=blob,
        timestamp_pending=made.timestamp_pending,
        validation_data_pending=made.validation_data_pending,
        last_problem=made.problem[:300],
        settled_at=use.settled_at or now,
        # The worker's lease stays as the pause before its next try.
        lease_until=use.lease_until if use.settled_at else now,
    )
    if not is_ours:
        raise ClaimLost

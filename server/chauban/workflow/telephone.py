"""The holder confirms on a telephone: asked now, answered later, embedded once (decision 18).

What is prepared waits in the `KeyUse`; the answer comes by a poll of the worker or by a call
back of the service, and counts because it is by the expected key over exactly these bytes.
Standard: CSC API v2 section 11.10, operation mode "A".
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from chauban.accounts.officers import Officer
from chauban.blobs import store
from chauban.blobs.models import Blob
from chauban.trust.keys import telephone_credential
from chauban.workflow.claims import closed_on_failure
from chauban.workflow.errors import ClaimLost
from chauban.workflow.made import Made, picture_of
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.rules import FIRST_LOOK, MOST_CALL_BACKS, SIGNING_LEASE
from chauban.workflow.sealing import attachment_lines, claim_seal, reserved_values
from chauban.workflow.signing import claim_signature
from chauban_pades.two_phase import (
    PreparedSignature,
    complete_with_value,
    prepare,
    prepare_attachment,
)
from chauban_pades.two_phase_detached import PreparedDetached
from chauban_pki import mobile_signing
from chauban_pki.mobile_signing import PendingSigning
from chauban_pki.remote_signing import RemoteCredential

LONGEST_DESCRIPTION = 200
Purpose = KeyUse.Purpose


def ask_to_sign(
    draft: Draft, *, shown: str, officer: Officer, now: datetime, call_back: str
) -> KeyUse:
    """Ask the signatory's telephone to sign the signing copy; return the use that waits.

    `call_back` is the address where the service may report the end.

    Raises:
        StepNotAllowed, ChangedMeanwhile, KeyInUse, MandateError, PagesChanged,
        NoUsableCertificate: as `sign_draft`.
        KeyUnavailable, KeyRefused, KeyNotThere, SigningRefused, SigningUnavailable,
        SigningAnswerInvalid: the service does not ask him; nothing waits.
    """
    use = claim_signature(draft, shown=shown, officer=officer, now=now)
    with closed_on_failure(use, now):
        _ask(draft, [use], now=now, call_back=call_back)
    return use


def ask_to_seal(
    draft: Draft, *, shown: str, officer: Officer, now: datetime, call_back: str
) -> KeyUse:
    """Ask the clerk's telephone once for the seal of the document and of its attachments.

    Raises: as `seal_draft`, and as `ask_to_sign` where the service does not ask.
    """
    uses = claim_seal(draft, shown=shown, officer=officer, now=now)
    with closed_on_failure(uses[0], now):
        _ask(draft, uses, now=now, call_back=call_back)
    return uses[0]


def poll(first: KeyUse, *, now: datetime) -> bool:
    """Ask the service for the answer and keep it. Return False while there is none.

    Raises:
        SigningTimedOut, SigningRefused: the person's time is over, or he said no.
        SigningUnavailable, SigningAnswerInvalid, KeyUnavailable: asking again may help.
    """
    credential = telephone_credential(first.certificate)
    values = mobile_signing.poll(credential, PendingSigning.from_dict(first.asked), now=now)
    if values is None:
        return False
    _keep(first, values, now)
    return True


def take_call_back(message: bytes, *, now: datetime) -> bool:
    """Take what somebody says is the end of a request. Return False when it is about none.

    A value in it is kept only if it verifies; any other message makes the worker ask soon.

    Raises:
        SigningAnswerInvalid: a value that is not by the key over what was asked.
        SigningTimedOut, KeyUnavailable: as `poll`.
    """
    try:
        told = json.loads(message)
    except ValueError:
        return False
    response_id = told.get("responseID") if isinstance(told, dict) else None
    if not isinstance(response_id, str) or not response_id:
        return False
    waiting = KeyUse.objects.waiting().filter(
        ~Q(response_id=""), response_id=response_id, values__isnull=True, looks__lt=MOST_CALL_BACKS
    )
    first = waiting.select_related("certificate").first()
    if first is None:
        return False
    if "signatures" not in told:
        waiting.filter(pk=first.pk).update(next_look_at=now, looks=F("looks") + 1)
        return True
    waiting.filter(pk=first.pk).update(looks=F("looks") + 1)
    credential = telephone_credential(first.certificate)
    pending = PendingSigning.from_dict(first.asked)
    values = mobile_signing.called_back(credential, pending, message, now=now)
    if values is not None:
        _keep(first, values, now)
        KeyUse.objects.open().filter(pk=first.pk).update(next_look_at=now)
    return True


def embedded(act: Sequence[KeyUse]) -> list[Made]:
    """What the values make of the files, the document's first.

    Raises: PreparedForOtherDocument, NoRoom, SignatureMismatch (of chauban_pki).
    """
    values = [b64decode(one) for one in act[0].values]
    return [_with_value(use, value) for use, value in zip(act, values, strict=True)]


def _ask(draft: Draft, uses: Sequence[KeyUse], *, now: datetime, call_back: str) -> None:
    first = uses[0]
    key = telephone_credential(first.certificate)
    prepared = [_prepared(use, key, draft, now) for use in uses]
    pending = mobile_signing.ask(
        key,
        [each.to_be_signed for each in prepared],
        what=_described(draft, len(uses)),
        now=now,
        call_back=call_back,
    )
    with transaction.atomic():
        for use, each in zip(uses, prepared, strict=True):
            KeyUse.objects.open().filter(pk=use.pk).update(
                prepared=each.to_bytes(), lease_until=pending.ends_at
            )
        is_ours = (
            KeyUse.objects.open()
            .filter(pk=first.pk)
            .update(
                asked=pending.as_dict(),
                response_id=pending.response_id,
                ends_at=pending.ends_at,
                next_look_at=now + FIRST_LOOK,
            )
        )
        if not is_ours:
            raise ClaimLost


def _prepared(
    use: KeyUse, key: RemoteCredential, draft: Draft, now: datetime
) -> PreparedSignature | PreparedDetached:
    algorithm = key.signature_algorithm
    is_pss = algorithm.name.startswith("rsa-pss")
    holder = {"certificate": key.certificate, "chain": key.chain}
    how = {**holder, "now": now, "digest": algorithm.digest, "pss": is_pss}
    if use.purpose != Purpose.ATTACHMENT:
        is_seal = use.purpose == Purpose.SEAL
        return prepare(
            store.read(_original(use)),
            field=use.field,
            values=reserved_values(draft.outgoing) if is_seal else None,
            image=picture_of(use.certificate),
            **how,
        )
    if use.field:
        lines = attachment_lines(draft.outgoing, now)
        return prepare_attachment(store.read(_original(use)), lines=lines, **how)
    with store.open_blob(_original(use)) as file:
        digest = hashlib.file_digest(file, algorithm.digest).digest()
    return PreparedDetached(
        pss=is_pss, digest_name=algorithm.digest, digest=digest, claimed_at=now, **holder
    )


def _with_value(use: KeyUse, value: bytes) -> Made:
    state = bytes(use.prepared)
    if not use.field:
        content = PreparedDetached.from_bytes(state).complete(value)
        return Made(use, content, timestamp_pending=True, validation_data_pending=False)
    content = complete_with_value(state, store.read(_original(use)), signature=value)
    is_seal = use.purpose != Purpose.SIGN
    return Made(use, content, timestamp_pending=True, validation_data_pending=is_seal)


def _original(use: KeyUse) -> Blob:
    match use.purpose:
        case Purpose.SIGN:
            return use.copy.reserved
        case Purpose.SEAL:
            return use.copy.signed
        case _:
            return use.attachment.blob


def _keep(first: KeyUse, values: Sequence[bytes], now: datetime) -> None:
    """Keep checked values, once; from now on they are embedded, however late that is."""
    kept = [b64encode(value).decode("ascii") for value in values]
    with transaction.atomic():
        KeyUse.objects.open().filter(pk=first.pk, values__isnull=True).update(values=kept, looks=0)
        KeyUse.objects.open().filter(Q(pk=first.pk) | Q(seal=first)).update(
            lease_until=now + SIGNING_LEASE
        )


def _described(draft: Draft, files: int) -> str:
    """What the telephone shows: enough to know the document again, no more."""
    code = draft.outgoing.code if draft.outgoing else f"…/{draft.notation}"
    more = f", {files - 1} tệp kèm theo" if files > 1 else ""
    return f"{draft.kind_name} {code}: {draft.subject}"[:LONGEST_DESCRIPTION] + more

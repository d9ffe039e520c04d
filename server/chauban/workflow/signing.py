"""The signatory signs: claim, work with the key, settle (design, section 2 step 4)."""

from datetime import datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.blobs import store
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.trust.keys import Keys
from chauban.trust.models import Certificate
from chauban.trust.rules import require_mandate
from chauban.workflow.claims import claim, closed_on_failure, require_shown
from chauban.workflow.errors import ClaimLost
from chauban.workflow.made import Made, SigningServices, completed, picture_of
from chauban.workflow.models import Draft, KeyUse, SigningCopy
from chauban.workflow.results import require_sound
from chauban.workflow.rules import Step
from chauban.workflow.steps import require_step
from chauban_pades.signing import sign_pending

FIELD = "signatory-1"


def sign_draft(
    draft: Draft,
    *,
    keys: Keys,
    shown: str,
    officer: Officer,
    now: datetime,
    services: SigningServices,
) -> Draft:
    """Sign the signing copy as the signatory of the draft's mandate (Điều 13).

    `shown` is the digest of the pages that the signatory has seen (`SigningCopy.shown`); `keys`
    are what his PIN opens for this confirmation or batch (`trust.keys.keys_under`). When no
    time-stamp comes, the signature stands and waits for it; numbering refuses until it is there.

    Raises:
        StepNotAllowed, ChangedMeanwhile, KeyInUse: as every step.
        MandateError: the mandate does not cover person, body, kind and day; named by its rule.
        PagesChanged: what was seen is not what would be signed.
        NoUsableCertificate, WrongPIN, KeyLocked: the key cannot be used; nothing was signed.
        ClaimLost: the confirmation took longer than its lease.
    """
    use = claim_signature(draft, shown=shown, officer=officer, now=now)
    with closed_on_failure(use, now):
        made = sign_claimed(use, keys=keys, services=services, now=now)
        settle_signature(draft, made, officer=officer, now=now)
    draft.refresh_from_db()
    return draft


def claim_signature(draft: Draft, *, shown: str, officer: Officer, now: datetime) -> KeyUse:
    """Refuse what must not be signed, and write down that the key is about to be used."""
    require_step(draft, Step.SIGN, officer)
    mandate = draft.mandate
    require_mandate(
        mandate, person=officer.person, body=draft.body, kind=draft.kind, day=legal_day(now)
    )
    copy = draft.signing_copy
    require_shown(copy, copy.reserved, shown)
    use = KeyUse(
        copy=copy,
        purpose=KeyUse.Purpose.SIGN,
        field=FIELD,
        certificate=Certificate.objects.of_person(officer.person, at=now),
        mandate=mandate,
        by=officer.post,
        digest_before=copy.reserved.sha256,
        claimed_at=now,
    )
    with transaction.atomic():
        claim(use, on=draft)
        record(
            ActKind.SIGNING_STARTED,
            on=draft,
            by=officer,
            at=now,
            digest=use.digest_before,
            pages=shown,
            certificate=use.certificate_id,
            mandate=mandate.pk,
        )
    return use


def sign_claimed(use: KeyUse, *, keys: Keys, services: SigningServices, now: datetime) -> Made:
    """Use the key once, and bring the signature to B-T if a time-stamp can be had."""
    signed = sign_pending(
        store.read(use.copy.reserved),
        field=use.field,
        credential=keys(use.certificate),
        now=now,
        image=picture_of(use.certificate),
    )
    made = completed(Made(use, signed, True, False), services, now=now)
    require_sound(made, services, now=now)
    return made


def settle_signature(draft: Draft, made: Made, *, officer: Officer, now: datetime) -> None:
    """Keep the signed revision and move the draft on, if the claim is still ours.

    Raises: ClaimLost.
    """
    blob = store.put(made.content, now=now)
    claims = KeyUse.objects.open().filter(pk=made.use.pk)
    with transaction.atomic():
        is_moved = Draft.objects.filter(pk=draft.pk, state=Draft.State.SIGNING).update(
            state=Draft.State.SIGNED, changed_at=now
        )
        is_ours = claims.update(
            result=blob,
            timestamp_pending=made.timestamp_pending,
            last_problem=made.problem[:300],
            settled_at=now,
            lease_until=now,
        )
        if not (is_moved and is_ours):
            raise ClaimLost
        SigningCopy.objects.filter(pk=made.use.copy_id).update(signed=blob)
        record(
            ActKind.SIGNED,
            on=draft,
            by=officer,
            at=now,
            digest=blob.sha256,
            use=made.use.pk,
            timestamp_pending=made.timestamp_pending,
        )

"""What the worker does for signatures that wait: time-stamps and validation data, no key."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from chauban.blobs import store
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.workflow.claims import drop_pending, officer_of
from chauban.workflow.errors import ClaimLost, ResultNotValid
from chauban.workflow.made import Made, SigningServices, completed, kept
from chauban.workflow.models import Draft, KeyUse, SigningCopy
from chauban.workflow.rules import COMPLETION_LEASE, PENDING_LIMIT
from chauban.workflow.sealing import settle_seal
from chauban_pades.errors import NoRoom
from chauban_pki.errors import CertificateRevoked


def complete_next(services: SigningServices, *, now: datetime) -> bool:
    """Try to complete what has waited longest. Return False when nothing is due.

    What fails is tried again after COMPLETION_LEASE; what has waited longer than PENDING_LIMIT
    lapses, and the person is asked to sign again.
    """
    act = _claim_due(now)
    if act is None:
        return False
    if now - act[0].claimed_at > PENDING_LIMIT:
        _lapse(act[0], "pending-too-long", now)
        return True
    services = services.for_one_act()
    try:
        made = [completed(kept(use), services, now=now) for use in act]
        _keep(act[0], made, services, now)
    except (CertificateRevoked, NoRoom, ResultNotValid) as problem:
        _lapse(act[0], type(problem).__name__, now)
    return True


def _claim_due(now: datetime) -> list[KeyUse] | None:
    """Claim the uses of one act of signing or sealing, the document's own first."""
    due = KeyUse.objects.due(now).select_related("seal").first()
    if due is None:
        return None
    first = due.seal or due
    is_ours = KeyUse.objects.filter(Q(pk=first.pk, lease_until=first.lease_until)).update(
        lease_until=now + COMPLETION_LEASE
    )
    if not is_ours:
        return None
    KeyUse.objects.filter(seal=first).update(lease_until=now + COMPLETION_LEASE)
    return list(
        KeyUse.objects.filter(Q(pk=first.pk) | Q(seal=first))
        .select_related("copy__draft__outgoing", "attachment__blob", "result", "by__person")
        .order_by("pk")
    )


def _keep(first: KeyUse, made: list[Made], services: SigningServices, now: datetime) -> None:
    draft = first.copy.draft
    try:
        if first.purpose == KeyUse.Purpose.SIGN:
            _keep_signature(draft, made[0], now)
        else:
            by = officer_of(first.by)
            settle_seal(draft, made, services, officer=by, now=now)
    except ClaimLost:
        return


def _keep_signature(draft: Draft, made: Made, now: datetime) -> None:
    ours = KeyUse.objects.filter(pk=made.use.pk, lease_until=made.use.lease_until)
    if made.is_pending:
        ours.update(last_problem=made.problem[:300])
        return
    blob = store.put(made.content, now=now)
    with transaction.atomic():
        if not ours.update(result=blob, timestamp_pending=False, last_problem=""):
            raise ClaimLost
        SigningCopy.objects.filter(pk=made.use.copy_id).update(signed=blob)
        record(
            ActKind.TIMESTAMPED, on=draft, by=None, at=now, agency_id=draft.agency_id,
            digest=blob.sha256, use=made.use.pk,
        )  # fmt: skip


@transaction.atomic
def _lapse(first: KeyUse, problem: str, now: datetime) -> None:
    """Let an act of signing come to nothing: the person is asked again."""
    draft = first.copy.draft
    drop_pending(draft, problem, now)
    if first.purpose == KeyUse.Purpose.SIGN:
        SigningCopy.objects.filter(pk=first.copy_id).update(signed=None)
        Draft.objects.filter(pk=draft.pk, state=Draft.State.SIGNED).update(
            state=Draft.State.SIGNING, changed_at=now
        )
    else:
        SigningCopy.objects.filter(pk=first.copy_id).update(sealed=None)
        Draft.objects.filter(pk=draft.pk).update(changed_at=now)
    record(
        ActKind.SIGNATURE_LAPSED, on=draft, by=None, at=now, agency_id=draft.agency_id,
        use=first.pk, problem=problem,
    )  # fmt: skip

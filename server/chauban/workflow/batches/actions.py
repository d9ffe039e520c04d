"""One confirmation over several documents: written down, carried out one by one, looked up.

Each document is an act and a transaction of its own; what one of them meets stops no other. The
keys come opened and are dropped with the batch; what a crash leaves undone stays undone until it
is confirmed anew (design, decision 18).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Any
from uuid import UUID

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound
from chauban.trust.errors import KeyLocked, PINBlocked, WrongPIN
from chauban.trust.keys import Keys
from chauban.ui.words import Words
from chauban.workflow import actions, elsewhere, telephone
from chauban.workflow.access import access_draft
from chauban.workflow.batches.models import Batch, BatchItem
from chauban.workflow.claims import require_shown
from chauban.workflow.errors import CameToNothing, CommentMissing, NothingChosen
from chauban.workflow.made import SigningServices
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.results import require_kept, stored_report
from chauban.workflow.rules import BATCH_LEASE, Step
from chauban.workflow.sealing import seal_draft
from chauban.workflow.signing import sign_draft
from chauban.workflow.steps import require_step
from chauban.workflow.words import REFUSALS, explain

Decision, Outcome = BatchItem.Decision, BatchItem.Outcome
_FAILED = Words(
    "Hệ thống gặp lỗi với văn bản này nên chưa ghi nhận gì. Hãy mở văn bản xem trạng thái rồi thực"
    " hiện lại; nếu lặp lại, hãy báo người quản trị.",
    "The system failed on this document and kept nothing. Look at its state, then try again; if it"
    " happens once more, tell the administrator.",
)
_log = logging.getLogger(__name__)


def _a_second() -> None:
    sleep(1)


@dataclass(frozen=True)
class Chosen:
    """What a person decided about one document whose pages he was shown."""

    draft: Draft
    decision: Decision
    shown: str
    comment: str = ""


@dataclass(frozen=True)
class Means:
    """What a batch is carried out with: the opened keys, the clock, the services of a moment.

    Without keys the holder's telephone is asked, one document after the other.
    """

    keys: Keys | None
    clock: Callable[[], datetime]
    services: Callable[[datetime], SigningServices]
    pause: Callable[[], None] = _a_second  # between looks after a telephone
    call_back: str = ""  # where a telephone's service may report the end


def begin_batch(
    uid: UUID,
    chosen: Sequence[Chosen],
    *,
    purpose: Batch.Purpose,
    officer: Officer,
    now: datetime,
) -> tuple[Batch, bool]:
    """Write down what one confirmation covers; the batch, and whether it is a new one.

    Sent twice it is one batch: whoever gets False has nothing to carry out.

    Raises:
        NothingChosen: all is left for later.
        CommentMissing: something is returned without a reason.
        NotFound: the batch of that uid is another's.
    """
    if all(one.decision == Decision.SKIP for one in chosen):
        raise NothingChosen
    if any(one.decision == Decision.RETURN and not one.comment.strip() for one in chosen):
        raise CommentMissing
    with transaction.atomic():
        batch, is_new = Batch.objects.get_or_create(
            uid=uid,
            defaults={
                "purpose": purpose,
                "by": officer.post,
                "began_at": now,
                "lease_until": now + BATCH_LEASE,
            },
        )
        if is_new:
            BatchItem.objects.bulk_create(
                BatchItem(
                    batch=batch,
                    ordinal=ordinal,
                    draft=one.draft,
                    decision=one.decision,
                    shown=one.shown,
                    comment=one.comment.strip(),
                    outcome=Outcome.SKIPPED if one.decision == Decision.SKIP else Outcome.WAITING,
                )
                for ordinal, one in enumerate(chosen, 1)
            )
    if batch.by_id != officer.post_id:
        raise NotFound(uid)
    return batch, is_new


def carry_out(batch: Batch, means: Means, *, officer: Officer) -> None:
    """Do what the batch says, in its order, and keep of each document what came of it.

    A PIN that is refused on the way is not tried again: what is left is refused with it.
    """
    shut: Words | None = None
    for item in batch.items.filter(outcome=Outcome.WAITING):
        began_at = means.clock()
        Batch.objects.filter(pk=batch.pk).update(lease_until=began_at + BATCH_LEASE)
        BatchItem.objects.filter(pk=item.pk).update(began_at=began_at)
        if shut and item.decision == Decision.ACT:
            _keep(item, Outcome.REFUSED, means, problem=shut)
            continue
        try:
            outcome, report = _act(item, Batch.Purpose(batch.purpose), means, officer)
        except (*REFUSALS, NotAllowed) as refusal:
            words = explain(refusal)
            if isinstance(refusal, WrongPIN | KeyLocked | PINBlocked):
                shut = words
            _keep(item, Outcome.REFUSED, means, problem=words)
        except NotFound:
            _keep(item, Outcome.REFUSED, means, problem=_NO_LONGER)
        except Exception:  # one document's failure stops no other
            _log.exception("batch %s, draft %s", batch.pk, item.draft_id)
            _keep(item, Outcome.REFUSED, means, problem=_FAILED)
        else:
            _keep(item, outcome, means, report=report)
    Batch.objects.filter(pk=batch.pk).update(ended_at=means.clock())


_NO_LONGER = Words(
    "Văn bản không còn chờ ông (bà): người khác đã xử lý hoặc sửa lại. Hãy mở lại danh sách.",
    "The document no longer waits for you: somebody acted on it. Open the list again.",
)


def found_after_all(
    item: BatchItem, services: SigningServices, *, now: datetime
) -> tuple[Outcome, dict[str, Any]] | None:
    """What came of an item whose process died between the act and the note of it, if anything."""
    since = item.began_at
    uses = KeyUse.objects.filter(copy__draft=item.draft_id, attachment=None, result__isnull=False)
    if since is None or not uses.filter(purpose=item.batch.purpose, claimed_at__gte=since).exists():
        return None
    return _as_stored(item.draft, services, now)


def _act(
    item: BatchItem, purpose: Batch.Purpose, means: Means, officer: Officer
) -> tuple[Outcome, dict[str, Any] | None]:
    now = means.clock()
    draft = access_draft(officer, item.draft_id)
    by: dict[str, Any] = {"officer": officer, "now": now}
    if item.decision == Decision.RETURN:
        require_shown(draft.signing_copy, draft.signing_copy.newest_revision, item.shown)
        actions.return_draft(draft, comment=item.comment, **by)
        return Outcome.RETURNED, None
    services = means.services(now)
    if purpose == Batch.Purpose.SEAL and draft.state == Draft.State.SIGNED:
        # A number is taken only for pages that can be sealed at once.
        require_step(draft, Step.NUMBER, officer)
        require_shown(draft.signing_copy, draft.signing_copy.signed, item.shown)
        draft = actions.number_draft(draft, **by)
    if means.keys is None:
        _ask_telephone(draft, item, purpose, means, officer)
    else:
        act = sign_draft if purpose == Batch.Purpose.SIGN else seal_draft
        act(draft, keys=means.keys, shown=item.shown, services=services, **by)
    return _as_stored(draft, services, now)


def _ask_telephone(
    draft: Draft, item: BatchItem, purpose: Batch.Purpose, means: Means, officer: Officer
) -> None:
    """Ask for one document and wait for what comes of it: two codes at once could be mixed up.

    Raises: CameToNothing, and as `telephone.ask_to_sign`.
    """
    ask = telephone.ask_to_sign if purpose == Batch.Purpose.SIGN else telephone.ask_to_seal
    use = ask(
        draft, shown=item.shown, officer=officer, now=means.clock(), call_back=means.call_back
    )
    while KeyUse.objects.waiting().filter(pk=use.pk).exists():
        means.pause()
        now = means.clock()
        Batch.objects.filter(pk=item.batch_id).update(lease_until=now + BATCH_LEASE)
        if due := KeyUse.objects.to_look_after(now).filter(pk=use.pk).first():
            elsewhere.look_after(due, means.services(now), now=now)
    use.refresh_from_db()
    if use.result_id is None:
        raise CameToNothing(use.last_problem)


def _as_stored(
    draft: Draft, services: SigningServices, now: datetime
) -> tuple[Outcome, dict[str, Any]]:
    """What the store holds of it, read back: done counts only what stands there and verifies.

    Raises: ResultNotValid.
    """
    draft = Draft.objects.select_related("signing_copy").get(pk=draft.pk)
    copy = draft.signing_copy
    pending = KeyUse.objects.pending().filter(copy=copy).exists()
    report = stored_report(copy, services, now=now)
    if not pending:
        require_kept(draft, report)
    return (Outcome.HELD if pending else Outcome.DONE), report.as_dict()


def _keep(
    item: BatchItem,
    outcome: Outcome,
    means: Means,
    *,
    problem: Words | None = None,
    report: dict[str, Any] | None = None,
) -> None:
    BatchItem.objects.filter(pk=item.pk, outcome=Outcome.WAITING).update(
        outcome=outcome,
        problem={"vi": problem.vi, "en": problem.en} if problem else None,
        report=report,
        ended_at=means.clock(),
    )

"""What people do in the simulation, by the real acts; each may be cut short and is done again.

What a clerk decides on a document hangs on the document and the body alone, so that whoever
repeats an act after a crash decides the same.
"""

import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from django.db.models import QuerySet

from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.axis.models import Carriage
from chauban.axis.operating import offer_copy_again
from chauban.blobs import store
from chauban.directory.models import IssuingBody, Role
from chauban.exchange.actions import accept_delivery, issue, resend, retry, return_delivery
from chauban.exchange.models import (
    ChangeRequest,
    Delivery,
    OutgoingMessage,
    ReceivedRecall,
    Recipient,
)
from chauban.exchange.recalling import ask_again, recall
from chauban.exchange.withdrawing import answer_recall
from chauban.registers.actions import OutgoingEntry, SealedFile, enter_sealed, number_outgoing
from chauban.registers.models import IncomingDocument, OutgoingDocument, OutgoingFile, Succession
from chauban.trust.models import Mandate
from chauban.workflow.models import Draft, DraftRecipient, Task
from chauban.workflow.routing import Assignment, finish_task, route, start_task

AT_A_VISIT = 24
NOT_FOR_US = "Gửi nhầm nơi nhận"
MOST_RECIPIENTS = 40
RECALLED, REPLACED = 0.08, 0.08


@dataclass(frozen=True)
class Staff:
    """Who works at an agency's installation, and the bodies that its registry serves."""

    agency: str
    clerk: Officer
    official: Officer
    bodies: Mapping[str, IssuingBody] = field(hash=False)


@dataclass(frozen=True)
class Intent:
    """A document that somebody means to send; `key` stands in its subject."""

    key: str
    sender: str
    recipients: tuple[str, ...]
    replaces: str = ""  # the key of the document whose place it takes
    is_recalled: bool = False  # a while after it was issued

    @property
    def subject(self) -> str:
        return subject_of(self.key)


def subject_of(key: str) -> str:
    return f"Về việc mô phỏng {key}"


def intended(bodies: Sequence[str], messages: int, *, rng: random.Random) -> Iterator[Intent]:
    """Documents from random bodies to random others, until there are messages enough.

    Of a hundred, eight are recalled, and eight are replaced by another to the same recipients.
    """
    made = 0
    for number in count(1):
        if made >= messages:
            return
        sender = rng.choice(bodies)
        others = [key for key in bodies if key != sender]
        most = min(MOST_RECIPIENTS, len(others), messages - made)
        chosen = tuple(rng.sample(others, rng.randint(1, most)))
        key, change = f"{number:06}", rng.random()
        made += len(chosen)
        yield Intent(key, sender, chosen, is_recalled=change < RECALLED)
        if RECALLED <= change < RECALLED + REPLACED:
            made += len(chosen)
            yield Intent(f"{key}-mới", sender, chosen, replaces=key)


def staff_of(agency: str, day: date) -> Staff | None:
    """The staff of an agency that has any; None: none, or no body with a code."""
    named = {
        role: User.objects.filter(person__posts__agency__key=agency, person__posts__role=role)
        .select_related("person")
        .order_by("pk")
        .first()
        for role in (Role.CLERK, Role.OFFICIAL)
    }
    bodies = {
        body.key: body
        for body in IssuingBody.objects.as_of(day)
        .filter(agency__key=agency)
        .select_related("agency__parent")
        .prefetch_related("codes")
        if any(code.is_in_force(day) for code in body.codes.all())
    }
    clerk, official = named[Role.CLERK], named[Role.OFFICIAL]
    if clerk is None or official is None or not bodies:
        return None
    return Staff(agency, _officer(clerk, day), _officer(official, day), bodies)


def _officer(user: User, day: date) -> Officer:
    return Officer(user, posts_of(user.pk, day)[0])


def carry_out(
    intent: Intent,
    staff: Staff,
    bodies: Mapping[str, IssuingBody],
    now: datetime,
    *,
    letter: bytes = b"",
) -> None:
    """Number, seal and issue what is meant, from where an earlier try left off.

    Without a letter it is a file of no content, whose signatures nobody can check.
    """
    clerk, body = staff.clerk, staff.bodies[intent.sender]
    document = OutgoingDocument.objects.filter(subject=intent.subject).first()
    if document is None:
        entry = OutgoingEntry(
            kind="cong_van",
            notation=f"{body.symbol}-TH",
            subject=intent.subject,
            signer_name="Nguyễn Văn Thử",
            signer_position="PHÓ CHỦ TỊCH",
            to_places=("Như trên", "Lưu: VT"),
        )
        document = number_outgoing(entry, body=body, officer=clerk, now=now)
    if document.state == OutgoingDocument.State.NUMBERED:
        content = letter or f"%PDF-1.7 {intent.key}\n%%EOF\n".encode()
        kept = store.put(content, now=now)
        file = SealedFile(kept, OutgoingFile.Part.MAIN, "cong-van.pdf", "application/pdf")
        enter_sealed(document, [file], officer=clerk, now=now)
    if document.state == OutgoingDocument.State.SEALED:
        _draft(document, intent, staff, bodies, now)
        issue(document, officer=clerk, now=now)


def take_back(intent: Intent, staff: Staff, now: datetime) -> None:
    """Recall what was issued (Điều 18.4); again it changes nothing."""
    document = OutgoingDocument.objects.get(subject=intent.subject)
    if document.state != OutgoingDocument.State.RECALLED:
        recall(document, reason="Ban hành nhầm", officer=staff.clerk, now=now)


def _draft(
    document: OutgoingDocument,
    intent: Intent,
    staff: Staff,
    bodies: Mapping[str, IssuingBody],
    now: datetime,
) -> None:
    """The sealed draft that names the recipients."""
    clerk, body = staff.clerk, staff.bodies[intent.sender]
    mandate, _ = Mandate.objects.get_or_create(
        person=clerk.person,
        post=clerk.post,
        body=body,
        defaults={"basis": "Quy chế làm việc", "valid_from": date(2026, 1, 1)},
    )
    earlier = subject_of(intent.replaces) if intent.replaces else None
    draft, _ = Draft.objects.get_or_create(
        outgoing=document,
        defaults={
            "body": body,
            "agency": body.agency,
            "author": clerk.post,
            "mandate": mandate,
            "kind": "cong_van",
            "notation": document.notation,
            "subject": intent.subject,
            "state": Draft.State.SEALED,
            "succeeds": OutgoingDocument.objects.filter(subject=earlier).first(),
            "succession": Succession.Kind.REPLACES if intent.replaces else "",
            "created_at": now,
            "changed_at": now,
        },
    )
    named = set(draft.recipients.values_list("body__key", flat=True))
    DraftRecipient.objects.bulk_create(
        DraftRecipient(
            draft=draft,
            body=bodies[key],
            organ_id=bodies[key].organ_id(document.issued_on),
            name=bodies[key].name,
        )
        for key in intent.recipients
        if key not in named
    )


def last_code(document_id: str, body: str) -> str:
    """The status that the clerk of a body has in mind for a document: 02, or how far it goes."""
    fate = _chance(document_id, body) % 100
    return next(code for code, below in _FATES if fate < below)


def _chance(document_id: str, body: str) -> int:
    return zlib.crc32(f"{document_id} {body}".encode())


_FATES = (("02", 10), ("03", 40), ("04", 60), ("05", 75), ("06", 100))


Decide = Callable[[Delivery, Staff, datetime], object]


def decide(delivery: Delivery, staff: Staff, now: datetime) -> None:
    """Register what came, or return it."""
    if last_code(delivery.document_id, delivery.body.key) == "02":
        return_delivery(delivery, reason=NOT_FOR_US, officer=staff.clerk, now=now)
    else:
        accept_delivery(delivery, acceptance="original", officer=staff.clerk, now=now)


def work_off_inbox(
    staff: Staff,
    now: datetime,
    *,
    decide: Decide = decide,
) -> int:
    """Decide on what came, route it, deal with it; return how many acts there were."""
    done = 0
    waiting = Delivery.objects.filter(
        state=Delivery.State.PROPOSED, body__key__in=staff.bodies
    ).select_related("body")
    for delivery in waiting.order_by("arrived_at", "pk")[:AT_A_VISIT]:
        decide(delivery, staff, now)
        done += 1
    open_ones = IncomingDocument.objects.filter(
        state__in=_NEXT, body__key__in=staff.bodies
    ).select_related("body")
    for incoming in open_ones.order_by("-pk")[: 4 * AT_A_VISIT]:  # some are left as they are
        if done >= AT_A_VISIT:
            break
        done += _handle(incoming, staff, now)
    return done


_NEXT = {
    IncomingDocument.State.REGISTERED: "04",
    IncomingDocument.State.ROUTED: "05",
    IncomingDocument.State.IN_PROGRESS: "06",
}


def _handle(incoming: IncomingDocument, staff: Staff, now: datetime) -> bool:
    """Do the next step in handling a document, if it is handled that far at all."""
    following = _NEXT[incoming.state]
    if last_code(incoming.document_id, incoming.body.key) < following:
        return False
    if following == "04":
        lead = Assignment(Task.Part.LEAD, staff.official.post)
        route(incoming, [lead], officer=staff.clerk, now=now)
    elif following == "05":
        start_task(incoming.tasks.get(), officer=staff.official, now=now)
    else:
        finish_task(incoming.tasks.get(), officer=staff.official, now=now)
    return True


def answer_recalls(staff: Staff, now: datetime) -> int:
    """Agree to most recalls, refuse some of what is registered; return how many were answered."""
    asked = list(
        ReceivedRecall.objects.filter(state="open", body__key__in=staff.bodies).select_related(
            "body", "delivery"
        )
    )
    for one in asked:
        is_registered = one.delivery is not None and one.delivery.state == "registered"
        is_needed = is_registered and _chance(one.document_id, one.body.key) % 4 == 0
        reason = "Văn bản đã giải quyết xong" if is_needed else ""
        answer_recall(one, agrees=not is_needed, reason=reason, officer=staff.clerk, now=now)
    return len(asked)


def look_after_failures(staff: Staff, now: datetime) -> int:
    """Send again what failed after all attempts; return how often."""
    failed = list(OutgoingMessage.objects.failed())
    for message in failed:
        retry(message, now=now)
    troubled = list(in_trouble().exclude(message__state="failed"))
    for recipient in troubled:
        resend(recipient, officer=staff.clerk, now=now)
    unheard = list(ChangeRequest.objects.filter(state="undelivered"))
    for request in unheard:
        ask_again(request, officer=staff.clerk, now=now)
    return len(failed) + len(troubled) + len(unheard)


def look_after_axis(operator: Officer, now: datetime) -> int:
    """Offer statuses again that failed at their recipients; return how many.

    A document is sent again by its sender, who hears of it; of a status only the operator does.
    """
    failed = list(failed_statuses().select_related("package", "to__system"))
    for copy in failed:
        offer_copy_again(copy, officer=operator, now=now)
    return len(failed)


def failed_statuses() -> "QuerySet[Carriage]":
    return Carriage.objects.failed().filter(type="status")


def in_trouble() -> "QuerySet[Recipient]":
    """Recipients that a document still in force did not reach."""
    return Recipient.objects.troubled().exclude(document__state=OutgoingDocument.State.RECALLED)

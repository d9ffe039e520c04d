"""The holder signs with the Government CA's program on the machine where the page is open.

The page calls the program; the program fetches the file, signs it and brings it back, each at
an address with a token of its own that works once. What comes back is accepted only if it
begins with the file sent and adds the expected signature, and nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction
from django.db.models import Q

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.blobs import store
from chauban.blobs.inspection import InspectionFailed, in_child
from chauban.blobs.models import Blob
from chauban.workflow.claims import closed_on_failure
from chauban.workflow.errors import AttachmentNotForProgram, ClaimLost, ReturnedUnreadable
from chauban.workflow.made import Made
from chauban.workflow.models import Draft, KeyUse, PluginTicket
from chauban.workflow.rules import PLUGIN_TIME, SIGNING_LEASE
from chauban.workflow.sealing import attachment_lines, claim_seal, reserved_values
from chauban.workflow.signing import claim_signature
from chauban_pades.errors import PAdESError
from chauban_pades.filling_before import fill_before_seal
from chauban_pades.permitted_additions import require_only_signature_added
from chauban_pki.certificates import parse_certificate
from chauban_pki.errors import PKIError, SigningRefused
from chauban_pki.local_plugin import (
    Call,
    UploadTicket,
    accept_returned,
    call_address,
    call_message,
    issue_ticket,
    use_ticket,
)

READ_SECONDS = 30
Purpose = KeyUse.Purpose
CALLS = {
    Purpose.SIGN: Call.SIGN_APPROVED,
    Purpose.SEAL: Call.SIGN_ISSUED,
    Purpose.ATTACHMENT: Call.SIGN_APPENDIX,
}


@dataclass(frozen=True)
class Handed:
    """One file that the program is to sign, and the two tokens that nobody else is told."""

    use: KeyUse
    fetch_token: str
    upload_token: str

    @property
    def name(self) -> str:
        """What the person reads about the file."""
        attachment = self.use.attachment
        return attachment.name if attachment else self.use.copy.draft.subject

    @property
    def address(self) -> str:
        """Where the page calls the program."""
        return call_address(CALLS[self.use.purpose])

    def message(self, *, file_address: str, upload_address: str) -> str:
        """What the page says to the program."""
        document = self.use.copy.draft.outgoing
        call = partial(
            call_message,
            CALLS[self.use.purpose],
            file_address=file_address,
            upload_address=upload_address,
            session="",
            token=self.upload_token,
        )
        match self.use.purpose:
            case Purpose.SEAL:
                return call(number=document.code, issued_on=document.issued_on)
            case Purpose.ATTACHMENT:
                code, at = attachment_lines(document, self.use.claimed_at)
                return call(number=code, metadata={"Số, ký hiệu": code, "Thời gian ký": at})
            case _:
                return call()


def hand_over_to_sign(draft: Draft, *, shown: str, officer: Officer, now: datetime) -> KeyUse:
    """Make the signing copy ready for the signatory's program; return the use that waits.

    Raises: as `sign_draft`, but for the PIN.
    """
    use = claim_signature(draft, shown=shown, officer=officer, now=now)
    with closed_on_failure(use, now):
        _hand_over([use], [use.copy.reserved], now)
    return use


def hand_over_to_seal(draft: Draft, *, shown: str, officer: Officer, now: datetime) -> KeyUse:
    """Number and date the document for the clerk's program, which then seals it.

    Number and date stand in a revision of their own, right before the seal's (docs/adr/0023).

    Raises:
        AttachmentNotForProgram: an attachment is no PDF, and the program signs nothing else.
        SealLocksText: the document was laid out for a seal whose key is here.
        And as `seal_draft`, but for the PIN.
    """
    for attachment in draft.attachments.kept():
        if not attachment.is_pdf:
            raise AttachmentNotForProgram(attachment.name)
    uses = claim_seal(draft, shown=shown, officer=officer, now=now)
    with closed_on_failure(uses[0], now):
        signed = store.read(uses[0].copy.signed)
        values = reserved_values(draft.outgoing)
        filled = fill_before_seal(signed, field=uses[0].field, values=values)
        sent = [store.put(filled, now=now), *(use.attachment.blob for use in uses[1:])]
        _hand_over(uses, sent, now)
    return uses[0]


@transaction.atomic
def issue_tickets(first: KeyUse, *, officer: Officer, now: datetime) -> list[Handed]:
    """Give new tokens for each file that has not come back; earlier ones are void.

    Raises: NotFound: nothing waits, or it waits for another person.
    """
    waiting = KeyUse.objects.waiting().filter(
        pk=first.pk, ends_at__gt=now, sent__isnull=False, by__person=officer.person
    )
    if not waiting.exists():
        raise NotFound(first.pk)
    return [_ticket(use, now) for use in _act(first) if use.returned_id is None]


def fetch_sent(token: str, *, now: datetime) -> Blob:
    """The file of a ticket, once.

    Raises: NotFound: no such ticket, or it was used, or its time is over.
    """
    tickets = PluginTicket.objects.filter(
        fetch_digest=_digest(token), fetched_at=None, used_at=None, ends_at__gt=now,
        use__settled_at=None,
    )  # fmt: skip
    ticket = tickets.select_related("use__sent").first()
    if ticket is None or not tickets.filter(pk=ticket.pk).update(fetched_at=now):
        raise NotFound(token[:4])
    return ticket.use.sent


def upload_ticket(token: str) -> PluginTicket:
    """The ticket that an upload names, before anything of its body is read.

    Raises: SigningRefused: there is none.
    """
    found = PluginTicket.objects.filter(upload_digest=_digest(token))
    ticket = found.select_related(
        "use__certificate", "use__sent", "use__copy__draft", "use__by", "use__seal"
    ).first()
    if ticket is None:
        raise SigningRefused("upload token unknown")
    return ticket


def take_upload(row: PluginTicket, token: str, returned: bytes, *, now: datetime) -> KeyUse:
    """Check what the program brought back and keep it; return the use of the document itself.

    The ticket is used up before the file is looked at. A file that is refused leaves the use
    open: the person may try again with new tickets.

    Raises:
        SigningRefused, SigningTimedOut: the ticket is not good for this upload, or was used.
        SigningAnswerInvalid, AdditionNotPermitted, SignedByAnotherCertificate and others of
            `require_only_signature_added`: the file is not the one sent with a signature more.
        ReturnedUnreadable: reading it ran out of time or memory, or broke.
        ClaimLost: the person cancelled meanwhile.
    """
    use = row.use
    used = use_ticket(
        _of_row(row), token, document=str(use.copy.draft_id), person=_person_of(use), now=now
    )
    if not PluginTicket.objects.filter(pk=row.pk, used_at=None).update(used_at=used.used_at):
        raise SigningRefused("upload token used before")
    names: list[str] = []
    accept_returned(
        used,
        sent=store.read(use.sent),
        returned=returned,
        require_permitted=lambda sent, back: names.append(_signed_field(use, sent, back)),
    )
    blob = store.put(returned, now=now)
    first = use.seal or use
    with transaction.atomic():
        open_uses = KeyUse.objects.open()
        if not open_uses.filter(pk=use.pk, returned=None).update(returned=blob, field=names[0]):
            raise ClaimLost
        if not any(each.returned_id is None for each in _act(first)):
            open_uses.filter(Q(pk=first.pk) | Q(seal=first)).update(lease_until=now + SIGNING_LEASE)
            open_uses.filter(pk=first.pk).update(next_look_at=now, looks=0)
    return first


def brought_back(act: Sequence[KeyUse]) -> list[Made]:
    """What the program made of the files, the document's first."""
    return [Made(use, store.read(use.returned), True, use.purpose != Purpose.SIGN) for use in act]


def _hand_over(uses: Sequence[KeyUse], sent: Sequence[Blob], now: datetime) -> None:
    ends_at = now + PLUGIN_TIME
    with transaction.atomic():
        for use, blob in zip(uses, sent, strict=True):
            ours = KeyUse.objects.open().filter(pk=use.pk)
            if not ours.update(sent=blob, lease_until=ends_at):
                raise ClaimLost
        KeyUse.objects.filter(pk=uses[0].pk).update(ends_at=ends_at, next_look_at=ends_at)


def _ticket(use: KeyUse, now: datetime) -> Handed:
    use.tickets.filter(used_at=None).update(used_at=now)
    first = use.seal or use
    token, ticket = issue_ticket(
        CALLS[use.purpose],
        document=str(use.copy.draft_id),
        person=_person_of(use),
        sent=store.read(use.sent),
        now=now,
        lifetime=first.ends_at - now,
    )
    fetch_token = token_urlsafe(32)
    PluginTicket.objects.create(
        use=use,
        call=ticket.call,
        fetch_digest=_digest(fetch_token),
        upload_digest=ticket.token_digest.hex(),
        ends_at=ticket.ends_at,
    )
    return Handed(use, fetch_token, token)


def _of_row(row: PluginTicket) -> UploadTicket:
    return UploadTicket(
        Call(row.call),
        str(row.use.copy.draft_id),
        _person_of(row.use),
        bytes.fromhex(row.use.sent.sha256),
        bytes.fromhex(row.upload_digest),
        row.ends_at,
        row.used_at,
    )


def _signed_field(use: KeyUse, sent: bytes, returned: bytes) -> str:
    """The field that was signed, found in a process of its own."""
    work = partial(
        require_only_signature_added,
        sent,
        returned,
        certificate=parse_certificate(bytes(use.certificate.der)),
        field=use.field if use.purpose != Purpose.ATTACHMENT else None,
    )
    try:
        return in_child(work, seconds=READ_SECONDS, passing=(PAdESError, PKIError))
    except InspectionFailed as failed:
        raise ReturnedUnreadable(failed.reason) from failed


def _act(first: KeyUse) -> Iterator[KeyUse]:
    uses = KeyUse.objects.filter(Q(pk=first.pk) | Q(seal=first)).order_by("pk")
    yield from uses.select_related(
        "sent", "seal", "attachment", "copy__draft__outgoing", "by__person"
    )


def _person_of(use: KeyUse) -> str:
    return str(use.by.person_id)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()

"""Sealed documents, the demo's axis, and the queues worked off in the test's own process."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from chauban.axis.adapters.local import LocalGateway
from chauban.axis.demo import register_demo_axis
from chauban.blobs import store
from chauban.exchange.assessing import assess_next
from chauban.exchange.following import follow_next
from chauban.exchange.receiving import list_waiting, receive_next
from chauban.exchange.sending import send_next
from chauban.registers.actions import OutgoingEntry, SealedFile, enter_sealed, number_outgoing
from chauban.registers.models import OutgoingDocument, OutgoingFile
from chauban.trust.models import Mandate
from chauban.workflow.models import Draft, DraftRecipient
from chauban_pki.trust import Trust
from tests.moments import NOW

# No PDF by far, but the register of these tests does not look inside.
LETTER = b"%PDF-1.7 thu\n%%EOF\n"


@pytest.fixture
def axis(db):
    """The axis of the demo, with our system and the one from outside."""
    return register_demo_axis(date(2026, 11, 23))


@pytest.fixture
def gateway():
    return LocalGateway()


@pytest.fixture
def sealed(body, officer) -> Callable[..., OutgoingDocument]:
    """sealed("ubnd-tp", ["ubnd-thuan-hoa"]): a document with number and seal, ready to issue."""

    def make(
        sender="ubnd-tp",
        recipients=("ubnd-thuan-hoa",),
        *,
        clerk="van-thu.vp-ubnd",
        files=(("cong-van.pdf", LETTER),),
        answers=None,
        outside=(),
        now=NOW,
        subject="Về việc chuẩn bị họp giao ban",
    ):
        who, issuer = officer(clerk), body(sender)
        entry = OutgoingEntry(
            kind="cong_van",
            notation=f"{issuer.symbol}-TH",
            subject=subject,
            signer_name="Nguyễn Văn Thử",
            signer_position="PHÓ CHỦ TỊCH",
            competence="KT. CHỦ TỊCH",
            to_places=("Như trên", "Lưu: VT"),
        )
        document = number_outgoing(entry, body=issuer, officer=who, now=now)
        enter_sealed(
            document,
            [
                SealedFile(
                    store.put(content, now=now),
                    OutgoingFile.Part.MAIN,
                    name,
                    "application/pdf",
                )
                for name, content in files
            ],
            officer=who,
            now=now,
        )
        draft = Draft.objects.create(
            body=issuer,
            agency=issuer.agency,
            author=who.post,
            mandate=Mandate.objects.create(
                person=who.person,
                post=who.post,
                body=issuer,
                basis="Quy chế làm việc",
                valid_from=date(2026, 1, 1),
            ),
            kind="cong_van",
            notation=document.notation,
            subject=subject,
            state=Draft.State.SEALED,
            outgoing=document,
            answers=answers,
            created_at=now,
            changed_at=now,
        )
        for key in recipients:
            one = body(key)
            DraftRecipient.objects.create(
                draft=draft, body=one, organ_id=one.organ_id(date(2026, 11, 23)), name=one.name
            )
        for organ_id, name in outside:
            DraftRecipient.objects.create(draft=draft, organ_id=organ_id, name=name)
        return document

    return make


@pytest.fixture
def carry(axis, gateway) -> Callable[..., int]:
    """Work the queues off, in this process; return how many pieces of work there were."""

    def work(now: datetime = NOW + timedelta(minutes=1), *, through=gateway, assesses=True) -> int:
        done = 0
        while True:
            before = done
            done += send_next(through, now=now)
            done += list_waiting(through, now=now)
            done += receive_next(through, now=now)
            done += assesses and assess_next(now=now, trust=Trust(), inspect=lambda work: work())
            done += follow_next(now=now)
            if done == before:
                return done

    return work

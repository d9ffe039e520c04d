"""Registering incoming documents (Nghị định 30/2020/NĐ-CP Điều 22; PL VI III.1.h)."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from chauban.accounts.rights import NotAllowed
from chauban.blobs import store
from chauban.directory.models import OrganCode
from chauban.directory.synchronising import Listed, synchronise
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.actions import Received, ReceivedFile, new_under, register_incoming
from chauban.registers.errors import AlreadyRegistered, CodeRepeats
from chauban.registers.models import ArrivalSeries, IncomingDocument
from tests.moments import NOW, hanoi

pytestmark = pytest.mark.django_db
Acceptance = IncomingDocument.Acceptance


def a_received(number="15", **values):
    received = Received(
        sender_name="Sở Xây dựng",
        sender_organ_id="H57.11",
        document_id=f"H57.11,2026/11/20,{number}/SXD-VP",
        code_number=number,
        code_notation="SXD-VP",
        promulgated_on=date(2026, 11, 20),
        kind_name="Công văn",
        subject="Về việc cung cấp số liệu",
        acceptance=Acceptance.ORIGINAL,
        arrived_at=NOW,
    )
    return replace(received, **values)


def on_paper(**values):
    values = {"document_id": "", "sender_organ_id": "", "acceptance": Acceptance.PAPER, **values}
    return a_received(**values)


@pytest.fixture
def register(body, officer):
    city, clerk = body("ubnd-tp"), officer("van-thu.vp-ubnd")

    def enter(received, *, body=city, officer=clerk, now=NOW, **values):
        with transaction.atomic():  # in a test's transaction a refusal would undo the test
            return register_incoming(received, body=body, officer=officer, now=now, **values)

    return enter


def test_arrival_numbers_start_again_with_the_legal_year(register):
    last = register(a_received("1"), now=hanoi("2026-12-31T23:59"))
    first = register(a_received("2"), now=hanoi("2027-01-01T00:00"))
    assert (last.year, last.arrival_number) == (2026, 1)
    assert (first.year, first.arrival_number) == (2027, 1)


def test_new_is_what_nothing_in_the_register_is_like(register, body):
    city = body("ubnd-tp")
    register(a_received("1"))
    assert new_under(a_received("2"), body=city, now=NOW) == 2
    assert new_under(a_received("1"), body=city, now=NOW) is None
    assert new_under(a_received("2"), body=body("so-noi-vu"), now=NOW) == 1


@pytest.mark.parametrize(
    ("moment", "number"),
    [("2026-12-30T23:59", 1), ("2026-12-31T00:00", None), ("2027-01-02T00:00", 1)],
)
def test_nothing_is_said_to_be_new_while_two_years_sequences_may_run(body, moment, number):
    assert new_under(a_received("1"), body=body("ubnd-tp"), now=hanoi(moment)) == number


def test_paper_and_electronic_documents_share_one_sequence(register):
    numbers = [
        register(a_received("1")).arrival_number,
        register(on_paper(number="2")).arrival_number,
        register(a_received("3")).arrival_number,
    ]
    assert numbers == [1, 2, 3]


def test_each_body_of_a_registry_has_a_sequence_of_its_own(register, body):
    register(a_received("1"))
    assert register(a_received("1"), body=body("vp-ubnd")).arrival_number == 1


def test_registering_is_an_act_with_its_files(register):
    file = ReceivedFile(store.put(b"%PDF-", now=NOW), "van-ban.pdf", "application/pdf", {"a": 1})
    document = register(a_received(), files=[file])
    assert Act.objects.on(document).get().kind == ActKind.REGISTERED_INCOMING
    kept = document.files.get()
    assert (kept.name, kept.ordinal, kept.report) == ("van-ban.pdf", 1, {"a": 1})


def test_an_identifier_that_repeats_is_refused_and_takes_no_number(register):
    first = register(a_received())
    with pytest.raises(AlreadyRegistered) as refusal:
        register(a_received(subject="Gửi lại"), is_another=True)
    assert refusal.value.earlier == first
    assert ArrivalSeries.objects.get().last_number == 1


def test_the_senders_old_code_names_the_same_sender(register, body):
    sender = body("so-xay-dung")
    codes = [code.code for code in sender.codes.all()]
    old = OrganCode.objects.create(
        body=sender, scheme="qcvn102", code="000.99.11.H57", source="mã đặt ra để thử",
        valid_from=date(2017, 1, 1), valid_to=date(2022, 1, 1),
    )  # fmt: skip
    register(a_received(sender_organ_id=old.code))
    with pytest.raises(AlreadyRegistered):
        register(a_received(sender_organ_id=codes[0]), is_another=True)


def test_both_codes_of_an_agency_outside_name_the_same_sender(register):
    synchronise([Listed("H44", "UBND tỉnh Phú Thọ", "", "000.00.00.H44")], gateway="x", now=NOW)
    register(a_received(sender_organ_id="000.00.00.H44"))
    with pytest.raises(AlreadyRegistered):
        register(a_received(sender_organ_id="H44"), is_another=True)


def test_number_symbol_and_issuer_that_repeat_are_warned_of(register):
    first = register(a_received())
    again = a_received(document_id="another-identifier")
    with pytest.raises(CodeRepeats) as warning:
        register(again)
    assert warning.value.earlier == first
    assert register(again, is_another=True).arrival_number == 2


def test_a_paper_copy_of_a_registered_document_is_warned_of(register):
    register(a_received("05"))
    with pytest.raises(CodeRepeats):
        register(on_paper(number="5"))


@pytest.mark.parametrize(
    "other",
    [
        {"code_notation": "SXD-QH"},
        {"code_number": "16"},
        {"sender_name": "Sở Nội vụ", "sender_organ_id": "H57.05"},
        {"promulgated_on": date(2025, 11, 20)},
    ],
)
def test_another_code_issuer_or_year_is_no_repeat(register, other):
    register(a_received())
    assert register(a_received(document_id="other", **other)).arrival_number == 2


def test_two_paper_documents_without_identifier_are_both_registered(register):
    register(on_paper(number="1"))
    assert register(on_paper(number="2")).arrival_number == 2


def test_the_database_refuses_what_the_check_would_miss(register):
    document = register(a_received())
    document.pk, document.arrival_number, document.uid = None, 99, uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        document.save(force_insert=True)


def test_only_the_clerk_of_the_registry_registers(register, officer):
    for other in ("chuyen-vien.vp-ubnd", "van-thu.so-tai-chinh"):
        with pytest.raises(NotAllowed):
            register(a_received(), officer=officer(other))
    assert not IncomingDocument.objects.exists()

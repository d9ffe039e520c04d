"""Numbers of outgoing documents (Nghị định 30/2020/NĐ-CP Điều 15, 16)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from chauban.accounts.rights import NotAllowed
from chauban.directory.errors import BodyHasNoCode
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.actions import (
    OutgoingEntry,
    cancel_number,
    enter_sealed,
    mark_issued,
    number_outgoing,
)
from chauban.registers.errors import (
    CancellationWithoutReason,
    ClockBehindSeries,
    DocumentMoved,
    KindInTwoSeries,
    KindWithoutSeries,
    NotCancellable,
)
from chauban.registers.models import OutgoingDocument, Series
from chauban.registers.numbering import decide_series
from chauban.registers.rules import DEFAULT_GROUPS
from chauban_docform.kinds import KINDS
from tests.moments import NOW, hanoi

pytestmark = pytest.mark.django_db


def an_entry(kind="cong_van", notation="UBND-TH", **values):
    return OutgoingEntry(
        kind=kind,
        notation=notation,
        subject="Về việc chuẩn bị họp giao ban",
        signer_name="Nguyễn Văn Thử",
        signer_position="PHÓ CHỦ TỊCH",
        **values,
    )


@pytest.fixture
def clerk(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def city(body):
    return body("ubnd-tp")


def numbered(city, clerk, now=NOW, **values):
    return number_outgoing(an_entry(**values), body=city, officer=clerk, now=now)


def test_numbers_are_consecutive_from_one_in_the_order_of_issue(city, clerk):
    documents = [numbered(city, clerk) for _ in range(3)]
    assert [it.number for it in documents] == [1, 2, 3]
    assert documents[0].code == "01/UBND-TH"


def test_number_date_and_register_line_are_taken_together(city, clerk):
    document = numbered(city, clerk)
    series = Series.objects.get(pk=document.series_id)
    assert (series.last_number, series.last_date) == (document.number, document.issued_on)
    assert document.issued_on == date(2026, 11, 23)
    act = Act.objects.on(document).get()
    assert (act.kind, act.at, act.post_id) == (ActKind.NUMBERED, NOW, clerk.post_id)


def test_the_document_identifier_is_code_date_and_number(city, clerk):
    document = numbered(city, clerk)
    organ_id = city.organ_id(date(2026, 11, 23))
    assert document.document_id == f"{organ_id},2026/11/23,01/UBND-TH"


def test_kinds_of_one_group_share_numbers_and_others_do_not(city, clerk):
    notice = numbered(city, clerk, kind="thong_bao", notation="TB-UBND")
    plan = numbered(city, clerk, kind="ke_hoach", notation="KH-UBND")
    decision = numbered(city, clerk, kind="quyet_dinh", notation="QĐ-UBND")
    assert (notice.number, plan.number, decision.number) == (1, 2, 1)


def test_the_default_groups_number_every_kind_once():
    assert sorted(kind for kinds in DEFAULT_GROUPS.values() for kind in kinds) == sorted(KINDS)


def decided(city, officer, groups):
    decide_series(city, groups, officer=officer("chu-tich.vp-ubnd"), now=NOW)


def test_the_head_decides_which_kinds_are_numbered_together(city, clerk, officer):
    decided(city, officer, {"Một hệ thống số": list(KINDS)})
    assert Act.objects.on(city).get().kind == ActKind.SERIES_DECIDED
    letter = numbered(city, clerk)
    decision = numbered(city, clerk, kind="quyet_dinh", notation="QĐ-UBND")
    assert (letter.number, decision.number) == (1, 2)


def test_only_a_head_decides_on_series(city, clerk):
    with pytest.raises(NotAllowed):
        decide_series(city, {"A": list(KINDS)}, officer=clerk, now=NOW)


def test_a_kind_in_two_groups_is_refused(city, officer):
    with pytest.raises(KindInTwoSeries) as refusal:
        decided(city, officer, {"A": ["quyet_dinh"], "B": ["quyet_dinh"]})
    assert refusal.value.kind == "quyet_dinh"


def test_a_kind_that_the_head_put_in_no_series_is_not_numbered(city, clerk, officer):
    decided(city, officer, {"Quyết định": ["quyet_dinh"]})
    with pytest.raises(KindWithoutSeries):
        numbered(city, clerk)
    assert not OutgoingDocument.objects.exists()


def test_numbers_start_again_with_the_legal_year(city, clerk):
    last = numbered(city, clerk, now=hanoi("2026-12-31T23:59"))
    first = numbered(city, clerk, now=hanoi("2027-01-01T00:00"))
    assert (last.year, last.number, last.issued_on) == (2026, 1, date(2026, 12, 31))
    assert (first.year, first.number, first.issued_on) == (2027, 1, date(2027, 1, 1))


def test_a_clock_behind_the_series_refuses_and_takes_no_number(city, clerk):
    numbered(city, clerk, now=hanoi("2026-11-24T08:00"))
    with pytest.raises(ClockBehindSeries) as refusal:
        numbered(city, clerk, now=hanoi("2026-11-23T23:59"))
    assert refusal.value.last_date == date(2026, 11, 24)
    assert refusal.value.today == date(2026, 11, 23)
    assert numbered(city, clerk, now=hanoi("2026-11-24T08:01")).number == 2


def test_a_clock_behind_across_the_year_refuses(city, clerk):
    numbered(city, clerk, now=hanoi("2026-12-31T08:00"))
    numbered(city, clerk, now=hanoi("2027-01-01T00:00"))
    with pytest.raises(ClockBehindSeries):
        numbered(city, clerk, now=hanoi("2026-12-31T23:59"))
    assert Series.objects.get(year=2026).last_number == 1


def test_the_same_day_is_not_behind(city, clerk):
    numbered(city, clerk, now=hanoi("2026-11-23T16:00"))
    assert numbered(city, clerk, now=hanoi("2026-11-23T08:00")).number == 2


def test_no_number_is_taken_when_the_body_has_no_code(city, clerk):
    numbered(city, clerk)
    city.codes.all().delete()
    with pytest.raises(BodyHasNoCode):
        numbered(city, clerk)
    assert Series.objects.get().last_number == 1


def test_only_the_clerk_of_the_registry_numbers(city, officer):
    with pytest.raises(NotAllowed):
        numbered(city, officer("chuyen-vien.vp-ubnd"))
    with pytest.raises(NotAllowed):
        numbered(city, officer("van-thu.so-tai-chinh"))
    assert not OutgoingDocument.objects.exists()


def test_the_database_refuses_a_second_document_with_the_same_number(city, clerk):
    document = numbered(city, clerk)
    document.pk, document.document_id = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        document.save(force_insert=True)


def test_a_cancelled_number_stays_with_reason_and_approver_and_is_not_reused(city, clerk, officer):
    head = officer("chanh-vp.vp-ubnd")
    document = numbered(city, clerk)
    cancel_number(document, reason="Cấp nhầm loại văn bản", officer=head, now=NOW)
    document.refresh_from_db()
    assert document.state == OutgoingDocument.State.CANCELLED
    assert document.cancellation_reason == "Cấp nhầm loại văn bản"
    assert document.cancellation_approver == head.post
    assert Act.objects.on(document).latest("id").kind == ActKind.CANCELLED
    assert numbered(city, clerk).number == 2


def test_a_number_is_not_cancelled_without_a_reason(city, clerk, officer):
    document = numbered(city, clerk)
    with pytest.raises(CancellationWithoutReason):
        cancel_number(document, reason=" ", officer=officer("chanh-vp.vp-ubnd"), now=NOW)


def test_only_a_head_cancels_a_number(city, clerk):
    document = numbered(city, clerk)
    with pytest.raises(NotAllowed):
        cancel_number(document, reason="Cấp nhầm", officer=clerk, now=NOW)


def test_an_issued_document_is_recalled_and_not_cancelled(city, clerk, officer):
    document = numbered(city, clerk)
    OutgoingDocument.objects.filter(pk=document.pk).update(state=OutgoingDocument.State.ISSUED)
    with pytest.raises(NotCancellable):
        cancel_number(document, reason="Nhầm", officer=officer("chanh-vp.vp-ubnd"), now=NOW)


def test_only_a_sealed_document_is_issued(city, clerk):
    document = numbered(city, clerk)
    with pytest.raises(DocumentMoved):
        mark_issued(document, officer=clerk, now=NOW)
    OutgoingDocument.objects.filter(pk=document.pk).update(state=OutgoingDocument.State.SEALED)
    mark_issued(document, officer=clerk, now=NOW)
    assert document.state == OutgoingDocument.State.ISSUED
    with pytest.raises(DocumentMoved):
        mark_issued(document, officer=clerk, now=NOW)


def test_sealed_files_enter_once(city, clerk):
    document = numbered(city, clerk)
    OutgoingDocument.objects.filter(pk=document.pk).update(state=OutgoingDocument.State.CANCELLED)
    with pytest.raises(DocumentMoved):
        enter_sealed(document, [], officer=clerk, now=NOW)

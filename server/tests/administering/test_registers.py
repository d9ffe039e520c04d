"""Series, mandates, days off and routing rules, as they are administered."""

from datetime import date, timedelta

import pytest

from chauban.accounts.changing import days
from chauban.accounts.rights import NotAllowed
from chauban.directory import errors, working_days
from chauban.directory.models import Unit
from chauban.registers.errors import SeriesHasBegun
from chauban.registers.models import ArrivalSeries, Series, SeriesDecision
from chauban.registers.numbering import (
    begin_arrivals,
    begin_series,
    decide_series,
    series_for,
    stored_groups_of,
    take_arrival_number,
    take_number,
)
from chauban.trust.actions import end_mandate, grant_mandate
from chauban.trust.errors import MandateBackwards
from chauban.trust.models import Capacity
from chauban.trust.saying import kinds_in_words, mandate_in_words
from chauban.workflow.errors import AssigneeOutsideAgency
from chauban.workflow.proposing import Condition, Facts
from chauban.workflow.routing_rules import (
    end_routing_rule,
    proposal_for,
    reason_of,
    set_routing_rule,
)
from chauban_docform.kinds import KINDS
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)


# --- Series --------------------------------------------------------------------------------


def test_every_decision_on_series_is_kept(body, province_administrator):
    city = body("ubnd-tp")
    for basis, groups in (("QĐ 1", {"A": list(KINDS)}), ("QĐ 2", {"B": list(KINDS)})):
        decide_series(city, groups, basis=basis, officer=province_administrator, now=NOW)
    kept = SeriesDecision.objects.filter(body=city)
    assert [(it.basis, list(it.groups)) for it in kept] == [("QĐ 2", ["B"]), ("QĐ 1", ["A"])]


def begun(body, officer, first_number=101, year=2026):
    group = stored_groups_of(body)[0]
    begin_series(group, year=year, first_number=first_number, officer=officer, now=NOW)
    return series_for(body, group.kinds[0], year)


def test_numbers_go_on_from_paper_within_a_year(body, province_administrator):
    series = begun(body("ubnd-tp"), province_administrator)
    assert take_number(series, TODAY) == 101


def test_the_next_year_begins_at_one(body, province_administrator):
    """Điều 15.1."""
    begun(body("ubnd-tp"), province_administrator)
    next_year = series_for(body("ubnd-tp"), "cong_van", 2027)
    assert take_number(next_year, date(2027, 1, 4)) == 1


def test_a_first_number_is_set_before_the_first_is_given(body, province_administrator):
    series = begun(body("ubnd-tp"), province_administrator)
    begun(body("ubnd-tp"), province_administrator, first_number=201)
    take_number(series, TODAY)
    with pytest.raises(SeriesHasBegun):
        begun(body("ubnd-tp"), province_administrator)
    assert Series.objects.get(pk=series.pk).last_number == 201


def test_arrival_numbers_go_on_from_paper_too(body, province_administrator):
    city = body("ubnd-tp")
    begin_arrivals(city, year=2026, first_number=51, officer=province_administrator, now=NOW)
    assert take_arrival_number(city, 2026) == 51
    assert ArrivalSeries.objects.get(body=city, year=2026).last_number == 51


def test_the_clerk_sets_no_first_number(body, officer):
    with pytest.raises(NotAllowed):
        begun(body("ubnd-tp"), officer("van-thu.vp-ubnd"))


# --- Mandates ------------------------------------------------------------------------------


def granted(body, post, officer):
    return grant_mandate(
        post, body=body, capacity=Capacity.KT,
        authority_lines=["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"], basis="QĐ 5/QĐ-STC",
        valid_from=TODAY, officer=officer, now=NOW,
    )  # fmt: skip


def test_a_mandate_says_in_words_what_it_allows(body, officer, department_administrator):
    deputy = officer("pho-giam-doc.so-tai-chinh").post
    mandate = granted(body("so-tai-chinh"), deputy, department_administrator)
    assert mandate_in_words(mandate) == (
        f"{deputy.person.full_name} ký thay (KT.) người đứng đầu Sở Tài chính: mọi loại văn bản."
    )
    assert kinds_in_words(["cong_van", "thong_bao"]) == "Công văn, Thông báo"
    assert kinds_in_words(list(KINDS)[:6]).endswith("và 2 loại khác")


def test_mandates_of_another_department_are_not_his(body, officer, department_administrator):
    with pytest.raises(NotAllowed):
        granted(body("so-noi-vu"), officer("pho-giam-doc.so-noi-vu").post, department_administrator)


def test_a_mandate_ends_early_by_who_may_grant_it(body, officer, department_administrator):
    mandate = granted(
        body("so-tai-chinh"), officer("pho-giam-doc.so-tai-chinh").post, department_administrator
    )
    with pytest.raises(NotAllowed):
        end_mandate(mandate, on=TOMORROW, officer=officer("van-thu.so-tai-chinh"), now=NOW)
    with pytest.raises(MandateBackwards):
        end_mandate(
            mandate, on=TODAY - timedelta(days=1), officer=department_administrator, now=NOW
        )
    end_mandate(mandate, on=TOMORROW, officer=department_administrator, now=NOW)
    assert mandate.valid_to == TOMORROW


# --- Days off ------------------------------------------------------------------------------

FRIDAY, SATURDAY = date(2027, 6, 4), date(2027, 6, 5)


def decided(day, officer, *, is_worked=False):
    return days.decide_day(
        day, is_worked=is_worked, source="TB 9/TB-VPCP", officer=officer, now=NOW
    )


@pytest.mark.usefixtures("calendar_as_it_was")
def test_days_exchanged_count_at_once_and_no_more_when_withdrawn(province_administrator):
    off = decided(FRIDAY, province_administrator)
    decided(SATURDAY, province_administrator, is_worked=True)
    assert not working_days.is_working_day(FRIDAY)
    assert working_days.is_working_day(SATURDAY)
    days.withdraw_day(off, officer=province_administrator, now=NOW)
    assert working_days.is_working_day(FRIDAY)
    decided(FRIDAY, province_administrator)


@pytest.mark.usefixtures("calendar_as_it_was")
def test_a_day_is_decided_once(province_administrator):
    decided(FRIDAY, province_administrator)
    with pytest.raises(errors.DayDecidedAlready):
        decided(FRIDAY, province_administrator)


def test_a_decision_changes_the_day(province_administrator):
    with pytest.raises(errors.DayAsItIs):
        decided(SATURDAY, province_administrator)


def test_the_calendar_is_the_provinces(department_administrator):
    with pytest.raises(NotAllowed):
        decided(FRIDAY, department_administrator)


# --- Routing rules -------------------------------------------------------------------------

FACTS = Facts("Ủy ban nhân dân tỉnh Phú Thọ", "H44", "Công văn", "V/v quản lý đất đai năm 2026")


def ruled(body, receiver, officer, **values):
    return set_routing_rule(
        body, Condition(**values), receiver=receiver, working_days=3, valid_from=TODAY,
        officer=officer, now=NOW,
    )  # fmt: skip


def test_a_rule_proposes_the_head_of_a_unit_and_a_day(body, officer, department_administrator):
    finance, head = body("so-tai-chinh"), officer("truong-phong.so-tai-chinh").post
    rule = ruled(finance, head.unit, department_administrator, words="dat dai")
    proposal = proposal_for(finance, FACTS, TODAY)
    assert proposal.post == head
    # Monday 23/11; Tuesday 24/11 is the Day of Vietnamese Culture.
    assert proposal.due_on == date(2026, 11, 27)
    assert reason_of(rule) == "trích yếu có “dat dai”"


def test_a_rule_that_asks_more_comes_first(body, officer, department_administrator):
    finance = body("so-tai-chinh")
    all_of_them = ruled(finance, officer("van-thu.so-tai-chinh").post, department_administrator)
    closer = ruled(
        finance, officer("chuyen-vien.so-tai-chinh").post, department_administrator,
        words="đất đai", kind_name="Công văn",
    )  # fmt: skip
    assert proposal_for(finance, FACTS, TODAY).rule == closer
    end_routing_rule(closer, on=TOMORROW, officer=department_administrator, now=NOW)
    assert proposal_for(finance, FACTS, TOMORROW).rule == all_of_them
    assert reason_of(all_of_them) == "mọi văn bản đến"


def test_a_rule_names_somebody_of_the_agency(body, department_administrator):
    elsewhere = Unit.objects.exclude(agency__key="so-tai-chinh").first()
    with pytest.raises(AssigneeOutsideAgency):
        ruled(body("so-tai-chinh"), elsewhere, department_administrator)


def test_an_official_sets_no_rule(body, officer):
    with pytest.raises(NotAllowed):
        ruled(
            body("so-tai-chinh"), officer("van-thu.so-tai-chinh").post,
            officer("chuyen-vien.so-tai-chinh"),
        )  # fmt: skip

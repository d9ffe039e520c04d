"""Agencies, units, names and codes: each change an act, dated, within the officer's reach."""

from datetime import date, timedelta

import pytest

from chauban.accounts.changing import agencies
from chauban.accounts.rights import NotAllowed
from chauban.directory import errors
from chauban.directory.models import Agency, Name, OrganCode, Post, Succession, Unit
from chauban.directory.succession import heirs_of
from chauban.journal.models import Act
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)


def kinds_of(subject):
    return list(Act.objects.on(subject).order_by("id").values_list("kind", flat=True))


def added_agency(parent, officer, **values):
    given = {
        "name": "Trung tâm Lưu trữ",
        "level": "department",
        "place": "Huế",
        "valid_from": TODAY,
        **values,
    }
    return agencies.add_agency(parent=parent, **given, officer=officer, now=NOW)


def test_an_agency_is_entered_below_another(department, province_administrator):
    agency = added_agency(department, province_administrator)
    assert (agency.parent, agency.key) == (department, "trung-tam-luu-tru")
    assert kinds_of(agency) == ["agency-added"]
    assert added_agency(department, province_administrator).key == "trung-tam-luu-tru-2"


def test_a_departments_administrator_adds_below_his_own(department, department_administrator):
    assert added_agency(department, department_administrator).parent == department


def test_he_adds_nothing_below_another_department(department_administrator):
    with pytest.raises(NotAllowed):
        added_agency(Agency.objects.get(key="so-noi-vu"), department_administrator)


def test_his_reach_goes_down_as_far_as_it_is_deep(department, department_administrator):
    below = added_agency(department, department_administrator)
    assert added_agency(below, department_administrator, name="Phòng đọc").parent == below


def test_nothing_begins_below_an_agency_that_has_ended(department, province_administrator):
    Agency.objects.filter(pk=department.pk).update(valid_to=TODAY)
    department.refresh_from_db()
    with pytest.raises(errors.NotInForce):
        added_agency(department, province_administrator)


def test_an_official_enters_no_agency(department, officer):
    with pytest.raises(NotAllowed):
        added_agency(department, officer("chuyen-vien.vp-ubnd"))


# --- Bodies and units ----------------------------------------------------------------------


def added_unit(agency, officer, **values):
    given = {"name": "Phòng Chuyển đổi số", "symbol": "CĐS", "valid_from": TODAY, **values}
    return agencies.add_unit(agency, **given, officer=officer, now=NOW)


def test_a_unit_begins_and_ends(department, department_administrator):
    unit = added_unit(department, department_administrator)
    agencies.end_unit(unit, on=TOMORROW, officer=department_administrator, now=NOW)
    assert unit.is_in_force(TODAY)
    assert not unit.is_in_force(TOMORROW)
    assert kinds_of(unit) == ["unit-added", "unit-ended"]


def test_two_units_have_not_one_symbol(department, department_administrator):
    added_unit(department, department_administrator)
    with pytest.raises(errors.SymbolTaken):
        added_unit(department, department_administrator, name="Phòng khác")


def test_a_symbol_is_free_again_when_its_unit_has_ended(department, department_administrator):
    unit = added_unit(department, department_administrator)
    agencies.end_unit(unit, on=TOMORROW, officer=department_administrator, now=NOW)
    added_unit(department, department_administrator, valid_from=TOMORROW)


def test_a_unit_ends_not_under_people(department, department_administrator, somebody):
    unit = added_unit(department, department_administrator)
    post = Post.objects.create(
        person=somebody, agency=department, unit=unit, title="Chuyên viên", role="official",
        valid_from=TODAY,
    )  # fmt: skip
    with pytest.raises(errors.PostsStand):
        agencies.end_unit(unit, on=TOMORROW, officer=department_administrator, now=NOW)
    Post.objects.filter(pk=post.pk).update(valid_to=TOMORROW)
    agencies.end_unit(unit, on=TOMORROW, officer=department_administrator, now=NOW)


def test_a_unit_ends_after_it_begins(department, department_administrator):
    unit = added_unit(department, department_administrator)
    with pytest.raises(errors.EndsBeforeItBegins):
        agencies.end_unit(unit, on=TODAY, officer=department_administrator, now=NOW)


def test_a_unit_ends_once(department, department_administrator):
    unit = added_unit(department, department_administrator)
    agencies.end_unit(unit, on=TOMORROW, officer=department_administrator, now=NOW)
    with pytest.raises(errors.NotInForce):
        agencies.end_unit(unit, on=TOMORROW, officer=department_administrator, now=NOW)


def added_body(agency, officer, **values):
    given = {
        "name": "Chi cục Thử", "symbol": "CCT", "heading": "CHI CỤC THỬ", "valid_from": TODAY,
        **values,
    }  # fmt: skip
    return agencies.add_body(agency, **given, officer=officer, now=NOW)


def test_a_registry_serves_several_bodies_of_different_symbols(
    department, department_administrator
):
    body = added_body(department, department_administrator)
    assert body.agency == department
    with pytest.raises(errors.SymbolTaken):
        added_body(department, department_administrator, name="Chi cục khác")


# --- Names ---------------------------------------------------------------------------------


def renamed(what, officer, **values):
    given = {"name": "Sở Tài chính và Kế hoạch", "on": TODAY, "basis": "QĐ 1/QĐ-UBND", **values}
    return agencies.rename(what, **given, officer=officer, now=NOW)


def test_a_name_counts_from_its_day_and_the_old_one_until_then(
    department, department_administrator
):
    renamed(department, department_administrator)
    yesterday = TODAY - timedelta(days=1)
    assert department.name == "Sở Tài chính và Kế hoạch"
    assert department.name_on(yesterday) == "Sở Tài chính"
    assert department.name_on(TODAY) == "Sở Tài chính và Kế hoạch"
    assert kinds_of(department)[-1] == "renamed"


def test_a_name_to_come_is_taken_over_on_its_day(department, department_administrator):
    renamed(department, department_administrator, on=TOMORROW)
    assert department.name == "Sở Tài chính"
    assert agencies.take_names_over(TODAY) == 0
    assert agencies.take_names_over(TOMORROW) == 1
    department.refresh_from_db()
    assert department.name == "Sở Tài chính và Kế hoạch"
    assert agencies.take_names_over(TOMORROW) == 0


def test_a_bodys_heading_changes_with_its_name(body, department_administrator):
    finance = body("so-tai-chinh")
    renamed(finance, department_administrator, heading="SỞ TÀI CHÍNH VÀ KẾ HOẠCH")
    assert finance.heading == "SỞ TÀI CHÍNH VÀ KẾ HOẠCH"
    assert finance.names.first().heading == "SỞ TÀI CHÍNH"


def test_the_name_it_has_is_no_new_name(department, department_administrator):
    with pytest.raises(errors.NameUnchanged):
        renamed(department, department_administrator, name="Sở Tài chính")


def test_names_follow_one_another(department, department_administrator):
    renamed(department, department_administrator, on=TOMORROW)
    with pytest.raises(errors.NameChangedLater):
        renamed(department, department_administrator, name="Tên khác", on=TODAY)
    assert Name.objects.filter(agency=department).count() == 2


def test_another_departments_name_is_not_his(department_administrator):
    with pytest.raises(NotAllowed):
        renamed(Agency.objects.get(key="so-noi-vu"), department_administrator)


# --- Codes ---------------------------------------------------------------------------------


def coded(body, officer, **values):
    given = {"scheme": "qd20", "code": "H57.99", "source": "QĐ 2", "valid_from": TODAY, **values}
    return agencies.give_code(body, **given, officer=officer, now=NOW)


def test_a_new_code_ends_the_old_one_of_its_scheme_alone(body, province_administrator):
    finance = body("so-tai-chinh")
    old = {it.scheme: it for it in finance.codes.all()}
    coded(finance, province_administrator)
    for one in old.values():
        one.refresh_from_db()
    assert old["qd20"].valid_to == TODAY
    assert old["qcvn102"].valid_to is None
    assert body("so-tai-chinh").organ_id(TODAY) == "H57.99"


@pytest.mark.parametrize(("scheme", "code"), [("qd20", "57H"), ("qcvn102", "H57.99")])
def test_a_code_has_the_form_of_its_scheme(body, province_administrator, scheme, code):
    with pytest.raises(errors.CodeMalformed):
        coded(body("so-tai-chinh"), province_administrator, scheme=scheme, code=code)


def test_a_code_is_never_used_again(body, province_administrator):
    taken = OrganCode.objects.exclude(valid_to=None).filter(scheme="qd20").first()
    taken = taken or OrganCode.objects.filter(scheme="qd20").first()
    with pytest.raises(errors.CodeTaken):
        coded(body("so-tai-chinh"), province_administrator, code=taken.code)


def test_a_code_is_the_superiors_to_give(body, department_administrator):
    with pytest.raises(NotAllowed):
        coded(body("so-tai-chinh"), department_administrator)


# --- The end -------------------------------------------------------------------------------


def ended(agency, officer, *, successors=("so-noi-vu",), on=TOMORROW):
    found = list(Agency.objects.filter(key__in=successors))
    agencies.end_agency(agency, found, on=on, basis="NQ 1", officer=officer, now=NOW)


def test_an_agency_ends_with_all_that_is_its_own(department, body, province_administrator):
    finance = body("so-tai-chinh")
    ended(department, province_administrator)
    for rows in (department.issuing_bodies, department.units, department.posts, finance.codes):
        assert rows.as_of(TODAY).exists()
        assert not rows.as_of(TOMORROW).exists()
    finance.refresh_from_db()
    assert [it.key for it in heirs_of([finance], TOMORROW)[finance.pk]] == ["so-noi-vu"]
    assert kinds_of(department)[-1] == "agency-ended"


def test_an_agency_is_split_among_several(department, province_administrator):
    ended(department, province_administrator, successors=("so-noi-vu", "so-y-te"))
    assert Succession.objects.filter(predecessor=department, on=TOMORROW).count() == 2


def test_somebody_takes_over(department, province_administrator):
    with pytest.raises(errors.NobodyTakesOver):
        ended(department, province_administrator, successors=())


def test_nobody_takes_over_from_himself(department, province_administrator):
    with pytest.raises(errors.SucceedsItself):
        ended(department, province_administrator, successors=("so-tai-chinh",))


def test_no_agency_ends_over_those_below_it(department, province_administrator):
    below = added_agency(department, province_administrator)
    with pytest.raises(errors.AgenciesStandBelow):
        ended(department, province_administrator)
    ended(below, province_administrator, on=TOMORROW)
    ended(department, province_administrator)


def test_who_takes_over_is_there_on_that_day(department, province_administrator):
    Agency.objects.filter(key="so-noi-vu").update(valid_to=TOMORROW)
    with pytest.raises(errors.NotInForce):
        ended(department, province_administrator)


def test_an_agency_does_not_end_itself(department, department_administrator):
    with pytest.raises(NotAllowed):
        ended(department, department_administrator)


def test_what_would_begin_after_the_end_never_does(department, province_administrator):
    unit = Unit.objects.create(
        agency=department, name="Phòng mới", symbol="PM", valid_from=date(2027, 1, 1)
    )
    ended(department, province_administrator)
    unit.refresh_from_db()
    assert not unit.is_in_force(date(2027, 2, 1))

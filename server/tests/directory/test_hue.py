"""Huế as hue-agencies tells it: counts, names that are traps, dates, successions, codes."""

from datetime import date

import pytest

from chauban.directory.actions import load_hue
from chauban.directory.errors import BodyHasNoCode, OrganCodeRetired, UnknownOrganCode
from chauban.directory.hue_staff import made_up_name
from chauban.directory.models import Agency, AgencyLevel, IssuingBody, OrganCode, Post
from chauban.directory.rules import is_qcvn102_code, is_qd20_code, slug
from chauban.directory.words import explain
from chauban.journal.models import Act
from tests.moments import NOW

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
SPRING_2025 = date(2025, 3, 15)


def communes(day):
    return Agency.objects.as_of(day).filter(level=AgencyLevel.COMMUNE)


@pytest.mark.parametrize(
    ("day", "units"), [(date(2025, 6, 30), 133), (date(2025, 7, 1), 40), (TODAY, 40)]
)
def test_133_communes_until_the_end_of_june_2025_and_40_from_july(day, units):
    assert communes(day).count() == units


def test_of_the_40_units_21_are_wards_and_19_communes():
    names = list(communes(TODAY).values_list("name", flat=True))
    assert sum(name.startswith("Phường") for name in names) == 21
    assert sum(name.startswith("Xã") for name in names) == 19


def test_of_the_133_units_48_were_wards_78_communes_and_7_towns():
    names = list(communes(SPRING_2025).values_list("name", flat=True))
    counts = [sum(name.startswith(kind) for name in names) for kind in ("Phường", "Xã", "Thị")]
    assert counts == [48, 78, 7]


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30)])
def test_nine_districts_before_and_after_new_year_2025(day):
    assert Agency.objects.as_of(day).filter(level=AgencyLevel.DISTRICT).count() == 9


def test_no_district_is_left_on_the_first_of_july_2025():
    day = date(2025, 7, 1)
    assert not Agency.objects.as_of(day).filter(level=AgencyLevel.DISTRICT).exists()


def test_hoa_chau_took_over_units_of_three_districts():
    hoa_chau = Agency.objects.get(key="hoa-chau")
    parents = {agency.parent.key for agency in Agency.objects.predecessors_of(hoa_chau)}
    assert parents == {"quan-thuan-hoa", "quan-phu-xuan", "huyen-quang-dien"}


def test_a_former_unit_names_its_successor():
    old = Agency.objects.get(key="xa-phu-vinh")  # of A Lưới; not today's xã Phú Vinh
    assert [agency.key for agency in Agency.objects.successors_of(old)] == ["a-luoi-3"]


def test_only_duong_no_went_on_as_the_same_body():
    both = communes(SPRING_2025).intersection(communes(TODAY))
    assert [agency.key for agency in both] == ["duong-no"]


def test_duong_no_has_a_new_code_since_the_districts_ended():
    body = IssuingBody.objects.get(key="ubnd-duong-no")
    assert is_qcvn102_code(body.organ_id(SPRING_2025))
    assert is_qd20_code(body.organ_id(TODAY))
    assert IssuingBody.objects.by_code(body.organ_id(TODAY), TODAY) == body


def test_a_name_is_not_a_key():
    assert Agency.objects.filter(name="Phường Phú Bài").count() == 2
    assert Agency.objects.filter(name="Phường Thuận Hóa").count() == 1
    assert Agency.objects.filter(name="Quận Thuận Hóa").count() == 1


def test_huong_van_and_huong_van_keep_apart_although_their_plain_letters_are_the_same():
    assert slug("Hương Văn") == slug("Hương Vân")
    keys = Agency.objects.filter(name__in=["Phường Hương Văn", "Phường Hương Vân"])
    assert keys.values("key").distinct().count() == 2


@pytest.mark.parametrize(
    ("key", "place"),
    [("thuan-hoa", "Thuận Hóa"), ("a-luoi-1", "Xã A Lưới 1"), ("so-tai-chinh", "Huế")],
)
def test_the_place_line_is_the_units_own_name_unless_it_holds_a_number(key, place):
    """PL I II.4.a."""
    assert Agency.objects.get(key=key).place == place


def test_the_office_keeps_the_registry_of_the_committee_and_of_itself():
    office = Agency.objects.get(key="vp-ubnd")
    bodies = [(b.key, b.symbol, b.is_collective) for b in office.issuing_bodies.as_of(TODAY)]
    assert bodies == [("ubnd-tp", "UBND", True), ("vp-ubnd", "VP", False)]


def test_merged_departments_end_the_day_their_successor_begins():
    old = Agency.objects.get(key="so-khdt")
    new = Agency.objects.get(key="so-tai-chinh")
    assert (old.valid_to, list(Agency.objects.successors_of(old))) == (new.valid_from, [new])
    assert Agency.objects.as_of(date(2025, 2, 28)).filter(name="Sở Tài chính").get() != new


def test_ban_dan_toc_ended_and_its_successor_is_not_claimed():
    ended = Agency.objects.get(key="ban-dan-toc")
    assert ended.valid_to == date(2025, 3, 1)
    assert not Agency.objects.successors_of(ended).exists()


def test_codes_that_were_not_read_say_so():
    read = {"H57", "K57", "000.00.00.H57"}
    for code in OrganCode.objects.all():
        assert ("giả định" in code.source) == (code.code not in read), code.code


def test_every_code_has_the_form_of_its_scheme():
    """QĐ 20/2020/QĐ-TTg Điều 4; QCVN 102:2016/BTTTT."""
    form = {"qd20": is_qd20_code, "qcvn102": is_qcvn102_code}
    for code in OrganCode.objects.all():
        assert form[code.scheme](code.code), code.code


def test_a_body_is_found_under_its_old_and_its_new_code():
    committee = IssuingBody.objects.get(key="ubnd-tp")
    for code in ("H57", "000.00.00.H57"):
        assert IssuingBody.objects.by_code(code, TODAY) == committee
    assert committee.organ_id(TODAY) == "H57"
    assert committee.aliases() == {"H57", "000.00.00.H57"}


def test_an_unknown_code_is_refused():
    with pytest.raises(UnknownOrganCode) as refused:
        IssuingBody.objects.by_code("H99", TODAY)
    assert "H99" in explain(refused.value).vi


def test_a_retired_code_names_the_body_it_was():
    with pytest.raises(OrganCodeRetired) as refused:
        IssuingBody.objects.by_code("000.00.22.H57", TODAY)
    assert refused.value.body.key == "ubnd-quan-thuan-hoa"
    assert "23/11/2026" in explain(refused.value).vi
    assert IssuingBody.objects.by_code("000.00.22.H57", SPRING_2025) == refused.value.body


def test_a_body_outside_the_citys_system_has_no_code():
    with pytest.raises(BodyHasNoCode) as refused:
        IssuingBody.objects.get(key="thanh-uy").organ_id(TODAY)
    assert "Thành ủy Huế" in explain(refused.value).vi


def test_every_commune_has_a_leader_a_deputy_a_unit_head_and_a_clerk():
    for commune in communes(TODAY):
        titles = Post.objects.as_of(TODAY).filter(agency=commune).values_list("role", flat=True)
        assert sorted(titles) == [
            "clerk",
            "layout-checker",
            "leader",
            "leader",
            "official",
            "unit-head",
        ]


def test_made_up_names_do_not_repeat():
    names = [made_up_name(index) for index in range(1300)]
    assert len(set(names)) == len(names)


def test_loading_twice_adds_nothing():
    before = (Agency.objects.count(), Post.objects.count(), OrganCode.objects.count())
    acts = Act.objects.filter(kind="directory-loaded").count()
    load_hue(NOW)
    assert (Agency.objects.count(), Post.objects.count(), OrganCode.objects.count()) == before
    assert Act.objects.filter(kind="directory-loaded").count() == acts == 1

"""People and posts: who is appointed, from when until when, and who may not be."""

from datetime import timedelta

import pytest

from chauban.accounts.changing import people
from chauban.accounts.querysets import posts_of
from chauban.accounts.rights import NotAllowed
from chauban.directory import errors
from chauban.directory.models import Agency, Person, Post
from chauban.journal.models import Act
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db
IN_A_MONTH = TODAY + timedelta(days=30)


def appointed(person, agency, officer, **values):
    given = {
        "unit": None, "title": "Chuyên viên", "role": "official", "valid_from": TODAY,
        "basis": "QĐ 12/QĐ-STC", **values,
    }  # fmt: skip
    return people.appoint(person, agency=agency, **given, officer=officer, now=NOW)


def test_a_person_is_added_and_appointed(department, department_administrator):
    person = people.add_person(
        full_name="Trần Thị Mới", email="moi@hue.invalid", officer=department_administrator,
        now=NOW,
    )  # fmt: skip
    post = appointed(person, department, department_administrator)
    assert (post.basis, post.valid_to) == ("QĐ 12/QĐ-STC", None)
    assert Act.objects.on(person).get().kind == "person-added"
    assert Act.objects.on(post).get().facts == {"agency": department.pk, "role": "official"}


def test_an_address_is_one_persons(somebody, department_administrator):
    with pytest.raises(errors.EmailTaken):
        people.add_person(
            full_name="Khác", email="THU@hue.invalid", officer=department_administrator, now=NOW
        )
    assert Person.objects.filter(full_name="Khác").count() == 0


def test_a_post_in_another_department_is_not_his_to_give(somebody, department_administrator):
    with pytest.raises(NotAllowed):
        appointed(somebody, Agency.objects.get(key="so-noi-vu"), department_administrator)


def test_nobody_appoints_himself(department, department_administrator):
    with pytest.raises(errors.OwnPost):
        appointed(department_administrator.person, department, department_administrator)


def test_a_person_holds_posts_side_by_side(somebody, department, province_administrator):
    appointed(somebody, department, province_administrator)
    appointed(somebody, department, province_administrator, title="Kế toán", role="unit-head")
    assert somebody.posts.as_of(TODAY).count() == 2


def test_the_same_post_is_held_once(somebody, department, province_administrator):
    appointed(somebody, department, province_administrator)
    with pytest.raises(errors.HeldAlready):
        appointed(somebody, department, province_administrator, title="Chuyên viên chính")


def test_it_is_held_again_after_it_ended(somebody, department, province_administrator):
    appointed(somebody, department, province_administrator, valid_to=IN_A_MONTH)
    appointed(somebody, department, province_administrator, valid_from=IN_A_MONTH)


@pytest.mark.parametrize(
    ("first", "second"), [("administrator", "clerk"), ("leader", "administrator")]
)
def test_who_administers_holds_no_keys(somebody, department, province_administrator, first, second):
    """Điều 32, 33; QCVN 12:2026/BCA Q6: the seal is with the clerk, signatures with signatories."""
    appointed(somebody, department, province_administrator, role=first)
    with pytest.raises(errors.KeysApart):
        appointed(somebody, department, province_administrator, role=second)


def test_who_administers_may_draft_besides(somebody, department, province_administrator):
    appointed(somebody, department, province_administrator, role="administrator")
    appointed(somebody, department, province_administrator, role="official")


def test_a_post_lies_within_its_agency(somebody, department, province_administrator):
    Agency.objects.filter(pk=department.pk).update(valid_to=IN_A_MONTH)
    department.refresh_from_db()
    appointed(somebody, department, province_administrator, valid_to=IN_A_MONTH)
    with pytest.raises(errors.OutsideItsWhole):
        appointed(somebody, department, province_administrator, role="clerk")


def test_a_post_ends_after_it_begins(somebody, department, province_administrator):
    with pytest.raises(errors.EndsBeforeItBegins):
        appointed(somebody, department, province_administrator, valid_to=TODAY)


# --- Ends and stand-ins --------------------------------------------------------------------


def test_who_left_acts_no_more_from_that_day(officer, department, department_administrator):
    handler = officer("chuyen-vien.so-tai-chinh")
    people.end_post(handler.post, on=IN_A_MONTH, officer=department_administrator, now=NOW)
    assert handler.post in posts_of(handler.user_id, TODAY)
    assert handler.post not in posts_of(handler.user_id, IN_A_MONTH)
    assert handler.post.valid_to == IN_A_MONTH


def test_an_administrator_does_not_end_his_own_post(department_administrator):
    with pytest.raises(errors.OwnPost):
        people.end_post(
            department_administrator.post, on=IN_A_MONTH, officer=department_administrator, now=NOW
        )


def test_a_clerk_ends_no_post(officer):
    clerk = officer("van-thu.so-tai-chinh")
    with pytest.raises(NotAllowed):
        people.end_post(
            officer("chuyen-vien.so-tai-chinh").post, on=IN_A_MONTH, officer=clerk, now=NOW
        )


def stood_in(post, person, officer, **values):
    given = {"valid_from": TODAY, "valid_to": IN_A_MONTH, "basis": "QĐ 3", **values}
    return people.stand_in(post, person=person, **given, officer=officer, now=NOW)


def test_a_stand_in_has_a_title_and_a_last_day(officer, somebody, department_administrator):
    head = officer("giam-doc.so-tai-chinh").post
    acting = stood_in(head, somebody, department_administrator)
    assert (acting.title, acting.role) == ("Quyền giám đốc", "leader")
    assert (acting.stands_in_for, acting.valid_to) == (head, IN_A_MONTH)
    assert head.is_in_force(IN_A_MONTH)


def test_a_stand_in_without_a_last_day_is_refused(officer, somebody, department_administrator):
    with pytest.raises(errors.StandInWithoutEnd):
        stood_in(
            officer("giam-doc.so-tai-chinh").post, somebody, department_administrator, valid_to=None
        )


def test_who_stands_in_stops_with_the_post(officer, somebody, department_administrator):
    head = officer("giam-doc.so-tai-chinh").post
    acting = stood_in(head, somebody, department_administrator)
    tomorrow = TODAY + timedelta(days=1)
    people.end_post(head, on=tomorrow, officer=department_administrator, now=NOW)
    assert Post.objects.get(pk=acting.pk).valid_to == tomorrow

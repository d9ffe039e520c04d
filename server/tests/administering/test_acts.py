"""The pages of acts: nothing typed is lost on refusal, each is refused to who may not."""

import re

import pytest
from django.urls import reverse

from chauban.accounts.models import User
from chauban.directory.models import Agency, DecidedDay, OrganCode, Person, Post
from chauban.journal.models import Act
from chauban.office.administering.acts import ACTS
from chauban.trust.actions import grant_mandate, store_anchor
from chauban.trust.models import Anchor, Capacity
from chauban.workflow.beginnings import set_template
from chauban.workflow.letters import Content
from chauban.workflow.proposing import Condition
from chauban.workflow.routing_rules import set_routing_rule
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db
OPERATOR = "quan-tri.vp-ubnd"
ELSEWHERE = "the-thuc.so-tai-chinh"  # administers the department of finance alone


@pytest.fixture
def subjects(officer, body, province_administrator, demo_pki):
    """One subject of each sort, of an agency that is not the department's."""
    home = Agency.objects.get(key="so-noi-vu")
    deputy = officer("pho-giam-doc.so-noi-vu").post
    mandate = grant_mandate(
        deputy, body=body("so-noi-vu"), capacity=Capacity.KT,
        authority_lines=["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"], basis="QĐ 5", valid_from=TODAY,
        officer=None, now=NOW,
    )  # fmt: skip
    rule = set_routing_rule(
        body("so-noi-vu"), Condition(), receiver=deputy, working_days=None, valid_from=TODAY,
        officer=province_administrator, now=NOW,
    )  # fmt: skip
    template = set_template(
        body("so-noi-vu"), kind="cong_van", name="Mẫu", subject="", content=Content("Nội dung …"),
        officer=province_administrator, now=NOW,
    )  # fmt: skip
    anchor = store_anchor(
        demo_pki.root.certificate, purpose=Anchor.Purpose.SIGNING, name="Gốc", valid_from=TODAY,
        officer=None, now=NOW,
    )  # fmt: skip
    day = DecidedDay.objects.create(day=TODAY, is_worked=False, source="TB", decided_at=NOW)
    return {
        "agency": home.pk,
        "body": body("so-noi-vu").pk,
        "unit": home.units.first().pk,
        "code": body("so-noi-vu").codes.first().pk,
        "person": deputy.person_id,
        "post": deputy.pk,
        "mandate": mandate.pk,
        "rule": rule.pk,
        "template": template.pk,
        "anchor": anchor.pk,
        "day": day.pk,
    }


def url_of(of, name, subjects):
    return reverse("administering:act", args=[of, subjects[of], name])


@pytest.mark.usefixtures("department_administrator")
def test_every_act_is_for_the_provinces_administrator_and_nobody_beside_the_reach(
    subjects, signed_in
):
    """The department's administrator, the clerk of another agency: neither page nor act."""
    operator, elsewhere = signed_in(OPERATOR), signed_in(ELSEWHERE)
    clerk = signed_in("van-thu.so-noi-vu")
    wrong = []
    before = Act.objects.count()
    for of, name in ACTS:
        url = url_of(of, name, subjects)
        if operator.get(url).status_code != 200:
            wrong.append((of, name, "not drawn"))
        for client in (elsewhere, clerk):
            for ask in (client.get, client.post):
                if ask(url).status_code not in (403, 404):
                    wrong.append((of, name, "let in"))
    assert not wrong
    assert Act.objects.count() == before


def test_every_act_says_what_it_is_on(subjects, signed_in):
    client = signed_in(OPERATOR)
    pages = {act: client.get(url_of(*act, subjects)).content.decode() for act in ACTS}
    assert not [act for act, page in pages.items() if " object (" in page]
    assert OrganCode.objects.get(pk=subjects["code"]).code in pages["code", "end"]


def test_an_act_that_there_is_not_is_not_found(subjects, signed_in):
    assert signed_in(OPERATOR).get(url_of("agency", "burn", subjects)).status_code == 404


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(subjects, signed_in):
    client, url = signed_in(OPERATOR), url_of("agency", "unit", subjects)
    taken = Agency.objects.get(key="so-noi-vu").units.first().symbol
    given = {"name": "Phòng Thử nghiệm", "symbol": taken, "valid_from": TODAY.isoformat()}
    page = client.post(url, given)
    html = page.content.decode()
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"symbol"}
    assert 'value="Phòng Thử nghiệm"' in html
    assert "Hãy chọn chữ viết tắt khác" in html
    assert client.post(url, {**given, "symbol": "PTN"}).status_code == 302


def test_a_person_is_found_by_name_without_tone_marks_or_by_address(subjects, signed_in):
    client, url = signed_in(OPERATOR), url_of("agency", "appoint", subjects)
    Person.objects.create(full_name="Đỗ Đặc Biệt", email="dac-biet@hue.invalid")
    given = {"title": "Kế toán", "role": "official", "valid_from": "2026-11-01", "basis": "QĐ 1"}
    assert client.post(url, {**given, "person": "do dac bie"}).status_code == 422
    assert client.post(url, {**given, "person": "do dac biet"}).status_code == 302
    Person.objects.create(full_name="Đỗ Đặc Biệt", email="dac-biet-2@hue.invalid")
    page = client.post(url, {**given, "role": "clerk", "person": "Đỗ Đặc Biệt"})
    assert "2 người cùng tên" in page.content.decode()
    given |= {"role": "clerk", "person": "dac-biet-2@hue.invalid"}
    assert client.post(url, given).status_code == 302


def test_a_new_person_gets_post_and_account_or_nothing(subjects, signed_in):
    client, url = signed_in(OPERATOR), url_of("agency", "person", subjects)
    given = {
        "full_name": "Trần Mới", "email": "tran-moi@hue.invalid", "title": "Chuyên viên",
        "role": "official", "valid_from": "2026-11-01", "basis": "QĐ 1",
        "username": "van-thu.so-noi-vu",
    }  # fmt: skip
    page = client.post(url, given)
    assert page.status_code == 422, "the user name is another's"
    assert not Person.objects.filter(full_name="Trần Mới").exists()
    told = client.post(url, {**given, "username": ""}, follow=True).content.decode()
    assert re.search(r"Tên đăng nhập tran-moi, mật khẩu đầu tiên \S{12,}\.", told)
    user = User.objects.get(username="tran-moi")
    assert user.person.posts.get().title == "Chuyên viên"
    assert set(Act.objects.on(user).values_list("kind", flat=True)) >= {"account-opened"}


def test_an_account_is_suspended_and_opened_again(subjects, signed_in):
    client = signed_in(OPERATOR)
    user = Post.objects.get(pk=subjects["post"]).person.user
    for name, is_active in (("suspend", False), ("reopen", True)):
        assert client.post(url_of("person", name, subjects)).status_code == 302
        user.refresh_from_db()
        assert user.is_active is is_active


@pytest.mark.usefixtures("department_administrator")
def test_an_account_is_for_who_administers_all_of_its_persons_posts(signed_in, department):
    """A person who also serves elsewhere is not the department's alone to shut out."""
    person = Post.objects.as_of(TODAY).filter(agency=department, role="official").get().person
    subjects = {"person": person.pk}
    client = signed_in(ELSEWHERE)
    Post.objects.create(
        person=person, agency=Agency.objects.get(key="so-noi-vu"), title="Thành viên",
        role="official", valid_from=TODAY,
    )  # fmt: skip
    assert client.post(url_of("person", "suspend", subjects)).status_code == 403
    person.posts.filter(agency__key="so-noi-vu").delete()
    assert client.post(url_of("person", "suspend", subjects)).status_code == 302

"""Texts that drafts begin from: an agency's own, and the words of Phụ lục III's forms."""

import pytest
from django.urls import reverse
from django.utils import timezone

from chauban.accounts.rights import NotAllowed
from chauban.directory.rules import legal_day
from chauban.journal.models import Act
from chauban.workflow.beginnings import (
    beginnings_for,
    end_template,
    revise_template,
    set_template,
)
from chauban.workflow.errors import SecretMarking, TemplateReplaced
from chauban.workflow.letters import Content
from chauban.workflow.models import DraftTemplate
from chauban_docform.errors import KindNotTypeset
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TEXT = Content(
    "Đề nghị quý cơ quan cử … người tham dự.", addressees=("…",), to_places=("Như trên",)
)


@pytest.fixture
def given(body, officer):
    return {
        "kind": "cong_van",
        "name": "Mời cử người",
        "subject": "cử người tham dự",
        "content": TEXT,
        "officer": officer("giam-doc.so-tai-chinh"),
        "now": NOW,
    }


def names_for(who, day=TODAY):
    return [one.name for one in beginnings_for(who, day)]


def test_a_drafter_begins_with_a_text_of_his_agency(body, officer, signed_in, given):
    template = set_template(body("so-tai-chinh"), **given)
    client = signed_in("chuyen-vien.so-tai-chinh")
    page = client.get(reverse("workflow:new-draft"), {"begin": f"own-{template.pk}"})
    html = page.content.decode()
    assert "Đề nghị quý cơ quan cử … người tham dự." in html
    assert 'value="cử người tham dự"' in html
    assert page.context["form"].initial["to_places"] == "Như trên"
    assert "Mời cử người" in names_for(officer("chuyen-vien.so-tai-chinh"))
    assert "Mời cử người" not in names_for(officer("chuyen-vien.so-noi-vu"))


def test_anothers_template_is_as_if_there_were_none(body, signed_in, given):
    template = set_template(body("so-tai-chinh"), **given)
    page = signed_in("chuyen-vien.so-noi-vu").get(
        reverse("workflow:new-draft"), {"begin": f"own-{template.pk}"}
    )
    assert "cử … người" not in page.content.decode()


def test_a_drafter_begins_with_the_words_that_the_decree_prints(signed_in):
    """Mẫu 1.8."""
    page = signed_in("chuyen-vien.so-tai-chinh").get(
        reverse("workflow:new-draft"), {"begin": "form-giay_gioi_thieu"}
    )
    assert "Sở Tài chính trân trọng giới thiệu:" in page.content.decode()
    assert page.context["form"].initial["kind"] == "giay_gioi_thieu"


def test_a_changed_template_takes_the_others_place_and_each_is_an_act(
    body, officer, signed_in, given
):
    template = set_template(body("so-tai-chinh"), **given)
    client = signed_in("giam-doc.so-tai-chinh")
    url = reverse("administering:act", args=["template", template.pk, "revise"])
    shown = client.get(url).context["form"].initial
    assert shown["text"] == TEXT.body
    posted = {"name": "Mời họp", "kind": "giay_moi", "text": "Trân trọng kính mời …"}
    assert client.post(url, posted).status_code == 302
    who = officer("chuyen-vien.so-tai-chinh")
    today = legal_day(timezone.now())  # the page's own day
    assert [it for it in names_for(who, today) if it.startswith("Mời")] == ["Mời họp"]
    newest = DraftTemplate.objects.latest("pk")
    client.post(reverse("administering:act", args=["template", newest.pk, "end"]))
    assert not [it for it in names_for(who, today) if it.startswith("Mời")]
    kinds = Act.objects.filter(subject_type="workflow.drafttemplate").values_list("kind", flat=True)
    assert sorted(kinds) == ["template-ended"] * 2 + ["template-set"] * 2


def test_who_only_drafts_sets_and_ends_no_template(body, officer, given):
    drafter = officer("chuyen-vien.so-tai-chinh")
    template = set_template(body("so-tai-chinh"), **given)
    with pytest.raises(NotAllowed):
        set_template(body("so-tai-chinh"), **{**given, "officer": drafter})
    with pytest.raises(NotAllowed):
        end_template(template, officer=drafter, now=NOW)


def test_who_comes_second_is_told_that_another_text_stands_there(body, given):
    template = set_template(body("so-tai-chinh"), **given)
    revise_template(template, **{**given, "name": "Mời họp"})
    with pytest.raises(TemplateReplaced):
        revise_template(template, **{**given, "name": "Mời dự"})
    assert [one.name for one in DraftTemplate.objects.filter(valid_to=None)] == ["Mời họp"]


def test_a_head_sets_no_template_for_another_body(body, given):
    with pytest.raises(NotAllowed):
        set_template(body("so-noi-vu"), **given)


def test_a_template_of_a_kind_that_is_not_drafted_here_is_refused(body, given):
    with pytest.raises(KindNotTypeset):
        set_template(body("so-tai-chinh"), **{**given, "kind": "bien_ban"})


def test_a_mark_of_secrecy_is_kept_out_of_templates_too(body, given):
    """Luật 117/2025/QH15 Điều 5."""
    marked = Content("TỐI MẬT\nNội dung")
    with pytest.raises(SecretMarking):
        set_template(body("so-tai-chinh"), **{**given, "content": marked})
    assert not DraftTemplate.objects.exists()

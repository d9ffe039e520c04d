"""Opinions by their pages: asked, given, taken in, withdrawn."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chauban.workflow import drafting
from chauban.workflow.models import Draft
from chauban.workflow.opinions.actions import Question, ask_opinions
from chauban.workflow.opinions.models import Opinion

pytestmark = pytest.mark.django_db


@pytest.fixture
def moment():
    return timezone.now()


def test_a_round_by_its_pages(office, signed_in, moment):
    draft = office.drafted()
    author, checker = signed_in("chuyen-vien.vp-ubnd"), signed_in("the-thuc.vp-ubnd")
    ask = reverse("workflow:ask-opinions", args=[draft.pk])
    typed = {
        "people": [office.checker.post.pk],
        "due_on": (moment + timedelta(days=3)).date().isoformat(),
        "words": "Khoản 2?",
        "seen_at": draft.changed_at.isoformat(),
    }
    assert author.post(ask, {**typed, "people": []}).status_code == 422
    assert author.post(ask, {**typed, "seen_at": "cu"}).status_code == 422
    answer = author.post(ask, typed)
    assert answer.status_code == 302
    page = checker.get("/").content.decode()
    opinion = Opinion.objects.get()
    there = reverse("workflow:opinion", args=[opinion.pk])
    assert there in page
    assert "Khoản 2?" in checker.get(there).content.decode()
    assert checker.get(reverse("workflow:draft", args=[draft.pk])).status_code == 404
    assert checker.post(there, {"stance": "disagrees"}).status_code == 422
    assert checker.post(there, {"stance": "nonsense", "words": "x"}).status_code == 422
    told = {"stance": "disagrees", "words": "Hạn quá gấp."}
    assert checker.post(there, told).status_code == 302
    assert checker.post(there, told).status_code == 422
    assert "Hạn quá gấp." in author.get(answer.url).content.decode()
    settle = {
        f"opinion-{opinion.pk}-outcome": "taken-in", f"opinion-{opinion.pk}-explanation": "",
    }  # fmt: skip
    assert author.post(answer.url, settle).status_code == 422
    drafting.revise_draft(
        Draft.objects.get(pk=draft.pk),
        office.written(subject="Bản đã tiếp thu"),
        officer=office.author,
        now=moment,
    )
    assert author.post(answer.url, settle).status_code == 302
    assert "Tiếp thu" in checker.get(there).content.decode()
    own = author.get(reverse("workflow:draft", args=[draft.pk])).content.decode()
    assert "Cho ý kiến về dự thảo" in own
    assert "1/1 đã trả lời" in own


def test_a_question_is_withdrawn_by_its_page(office, signed_in, moment):
    draft = office.drafted()
    asked = ask_opinions(
        draft,
        Question([office.checker.post], (), moment.date() + timedelta(days=1)),
        officer=office.author,
        now=moment,
    )
    author = signed_in("chuyen-vien.vp-ubnd")
    away = reverse("workflow:withdraw-opinions", args=[asked.pk])
    assert signed_in("the-thuc.vp-ubnd").post(away).status_code == 404
    assert author.post(away).status_code == 302
    assert author.post(away).status_code == 409
    assert signed_in("the-thuc.vp-ubnd").get("/desk/opinions").context["page"].paginator.count == 0


def test_pages_of_who_may_not_ask_lead_back_to_the_draft(office, signed_in, moment):
    draft = office.approved()
    there = reverse("workflow:ask-opinions", args=[draft.pk])
    answer = signed_in("chuyen-vien.vp-ubnd").get(there, follow=True)
    assert answer.redirect_chain == [(reverse("workflow:draft", args=[draft.pk]), 302)]
    assert "xin ý kiến" in answer.content.decode()

"""The pages of a document: its files, life, route and relatives, for who may see them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chauban.exchange.models import ReceivedStatus, Recipient, Reply
from chauban.exchange.related import related_to
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.workflow.models import Task

pytestmark = pytest.mark.django_db

CLERK, FINANCE = "van-thu.vp-ubnd", "van-thu.so-tai-chinh"
HANDLER = "chuyen-vien.so-tai-chinh"


def answer(client, name, *args):
    found = client.get(reverse(name, args=args))
    assert found.status_code == 200
    return found


def words(day_by_day):
    return [line.first.word for day in day_by_day for line in day.lines]


def test_the_life_of_a_document_goes_from_its_draft_to_each_recipients_statuses(
    province, signed_in
):
    document = province.issued.outgoing
    page = answer(signed_in(CLERK), "office:outgoing", document.pk)
    told = words(page.context["life"])
    expected = ["Soạn thảo", "Trình kiểm tra", "Ký số của người có thẩm quyền", "Phát hành"]
    assert [it for it in told if it in expected] == expected
    heard = [
        one
        for day in page.context["life"]
        for line in day.lines
        for one in line.events
        if one.word == ActKind.STATUS_RECEIVED.label
    ]
    assert {one.who for one in heard} == {document.recipients.get().name}
    assert heard[0].detail.startswith("01")


def test_a_failure_in_the_life_has_its_reason(province, signed_in, moment):
    document = province.issued.outgoing
    recipient = document.recipients.get()
    raw = recipient.statuses.first().raw
    ReceivedStatus.objects.create(
        recipient=recipient, code="02", effect="moved", description="Sai thẩm quyền.",
        received_at=moment, raw=raw, package_id="tra-lai",
    )  # fmt: skip
    ReceivedStatus.objects.exclude(package_id="tra-lai").delete()
    Act.objects.create(
        kind=ActKind.STATUS_RECEIVED, at=moment, subject_type=document._meta.label_lower,
        subject_id=document.pk, digest=raw.sha256, facts={"recipient": recipient.pk, "code": "02"},
    )  # fmt: skip
    page = answer(signed_in(CLERK), "office:outgoing", document.pk)
    failed = [
        one
        for day in page.context["life"]
        for line in day.lines
        for one in line.events
        if one.is_failure
    ]
    assert [(one.who, "Sai thẩm quyền." in one.detail) for one in failed] == [
        (recipient.name, True)
    ]


def test_each_page_shows_its_pdfs_and_leads_to_the_fields_of_their_signatures(province, signed_in):
    pages = (
        answer(signed_in(CLERK), "office:outgoing", province.issued.outgoing_id),
        answer(signed_in(FINANCE), "exchange:delivery", province.waiting.pk),
        answer(signed_in(HANDLER), "workflow:incoming", province.incoming.pk),
    )
    for page in pages:
        (shown,) = page.context["shown_files"]
        html = page.content.decode()
        assert f'data-field="signatory-1" data-file="{shown.url}"' in html
        file = page.client.get(shown.url)
        assert b"".join(file.streaming_content).startswith(b"%PDF-")
        part = page.client.get(shown.url, headers={"Range": "bytes=0-4"})
        assert (part.status_code, b"".join(part.streaming_content)) == (206, b"%PDF-")
        beyond = page.client.get(shown.url, headers={"Range": "bytes=99999999-"})
        assert beyond.status_code == 416


def test_a_withdrawn_document_shows_its_file_to_the_registry_alone(province, signed_in):
    document = province.incoming
    document.state, document.recalled_at = "recalled", document.registered_at
    document.save()
    for who, amount in ((HANDLER, 0), (FINANCE, 1)):
        page = answer(signed_in(who), "workflow:incoming", document.pk)
        assert len(page.context["shown_files"]) == amount


def test_every_section_and_the_turn_are_one_key_away(province, signed_in):
    page = answer(signed_in(HANDLER), "workflow:incoming", province.incoming.pk).content.decode()
    keys = re.findall(r'aria-keyshortcuts="([^"]+)"', page)
    assert set("012345vwt[]=-r") <= set(keys)
    assert len(keys) == len(set(keys))
    for target in re.findall(r'<a[^>]*href="#([a-z-]+)" aria-keyshortcuts', page):
        assert f'id="{target}"' in page


def test_replies_are_linked_both_ways_and_lead_on_only_who_may_go(province, officer, signed_in):
    document, incoming = province.issued.outgoing, province.incoming
    Reply.objects.create(incoming=incoming, outgoing=document)
    (ours,) = [
        it for it in related_to(incoming, officer(FINANCE)) if "trả lời" in str(it.relation).lower()
    ]
    assert (ours.code, ours.url, ours.subject) == (document.code, "", "")
    theirs = related_to(document, officer(CLERK))
    (answered,) = [it for it in theirs if "Được trả lời" in str(it.relation)]
    assert (answered.code, answered.url) == (incoming.code, "")
    own = related_to(incoming, officer(FINANCE))
    assert [it.url for it in own if "Gói tin" in str(it.relation)] == [
        reverse("exchange:delivery", args=[incoming.delivery.pk])
    ]
    assert not [
        it for it in related_to(incoming, officer(HANDLER)) if "Gói tin" in str(it.relation)
    ]


def queries_of(client, name, *args):
    with CaptureQueriesContext(connection) as asked:
        answer(client, name, *args)
    return len(asked)


def test_a_page_asks_the_same_number_of_questions_whatever_was_done(province, signed_in, moment):
    document, incoming = province.issued.outgoing, province.incoming
    clerk, handler = signed_in(CLERK), signed_in(HANDLER)

    def asked():
        return (
            queries_of(clerk, "office:outgoing", document.pk),
            queries_of(handler, "workflow:incoming", incoming.pk),
        )

    asked()  # what is kept from one page to the next
    before = asked()
    old = document.recipients.get()
    for number in range(6):
        recipient = Recipient.objects.create(
            document=document, organ_id=f"H57.9{number}", name=f"Nơi nhận {number}",
            message=old.message, status_code="01",
        )  # fmt: skip
        status = old.statuses.first()
        status.pk, status.recipient, status.package_id = None, recipient, f"p{number}"
        status.save()
        Act.objects.create(
            kind=ActKind.STATUS_RECEIVED, at=moment, subject_type=document._meta.label_lower,
            subject_id=document.pk, digest=status.raw_id,
            facts={"recipient": recipient.pk, "code": "01", "effect": "moved"},
        )  # fmt: skip
    head = province.task.assigned_by
    for post in head.agency.posts.exclude(pk=province.task.assignee_id)[:4]:
        Task.objects.create(
            document=incoming, part="cooperate", assignee=post, assigned_by=head,
            assigned_at=moment,
        )  # fmt: skip
    assert asked() == before
    assert max(before) <= 24

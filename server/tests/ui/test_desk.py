"""A counter is the length of its list, wherever it is shown (users-want 9)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chauban.directory.rules import legal_day, legal_year
from chauban.exchange.models import OutgoingMessage, Recipient
from chauban.office.places import PRESS_DAYS, REFUSED_DAYS
from chauban.office.views import HOME_ROWS
from chauban.registers.actions import Received, register_incoming
from chauban.registers.models import IncomingDocument
from chauban.workflow import actions
from chauban.workflow.models import Task
from chauban.workflow.routing import Assignment, route
from tests.security.addresses import round_of

pytestmark = pytest.mark.django_db

WHO = (
    "chuyen-vien.vp-ubnd", "truong-phong.vp-ubnd", "the-thuc.vp-ubnd", "pho-chu-tich.vp-ubnd",
    "chanh-vp.vp-ubnd", "van-thu.vp-ubnd", "van-thu.so-tai-chinh", "giam-doc.so-tai-chinh",
    "chuyen-vien.so-tai-chinh", "quan-tri.vp-ubnd", "luu-tru.vp-ubnd",
)  # fmt: skip
COUNTED = re.compile(r'id="to-([\w-]+)".*?class="count"[^>]*>(\d+)<')
MOST_QUERIES = 32  # of a home: who asks, all counters in one, then each list that has rows


@pytest.fixture
def returned(office):
    """A draft that the unit head has sent back to its author."""
    draft = actions.submit_for_check(
        office.drafted(subject="Bị trả lại"), officer=office.author, now=office.now
    )
    return actions.return_draft(
        draft, comment="Bổ sung căn cứ.", officer=office.unit_head, now=office.now
    )


@pytest.fixture
def overdue(province, moment):
    """The document that was routed, and its task, are late since last month."""
    day = moment.date() - timedelta(days=30)
    for late in (province.incoming, province.task):
        type(late).objects.filter(pk=late.pk).update(due_on=day)


@pytest.fixture
def troubled(province):
    """The issued document was sent back by one recipient; a message to another failed."""
    recipient = province.issued.outgoing.recipients.get()
    Recipient.objects.filter(pk=recipient.pk).update(
        status_code="02", status_at=timezone.now(), refused_reason="Sai nơi nhận."
    )
    OutgoingMessage.objects.filter(pk=recipient.message_id).update(state="failed")


@pytest.fixture
def asked(province):
    """The head of office is asked about the draft; a unit has answered."""
    return round_of(province)


@pytest.fixture
def archived(province, officer, moment):
    """A document that has been dealt with, and books of last year."""
    body = province.issued.body
    received = Received(
        sender_name="Sở Xây dựng", code_number="15", code_notation="SXD-VP", kind_name="Công văn",
        subject="Đã giải quyết", acceptance="paper", arrived_at=moment,
    )  # fmt: skip
    done = register_incoming(received, body=body, officer=officer("van-thu.vp-ubnd"), now=moment)
    IncomingDocument.objects.filter(pk=done.pk).update(state=IncomingDocument.State.DONE)
    last_year = legal_year(moment) - 1
    for group in body.series_groups.all():
        group.series.create(year=last_year)
    body.arrival_series.create(year=last_year)
    return done


def test_every_counter_equals_its_list(
    province, signed_in, returned, overdue, troubled, asked, archived, django_assert_max_num_queries
):
    seen, loaded = set(), set()
    for username in WHO:
        client = signed_in(username)
        with django_assert_max_num_queries(MOST_QUERIES):
            home = client.get(reverse("office:home"))
        beside = {key: int(n) for key, n in COUNTED.findall(home.content.decode())}
        tiles = {tile["key"]: tile["count"] for tile in home.context["tiles"]}
        assert tiles.items() <= beside.items(), username
        assert 3 <= len(tiles) <= 5, username
        for shown in home.context["lists"]:
            assert shown["count"] == beside[shown["place"].key]
            assert len(shown["rows"]) == min(shown["count"], HOME_ROWS)
        for one in home.context.get("load", ()):
            page = client.get(one["url"]).context["page"]
            assert page.paginator.count == one["count"], (username, one)
            loaded |= {username} if one["count"] else set()
        for key, count in beside.items():
            page = client.get(reverse("office:place", args=[key]))
            assert page.context["page"].paginator.count == count, (username, key)
            assert page.content.decode().count('class="what"') == min(count, 40), (username, key)
            seen |= {key} if count else set()
    assert seen >= {
        "sign", "number", "arrived", "tasks", "drafts", "issued", "returned", "late", "overdue",
        "troubled", "failed", "unclaimed", "in-hand", "opinions", "asked", "dealt-with",
        "closed-outgoing", "closed-incoming",
    }  # fmt: skip
    assert loaded


def test_every_row_of_a_desk_leads_to_a_page_that_its_officer_may_open(
    province, signed_in, returned, overdue, troubled, asked, archived
):
    for username in WHO:
        client = signed_in(username)
        rows = [row for one in client.get("/").context["lists"] for row in one["rows"]]
        for url in {row.url for row in rows}:
            assert client.get(url).status_code == 200, (username, url)


def test_a_unit_head_shares_out_what_nobody_has_got_yet(province, signed_in, officer, moment):
    head, official = officer("truong-phong.so-tai-chinh"), officer("chuyen-vien.so-tai-chinh")
    task = province.task
    Task.objects.filter(pk=task.pk).update(assignee=head.post, state=Task.State.ASSIGNED)
    client = signed_in("truong-phong.so-tai-chinh")
    assert client.get("/desk/share").context["page"].paginator.count == 1
    cooperate = Assignment(Task.Part.COOPERATE, official.post, "Tham mưu.", None)
    route(province.incoming, [cooperate], officer=head, now=moment)
    assert client.get("/desk/share").context["page"].paginator.count == 0


def test_the_head_of_office_presses_for_what_is_nearly_due(province, signed_in, officer, moment):
    client = signed_in("chanh-vp.vp-ubnd")
    body = province.issued.body
    for days, pressed in ((PRESS_DAYS, 1), (PRESS_DAYS + 1, 0)):
        IncomingDocument.objects.filter(pk=province.incoming.pk).update(
            body=body, due_on=legal_day(moment) + timedelta(days=days)
        )
        assert client.get("/desk/press").context["page"].paginator.count == pressed


def test_what_was_sent_back_long_ago_leaves_the_clerks_desk(province, signed_in, troubled):
    clerk = signed_in("van-thu.vp-ubnd")
    assert clerk.get("/desk/troubled").context["page"].paginator.count == 1
    Recipient.objects.update(status_at=timezone.now() - timedelta(days=REFUSED_DAYS + 1))
    assert clerk.get("/desk/troubled").context["page"].paginator.count == 0


def test_a_place_that_is_not_the_officers_is_not_found(signed_in):
    assert signed_in("chuyen-vien.vp-ubnd").get("/desk/sign").status_code == 404


def test_an_officer_without_a_post_today_is_told_whom_to_ask(signed_in, officer, moment):
    client = signed_in("chuyen-vien.vp-ubnd")
    post = officer("chuyen-vien.vp-ubnd").post
    post.valid_to = moment.date()
    post.save()
    answer = client.get("/")
    assert answer.status_code == 403
    assert "người quản trị" in answer.content.decode()


def test_the_archivist_reads_what_is_dealt_with_and_whole_registers_and_changes_nothing(
    province, signed_in, archived
):
    client = signed_in("luu-tru.vp-ubnd")
    body = province.issued.body
    (book,) = client.get("/desk/closed-outgoing").context["rows"]
    assert client.get(book.url).context["body"] == body
    assert client.get(book.url).context["year"] == int(book.number)
    there = reverse("workflow:incoming", args=[archived.pk])
    assert client.get(there).status_code == 200
    assert (
        client.get(reverse("office:outgoing", args=[province.issued.outgoing_id])).status_code
        == 200
    )
    assert client.post(reverse("workflow:close", args=[archived.pk])).status_code == 403
    IncomingDocument.objects.filter(pk=archived.pk).update(state="in-progress")
    assert client.get(there).status_code == 404

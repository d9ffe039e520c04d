"""A province in which every kind of page has something to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chauban.blobs import store
from chauban.directory.rules import legal_day
from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.dispatching import send_on_paper_too
from chauban.exchange.models import Delivery, Dispatch, IncomingMessage
from chauban.registers.models import IncomingDocument
from chauban.workflow.models import Draft, Task
from chauban.workflow.routing import Assignment, route
from tests.exchange.conftest import axis, carry, gateway  # noqa: F401
from tests.workflow.conftest import (  # noqa: F401
    a_pdf,
    authority,
    keystores,
    office,
    world,
)


@pytest.fixture
def moment() -> datetime:
    """Pages go by the clock, and so does the office behind them."""
    return timezone.now()


@dataclass(frozen=True)
class Province:
    """One document in each state that a page is made for."""

    drafting: Draft
    signing: Draft
    numbered: Draft
    issued: Draft
    waiting: Delivery  # for the clerk to decide on
    incoming: IncomingDocument  # routed to chuyen-vien.so-tai-chinh
    task: Task
    posted: Dispatch  # a paper copy to be sent by post
    set_aside: IncomingMessage  # for a body that is no more, with several successors


@pytest.fixture
def province(office, officer, carry, a_pdf, moment):
    drafting = office.drafted()
    office.attach(drafting, "Phụ lục.pdf", a_pdf)
    signing = office.approved(subject="Chờ ký")
    numbered = office.numbered(draft=office.approved(subject="Chờ ký số của cơ quan"))
    first, second = (
        office.seal(office.numbered(draft=office.approved(subject=subject)))
        for subject in ("Đã giao giải quyết", "Vừa đến")
    )
    for draft in (first, second):
        issue(draft.outgoing, officer=office.clerk, now=moment)
    carry(now=moment + timedelta(minutes=1))
    accepted, waiting = Delivery.objects.order_by("pk")
    clerk = officer("van-thu.so-tai-chinh")
    incoming = accept_delivery(accepted, acceptance="information", officer=clerk, now=moment)
    handler = officer("chuyen-vien.so-tai-chinh").post
    due_on = legal_day(moment) + timedelta(days=3)
    lead = Assignment(Task.Part.LEAD, handler, "Tham mưu trả lời.", due_on)
    head = officer("giam-doc.so-tai-chinh")
    (task,) = route(incoming, [lead], officer=head, now=moment)
    incoming.refresh_from_db()
    posted = send_on_paper_too(
        first.outgoing.recipients.get(), "post", officer=office.clerk, now=moment
    )
    receipt = store.put(b"giay bao nhan", now=moment)
    Dispatch.objects.filter(pk=posted.pk).update(receipt=receipt, receipt_name="bao-nhan.jpg")
    set_aside = IncomingMessage.objects.create(
        package_id="goi-cho-huyen",
        type="edoc",
        from_organ_id="000.00.00.H44",
        to_organ_id="000.00.32.H57",
        state="set-aside",
        refusal="several-successors",
        listed_at=moment,
        due_at=moment,
        confirmed_at=moment,
    )
    return Province(drafting, signing, numbered, first, waiting, incoming, task, posted, set_aside)

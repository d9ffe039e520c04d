"""A message that nobody fetched: the axis gives it up, and the sender's clerk sees why."""

from datetime import timedelta

import pytest

from chauban.axis.adapters.local import LocalGateway
from chauban.axis.models import Carriage
from chauban.axis.tasks import expire_next
from chauban.exchange.actions import issue, resend
from chauban.exchange.sending import send_next, track_next
from tests.exchange.conftest import sealed  # noqa: F401
from tests.moments import NOW

pytestmark = pytest.mark.django_db
AFTER = NOW + timedelta(days=30, minutes=1)


@pytest.fixture
def recipient(axis, sealed, officer):
    document = sealed()
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    send_next(LocalGateway(), now=NOW)
    return document.recipients.get()


def shown(client, recipient):
    address = f"/outgoing/{recipient.document_id}/recipients"
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_the_senders_clerk_sees_that_it_expired_and_why(recipient, signed_in):
    clerk = signed_in("van-thu.vp-ubnd")
    assert "Chưa gửi được" not in shown(clerk, recipient)
    assert expire_next(AFTER) == 1
    track_next(LocalGateway(), now=AFTER)
    page = shown(clerk, recipient)
    assert "Chưa gửi được" in page
    assert "Quá 30 ngày hệ thống của nơi nhận chưa lấy gói tin" in page


def test_the_clerk_sends_again_what_expired(recipient, officer):
    expire_next(AFTER)
    track_next(LocalGateway(), now=AFTER)
    recipient.refresh_from_db()
    resend(recipient, officer=officer("van-thu.vp-ubnd"), now=AFTER)
    send_next(LocalGateway(), now=AFTER)
    copy = Carriage.objects.get(to__organ_id=recipient.organ_id)
    assert (copy.state, copy.offered_at) == ("initial", AFTER)
    assert expire_next(AFTER + timedelta(days=29)) == 0

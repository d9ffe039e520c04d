"""Receipts over HTTP: a node of ours gets them from our axis; another axis gives none."""

from datetime import UTC, datetime, timedelta

import pytest

from chauban.axis.receipting import receipt_next
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.ports import Envelope, GatewayUnavailable, NotOffered
from chauban.exchange.receipts import verify_receipt
from chauban.trust.demo import mint_service
from chauban_pki.trust import Trust
from tests.axis.test_live import foreign_system, url, variables  # noqa: F401
from tests.exchange.messages import SENDER, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.processes


@pytest.fixture
def trust(demo_pki, settings, tmp_path):
    settings.SERVICE_KEY = tmp_path / "service.p12"
    settings.SERVICE_KEY_PASSWORD_FILE = tmp_path / "service.password"
    mint_service(
        demo_pki,
        keystore=settings.SERVICE_KEY,
        password_file=settings.SERVICE_KEY_PASSWORD_FILE,
        now=NOW,
    )
    return Trust.of_pem((demo_pki.folder / "root.pem").read_bytes())


def test_a_node_gets_the_receipts_of_what_it_sent(url, body, trust):
    node, now = foreign_system(url), datetime.now(UTC)
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    sent = node.send_one(Envelope("edoc", SENDER, (), raw_message(commune)), now=now)
    assert node.receipts(sent.package_id, now=now) == []
    receipt_next(NOW + timedelta(minutes=1))
    given = node.receipts(sent.package_id, now=now)
    assert [one.facts["event"] for one in given] == ["SubmissionAcceptance", "ContentConsignment"]
    assert all(verify_receipt(one, trust=trust) for one in given)
    with pytest.raises(GatewayUnavailable):
        node.receipts("00000000-0000-4000-8000-000000000000", now=now)


def test_an_axis_without_the_operation_gives_none(url):
    node = foreign_system(url.replace("/axis", "/khong-co"))
    with pytest.raises(NotOffered):
        node.receipts("x", now=datetime.now(UTC))


def test_an_axis_that_does_not_answer_is_no_axis_without_receipts():
    node = VXPGateway("http://127.0.0.1:9", system_id="a", secret="b", limit_bytes=1)
    with pytest.raises(GatewayUnavailable):
        node.receipts("x", now=datetime.now(UTC))

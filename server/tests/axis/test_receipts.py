"""Receipts of hand-overs (ETSI EN 319 522-1), signed with the service certificate."""

import json
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.utils import timezone

from chauban.axis.actions import accept_package, update_state
from chauban.axis.adapters.local import LocalGateway
from chauban.axis.errors import AxisRefusal
from chauban.axis.models import Carriage, Package
from chauban.axis.receipting import gather, receipt_next, receipts_of
from chauban.cli.receipt import command
from chauban.exchange import receipts
from chauban.exchange.actions import issue
from chauban.exchange.models import OutgoingMessage, Receipt, Statement
from chauban.exchange.receipts import ReceiptInvalid, verify_receipt
from chauban.exchange.sending import send_next
from chauban.trust.demo import mint_service
from chauban_pki.errors import DigestMismatch, UntrustedAnchor
from chauban_pki.trust import Trust
from tests.exchange.conftest import sealed  # noqa: F401
from tests.exchange.messages import a_status, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def service(demo_pki, settings, tmp_path):
    settings.SERVICE_KEY = tmp_path / "service.p12"
    settings.SERVICE_KEY_PASSWORD_FILE = tmp_path / "service.password"
    mint_service(
        demo_pki,
        keystore=settings.SERVICE_KEY,
        password_file=settings.SERVICE_KEY_PASSWORD_FILE,
        now=NOW,
    )


@pytest.fixture
def root(demo_pki):
    return demo_pki.folder / "root.pem"


@pytest.fixture
def trust(root):
    return Trust.of_pem(root.read_bytes())


@pytest.fixture
def sent(axis):
    def send(*to, now=NOW, **values):
        return accept_package(raw_message(*to, **values), system=axis[1], now=now).package

    return send


def events(package):
    return [(one.facts["event"], one.facts["to"]) for one in receipts_of(package)]


def test_taking_over_and_making_available_leave_receipts(service, sent, trust):
    package = sent("G22", "X.99")
    assert receipt_next(NOW) == 3
    assert events(package) == [
        ("SubmissionAcceptance", ""),
        ("ContentConsignment", "G22"),
        ("ContentConsignmentFailure", "X.99"),
    ]
    first, _, failure = receipts_of(package)
    assert first.facts == {
        "event": "SubmissionAcceptance",
        "package": str(package.pk),
        "sha256": package.raw_id,
        "from": "000.00.00.H44",
        "to": "",
        "at": NOW.isoformat(),
    }
    assert "X.99" in failure.facts["reason"]
    assert "Dịch vụ trao đổi" in verify_receipt(first, trust=trust)


def test_handing_over_and_failing_leave_receipts_each_once(service, sent):
    package = sent("G22", "H44")
    receipt_next(NOW)
    first, second = Carriage.objects.order_by("to__organ_id")
    update_state(first.system.system_id, str(first.pk), state="done", now=LATER)
    update_state(
        second.system.system_id, str(second.pk), state="fail", description="hỏng", now=LATER
    )
    assert receipt_next(LATER) == 2
    assert receipt_next(LATER) == 0
    assert set(events(package)[3:]) == {
        ("ContentHandover", "G22"),
        ("ContentHandoverFailure", "H44"),
    }
    assert {one.facts.get("reason") for one in receipts_of(package)} == {None, "hỏng"}


def test_a_copy_that_failed_and_then_arrived_has_both_receipts(service, sent):
    package = sent("G22")
    copy = package.carriages.get()
    for state, at in (("fail", NOW), ("done", LATER)):
        update_state(copy.system.system_id, str(copy.pk), state=state, now=at)
        receipt_next(at)
    ends = [event for event, to in events(package) if "Handover" in event]
    assert ends == ["ContentHandoverFailure", "ContentHandover"]


def test_of_a_status_only_the_end_has_a_receipt(service, axis, issued):
    recipient = issued.recipients.get()
    receipt_next(NOW)
    raw = a_status("01", of=issued, reporter="H44")
    package = accept_package(raw, system=axis[1], now=NOW).package
    assert receipt_next(NOW) == 0
    copy = package.carriages.get()
    update_state(copy.system.system_id, str(copy.pk), state="done", now=LATER)
    assert receipt_next(LATER) == 1
    assert [event for event, _ in events(package)] == ["ContentHandover"]
    assert recipient.organ_id not in receipts_of(package)[0].entry


def test_a_refusal_leaves_a_receipt_without_content(service, axis, trust):
    with pytest.raises(AxisRefusal):
        accept_package(raw_message("X.99"), system=axis[1], now=NOW)
    assert receipt_next(NOW) == 1
    row = Receipt.objects.get()
    facts = json.loads(row.entry)
    assert (facts["event"], facts["from"]) == ("SubmissionRejection", axis[1].system_id)
    assert "thử nghiệm kết nối" not in row.entry + row.statement.text


def test_without_a_service_key_there_are_no_receipts(sent, settings, tmp_path):
    settings.SERVICE_KEY = tmp_path / "none.p12"
    sent("G22")
    assert receipt_next(NOW) == 0
    assert not Statement.objects.exists()


def test_what_was_gathered_before_a_crash_is_signed_by_the_next_worker(service, sent):
    package = sent("G22")
    gather(NOW)
    assert receipts_of(package) == []
    assert receipt_next(LATER) == 2
    assert len(receipts_of(package)) == 2


def test_many_messages_cost_one_signature(service, sent):
    for number in range(20):
        sent("G22", number=str(number + 1))
    assert receipt_next(NOW) == 40
    assert Statement.objects.count() == 1


def test_a_statement_shows_others_nothing_but_digests(service, sent):
    mine, other = sent("G22", number="1"), sent("H44", number="2")
    receipt_next(NOW)
    text = receipts_of(mine)[0].statement
    assert str(other.pk) not in text
    assert "H44" not in text.replace("002.00.00.H57", "")


def a_receipt(sent):
    package = sent("G22")
    receipt_next(NOW)
    return receipts_of(package)[0]


def test_a_changed_entry_is_refused(service, sent, trust):
    given = a_receipt(sent)
    changed = replace(given, entry=given.entry.replace("000.00.00.H44", "000.00.00.H45"))
    with pytest.raises(ReceiptInvalid):
        verify_receipt(changed, trust=trust)


def test_a_changed_statement_is_refused(service, sent, trust):
    given = a_receipt(sent)
    changed = replace(given, statement=given.statement.replace("H57", "H58"))
    with pytest.raises(DigestMismatch):
        verify_receipt(changed, trust=trust)


def test_a_service_that_nobody_trusts_is_refused(service, sent):
    with pytest.raises(UntrustedAnchor):
        verify_receipt(a_receipt(sent), trust=Trust())


def test_what_a_person_signed_is_no_receipt(service, sent, trust, demo_pki):
    from chauban_pki.credentials import KeyCredential

    keystore = demo_pki.issue_person(
        "Nguyễn Văn Thử",
        "Chuyên viên",
        "Sở",
        password="a",
        valid_from=NOW - timedelta(days=1),
        valid_to=NOW + timedelta(days=9),
        key="p256",
    )
    given = a_receipt(sent)
    person = KeyCredential.load(keystore, "a")
    forged = replace(given, signature=receipts.sign_statement(given.statement, person, now=NOW))
    with pytest.raises(ReceiptInvalid, match="no service"):
        verify_receipt(forged, trust=trust)


@pytest.mark.parametrize("parts", [{}, {"entry": "[]", "statement": "", "signature": ""}, 7])
def test_what_is_no_receipt_is_refused(parts):
    with pytest.raises(ReceiptInvalid):
        receipts.Receipt.of(parts)


def test_the_command_and_openssl_agree(service, sent, root, tmp_path):
    file = tmp_path / "receipts.json"
    given = a_receipt(sent)
    file.write_text(json.dumps([given.as_dict()]), "utf-8")
    told = CliRunner().invoke(
        command, [str(file), "--trust", str(root), "--parts", str(tmp_path / "p"), "--json"]
    )
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)[0]["holds"]
    statement = tmp_path / "p" / "1.statement.json"

    def openssl():
        argv = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
        argv += ["-in", str(tmp_path / "p" / "1.p7s"), "-content", str(statement)]
        argv += ["-CAfile", str(root), "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"]
        return subprocess.run(argv, capture_output=True, check=False).returncode

    assert openssl() == 0
    statement.write_bytes(statement.read_bytes().replace(b"H57", b"H58"))
    assert openssl() != 0


def test_the_command_refuses_a_changed_receipt(service, sent, root, tmp_path):
    file = tmp_path / "receipts.json"
    parts = a_receipt(sent).as_dict()
    file.write_text(json.dumps([{**parts, "entry": parts["entry"].replace("H44", "H45")}]))
    told = CliRunner().invoke(command, [str(file), "--trust", str(root)])
    assert told.exit_code == 1
    assert "✗ SubmissionAcceptance" in told.stdout


@pytest.fixture
def issued(service, axis, sealed, officer):
    """A document to one ward, that our own axis has taken over."""
    document = sealed()
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    send_next(LocalGateway(), now=NOW)
    return document


def recipients_part(client, document):
    address = f"/outgoing/{document.pk}/recipients"
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_the_documents_page_shows_the_way_and_hands_out_the_receipts(
    issued, signed_in, root, tmp_path
):
    clerk, recipient = signed_in("van-thu.vp-ubnd"), issued.recipients.get()
    address = f"/recipients/{recipient.pk}/receipts"
    shown = recipients_part(clerk, issued)
    assert "Trục đã nhận" in shown
    assert address not in shown
    early = clerk.get(address, follow=True)
    assert "Chưa có biên nhận đã ký" in early.content.decode()
    receipt_next(NOW)
    shown = recipients_part(clerk, issued)
    assert "Đã sẵn sàng cho nơi nhận lấy" in shown
    assert address in shown
    response = clerk.get(address)
    assert "attachment" in response["Content-Disposition"]
    file = tmp_path / "receipts.json"
    file.write_bytes(response.content)
    told = CliRunner().invoke(command, [str(file), "--trust", str(root), "--json"])
    assert [one["event"] for one in json.loads(told.stdout)] == [
        "SubmissionAcceptance",
        "ContentConsignment",
    ]
    assert told.exit_code == 0


def test_an_overdue_answer_stands_on_the_documents_page(issued, signed_in):
    clerk = signed_in("van-thu.vp-ubnd")
    OutgoingMessage.objects.update(sent_at=timezone.now())
    assert "Quá hạn" not in recipients_part(clerk, issued)
    OutgoingMessage.objects.update(sent_at=timezone.now() - timedelta(days=5))
    assert "Quá hạn: nơi nhận chưa xác nhận đã đến" in recipients_part(clerk, issued)


def test_only_the_sending_system_is_given_receipts(service, call, send, sent, axis):
    answer = send(raw_message("G22"))
    receipt_next(NOW)
    given = call("getReceipts", docId=answer["DocId"])
    assert (len(given["data"]), len(given["statements"])) == (2, 1)
    other = call(
        "getReceipts", docId=answer["DocId"], system=axis[0].system_id, secret=axis[0].secret
    )
    assert other["ErrorCode"] == "17"
    assert Package.objects.count() == 1

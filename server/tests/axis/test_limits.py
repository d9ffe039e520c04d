"""What the axis grants a system: rate, size, one use of a signature, time to fetch."""

from datetime import UTC, datetime, timedelta

import pytest

from chauban.axis.actions import accept_package
from chauban.axis.errors import DuplicateDocument
from chauban.axis.models import Carriage, Member, Rejection, System, UsedSignature
from chauban.axis.requests import WINDOW
from chauban.axis.shared_secrets import SecretNotReadable, opened, sealed
from chauban.axis.tasks import expire_next, forget_signatures
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from tests.axis.conftest import signed
from tests.axis.test_http import refused
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db


def test_a_database_dump_does_not_hold_the_secrets(axis):
    ours, _ = axis
    kept = bytes(System.objects.get(pk=ours.pk).sealed_secret)
    assert ours.secret.encode() not in kept
    assert opened(kept, system_id=ours.system_id) == ours.secret


def test_a_secret_is_read_neither_for_another_system_nor_under_another_key(settings):
    kept = sealed("bi-mat", system_id="H57")
    with pytest.raises(SecretNotReadable):
        opened(kept, system_id="H58")
    settings.SECRET_KEY = "khac"
    with pytest.raises(SecretNotReadable):
        opened(kept, system_id="H57")


def test_more_calls_in_a_minute_than_granted_are_refused(call, axis):
    # A minute to come, so that the clock does not turn while the test runs.
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    System.objects.filter(pk=axis[1].pk).update(calls_per_minute=2)
    answers = [call("getAgenciesList")["ErrorCode"] for _ in range(3)]
    if System.objects.get(pk=axis[1].pk).minute == minute:
        assert answers == ["0", "0", "28"]
    System.objects.filter(pk=axis[1].pk).update(minute=minute - timedelta(minutes=2))
    assert call("getAgenciesList")["ErrorCode"] == "0"


def test_a_wrong_secret_uses_up_nobodys_calls(call, axis):
    System.objects.filter(pk=axis[1].pk).update(calls_per_minute=1)
    for _ in range(3):
        refused(call("getAgenciesList", secret="khong-dung"), "15")
    assert call("getAgenciesList")["ErrorCode"] == "0"


def test_a_systems_own_limit_of_size_holds_below_the_installations(send, axis):
    raw = raw_message("G22")
    System.objects.filter(pk=axis[1].pk).update(max_message_mb=1)
    assert send(raw)["ErrorCode"] == "0"
    System.objects.filter(pk=axis[1].pk).update(max_message_mb=0)
    assert "0 MB" in refused(send(raw), "24")


def test_one_file_over_its_own_limit_is_refused(send, settings):
    raw = raw_message("G22", attachments=[("a.pdf", bytes(1_100_000))])
    settings.MAX_ATTACHMENT_BYTES = 1_100_000
    assert send(raw)["ErrorCode"] == "0"
    settings.MAX_ATTACHMENT_BYTES = 1_000_000
    assert "1 MB" in refused(send(raw), "33")


def test_a_replayed_change_of_state_is_refused(call, send):
    send(raw_message("G22"))
    (listed,) = call("getReceivedEdocList", messagetype="edoc")["data"]
    headers = signed(docId=listed["docId"], status="fail")
    assert call("updateStatus", headers=headers)["ErrorCode"] == "0"
    refused(call("updateStatus", headers=headers), "30")
    again = signed(
        docId=listed["docId"], status="fail", at=datetime.now(UTC) - timedelta(seconds=9)
    )
    assert call("updateStatus", headers=again)["ErrorCode"] == "0"


def test_used_signatures_are_forgotten_when_their_calls_would_be_too_old():
    UsedSignature.objects.create(mac="a" * 64, at=NOW)
    assert forget_signatures(NOW + 2 * WINDOW) == 0
    assert forget_signatures(NOW + 3 * WINDOW + timedelta(seconds=1)) == 1


def test_a_new_document_in_other_bytes_is_refused_for_who_has_it(call, send):
    send(raw_message("G22"))
    other = raw_message("G22", subject="Nội dung khác")
    assert "G22" in refused(send(other), "29")
    assert Rejection.objects.get().error_code == "29"
    both = send(raw_message("G22", "H44", subject="Nội dung khác"))
    assert [(one["to"], one["ErrorCode"]) for one in both["Refused"]] == [("G22", "29")]


def test_a_document_whose_copy_failed_may_come_in_other_bytes(call, send):
    send(raw_message("G22"))
    Carriage.objects.update(state="fail")
    assert send(raw_message("G22", subject="Nội dung khác"))["ErrorCode"] == "0"


def test_the_same_bytes_again_are_no_duplicate_after_another_failed(axis, send):
    raw = raw_message("G22")
    send(raw)
    Carriage.objects.update(state="fail")
    other = raw_message("G22", subject="Nội dung khác")
    send(other)
    assert send(other)["ErrorCode"] == "0"
    with pytest.raises(DuplicateDocument):
        accept_package(raw, system=axis[1], now=NOW)


def test_a_message_for_a_locked_system_is_refused_by_its_recipient(call, send, axis, body):
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    System.objects.filter(pk=axis[0].pk).update(is_active=False)
    assert commune in refused(send(raw_message(commune)), "23")
    answer = send(raw_message(commune, "G22"))
    assert [(one["to"], one["ErrorCode"]) for one in answer["Refused"]] == [(commune, "23")]
    listed = call("getSentEdocList", messagetype="edoc", docId=answer["DocId"])["data"]
    assert "khóa" in listed[1]["receiveStatusDesc"]


def test_a_removed_agency_is_an_unknown_addressee_and_sends_no_more(call, send):
    Member.objects.filter(organ_id="G22").update(removed_at=NOW)
    refused(send(raw_message("G22")), "18")
    assert "G22" not in {one["code"] for one in call("getAgenciesList")["data"]}
    Member.objects.filter(organ_id="000.00.00.H44").update(removed_at=NOW)
    refused(send(raw_message("H44")), "19")


def test_what_is_not_fetched_in_time_fails_and_the_sender_is_told(call, send, settings):
    answer = send(raw_message("G22"))
    offered_at = Carriage.objects.get().offered_at
    settings.AXIS_EXPIRY_DAYS = 3
    assert expire_next(offered_at + timedelta(days=3)) == 0
    assert expire_next(offered_at + timedelta(days=3, seconds=1)) == 1
    (listed,) = call("getSentEdocList", messagetype="edoc", docId=answer["DocId"])["data"]
    assert listed["receiveStatus"] == "FAIL"
    assert "Quá 3 ngày" in listed["receiveStatusDesc"]
    act = Act.objects.get(kind=ActKind.EXPIRED_ON_AXIS)
    assert act.facts == {"organ_id": "G22", "days": 3, "package": answer["DocId"]}
    assert call("getReceivedEdocList", messagetype="edoc")["data"] == []


def test_what_was_fetched_does_not_expire(call, send):
    send(raw_message("G22"))
    Carriage.objects.update(state="done")
    assert expire_next(NOW + timedelta(days=400)) == 0


def test_line_ends_in_a_value_are_refused(call):
    """Header injection: what a JSON of signed headers claims is not what a header can carry."""
    headers = signed(messagetype="edoc")
    headers["XroadVnpt-messagetype"] = "edoc\tX-Injected: 1"
    refused(call("getReceivedEdocList", headers=headers), "15")

"""The axis over HTTP as the national one speaks (edxml.md 11)."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from chauban.axis.adapters.local import LocalGateway
from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM
from chauban.axis.models import Carriage, Package, Rejection, System
from chauban.axis.requests import WINDOW
from chauban.blobs.models import Blob
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban_edxml.vxp import sign_headers
from tests.axis.conftest import sending, signed
from tests.exchange.messages import SENDER, raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune(body):
    return body("ubnd-thuan-hoa").organ_id(NOW.date())


def refused(answer, code):
    assert (answer["status"], answer["ErrorCode"], answer["DocId"]) == ("FAIL", code, "")
    assert answer["ErrorDesc"]
    return answer["ErrorDesc"]


def test_a_message_is_taken_over_and_waits_for_its_recipient(send, commune):
    raw = raw_message(commune)
    answer = send(raw)
    assert (answer["status"], answer["ErrorCode"]) == ("OK", "0")
    package = Package.objects.get(pk=answer["DocId"])
    assert package.raw_id == hashlib.sha256(raw).hexdigest()
    assert package.carriages.get().to.organ_id == commune


def test_the_envelope_is_ascii_for_clients_that_read_nothing_else(axis, send):
    headers = signed()
    response = Client().post("/axis/getAgenciesList", b"", headers=headers, content_type="a/b")
    assert response.content.isascii()
    assert any("Huế" in one["name"] for one in response.json()["data"])


def test_the_same_message_again_gives_the_same_receipt(send, commune):
    raw = raw_message(commune)
    assert send(raw)["DocId"] == send(raw)["DocId"]
    assert Carriage.objects.count() == 1


def test_an_unknown_code_gets_a_typed_refusal(send):
    words = refused(send(raw_message("H57.99.99")), "18")
    assert "H57.99.99" in words
    assert not Blob.objects.exists()


def test_one_unknown_code_among_others_is_named_and_the_others_are_served(call, send, commune):
    answer = send(raw_message(commune, "H57.99.99"))
    assert answer["ErrorCode"] == "0"
    assert [(one["to"], one["ErrorCode"]) for one in answer["Refused"]] == [("H57.99.99", "18")]
    listed = call("getSentEdocList", messagetype="edoc", docId=answer["DocId"])["data"]
    assert [(one["toCode"], one["receiveStatus"]) for one in listed] == [
        (commune, "INITIAL"),
        ("H57.99.99", "FAIL"),
    ]


def test_to_limits_the_delivery_to_the_codes_it_names(send, commune):
    send(raw_message(commune, "H57"), to=[commune])
    assert [one.to.organ_id for one in Carriage.objects.all()] == [commune]


def test_nobody_sends_in_the_name_of_anothers_agency(send, commune):
    words = refused(send(raw_message(commune, sender="H57.41.9")), "19")
    assert "H57.41.9" in words
    refused(send(raw_message(commune, sender="H57")), "19")
    assert not Package.objects.exists()


def test_a_doctype_is_refused(send, commune):
    raw = raw_message(commune).replace(b"?>\n", b"?>\n<!DOCTYPE edXML>\n", 1)
    refused(send(raw), "26")


@pytest.mark.parametrize(
    "spoil", [lambda raw: b"junk" + raw, lambda raw: raw[:-30], lambda raw: b"<a/>"]
)
def test_what_is_no_edxml_is_refused_with_the_place_and_reason(send, commune, spoil):
    refused(send(spoil(raw_message(commune))), "22")


def test_a_state_secret_is_refused_and_only_the_incident_is_kept(send, commune):
    marked = b"<edXML:Secret>M\xe1\xba\xadt</edXML:Secret><edXML:Priority>"
    raw = raw_message(commune).replace(b"<edXML:Priority>", marked)
    refused(send(raw), "25")
    assert not Blob.objects.exists()
    rejection = Rejection.objects.get()
    assert rejection.sha256 == hashlib.sha256(raw).hexdigest()
    act = Act.objects.on(rejection).get(kind=ActKind.REFUSED_BY_MACHINE)
    assert act.facts == {"code": "25", "system": "002.00.99.H44"}


def test_an_empty_file_is_refused(send):
    refused(send(b""), "10")


def test_a_file_that_hash_file_does_not_name_is_refused(call, commune):
    raw = raw_message(commune)
    headers = sending(raw_message(commune, number="7817"))
    refused(call("sendEdoc", raw, headers=headers), "10")


def test_both_forms_of_the_hash_are_understood(send, commune):
    raw = raw_message(commune)
    assert send(raw, hash_file=hashlib.sha256(raw).hexdigest())["ErrorCode"] == "0"


def test_the_body_is_bound_to_the_signature(call, commune):
    raw = raw_message(commune)
    headers = signed(messagetype="edoc", **{"from": SENDER})
    assert "hash-file" in refused(call("sendEdoc", raw, headers=headers), "21")


def test_a_body_over_the_limit_is_refused_unread(send, commune, settings):
    raw = raw_message(commune)
    settings.MAX_MESSAGE_BYTES = len(raw)
    assert send(raw)["ErrorCode"] == "0"
    settings.MAX_MESSAGE_BYTES = len(raw) - 1
    refused(send(raw), "24")


def test_a_wrong_secret_is_refused(call):
    refused(call("getAgenciesList", secret="khong-dung"), "15")


def test_an_unknown_system_gets_the_answer_of_a_wrong_secret(call):
    unknown = refused(call("getAgenciesList", system="002.00.98.H44"), "15")
    assert unknown == refused(call("getAgenciesList", secret="khong-dung"), "15")


def test_a_locked_system_is_refused_and_told_so_only_with_the_right_secret(call, axis):
    System.objects.filter(pk=axis[1].pk).update(is_active=False)
    refused(call("getAgenciesList"), "27")
    refused(call("getAgenciesList", secret="khong-dung"), "15")


def test_a_header_changed_after_signing_is_refused(call, commune):
    headers = signed(messagetype="edoc")
    headers["XroadVnpt-messagetype"] = "status"
    refused(call("getReceivedEdocList", headers=headers), "15")


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_request_outside_the_window_of_time_is_refused(call, shift):
    just_in = datetime.now(UTC) + shift * (WINDOW - timedelta(seconds=20))
    assert call("getAgenciesList", at=just_in)["ErrorCode"] == "0"
    refused(call("getAgenciesList", at=just_in + shift * timedelta(minutes=1)), "16")


@pytest.mark.parametrize("stamp", ["2026-11-23T08:00:00", "", "99999999T999999+0000"])
def test_a_time_in_another_form_is_refused(call, stamp):
    headers = sign_headers(
        {
            "systemid": OUTSIDE_SYSTEM,
            "timestamp": stamp,
            "Content-Type": "application/json",
        },
        OUTSIDE_SECRET,
    )
    refused(call("getAgenciesList", headers=headers), "16")


def test_a_replayed_sending_within_the_window_delivers_nothing_twice(call, commune):
    raw = raw_message(commune)
    headers = sending(raw)
    first = call("sendEdoc", raw, headers=headers)
    assert call("sendEdoc", raw, headers=headers)["DocId"] == first["DocId"]
    assert Carriage.objects.count() == 1


def test_a_system_lists_and_fetches_only_what_is_for_it(call, axis, send, commune):
    answer = send(raw_message(commune, "G22"))
    listed = call("getReceivedEdocList", messagetype="edoc")["data"]
    assert [(one["to"], one["from"], one["status"]) for one in listed] == [
        ("G22", SENDER, "INITIAL")
    ]
    fetched = call("getEdoc", docId=listed[0]["docId"])
    assert base64.b64decode(fetched["data"]) == raw_message(commune, "G22")
    others = Carriage.objects.get(to__organ_id=commune)
    refused(call("getEdoc", docId=str(others.pk)), "17")
    refused(call("getEdoc", docId=answer["DocId"]), "17")
    refused(call("getEdoc", docId="khong-phai-uuid"), "17")


def test_download_gives_the_bytes_as_they_are(call, send):
    raw = raw_message("G22")
    send(raw)
    (listed,) = call("getReceivedEdocList", messagetype="edoc")["data"]
    headers = signed(docId=listed["docId"])
    response = Client().get("/axis/downloadEdoc", headers=headers)
    assert b"".join(response.streaming_content) == raw
    assert Client().get("/axis/downloadEdoc", headers=signed(docId="x")).status_code == 404
    wrong = signed(docId=listed["docId"], secret="khong-dung")
    assert Client().get("/axis/downloadEdoc", headers=wrong).status_code == 401


def test_what_is_done_leaves_the_list_and_stays_done(call, send):
    send(raw_message("G22"))
    (listed,) = call("getReceivedEdocList", messagetype="edoc")["data"]
    assert call("countReceiveEdoc")["count"] == 1
    assert call("updateStatus", docId=listed["docId"], status="processing")["ErrorCode"] == "0"
    assert call("getReceivedEdocList", messagetype="edoc")["data"][0]["status"] == "PROCESSING"
    call("updateStatus", docid=listed["docId"], status="DONE")
    assert call("getReceivedEdocList", messagetype="edoc")["data"] == []
    assert call("countReceiveEdoc")["count"] == 0
    call("updateStatus", docId=listed["docId"], status="fail")
    assert Carriage.objects.get().state == "done"
    done = call("getReceivedEdocList", messagetype="edoc", status="done")["data"]
    assert [one["docId"] for one in done] == [listed["docId"]]


def test_a_status_word_that_does_not_exist_is_refused(call, send):
    send(raw_message("G22"))
    (listed,) = call("getReceivedEdocList", messagetype="edoc")["data"]
    refused(call("updateStatus", docId=listed["docId"], status="xong"), "21")


def test_documents_and_statuses_are_listed_apart(call, send):
    send(raw_message("G22"))
    assert call("getReceivedEdocList", messagetype="status")["data"] == []
    assert call("countReceiveStatus")["count"] == 0
    refused(call("getReceivedEdocList"), "21")


def test_lists_come_in_pages_oldest_first(call, send):
    for number in range(3):
        send(raw_message("G22", number=str(number + 1)))
    pages = [
        call("getReceivedEdocList", messagetype="edoc", pageSize="2", pageIndex=page)["data"]
        for page in ("1", "2")
    ]
    assert [len(page) for page in pages] == [2, 1]
    refused(call("getReceivedEdocList", messagetype="edoc", pageSize="nhiều".encode().hex()), "21")


def test_agencies_are_listed_with_both_codes(call, body):
    city = body("ubnd-tp")
    listed = {one["code"]: one for one in call("getAgenciesListQD20", level="1")["data"]}
    assert listed["H57"]["name"] == city.name
    assert {"H57", listed["H57"]["code102"]} == city.aliases()
    assert all("." not in code for code in listed)
    everyone = {one["code"] for one in call("getAgenciesList")["data"]}
    assert city.aliases() <= everyone


def test_a_page_of_the_axis_needs_no_session_and_no_token(axis):
    client = Client(enforce_csrf_checks=True)
    headers = {name: value for name, value in signed().items() if name != "Content-Type"}
    response = client.post(
        "/axis/getAgenciesList", b"", content_type="application/json", headers=headers
    )
    assert response.json()["ErrorCode"] == "0"
    assert client.get("/axis/getAgenciesList").status_code == 405


def test_what_comes_over_http_waits_for_our_own_worker(send, commune):
    send(raw_message(commune))
    assert [one.to_organ_id for one in LocalGateway().waiting("edoc", now=NOW)] == [commune]

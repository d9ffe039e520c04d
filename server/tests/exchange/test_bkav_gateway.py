"""The client of a Bkav hub: headers, hash, what counts as an answer, what is kept of statuses."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from chauban.blobs import store
from chauban.exchange.adapters import http
from chauban.exchange.adapters.bkav import BkavGateway, judged
from chauban.exchange.models import KeptPackage
from chauban.exchange.ports import (
    Acknowledgement,
    Coming,
    Envelope,
    GatewayUnavailable,
    Outcome,
    PackageTooLarge,
    RefusedByAxis,
    Waiting,
)
from chauban_edxml.model import BussinessDocType
from chauban_edxml.reading import read
from chauban_edxml.writing import write
from tests.exchange.messages import SENDER, a_message, our_status, raw_message
from tests.exchange.stand_ins.bkav import BkavHub, fail, gson
from tests.moments import NOW

OURS, OTHER, OUTSIDE = "H57", "H57.03", "H44"
pytestmark = pytest.mark.django_db


@pytest.fixture
def hub():
    return BkavHub({OURS: "khoa-1==", OTHER: "khoa-2=="}, [(OURS, "Huế"), (OUTSIDE, "Phú Thọ")])


@pytest.fixture
def gateway(hub):
    with hub.running() as url:
        yield make(url)


def make(url, accounts=None, limit_bytes=1_000_000):
    accounts = accounts or {OURS: "khoa-1==", OTHER: "khoa-2=="}
    return BkavGateway(f"{url}/EdocService", accounts=accounts, limit_bytes=limit_bytes)


def document(*to, sender=OURS, number="7816", **values):
    return Envelope("edoc", sender, to, raw_message(*to, sender=sender, number=number, **values))


def sent(gateway, envelope):
    (outcome,) = gateway.send([envelope], now=NOW)
    return outcome


def test_a_document_goes_with_token_type_and_hash(hub, gateway):
    envelope = document(OUTSIDE)
    assert sent(gateway, envelope) == Acknowledgement("101")
    (asked,) = hub.requests
    assert (asked.path, asked.body) == ("/EdocService/sendDocument", envelope.raw)
    assert asked.headers["organId"] == OURS
    assert asked.headers["Authorization"] == "khoa-1=="
    assert asked.headers["hash-edoc"] == sha256(envelope.raw).hexdigest()


def test_each_agency_speaks_for_itself_and_who_has_no_account_does_not(hub, gateway):
    sent(gateway, document(OUTSIDE, sender=OTHER))
    assert hub.requests[0].headers["Authorization"] == "khoa-2=="
    refused = sent(gateway, document(OUTSIDE, sender="H57.09"))
    assert (refused.code, len(hub.requests)) == ("no-account", 1)


def test_a_message_in_the_store_goes_out_in_pieces(hub, gateway, blob_folder):
    envelope = document(OUTSIDE, attachments=[("a.pdf", b"%PDF" + bytes(300_000))])
    stored = replace(envelope, raw=store.put(envelope.raw, now=NOW))
    assert sent(gateway, stored) == Acknowledgement("101")
    assert hub.documents[101] == envelope.raw


def test_to_one_of_its_recipients_again_a_document_names_no_other(hub, gateway):
    everybody = document(OUTSIDE, "G22")
    again = replace(everybody, to_organ_ids=("G22",))
    assert sent(gateway, again) == Acknowledgement("101")
    found = read(hub.documents[101])
    assert found == replace(read(everybody.raw), to=found.to)
    assert [one.organ_id for one in found.to] == ["G22"]


def test_what_the_hub_has_already_has_arrived_where_it_has_it_for_the_recipients(hub, gateway):
    envelope = document(OUTSIDE, "G22")
    hub.faults.append("lost")
    assert isinstance(sent(gateway, envelope), GatewayUnavailable)
    assert sent(gateway, envelope).refusals == {}
    assert len(hub.documents) == 1
    assert [one.path.rpartition("/")[2] for one in hub.requests] == [
        "sendDocument",
        "sendDocument",
        "checkExistDocument",
        "checkExistDocument",
    ]


def test_whom_the_hub_does_not_have_it_for_is_refused(hub, gateway):
    sent(gateway, document(OUTSIDE))
    refused = sent(gateway, document("G22"))
    assert (type(refused), refused.code) == (RefusedByAxis, "ExistDoc")
    some = sent(gateway, document(OUTSIDE, "G22"))
    assert {one: refusal.code for one, refusal in some.refusals.items()} == {"G22": "ExistDoc"}


def test_that_the_hub_has_a_document_is_no_word_on_its_recall(hub, gateway, monkeypatch):
    sent(gateway, document(OUTSIDE))
    monkeypatch.setattr(hub, "_send", lambda *_: fail("ExistDoc", ""))
    recall = document(OUTSIDE, business=BussinessDocType.RECALL, attachments=())
    assert isinstance(sent(gateway, recall), RefusedByAxis)


@pytest.mark.parametrize("doc_id", ["1\r\nX: y", "1@H44", "", "9" * 60])
def test_an_id_that_is_none_is_no_list(hub, gateway, monkeypatch, doc_id):
    listed = gson(data=[{"docId": doc_id, "organId": OURS}], status="Success", code="0")
    monkeypatch.setattr(hub, "_pending", lambda *_: listed)
    with pytest.raises(GatewayUnavailable):
        gateway.waiting("edoc", now=NOW)


def test_the_same_number_of_another_year_is_another_document(hub, gateway):
    sent(gateway, document(OUTSIDE))
    other = write(replace(a_message(OUTSIDE, sender=OURS), document_id="H57,2025/11/20,1/A"))
    assert sent(gateway, Envelope("edoc", OURS, (OUTSIDE,), other)) == Acknowledgement("102")


@pytest.mark.parametrize("fault", ["page", "down", "lost"])
def test_what_is_no_answer_is_no_receipt_and_no_empty_list(hub, gateway, fault):
    hub.faults += [fault, fault]
    assert isinstance(sent(gateway, document(OUTSIDE)), GatewayUnavailable)
    alone = make(gateway.connection.url.removesuffix("/EdocService"), {OURS: "khoa-1=="})
    with pytest.raises(GatewayUnavailable):
        alone.waiting("edoc", now=NOW)
    hub.faults.append(fault)
    (outcome,) = alone.fetch(["edoc:101"], now=NOW)
    assert isinstance(outcome, GatewayUnavailable)


def test_an_error_with_code_zero_is_an_error(hub, gateway):
    hub.is_deaf_to_statuses = True
    refused = sent(gateway, Envelope("status", OURS, (OUTSIDE,), our_status(OURS, OUTSIDE)))
    assert (type(refused), refused.code) == (RefusedByAxis, "Error")


@pytest.mark.parametrize("errors", [None, 5, True, "x", [1], [{}], {}])
def test_an_error_without_errors_is_an_error(errors):
    with pytest.raises(RefusedByAxis, match="Fail"):
        judged("sendDocument", json.dumps({"status": "Fail", "errors": errors}).encode())


def test_what_is_lacking_is_told_by_its_place(hub, gateway):
    raw = raw_message(OUTSIDE, sender=OURS).replace(b"Subject>", b"Subjekt>")
    refused = sent(gateway, Envelope("edoc", OURS, (OUTSIDE,), raw))
    assert (refused.code, refused.vi) == ("N.Subject", "Trục báo gói tin thiếu Subject.")
    assert refused.en == "The hub says that the message lacks Subject."


def test_a_wrong_token_is_the_operators_to_mend_and_messages_wait(hub):
    with hub.running() as url:
        wrong = make(url, {OURS: "khac"})
        assert isinstance(sent(wrong, document(OUTSIDE)), GatewayUnavailable)
        with pytest.raises(GatewayUnavailable, match="Permission"):
            wrong.waiting("edoc", now=NOW)


def test_one_account_that_is_refused_does_not_hold_up_the_others(hub):
    hub.put_document(raw_message(OTHER, sender=SENDER))
    with hub.running() as url:
        half = make(url, {OURS: "khac", OTHER: "khoa-2=="})
        assert half.waiting("edoc", now=NOW) == [Waiting(f"edoc:101@{OTHER}", "edoc", "", OTHER)]


def test_a_package_is_listed_once_for_each_of_ours_and_fetched_as_it_was(hub, gateway):
    raw = raw_message(OURS, OTHER, OUTSIDE, sender=SENDER)
    hub.put_document(raw)
    listed = gateway.waiting("edoc", now=NOW)
    assert listed == [
        Waiting(f"edoc:101@{OURS}", "edoc", "", OURS),
        Waiting(f"edoc:101@{OTHER}", "edoc", "", OTHER),
    ]
    assert list(gateway.fetch([one.package_id for one in listed], now=NOW)) == [raw, raw]
    gateway.confirm([Outcome(listed[0].package_id, "done")], now=NOW)
    assert gateway.waiting("edoc", now=NOW) == listed[1:]


def test_a_document_and_a_status_of_one_number_are_two_packages(hub, gateway):
    raw, status = raw_message(OURS, sender=SENDER), our_status(OUTSIDE, OURS)
    assert hub.put_document(raw) == hub.put_status(status)
    names = [
        one.package_id for kind in ("edoc", "status") for one in gateway.waiting(kind, now=NOW)
    ]
    assert names == [f"edoc:101@{OURS}", f"status:101@{OURS}"]
    assert list(gateway.fetch(names, now=NOW)) == [raw, status]


def test_statuses_that_the_hub_forgets_when_anything_is_confirmed_are_fetched_all_the_same(
    hub, gateway
):
    hub.put_document(raw_message(OURS, sender=SENDER))
    (listed,) = gateway.waiting("edoc", now=NOW)
    hub.put_status(our_status(OUTSIDE, OURS))  # between listing and confirming
    gateway.confirm([Outcome(listed.package_id, "done")], now=NOW)
    assert hub.unread == {}
    (kept,) = gateway.waiting("status", now=NOW)
    assert list(gateway.fetch([kept.package_id], now=NOW)) == [hub.statuses[101]]
    gateway.confirm([Outcome(kept.package_id, "done")], now=NOW)
    assert gateway.waiting("status", now=NOW) == []
    assert not KeptPackage.objects.exists()


def test_a_package_over_the_limit_is_not_read_to_its_end(hub):
    hub.put_document(raw_message(OURS, sender=SENDER, attachments=[("a.pdf", bytes(90_000))]))
    with hub.running() as url:
        small = make(url, limit_bytes=60_000)
        (outcome,) = small.fetch([f"edoc:101@{OURS}"], now=NOW)
    assert (type(outcome), outcome.limit_bytes) == (PackageTooLarge, 60_000)


def test_a_large_package_comes_in_pieces(hub, gateway, monkeypatch):
    monkeypatch.setattr(http, "WHOLE_BYTES", 50_000)
    raw = raw_message(OURS, sender=SENDER, attachments=[("a.pdf", bytes(300_000))])
    hub.put_document(raw)
    (coming,) = gateway.fetch([f"edoc:101@{OURS}"], now=NOW)
    assert isinstance(coming, Coming)
    assert len(coming.head) < 200_000
    assert b"".join(coming.pieces()) == raw


def test_a_package_that_is_gone_is_a_refusal(gateway):
    (outcome,) = gateway.fetch([f"edoc:9@{OURS}"], now=NOW)
    assert (type(outcome), outcome.code) == (RefusedByAxis, "File Not Found")


def test_recalls_are_not_taken_for_the_document_again(hub, gateway):
    sent(gateway, document(OUTSIDE))
    recall = document(OUTSIDE, business=BussinessDocType.RECALL, attachments=())
    assert sent(gateway, recall) == Acknowledgement("102")


def test_the_hub_lists_agencies(gateway):
    found = [(one.code, one.name) for one in gateway.organisations(now=NOW)]
    assert found == [(OURS, "Huế"), (OUTSIDE, "Phú Thọ")]


def test_no_secret_stands_in_an_error_or_a_description(hub, gateway, caplog):
    hub.faults += ["lost", "page", "down"]
    said = [str(sent(gateway, document(OUTSIDE))) for _ in range(3)]
    assert "khoa" not in " ".join([*said, repr(gateway.accounts.all), caplog.text])

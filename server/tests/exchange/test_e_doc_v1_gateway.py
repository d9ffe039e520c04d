"""The client of an e-Doc v1 hub: packages both ways, and statuses that are handed out once."""

from dataclasses import replace

import pytest

from chauban.blobs import store
from chauban.exchange.adapters.e_doc_v1 import EDocV1Gateway
from chauban.exchange.models import KeptPackage
from chauban.exchange.ports import (
    Acknowledgement,
    Envelope,
    GatewayUnavailable,
    Outcome,
    PackageTooLarge,
    RefusedByAxis,
    Waiting,
)
from chauban_edxml.errors import SecretMarking
from chauban_edxml.model import BussinessDocType, Dialect
from chauban_edxml.reading import read
from chauban_edxml.soap import read_any
from chauban_edxml.soap_writing import soap_package
from tests.exchange.messages import SENDER, a_message, our_status, raw_message
from tests.exchange.stand_ins.e_doc_v1 import EDocV1Hub, answered, reported
from tests.moments import NOW

OURS, OTHER, OUTSIDE = "H57", "H57.03", "H44"
TOKENS = {OURS: "khoa-1", OTHER: "khoa-2"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def hub():
    return EDocV1Hub(TOKENS, [(OURS, "Huế"), (OUTSIDE, "Phú Thọ")])


@pytest.fixture
def gateway(hub):
    with hub.running() as url:
        yield make(url)


def make(url, accounts=TOKENS, limit_bytes=1_000_000):
    return EDocV1Gateway(f"{url}/edoc", accounts=accounts, limit_bytes=limit_bytes)


def document(*to, sender=OURS, **values):
    return Envelope("edoc", sender, to, raw_message(*to, sender=sender, **values))


def sent(gateway, envelope):
    (outcome,) = gateway.send([envelope], now=NOW)
    return outcome


def put(hub, *to, **values):
    package = soap_package(a_message(*to, sender=SENDER, **values))
    return hub.put_document(b"".join(package.pieces()), package.content_type)


def test_a_document_goes_as_a_package_with_its_files(hub, gateway):
    envelope = document(OUTSIDE, attachments=[("a.pdf", b"%PDF-1.7 a"), ("b.doc", b"noi dung")])
    assert sent(gateway, envelope) == Acknowledgement("10421")
    (asked,) = hub.requests
    assert (asked.path, asked.headers["SOAPAction"]) == ("/edoc", "SendDocument")
    found, given = hub.messages()[10421], read(envelope.raw)
    assert found.attachments == given.attachments
    assert (found.from_, found.to, found.document_id) == (given.from_, given.to, given.document_id)


def test_a_document_in_the_store_goes_from_there(hub, gateway, blob_folder):
    envelope = document(OUTSIDE, attachments=[("a.pdf", b"%PDF-1.7" + bytes(300_000))])
    stored = replace(envelope, raw=store.put(envelope.raw, now=NOW))
    assert sent(gateway, stored) == Acknowledgement("10421")
    (file,) = hub.messages()[10421].attachments
    assert len(file.content) == 300_008


def test_to_one_of_its_recipients_again_a_document_names_no_other(hub, gateway):
    sent(gateway, replace(document(OUTSIDE, "G22"), to_organ_ids=("G22",)))
    assert [one.organ_id for one in hub.messages()[10421].to] == ["G22"]


def test_what_the_hub_has_already_has_arrived(hub, gateway):
    hub.faults.append("lost")
    assert isinstance(sent(gateway, document(OUTSIDE)), GatewayUnavailable)
    assert sent(gateway, document(OUTSIDE)) == Acknowledgement("H57,2026/11/20,7816/UBND-TTĐT")
    assert len(hub.documents) == 1


def test_that_the_hub_has_a_document_is_no_word_on_its_recall(hub, gateway, monkeypatch):
    report = reported("SendDocument", False, "M.Exist", "Document is exist on ESB !!!!")
    monkeypatch.setattr(hub, "_send", lambda *_: report)
    recall = document(OUTSIDE, business=BussinessDocType.RECALL, attachments=())
    assert isinstance(sent(gateway, recall), RefusedByAxis)
    assert isinstance(sent(gateway, document(OUTSIDE)), Acknowledgement)


def test_a_status_goes_by_the_action_for_traces(hub, gateway):
    status = our_status(OURS, OUTSIDE)
    assert isinstance(sent(gateway, Envelope("status", OURS, (OUTSIDE,), status)), Acknowledgement)
    assert hub.requests[0].headers["SOAPAction"] == "UpdateTraces"
    assert hub.statuses == [read(status)]


@pytest.mark.parametrize("fault", ["page", "down", "lost"])
@pytest.mark.parametrize("kind", ["edoc", "status"])
def test_what_is_no_answer_is_no_receipt_and_no_empty_list(hub, fault, kind):
    hub.faults += [fault, fault]
    with hub.running() as url:
        alone = make(url, {OURS: "khoa-1"})
        assert isinstance(sent(alone, document(OUTSIDE)), GatewayUnavailable)
        with pytest.raises(GatewayUnavailable):
            alone.waiting(kind, now=NOW)
        hub.faults.append(fault)
        (outcome,) = alone.fetch(["10421"], now=NOW)
        assert isinstance(outcome, GatewayUnavailable)


@pytest.mark.parametrize("kind", ["edoc", "status"])
def test_an_answer_without_a_list_is_no_empty_list(hub, kind, monkeypatch):
    monkeypatch.setattr(
        hub, "_GetPendingDocumentIds", lambda _: answered("GetPendingDocumentIds", "")
    )
    monkeypatch.setattr(hub, "_GetTraces", lambda _: answered("GetTraces", ""))
    with hub.running() as url, pytest.raises(GatewayUnavailable):
        make(url, {OURS: "khoa-1"}).waiting(kind, now=NOW)


def test_an_answer_without_a_report_is_no_receipt(hub, gateway, monkeypatch):
    monkeypatch.setattr(hub, "_update_traces", lambda *_: answered("UpdateTraces", ""))
    monkeypatch.setattr(hub, "_ConfirmReceived", lambda *_: answered("ConfirmReceived", ""))
    status = Envelope("status", OURS, (OUTSIDE,), our_status(OURS, OUTSIDE))
    assert isinstance(sent(gateway, status), GatewayUnavailable)
    (told,) = gateway.confirm([Outcome(f"10421@{OURS}", "done")], now=NOW)
    assert isinstance(told, GatewayUnavailable)


def test_a_report_of_errors_is_a_refusal_and_want_of_a_right_is_not(hub):
    with hub.running() as url:
        wrong = make(url, {OURS: "khac"})
        assert isinstance(sent(wrong, document(OUTSIDE)), GatewayUnavailable)
        (outcome,) = make(url).fetch([f"9@{OURS}"], now=NOW)
    assert (type(outcome), outcome.code) == (RefusedByAxis, "Error")
    assert "Document does not exist" in outcome.vi


def test_a_package_is_listed_for_each_of_ours_and_fetched_as_it_came(hub, gateway):
    put(hub, OURS, OTHER, OUTSIDE)
    listed = gateway.waiting("edoc", now=NOW)
    assert listed == [
        Waiting(f"10421@{OURS}", "edoc", "", OURS),
        Waiting(f"10421@{OTHER}", "edoc", "", OTHER),
    ]
    (raw,) = gateway.fetch([f"10421@{OURS}"], now=NOW)
    message = read_any(raw)
    assert (message.dialect, message.from_.organization_in_charge) == (
        Dialect.E_DOC_V1,
        "Chính phủ",
    )
    assert message.attachments[0].name == "van-ban.doc"
    gateway.confirm([Outcome(f"10421@{OURS}", "done")], now=NOW)
    assert gateway.waiting("edoc", now=NOW) == listed[1:]


def test_a_status_that_was_handed_out_once_is_kept_until_it_is_taken_in(hub, gateway):
    given = read(our_status(OUTSIDE, OURS))
    hub.put_status(given)
    (listed,) = gateway.waiting("status", now=NOW)
    assert hub.traces == {}
    (again,) = gateway.waiting("status", now=NOW)  # as after a crash
    assert again == listed
    (raw,) = gateway.fetch([listed.package_id], now=NOW)
    assert read_any(raw) == given
    assert gateway.confirm([Outcome(listed.package_id, "done")], now=NOW) == [None]
    assert gateway.waiting("status", now=NOW) == []
    assert not KeptPackage.objects.exists()


def test_a_document_that_is_forgotten_when_fetched_can_be_fetched_again_until_it_is_taken_in(
    hub, gateway
):
    hub.forgets_when_fetched = True
    put(hub, OURS)
    (listed,) = gateway.waiting("edoc", now=NOW)
    (first,) = gateway.fetch([listed.package_id], now=NOW)
    (again,) = gateway.fetch([listed.package_id], now=NOW)  # as after a crash
    assert again == first
    gateway.confirm([Outcome(listed.package_id, "done")], now=NOW)
    assert [one.headers["SOAPAction"] for one in hub.requests][-1] == "ConfirmReceived"
    assert not KeptPackage.objects.exists()


def test_a_state_secret_is_not_kept(hub, gateway):
    put(hub, OURS)
    (body, content_type) = hub.documents[10421]
    mark = b"<edXML:OtherInfo><edXML:Secret>M\xe1\xba\xadt</edXML:Secret>"
    hub.documents[10421] = (body.replace(b"<edXML:OtherInfo>", mark), content_type)
    (raw,) = gateway.fetch([f"10421@{OURS}"], now=NOW)
    with pytest.raises(SecretMarking):
        read_any(raw)
    assert not KeptPackage.objects.exists()


def test_statuses_of_one_account_are_kept_though_the_next_one_breaks(hub, gateway):
    hub.put_status(read(our_status(OUTSIDE, OURS)))
    hub.faults += [None, "lost"]
    with pytest.raises(GatewayUnavailable):
        gateway.waiting("status", now=NOW)
    assert len(gateway.waiting("status", now=NOW)) == 1


def test_a_package_over_the_limit_is_not_read_to_its_end(hub):
    put(hub, OURS, attachments=[("a.pdf", bytes(90_000))])
    with hub.running() as url:
        (outcome,) = make(url, limit_bytes=60_000).fetch([f"10421@{OURS}"], now=NOW)
    assert (type(outcome), outcome.limit_bytes) == (PackageTooLarge, 60_000)


def test_the_hub_lists_agencies(gateway):
    found = [(one.code, one.name) for one in gateway.organisations(now=NOW)]
    assert found == [(OURS, "Huế"), (OUTSIDE, "Phú Thọ")]


def test_no_token_stands_in_an_error(hub, gateway):
    hub.faults += ["lost", "page", "down"]
    said = [str(sent(gateway, document(OUTSIDE))) for _ in range(3)]
    assert "khoa" not in " ".join(said)

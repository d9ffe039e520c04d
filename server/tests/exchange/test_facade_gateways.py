"""The clients of the façades of Lạng Sơn and Quảng Nam: accounts, tokens, forms and errors."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chauban.blobs import store
from chauban.exchange.adapters import http
from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.lang_son import LangSonGateway
from chauban.exchange.adapters.lang_son import judged as judged_by_lang_son
from chauban.exchange.adapters.quang_nam import QuangNamGateway
from chauban.exchange.ports import (
    Acknowledgement,
    Coming,
    Envelope,
    GatewayUnavailable,
    NotOffered,
    Outcome,
    PackageDamaged,
    PackageTooLarge,
    RefusedByAxis,
    Waiting,
)
from chauban_edxml.reading import read
from tests.exchange.messages import SENDER, our_status, raw_message
from tests.exchange.stand_ins.lang_son import LangSonFacade
from tests.exchange.stand_ins.quang_nam import QuangNamFacade
from tests.exchange.stand_ins.serving import as_json
from tests.moments import NOW

OURS, OTHER, OUTSIDE = "H57", "H57.03", "H44"
SECRETS = {OURS: "khoa-1==", OTHER: "khoa-2=="}
NAMES = {OUTSIDE: "Phú Thọ", "G22": "Văn phòng Chính phủ"}
FIRST = "00000000-0000-0000-0000-000000000001"
CONSUMER = ("khach", "mat-khau")


def lang_son(url, accounts=SECRETS, limit_bytes=1_000_000):
    return LangSonGateway(url, accounts=accounts, limit_bytes=limit_bytes)


def quang_nam(url, accounts=SECRETS, limit_bytes=1_000_000, consumer=CONSUMER):
    return QuangNamGateway(
        url, consumer=Account(*consumer), accounts=accounts, limit_bytes=limit_bytes
    )


@pytest.fixture(params=["lang-son", "quang-nam"])
def facade(request):
    if request.param == "lang-son":
        stand_in, make = LangSonFacade(SECRETS, NAMES), lang_son
    else:
        stand_in, make = QuangNamFacade(CONSUMER, SECRETS, NAMES), quang_nam
    with stand_in.running() as url:
        stand_in.client = lambda **values: make(url, **values)
        yield stand_in


@pytest.fixture
def langson():
    stand_in = LangSonFacade(SECRETS, NAMES)
    with stand_in.running() as url:
        yield stand_in, lang_son(url)


@pytest.fixture
def quangnam():
    stand_in = QuangNamFacade(CONSUMER, SECRETS, NAMES)
    with stand_in.running() as url:
        yield stand_in, quang_nam(url)


def document(*to, sender=OURS, **values):
    return Envelope("edoc", sender, to, raw_message(*to, sender=sender, **values))


def sent(gateway, envelope, now=NOW):
    (outcome,) = gateway.send([envelope], now=now)
    return outcome


def test_document_and_status_arrive_as_they_are(facade):
    gateway = facade.client()
    first, second = document(OUTSIDE), our_status(OTHER, OUTSIDE)
    assert sent(gateway, first) == Acknowledgement(FIRST)
    assert isinstance(sent(gateway, Envelope("status", OTHER, (OUTSIDE,), second)), Acknowledgement)
    assert facade.sent == [first.raw, second]


@pytest.mark.django_db
def test_a_message_in_the_store_goes_out_in_pieces(facade, blob_folder):
    envelope = document(OUTSIDE, attachments=[("a.pdf", b"%PDF" + bytes(300_001))])
    stored = replace(envelope, raw=store.put(envelope.raw, now=NOW))
    assert isinstance(sent(facade.client(), stored), Acknowledgement)
    assert facade.sent == [envelope.raw]


@pytest.mark.django_db
def test_a_stored_message_that_is_damaged_does_not_go(facade, blob_folder):
    blob = store.put(document(OUTSIDE, attachments=[("a.pdf", bytes(9_000))]).raw, now=NOW)
    path = store.path_of(blob.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"7816", b"7817"))
    refused = sent(facade.client(), Envelope("edoc", OURS, (OUTSIDE,), blob))
    assert (refused.code, facade.sent) == ("file-damaged", [])


def test_to_one_of_its_recipients_again_a_document_names_no_other(facade):
    sent(facade.client(), replace(document(OUTSIDE, "G22"), to_organ_ids=("G22",)))
    assert [one.recipient for one in facade.packages.values()] == ["G22"]


def test_who_has_no_account_sends_nothing(facade):
    refused = sent(facade.client(), document(OUTSIDE, sender="H57.09"))
    assert (refused.code, facade.requests) == ("no-account", [])
    alone = facade.client(accounts={OURS: "khoa-1=="})  # which serves all
    assert isinstance(sent(alone, document(OUTSIDE, sender="H57.09")), Acknowledgement)


def test_a_refusal_is_a_refusal_by_its_number(facade):
    gateway = facade.client()
    unknown = sent(gateway, document("H99"))
    assert (type(unknown), unknown.code, "H99" in unknown.vi) == (RefusedByAxis, "18", True)


@pytest.mark.parametrize("fault", ["page", "down", "lost"])
def test_what_is_no_answer_is_no_receipt_and_no_empty_list(facade, fault):
    gateway = facade.client(accounts={OURS: "khoa-1=="})
    gateway.waiting("edoc", now=NOW)  # a token, where there is one, is there
    facade.faults += [fault, fault]
    assert isinstance(sent(gateway, document(OUTSIDE)), GatewayUnavailable)
    with pytest.raises(GatewayUnavailable):
        gateway.waiting("edoc", now=NOW)
    facade.faults.append(fault)
    (outcome,) = gateway.fetch([FIRST], now=NOW)
    assert isinstance(outcome, GatewayUnavailable)


def test_only_what_waits_of_its_kind_is_listed_and_fetched_as_it_was(facade):
    raw, status = raw_message(OURS, OTHER, sender=SENDER), our_status(OUTSIDE, OURS)
    facade.put(raw)
    facade.put(status)
    gateway = facade.client()
    documents = gateway.waiting("edoc", now=NOW)
    assert documents[0] == Waiting(f"{FIRST}@{OURS}", "edoc", SENDER, OURS)
    assert [one.to_organ_id for one in documents] == [OURS, OTHER]
    (kept,) = gateway.waiting("status", now=NOW)
    names = [documents[0].package_id, kept.package_id]
    assert list(gateway.fetch(names, now=NOW)) == [raw, status]
    told = [Outcome(names[0], "done"), Outcome(names[1], "fail", "Lỗi")]
    assert gateway.confirm(told, now=NOW) == [None, None]
    assert [one.to_organ_id for one in gateway.waiting("edoc", now=NOW)] == [OTHER]
    assert [one.status.lower() for one in facade.packages.values()] == ["done", "initial", "fail"]


def test_another_ones_package_is_not_to_be_had(facade):
    facade.put(raw_message(OUTSIDE, sender=SENDER))
    (outcome,) = facade.client().fetch([f"{FIRST}@{OURS}"], now=NOW)
    assert (type(outcome), outcome.code) == (RefusedByAxis, "21")


def test_a_package_over_the_limit_is_refused(facade):
    facade.put(raw_message(OURS, sender=SENDER, attachments=[("a.pdf", bytes(90_000))]))
    (outcome,) = facade.client(limit_bytes=60_000).fetch([f"{FIRST}@{OURS}"], now=NOW)
    assert (type(outcome), outcome.limit_bytes) == (PackageTooLarge, 60_000)


def test_no_secret_stands_in_an_error(facade):
    gateway = facade.client()
    facade.faults += ["lost", "page", "down"]
    said = [str(sent(gateway, document(OUTSIDE))) for _ in range(3)]
    assert not any(secret in " ".join(said) for secret in (*SECRETS.values(), *CONSUMER))


@pytest.mark.parametrize("shape", ["base64", "text", "beside"])
def test_the_message_is_found_in_whichever_shape_lang_son_answers(langson, shape):
    facade, gateway = langson
    raw = raw_message(OURS, sender=SENDER)
    facade.put(raw)
    facade.shape = shape
    (found,) = gateway.fetch([f"{FIRST}@{OURS}"], now=NOW)
    assert read(found).attachments == read(raw).attachments
    assert shape == "beside" or found == raw


@pytest.mark.parametrize(
    "data", [None, {}, {"edxml": 1}, {"data": "?"}, {"edxml": "<a/>", "attachments": [{}]}]
)
def test_what_lang_son_answers_without_a_message_is_damaged(langson, monkeypatch, data):
    facade, gateway = langson
    monkeypatch.setattr(facade, "_get", lambda *_: as_json(success=True, data=data))
    (outcome,) = gateway.fetch([f"{FIRST}@{OURS}"], now=NOW)
    assert isinstance(outcome, PackageDamaged)


def test_a_wrong_key_is_the_operators_to_mend_and_messages_wait(facade):
    outcome = sent(facade.client(accounts={OURS: "khac"}), document(OUTSIDE))
    assert isinstance(outcome, GatewayUnavailable)
    assert "System id or secret is wrong" in str(outcome)


@pytest.mark.parametrize(
    "body",
    [
        b'{"success": true}',
        b'{"code": 200, "errorDetail": []}',
        b'{"code": "0"}',
    ],
)
def test_success_at_lang_son_is_told_in_two_ways(body):
    assert judged_by_lang_son("sendEdoc", body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"success": false, "message": "x"}', RefusedByAxis),
        (b'{"success": "true"}', RefusedByAxis),
        (b'{"code": 200, "errorDetail": [{"exception": "x"}]}', RefusedByAxis),
        (b'{"success": false, "data": {"errorCode": "23"}}', RefusedByAxis),
        (b'{"success": false, "data": {"errorCode": "20"}}', GatewayUnavailable),
        (b'{"data": []}', GatewayUnavailable),
    ],
)
def test_everything_else_is_none(body, error):
    with pytest.raises(error):
        judged_by_lang_son("sendEdoc", body)


def test_lang_son_lists_no_agencies(langson):
    with pytest.raises(NotOffered):
        next(langson[1].organisations(now=NOW))


def test_a_token_is_asked_for_once_while_it_lasts(quangnam):
    facade, gateway = quangnam
    for _ in range(3):
        sent(gateway, document(OUTSIDE))
    assert facade.tokens_given == 1
    sent(gateway, document(OUTSIDE), now=NOW + timedelta(seconds=3599))
    assert facade.tokens_given == 2


def test_a_token_that_ran_out_before_its_time_is_replaced_and_nothing_sent_twice(quangnam):
    facade, gateway = quangnam
    sent(gateway, document(OUTSIDE))
    facade.uses_left = 0
    assert isinstance(sent(gateway, document(OUTSIDE, number="2")), Acknowledgement)
    assert (facade.tokens_given, len(facade.sent)) == (2, 2)


def test_after_a_silence_the_token_is_not_relied_on(quangnam):
    facade, gateway = quangnam
    sent(gateway, document(OUTSIDE))
    facade.faults.append("lost")
    assert isinstance(sent(gateway, document(OUTSIDE)), GatewayUnavailable)
    sent(gateway, document(OUTSIDE))
    assert facade.tokens_given == 2


def test_a_gateway_that_takes_no_token_is_not_asked_for_ever(quangnam, monkeypatch):
    facade, gateway = quangnam
    monkeypatch.setattr(facade, "_token", lambda _: as_json(access_token="x", expires_in=3600))
    assert isinstance(sent(gateway, document(OUTSIDE)), GatewayUnavailable)
    assert len(facade.requests) == 4


@pytest.mark.parametrize("answer", [{}, {"access_token": "a\r\nb"}, {"access_token": 1}])
def test_what_is_no_token_is_no_answer(quangnam, monkeypatch, answer):
    facade, gateway = quangnam
    monkeypatch.setattr(facade, "_token", lambda _: as_json(**answer))
    assert isinstance(sent(gateway, document(OUTSIDE)), GatewayUnavailable)
    assert [one.path for one in facade.requests] == ["/token"]


def test_a_wrong_consumer_is_the_operators_to_mend_and_messages_wait(quangnam):
    wrong = quang_nam(quangnam[1].connection.url, consumer=("khach", "khac"))
    assert isinstance(sent(wrong, document(OUTSIDE)), GatewayUnavailable)


def test_a_large_package_comes_in_pieces_from_quang_nam(quangnam, monkeypatch):
    facade, gateway = quangnam
    monkeypatch.setattr(http, "WHOLE_BYTES", 50_000)
    raw = raw_message(OURS, sender=SENDER, attachments=[("a.pdf", bytes(300_000))])
    facade.put(raw)
    (coming,) = gateway.fetch([f"{FIRST}@{OURS}"], now=NOW)
    assert isinstance(coming, Coming)
    assert b"".join(coming.pieces()) == raw


def test_quang_nam_lists_agencies(quangnam):
    found = {one.code: one.name for one in quangnam[1].organisations(now=NOW)}
    assert found == NAMES

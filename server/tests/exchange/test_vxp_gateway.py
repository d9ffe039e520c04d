"""The client of an axis over HTTP: what it takes for an answer, and what for silence."""

import gzip
import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chauban.blobs import store
from chauban.exchange.adapters import http
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.gateways import current_gateway
from chauban.exchange.ports import (
    Envelope,
    GatewayUnavailable,
    Outcome,
    PackageTooLarge,
    Refusal,
    RefusedByAxis,
    Waiting,
)
from chauban_edxml.vxp import hash_file, verify_headers
from tests.moments import NOW

SECRET = "khoa-cua-bai-thu"
ENVELOPE = Envelope("edoc", "H57", ("H44", "G22"), b"<edXML/>")


@contextmanager
def an_axis(status=200, body=b"", *, drops=False, **headers):
    """A server on loopback that gives one answer; it keeps the requests it got."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            requests.append((self.path, dict(self.headers), self.rfile.read(length)))
            if drops:
                self.connection.close()
                return
            self.send_response(status)
            for name, value in ({"Content_Length": str(len(body))} | headers).items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway(f"http://127.0.0.1:{server.server_port}"), requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def gateway(url, limit_bytes=1000):
    return VXPGateway(url, system_id="002.00.00.H57", secret=SECRET, limit_bytes=limit_bytes)


def sent(axis, envelope=ENVELOPE):
    (outcome,) = axis.send([envelope], now=NOW)
    return outcome


def fetched(axis, package_id="goi"):
    (outcome,) = axis.fetch([package_id], now=NOW)
    return outcome


def ok(**answer):
    return json.dumps({"status": "OK", "ErrorCode": "0", "ErrorDesc": "", **answer}).encode()


def test_a_message_is_sent_with_signed_headers_and_its_hash():
    with an_axis(body=ok(DocId="0dbcb61d")) as (axis, requests):
        assert sent(axis).package_id == "0dbcb61d"
    ((path, headers, body),) = requests
    assert (path, body) == ("/sendEdoc", ENVELOPE.raw)
    parameters = verify_headers(headers, SECRET)
    assert parameters["hash-file"] == hash_file(ENVELOPE.raw)
    assert json.loads(parameters["to"]) == ["H44", "G22"]
    assert (parameters["from"], parameters["messagetype"]) == ("H57", "edoc")
    assert parameters["timestamp"] == "23112026T093000+0000"


def test_refusals_of_single_recipients_come_with_the_receipt():
    refused = [{"to": "G22", "ErrorCode": "18", "ErrorDesc": "không có trên trục"}]
    with an_axis(body=ok(DocId="1", Refused=refused)) as (axis, _):
        acknowledgement = sent(axis)
    assert acknowledgement.refusals == {"G22": Refusal("18", "không có trên trục")}


@pytest.mark.parametrize("status", [200, 400, 409])
def test_a_refusal_of_the_axis_is_a_refusal(status):
    body = json.dumps({"status": "FAIL", "ErrorCode": "18", "ErrorDesc": "Mã sai"}).encode()
    with an_axis(status, body) as (axis, _):
        refused = sent(axis)
    assert isinstance(refused, RefusedByAxis)
    assert (refused.code, refused.vi) == ("18", "Mã sai")


@pytest.mark.parametrize("code", ["15", "16", "27", "28"])
def test_an_axis_that_does_not_let_us_in_for_now_refuses_no_message(code):
    """Wrong secret, wrong clock, locked, too many calls: mended, the same message is taken."""
    body = json.dumps({"status": "FAIL", "ErrorCode": code, "ErrorDesc": "Để sau"}).encode()
    with an_axis(body=body) as (axis, _):
        silence = sent(axis)
    assert isinstance(silence, GatewayUnavailable)
    assert f"{code} Để sau" in silence.reason


def test_fail_with_error_code_zero_is_a_refusal():
    body = b'{"status":"FAIL","ErrorCode":"0","ErrorDesc":"x"}'
    with an_axis(body=body) as (axis, _):
        assert isinstance(sent(axis), RefusedByAxis)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>proxy</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b'{"status":"OK"}'),
        (200, ok(DocId="0")),
        (200, ok(DocId="")),
        (500, b""),
        (502, ok(DocId="1")),
        (404, b"not found"),
    ],
)
def test_an_answer_that_cannot_be_read_is_no_receipt(status, body):
    with an_axis(status, body) as (axis, _):
        assert isinstance(sent(axis), GatewayUnavailable)


def test_a_connection_that_breaks_is_no_receipt():
    with an_axis(drops=True) as (axis, _):
        assert isinstance(sent(axis), GatewayUnavailable)


def test_after_a_silence_the_rest_of_a_batch_is_not_asked_for():
    with an_axis(drops=True) as (axis, requests):
        first, second = axis.send([ENVELOPE, ENVELOPE], now=NOW)
    assert isinstance(first, GatewayUnavailable)
    assert second is first
    assert len(requests) <= 1


def test_after_a_refusal_the_rest_of_a_batch_is():
    body = b'{"status":"FAIL","ErrorCode":"18","ErrorDesc":"x"}'
    with an_axis(body=body) as (axis, requests):
        assert len(axis.send([ENVELOPE, ENVELOPE], now=NOW)) == 2
    assert len(requests) == 2


def test_nobody_listening_is_named():
    silence = sent(gateway("http://127.0.0.1:9"))
    assert isinstance(silence, GatewayUnavailable)
    assert silence.reason.startswith("sendEdoc")


@pytest.mark.parametrize("body", [b"oops", ok(), ok(data=None), ok(data=["x"]), b""])
def test_an_unreadable_list_is_an_error_and_not_an_empty_list(body):
    with an_axis(body=body) as (axis, _), pytest.raises(GatewayUnavailable):
        axis.waiting("edoc", now=NOW)


def test_an_empty_list_is_an_empty_list():
    with an_axis(body=ok(data=[])) as (axis, _):
        assert axis.waiting("edoc", now=NOW) == []


def test_only_what_waits_is_listed_whatever_the_case_of_its_state():
    data = [
        {"docId": "1", "from": "H44", "to": "H57", "status": "INITIAL"},
        {"docId": "2", "from": "H44", "status": "processing"},
        {"docId": "3", "from": "H44", "to": "H57", "status": "Done"},
    ]
    with an_axis(body=ok(data=data)) as (axis, _):
        assert axis.waiting("edoc", now=NOW) == [
            Waiting("1", "edoc", "H44", "H57"),
            Waiting("2", "edoc", "H44", ""),
        ]


def test_a_package_is_fetched_as_bytes_up_to_the_limit():
    with an_axis(body=b"x" * 1000) as (axis, requests):
        assert fetched(axis) == b"x" * 1000
    assert requests[0][0] == "/downloadEdoc"
    with an_axis(body=b"x" * 1001) as (axis, _):
        assert isinstance(fetched(axis), PackageTooLarge)


def test_a_package_that_cannot_be_had_is_an_error():
    with an_axis(500, b"oops") as (axis, _):
        assert isinstance(fetched(axis), GatewayUnavailable)
    body = b'{"status":"FAIL","ErrorCode":"17","ErrorDesc":"x"}'
    with an_axis(404, body) as (axis, _):
        assert isinstance(fetched(axis), RefusedByAxis)


def test_words_with_tone_marks_are_left_out_of_headers():
    with an_axis(body=ok()) as (axis, requests):
        axis.confirm([Outcome("goi", "fail", "Lỗi tệp")], now=NOW)
    parameters = verify_headers(requests[0][1], SECRET)
    assert (parameters["status"], parameters["description"]) == ("fail", "Li tp")


def test_the_state_at_each_recipient_is_read():
    data = [{"toCode": "H44", "receiveStatus": "FAIL", "receiveStatusDesc": "hỏng"}]
    with an_axis(body=ok(data=data)) as (axis, _):
        (carried,) = axis.track("goi", now=NOW)
    assert (carried.to_organ_id, carried.state, carried.description) == ("H44", "fail", "hỏng")


@pytest.mark.parametrize(("given", "seconds"), [({}, 60), ({"axis_poll_seconds": 5}, 5)])
def test_an_axis_is_asked_as_often_as_the_settings_say(settings, given, seconds):
    settings.GATEWAY = "chauban.exchange.gateways.over_http"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, axis_url="http://127.0.0.1:9", **given)
    assert current_gateway.__wrapped__().poll_every == timedelta(seconds=seconds)


def test_a_message_in_the_store_is_sent_from_its_file(blob_folder):
    raw = b"<edXML>" + bytes(200_000)
    envelope = replace(ENVELOPE, raw=store.write(raw, now=NOW))
    with an_axis(body=ok(DocId="1")) as (axis, requests):
        assert sent(axis, envelope).package_id == "1"
    ((_, headers, body),) = requests
    assert body == raw
    assert verify_headers(headers, SECRET)["hash-file"] == hash_file(raw)


def test_a_package_too_large_to_be_held_comes_in_pieces(monkeypatch):
    monkeypatch.setattr(http, "WHOLE_BYTES", 100_000)
    for size, is_held in ((100_000, True), (100_001, False)):
        with an_axis(body=bytes(size)) as (axis, _):
            axis.limit_bytes = size
            package = fetched(axis)
            assert isinstance(package, bytes) == is_held
            assert b"".join([package] if is_held else package.pieces()) == bytes(size)


def test_a_package_that_ends_before_its_announced_length_has_not_come(monkeypatch):
    monkeypatch.setattr(http, "WHOLE_BYTES", 100)
    with an_axis(body=bytes(200_000), Content_Length="300000") as (axis, _):
        axis.limit_bytes = 300_000
        with pytest.raises(GatewayUnavailable):
            list(fetched(axis).pieces())


def test_a_package_announced_as_too_large_is_not_read():
    with an_axis(body=b"", Content_Length="1001") as (axis, _):
        assert isinstance(fetched(axis), PackageTooLarge)


def test_an_answer_that_is_packed_unasked_is_no_answer():
    with an_axis(body=gzip.compress(ok(DocId="1")), Content_Encoding="gzip") as (axis, _):
        assert isinstance(sent(axis), GatewayUnavailable)
        assert isinstance(fetched(axis), GatewayUnavailable)


@pytest.mark.parametrize("text", ["goi\r\nX-Khac: 1", "gói"])
def test_what_no_header_can_carry_is_refused_before_a_call(text):
    with an_axis(body=ok(DocId="1")) as (axis, requests):
        assert fetched(axis, text).code == "not-header-text"
        assert sent(axis, replace(ENVELOPE, from_organ_id=text)).code == "not-header-text"
    assert requests == []

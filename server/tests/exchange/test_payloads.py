"""A package in base64 within an answer: found however it is cut and escaped, if whole."""

import json
from base64 import b64encode

import pytest

from chauban.exchange.adapters.bkav import judged
from chauban.exchange.adapters.payloads import LONGEST_AROUND, payload
from chauban.exchange.ports import GatewayUnavailable, PackageDamaged, RefusedByAxis

RAW = bytes(range(256)) * 3 + b"?"
TEXT = b64encode(RAW).decode()
GOOD = {"data": TEXT, "status": "Success", "code": "0"}


def taken(answer, size=7):
    pieces = (answer[at : at + size] for at in range(0, len(answer), size))
    return b"".join(payload("getDocument", pieces, judged))


def escaped(text):
    """As Gson and PHP write it."""
    return text.replace("=", "\\u003d").replace("+", "\\u002b").replace("/", "\\/")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 64, 100_000])
@pytest.mark.parametrize("write", [str, escaped])
def test_it_comes_whole_however_the_answer_is_cut_and_escaped(size, write):
    text = json.dumps({**GOOD, "data": "@"}).replace("@", write(TEXT))
    assert taken(text.encode(), size) == RAW


def test_what_stands_before_it_may_be_much_but_not_without_end():
    assert taken(json.dumps({"errors": ["x" * 100_000], **GOOD}).encode(), 1000) == RAW
    with pytest.raises(GatewayUnavailable, match="no end"):
        taken(json.dumps({"errors": ["x" * LONGEST_AROUND], **GOOD}).encode(), 1000)
    with pytest.raises(GatewayUnavailable, match="no end"):
        taken(json.dumps({**GOOD, "errors": ["x" * LONGEST_AROUND]}).encode(), 1000)


@pytest.mark.parametrize("cut", [20, 300, len(json.dumps(GOOD)) - 3])
def test_an_answer_that_breaks_off_is_no_package(cut):
    with pytest.raises(GatewayUnavailable):
        taken(json.dumps(GOOD).encode()[:cut])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({**GOOD, "data": None}, PackageDamaged),
        ({**GOOD, "data": {"data": 1}}, PackageDamaged),
        ({**GOOD, "data": TEXT[:-2] + "?="}, PackageDamaged),
        ({"status": "Success"}, PackageDamaged),
        ({"data": TEXT}, GatewayUnavailable),
        ({"data": TEXT, "status": "Error", "code": "0"}, RefusedByAxis),
        ({"data": "?", "status": "Fail", "errors": [{"errorCode": "N.To"}]}, RefusedByAxis),
    ],
)
def test_an_answer_that_does_not_say_success_is_no_package(answer, error):
    with pytest.raises(error):
        taken(json.dumps(answer).encode())

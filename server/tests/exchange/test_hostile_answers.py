"""Whatever a hub answers, a gateway gives a result or a GatewayError, and the worker goes on."""

import io
import json
import random
from contextlib import contextmanager, suppress
from email.message import Message
from itertools import islice

import pytest
import urllib3

from chauban.exchange.adapters.accounts import Account
from chauban.exchange.adapters.bkav import BkavGateway
from chauban.exchange.adapters.e_doc_v1 import EDocV1Gateway
from chauban.exchange.adapters.http import Answer
from chauban.exchange.adapters.lang_son import LangSonGateway
from chauban.exchange.adapters.quang_nam import QuangNamGateway
from chauban.exchange.ports import Coming, Envelope, GatewayError, Outcome
from chauban_edxml.reading import read
from chauban_edxml.soap_writing import soap_package
from tests.exchange.messages import SENDER, a_message, our_status, raw_message
from tests.exchange.stand_ins.bkav import BkavHub
from tests.exchange.stand_ins.e_doc_v1 import EDocV1Hub
from tests.exchange.stand_ins.lang_son import LangSonFacade
from tests.exchange.stand_ins.quang_nam import QuangNamFacade
from tests.exchange.stand_ins.serving import Request, as_json
from tests.moments import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blob_folder")]
OURS, OUTSIDE = "H57", "H44"
SECRETS, NAMES = {OURS: "khoa"}, {OUTSIDE: "Phú Thọ"}
ODD = [
    None,
    True,
    0,
    -1,
    10**40,
    "",
    "\r\nX: y",
    "\ud800",
    "a\0b",
    "x" * 100_000,
    [],
    [None],
    {},
    [[]],
]
TEXTS = [b"", b"<", b"{", b"[]", b'"', b"null", b"\xff\xfe", b"<a/>", b"--x\r\n", b"[" * 100_000]


class InProcess:
    """A connection to a stand-in without a network; spoil changes each answer."""

    url = name = "hub"

    def __init__(self, stand_in, base):
        self.stand_in, self.base, self.spoil = stand_in, base, lambda body: body

    @contextmanager
    def call(self, operation, method, path, *, headers, body=b"", fields=None):
        sent = Message()
        for name, value in headers.items():
            assert "\n" not in value
            sent[name] = value
        whole = body if isinstance(body, bytes) else b"".join(body)
        path = f"{self.base}/{path}".rstrip("/")
        request = Request(method, path, dict(fields or {}), sent, whole)
        try:
            answer = self.stand_in.answer(request)
        except (LookupError, ValueError):  # it was made to be asked for what there is not
            answer = as_json(500, status="Error")
        response = urllib3.HTTPResponse(
            io.BytesIO(self.spoil(answer.body)),
            headers={"Content-Type": answer.content_type},
            status=answer.status,
            preload_content=False,
        )
        yield Answer(operation, response)


def bkav():
    hub = BkavHub(SECRETS, NAMES.items())
    hub.put_document(raw_message(OURS, sender=SENDER))
    hub.put_status(our_status(OUTSIDE, OURS))
    return hub, "/EdocService", BkavGateway("http://hub", accounts=SECRETS, limit_bytes=10**6)


def e_doc_v1():
    hub = EDocV1Hub(SECRETS, NAMES.items())
    package = soap_package(a_message(OURS))
    hub.put_document(b"".join(package.pieces()), package.content_type)
    hub.put_status(read(our_status(OUTSIDE, OURS)))
    return hub, "", EDocV1Gateway("http://hub", accounts=SECRETS, limit_bytes=10**6)


def lang_son(shape="text"):
    facade = LangSonFacade(SECRETS, NAMES)
    facade.put(raw_message(OURS, sender=SENDER))
    facade.shape = shape
    return facade, "", LangSonGateway("http://hub", accounts=SECRETS, limit_bytes=10**6)


def quang_nam():
    facade = QuangNamFacade(("a", "b"), SECRETS, NAMES)
    facade.put(raw_message(OURS, sender=SENDER))
    consumer = Account("a", "b")
    gateway = QuangNamGateway("http://hub", consumer=consumer, accounts=SECRETS, limit_bytes=10**6)
    return facade, "", gateway


def changed(body, at):
    """The body with one thing in it changed, by chance that at decides."""
    chance = random.Random(at)
    kind = chance.randrange(4)
    if kind == 0:
        return chance.choice(TEXTS)
    if kind == 1:
        return body[: chance.randrange(len(body) + 1)]
    try:
        values = json.loads(body)
    except ValueError:
        start = chance.randrange(len(body) or 1)
        return body[:start] + bytes(chance.randbytes(3)) + body[start + chance.randrange(20) :]
    holder = chance.choice(list(holders(values)))
    key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key] = chance.choice(ODD)
    return json.dumps(values).encode()


def holders(values):
    if values and isinstance(values, dict | list):
        yield values
        for one in values.values() if isinstance(values, dict) else values:
            yield from holders(one)


def everything(gateway):
    """All that a gateway is asked for, each piece apart."""
    envelopes = [
        Envelope("edoc", OURS, (OUTSIDE,), raw_message(OUTSIDE, sender=OURS)),
        Envelope("status", OURS, (OUTSIDE,), our_status(OURS, OUTSIDE)),
    ]
    yield lambda: gateway.send(envelopes, now=NOW)
    for kind in ("edoc", "status"):
        yield lambda kind=kind: all_of(gateway, kind)
    yield lambda: list(islice(gateway.organisations(now=NOW), 10))


def all_of(gateway, kind):
    names = [one.package_id for one in gateway.waiting(kind, now=NOW)]
    for found in gateway.fetch(names, now=NOW):
        assert isinstance(found, bytes | Coming | GatewayError)
    return gateway.confirm([Outcome(one, "done") for one in names], now=NOW)


@pytest.mark.parametrize("make", [bkav, e_doc_v1, lang_son, quang_nam])
def test_nothing_but_a_gateway_error_comes_of_a_spoilt_answer(make):
    for at in range(20):
        stand_in, base, gateway = make()
        connection = gateway.connection = InProcess(stand_in, base)
        answers = iter(range(10_000))
        spoilt = at % 5
        connection.spoil = lambda body, at=at, answers=answers, spoilt=spoilt: (
            changed(body, at) if next(answers) % 5 >= spoilt else body
        )
        for act in everything(gateway):
            with suppress(GatewayError):
                act()

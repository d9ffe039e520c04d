"""An office on each of the other interfaces: a document out and in, statuses back, once each."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.gateways import current_gateway
from chauban.exchange.models import Delivery, IncomingMessage, KeptPackage, OutgoingMessage
from chauban.exchange.sending import track_next
from chauban.registers.models import IncomingDocument
from chauban_edxml.reading import read
from chauban_edxml.soap_writing import soap_package
from tests.exchange.messages import SENDER, a_message, a_status, raw_message
from tests.exchange.stand_ins.bkav import BkavHub
from tests.exchange.stand_ins.e_doc_v1 import EDocV1Hub
from tests.exchange.stand_ins.lang_son import LangSonFacade
from tests.exchange.stand_ins.quang_nam import QuangNamFacade
from tests.moments import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blob_folder")]
HOUR = timedelta(hours=1)
NAMES = {SENDER: "Ủy ban nhân dân tỉnh Phú Thọ"}


@dataclass
class Office:
    """stand_in: what the office is connected to, as its other members see it."""

    gateway: Any
    stand_in: Any
    compares: bool  # whether it knows what it is sent a second time

    def documents(self):
        match self.stand_in:
            case BkavHub():
                return [read(raw) for raw in self.stand_in.documents.values()]
            case EDocV1Hub():
                return list(self.stand_in.messages().values())
            case _:
                return [one for one in map(read, self.stand_in.sent) if hasattr(one, "subject")]

    def statuses(self):
        match self.stand_in:
            case BkavHub():
                return [read(raw) for raw in self.stand_in.statuses.values()]
            case EDocV1Hub():
                return self.stand_in.statuses
            case _:
                return [one for one in map(read, self.stand_in.sent) if hasattr(one, "status_code")]

    def put_document(self, *to):
        if isinstance(self.stand_in, EDocV1Hub):
            package = soap_package(a_message(*to))
            body = b"".join(package.pieces())
            self.stand_in.put_document(body, package.content_type)
        elif isinstance(self.stand_in, BkavHub):
            self.stand_in.put_document(raw_message(*to))
        else:
            self.stand_in.put(raw_message(*to))

    def put_status(self, raw):
        match self.stand_in:
            case BkavHub():
                self.stand_in.put_status(raw)
            case EDocV1Hub():
                self.stand_in.put_status(read(raw))
            case _:
                self.stand_in.put(raw)


@pytest.fixture(params=["bkav", "e-doc-v1", "lang-son", "quang-nam"])
def office(request, settings, body):
    """An installation whose settings name the interface, with accounts of two of its bodies."""
    codes = [body(key).organ_id(NOW.date()) for key in ("ubnd-tp", "ubnd-thuan-hoa")]
    secrets = {code: f"khoa-{code}" for code in codes}
    stand_in, path = {
        "bkav": lambda: (BkavHub(secrets, NAMES.items()), "/EdocService"),
        "e-doc-v1": lambda: (EDocV1Hub(secrets, NAMES.items()), "/edoc"),
        "lang-son": lambda: (LangSonFacade(secrets, NAMES), ""),
        "quang-nam": lambda: (QuangNamFacade(("khach", "mat-khau"), secrets, NAMES), ""),
    }[request.param]()
    with stand_in.running() as url:
        settings.GATEWAY = "chauban.exchange.gateways.over_http"
        settings.ENVIRONMENT = replace(
            settings.ENVIRONMENT,
            axis_url=url + path,
            axis_interface=request.param,
            axis_system_id="khach",
            axis_secret="mat-khau",
            axis_accounts=",".join(f"{code}={secret}" for code, secret in secrets.items()),
        )
        gateway = current_gateway.__wrapped__()
        yield Office(gateway, stand_in, request.param in ("bkav", "e-doc-v1"))


def test_a_document_arrives_once_though_the_answer_is_lost_and_its_statuses_come_back(
    office, sealed, officer, carry
):
    clerk = officer("van-thu.vp-ubnd")
    document = sealed(recipients=[], outside=[(SENDER, NAMES[SENDER])])
    issue(document, officer=clerk, now=NOW)
    office.gateway.waiting("edoc", now=NOW)  # so that a token, where there is one, is there
    office.stand_in.faults.append("lost")
    carry(through=office.gateway)
    recipient = document.recipients.get()
    message = OutgoingMessage.objects.get()
    assert (message.state, message.error_code) == ("due", "unavailable")

    carry(NOW + HOUR, through=office.gateway)
    recipient.refresh_from_db()
    assert recipient.transport == "initial"
    found = office.documents()
    assert {one.document_id for one in found} == {document.document_id}
    assert len(found) == (1 if office.compares else 2)
    assert found[0].attachments[0].name == "cong-van.pdf"
    assert track_next(office.gateway, now=NOW + 2 * HOUR)
    message.refresh_from_db()
    assert message.track_at > NOW + 2 * HOUR  # nothing is told, so it is asked again

    for code in ("01", "03"):
        office.put_status(a_status(code, of=document, reporter=SENDER))
    carry(NOW + 3 * HOUR, through=office.gateway)
    recipient.refresh_from_db()
    assert recipient.status_code == "03"
    assert [one.code for one in recipient.statuses.all()] == ["01", "03"]
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()
    assert not KeptPackage.objects.exists()
    track_next(office.gateway, now=NOW + 3 * HOUR)
    message.refresh_from_db()
    assert message.track_at is None


def test_a_foreign_document_is_taken_in_once_and_answered_once_however_it_is_confirmed(
    office, body, officer, carry
):
    commune = body("ubnd-thuan-hoa")
    office.put_document(commune.organ_id(NOW.date()))
    carry(through=office.gateway)
    delivery = Delivery.objects.get()
    assert (delivery.body, delivery.from_organ_id, delivery.state) == (commune, SENDER, "proposed")
    assert [file.name for file in delivery.files.all()] == ["van-ban.doc"]

    clerk = officer("van-thu.thuan-hoa")
    accept_delivery(delivery, acceptance="information", officer=clerk, now=NOW)
    office.stand_in.faults += ["down"]
    carry(NOW + HOUR, through=office.gateway)
    carry(NOW + 3 * HOUR, through=office.gateway)
    assert IncomingDocument.objects.count() == 1
    told = office.statuses()
    assert [(one.status_code, one.response_for.organ_id) for one in told] == [
        ("01", SENDER),
        ("03", SENDER),
    ]
    assert {one.from_.organ_id for one in told} == {commune.organ_id(NOW.date())}
    assert office.gateway.waiting("edoc", now=NOW + 3 * HOUR) == []
    assert not IncomingMessage.objects.filter(confirmed_at=None).exists()

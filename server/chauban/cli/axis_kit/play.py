"""One run of the kit: what it sent, what it looks up again, and what a case demands."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from chauban.cli.axis_kit.wire import Answer, Silence, Wire
from chauban_edxml.model import (
    Attachment,
    Bussiness,
    BussinessDocType,
    BussinessDocumentInfo,
    Code,
    DocumentMessage,
    DocumentType,
    Organization,
    PromulgationInfo,
    ResponseFor,
    SignerInfo,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.vxp import hash_file
from chauban_edxml.writing import write, write_status

Row = dict[str, Any]
PAGES = 50


class Failed(Exception):
    """The implementation did not do what was expected; the text says what it did."""


class NotApplicable(Exception):
    """The case cannot be played here; the text says why."""


@dataclass(frozen=True)
class Sent:
    """A package of this run: the sender's DocId and the bytes."""

    doc_id: str
    raw: bytes = field(repr=False)


@dataclass
class Play:
    """A run of the kit by a system that speaks for `agency`, at which it also receives."""

    wire: Wire
    agency: str
    second_agency: str = ""
    foreign: Wire | None = None
    limit_mb: int = 0
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    count: int = 0
    to_clear: list[str] = field(default_factory=list)

    def message(self, *to: str, number: str = "", subject: str = "", **values: Any) -> bytes:
        """A new document of this run as edXML."""
        self.count += 1
        number = number or f"{self.count}"
        document_id = f"{self.agency},2026/01/15,{number}/KT-{self.run}"
        business = values.pop("business", BussinessDocType.NEW)
        return write(
            DocumentMessage(
                from_=Organization(self.agency, "Cơ quan kiểm thử", "Cơ quan kiểm thử"),
                to=tuple(Organization(code, "Nơi nhận", "Nơi nhận") for code in to),
                document_id=document_id,
                code=Code(number, f"KT-{self.run}"),
                subject=subject or f"V/v kiểm thử kết nối {self.run}",
                promulgation_info=PromulgationInfo(date(2026, 1, 15), "Huế"),
                document_type=DocumentType("Công văn"),
                signer_info=SignerInfo("Nguyễn Văn Thử", "Chánh Văn phòng"),
                bussiness=Bussiness(
                    business,
                    "Kiểm thử",
                    document_id=document_id if business == BussinessDocType.UPDATE else "",
                    bussiness_document_info=BussinessDocumentInfo()
                    if business == BussinessDocType.UPDATE
                    else None,
                ),
                trace=(TraceHeader(self.agency, datetime(2026, 1, 15, 8, tzinfo=UTC)),),
                attachments=values.pop(
                    "attachments", (Attachment("van-ban.pdf", b"%PDF-1.7 " + b"x" * 300),)
                ),
            ),
            **values,
        )

    def status(self, number: str = "1") -> bytes:
        """A status 01 that this agency sends itself, as `ResponseFor` names it (section 9)."""
        self.count += 1
        document_id = f"{self.agency},2026/01/15,{number}/KT-{self.run}-{self.count}"
        return write_status(
            StatusMessage(
                from_=Organization(self.agency, "Cơ quan kiểm thử", "Cơ quan kiểm thử"),
                response_for=ResponseFor(
                    self.agency,
                    code=f"{number}/KT-{self.run}",
                    document_id=document_id,
                    promulgation_date=date(2026, 1, 15),
                ),
                status_code="01",
                timestamp=datetime(2026, 1, 15, 9, tzinfo=UTC),
                description="Đã đến",
            )
        )

    def sending(self, raw: bytes, **changed: str) -> dict[str, str]:
        """The parameters of sendEdoc for these bytes; a value None leaves the parameter out."""
        parameters = {
            "from": self.agency,
            "servicetype": "eDoc",
            "messagetype": "edoc",
            "hash-file": hash_file(raw),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def send(self, raw: bytes, *, body: bytes | None = None, **changed: str) -> Answer:
        sent = raw if body is None else body
        answer = self.wire.call("sendEdoc", self.sending(raw, **changed), body=sent)
        if answer.is_ok and answer.envelope:
            self.to_clear.append(str(answer.envelope.get("DocId") or ""))
        return answer

    def sent(self, *to: str, raw: bytes = b"", **changed: str) -> Sent:
        """A package that the axis took over."""
        raw = raw or self.message(*(to or (self.agency,)))
        envelope = must_be_ok(self.send(raw, **changed))
        doc_id = str(envelope.get("DocId") or "")
        demand(doc_id not in ("", "0"), f"DocId = {doc_id!r}")
        return Sent(doc_id, raw)

    def tracked(self, sent: Sent, *, type: str = "edoc") -> list[Row]:
        """What the sender is told of each recipient."""
        parameters = {"servicetype": "eDoc", "messagetype": type, "docId": sent.doc_id}
        return rows(self.wire.call("getSentEdocList", parameters))

    def received(self, sent: Sent, *, type: str = "edoc") -> str:
        """The receiver's DocId of the only copy of a package."""
        copies = self.tracked(sent, type=type)
        demand(len(copies) == 1, f"{len(copies)} bản / copies: {copies!r:.200}")
        return str(copies[0].get("receiverDocId") or "")

    def listed(self, *, type: str = "edoc", **more: str) -> Iterator[Row]:
        """Every row of the list of received packages, page by page."""
        for page in range(1, PAGES + 1):
            found = self.list_page(type=type, pageSize="100", pageIndex=str(page), **more)
            yield from found
            if len(found) < 100:
                return

    def list_page(self, *, type: str = "edoc", **more: str) -> list[Row]:
        parameters = {"servicetype": "eDoc", "messagetype": type, **more}
        return rows(self.wire.call("getReceivedEdocList", parameters))

    def row(self, doc_id: str, *, type: str = "edoc", **more: str) -> Row | None:
        return next(
            (one for one in self.listed(type=type, **more) if one.get("docId") == doc_id), None
        )

    def fetch(self, doc_id: str) -> bytes:
        envelope = must_be_ok(self.wire.call("getEdoc", {"docId": doc_id}, body=b"{}"))
        try:
            return base64.b64decode(str(envelope.get("data")), validate=True)
        except ValueError as error:
            raise Failed(f"data không phải base64 / is no base64: {error}") from error

    def update(self, doc_id: str, status: str, **more: str) -> Answer:
        parameters = {"docId": doc_id, "status": status, **more}
        return self.wire.call("updateStatus", parameters, body=b"{}")

    def clear(self) -> None:
        """Take what this run sent off the queues, as a receiver does; as far as it is answered."""
        with suppress(Silence, AttributeError, TypeError):
            self._clear()

    def _clear(self) -> None:
        for doc_id in filter(None, self.to_clear):
            for type in ("edoc", "status"):
                parameters = {"servicetype": "eDoc", "messagetype": type, "docId": doc_id}
                answer = self.wire.call("getSentEdocList", parameters)
                for copy in (answer.envelope or {}).get("data") or ():
                    if isinstance(copy, dict) and copy.get("receiverDocId"):
                        self.update(str(copy["receiverDocId"]), "done")


@dataclass(frozen=True)
class Case:
    """One thing that an implementation must do: asked and expected are Vietnamese."""

    name: str
    group: str
    clause: str
    asked: str
    expected: str
    act: Callable[[Play], None] = field(repr=False)


CASES: list[Case] = []
Act = Callable[[Play], None]


def case(name: str, clause: str, asked: str, expected: str) -> Callable[[Act], Act]:
    """Enter the function below as a case; name is `group/what`."""

    def enter(act: Act) -> Act:
        CASES.append(Case(name, name.partition("/")[0], clause, asked, expected, act))
        return act

    return enter


def demand(is_so: bool, found: str) -> None:
    """Raises: Failed, with what was found."""
    if not is_so:
        raise Failed(found)


def must_be_ok(answer: Answer) -> Row:
    """Raises: Failed."""
    demand(answer.is_ok, str(answer))
    return answer.envelope or {}


def must_refuse(answer: Answer) -> None:
    """Raises: Failed: it was served, or the server broke down over it."""
    demand(answer.is_refusal, str(answer))


def rows(answer: Answer) -> list[Row]:
    """Raises: Failed: no list of objects."""
    data = must_be_ok(answer).get("data")
    is_list = isinstance(data, list) and all(isinstance(one, dict) for one in data)
    demand(is_list, f"data = {json.dumps(data)[:160]}")
    return list(data or ())

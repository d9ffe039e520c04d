"""Our sealed letter, renewed by another program: validation data and document time-stamps.

ETSI EN 319 142-1 clauses 5.4 and 5.5: such revisions may follow any signature, whoever makes
them. pyHanko plays the other program; it also writes producer and dates anew, as Acrobat does.
"""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from asn1crypto import crl, ocsp, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfTimeStamper
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

from chauban_pades import Report, add_document_timestamp, assess
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pki.certificates import encoded
from chauban_pki.demo.answers import timestamp_response
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Trust


class Stamper(TimeStamper):
    """pyHanko's time-stamper that asks the demonstration's authority."""

    def __init__(self, authority: DemoAuthority, now: datetime) -> None:
        super().__init__()
        self.authority, self.now = authority, now

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answer = timestamp_response(self.authority, req.dump(), now=self.now)
        return tsp.TimeStampResp.load(answer)


class Other:
    """The other program; `change` is what it does besides in the same revision."""

    def __init__(self, authority: DemoAuthority, now: datetime, data: ValidationData) -> None:
        self.stamper = PdfTimeStamper(Stamper(authority, now))
        self.data = data
        self.certificates = [asn1_x509.Certificate.load(one) for one in data.certificates]
        self.context = ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(encoded(authority.root.certificate))],
            other_certs=self.certificates,
            allow_fetching=False,
            moment=now,
            crls=data.crls,
            ocsps=data.ocsps,
        )

    def add_store(self, pdf: bytes, change: Callable[[Any], None] = lambda writer: None) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=self.certificates,
            crls=[crl.CertificateList.load(one) for one in self.data.crls],
            ocsps=[ocsp.OCSPResponse.load(one) for one in self.data.ocsps],
        )
        change(writer)
        written = io.BytesIO()
        writer.write(written)
        return written.getvalue()

    def stamp(self, pdf: bytes, change: Callable[[Any], None] = lambda writer: None) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        change(writer)
        written = io.BytesIO()
        self.stamper.timestamp_pdf(
            writer, "sha256", output=written, validation_context=self.context
        )
        return written.getvalue()

    def renew(self, pdf: bytes) -> bytes:
        """Its own way to prolong a chain of document time-stamps."""
        written = io.BytesIO()
        self.stamper.update_archival_timestamp_chain(
            PdfFileReader(io.BytesIO(pdf)), self.context, in_place=False, output=written
        )
        return written.getvalue()


@pytest.fixture(scope="module")
def other(authority: DemoAuthority, now: datetime, validation_data: ValidationData) -> Other:
    return Other(authority, now, validation_data)


BOX = (9, 9, 90, 90)


def codes(report: Report) -> list[str]:
    return [one.what for one in report.changes_after_signing]


def test_validation_data_and_time_stamps_by_others_are_permitted(
    other: Other,
    sealed: bytes,
    sealed_lt: bytes,
    trust: Trust,
    now: datetime,
    timestamp: Timestamper,
) -> None:
    ours = add_document_timestamp(sealed_lt, timestamp=timestamp)
    renewed = {
        "store": (other.add_store(sealed), "B-LT"),
        "store again": (other.add_store(sealed_lt), "B-LT"),
        "stamp": (other.stamp(sealed_lt), "B-LTA"),
        "stamp over ours": (other.stamp(ours), "B-LTA"),
        "chain": (other.renew(ours), "B-LTA"),
    }
    for what, (pdf, level) in renewed.items():
        report = assess(pdf, trust=trust, at=now)
        found = (report.document, report.verdict, codes(report), report.reasons)
        assert found == ("complete", Verdict.TOTAL_PASSED, [], ()), what
        assert [one.level for one in report.signatures] == [level, level], what
    second = assess_with_pyhanko(renewed["chain"][0], trust=trust, at=now)
    assert (second.document, second.verdict) == ("complete", Verdict.TOTAL_PASSED)


def test_ours_can_follow_theirs(
    other: Other, sealed: bytes, trust: Trust, now: datetime, timestamp: Timestamper
) -> None:
    again = add_document_timestamp(other.stamp(sealed), timestamp=timestamp)
    assert assess(again, trust=trust, at=now).verdict is Verdict.TOTAL_PASSED


def title(writer: Any) -> None:
    writer.document_meta.title = "Quyết định khác"


def author(writer: Any) -> None:
    writer.document_meta.author = "Cơ quan khác"


def annotation(writer: Any) -> None:
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Square"),
            generic.pdf_name("/Rect"): generic.ArrayObject(
                map(generic.NumberObject, (9, 9, 90, 90))
            ),
            generic.pdf_name("/F"): generic.NumberObject(4),
        }
    )
    writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(note))


def content(writer: Any) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    added = writer.add_object(generic.StreamObject(stream_data=b"q 0 0 99 99 re f Q"))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), added])
    writer.update_container(page)


def field(writer: Any) -> None:
    append_signature_field(writer, SigFieldSpec("signatory-9", box=BOX))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (title, "information-changed"),
        (author, "information-changed"),
        (annotation, "annotation-added"),
        (content, "page-content-changed"),
        (field, "field-added"),
    ],
)
@pytest.mark.parametrize("way", ["add_store", "stamp"])
def test_all_else_in_such_a_revision_is_a_change(
    other: Other,
    sealed_lt: bytes,
    trust: Trust,
    now: datetime,
    change: Callable[[Any], None],
    code: str,
    way: str,
) -> None:
    report = assess(getattr(other, way)(sealed_lt, change), trust=trust, at=now)
    assert (report.document, report.verdict) == ("altered", Verdict.TOTAL_FAILED)
    assert code in codes(report)

"""Messages from the system outside, shaped like those of the axis's own SDK."""

from dataclasses import replace
from datetime import date, datetime

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
    ReplacementInfo,
    ResponseFor,
    SignerInfo,
    StatusMessage,
    TraceHeader,
)
from chauban_edxml.writing import write, write_status
from tests.moments import NOW

SENDER = "000.00.00.H44"
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 unsigned, as Word saved it"

_REPLACED = ReplacementInfo(f"{SENDER},2026/01/05,1/UBND-TTĐT", (SENDER,))


def a_message(
    *to: str,
    sender: str = SENDER,
    number: str = "7816",
    attachments=(("van-ban.doc", DOC),),
    business: BussinessDocType = BussinessDocType.NEW,
    traced_at: datetime = NOW,
    **values,
) -> DocumentMessage:
    document_id = f"{sender},2026/11/20,{number}/UBND-TTĐT"
    message = DocumentMessage(
        from_=Organization(sender, "Chính phủ", "Ủy ban nhân dân tỉnh Phú Thọ"),
        to=tuple(Organization(code, "UBND thành phố Huế", f"Cơ quan {code}") for code in to),
        document_id=document_id,
        code=Code(number, "UBND-TTĐT"),
        subject="V/v thử nghiệm kết nối",
        promulgation_info=PromulgationInfo(date(2026, 11, 20), "Phú Thọ"),
        document_type=DocumentType("Công văn"),
        signer_info=SignerInfo("Nguyễn Văn Thử", "Chủ tịch"),
        bussiness=Bussiness(
            business,
            "Thử nghiệm",
            document_id=document_id if business in (1, 2) else "",
            bussiness_document_info=BussinessDocumentInfo() if business == 2 else None,
            replacement_info_list=(_REPLACED,) if business == 3 else (),
        ),
        trace=(TraceHeader(sender, traced_at),),
        attachments=tuple(Attachment(name, content) for name, content in attachments),
    )
    return replace(message, **values)


def raw_message(*to: str, **values) -> bytes:
    return write(a_message(*to, **values))


def a_status(code: str, *, of, reporter: str, description: str = "") -> bytes:
    """The status of a recipient outside on a document of ours."""
    return write_status(
        StatusMessage(
            from_=Organization(reporter, "Chính phủ", "Cơ quan ngoài"),
            response_for=ResponseFor(
                of.document_id.split(",")[0],
                code=of.code,
                document_id=of.document_id,
                promulgation_date=of.issued_on,
            ),
            status_code=code,
            timestamp=NOW,
            description=description,
        )
    )


def our_status(reporter: str, sender: str, code: str = "01") -> bytes:
    """The status of reporter on sender's document 7816."""
    document_id = f"{sender},2026/11/20,7816/UBND-TTĐT"
    return write_status(
        StatusMessage(
            from_=Organization(reporter, "Chính phủ", f"Cơ quan {reporter}"),
            response_for=ResponseFor(
                sender, "7816/UBND-TTĐT", document_id, promulgation_date=date(2026, 11, 20)
            ),
            status_code=code,
            timestamp=NOW,
            description="Đã đến",
        )
    )

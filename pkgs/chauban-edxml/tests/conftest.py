"""A complete message and status of our own, the vectors, and the public samples."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chauban_edxml.model import (
    Attachment,
    Bussiness,
    Code,
    DocumentMessage,
    DocumentType,
    Organization,
    OtherInfo,
    PromulgationInfo,
    ResponseFor,
    SignerInfo,
    StatusCode,
    StatusMessage,
    TraceHeader,
)

CHECKOUT = Path(__file__).resolve().parents[3]
VECTORS = CHECKOUT / "vectors" / "edxml"
SAMPLES = CHECKOUT.parent / "shared" / "reference" / "edxml-samples"


@dataclass(frozen=True)
class Samples:
    """The folder of public sample messages, which is not part of this repository."""

    folder: Path

    def bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


@pytest.fixture(scope="session")
def samples() -> Samples:
    if not SAMPLES.is_dir():
        pytest.skip(f"the public samples are not beside this checkout: {SAMPLES}")
    return Samples(SAMPLES)


@pytest.fixture(scope="session")
def vectors() -> Path:
    return VECTORS


@pytest.fixture
def message() -> DocumentMessage:
    """A letter of Sở Tài chính to a ward and to the city, with a PDF and a spreadsheet."""
    return DocumentMessage(
        from_=Organization("H57.03", "Sở Tài chính", "Sở Tài chính"),
        to=(
            Organization("H57.64", "UBND phường Phú Bài", "UBND phường Phú Bài"),
            Organization("H57", "UBND thành phố Huế", "UBND thành phố Huế"),
        ),
        document_id="H57.03,2026/11/20,05/STC-NS",
        code=Code("05", "STC-NS"),
        subject="V/v rà soát dự toán & quyết toán <2026>",
        content="V/v rà soát dự toán & quyết toán <2026>",
        promulgation_info=PromulgationInfo(date(2026, 11, 20), "Huế"),
        document_type=DocumentType("Công văn"),
        signer_info=SignerInfo("Trần Văn Mẫu", "Giám đốc"),
        other_info=OtherInfo(page_amount=2),
        to_places=("Như trên", "Lưu: VT"),
        bussiness=Bussiness(bussiness_doc_reason="Văn bản điện tử mới"),
        trace=(TraceHeader("H57.03", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),),
        attachments=(
            Attachment("05-STC-NS.pdf", b"%PDF-1.7\n%\xc4\xe5\xf2\xe5\n1 0 obj\n"),
            Attachment("Phụ lục.xlsx", b"PK\x03\x04 a workbook", "Phụ lục"),
        ),
    )


@pytest.fixture
def status() -> StatusMessage:
    """The ward reports to Sở Tài chính that the letter was registered."""
    return StatusMessage(
        from_=Organization("H57.64", "UBND phường Phú Bài", "UBND phường Phú Bài"),
        response_for=ResponseFor(
            "H57.03", "05/STC-NS", "H57.03,2026/11/20,05/STC-NS", date(2026, 11, 20)
        ),
        status_code=StatusCode.ACCEPTED,
        timestamp=datetime(2026, 11, 23, 1, 5, 9, tzinfo=UTC),
        description="Số đến 125",
    )

"""A report on a signed file in plain words, for the page that shows it.

Works from `Report` as well as from what the database kept of one (`Report.as_dict()`).
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chauban.trust.drawing import Drawing, DrawnPage, DrawnPicture
from chauban.ui.words import Words
from chauban_pades import Report
from chauban_pades.words import field_word

# What a file is worth (document), in one sentence with what to do next.
DOCUMENTS: Mapping[str, Words] = {
    "complete": Words(
        "Văn bản điện tử có đủ chữ ký số của người có thẩm quyền và của cơ quan; nội dung"
        " không bị thay đổi. Có giá trị như bản gốc.",
        "The document bears every signature it requires and was not changed. It counts as an"
        " original.",
    ),
    "electronic-copy": Words(
        "Bản sao điện tử hợp lệ: có chữ ký số của cơ quan sao, nội dung không bị thay đổi.",
        "A valid electronic copy: signed by the agency that made it, and not changed.",
    ),
    "attachment": Words(
        "Phụ lục hoặc tài liệu kèm theo hợp lệ: có chữ ký số của cơ quan ban hành.",
        "A valid attachment, signed by the issuing agency.",
    ),
    "no-seal": Words(
        "Mới có chữ ký số của cá nhân, chưa có chữ ký số của cơ quan. Chưa phải văn bản đã ban"
        " hành; hãy hỏi cơ quan gửi.",
        "Signed by a person only, not by the agency. It is not issued; ask the sender.",
    ),
    "no-signature": Words(
        "Có chữ ký số của cơ quan nhưng thiếu chữ ký số của người có thẩm quyền. Chỉ dùng để"
        " biết; hãy hỏi cơ quan gửi.",
        "Signed by the agency but not by an authorised person. For information only; ask the"
        " sender.",
    ),
    "stamped-by-issuer": Words(
        "Sau khi người có thẩm quyền ký, cơ quan đã ghi thêm vào văn bản rồi ký số. Hãy xem phần"
        " thay đổi trước khi dùng.",
        "After the person signed, the agency wrote on the document and signed. See the changes"
        " before relying on it.",
    ),
    "altered": Words(
        "Văn bản đã bị thay đổi sau khi ký. Không dùng; hãy đề nghị cơ quan gửi lại.",
        "The document was changed after signing. Do not use it; ask for it again.",
    ),
    "invalid": Words(
        "Có chữ ký số không hợp lệ. Không dùng; hãy xem lý do và báo cho cơ quan gửi.",
        "A signature is not valid. Do not use it; see why and tell the sender.",
    ),
    "unsigned": Words(
        "Tệp không có chữ ký số nào. Chỉ dùng để biết.",
        "The file bears no signature. For information only.",
    ),
    "unreadable": Words(
        "Không đọc được tệp như một văn bản PDF. Hãy kiểm tra lại tệp hoặc đề nghị gửi lại.",
        "The file cannot be read as a PDF. Check it or ask for it again.",
    ),
    "not-enough-evidence": Words(
        "Chưa đủ căn cứ để kết luận. Hãy xem lý do; có thể kiểm tra lại sau.",
        "There is not enough evidence to decide. See why; it may be checked again later.",
    ),
}
VERDICTS: Mapping[str, Words] = {
    "TOTAL-PASSED": Words("Hợp lệ", "Valid"),
    "TOTAL-FAILED": Words("Không hợp lệ", "Not valid"),
    "INDETERMINATE": Words("Chưa xác định được", "Not determined"),
}
ROLES: Mapping[str, Words] = {
    "person": Words("Người có thẩm quyền", "Authorised person"),
    "organisation": Words("Cơ quan, tổ chức", "Agency"),
    "service": Words("Dịch vụ của hệ thống", "System service"),
    "unknown": Words("Không rõ loại chứng thư", "Unknown kind of certificate"),
}


# PAdES baseline levels (ETSI EN 319 142-1 clause 6), as what they are good for.
LEVELS: Mapping[str, Words] = {
    "B-B": Words("không có dấu thời gian", "without a time-stamp"),
    "B-T": Words("có dấu thời gian", "with a time-stamp"),
    "B-LT": Words(
        "có dấu thời gian, kiểm tra được lâu dài", "with a time-stamp, can be checked for long"
    ),
    "B-LTA": Words("có dấu thời gian lưu trữ", "with an archive time-stamp"),
}


@dataclass(frozen=True)
class SignatureFinding:
    field: str  # of the file; blank: a detached signature
    role: Words
    signer: str
    agency: str
    level: Words | str
    signed_at: datetime | None  # UTC
    verdict: str  # ETSI EN 319 102-1 code, for colours
    verdict_words: Words
    reasons: tuple[Words, ...]


@dataclass(frozen=True)
class Findings:
    verdict: str
    verdict_words: Words
    document: str
    conclusion: Words
    signatures: tuple[SignatureFinding, ...]
    changes: tuple[Words, ...]
    permitted_changes: tuple[Words, ...]
    reasons: tuple[Words, ...]


@dataclass(frozen=True)
class ShownPicture:
    """A picture within the page: a `data:` address, what it shows, what is written below it."""

    address: str
    alt: Words
    caption: Words


@dataclass(frozen=True)
class ShownPage:
    title: Words
    changes: tuple[Words, ...]
    before: ShownPicture | None
    after: ShownPicture | None


@dataclass(frozen=True)
class ShownDrawing:
    pages: tuple[ShownPage, ...]
    left_out: int


def present(report: Report | Mapping[str, Any]) -> Findings:
    """The report's findings in words, in the order of the report."""
    kept = report.as_dict() if isinstance(report, Report) else report
    return Findings(
        verdict=kept["verdict"],
        verdict_words=VERDICTS[kept["verdict"]],
        document=kept["document"],
        conclusion=DOCUMENTS[kept["document"]],
        signatures=tuple(_signature(one) for one in kept["signatures"]),
        changes=tuple(map(_change, kept["changes_after_signing"])),
        permitted_changes=tuple(map(_change, kept.get("permitted_changes", ()))),
        reasons=_all_words(kept["reasons"]),
    )


def present_drawing(drawing: Drawing) -> ShownDrawing:
    """The pictures of a drawing with words for those who see them and those who do not."""
    return ShownDrawing(tuple(map(_shown_page, drawing.pages)), drawing.left_out)


def _shown_page(page: DrawnPage) -> ShownPage:
    changes = tuple(_change(one.as_dict()) for one in page.changes)
    shown = page.after or page.before
    number = shown.page if shown else 0
    return ShownPage(
        Words(f"Trang {number}", f"Page {number}"),
        changes,
        _shown(page.before, page, Words("Trước: bản đã ký", "Before: as signed")),
        _shown(page.after, page, Words("Sau: bản hiện tại", "After: as it is now")),
    )


def _shown(picture: DrawnPicture | None, page: DrawnPage, which: Words) -> ShownPicture | None:
    if picture is None:
        return None
    caption = Words(
        f"{which.vi}, trang {picture.page}, lần ghi {picture.revision}",
        f"{which.en}, page {picture.page}, revision {picture.revision}",
    )
    what = Words(
        "; ".join(one.vi for one in page.changes) or "hai hình khác nhau",
        "; ".join(one.en for one in page.changes) or "the two pictures differ",
    )
    return ShownPicture(
        "data:image/png;base64," + b64encode(picture.png).decode(),
        Words(f"{caption.vi}. Chỗ được khoanh: {what.vi}.", f"{caption.en}. Marked: {what.en}."),
        caption,
    )


def _change(kept: Mapping[str, Any]) -> Words:
    """A change, the revision that made it, and whose signature that revision carries."""
    revision, signed_by = kept["revision"], kept.get("signed_by")
    if signed_by:
        by_vi, by_en = f"ký ở ô {field_word(signed_by)}", f"signed in field {signed_by}"
    else:
        by_vi, by_en = "không kèm chữ ký số", "signed by nobody"
    return Words(
        f"{kept['vi'][:1].upper()}{kept['vi'][1:]} (lần ghi {revision}, {by_vi})",
        f"{kept['en'][:1].upper()}{kept['en'][1:]} (revision {revision}, {by_en})",
    )


def _signature(kept: Mapping[str, Any]) -> SignatureFinding:
    signing_time = kept["signing_time"]
    return SignatureFinding(
        field=kept["field"],
        role=ROLES[kept["role"]],
        signer=kept["signer"],
        agency=kept["agency"],
        level=LEVELS.get(kept["level"], kept["level"]),
        signed_at=datetime.fromisoformat(signing_time) if signing_time else None,
        verdict=kept["verdict"],
        verdict_words=VERDICTS[kept["verdict"]],
        reasons=_all_words(kept["reasons"]),
    )


def _all_words(kept: list[Mapping[str, Any]]) -> tuple[Words, ...]:
    return tuple(Words(one["vi"], one["en"]) for one in kept)

"""A document as its drafter states it, before it has a number, a date or a page.

All text is plain text: nothing in it is read as markup.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from chauban_docform.errors import BodyEmpty, MissingElement, SubjectEmpty, SubjectTooLong
from chauban_docform.kinds import Kind
from chauban_docform.rules import ND30_2020, RuleSet


class Urgency(StrEnum):
    """Mức độ khẩn, Điều 8.3.b; the value is the word in the red box."""

    MOST_URGENT = "HỎA TỐC"
    VERY_URGENT = "THƯỢNG KHẨN"
    URGENT = "KHẨN"


class Circulation(StrEnum):
    """Chỉ dẫn về phạm vi lưu hành, Điều 8.3.b."""

    RETURN_AFTER_READING = "XEM XONG TRẢ LẠI"
    INTERNAL = "LƯU HÀNH NỘI BỘ"


@dataclass(frozen=True)
class Heading:
    """Tên cơ quan, tổ chức ban hành, PL I II.2: one string per printed line.

    `parent_lines` is the parent agency (cơ quan chủ quản), empty where there is none.
    """

    parent_lines: tuple[str, ...]
    issuer_lines: tuple[str, ...]


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Division:
    """Phần, Chương, Mục or Tiểu mục on a centred line of its own, PL I II.6: `Chương I`."""

    label: str
    title: str


@dataclass(frozen=True)
class RomanSection:
    """`I. NHỮNG KẾT QUẢ …`: a section of a document without chapters and articles, PL I V.6.b."""

    number: str
    title: str


@dataclass(frozen=True)
class Article:
    """Điều; with a title, the title stands bold on the line and the text begins below it."""

    number: int
    text: str = ""
    title: str = ""


@dataclass(frozen=True)
class Clause:
    """Khoản; its title, if it has one, stands bold on a line of its own."""

    number: int
    text: str = ""
    title: str = ""


@dataclass(frozen=True)
class Point:
    """Điểm; letters run a, b, c, d, đ, e, g … in Vietnamese alphabet order."""

    letter: str
    text: str


Block = Paragraph | Division | RomanSection | Article | Clause | Point


@dataclass(frozen=True)
class Signer:
    """One signatory, in print (ô 7a, 7b), and the seal beside the signature (ô 8).

    `authority_lines` are the lines of quyền hạn, chức vụ, such as `TM. ỦY BAN NHÂN DÂN`,
    `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`. `seal_diameter_mm` is the real diameter of the seal; None where
    no seal stands beside this signature.
    """

    authority_lines: tuple[str, ...]
    name: str
    seal_diameter_mm: float | None = 36.0
    other_post: str = ""


@dataclass(frozen=True)
class Appendix:
    """Phụ lục in the same file; numbered in Roman numerals where there are several."""

    title: str
    body: tuple[Block, ...]


@dataclass(frozen=True)
class Letter:
    """One document to be typeset; number and date stay open until it is sealed.

    `notation` is the symbol after the slash (`QĐ-UBND`). `enacting_authority` is the line above
    the bases of a decision or resolution (thẩm quyền ban hành), the issuer's name when empty.
    `archive_line` is what follows `Lưu:`. `drafter_code` is cell 12, such as `PL.(300)`.
    `number_digits` is the room reserved for the number.
    """

    kind: Kind
    issuer: Heading
    notation: str
    place: str
    subject: str
    body: tuple[Block, ...]
    signers: tuple[Signer, ...]
    to_places: tuple[str, ...]
    archive_line: str = "VT"
    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    enacting_authority: str = ""
    urgency: Urgency | None = None
    circulation: Circulation | None = None
    drafter_code: str = ""
    contact: str = ""
    appendices: tuple[Appendix, ...] = ()
    number_digits: int = 5


def require_complete(letter: Letter, rules: RuleSet = ND30_2020) -> None:
    """Require every main element that the drafter states (thành phần thể thức chính, Điều 8.2).

    Raises:
        SubjectEmpty, SubjectTooLong, BodyEmpty: of the subject and the body.
        MissingElement: any other element is empty.
    """
    subject = unicodedata.normalize("NFC", letter.subject).strip()
    if not subject:
        raise SubjectEmpty
    if len(subject) > rules.subject_limit:
        raise SubjectTooLong(len(subject), rules.subject_limit)
    if not any(has_text(block) for block in letter.body):
        raise BodyEmpty
    required = {
        ("issuer", "tên cơ quan, tổ chức ban hành văn bản"): letter.issuer.issuer_lines,
        ("notation", "ký hiệu văn bản"): letter.notation,
        ("place", "địa danh"): letter.place,
        ("signers", "chức vụ, họ tên của người có thẩm quyền"): letter.signers,
        ("to_places", "nơi nhận"): letter.to_places,
    }
    for (element, element_vi), value in required.items():
        if not value:
            raise MissingElement(element, element_vi)
    for signer in letter.signers:
        if not signer.name or not signer.authority_lines:
            raise MissingElement("signers", "chức vụ, họ tên của người có thẩm quyền")


def has_text(block: Block) -> bool:
    return any(isinstance(value, str) and value.strip() for value in vars(block).values())

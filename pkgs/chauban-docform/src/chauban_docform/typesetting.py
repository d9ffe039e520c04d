"""Letters set in type: PDF/A-2b with the places for number, date, signatures and seals marked."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from chauban_docform.compiling import set_in_type
from chauban_docform.errors import KindNotTypeset, MissingElement
from chauban_docform.layouts import Layout
from chauban_docform.letters import (
    Appendix,
    Article,
    Block,
    Clause,
    Division,
    Letter,
    Paragraph,
    Point,
    RomanSection,
    Signer,
    require_complete,
)
from chauban_docform.rules import ND30_2020, RuleSet

FORMS = {
    "1.1": "decision",
    "1.2": "decision",
    "1.4": "named",
    "1.5": "letter",
    "1.6": "telegram",
    "1.7": "named",
    "1.8": "slip",
    "1.9": "minutes",
    "1.10": "slip",
}
END_MARK = "./."


def typeset(letter: Letter, *, created_at: datetime, rules: RuleSet = ND30_2020) -> bytes:
    """Return the letter as PDF/A-2b, with number and date left open.

    Each place for a reserved field carries a link to `field:NAME`: number, day, month, year, then
    signatory-1, seal-1 and so on; minutes have no date to fill in. The same letter and moment
    give the same bytes. `created_at` is an aware moment, written to the file's metadata in UTC.

    Raises:
        LetterError: an element is missing or too long, or holds a character without a glyph.
        KindNotTypeset: Phụ lục III prints no template for the kind, or we have none.

    Standards: Nghị định 30/2020/NĐ-CP, Phụ lục I; Phụ lục III templates 1.1, 1.2, 1.4 to 1.10.
    """
    if letter.kind.template not in FORMS:
        raise KindNotTypeset(letter.kind.name)
    require_complete(letter, rules)
    require_its_own(letter)
    return set_in_type("letter.typ", letter_data(letter, rules.layout), created_at=created_at)


def require_its_own(letter: Letter) -> None:
    """Require what one form has beyond the others: minutes have a secretary and a chair who sign
    (mẫu 1.9), a telegram says to whom it goes (mẫu 1.6).

    Raises: MissingElement.
    """
    form = FORMS[letter.kind.template]
    if form == "minutes" and len(letter.signers) < 2:
        raise MissingElement("signers", "chữ ký của thư ký và của chủ tọa")
    if form == "telegram" and not letter.addressees:
        raise MissingElement("addressees", "tên cơ quan, tổ chức nhận điện")


def letter_data(letter: Letter, layout: Layout) -> dict[str, Any]:
    form = FORMS[letter.kind.template]
    is_decision = form == "decision"
    by_authority = form in ("decision", "telegram")
    issuer = " ".join(letter.issuer.issuer_lines)
    return {
        "layout": layout_data(layout),
        "form": form,
        "title": letter.subject,
        "author": issuer,
        "parent_lines": capitals(letter.issuer.parent_lines),
        "issuer_lines": capitals(letter.issuer.issuer_lines),
        "notation": letter.notation,
        "number_digits": letter.number_digits,
        "place": letter.place,
        "kind_name": letter.kind.name.upper(),
        "subject": None if form == "slip" else subject_text(letter.subject, form),
        "is_dated": form != "minutes",
        "urgency": letter.urgency
        and {"words": letter.urgency, "size_mm": layout.urgency_mm[letter.urgency]},
        "circulation": letter.circulation,
        "contact": letter.contact or None,
        "addressees": addressee_texts(letter.addressees),
        "enacting_authority": (letter.enacting_authority or issuer).upper()
        if by_authority
        else None,
        "enacting_words": enacting_words(letter) if is_decision else None,
        "bases": listed(letter.bases),
        "body": ended([piece for block in letter.body for piece in pieces(block)]),
        "signers": signer_data(letter.signers),
        "to_places": to_place_texts(letter),
        "appendices": appendix_data(letter.appendices),
    }


def layout_data(layout: Layout) -> dict[str, Any]:
    return {
        "font": layout.font,
        "margins_mm": dict(layout.margins_mm),
        "indent_mm": layout.indent_mm,
        "line_spacing": layout.line_spacing,
        "signature_mm": list(layout.signature_mm),
        "elements": {
            name: {"size": element.size, "bold": element.bold, "italic": element.italic}
            for name, element in layout.elements.items()
        },
    }


def capitals(lines: Iterable[str]) -> list[str]:
    return [line.upper() for line in lines]


def subject_text(subject: str, form: str) -> str:
    """Return the subject as printed; a letter's follows `V/v`, which the drafter may have typed."""
    subject = subject.strip()
    if form != "letter":
        return subject
    return "V/v " + subject.removeprefix("V/v").removeprefix("Về việc").strip()


def enacting_words(letter: Letter) -> str:
    return "QUYẾT NGHỊ:" if letter.kind.template == "1.1" else letter.kind.name.upper() + ":"


def listed(items: Iterable[str]) -> list[str]:
    """Return items with `;` after each and `.` after the last (PL I II.6.a, II.9)."""
    texts = [item.strip().rstrip(";.").rstrip() for item in items]
    return [text + ("." if text is texts[-1] else ";") for text in texts]


def addressee_texts(addressees: tuple[str, ...]) -> list[str]:
    if len(addressees) == 1:
        return [addressees[0].strip().rstrip(";.")]
    return listed(addressees)


def to_place_texts(letter: Letter) -> list[str]:
    archive = "Lưu: " + letter.archive_line.strip().removeprefix("Lưu:").strip().rstrip(".;") + "."
    places = [place.strip().rstrip(";.") + ";" for place in letter.to_places]
    return [*places, f"{archive} {letter.drafter_code}".strip()]


def signer_data(signers: tuple[Signer, ...]) -> list[dict[str, Any]]:
    seal_numbers = count(1)
    return [
        {
            "authority_lines": capitals(signer.authority_lines),
            "name": signer.name,
            "other_post": signer.other_post or None,
            "seal_index": None if signer.seal_diameter_mm is None else next(seal_numbers),
            "seal_diameter_mm": signer.seal_diameter_mm,
        }
        for signer in signers
    ]


def appendix_data(appendices: tuple[Appendix, ...]) -> list[dict[str, Any]]:
    several = len(appendices) > 1
    return [
        {
            "label": f"Phụ lục {roman(number)}" if several else "Phụ lục",
            "title": appendix.title.upper(),
            "body": [piece for block in appendix.body for piece in pieces(block)],
        }
        for number, appendix in enumerate(appendices, start=1)
    ]


def roman(number: int) -> str:
    """Return a Roman numeral from 1 to 3999."""
    text = ""
    for value, letters in ROMAN_VALUES:
        count, number = divmod(number, value)
        text += letters * count
    return text


ROMAN_VALUES = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def pieces(block: Block) -> list[dict[str, Any]]:
    """Return a block as the pieces the template prints: style, and runs of text and boldness."""
    match block:
        case Paragraph(text):
            return [piece("paragraph", (text, False))]
        case Division(label, title):
            return [piece("centred", (label, True), (title.upper(), True))]
        case RomanSection(number, title):
            return [piece("heading", (f"{number}. {title.upper()}", True))]
        case Point(letter, text):
            return [piece("paragraph", (f"{letter}) {text}", False))]
        case Article(number, text, title):
            return numbered(f"Điều {number}.", text, title, bold_label=True)
        case Clause(number, text, title):
            return numbered(f"{number}.", text, title, bold_label=False)


def numbered(label: str, text: str, title: str, *, bold_label: bool) -> list[dict[str, Any]]:
    if not title:
        return [piece("paragraph", (label, bold_label), (f" {text}", False))]
    below = [piece("paragraph", (text, False))] if text else []
    return [piece("heading", (f"{label} {title}", True)), *below]


def piece(style: str, *runs: tuple[str, bool]) -> dict[str, Any]:
    return {"style": style, "runs": [{"text": text, "bold": bold} for text, bold in runs]}


def ended(body: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the body closed by the end mark, as the templates of Phụ lục III print it."""
    *runs, last = body[-1]["runs"]
    text = last["text"].rstrip().removesuffix(END_MARK).rstrip(".") + END_MARK
    return [*body[:-1], {**body[-1], "runs": [*runs, {**last, "text": text}]}]

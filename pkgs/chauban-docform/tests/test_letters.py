"""Điều 8: what a letter must hold before it is typeset; user's text stays what it is."""

import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chauban_docform.errors import (
    BodyEmpty,
    KindNotTypeset,
    MissingElement,
    SubjectEmpty,
    SubjectTooLong,
    UnsupportedCharacters,
)
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer

Set = Callable[[Letter], bytes]
Read = Callable[[bytes], Any]

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
TONES = ("", "̀", "̉", "̃", "́", "̣")
LETTERS = "".join(
    unicodedata.normalize("NFC", letter + tone)
    for letter in VIETNAMESE
    for tone in (TONES if letter in "aăâeêioôơuưy" else ("",))
)
MARKUP = r"# $ @ * _ 1. - \ ` < [ { = /* // ~ '' %s & #panic() $x^2$ *đậm* _nghiêng_"


def test_a_complete_letter_is_typeset(set_letter: Set, cong_van: Letter) -> None:
    assert set_letter(cong_van).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("subject", ["", "   "])
def test_article_8_2_a_letter_without_subject_is_refused(
    subject: str, set_letter: Set, cong_van: Letter
) -> None:
    with pytest.raises(SubjectEmpty):
        set_letter(replace(cong_van, subject=subject))


def test_pl_vi_a_subject_has_at_most_500_characters(set_letter: Set, cong_van: Letter) -> None:
    decomposed = unicodedata.normalize("NFD", "ế" * 500)
    assert set_letter(replace(cong_van, subject=decomposed))
    with pytest.raises(SubjectTooLong) as refused:
        set_letter(replace(cong_van, subject="ế" * 501))
    assert (refused.value.length, refused.value.limit) == (501, 500)


@pytest.mark.parametrize("body", [(), (Paragraph(""),), (Paragraph(" "), Paragraph(""))])
def test_article_8_2_a_letter_without_body_is_refused(
    body: tuple[Paragraph, ...], set_letter: Set, cong_van: Letter
) -> None:
    with pytest.raises(BodyEmpty):
        set_letter(replace(cong_van, body=body))


@pytest.mark.parametrize(
    ("element", "change"),
    [
        ("issuer", {"issuer": Heading((), ())}),
        ("notation", {"notation": ""}),
        ("place", {"place": ""}),
        ("signers", {"signers": ()}),
        ("signers", {"signers": (Signer(("Chủ tịch",), ""),)}),
        ("signers", {"signers": (Signer((), "Nguyễn Văn Nam"),)}),
        ("to_places", {"to_places": ()}),
    ],
)
def test_article_8_2_a_letter_without_a_main_element_is_refused(
    element: str, change: dict[str, Any], set_letter: Set, cong_van: Letter
) -> None:
    with pytest.raises(MissingElement) as refused:
        set_letter(replace(cong_van, **change))
    assert refused.value.element == element


@pytest.mark.parametrize("code", ["hop_dong", "ban_ghi_nho", "ban_thoa_thuan", "thu_cong"])
def test_a_kind_without_template_here_is_refused(
    code: str, set_letter: Set, cong_van: Letter
) -> None:
    with pytest.raises(KindNotTypeset) as refused:
        set_letter(replace(cong_van, kind=kind(code)))
    assert refused.value.kind_name == kind(code).name


@pytest.mark.parametrize("character", ["中", "😀", "\t", "\n", "\x00", "\u202e", "\u200b", "\xad"])
def test_a_character_without_glyph_is_refused_and_never_printed_as_a_box(
    character: str, set_letter: Set, cong_van: Letter
) -> None:
    text = f"Gửi {character} văn bản"
    with pytest.raises(UnsupportedCharacters) as refused:
        set_letter(replace(cong_van, body=(Paragraph(text),)))
    assert refused.value.characters == character
    assert refused.value.text.startswith("Gửi")


def test_all_vietnamese_letters_are_extracted_as_they_were_typed(
    set_letter: Set, cong_van: Letter
) -> None:
    typed = " ".join(LETTERS + LETTERS.upper())
    letter = replace(cong_van, body=(Paragraph(unicodedata.normalize("NFD", typed)),))
    assert len(LETTERS) == 89
    assert "".join(typed.split()) in "".join(poppler_text(set_letter(letter)).split())


def test_markup_characters_in_a_user_s_text_stay_literal(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    letter = replace(
        cong_van,
        subject=MARKUP,
        body=(Paragraph(MARKUP), Paragraph("- gạch"), Paragraph("= tiêu đề"), Paragraph("1. số")),
        addressees=(MARKUP, "khác"),
        to_places=(MARKUP,),
        signers=(Signer((MARKUP,), MARKUP),),
        contact=MARKUP,
        place=MARKUP,
        issuer=Heading((MARKUP,), (MARKUP,)),
        archive_line=MARKUP,
    )
    text = "".join(printed(set_letter(letter)).text.split())
    once, capitals = ("".join(it.split()) for it in (MARKUP, MARKUP.upper()))
    assert text.count(once) == 8
    assert text.count(capitals) == 3
    for kept in ("-gạch", "=tiêuđề", "1.số"):
        assert kept in text


def poppler_text(pdf: bytes) -> str:
    command = ["pdftotext", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()

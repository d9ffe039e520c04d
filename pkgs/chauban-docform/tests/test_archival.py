"""The file itself: PDF/A-2b and PDF/UA-1, the vendored typeface alone, the same bytes each time."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from chauban_docform.fonts import FONT_FOLDER, SERIF, characters_of
from chauban_docform.letters import Letter
from chauban_docform.typesetting import typeset

Set = Callable[[Letter], bytes]

# Liberation 2.1.5, as distributed by Debian in fonts-liberation2 2.1.5-1.
SERIF_SHA256 = {
    "LiberationSerif-Bold.ttf": "446a4421f297698427170fd7db20e59169a4188baaaf940e9bea58af6341a723",
    "LiberationSerif-BoldItalic.ttf": (
        "36dd6965be8915f6d7efb259757f1f7546a7c6f72c53a20bbe4ae7092f2cd558"
    ),
    "LiberationSerif-Italic.ttf": (
        "c1830c433ab41379f1139fac388989d37c9f08c81e1bd643efdcc7946db30753"
    ),
    "LiberationSerif-Regular.ttf": (
        "29d12439831b7f59194efec85872f24f54eff05738933f9a860220d2abff88ba"
    ),
}


def font_names(pdf: bytes) -> set[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        return {
            str(item.BaseFont)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == pikepdf.Name.Font
        }


@pytest.mark.parametrize("fixture", ["cong_van", "quyet_dinh", "thong_bao"])
def test_it_says_which_standards_it_keeps_and_shows_its_title(
    fixture: str, set_letter: Set, request: pytest.FixtureRequest
) -> None:
    """ISO 19005-2 clause 6.6.4; ISO 14289-1 clauses 5 and 7.1."""
    with pikepdf.open(BytesIO(set_letter(request.getfixturevalue(fixture)))) as document:
        metadata = document.Root.Metadata.read_bytes()
        assert b"<pdfaid:part>2</pdfaid:part>" in metadata
        assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
        assert document.Root.ViewerPreferences.DisplayDocTitle is True
        assert document.Root.MarkInfo.Marked is True


@pytest.mark.parametrize("fixture", ["cong_van", "quyet_dinh", "thong_bao"])
def test_every_embedded_font_is_liberation_serif(
    fixture: str, set_letter: Set, request: pytest.FixtureRequest
) -> None:
    names = font_names(set_letter(request.getfixturevalue(fixture)))
    assert names
    assert {name.split("+")[-1].split("-")[0] for name in names} == {"LiberationSerif"}


def test_every_font_program_is_embedded(set_letter: Set, cong_van: Letter) -> None:
    with pikepdf.open(BytesIO(set_letter(cong_van))) as document:
        descriptors = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary)
            and item.get("/Type") == pikepdf.Name.FontDescriptor
        ]
        assert descriptors
        assert all("/FontFile2" in item or "/FontFile3" in item for item in descriptors)


def test_the_vendored_typeface_is_liberation_2_1_5() -> None:
    assert {face.name: sha256(face.read_bytes()).hexdigest() for face in SERIF} == SERIF_SHA256


def test_the_typeface_shows_every_vietnamese_letter_in_all_four_faces() -> None:
    from_unicode = [
        *range(0x1EA0, 0x1EFA),
        *map(ord, "ĂăÂâĐđÊêÔôƠơƯưÀàÁáÃãÈèÉéÌìÍíĨĩÒòÓóÕõÙùÚúŨũÝý"),
    ]
    assert characters_of(SERIF) >= set(from_unicode)


def test_the_licences_stand_beside_the_fonts() -> None:
    for name in ("LiberationSerif-copyright.txt", "DancingScript-OFL.txt"):
        assert "SIL O" in Path(FONT_FOLDER / name).read_text()


def test_the_file_claims_pdf_a_2b_and_carries_an_output_intent(
    set_letter: Set, cong_van: Letter
) -> None:
    with pikepdf.open(BytesIO(set_letter(cong_van))) as document:
        with document.open_metadata() as metadata:
            assert metadata.get("pdfaid:part") == "2"
            assert metadata.get("pdfaid:conformance") == "B"
        (intent,) = document.Root.OutputIntents
        assert intent.S == pikepdf.Name.GTS_PDFA1
        assert "/DestOutputProfile" in intent
        assert document.Root.Lang == "vi"
        assert document.docinfo["/Title"] == cong_van.subject


def test_the_file_is_well_formed_for_qpdf(
    set_letter: Set, cong_van: Letter, tmp_path: Path
) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(set_letter(cong_van))
    assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0


def test_no_annotation_but_the_places(set_letter: Set, cong_van: Letter) -> None:
    with pikepdf.open(BytesIO(set_letter(cong_van))) as document:
        addresses = [str(a.A.URI) for page in document.pages for a in page.get("/Annots", [])]
    assert len(addresses) == 6
    assert all(address.startswith("field:") for address in addresses)


def test_the_same_letter_and_moment_give_the_same_bytes(
    set_letter: Set, cong_van: Letter, quyet_dinh: Letter
) -> None:
    first = set_letter(cong_van)
    set_letter(quyet_dinh)
    assert set_letter(cong_van) == first


def test_another_moment_changes_only_the_metadata(cong_van: Letter, created_at: datetime) -> None:
    first = typeset(cong_van, created_at=created_at)
    second = typeset(cong_van, created_at=created_at + timedelta(days=1))
    assert first != second
    with pikepdf.open(BytesIO(second)) as document:
        assert document.docinfo["/CreationDate"] == "D:20261124013000Z"


def test_the_moment_is_one_moment_in_every_time_zone(
    cong_van: Letter, created_at: datetime
) -> None:
    in_hue = created_at.astimezone(timezone(timedelta(hours=7)))
    assert created_at.tzinfo is UTC
    assert typeset(cong_van, created_at=in_hue) == typeset(cong_van, created_at=created_at)


def test_threads_typeset_side_by_side(cong_van: Letter, created_at: datetime) -> None:
    letters = [replace(cong_van, subject=f"gửi văn bản lần {n}") for n in range(12)]
    alone = [typeset(letter, created_at=created_at) for letter in letters]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda it: typeset(it, created_at=created_at), letters))
    assert together == alone

"""PL I of Nghị định 30/2020/NĐ-CP, measured on the page as PDFium reads it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from chauban_docform.bodies import parse_body
from chauban_docform.kinds import KINDS, kind
from chauban_docform.layouts import LAYOUT_ND30_2020
from chauban_docform.letters import Appendix, Circulation, Heading, Letter, Signer, Urgency

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
TOP = PAGE_HEIGHT - 20 * MM
SINGLE_SPACING = 1.149

Set = Callable[[Letter], bytes]
Read = Callable[[bytes], Any]

LONG_BODY = parse_body(
    "\n".join(f"{n}. Nội dung công việc thứ {n}." + " Từ ngữ." * 40 for n in range(1, 25))
)


@pytest.fixture(scope="module")
def letter_page(set_letter: Set, printed: Read, cong_van: Letter) -> Any:
    return printed(set_letter(cong_van))


@pytest.fixture(scope="module")
def decision_page(set_letter: Set, printed: Read, quyet_dinh: Letter) -> Any:
    return printed(set_letter(quyet_dinh))


@pytest.fixture(scope="module")
def notice_page(set_letter: Set, printed: Read, thong_bao: Letter) -> Any:
    return printed(set_letter(thong_bao))


@pytest.fixture(scope="module")
def long_letter(set_letter: Set, printed: Read, cong_van: Letter) -> Any:
    return printed(set_letter(replace(cong_van, body=LONG_BODY)))


def printed_characters(page: Any) -> list[Any]:
    return [c for c in page.characters if c.text.strip()]


# Each element of the table, a piece of text in it, and the document that shows it.
ELEMENTS = (
    ("national_title", "letter_page", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("motto", "letter_page", "Độc lập - Tự do - Hạnh phúc"),
    ("parent_agency", "notice_page", "UBND THÀNH PHỐ HUẾ"),
    ("issuing_agency", "letter_page", "THÀNH PHỐ HUẾ"),
    ("code", "letter_page", "Số:"),
    ("code", "letter_page", "/UBND-VX"),
    ("place_and_date", "letter_page", "Huế, ngày"),
    ("subject_of_letter", "letter_page", "V/v gửi, nhận"),
    ("urgency", "letter_page", "THƯỢNG KHẨN"),
    ("addressed_to", "letter_page", "Kính gửi"),
    ("addressed_to", "letter_page", "Các sở, ban, ngành thành phố;"),
    ("body", "letter_page", "Thực hiện Nghị định số"),
    ("competence", "letter_page", "TM. ỦY BAN NHÂN DÂN"),
    ("competence", "letter_page", "PHÓ CHỦ TỊCH"),
    ("signer_name", "letter_page", "Nguyễn Thị Hương"),
    ("to_places_label", "letter_page", "Nơi nhận:"),
    ("to_places", "letter_page", "Lưu: VT, VX (2b)."),
    ("contact", "letter_page", "Địa chỉ: 16 Lê Lợi"),
    ("kind_name", "decision_page", "QUYẾT ĐỊNH"),
    ("kind_name", "notice_page", "THÔNG BÁO"),
    ("subject", "decision_page", "Ban hành Kế hoạch ứng dụng"),
    ("base", "decision_page", "Căn cứ Luật Tổ chức"),
    ("page_number", "long_letter", "2\r\n"),
)


@pytest.mark.parametrize(("element", "page", "text"), ELEMENTS)
def test_each_element_has_the_size_and_style_of_the_table(
    element: str, page: str, text: str, request: pytest.FixtureRequest
) -> None:
    rule = LAYOUT_ND30_2020.elements[element]
    span = request.getfixturevalue(page).find(text)
    assert rule.sizes[0] <= span.size <= rule.sizes[1], rule.clause
    assert span.size == rule.size
    assert (span.bold, span.italic) == (rule.bold, rule.italic), rule.clause


def test_every_choice_of_size_lies_in_the_range_of_its_clause() -> None:
    for name, element in LAYOUT_ND30_2020.elements.items():
        assert element.sizes[0] <= element.size <= element.sizes[1], name
    for side, (low, high) in LAYOUT_ND30_2020.margin_ranges_mm.items():
        assert low <= LAYOUT_ND30_2020.margins_mm[side] <= high, side


def test_pl_i_i_margins_hold_all_text_but_page_numbers(long_letter: Any) -> None:
    for number in range(1, long_letter.page_count + 1):
        body = [c for c in long_letter.on_page(number) if c.baseline < TOP]
        assert min(c.left for c in body) >= 30 * MM - 0.5
        assert max(c.right for c in body) <= PAGE_WIDTH - 15 * MM + 0.5
        assert min(c.baseline for c in body) >= 20 * MM


def test_pl_i_i_7_page_numbers_stand_centred_in_the_top_margin_from_page_2(
    long_letter: Any,
) -> None:
    assert long_letter.page_count >= 3
    in_top_margin = [c for c in printed_characters(long_letter) if c.baseline > TOP]
    assert [(c.page, c.text) for c in in_top_margin] == [
        (number, str(number)) for number in range(2, long_letter.page_count + 1)
    ]
    middle = (30 * MM + PAGE_WIDTH - 15 * MM) / 2
    for character in in_top_margin:
        assert (character.left + character.right) / 2 == pytest.approx(middle, abs=0.5)


def test_pl_i_ii_1_motto_stands_centred_under_the_title_at_single_spacing(letter_page: Any) -> None:
    title = letter_page.find("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = letter_page.find("Độc lập - Tự do - Hạnh phúc")
    assert title.centre == pytest.approx(motto.centre, abs=0.5)
    assert title.right <= PAGE_WIDTH - 15 * MM + 0.5
    assert title.baseline - motto.baseline == pytest.approx(13.5 * SINGLE_SPACING, abs=1.5)


def test_pl_i_ii_2_issuer_stands_centred_on_the_left_level_with_the_title(letter_page: Any) -> None:
    first, last = letter_page.find("ỦY BAN NHÂN DÂN"), letter_page.find("THÀNH PHỐ HUẾ")
    title = letter_page.find("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert first.baseline == pytest.approx(title.baseline, abs=0.5)
    assert first.centre == pytest.approx(last.centre, abs=0.5)
    assert last.right < title.left


def test_pl_i_ii_2_parent_agency_is_upright_above_the_bold_issuer(notice_page: Any) -> None:
    parent, issuer = notice_page.find("UBND THÀNH PHỐ HUẾ"), notice_page.find("VĂN PHÒNG")
    assert (parent.bold, issuer.bold) == (False, True)
    assert parent.baseline > issuer.baseline
    assert parent.centre == pytest.approx(issuer.centre, abs=0.5)


def test_pl_i_ii_4_number_and_date_stand_on_one_line(letter_page: Any) -> None:
    number, date = letter_page.find("Số:"), letter_page.find("Huế, ngày")
    assert number.baseline == pytest.approx(date.baseline, abs=0.1)


def test_pl_i_ii_3_the_symbol_is_printed_from_the_start_and_never_upper_cased(
    set_letter: Set, printed: Read, quyet_dinh: Letter
) -> None:
    rules = replace(quyet_dinh, kind=kind("quy_dinh"), notation="QyĐ-SNgV")
    assert "/QyĐ-SNgV" in printed(set_letter(rules)).text


def test_pl_i_ii_5_subject_of_a_letter_stands_6_points_under_its_number(letter_page: Any) -> None:
    number, subject = letter_page.find("Số:"), letter_page.find("V/v gửi")
    ascent, descent = 0.891 * subject.size, 0.216 * number.size
    gap = number.baseline - descent - (subject.baseline + ascent)
    assert gap == pytest.approx(6, abs=0.5)


@pytest.mark.parametrize("typed", ["V/v gửi văn bản", "Về việc gửi văn bản", "gửi văn bản"])
def test_pl_i_ii_5_subject_of_a_letter_follows_v_v_once(
    typed: str, set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    text = printed(set_letter(replace(cong_van, subject=typed))).text
    assert "V/v gửi văn bản" in text
    assert text.count("V/v") == 1


def test_pl_i_ii_6_first_line_is_indented_and_the_body_justified(letter_page: Any) -> None:
    first = letter_page.find("Thực hiện Nghị định")
    assert first.left == pytest.approx((30 + LAYOUT_ND30_2020.indent_mm) * MM, abs=1)
    assert LAYOUT_ND30_2020.indent_mm in (10, 12.7)
    line = letter_page.line_of(first)
    assert line.right == pytest.approx(PAGE_WIDTH - 15 * MM, abs=1)


def test_pl_i_ii_6_lines_and_paragraphs_keep_their_distance(letter_page: Any) -> None:
    lines = sorted(
        {
            round(c.baseline, 1)
            for c in letter_page.on_page(1)
            if c.size == 14 and not c.font.endswith("Bold")
        },
        reverse=True,
    )
    first = round(letter_page.find("Thực hiện Nghị định").baseline, 1)
    index = lines.index(first)
    pitch = (lines[index] - lines[index + 1]) / (14 * SINGLE_SPACING)
    assert 1 <= pitch <= 1.5
    clause = letter_page.find("1. Rà soát")
    above = min(line for line in lines if line > clause.baseline + 1)
    assert above - clause.baseline - (lines[index] - lines[index + 1]) == pytest.approx(6, abs=0.2)


def test_pl_i_ii_6_bases_end_with_semicolons_and_the_last_with_a_full_stop(
    decision_page: Any,
) -> None:
    text = decision_page.words
    assert "Căn cứ Luật Tổ chức chính quyền địa phương;" in text
    assert "tại Tờ trình số 967/TTr-SKHCN." in text


def test_pl_iii_1_2_a_decision_names_its_authority_and_its_word(decision_page: Any) -> None:
    authority = decision_page.find("CHỦ TỊCH ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ")
    word = decision_page.find("QUYẾT ĐỊNH:")
    assert authority.bold
    assert word.bold
    assert authority.baseline > decision_page.find("Căn cứ Luật").baseline > word.baseline
    assert word.baseline > decision_page.find("Điều 1.").baseline


def test_pl_i_ii_6_articles_are_bold_clauses_and_points_are_not(decision_page: Any) -> None:
    assert decision_page.find("Điều 1.").bold
    assert not decision_page.find("Ban hành kèm theo").bold
    assert not decision_page.find("1. Giám đốc").bold
    assert not decision_page.find("đ) Báo cáo năm").bold


def test_pl_i_v_6_b_roman_sections_are_bold_capitals(notice_page: Any) -> None:
    assert notice_page.find("I. ĐÁNH GIÁ CHUNG").bold


@pytest.mark.parametrize("fixture", ["letter_page", "decision_page", "notice_page"])
def test_pl_iii_the_end_mark_closes_the_body_once(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    assert request.getfixturevalue(fixture).text.count("./.") == 1


def test_pl_i_ii_7_position_and_name_stand_centred_on_the_right(letter_page: Any) -> None:
    lines = [
        letter_page.find(text)
        for text in ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Thị Hương")
    ]
    assert all(line.centre == pytest.approx(lines[0].centre, abs=0.5) for line in lines)
    assert lines[0].left > PAGE_WIDTH / 2
    assert [line.baseline for line in lines] == sorted((x.baseline for x in lines), reverse=True)


def test_pl_i_ii_9_one_addressee_stands_on_the_same_line(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    page = printed(set_letter(replace(cong_van, addressees=("Ủy ban nhân dân phường Thuận Hóa",))))
    line = page.line_of(page.find("Kính gửi"))
    assert "".join(c.text for c in line.characters) == "Kínhgửi:ỦybannhândânphườngThuậnHóa"


def test_pl_i_ii_9_several_addressees_stand_under_the_colon_with_dashes(letter_page: Any) -> None:
    colon = letter_page.find("Kính gửi:").characters[-1]
    dashes = [
        letter_page.line_of(letter_page.find(name)).characters[0]
        for name in ("Các sở, ban", "Ủy ban nhân dân các phường", "Công an thành phố.")
    ]
    assert [dash.text for dash in dashes] == ["-", "-", "-"]
    assert all(dash.left == pytest.approx(colon.left, abs=1) for dash in dashes)


def test_pl_i_ii_9_recipients_stand_at_the_left_edge_level_with_the_position(
    letter_page: Any,
) -> None:
    label = letter_page.find("Nơi nhận:")
    assert label.left == pytest.approx(30 * MM, abs=0.5)
    assert label.baseline == pytest.approx(letter_page.find("TM. ỦY BAN").baseline, abs=3)
    assert "- Như trên;" in letter_page.text


def test_pl_i_iii_urgency_is_a_bright_red_box_of_the_size_fixed(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    for urgency, size in LAYOUT_ND30_2020.urgency_mm.items():
        pdf = set_letter(replace(cong_van, urgency=Urgency(urgency)))
        span = printed(pdf).find(urgency)
        red, green, blue = span.colour
        assert red > 200 > 60 > max(green, blue)
        assert framed_size_mm(pdf) == pytest.approx(size, abs=0.2)


def framed_size_mm(pdf: bytes) -> tuple[float, float]:
    """The size of the only closed outline drawn on page 1, measured between its lines."""
    page = pypdfium2.PdfDocument(pdf)[0]
    boxes = [item.get_bounds() for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])]
    (box,) = [it for it in boxes if it[3] - it[1] > 10 and it[2] - it[0] < 200]
    # PDFium's bounds take in the line's whole width, 1 pt, on either side.
    return (box[2] - box[0] - 2) / MM, (box[3] - box[1] - 2) / MM


def test_pl_i_iii_circulation_mark_is_boxed_capitals(
    set_letter: Set, printed: Read, thong_bao: Letter
) -> None:
    page = printed(set_letter(replace(thong_bao, circulation=Circulation.INTERNAL)))
    assert page.find("LƯU HÀNH NỘI BỘ").bold


def test_pl_i_iii_contact_line_stands_at_the_foot_of_page_1_only(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    page = printed(set_letter(replace(cong_van, body=LONG_BODY)))
    contact = page.find("Địa chỉ: 16 Lê Lợi")
    assert contact.page == 1
    assert contact.baseline == min(c.baseline for c in page.on_page(1))
    assert page.text.count("Địa chỉ: 16 Lê Lợi") == 1


def test_pl_i_iii_drafter_code_follows_the_archive_line(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    page = printed(set_letter(replace(cong_van, drafter_code="PL.(300)")))
    assert page.find("Lưu: VT, VX (2b). PL.(300)").size == 11


def test_pl_i_iii_1_appendices_are_numbered_in_roman_and_paged_separately(
    set_letter: Set, printed: Read, quyet_dinh: Letter
) -> None:
    appendices = (Appendix("Danh mục nhiệm vụ", LONG_BODY), Appendix("Kinh phí", LONG_BODY))
    page = printed(set_letter(replace(quyet_dinh, appendices=appendices)))
    first, second = page.find("Phụ lục I\r\n"), page.find("Phụ lục II\r\n")
    assert (first.size, first.bold) == (14, True)
    assert page.find("DANH MỤC NHIỆM VỤ").bold
    assert page.find("(Kèm theo Văn bản số").italic
    numbers = [(c.page, c.text) for c in printed_characters(page) if c.baseline > TOP]
    expected = [
        (number, str(number - start + 1))
        for start, end in ((first.page, second.page), (second.page, page.page_count + 1))
        for number in range(start + 1, end)
    ]
    assert [pair for pair in numbers if pair[0] >= first.page] == expected


def test_a_single_appendix_has_no_number(
    set_letter: Set, printed: Read, quyet_dinh: Letter
) -> None:
    appendix = Appendix("Danh mục", parse_body("Không."))
    text = printed(set_letter(replace(quyet_dinh, appendices=(appendix,)))).text
    assert "Phụ lục\r\n" in text


def test_the_signature_never_stands_alone_on_a_page(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    for count in range(8, 24):
        body = parse_body("\n".join(f"Dòng thứ {n}." for n in range(count)))
        page = printed(set_letter(replace(cong_van, contact="", body=body)))
        assert page.find("TM. ỦY BAN").page == page.find(f"Dòng thứ {count - 1}").page


def test_many_recipients_run_on_to_further_pages_and_none_is_lost(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    places = tuple(f"UBND phường số {n}" for n in range(1, 121))
    page = printed(set_letter(replace(cong_van, to_places=places)))
    assert all(f"- {place};" in page.text for place in places)
    assert page.find("Lưu: VT").page > page.find("Nơi nhận:").page
    last = page.on_page(page.page_count)
    assert min(c.baseline for c in last) >= 20 * MM


def test_a_long_agency_name_is_broken_into_even_lines(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    issuer = Heading(("Ủy ban nhân dân", "thành phố Huế"), ("Sở Nông nghiệp và Môi trường",))
    page = printed(set_letter(replace(cong_van, issuer=issuer)))
    assert page.find("VÀ MÔI TRƯỜNG").baseline < page.find("SỞ NÔNG NGHIỆP").baseline


def test_a_long_place_keeps_the_date_on_one_line(
    set_letter: Set, printed: Read, cong_van: Letter
) -> None:
    page = printed(set_letter(replace(cong_van, place="Thành phố Hồ Chí Minh")))
    assert page.find("Thành phố Hồ Chí Minh, ngày").baseline == page.find("năm").baseline


def test_a_joint_document_shows_every_signatory_and_seal(
    set_letter: Set, printed: Read, fields_of: Read, quyet_dinh: Letter
) -> None:
    signers = (
        Signer(("Giám đốc", "Sở Tài chính"), "Trần Văn Bình"),
        Signer(("Giám đốc", "Sở Xây dựng"), "Hồ Thị Lan", other_post="Ủy viên UBND thành phố"),
        Signer(("Thư ký",), "Lê Văn Ba", seal_diameter_mm=None),
    )
    pdf = set_letter(replace(quyet_dinh, kind=kind("ke_hoach"), signers=signers))
    page = printed(pdf)
    assert page.find("Ủy viên UBND thành phố").baseline > page.find("Hồ Thị Lan").baseline
    names = [field.name for field in fields_of(pdf)]
    assert names[4:] == ["signatory-1", "seal-1", "signatory-2", "seal-2", "signatory-3"]


@pytest.mark.parametrize(
    "code", [code for code, it in KINDS.items() if it.template in ("1.1", "1.2", "1.4", "1.7")]
)
def test_every_kind_with_a_template_here_is_headed_by_its_name(
    code: str, set_letter: Set, printed: Read, thong_bao: Letter
) -> None:
    page = printed(set_letter(replace(thong_bao, kind=kind(code))))
    assert page.find(kind(code).name.upper()).bold

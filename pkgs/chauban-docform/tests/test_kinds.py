"""Phụ lục III: kinds, abbreviations, copies; the rule set that is in force on a day."""

from datetime import date

import pytest

from chauban_docform.errors import NoRuleSet, UnknownKind
from chauban_docform.kinds import COPY_KINDS, KINDS, kind
from chauban_docform.rules import ND30_2020, rules_on

# Phụ lục III, "Bảng chữ viết tắt tên loại văn bản hành chính và bản sao văn bản".
ABBREVIATIONS = {
    "Nghị quyết": "NQ",
    "Quyết định": "QĐ",
    "Chỉ thị": "CT",
    "Quy chế": "QC",
    "Quy định": "QyĐ",
    "Thông cáo": "TC",
    "Thông báo": "TB",
    "Hướng dẫn": "HD",
    "Chương trình": "CTr",
    "Kế hoạch": "KH",
    "Phương án": "PA",
    "Đề án": "ĐA",
    "Dự án": "DA",
    "Báo cáo": "BC",
    "Biên bản": "BB",
    "Tờ trình": "TTr",
    "Hợp đồng": "HĐ",
    "Công điện": "CĐ",
    "Bản ghi nhớ": "BGN",
    "Bản thỏa thuận": "BTT",
    "Giấy ủy quyền": "GUQ",
    "Giấy mời": "GM",
    "Giấy giới thiệu": "GGT",
    "Giấy nghỉ phép": "GNP",
    "Phiếu gửi": "PG",
    "Phiếu chuyển": "PC",
    "Phiếu báo": "PB",
}


def test_article_7_there_are_29_kinds() -> None:
    assert len(KINDS) == 29


def test_pl_iii_27_kinds_have_an_abbreviation() -> None:
    assert {it.name: it.abbreviation for it in KINDS.values() if it.abbreviation} == ABBREVIATIONS


def test_pl_iii_cong_van_and_thu_cong_have_none() -> None:
    assert {it.name for it in KINDS.values() if not it.abbreviation} == {"Công văn", "Thư công"}


def test_pl_iii_copies_are_sy_trs_sl() -> None:
    assert [it.abbreviation for it in COPY_KINDS.values()] == ["SY", "TrS", "SL"]


def test_pl_iii_no_template_is_printed_for_four_kinds() -> None:
    without = {it.name for it in KINDS.values() if not it.template}
    assert without == {"Hợp đồng", "Bản ghi nhớ", "Bản thỏa thuận", "Thư công"}


def test_pl_iii_17_kinds_share_template_1_4() -> None:
    assert sum(it.template == "1.4" for it in KINDS.values()) == 17


def test_a_kind_is_known_by_its_code() -> None:
    assert kind("cong_van").name == "Công văn"


def test_a_kind_outside_phu_luc_iii_is_refused() -> None:
    with pytest.raises(UnknownKind) as refused:
        kind("cong_van_2")
    assert refused.value.code == "cong_van_2"


def test_article_37_the_decree_holds_from_5_march_2020() -> None:
    assert rules_on(date(2020, 3, 5)) is ND30_2020
    with pytest.raises(NoRuleSet) as refused:
        rules_on(date(2020, 3, 4))
    assert refused.value.day == date(2020, 3, 4)

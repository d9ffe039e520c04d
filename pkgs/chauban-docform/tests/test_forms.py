"""The forms of Phụ lục III beside letter, decision and named document: 1.6, 1.8, 1.9 and 1.10."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chauban_docform.bodies import parse_body
from chauban_docform.errors import MissingElement
from chauban_docform.kinds import KINDS
from chauban_docform.letters import Letter, Signer
from chauban_docform.wording import BLANK, wording_of

Make = Callable[..., Letter]
Set = Callable[[Letter], bytes]
Read = Callable[[bytes], Any]

SECRETARY = Signer(("Thư ký",), "Trần Thị Mai", seal_diameter_mm=None)
CHAIR = Signer(("Chủ tọa",), "Nguyễn Văn Nam")
RECEIVERS = ("Giám đốc Sở Nông nghiệp và Môi trường", "Chủ tịch UBND các phường, xã")


def test_pl_iii_1_6_a_telegram_names_who_sends_it_and_to_whom(
    form: Make, set_letter: Set, printed: Read
) -> None:
    telegram = form(
        "cong_dien",
        enacting_authority="Chủ tịch Ủy ban nhân dân thành phố Huế",
        addressees=RECEIVERS,
    )
    page = printed(set_letter(telegram))
    kind_name, subject = page.find("CÔNG ĐIỆN"), page.find("Về việc ứng phó với mưa lũ")
    sender = page.find("CHỦ TỊCH ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ điện")
    first, second, text = (page.find(it) for it in (*RECEIVERS, "Các cơ quan trực ban"))
    order = [kind_name, subject, sender, first, second, text]
    assert [it.baseline for it in order] == sorted((it.baseline for it in order), reverse=True)
    assert kind_name.centre == pytest.approx(subject.centre, abs=1)
    assert first.left == pytest.approx(second.left, abs=0.5)
    assert "xã." in page.words
    assert "Kính gửi" not in page.words
    assert "QUYẾT ĐỊNH" not in page.words


def test_pl_iii_1_6_a_telegram_of_the_body_itself_bears_its_name(
    form: Make, set_letter: Set, printed: Read
) -> None:
    page = printed(set_letter(form("cong_dien", addressees=RECEIVERS[:1])))
    assert f"ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ điện: {RECEIVERS[0]}" in page.words


def test_pl_iii_1_6_a_telegram_without_a_receiver_is_refused(form: Make, set_letter: Set) -> None:
    with pytest.raises(MissingElement) as refused:
        set_letter(form("cong_dien"))
    assert refused.value.element == "addressees"


@pytest.mark.parametrize("code", ["giay_gioi_thieu", "giay_nghi_phep"])
def test_pl_iii_1_8_and_1_10_no_subject_stands_below_the_name(
    code: str, form: Make, set_letter: Set, printed: Read, fields_of: Read
) -> None:
    pdf = set_letter(form(code))
    page = printed(pdf)
    title, first = page.find(KINDS[code].name.upper()), page.find("Ông (bà): ")
    assert "ứng phó" not in page.text
    assert title.baseline > first.baseline
    assert page.words.count("Ủy ban nhân dân thành phố Huế") == 1
    names = [field.name for field in fields_of(pdf)]
    assert names == ["number", "day", "month", "year", "signatory-1", "seal-1"]


def test_pl_iii_1_9_minutes_are_signed_by_secretary_and_chair_and_bear_no_date(
    form: Make, set_letter: Set, printed: Read, fields_of: Read
) -> None:
    pdf = set_letter(form("bien_ban", subject="Họp giao ban", signers=(SECRETARY, CHAIR)))
    page = printed(pdf)
    secretary, chair = page.find("THƯ KÝ"), page.find("CHỦ TỌA")
    assert secretary.baseline == pytest.approx(chair.baseline, abs=0.5)
    assert secretary.right < chair.left
    names = page.find("Trần Thị Mai"), page.find("Nguyễn Văn Nam")
    assert names[0].baseline == pytest.approx(names[1].baseline, abs=0.5)
    assert page.find("Nơi nhận:").baseline < page.find("Trần Thị Mai").baseline
    assert "Huế, ngày" not in page.text
    names = [field.name for field in fields_of(pdf)]
    assert names == ["number", "signatory-1", "signatory-2", "seal-1"]


def test_pl_iii_1_9_minutes_that_one_person_signs_are_refused(form: Make, set_letter: Set) -> None:
    with pytest.raises(MissingElement) as refused:
        set_letter(form("bien_ban", signers=(CHAIR,)))
    assert refused.value.element == "signers"


def test_pl_iii_1_9_the_seal_of_minutes_is_if_any(
    form: Make, set_letter: Set, fields_of: Read
) -> None:
    unsealed = replace(CHAIR, seal_diameter_mm=None)
    pdf = set_letter(form("bien_ban", signers=(SECRETARY, unsealed)))
    assert [it.name for it in fields_of(pdf)] == ["number", "signatory-1", "signatory-2"]


@pytest.mark.parametrize("code", ["giay_moi", "giay_gioi_thieu", "bien_ban", "giay_nghi_phep"])
def test_a_forms_words_are_lines_to_fill_in(code: str) -> None:
    text = wording_of(code, issuer="Sở Tài chính")
    assert BLANK in text
    assert "{" not in text
    assert len(parse_body(text)) >= 5


def test_the_decree_leaves_a_letters_text_to_its_drafter() -> None:
    assert wording_of("cong_van", issuer="Sở Tài chính") == ""

"""The places marked for fields: order, size, and where they stand (design of reserved fields)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chauban_docform.letters import Letter, Signer

Set = Callable[[Letter], bytes]
Read = Callable[[bytes], Any]


@pytest.fixture(scope="module")
def page(set_letter: Set, printed: Read, cong_van: Letter) -> Any:
    return printed(set_letter(cong_van))


@pytest.fixture(scope="module")
def fields(set_letter: Set, fields_of: Read, cong_van: Letter) -> dict[str, Any]:
    return {field.name: field for field in fields_of(set_letter(cong_van))}


def test_fields_come_in_the_order_of_the_document(fields: dict[str, Any]) -> None:
    assert list(fields) == ["number", "day", "month", "year", "signatory-1", "seal-1"]


@pytest.mark.parametrize(("name", "digits"), [("number", 5), ("day", 2), ("month", 2), ("year", 4)])
def test_a_text_field_is_the_line_box_of_its_digits(
    name: str, digits: int, fields: dict[str, Any]
) -> None:
    field = fields[name]
    assert field.top - field.bottom == pytest.approx(13 * 1.107, abs=0.1)
    assert field.right - field.left == pytest.approx(13 * digits / 2 + 2, abs=0.1)


def test_the_number_stands_between_its_label_and_the_symbol(
    fields: dict[str, Any], page: Any
) -> None:
    number, label, symbol = fields["number"], page.find("Số:"), page.find("/UBND-VX")
    assert label.right <= number.left <= number.right <= symbol.left + 0.1
    assert number.bottom + 13 * 0.216 == pytest.approx(label.baseline, abs=0.2)


def test_the_date_stands_between_its_words(fields: dict[str, Any], page: Any) -> None:
    words = [page.find("ngày"), page.find("tháng"), page.find("năm")]
    places = [fields["day"], fields["month"], fields["year"]]
    for word, place, following in zip(words, places, [*words[1:], None], strict=True):
        assert word.right < place.left
        assert following is None or place.right < following.left
        assert place.bottom + 13 * 0.216 == pytest.approx(word.baseline, abs=0.2)


def test_the_room_for_the_number_follows_the_letter(
    set_letter: Set, fields_of: Read, cong_van: Letter
) -> None:
    narrow = fields_of(set_letter(replace(cong_van, number_digits=3)))[0]
    assert narrow.right - narrow.left == pytest.approx(13 * 1.5 + 2, abs=0.1)


def test_pl_i_ii_7_the_signature_stands_centred_between_position_and_name(
    fields: dict[str, Any], page: Any
) -> None:
    place, position, name = (
        fields["signatory-1"],
        page.find("PHÓ CHỦ TỊCH"),
        page.find("Nguyễn Thị Hương"),
    )
    assert (place.left + place.right) / 2 == pytest.approx(name.centre, abs=0.5)
    assert position.baseline > place.top > place.bottom > name.baseline
    assert (place.width_mm, place.height_mm) == pytest.approx((50, 24), abs=0.1)


def test_pl_i_ii_8_the_seal_covers_the_left_third_of_the_signature_level_with_it(
    fields: dict[str, Any],
) -> None:
    seal, signature = fields["seal-1"], fields["signatory-1"]
    third = signature.left + (signature.right - signature.left) / 3
    diameter = seal.top - seal.bottom
    assert seal.left + diameter == pytest.approx(third, abs=0.1)
    assert seal.right == pytest.approx((signature.left + signature.right) / 2, abs=0.1)
    assert seal.top + seal.bottom == pytest.approx(signature.top + signature.bottom, abs=0.1)


@pytest.mark.parametrize("diameter", [30.0, 36.0, 42.0])
def test_pl_i_ii_8_the_seal_has_its_real_size(
    diameter: float, set_letter: Set, fields_of: Read, printed: Read, cong_van: Letter
) -> None:
    signer = replace(cong_van.signers[0], seal_diameter_mm=diameter)
    pdf = set_letter(replace(cong_van, signers=(signer,)))
    seal = fields_of(pdf)[-1]
    assert seal.height_mm == pytest.approx(diameter, abs=0.1)
    page = printed(pdf)
    assert page.find("PHÓ CHỦ TỊCH").baseline > seal.top
    assert seal.bottom > page.find("Nguyễn Thị Hương").baseline


def test_article_5_a_signer_without_seal_has_no_seal_field(
    set_letter: Set, fields_of: Read, cong_van: Letter
) -> None:
    signers = (*cong_van.signers, Signer(("Thư ký",), "Lê Văn Ba", seal_diameter_mm=None))
    names = [field.name for field in fields_of(set_letter(replace(cong_van, signers=signers)))]
    assert names[4:] == ["signatory-1", "seal-1", "signatory-2"]

"""What is refused is refused in plain Vietnamese, and what was typed is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser import acts
from tests.browser.acts import Letter
from tests.browser.conftest import Visiting
from tests.browser.installation import Installation
from tests.browser.test_verify_file import encrypted, too_large

LETTER = Letter(
    signatory=("KT. CHÁNH VĂN PHÒNG",),
    recipients=("Sở Nội vụ",),
    subject="phối hợp kiểm tra hệ thống",
)


def test_a_wrong_password_is_refused_and_the_user_name_kept(visitor: Visiting) -> None:
    person = visitor()
    person.sign_in("van-thu.so-xay-dung", password="hue-2025")
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in person.alert()
    assert person.value("Tên đăng nhập") == "van-thu.so-xay-dung"
    person.fill("Mật khẩu", "hue-2026")
    person.press("Đăng nhập")
    assert person.path() == "/"


def test_a_wrong_pin_signs_nothing_and_says_how_many_tries_are_left(
    visitor: Visiting, installation: Installation
) -> None:
    path = installation.drafts["to_sign"]["path"]
    signatory = visitor("pho-chanh-vp.vp-ubnd").open(path).follow("Xem và ký số")
    acts.sign(signatory, pin="135790")
    assert "Mã PIN không đúng; còn" in signatory.alert()
    assert "Chờ ký" in signatory.open(path).text()
    acts.sign(signatory.follow("Xem và ký số"))
    assert "Đã ký, chờ cấp số" in signatory.text()


def test_a_wrong_pin_seals_nothing(visitor: Visiting, installation: Installation) -> None:
    path = installation.drafts["to_seal"]["path"]
    clerk = visitor("van-thu.vp-ubnd").open(path).follow("Xem và ký số của cơ quan")
    acts.seal(clerk, pin="135790")
    assert "Mã PIN không đúng; còn" in clerk.alert()
    acts.seal(clerk)
    assert "Chờ phát hành" in clerk.text()


def test_an_expired_certificate_signs_nothing(
    visitor: Visiting, installation: Installation
) -> None:
    path = installation.drafts["expired"]["path"]
    signatory = visitor("pho-giam-doc.so-xay-dung").open(path).follow("Xem và ký số")
    acts.sign(signatory)
    assert "đã hết hạn ngày" in signatory.alert()
    assert "Hãy gia hạn trước khi ký" in signatory.alert()
    assert "Chờ ký" in signatory.open(path).text()


@pytest.mark.parametrize(
    ("letter", "refusal"),
    [
        (
            replace(LETTER, signatory=("TL. CHỦ TỊCH",), kind="Quyết định"),
            "Thẩm quyền ký này không gồm loại văn bản “Quyết định”",
        ),
        (
            replace(LETTER, notation="UBND-VP"),
            "Ký hiệu “UBND-VP” không phù hợp với loại văn bản “Công văn”",
        ),
        (replace(LETTER, body="TỐI MẬT\nNội dung."), "Có dấu chỉ độ mật “TỐI MẬT”"),
    ],
    ids=["signatory without mandate", "symbol of another body", "mark of secrecy"],
)
def test_a_draft_that_does_not_hold_is_refused_and_stays_in_the_form(
    visitor: Visiting, letter: Letter, refusal: str
) -> None:
    author = visitor("chuyen-vien.vp-ubnd").open("/drafts/new")
    acts.type_in(author, letter)
    author.press("Lưu dự thảo")
    assert refusal in author.alert()
    assert author.value("Trích yếu nội dung") == letter.subject
    assert author.value("Nội dung").splitlines() == letter.body.splitlines()
    assert author.value("Ký hiệu") == letter.notation
    assert all(author.is_checked(name) for name in letter.recipients)

    acts.type_in(author, LETTER)
    author.press("Lưu dự thảo")
    assert "Đang soạn thảo" in author.text()


@pytest.fixture
def no_pdf(tmp_path: Path) -> Path:
    file = tmp_path / "phụ lục.pdf"
    file.write_text("Không phải PDF", "utf-8")
    return file


def test_attachments_that_cannot_be_kept_are_refused_and_the_draft_stays(
    visitor: Visiting, no_pdf: Path, tmp_path: Path
) -> None:
    author = visitor("chuyen-vien.vp-ubnd")
    path = acts.draft(author, LETTER)
    for file, refusal in (
        (no_pdf, "không phải là tệp PDF đọc được"),
        (encrypted(tmp_path / "mã hóa.pdf"), "bị mã hóa hoặc đặt mật khẩu"),
        (too_large(tmp_path / "lớn.pdf"), "Tệp “lớn.pdf” lớn hơn 50 MB"),
    ):
        acts.attach(author, file)
        assert refusal in author.alert()
        author.open(path)
        assert LETTER.subject in author.text()
        assert file.name not in author.text()


def test_what_was_typed_survives_that_another_saved_meanwhile(visitor: Visiting) -> None:
    first = visitor("chuyen-vien.vp-ubnd")
    path = acts.draft(first, LETTER)
    first.follow("Sửa dự thảo").fill("Nội dung", "Bản của người thứ nhất.")
    second = visitor("truong-phong.vp-ubnd").open(path).follow("Sửa dự thảo")
    second.fill("Nội dung", "Bản của người thứ hai.")
    second.press("Lưu dự thảo")
    first.press("Lưu dự thảo")
    assert "Người khác vừa xử lý dự thảo" in first.alert()
    assert first.value("Nội dung") == "Bản của người thứ nhất."


def test_pages_that_are_not_there_or_not_his_say_so(
    visitor: Visiting, installation: Installation
) -> None:
    clerk = visitor("van-thu.so-xay-dung")
    for path in ("/drafts/987654321", installation.drafts["decision"]["path"], "/nowhere"):
        assert "Không tìm thấy" in clerk.open(path).text()
    assert "Không được phép" in clerk.open("/axis/queues/").text()


def test_routing_to_nobody_is_refused(visitor: Visiting, installation: Installation) -> None:
    clerk = visitor("van-thu.so-tai-chinh")
    clerk.open("/desk/arrived")
    clerk.wait_until(lambda page: "/QĐ-VP" in page.text())
    clerk.follow("/QĐ-VP", exact=False)
    clerk.wait_until(lambda page: "Hệ thống đề xuất" in page.text())
    clerk.press("Tiếp nhận, đăng ký văn bản đến")
    head = visitor("giam-doc.so-tai-chinh").open(clerk.path())
    head.fill("Ý kiến chỉ đạo", "Khẩn trương thực hiện.")
    head.press("Chuyển giao")
    assert "Hãy chọn ít nhất một người nhận" in head.alert()
    assert head.value("Ý kiến chỉ đạo") == "Khẩn trương thực hiện."

"""Anybody checks a file without signing in; the page says in plain words what it is worth."""

from pathlib import Path

import pikepdf
import pytest

from tests.altering import covered
from tests.browser.conftest import Visiting
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor

LIMIT_BYTES = 50_000_000


@pytest.fixture
def sealed(visitor: Visiting, installation: Installation, tmp_path: Path) -> Path:
    """A document issued by the Office, downloaded by its clerk."""
    clerk = visitor("van-thu.vp-ubnd")
    clerk.open(installation.drafts["decision"]["path"]).follow("Mở văn bản đi")
    file = tmp_path / "văn bản.pdf"
    file.write_bytes(clerk.download(".pdf", exact=False))
    return file


def test_a_sealed_document_is_called_complete(
    visitor: Visiting, sealed: Path, photographs: Path | None
) -> None:
    anybody = verify(visitor(), sealed)
    words = anybody.text()
    assert "Có giá trị như bản gốc" in words
    assert words.count("Hợp lệ") == 3  # the file, the signatory, the agency
    anybody.photograph(photographs, "verify")


def test_a_file_changed_after_signing_shows_where(
    visitor: Visiting, sealed: Path, photographs: Path | None
) -> None:
    sealed.write_bytes(covered(sealed.read_bytes()))
    anybody = verify(visitor(), sealed)
    words = anybody.text()
    assert "Văn bản đã bị thay đổi sau khi ký" in words
    assert "Thêm chú thích vào trang 1" in words
    # The page keeps no file: for pictures it is given once more, the box is ticked already.
    anybody.upload("Tệp văn bản", sealed)
    anybody.press("Kiểm tra tệp khác")
    before, after = anybody.page.locator(".before-after img").all()
    assert "Trước: bản đã ký" in (before.get_attribute("alt") or "")
    assert "Sau: bản hiện tại" in (after.get_attribute("alt") or "")
    assert after.evaluate("picture => picture.naturalWidth") == 800
    anybody.photograph(photographs, "changes", from_heading="Trang 1")


def test_what_a_seal_added_is_shown_beside_the_document(
    visitor: Visiting, installation: Installation
) -> None:
    clerk = visitor("van-thu.vp-ubnd")
    clerk.open(installation.drafts["decision"]["path"]).follow("Mở văn bản đi")
    document = clerk.path()
    clerk.follow("Xem hình trước và sau")
    clerk.page.locator(".before-after img").first.wait_for()  # drawn after the page has come
    clerk.arrive()
    assert "Điền ô số (lần ghi 3, ký ở ô chữ ký số của cơ quan)" in clerk.text()
    assert clerk.page.locator(".before-after img").count() >= 2
    clerk.follow("Quay lại")
    assert clerk.path() == document


def test_one_changed_byte_is_reported(visitor: Visiting, sealed: Path) -> None:
    content = bytearray(sealed.read_bytes())
    content[content.index(b"stream") + 20] ^= 1
    sealed.write_bytes(content)
    words = verify(visitor(), sealed).text()
    assert "Không hợp lệ" in words
    assert "Có giá trị như bản gốc" not in words


def test_a_file_that_is_no_pdf_is_called_unreadable(visitor: Visiting, tmp_path: Path) -> None:
    file = tmp_path / "văn bản.pdf"
    file.write_text("Không phải PDF", "utf-8")
    assert "Không đọc được tệp như một văn bản PDF" in verify(visitor(), file).text()


def test_an_encrypted_file_is_not_called_valid(visitor: Visiting, tmp_path: Path) -> None:
    words = verify(visitor(), encrypted(tmp_path / "mật khẩu.pdf")).text()
    assert "Không đọc được tệp như một văn bản PDF" in words
    assert "Có giá trị như bản gốc" not in words


def test_a_file_over_the_limit_is_refused_by_its_size(visitor: Visiting, tmp_path: Path) -> None:
    anybody = verify(visitor(), too_large(tmp_path / "lớn.pdf"))
    assert f"lớn hơn {LIMIT_BYTES // 1_000_000} MB" in anybody.alert()


def test_no_file_at_all_is_asked_for(visitor: Visiting) -> None:
    anybody = visitor().open("/verify/")
    # The browser itself holds the form back: the field says that it is required.
    anybody.found("button", "Kiểm tra").click()
    assert anybody.path() == "/verify/"
    assert anybody.field("Tệp văn bản").evaluate("field => field.validity.valueMissing")


def verify(anybody: Visitor, file: Path) -> Visitor:
    anybody.open("/verify/")
    anybody.upload("Tệp văn bản", file)
    return anybody.press("Kiểm tra")


def encrypted(file: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(file, encryption=pikepdf.Encryption(owner="chủ", user="người đọc"))
    return file


def too_large(file: Path) -> Path:
    with file.open("wb") as written:
        written.write(b"%PDF-1.7\n")
        written.truncate(LIMIT_BYTES + 1)
    return file

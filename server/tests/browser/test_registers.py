"""The registers as pages and as files to print; the language of the pages."""

import io

import pikepdf
import pytest

from tests.browser.conftest import Visiting


@pytest.mark.parametrize("register", ["outgoing", "incoming"])
def test_a_register_is_downloaded_as_a_pdf_that_opens(visitor: Visiting, register: str) -> None:
    clerk = visitor("van-thu.vp-ubnd").open(f"/registers/{register}")
    content = clerk.download("Tải sổ để in (PDF)")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) >= 2


def test_a_register_is_searched(visitor: Visiting) -> None:
    clerk = visitor("van-thu.vp-ubnd").open("/registers/outgoing?body=vp-ubnd")
    assert "/TB-VP" in clerk.text()
    clerk.fill("Tìm trong sổ", "không có chuyện này")
    clerk.press("Xem")
    assert "Không có văn bản nào khớp" in clerk.text()


def test_pages_speak_english_once_asked_and_vietnamese_again(visitor: Visiting) -> None:
    clerk = visitor("van-thu.vp-ubnd").press("English")
    assert clerk.page.locator("html").get_attribute("lang") == "en"
    assert clerk.found("link", "Outgoing register", exact=False).is_visible()
    clerk.press("Tiếng Việt")
    assert clerk.found("link", "Sổ văn bản đi", exact=False).is_visible()

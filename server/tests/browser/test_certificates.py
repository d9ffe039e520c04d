"""Certificates: who keeps which key until when, and the warning that one ends soon."""

from pathlib import Path

from tests.browser.conftest import Visiting
from tests.browser.stage import EXPIRED

CLERK = "van-thu.so-xay-dung"


def test_the_clerk_sees_the_certificates_of_her_agency(
    visitor: Visiting, photographs: Path | None
) -> None:
    clerk = visitor("van-thu.vp-ubnd").follow("Chứng thư số")
    assert clerk.path() == "/certificates/"
    assert "Tệp khóa lưu tại đây" in clerk.text()
    assert "Gốc tin cậy" not in clerk.text()
    clerk.photograph(photographs, "certificates")


def test_the_administrator_sees_whom_the_installation_trusts_and_where_its_keys_are(
    visitor: Visiting, photographs: Path | None
) -> None:
    administrator = visitor("quan-tri.vp-ubnd").follow("Chứng thư số")
    assert "Tổ chức chứng thực" in administrator.text()
    administrator.open("/administration/trust/")
    assert "Thôi tin cậy" in administrator.text()
    administrator.photograph(photographs, "anchors")
    administrator.open("/administration/devices/")
    assert "Tệp khóa lưu tại đây" in administrator.text()
    administrator.photograph(photographs, "key-devices")


def test_a_warning_is_shown_until_it_is_noted(visitor: Visiting, photographs: Path | None) -> None:
    holder = visitor(EXPIRED)
    assert "đã hết hạn" in holder.text()
    clerk = visitor(CLERK).open("/")
    assert "Chứng thư số cần gia hạn" in clerk.text()
    clerk.photograph(photographs, "expiring")
    clerk.press("Đã biết")
    assert "Chứng thư số cần gia hạn" not in clerk.text()
    assert "đã hết hạn" in holder.open("/").text()

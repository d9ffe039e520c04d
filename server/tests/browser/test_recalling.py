"""A recall from page to page: the sender's clerk asks, the recipient's answers (Điều 18.4)."""

from pathlib import Path

from tests.browser.conftest import Visiting
from tests.browser.installation import Installation

CITY, FINANCE = "van-thu.vp-ubnd", "van-thu.so-tai-chinh"


def test_a_recall_goes_from_the_senders_page_to_the_recipients_and_back(
    visitor: Visiting, installation: Installation, photographs: Path | None
) -> None:
    document = installation.drafts["notice"]
    clerk = visitor(CITY).open(document["outgoing"])
    clerk.page.locator("summary", has_text="Thu hồi văn bản").click()
    clerk.fill("Lý do thu hồi", "Ban hành nhầm thẩm quyền")
    clerk.photograph(photographs, "recall", from_heading="Thu hồi, thay thế, sửa đổi")
    clerk.press("Thu hồi văn bản")
    assert "đã được thu hồi" in clerk.text()

    other = visitor(FINANCE).open("/desk/recalls")
    other.wait_until(lambda page: document["subject"] in page.text())
    other.follow(document["subject"], exact=False)
    assert "Ban hành nhầm thẩm quyền" in other.text()
    other.photograph(photographs, "received-recall")
    other.press("Xác nhận đã thu hồi")
    assert "Đã đồng ý" in other.text()

    clerk.open(document["outgoing"])
    clerk.wait_until(lambda page: "Đồng ý" in page.text())
    clerk.photograph(photographs, "recalled")
    clerk.open("/desk/recalled")
    clerk.open("/drafts/new?replaces=" + document["outgoing"].rpartition("/")[2])
    assert "Thay thế văn bản" in clerk.text()

"""The main job by clicking: a letter of the People's Committee, and the answer to it."""

import re
from pathlib import Path

import pikepdf
import pytest

from tests.browser import acts
from tests.browser.acts import SUBJECT, Letter
from tests.browser.conftest import Visiting
from tests.browser.installation import Installation
from tests.browser.visitor import Visitor

COMMITTEE = "ubnd-tp"
ANSWERING = "so-tai-chinh"
REPLY = "kết quả rà soát chứng thư chữ ký số"
STATUSES = ("01", "03", "04", "05", "06")


@pytest.fixture
def annex(tmp_path: Path) -> Path:
    """An appendix in a file of its own."""
    file = tmp_path / "Phụ lục danh mục chứng thư.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(file)
    return file


def test_a_letter_leaves_signed_sealed_and_numbered_and_is_answered(
    visitor: Visiting, installation: Installation, photographs: Path | None, annex: Path
) -> None:
    names = installation.bodies
    clerk = visitor().open("/sign-in")
    clerk.photograph(photographs, "sign-in")
    clerk.sign_in("van-thu.vp-ubnd").photograph(photographs, "home-clerk")
    number = next_number(clerk, "/registers/outgoing?body=ubnd-tp", "/UBND-")

    author = visitor("chuyen-vien.vp-ubnd")
    letter = Letter(signatory=(names[COMMITTEE], "KT. CHỦ TỊCH"), recipients=[names[ANSWERING]])
    path = acts.draft(author, letter)
    acts.attach(author, annex)
    assert annex.name in author.text()
    author.photograph(photographs, "draft")
    author.follow("Sửa dự thảo").photograph(photographs, "draft-edit")
    assert author.value("Lưu") == "VT, VX"
    author.open(path).press("Trình kiểm tra")

    unit_head = visitor("truong-phong.vp-ubnd")
    acts.find(unit_head, "Chờ kiểm tra", SUBJECT).press("Đồng ý nội dung")
    layout_checker = visitor("the-thuc.vp-ubnd")
    acts.find(layout_checker, "Chờ kiểm tra", SUBJECT).press("Đồng ý thể thức")

    deputy = visitor("pho-chu-tich.vp-ubnd")
    deputy.photograph(photographs, "home-leader")
    acts.find(deputy, "Chờ duyệt", SUBJECT).press("Duyệt")
    acts.find(deputy, "Chờ ký số", SUBJECT)
    assert shown_pages(deputy) >= 1
    deputy.photograph(photographs, "sign")
    acts.sign(deputy)
    assert "Đã ký, chờ cấp số" in deputy.text()

    acts.find(clerk, "Chờ cấp số", SUBJECT).press("Cấp số và ngày")
    code = re.search(rf"0*{number}/UBND-\w+", clerk.text()).group()
    clerk.follow("Xem và ký số của cơ quan").photograph(photographs, "seal")
    assert shown_pages(clerk) >= 1
    acts.seal(clerk)
    assert "Chờ phát hành" in clerk.text()
    clerk.press("Phát hành")

    recipient = visitor(f"van-thu.{ANSWERING}")
    arrival = next_number(recipient, "/registers/incoming", "")
    acts.open_delivery(recipient, code)
    assert_reported_valid(recipient)
    recipient.photograph(photographs, "delivery")
    recipient.press("Tiếp nhận, đăng ký văn bản đến")
    assert f"Văn bản đến số {arrival}" in recipient.text()
    incoming = recipient.path()
    head = visitor(f"giam-doc.{ANSWERING}")
    route(head, incoming, to=installation.people[f"chuyen-vien.{ANSWERING}"])
    handler = visitor(f"chuyen-vien.{ANSWERING}")
    acts.find(handler, "Nhiệm vụ", SUBJECT).press("Bắt đầu giải quyết")
    handler.photograph(photographs, "incoming")
    reply = answer(visitor, handler, names[COMMITTEE], incoming)
    handler.open(incoming)
    handler.fill("Kết quả", "Đã thực hiện.")
    handler.press("Hoàn thành")

    acts.open_delivery(clerk, reply)
    assert code in clerk.text()
    clerk.press("Tiếp nhận, đăng ký văn bản đến")
    clerk.open("/registers/incoming?body=ubnd-tp").photograph(photographs, "register-incoming")
    assert reply in clerk.text()

    clerk.open("/registers/outgoing?body=ubnd-tp").photograph(photographs, "register-outgoing")
    clerk.follow(code)
    clerk.wait_until(lambda page: has_statuses(page, names[ANSWERING]))
    clerk.photograph(photographs, "document")
    assert_reported_valid(clerk)


def next_number(clerk: Visitor, register: str, notation: str) -> int:
    """The number after the highest that stands in the register of this year."""
    clerk.open(register)
    rows = clerk.page.get_by_role("table").get_by_role("row").all_inner_texts()
    numbers = [re.match(rf"\s*(?:Số đến\s*)?(\d+){notation}", row) for row in rows]
    return max((int(found.group(1)) for found in numbers if found), default=0) + 1


def assert_reported_valid(visitor: Visitor) -> None:
    """The signature report in plain words: the signatory's and the agency's, both valid."""
    words = visitor.text()
    assert "Có giá trị như bản gốc" in words
    assert "Người có thẩm quyền" in words
    assert "Cơ quan, tổ chức" in words
    assert "Không hợp lệ" not in words


def route(head: Visitor, path: str, *, to: str) -> None:
    acts.find(head, "chờ chuyển giao", SUBJECT)
    assert head.path() == path
    head.choose("Chủ trì", to)
    head.fill("Ý kiến chỉ đạo", "Nghiên cứu, tham mưu thực hiện đúng thời hạn.")
    head.fill("Thời hạn giải quyết", "2099-12-31")
    head.press("Chuyển giao")
    assert "Nghiên cứu, tham mưu" in head.text()


def answer(visitor: Visiting, handler: Visitor, committee: str, path: str) -> str:
    """Draft, check, sign, number, seal and issue the answer to a document; its code."""
    handler.open(path).follow("Soạn văn bản trả lời")
    letter = Letter(signatory=("KT.",), subject=REPLY, body="Kính báo cáo kết quả rà soát.")
    acts.type_in(handler, letter)
    handler.check(committee)
    handler.press("Lưu dự thảo")
    parts = {
        "unit_head": "truong-phong",
        "layout_checker": "the-thuc",
        "signatory": "pho-giam-doc",
        "clerk": "van-thu",
    }
    people = {part: visitor(f"{name}.{ANSWERING}") for part, name in parts.items()}
    acts.bring_to_issue({"author": handler, **people}, handler.path())
    return re.search(r"\d+/STC-\w+", people["clerk"].text()).group()


def shown_pages(visitor: Visitor) -> int:
    visitor.page.wait_for_selector(".viewer-page canvas")
    return visitor.page.locator(".viewer-page canvas").count()


def has_statuses(clerk: Visitor, recipient: str) -> bool:
    row = clerk.page.get_by_role("row").filter(has_text=recipient).first
    words = row.inner_text() if row.count() else ""
    return all(code in words for code in STATUSES)

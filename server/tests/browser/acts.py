"""The official acts, done by clicking: each by the person whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.browser.visitor import PIN, Visitor

SUBJECT = "tăng cường ký số và gửi, nhận văn bản điện tử"
BODY = (
    "Thực hiện Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn"
    " thư, Ủy ban nhân dân thành phố Huế yêu cầu các cơ quan, địa phương:\n"
    "1. Ký số đầy đủ của người có thẩm quyền và của cơ quan đối với văn bản gửi qua mạng.\n"
    "2. Rà soát chứng thư chữ ký số theo danh mục tại phụ lục kèm theo; báo cáo kết quả bằng văn"
    " bản điện tử."
)


@dataclass(frozen=True)
class Letter:
    """What a drafter types; signatory are words that only his line holds."""

    signatory: tuple[str, ...]
    recipients: Sequence[str] = ()
    kind: str = "Công văn"
    subject: str = SUBJECT
    body: str = BODY
    notation: str = ""


def type_in(author: Visitor, letter: Letter) -> None:
    author.choose("Cơ quan ban hành và người ký", *letter.signatory)
    author.choose("Tên loại văn bản", letter.kind)
    author.fill("Trích yếu nội dung", letter.subject)
    author.fill("Ký hiệu", letter.notation)
    author.fill("Kính gửi", "\n".join(letter.recipients))
    author.fill("Nội dung", letter.body)
    author.fill("Nơi nhận ghi trong văn bản", "Như trên")
    for name in letter.recipients:
        author.fill("Tìm nơi nhận", name)
        author.check(name)


def draft(author: Visitor, letter: Letter) -> str:
    """Draft a letter; the path of its page."""
    author.open("/drafts/new")
    type_in(author, letter)
    author.press("Lưu dự thảo")
    return author.path()


def attach(author: Visitor, file: Path) -> None:
    author.upload("Chọn tệp", file)
    author.press("Đính kèm")


def find(visitor: Visitor, place: str, subject: str) -> Visitor:
    """From the home page, over a place of his desk, to the newest document on that subject."""
    visitor.open("/")
    return visitor.follow(place, exact=False).follow(subject, exact=False)


def open_delivery(clerk: Visitor, code: str) -> None:
    """Wait for a document to arrive and to be checked; open it from the desk."""
    clerk.open("/desk/arrived")
    clerk.wait_until(lambda page: code in page.text())
    clerk.follow(code, exact=False)
    clerk.wait_until(lambda page: "Hệ thống đề xuất" in page.text())


def sign(signatory: Visitor, pin: str = PIN) -> None:
    """On the page that shows what is signed: confirm with the PIN."""
    signatory.fill("Mã PIN", pin)
    signatory.press("Ký số")


def seal(clerk: Visitor, pin: str = PIN) -> None:
    clerk.fill("Mã PIN", pin)
    clerk.press("Ký số của cơ quan")


def bring_to_issue(people: dict[str, Visitor], path: str) -> None:
    """Check, approve, sign, number, seal and issue what its author has drafted."""
    people["author"].open(path).press("Trình kiểm tra")
    people["unit_head"].open(path).press("Đồng ý nội dung")
    people["layout_checker"].open(path).press("Đồng ý thể thức")
    people["signatory"].open(path).press("Duyệt")
    people["signatory"].follow("Xem và ký số")
    sign(people["signatory"])
    people["clerk"].open(path).press("Cấp số và ngày")
    people["clerk"].follow("Xem và ký số của cơ quan")
    seal(people["clerk"])
    people["clerk"].press("Phát hành")

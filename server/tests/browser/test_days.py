"""The day of each of five roles, by mouse and again by keys alone, at three widths in two themes.

STORY is the table: whose turn it is, and what he does. Documents go through the hands of a
department; what it sends is distributed by the head of the Committee's office.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chauban.directory.rules import legal_day
from tests.browser import acts
from tests.browser.acts import Letter
from tests.browser.conftest import Visiting
from tests.browser.examining import DESKTOP, PHONE, TABLET
from tests.browser.installation import Installation
from tests.browser.typist import Typist
from tests.browser.visitor import Visitor

PEOPLE = {
    "clerk": "van-thu.so-tai-chinh",
    "official": "chuyen-vien.so-tai-chinh",
    "unit_head": "truong-phong.so-tai-chinh",
    "layout_checker": "the-thuc.so-tai-chinh",
    "leader": "pho-giam-doc.so-tai-chinh",
    "office_clerk": "van-thu.vp-ubnd",
    "office_head": "chanh-vp.vp-ubnd",
}
# Every width and every theme, in both hands.
SEATS = {
    "mouse": {
        "clerk": (DESKTOP, "light"),
        "official": (TABLET, "dark"),
        "unit_head": (PHONE, "light"),
        "leader": (PHONE, "dark"),
        "office_head": (DESKTOP, "dark"),
    },
    "keys": {
        "clerk": (TABLET, "light"),
        "official": (DESKTOP, "dark"),
        "unit_head": (PHONE, "dark"),
        "leader": (DESKTOP, "light"),
        "office_head": (TABLET, "dark"),
    },
}


@dataclass
class Day:
    """Who sits where, what the documents are called, and what has come of them so far."""

    people: dict[str, Visitor]
    installation: Installation
    how: str
    today: date
    photographs: Path | None
    found: dict[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"kết quả thu ngân sách quý {'I' if self.how == 'mouse' else 'II'} năm 2026"

    def arrived(self) -> str:
        """The subject of the document that has come from the Committee's office."""
        return self.installation.drafts[f"for_{self.how}"]["subject"]

    def name(self, role: str) -> str:
        return self.installation.people[PEOPLE[role]]


def takes_in_the_mornings_post(clerk: Visitor, day: Day) -> None:
    clerk.open("/desk/arrived")
    clerk.wait_until(lambda page: day.arrived() in page.text())
    clerk.open("/").follow("Văn bản đến chờ đăng ký", exact=False)
    clerk.follow(day.arrived(), exact=False)
    clerk.wait_until(lambda page: "Hệ thống đề xuất" in page.text())
    clerk.press("Tiếp nhận, đăng ký văn bản đến")
    assert "Văn bản đến số" in clerk.page.title()
    clerk.to_place("Sổ văn bản đến")
    assert day.arrived() in clerk.text()


def directs(leader: Visitor, day: Day) -> None:
    acts.find(leader, "chờ chuyển giao", day.arrived())
    leader.choose("Chủ trì", day.name("unit_head"))
    leader.fill("Ý kiến chỉ đạo", "Nghiên cứu, tham mưu.")
    leader.set_day("Thời hạn giải quyết", day.today + timedelta(days=7))
    leader.press("Chuyển giao")
    assert day.name("unit_head") in leader.text()


def shares_out_and_sees_who_has_what(unit_head: Visitor, day: Day) -> None:
    acts.find(unit_head, "Chờ phân công", day.arrived())
    unit_head.unfold("Chuyển giao thêm")
    official = day.name("official")
    unit_head.check(f"{official}, Chuyên viên", within="Phối hợp")
    unit_head.press("Chuyển giao")
    unit_head.to_place("Việc đang giao")
    assert official in unit_head.text()


def does_a_task(official: Visitor, day: Day) -> None:
    official.open("/").photograph(day.photographs, "home-official")
    acts.find(official, "Nhiệm vụ được giao", day.arrived()).press("Bắt đầu giải quyết")
    official.fill("Kết quả", "Đã tổng hợp số liệu.")
    official.press("Hoàn thành")
    assert "Đã tổng hợp số liệu." in official.text()


def gives_the_opinion_he_is_asked(official: Visitor, day: Day) -> None:
    asked = day.installation.drafts[f"asked_{day.how}"]["subject"]
    acts.find(official, "Ý kiến được hỏi", asked)
    official.photograph(day.photographs, "opinion")
    official.pick("Đồng ý, có ý kiến")
    official.fill("Ý kiến", "Bổ sung thời hạn báo cáo.")
    official.press("Gửi ý kiến")
    assert "Bổ sung thời hạn báo cáo." in official.text()


def reads_what_he_was_answered(unit_head: Visitor, day: Day) -> None:
    asked = day.installation.drafts[f"asked_{day.how}"]["path"]
    unit_head.open(asked).follow("Ý kiến về bản 1")
    assert "Bổ sung thời hạn báo cáo." in unit_head.text()
    unit_head.photograph(day.photographs, "opinions")


def drafts_and_asks_his_unit(official: Visitor, day: Day) -> None:
    official.open("/").follow("Soạn văn bản")
    letter = Letter(
        signatory=("KT.",),
        recipients=[day.installation.bodies["vp-ubnd"]],
        subject=day.subject,
        body="Sở Tài chính báo cáo kết quả thu ngân sách.",
    )
    acts.type_in(official, letter)
    official.set_day("Hạn trả lời", day.today + timedelta(days=1))
    official.press("Lưu dự thảo").follow("Xin ý kiến")
    official.check(day.name("unit_head"), within="Người", exact=False)
    official.set_day("Trả lời trước hết ngày", day.today + timedelta(days=2))
    official.press("Gửi xin ý kiến")
    assert "Chưa trả lời" in official.text()


def answers_what_he_is_asked(unit_head: Visitor, day: Day) -> None:
    unit_head.open("/").photograph(day.photographs, "home-unit-head")
    acts.find(unit_head, "Ý kiến được hỏi", day.subject)
    unit_head.pick("Đồng ý")
    unit_head.press("Gửi ý kiến")


def submits_with_the_answers(official: Visitor, day: Day) -> None:
    acts.find(official, "Dự thảo của tôi", day.subject)
    assert "1/1 đã trả lời" in official.text()
    official.press("Trình kiểm tra")


def checks_the_content(unit_head: Visitor, day: Day) -> None:
    acts.find(unit_head, "Chờ kiểm tra", day.subject).press("Đồng ý nội dung")


def checks_the_layout(layout_checker: Visitor, day: Day) -> None:
    acts.find(layout_checker, "Chờ kiểm tra", day.subject).press("Đồng ý thể thức")


def approves_signs_and_sees_what_is_overdue(leader: Visitor, day: Day) -> None:
    acts.find(leader, "Chờ duyệt", day.subject).press("Duyệt")
    acts.find(leader, "Chờ ký số", day.subject)
    acts.sign(leader)
    leader.open("/").follow("Văn bản đến quá hạn", exact=False)


def numbers_seals_issues_and_looks_after_what_did_not_arrive(clerk: Visitor, day: Day) -> None:
    acts.find(clerk, "Chờ cấp số", day.subject).press("Cấp số và ngày")
    clerk.follow("Xem và ký số của cơ quan")
    acts.seal(clerk)
    clerk.press("Phát hành")
    clerk.open("/").follow("Bị trả lại, chưa gửi được", exact=False)
    clerk.to_place("Gửi ngoài trục")
    clerk.follow("Sổ gửi bưu điện", exact=False)


def registers_it_at_the_other_end(office_clerk: Visitor, day: Day) -> None:
    acts.open_delivery(office_clerk, day.subject)
    office_clerk.press("Tiếp nhận, đăng ký văn bản đến")


def distributes_and_presses(office_head: Visitor, day: Day) -> None:
    office_head.open("/").photograph(day.photographs, "home-office-head")
    acts.find(office_head, "chờ chuyển giao", day.subject)
    office_head.choose("Chủ trì", day.installation.people["truong-phong.vp-ubnd"])
    office_head.press("Chuyển giao")
    acts.find(office_head, "Cần đôn đốc", day.subject)


STORY: tuple[tuple[str, Callable[[Visitor, Day], None]], ...] = (
    ("clerk", takes_in_the_mornings_post),
    ("leader", directs),
    ("unit_head", shares_out_and_sees_who_has_what),
    ("official", does_a_task),
    ("official", gives_the_opinion_he_is_asked),
    ("unit_head", reads_what_he_was_answered),
    ("official", drafts_and_asks_his_unit),
    ("unit_head", answers_what_he_is_asked),
    ("official", submits_with_the_answers),
    ("unit_head", checks_the_content),
    ("layout_checker", checks_the_layout),
    ("leader", approves_signs_and_sees_what_is_overdue),
    ("clerk", numbers_seals_issues_and_looks_after_what_did_not_arrive),
    ("office_clerk", registers_it_at_the_other_end),
    ("office_head", distributes_and_presses),
)


@pytest.mark.parametrize("how", SEATS)
def test_the_day_of_each_role(
    visitor: Visiting, installation: Installation, photographs: Path | None, how: str
) -> None:
    hand = {"mouse": Visitor, "keys": Typist}[how]
    people = {}
    for role, username in PEOPLE.items():
        size, theme = SEATS[how].get(role, (DESKTOP, "light"))
        own = hand if role in SEATS[how] else Visitor  # two help, whose day is not told here
        people[role] = visitor(size=size, hand=own, color_scheme=theme).come_in(username)
    today = legal_day(datetime.now(UTC))
    day = Day(people, installation, how, today, photographs if how == "mouse" else None)
    for role, does in STORY:
        does(people[role], day)


def test_the_days_are_seen_at_every_width_in_both_themes() -> None:
    seats = [(size["width"], theme) for one in SEATS.values() for size, theme in one.values()]
    assert set(seats) == {(w, theme) for w in (390, 768, 1280) for theme in ("light", "dark")}

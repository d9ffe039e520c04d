"""Made-up officers of the demo's agencies: who sits where, under which user name."""

from collections.abc import Iterator
from dataclasses import dataclass

from chauban.directory.hue import AgencyLine
from chauban.directory.models import AgencyLevel, Role

MAIL_DOMAIN = "hue.invalid"

_FAMILY_NAMES = (
    "Nguyễn Trần Lê Phạm Hoàng Phan Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Châu Mai Trương Đoàn Cao Lương"
    " Hà Đinh Tôn"
)
_MIDDLE_NAMES = ("Đình Hữu Đức Quang Xuân Viết Công", "Thị Ngọc Thu Kim Thanh Bích Mỹ")
_GIVEN_NAMES = (
    "An Bách Cẩn Chương Cường Dũng Duy Đạt Đăng Đông Giang Hào Hiển Huân Khải Khánh Khoa Kiên"
    " Lâm Luân Nghĩa Nhân Phong Phúc Quân Sang Tân Thiện Vinh",
    "Ái Ánh Cầm Chi Cúc Diệp Diệu Dung Duyên Đào Hạnh Hiền Hòa Hương Khuê Lan Liên Mai My Ngà"
    " Nhàn Nhung Oanh Quỳnh Sương Thảo Trúc Tuyết Yến",
)


@dataclass(frozen=True)
class PostLine:
    username: str
    full_name: str
    agency: str
    unit_symbol: str | None
    title: str
    role: Role

    @property
    def email(self) -> str:
        return f"{self.username}@{MAIL_DOMAIN}"


def made_up_name(index: int) -> str:
    """A full name that no other index below 1 300 has; made up, not a real officer's.

    23 family names and 29 given names have no common factor, so their pairs repeat only
    after 667 persons of a sex.
    """
    sex, i = index % 2, index // 2
    lists = (_FAMILY_NAMES, _MIDDLE_NAMES[sex], _GIVEN_NAMES[sex])
    return " ".join(_pick(names, i) for names in lists)


def _pick(names: str, index: int) -> str:
    listed = names.split()
    return listed[index % len(listed)]


def staff(agencies: list[AgencyLine]) -> Iterator[PostLine]:
    """The officers of every agency that has staff, in a fixed order."""
    index = 0
    for agency in agencies:
        if not agency.head_title:
            continue
        for name, title, role, unit in _places(agency):
            yield PostLine(
                f"{name}.{agency.key}", made_up_name(index), agency.key, unit, title, role
            )
            index += 1
    for agency in agencies:
        if agency.head_title and agency.level == AgencyLevel.CITY:
            yield PostLine(
                f"luu-tru.{agency.key}", made_up_name(index), agency.key, agency.units[-1][1],
                "Lưu trữ viên", Role.ARCHIVIST,
            )  # fmt: skip
            index += 1


def _places(agency: AgencyLine) -> Iterator[tuple[str, str, Role, str | None]]:
    """User name's first part, title, role and unit of each officer of an agency."""
    head = agency.head_title
    if agency.level == AgencyLevel.DEPARTMENT:
        registry, working = agency.units[0], agency.units[1]
        yield "giam-doc", head, Role.LEADER, None
        yield "pho-giam-doc", f"Phó {head}", Role.LEADER, None
    elif agency.level == AgencyLevel.COMMUNE:
        registry, working = agency.units[0], agency.units[1]
        yield "chu-tich", head, Role.LEADER, None
        yield "pho-chu-tich", f"Phó {head}", Role.LEADER, None
    else:
        registry, working = agency.units[-1], agency.units[0]
        yield "chu-tich", head, Role.LEADER, None
        yield "pho-chu-tich", f"Phó {head}", Role.LEADER, None
        yield "chanh-vp", "Chánh Văn phòng", Role.OFFICE_HEAD, None
        yield "pho-chanh-vp", "Phó Chánh Văn phòng", Role.OFFICE_HEAD, None
        yield "quan-tri", "Quản trị hệ thống", Role.ADMINISTRATOR, registry[1]
    unit_name, symbol = working
    yield "truong-phong", f"Trưởng {_lowered(unit_name)}", Role.UNIT_HEAD, symbol
    yield "chuyen-vien", "Chuyên viên", Role.OFFICIAL, symbol
    yield "the-thuc", "Chuyên viên", Role.LAYOUT_CHECKER, registry[1]
    yield "van-thu", "Văn thư", Role.CLERK, registry[1]


def _lowered(unit_name: str) -> str:
    return unit_name[0].lower() + unit_name[1:]

"""The plan's scoreboard: Huế's targets of 2015, computed where the system knows, else not.

Agencies and counts alone, for anybody to read: no document, no person.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from django.core.cache import cache
from django.utils.translation import gettext as _

from chauban.directory.models import AgencyLevel
from chauban.directory.rules import HANOI, legal_day, legal_year
from chauban.exchange.circulating import Circulation, circulation
from chauban.office.declaring import declared_for
from chauban.office.models import Declaration, Declared
from chauban.trust.signing_agencies import SigningAgency, signing_agencies

FIRST_YEAR = 2015
FRESH_SECONDS = 60
INVITATION = "giay_moi"

Table = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Figures:
    """What was counted for one legal year; agencies as of `day`."""

    year: int
    day: date
    documents: list[Circulation]
    invitations: list[Circulation]
    agencies: list[SigningAgency]
    declared: Mapping[str, Declaration] = field(default_factory=dict)

    @property
    def unsigned(self) -> list[SigningAgency]:
        return [one for one in self.agencies if not one.can_sign]


@dataclass(frozen=True)
class Measure:
    """One line of the board: `part` of `whole`, or `lacking`: why there is no figure.

    `short` is whole less part: the length, or the sum, of the list that `key` names. A figure
    that agencies declare names its `declarable`, and once declared its `declaration`.
    """

    target: str
    name: str
    aim: str
    part: int = 0
    whole: int = 0
    key: str = ""
    counts: str = ""  # what is counted
    lacking: str = ""
    declarable: str = ""
    declaration: Declaration | None = None

    @property
    def short(self) -> int:
        return self.whole - self.part

    @property
    def percent(self) -> Decimal | None:
        """To one place, rounded down: 100 is reached by all of them alone."""
        if not self.whole:
            return None
        exact = Decimal(100 * self.part) / self.whole
        return exact.quantize(Decimal("0.1"), ROUND_FLOOR)


def year_of(text: str, now: datetime) -> int:
    """The year asked for, from the plan's on; for anything else this one."""
    this_year = legal_year(now)
    is_year = len(text) == 4 and text.isdecimal() and FIRST_YEAR <= int(text) <= this_year
    return int(text) if is_year else this_year


def figures_of(year: int, now: datetime) -> Figures:
    """The year's figures, counted at most once in `FRESH_SECONDS` by each process."""
    figures: Figures | None = cache.get(kept_as(year))
    if figures is None:
        figures = count(year, now)
        cache.set(kept_as(year), figures, FRESH_SECONDS)
    return figures


def kept_as(year: int) -> str:
    return f"scoreboard-{year}"


def count(year: int, now: datetime) -> Figures:
    """The year's figures; agencies as they are now, of a past year as they were at its end."""
    end = datetime(year + 1, 1, 1, tzinfo=HANOI) - timedelta(seconds=1)
    at = min(now, end)
    return Figures(
        year,
        legal_day(at),
        circulation(year),
        circulation(year, kind=INVITATION),
        signing_agencies(at),
        declared_for(year),
    )


def measured(figures: Figures) -> list[Measure]:
    """The targets that are computed (T1 to T3), each with a list behind it."""
    return [
        Measure(
            "T1",
            _("Văn bản giữa các cơ quan được gửi hoàn toàn qua mạng"),
            "100%",
            *_circulated(figures.documents),
            key="documents",
            counts=_(
                "Văn bản lấy số trong năm, đã phát hành tới ít nhất một cơ quan; đạt khi không "
                "nơi nhận nào nhận bản giấy."
            ),
        ),
        Measure(
            "T2",
            _("Giấy mời được gửi hoàn toàn qua mạng"),
            "100%",
            *_circulated(figures.invitations),
            key="invitations",
            counts=_(
                "Giấy mời lấy số trong năm, đã phát hành tới ít nhất một cơ quan; đạt khi không "
                "nơi nhận nào nhận bản giấy."
            ),
        ),
        Measure(
            "T3",
            _("Cơ quan từ cấp tỉnh đến cấp xã ký số được trong hệ thống văn bản"),
            "100%",
            len(figures.agencies) - len(figures.unsigned),
            len(figures.agencies),
            key="agencies",
            counts=_(
                "Cơ quan đang hoạt động có ban hành văn bản; đạt khi có chứng thư số còn hạn của "
                "cơ quan và của ít nhất một người có thẩm quyền ký."
            ),
        ),
    ]


def targets(figures: Figures) -> list[Measure]:
    """Every target of the plan, in its order."""
    return sorted(
        [*measured(figures), *_not_measured(figures)],
        key=lambda one: int(one.target.removeprefix("T")),
    )


def table(key: str, figures: Figures) -> Table | None:
    """A list of the board as rows of a table, its heading first; None: there is no such list."""
    if key == "targets":
        return [
            [_("Chỉ tiêu"), _("Nội dung"), _("Đề ra"), _("Năm"), _("Đạt"), _("Tổng số"),
             _("Tỷ lệ (%)"), _("Ghi chú")],
            *(_line(one, figures.year) for one in targets(figures)),
        ]  # fmt: skip
    if key == "agencies":
        return [
            [_("Cơ quan"), _("Cấp"), _("Còn thiếu")],
            *([one.agency, level(one), missing(one)] for one in figures.unsigned),
        ]
    sent = {"documents": figures.documents, "invitations": figures.invitations}.get(key)
    if sent is None:
        return None
    return [
        [_("Cơ quan"), _("Đã phát hành"), _("Hoàn toàn qua mạng"), _("Qua mạng, thêm bản giấy"),
         _("Có nơi chỉ nhận bản giấy")],
        *([one.agency, *amounts(one)] for one in sent),
        [_("Tổng số"), *totals(sent)],
    ]  # fmt: skip


def amounts(one: Circulation) -> tuple[int, int, int, int]:
    return one.issued, one.over_network, one.also_on_paper, one.on_paper


def totals(sent: Sequence[Circulation]) -> list[int]:
    return [sum(column) for column in zip(*map(amounts, sent), strict=True)] or [0] * 4


def level(one: SigningAgency) -> str:
    return str(AgencyLevel(one.level).label)


def missing(one: SigningAgency) -> str:
    if one.has_seal:
        return _("Chữ ký số của người có thẩm quyền")
    if one.has_signatory:
        return _("Chữ ký số của cơ quan")
    return _("Chữ ký số của cơ quan và của người có thẩm quyền")


def _circulated(sent: Sequence[Circulation]) -> tuple[int, int]:
    return sum(one.over_network for one in sent), sum(one.issued for one in sent)


def _line(one: Measure, year: int) -> list[object]:
    if one.lacking:
        return [one.target, one.name, one.aim, year, "", "", "", f"{_('Chưa đo')}: {one.lacking}"]
    percent = "" if one.percent is None else one.percent
    whole = "" if one.declaration and one.declaration.whole is None else one.whole
    return [one.target, one.name, one.aim, year, one.part, whole, percent, one.counts]


def _not_measured(figures: Figures) -> Iterator[Measure]:
    """What the system cannot compute: declared by somebody, or lacking."""
    yield from (
        Measure("T2", _("Giấy mời gửi trước ngày họp ít nhất 3 ngày làm việc"), "",
                lacking=_("Hệ thống chưa ghi ngày họp của giấy mời.")),
        Measure("T3", _("Cơ quan từ cấp tỉnh đến cấp xã ký số trong thư điện tử công vụ"), "100%",
                lacking=_("Hệ thống chưa nối với thư điện tử công vụ.")),
        Measure("T4", _("Dịch vụ công trực tuyến mức độ 3, 4 (nay là toàn trình, một phần)"),
                "70%", lacking=_("Hệ thống chưa tiếp nhận hồ sơ dịch vụ công.")),
    )  # fmt: skip
    for target, aim in _aims().items():
        number = target.partition("-")[0].upper()
        one = Measure(number, str(target.label), aim, declarable=target.value)
        if (said := figures.declared.get(target)) is None:
            undeclared = _("Số liệu do cơ quan phụ trách khai; chưa có khai báo cho năm này.")
            yield replace(one, lacking=undeclared)
            continue
        source = _("Khai báo của %(agency)s, số liệu ngày %(day)s: %(source)s") % {
            "agency": said.by.agency.name, "day": f"{said.as_of:%d/%m/%Y}", "source": said.source,
        }  # fmt: skip
        yield replace(one, part=said.part, whole=said.whole or 0, counts=source, declaration=said)


def _aims() -> Mapping[Declared, str]:
    return {
        Declared.NETWORKS: "100%",
        Declared.FIBRE: "100%",
        Declared.WEBSITES: "80%",
        Declared.SIGNING: "100%",
        Declared.SOFTWARE: _("trên 20 doanh nghiệp; ngành tăng nhanh hơn GDP của tỉnh"),
        Declared.OFFICERS: "100%",
        Declared.GRADUATES: "80%",
        Declared.WORKERS: _("trên 1.000 người"),
    }

"""When documents arrive: by weekday and hour of Việt Nam."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.utils.translation import gettext as _

from chauban.office.pictures import flow
from chauban.office.pictures.asking import Asked
from chauban.office.pictures.tables import Column, Figure, Line, Table

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
# The working hours one by one, the rest of the day in two.
HOURS = ((0, 7), *((hour, hour + 1) for hour in range(7, 18)), (18, 24))


def table(asked: Asked) -> Table:
    """A line for each day of the week. One query."""
    counted = (
        _timed(asked).order_by().values("weekday", "hour").annotate(amount=Count("pk"))
    ).values_list("weekday", "hour", "amount")
    amounts: Counter[tuple[int, int]] = Counter()
    for weekday, hour, amount in counted:
        amounts[weekday, _span(hour)] += amount
    return Table(
        caption=_("Văn bản đến theo ngày trong tuần và giờ"),
        heads=[_("Ngày")],
        columns=[Column(f"{first}–{last}h", "go") for first, last in HOURS],
        lines=[_line(weekday, names, amounts) for weekday, names in enumerate(_weekdays(), 1)],
        note=_("Giờ Việt Nam. Văn bản giấy tính theo giờ văn thư ghi khi đăng ký."),
    )  # fmt: skip


def listed(asked: Asked, mark: Mapping[str, str]) -> "QuerySet[Any]":
    """The documents that arrived in one span of hours of one weekday, the newest first."""
    found = _timed(asked)
    if (day := mark.get("day", "")) in "1234567" and day:
        found = found.filter(weekday=int(day))
    first = mark.get("hour", "")
    for span in HOURS:
        if first == str(span[0]):
            found = found.filter(hour__gte=span[0], hour__lt=span[1])
    return found.select_related("body").order_by("-arrived_at", "-pk")


def _timed(asked: Asked) -> "QuerySet[Any]":
    return flow.arrived(asked).annotate(
        weekday=ExtractIsoWeekDay("arrived_at", tzinfo=HANOI),
        hour=ExtractHour("arrived_at", tzinfo=HANOI),
    )


def _span(hour: int) -> int:
    return next(first for first, last in HOURS if first <= hour < last)


def _weekdays() -> list[tuple[str, str]]:
    """Each with a short form, for a narrow screen."""
    return [(_("Thứ Hai"), _("T2")), (_("Thứ Ba"), _("T3")), (_("Thứ Tư"), _("T4")),
            (_("Thứ Năm"), _("T5")), (_("Thứ Sáu"), _("T6")), (_("Thứ Bảy"), _("T7")),
            (_("Chủ nhật"), _("CN"))]  # fmt: skip


def _line(weekday: int, names: tuple[str, str], amounts: Mapping[tuple[int, int], int]) -> Line:
    figures = [
        Figure(amounts[weekday, first], {"day": str(weekday), "hour": str(first)})
        for first, _last in HOURS
    ]
    return Line([names[0]], figures, facts={"short": names[1]})

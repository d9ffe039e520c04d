"""The province's agencies and whether they sign what they issue, on a map."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from chauban.directory.models import AgencyLevel
from chauban.office.pictures import ground
from chauban.office.pictures.asking import Asked
from chauban.office.pictures.tables import Column, Figure, Line, Table
from chauban.registers.access import countable_outgoing

SPOT = 28  # of the drawing's units: how wide a mark is
SIGNED = Q(sealed_at__isnull=False)
ORDER = {level: place for place, level in enumerate(AgencyLevel.values)}


def table(asked: Asked) -> Table:
    """The agencies in force with what they issued in the period. One query."""
    counted = _issued(asked).order_by().values("body__agency").annotate(
        amount=Count("pk"), signed=Count("pk", filter=SIGNED)
    ).values_list("body__agency", "amount", "signed")  # fmt: skip
    amounts = {agency: (amount, signed) for agency, amount, signed in counted}
    standing = sorted(
        (
            one
            for one in asked.reach.agencies
            if one.is_in_force(asked.today) and one.level != AgencyLevel.OUTSIDE
        ),
        key=lambda one: (ORDER[one.level], one.name, one.pk),
    )
    return Table(
        caption=_("Văn bản đã phát hành và tình trạng ký số"),
        heads=[_("Cơ quan"), _("Tình trạng")],
        columns=[Column(_("Đã phát hành")), Column(_("Có chữ ký số")), Column(_("Không ký số"))],
        lines=[
            _line(one, *amounts.get(one.agency.pk, (0, 0))) for one in ground.placed(standing)
        ],
        note=_("Vị trí gần đúng: mỗi xã, phường một điểm bên trong địa bàn, không phải trụ sở; "
               "cơ quan cấp thành phố xếp thành hàng ngoài biển cho dễ xem."),
    )  # fmt: skip


def listed(asked: Asked, mark: Mapping[str, str]) -> "QuerySet[Any]":
    """The documents behind one figure, the newest first."""
    found = _issued(asked)
    if (key := mark.get("of", "")).isdecimal() and len(key) < 19:
        found = found.filter(body__agency=int(key))
    if mark.get("signed") in ("yes", "no"):
        found = found.filter(SIGNED if mark["signed"] == "yes" else ~SIGNED)
    return found.select_related("body").order_by("-issued_on", "-pk")


def state_of(amount: int, signed: int) -> str:
    """all | some | none | nothing: how much of what an agency issued is signed."""
    if not amount:
        return "nothing"
    return "all" if signed == amount else "some" if signed else "none"


def state_words() -> dict[str, str]:
    return {
        "all": _("Ký số mọi văn bản"),
        "some": _("Ký số một phần"),
        "none": _("Chưa ký số văn bản nào"),
        "nothing": _("Chưa phát hành văn bản nào"),
    }


def _issued(asked: Asked) -> "QuerySet[Any]":
    return countable_outgoing(asked.reach).filter(
        year__in=range(asked.since.year, asked.until.year + 1),
        issued_on__gte=asked.since,
        issued_on__lte=asked.until,
    )


def _line(one: ground.Placed, amount: int, signed: int) -> Line:
    row = {"of": str(one.agency.pk)}
    state = state_of(amount, signed)
    x, y = ground.drawn_at(one.at)
    return Line(
        [one.agency.name, state_words()[state]],
        [
            Figure(amount, row),
            Figure(signed, {**row, "signed": "yes"}),
            Figure(amount - signed, {**row, "signed": "no"}),
        ],
        facts={
            "lon": one.at[0],
            "lat": one.at[1],
            "state": state,
            "left": x - SPOT / 2,
            "top": y - SPOT / 2,
        },
    )

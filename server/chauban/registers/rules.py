"""Decisions about series and repeats, from plain values."""

from collections.abc import Iterable, Mapping
from datetime import date

from chauban_docform.kinds import KINDS

# Until the head decides otherwise (Điều 15.1). Thư công has no abbreviation either: numbered
# apart from công văn it could repeat a công văn's number and symbol.
DEFAULT_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Công văn": ("cong_van", "thu_cong"),
    "Quyết định": ("quyet_dinh",),
    "Văn bản có tên loại khác": tuple(
        code for code in KINDS if code not in ("cong_van", "thu_cong", "quyet_dinh")
    ),
}


def kinds_named_twice(groups: Iterable[Iterable[str]]) -> list[str]:
    """Return the kinds that stand in more than one group, in the order found."""
    seen: set[str] = set()
    twice = []
    for kinds in groups:
        for kind in dict.fromkeys(kinds):
            if kind in seen:
                twice.append(kind)
            seen.add(kind)
    return twice


def is_same_year(first: date | None, second: date | None) -> bool:
    """Whether two days may lie in one year; an unknown day may lie in any.

    Numbers start again each year (Điều 15.1), so the same code of another year is no repeat.
    """
    return first is None or second is None or first.year == second.year

"""What the server draws of a picture's table: shapes for the templates, nothing of the wire.

Across in percent, so that a drawing fills any screen; down in pixels, so that words keep their
size. Each mark leads where its figure in the table does.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext as _

from chauban.office.pictures.tables import ShownCell, ShownLine

COMMITTEE = "Ủy ban nhân dân"
MOST_BARS = 25
STACKED = ("good", "wait", "bad", "go", "rest")
PLOT_HEIGHT = 200
MOST_STEPS = 5  # of an axis
MOST_DAYS = 5  # named below the weeks: as many as a telephone has room for
CELL_HEIGHT, HEAD_HEIGHT = 26, 26
FLOW_HEIGHT, LABEL_HEIGHT, GAP = 280, 38, 6


@dataclass(frozen=True)
class Mark:
    """A rectangle, point or band; `words` say what it stands for."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    words: str
    url: str
    value: float | None = None
    share: float = 0  # of the most, from nothing to one
    path: str = ""


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str
    short: str = ""


def workload(rows: Sequence[ShownLine]) -> dict[str, Any]:
    """A bar for each row, as long as all it counts, divided by term."""
    rows = rows[:MOST_BARS]
    totals = [_sum(row) for row in rows]
    most = max(totals, default=0) or 1
    bars = []
    for row, total in zip(rows, totals, strict=True):
        x, marks = 0.0, []
        for cell in _stacked(row):
            width = 100 * (cell.value or 0) / most
            marks.append(_mark(row, cell, (x, 0, width, 0)))
            x += width
        bars.append({"name": _brief(row.heads[0]), "total": total, "marks": _seen(marks)})
    return {"bars": bars}


def punctuality(rows: Sequence[ShownLine]) -> dict[str, Any]:
    """A column for each week, divided by what became of it, under the line of shares."""
    most = max(_sum(row) for row in rows)
    step = _step(most)
    top = step * max(1, ceil(most / step))
    wide = 100 / len(rows)
    marks, points = [], []
    for at, row in enumerate(rows):
        y = float(PLOT_HEIGHT)
        for cell in _stacked(row):
            height = PLOT_HEIGHT * (cell.value or 0) / top
            y -= height
            marks.append(_mark(row, cell, ((at + 0.14) * wide, y, wide * 0.72, height)))
        for cell in row.cells:
            if cell.column.tone == "share" and cell.value is not None:
                y = PLOT_HEIGHT * (1 - cell.value / 100)
                points.append(_mark(row, cell, ((at + 0.5) * wide, y, 0, 0)))
    every = ceil(len(rows) / MOST_DAYS)
    return {
        "height": PLOT_HEIGHT,
        "marks": _seen(marks),
        "points": points,
        "strokes": list(pairwise(points)),
        "ticks": [
            Label(0, PLOT_HEIGHT * (1 - value / top), str(value), f"{100 * value / top:.0f}%")
            for value in range(0, top + 1, step)
        ],
        "days": [
            Label((at + 0.5) * wide, 0, row.heads[0][:5])
            for at, row in enumerate(rows)
            if at % every == 0
        ],
    }


def hours(rows: Sequence[ShownLine]) -> dict[str, Any]:
    """A column for each day of the week, a cell for each span of hours, the fuller the darker."""
    most = max(cell.value or 0 for row in rows for cell in row.cells) or 1
    wide = 100 / len(rows)
    marks = []
    for day, row in enumerate(rows):
        for at, cell in enumerate(row.cells):
            y = HEAD_HEIGHT + at * CELL_HEIGHT
            share = round((cell.value or 0) / most, 3)
            marks.append(_mark(row, cell, (day * wide, y, wide, CELL_HEIGHT), share))
    return {
        "marks": marks,
        "height": HEAD_HEIGHT + CELL_HEIGHT * len(rows[0].cells),
        "days": [
            Label((day + 0.5) * wide, 0, row.heads[0], str(row.facts["short"]))
            for day, row in enumerate(rows)
        ],
        "spans": [
            Label(0, HEAD_HEIGHT + (at + 0.5) * CELL_HEIGHT, cell.column.name)
            for at, cell in enumerate(rows[0].cells)
        ],
    }


def flow(rows: Sequence[ShownLine]) -> dict[str, Any]:
    """Bands from senders to receivers, as thick as what flows; others stand last."""
    total = sum(row.cells[0].value or 0 for row in rows)
    thick = FLOW_HEIGHT / total
    sides = [_ends(rows, side) for side in (0, 1)]
    places = [_places([amount * thick for amount in side.values()]) for side in sides]
    height = max(places[0][-1][1], places[1][-1][1])
    tops, ends = [], []
    for side, (amounts, spans) in enumerate(zip(sides, places, strict=True)):
        moved = (height - spans[-1][1]) / 2
        top = {}
        for (name, amount), (begin, end) in zip(amounts.items(), spans, strict=True):
            long = amount * thick
            top[name] = (begin + end) / 2 + moved - long / 2
            url = _without(_first(rows, side, name).cells[0].url, ("receiver", "sender")[side])
            words = f"{name}: {amount}"
            bar = Mark(0, _round(top[name]), 0, _round(max(long, 1)), "go", words, url)
            ends.append(
                {"side": side, "bar": bar, "name": _brief(name),
                 "y": _round(begin + moved), "height": _round(end - begin)}
            )  # fmt: skip
        tops.append(top)
    orders = [list(side) for side in sides]
    bands = []
    for row in sorted(rows, key=lambda it: [orders[side].index(it.heads[side]) for side in (0, 1)]):
        amount, _signed, share = row.cells
        band = max((amount.value or 0) * thick, 1)
        begin, end = (tops[side][row.heads[side]] for side in (0, 1))
        for side in (0, 1):
            tops[side][row.heads[side]] += (amount.value or 0) * thick
        tone = "go" if share.value == 100 else "wait"
        words = f"{' → '.join(row.heads)}: {amount.value}. {share.column.name}: {share.value}"
        path = _band(begin, end, band)
        bands.append(Mark(0, 0, 0, 0, tone, words, amount.url, path=path))
    return {"height": _round(height), "ends": ends, "bands": bands}


DRAWN: Mapping[str, Callable[[Sequence[ShownLine]], dict[str, Any]]] = {
    "workload": workload,
    "punctuality": punctuality,
    "hours": hours,
    "flow": flow,
}


def _stacked(row: ShownLine) -> Iterable[ShownCell]:
    return (cell for cell in row.cells if cell.column.tone in STACKED)


def _sum(row: ShownLine) -> int:
    return sum(int(cell.value or 0) for cell in _stacked(row))


def _mark(row: ShownLine, cell: ShownCell, box: Sequence[float], share: float = 0) -> Mark:
    words = f"{row.heads[0]}, {cell.column.name}: {cell.value}"
    x, y, width, height = map(_round, box)
    return Mark(x, y, width, height, cell.column.tone, words, cell.url, cell.value, share)


def _seen(marks: Iterable[Mark]) -> list[Mark]:
    return [mark for mark in marks if mark.value]


def _step(most: int) -> int:
    """Between two lines of an axis: 1, 2 or 5, ten times such, and so on."""
    steps = (step * 10**tens for tens in count() for step in (1, 2, 5))
    return next(step for step in steps if most <= MOST_STEPS * step)


def _ends(rows: Sequence[ShownLine], side: int) -> dict[str, float]:
    """What each sender, or receiver, has in all; others last."""
    others = _("Cơ quan khác")
    sums: Counter[str] = Counter()
    for row in sorted(rows, key=lambda it: it.heads[side] == others):
        sums[row.heads[side]] += int(row.cells[0].value or 0)
    return dict(sums)


def _places(heights: Sequence[float]) -> list[tuple[float, float]]:
    """Where each of one side begins and ends, with room for its name."""
    found, y = [], 0.0
    for height in heights:
        end = y + max(height + GAP, LABEL_HEIGHT)
        found.append((y, end))
        y = end
    return found


def _band(begin: float, end: float, thick: float) -> str:
    """From left to right across a box a hundred wide, as the `d` of an SVG path."""
    a, b, c, d = (_round(it) for it in (begin, end, end + thick, begin + thick))
    return f"M0 {a}C50 {a} 50 {b} 100 {b}V{c}C50 {c} 50 {d} 0 {d}Z"


def _first(rows: Sequence[ShownLine], side: int, name: str) -> ShownLine:
    return next(row for row in rows if row.heads[side] == name)


def _without(url: str, name: str) -> str:
    """The address without one of its parameters: the list of all that an end has."""
    parts = urlsplit(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key != name]
    return parts._replace(query=urlencode(kept)).geturl()


def _brief(name: str) -> str:
    """A committee's name as offices abbreviate it."""
    return f"UBND{name.removeprefix(COMMITTEE)}" if name.startswith(COMMITTEE) else name


def _round(value: float) -> float:
    return round(value, 2)

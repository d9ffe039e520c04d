"""What the server draws of a table: nothing runs out of its box, and each mark leads on."""

import re
from itertools import pairwise

import pytest

from chauban.office.pictures.drawing import (
    FLOW_HEIGHT,
    LABEL_HEIGHT,
    MOST_BARS,
    MOST_DAYS,
    PLOT_HEIGHT,
    flow,
    hours,
    punctuality,
    workload,
)
from chauban.office.pictures.tables import Column, ShownCell, ShownLine

GOOD, BAD = Column("Đúng hạn", "good"), Column("Quá hạn", "bad")
SHARE, DAYS = Column("Tỷ lệ (%)", "share"), Column("Số ngày", "days")
SENT, SIGNED, PERCENT = Column("Lượt gửi", "go"), Column("Có chữ ký số"), Column("Tỷ lệ (%)")


def line(*heads, cells, **facts):
    shown = [
        ShownCell(column, value, f"/list?of={heads[0]}&in={column.tone}" if value else "")
        for column, value in cells
    ]
    return ShownLine(heads, "", facts, shown)


def sent(sender, receiver, amount, share=100.0):
    url = f"/list?sender={sender}&receiver={receiver}"
    cells = [ShownCell(SENT, amount, url), ShownCell(SIGNED, 0, ""), ShownCell(PERCENT, share, "")]
    return ShownLine([sender, receiver], "", {}, cells)


def test_a_bar_is_as_long_as_what_it_counts_and_holds_no_empty_part():
    drawn = workload([
        line("Ủy ban nhân dân xã A", cells=[(BAD, 3), (GOOD, 5), (Column("Tổng số"), 8)]),
        line("B", cells=[(BAD, 0), (GOOD, 2), (Column("Tổng số"), 2)]),
        line("C", cells=[(BAD, 0), (GOOD, 0), (Column("Tổng số"), 0)]),
    ])["bars"]  # fmt: skip
    assert [(bar["name"], bar["total"]) for bar in drawn] == [("UBND xã A", 8), ("B", 2), ("C", 0)]
    assert [[(it.x, it.width, it.tone) for it in bar["marks"]] for bar in drawn] == [
        [(0, 37.5, "bad"), (37.5, 62.5, "good")], [(0, 25, "good")], [],
    ]  # fmt: skip
    first = drawn[0]["marks"][0]
    assert (first.words, first.url[:5]) == ("Ủy ban nhân dân xã A, Quá hạn: 3", "/list")
    assert len(workload([line("A", cells=[(BAD, 1)])] * (MOST_BARS + 1))["bars"]) == MOST_BARS


def test_a_week_is_a_column_below_the_line_of_shares():
    drawn = punctuality([
        line("31/08/2026", cells=[(GOOD, 6), (BAD, 6), (SHARE, 50.0), (DAYS, 9)]),
        line("07/09/2026", cells=[(GOOD, 0), (BAD, 0), (SHARE, None), (DAYS, None)]),
        line("14/09/2026", cells=[(GOOD, 3), (BAD, 0), (SHARE, 100.0), (DAYS, 1)]),
    ])  # fmt: skip
    assert [tick.text for tick in drawn["ticks"]] == ["0", "5", "10", "15"]
    assert [(it.y, it.height, it.tone) for it in drawn["marks"]] == [
        (120, 80, "good"), (40, 80, "bad"), (160, 40, "good"),
    ]  # fmt: skip
    assert [it.y for it in drawn["points"]] == [PLOT_HEIGHT / 2, 0]
    assert len(drawn["strokes"]) == 1


@pytest.mark.parametrize(("most", "last"), [(1, 1), (5, 5), (6, 6), (11, 15), (999, 1000)])
def test_an_axis_ends_with_a_round_number_not_below_the_most(most, last):
    ticks = punctuality([line("31/08/2026", cells=[(GOOD, most)])])["ticks"]
    assert int(ticks[-1].text) == last
    assert (ticks[-1].y, ticks[-1].short) == (0, "100%")


def test_of_a_years_weeks_a_few_are_named():
    drawn = punctuality([line(f"{at:02}/01/2026", cells=[(GOOD, 1)]) for at in range(53)])
    assert 1 < len(drawn["days"]) <= MOST_DAYS
    assert all(it.x >= 0 and it.x + it.width <= 100 for it in drawn["marks"])


def test_an_hour_is_the_fuller_the_more_came_and_an_empty_one_leads_nowhere():
    spans = [Column(f"{at}h", "go") for at in range(2)]
    drawn = hours([
        line("Thứ Hai", cells=list(zip(spans, (4, 0), strict=True)), short="T2"),
        line("Thứ Ba", cells=list(zip(spans, (1, 2), strict=True)), short="T3"),
    ])  # fmt: skip
    assert [(it.x, it.share, bool(it.url)) for it in drawn["marks"]] == [
        (0, 1, True), (0, 0, False), (50, 0.25, True), (50, 0.5, True),
    ]  # fmt: skip
    assert [(it.text, it.short) for it in drawn["days"]] == [("Thứ Hai", "T2"), ("Thứ Ba", "T3")]


def test_bands_are_as_thick_as_what_flows_and_end_where_their_receivers_stand():
    rows = [sent("Cơ quan khác", "B", 20), sent("A", "B", 60, 50.0), sent("A", "C", 20)]
    drawn = flow(rows)
    names = [[end["name"] for end in drawn["ends"] if end["side"] == side] for side in (0, 1)]
    assert names == [["A", "Cơ quan khác"], ["B", "C"]]  # others last
    heights = {(end["side"], end["name"]): end["bar"].height for end in drawn["ends"]}
    assert heights[0, "A"] == heights[1, "B"] == 0.8 * FLOW_HEIGHT
    assert [band.tone for band in drawn["bands"]] == ["wait", "go", "go"]
    tops = {end["name"]: end["bar"].y for end in drawn["ends"]}
    begin, end = map(float, re.findall(r"^M0 (\S+)C.* 100 (\S+?)V", drawn["bands"][0].path)[0])
    assert (begin, end) == (tops["A"], tops["B"])
    assert drawn["bands"][0].words == "A → B: 60. Tỷ lệ (%): 50.0"
    whole = next(end["bar"].url for end in drawn["ends"] if end["name"] == "A")
    assert whole == "/list?sender=A"


def test_many_small_ends_have_room_for_their_names():
    drawn = flow([sent("A", f"B{at}", 1 if at else 1000) for at in range(12)])
    ends = [end for end in drawn["ends"] if end["side"] == 1]
    assert all(end["height"] >= LABEL_HEIGHT for end in ends)
    assert all(one["y"] + one["height"] <= two["y"] + 0.1
               for one, two in pairwise(ends))  # fmt: skip
    assert ends[-1]["y"] + ends[-1]["height"] <= drawn["height"]

"""The ground of the map: coast, border, where each agency is drawn; plain values.

The positions of communes are approximate and say so on the page; agencies of the city have
none and stand in rows off the coast. An operator's own outlines are drawn over it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chauban.directory.models import Agency, AgencyLevel

DATA_FILE = Path(__file__).with_name("data") / "hue.json"
WEST, SOUTH, EAST, NORTH = 106.98, 15.98, 108.36, 16.88  # degrees, WGS 84
WIDTH, HEIGHT = 960, 652  # of the drawing that the server makes, in its own units
ROWS_FROM, ROWS_STEP, IN_A_ROW = (107.78, 16.80), (0.092, 0.068), 6
CITY_AT = (107.755, 16.85)  # where the rows are called what they are

Position = tuple[float, float]  # longitude, latitude


@dataclass(frozen=True)
class Placed:
    agency: Agency
    at: Position
    is_position: bool  # else a place in the rows of the city's agencies


def placed(agencies: Iterable[Agency]) -> list[Placed]:
    """Where agencies are drawn: communes by their code, all others in rows off the coast."""
    known = _data()["communes"]
    found, others = [], 0
    for agency in agencies:
        at = known.get(agency.statistical_code) if agency.level == AgencyLevel.COMMUNE else None
        if at is not None:
            found.append(Placed(agency, (at[0], at[1]), True))
            continue
        row, column = divmod(others, IN_A_ROW)
        at = (ROWS_FROM[0] + column * ROWS_STEP[0], ROWS_FROM[1] - row * ROWS_STEP[1])
        found.append(Placed(agency, (round(at[0], 4), round(at[1], 4)), False))
        others += 1
    return found


def drawn_at(at: Position) -> tuple[float, float]:
    """The position in the server's drawing, from its upper left corner."""
    x = (at[0] - WEST) / (EAST - WEST) * WIDTH
    y = (NORTH - at[1]) / (NORTH - SOUTH) * HEIGHT
    return round(x, 1), round(y, 1)


def path(line: Sequence[Sequence[float]], *, closed: bool = False) -> str:
    """A line as the `d` of an SVG path."""
    points = " L".join("{} {}".format(*drawn_at((point[0], point[1]))) for point in line)
    return f"M{points}{'Z' * closed}"


def land() -> list[list[float]]:
    """What lies behind the coast, up to beyond the frame."""
    return [*_data()["coast"], [106.4, 15.5], [106.4, 17.3], _data()["coast"][0]]


def border() -> list[list[float]]:
    return list(_data()["border"])


def features() -> list[dict[str, Any]]:
    """Land and border as features of GeoJSON (RFC 7946)."""
    return [
        {"type": "Feature", "properties": {"kind": "land"},
         "geometry": {"type": "Polygon", "coordinates": [land()]}},
        {"type": "Feature", "properties": {"kind": "border"},
         "geometry": {"type": "LineString", "coordinates": border()}},
    ]  # fmt: skip


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DATA_FILE.read_text("utf-8"))
    return found

"""An operator's own outlines of communes and wards, drawn on the map: read, checked, kept.

Taken is a FeatureCollection of GeoJSON (RFC 7946) in WGS 84 with polygons; of what a feature
says besides, its name alone.
"""

import json
import math
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.office.models import Outlines
from chauban.ui.words import Words

MOST_BYTES = 5_000_000
MOST_FEATURES = 1000
MOST_POINTS = 100_000
WEST, SOUTH, EAST, NORTH = 102.0, 6.0, 118.0, 24.0  # Việt Nam with its islands, in degrees
DIGITS = 5  # a metre

Ring = list[list[float]]


class OutlinesRefused(Exception):
    """The file holds no outlines that can be drawn. `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def read_outlines(content: bytes) -> list[dict[str, Any]]:
    """The features that a file describes, as they are drawn.

    Raises: OutlinesRefused.
    """
    if len(content) > MOST_BYTES:
        raise _refused(f"tệp lớn hơn {MOST_BYTES} byte", f"the file is over {MOST_BYTES} bytes")
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _refused("tệp không phải JSON", "the file is not JSON") from error
    features = given.get("features") if isinstance(given, dict) else None
    if not isinstance(features, list) or not 0 < len(features) <= MOST_FEATURES:
        raise _refused(
            f"cần FeatureCollection có từ 1 đến {MOST_FEATURES} ranh giới",
            f"wanted is a FeatureCollection of 1 to {MOST_FEATURES} features",
        )
    found = [_feature(number, one) for number, one in enumerate(features, 1)]
    points = sum(len(ring) for one in found for ring in _rings(one["geometry"]))
    if points > MOST_POINTS:
        raise _refused(
            f"có {points} điểm, nhiều nhất {MOST_POINTS}: hãy giản lược ranh giới",
            f"{points} points, {MOST_POINTS} at most: simplify the outlines",
        )
    return found


@transaction.atomic
def keep_outlines(content: bytes, *, source: str, now: datetime) -> Outlines:
    """Draw these outlines from now on; the ones before are kept.

    Raises: OutlinesRefused.
    """
    features = read_outlines(content)
    kept = Outlines.objects.create(features=features, source=source, at=now)
    digest = sha256(content).hexdigest()
    record(ActKind.OUTLINES_KEPT, on=kept, by=None, at=now, digest=digest, features=len(features))
    return kept


def standing_outlines() -> Outlines | None:
    return Outlines.objects.order_by("-pk").first()


def _feature(number: int, one: object) -> dict[str, Any]:
    given = one if isinstance(one, dict) else {}
    geometry, said = given.get("geometry"), given.get("properties")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise _at(number, "không phải Polygon hay MultiPolygon", "no Polygon or MultiPolygon")
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise _at(number, "không có tọa độ", "no coordinates")
    drawn = [_polygon(number, polygon) for polygon in polygons]
    name = said.get("name") if isinstance(said, dict) else None
    return {
        "type": "Feature",
        "properties": {"kind": "outline", "name": name[:200] if isinstance(name, str) else ""},
        "geometry": {"type": "MultiPolygon", "coordinates": drawn},
    }


def _polygon(number: int, rings: object) -> list[Ring]:
    if not isinstance(rings, list) or not rings:
        raise _at(number, "không có tọa độ", "no coordinates")
    return [_ring(number, ring) for ring in rings]


def _ring(number: int, points: object) -> Ring:
    if not isinstance(points, list):
        raise _at(number, "không có tọa độ", "no coordinates")
    ring = [_point(number, point) for point in points]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise _at(
            number, "đường bao không khép kín", "a ring is not closed (RFC 7946 section 3.1.6)"
        )
    return ring


def _point(number: int, point: object) -> list[float]:
    given = point[:2] if isinstance(point, list) else []
    if len(given) < 2 or not all(type(it) in (int, float) and math.isfinite(it) for it in given):
        raise _at(number, "tọa độ không phải số", "a coordinate is no number")
    east, north = given
    if not (WEST <= east <= EAST and SOUTH <= north <= NORTH):
        raise _at(
            number,
            "tọa độ ngoài Việt Nam: cần kinh độ trước, vĩ độ sau, hệ WGS 84",
            "outside Việt Nam: wanted are longitude, then latitude, in WGS 84",
        )
    return [round(float(east), DIGITS), round(float(north), DIGITS)]


def _rings(geometry: dict[str, Any]) -> Iterator[Ring]:
    return (ring for polygon in geometry["coordinates"] for ring in polygon)


def _at(number: int, vi: str, en: str) -> OutlinesRefused:
    return _refused(f"ranh giới thứ {number}: {vi}", f"feature {number}: {en}")


def _refused(vi: str, en: str) -> OutlinesRefused:
    return OutlinesRefused(Words(f"Không nhận tệp ranh giới: {vi}.", f"Outlines refused: {en}."))

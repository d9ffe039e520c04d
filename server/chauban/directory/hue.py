"""Huế as plain values: the data file read, its rules applied; no database.

The rules that the file leaves to this module: what bodies a commune has and how they are
headed (PL I II.2), which codes are made up, what the place line says (PL I II.4.a).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chauban.directory.models import AgencyLevel, OrganCode
from chauban.directory.rules import slug

DATA_FILE = Path(__file__).with_name("data") / "hue.toml"
CITY_HEADING = "UBND THÀNH PHỐ HUẾ"


@dataclass(frozen=True)
class CodeLine:
    scheme: str
    code: str
    source: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class BodyLine:
    key: str
    name: str
    symbol: str
    heading: str
    parent_heading: str = ""
    is_collective: bool = False
    codes: tuple[CodeLine, ...] = ()


@dataclass(frozen=True)
class AgencyLine:
    key: str
    name: str
    level: AgencyLevel
    place: str
    valid_from: date
    valid_to: date | None
    bodies: tuple[BodyLine, ...]
    parent: str | None = None
    statistical_code: str = ""
    note: str = ""
    units: tuple[tuple[str, str], ...] = ()  # name, symbol
    took_over: tuple[str, ...] = ()  # on valid_from, unless `took_over_on` says otherwise
    took_over_on: date | None = None
    head_title: str = ""  # "Giám đốc", "Chủ tịch": title of the head; empty: no staff known


class Hue:
    """The data file, and the agencies that its lines stand for."""

    def __init__(self, text: str) -> None:
        self._data: dict[str, Any] = tomllib.loads(text)
        self._days: Mapping[str, date] = self._data["days"]
        self._sources: Mapping[str, str] = self._data["code_sources"]

    def agencies(self) -> Iterator[AgencyLine]:
        """Every agency, present and past; a parent before its children."""
        for line in self._data["agencies"]:
            yield self._agency(line)
        for line in self._data["departments"]:
            yield self._department(line)
        for line in self._data["districts"]:
            yield self._district(line)
        for line in self._data["communes"]:
            for district, names in line.get("made_of", {}).items():
                yield from self._former_communes(district, names)
        for index, line in enumerate(self._data["communes"]):
            yield self._commune(line, number=41 + index)

    def _period(self, line: Mapping[str, Any]) -> tuple[date, date | None]:
        begins = self._days[line.get("from", "begins")]
        return begins, self._days[line["to"]] if "to" in line else None

    def _codes(
        self,
        period: tuple[date, date | None],
        *,
        qd20: str = "",
        qcvn102: str = "",
        read: bool = False,
    ) -> tuple[CodeLine, ...]:
        made_up = self._sources["made_up"]
        found = (
            (OrganCode.Scheme.QD20, qd20, self._sources["read"] if read else made_up),
            (OrganCode.Scheme.QCVN102, qcvn102, self._sources["old_form"] if read else made_up),
        )
        return tuple(CodeLine(scheme, code, why, *period) for scheme, code, why in found if code)

    def _agency(self, line: Mapping[str, Any]) -> AgencyLine:
        period = self._period(line)
        return AgencyLine(
            line["key"],
            line["name"],
            AgencyLevel(line["level"]),
            "Huế",
            *period,
            bodies=tuple(self._body(body, period) for body in line["bodies"]),
            note=line.get("note", ""),
            units=tuple((name, symbol) for name, symbol in line.get("units", ())),
            took_over=tuple(line.get("took_over", ())),
            head_title="Chủ tịch" if "units" in line else "",
        )

    def _body(self, line: Mapping[str, Any], period: tuple[date, date | None]) -> BodyLine:
        code, old_code = line.get("code", ""), line.get("old_code", "")
        return BodyLine(
            line["key"],
            line["name"],
            line["symbol"],
            "\n".join(line["heading"]),
            "\n".join(line.get("parent_heading", ())),
            line.get("collective", False),
            self._codes(period, qd20=code, qcvn102=old_code, read=code in ("H57", "K57")),
        )

    def _department(self, line: Mapping[str, Any]) -> AgencyLine:
        key, name, number, period = line["key"], line["name"], line["number"], self._period(line)
        parent = line.get("parent")
        group = {None: "H57", "vp-ubnd": "H57.01", "so-khcn": "H57.06"}[parent]
        body = BodyLine(
            key,
            name,
            line["symbol"],
            name.upper(),
            "UBND TỈNH THỪA THIÊN HUẾ" if key == "thanh-tra-tinh" else CITY_HEADING,
            codes=self._codes(period, qd20=f"{group}.{number}", qcvn102=f"000.00.{number}.H57"),
        )
        return AgencyLine(
            key,
            name,
            AgencyLevel.DEPARTMENT,
            "Huế",
            *period,
            bodies=(body,),
            parent=parent or "vp-ubnd",
            note=line.get("note", ""),
            units=(("Văn phòng", "VP"), ("Phòng Kế hoạch - Tổng hợp", "KHTH")),
            took_over=tuple(line.get("took_over", ())),
            head_title="" if "to" in line else line.get("head", "Giám đốc"),
        )

    def _district(self, line: Mapping[str, Any]) -> AgencyLine:
        key, period = self._key(line["name"]), self._period(line)
        body = _committee(
            line["name"], key, self._codes(period, qcvn102=f"000.00.{line['number']}.H57")
        )
        # Huyện Phú Lộc stood already when it took over Nam Đông; the others began that day.
        return AgencyLine(
            key,
            _sentence(line["name"]),
            AgencyLevel.DISTRICT,
            _place(line["name"]),
            *period,
            bodies=(body,),
            parent="vp-ubnd",
            note=line.get("note", ""),
            took_over=tuple(self._key(name) for name in line.get("took_over", ())),
            took_over_on=self._days["city_begins"],
        )

    def _former_communes(self, district: str, names: list[str]) -> Iterator[AgencyLine]:
        period = (self._days["city_begins"], self._days["communes_begin"])
        for name in names:
            key = self._key(name)
            codes = self._codes(period, qcvn102=self._old_code(district, name))
            yield AgencyLine(
                key,
                _sentence(name),
                AgencyLevel.COMMUNE,
                _place(name),
                *period,
                bodies=(_committee(name, key, codes),),
                parent=self._key(district),
            )

    def _old_code(self, district: str, commune: str) -> str:
        """A made-up code of the old form: commune within district within province."""
        members = [
            name
            for line in self._data["communes"]
            for name in (
                [f"{line['kind']} {line['name']}"]
                if line.get("kept_from") == district
                else line.get("made_of", {}).get(district, ())
            )
        ]
        number = next(d["number"] for d in self._data["districts"] if d["name"] == district)
        return f"000.{members.index(commune) + 1:02}.{number}.H57"

    def _commune(self, line: Mapping[str, Any], *, number: int) -> AgencyLine:
        name, key = f"{line['kind']} {line['name']}", slug(line["name"])
        since = self._days["communes_begin"]
        codes = self._codes((since, None), qd20=f"H57.{number}", qcvn102=f"000.00.{number}.H57")
        begins = since
        if "kept_from" in line:  # the same body as before, under a new superior and new codes
            begins = self._days["city_begins"]
            old_code = self._old_code(line["kept_from"], name)
            codes += self._codes((begins, since), qcvn102=old_code)
        short = f"UBND {name}".upper()
        office = f"Văn phòng HĐND và UBND {name}"
        economy = {
            "xã": ("Phòng Kinh tế", "KT"),
            "phường": ("Phòng Kinh tế, Hạ tầng và Đô thị", "KTHTĐT"),
        }[line["kind"]]
        return AgencyLine(
            key,
            _sentence(name),
            AgencyLevel.COMMUNE,
            _place(name),
            begins,
            None,
            bodies=(
                _committee(name, key, codes),
                BodyLine(
                    f"hdnd-{key}",
                    f"Hội đồng nhân dân {name}",
                    "HĐND",
                    f"HỘI ĐỒNG NHÂN DÂN\n{name.upper()}",
                    is_collective=True,
                    codes=self._codes((since, None), qd20=f"K57.{number}"),
                ),
                BodyLine(
                    f"vp-{key}",
                    office,
                    "VP",
                    "VĂN PHÒNG HĐND VÀ UBND",
                    short,
                    codes=self._codes((since, None), qd20=f"H57.{number}.01"),
                ),
            ),
            parent="vp-ubnd",
            statistical_code=line["statistical_code"],
            units=(
                ("Văn phòng HĐND và UBND", "VP"),
                ("Phòng Văn hóa - Xã hội", "VHXH"),
                economy,
                ("Trung tâm Phục vụ hành chính công", "TTPVHCC"),
            ),
            took_over=tuple(
                self._key(old) for names in line.get("made_of", {}).values() for old in names
            ),
            head_title="Chủ tịch",
        )

    def _key(self, name: str) -> str:
        return self._data["keys"].get(name, slug(name))


def _committee(name: str, key: str, codes: tuple[CodeLine, ...]) -> BodyLine:
    return BodyLine(
        f"ubnd-{key}",
        f"Ủy ban nhân dân {name}",
        "UBND",
        f"ỦY BAN NHÂN DÂN\n{name.upper()}",
        is_collective=True,
        codes=codes,
    )


def _sentence(name: str) -> str:
    return name[0].upper() + name[1:]


def _place(name: str) -> str:
    """The unit's own name; with its kind where the name holds a number (PL I II.4.a)."""
    for kind in ("phường ", "xã ", "thị trấn ", "quận ", "huyện ", "thị xã ", "thành phố "):
        if name.startswith(kind):
            own = name.removeprefix(kind)
            return _sentence(name) if own[-1].isdigit() else own
    return name

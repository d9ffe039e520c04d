"""The layout table of a rule set: what each element must look like, and what we choose in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Element:
    """One element of the layout (thành phần thể thức): the range allowed and the size chosen.

    Sizes are in points; `cell` is the ô số of the decree's diagram (PL I IV).
    """

    clause: str
    cell: str
    sizes: tuple[float, float]
    size: float
    bold: bool = False
    italic: bool = False
    capitals: bool = False


@dataclass(frozen=True)
class Layout:
    """Layout rules (kỹ thuật trình bày); lengths end in `_mm`, ranges are inclusive."""

    font: str
    margin_ranges_mm: Mapping[str, tuple[float, float]]
    margins_mm: Mapping[str, float]
    indent_mm: float
    line_spacing: float
    elements: Mapping[str, Element]
    urgency_mm: Mapping[str, tuple[float, float]]
    signature_mm: tuple[float, float]


LAYOUT_ND30_2020 = Layout(
    # Metrics of Times New Roman; PL I I.3 names that typeface itself.
    font="Liberation Serif",
    margin_ranges_mm=MappingProxyType(
        {"top": (20, 25), "bottom": (20, 25), "left": (30, 35), "right": (15, 20)}
    ),
    margins_mm=MappingProxyType({"top": 20, "bottom": 20, "left": 30, "right": 15}),
    indent_mm=12.7,
    line_spacing=1.15,
    elements=MappingProxyType(
        {
            "national_title": Element("PL I II.1.a", "1", (12, 13), 12.5, bold=True, capitals=True),
            "motto": Element("PL I II.1.b", "1", (13, 14), 13.5, bold=True),
            "parent_agency": Element("PL I II.2.b", "2", (12, 13), 12.5, capitals=True),
            "issuing_agency": Element("PL I II.2.b", "2", (12, 13), 12.5, bold=True, capitals=True),
            "code": Element("PL I II.3", "3", (13, 13), 13),
            "place_and_date": Element("PL I II.4", "4", (13, 14), 13, italic=True),
            "kind_name": Element("PL I II.5", "5a", (13, 14), 14, bold=True, capitals=True),
            "subject": Element("PL I II.5", "5a", (13, 14), 14, bold=True),
            "subject_of_letter": Element("PL I II.5", "5b", (12, 13), 12),
            "base": Element("PL I II.6", "6", (13, 14), 14, italic=True),
            "body": Element("PL I II.6", "6", (13, 14), 14),
            "competence": Element("PL I II.7", "7a", (13, 14), 14, bold=True, capitals=True),
            "signer_name": Element("PL I II.7", "7b", (13, 14), 14, bold=True),
            "addressed_to": Element("PL I II.9", "9a", (13, 14), 14),
            "to_places_label": Element("PL I II.9", "9b", (12, 12), 12, bold=True, italic=True),
            "to_places": Element("PL I II.9", "9b", (11, 11), 11),
            "urgency": Element("PL I III.2", "10b", (13, 14), 13, bold=True, capitals=True),
            "circulation": Element("PL I III.3", "11", (13, 14), 13, bold=True, capitals=True),
            "contact": Element("PL I III.5", "13", (11, 12), 11),
            "appendix_number": Element("PL I III.1", "-", (14, 14), 14, bold=True),
            "appendix_title": Element("PL I III.1", "-", (13, 14), 14, bold=True, capitals=True),
            "appendix_reference": Element("PL I III.1", "-", (13, 14), 14, italic=True),
            "page_number": Element("PL I I.7", "-", (13, 14), 13),
        }
    ),
    urgency_mm=MappingProxyType({"HỎA TỐC": (30, 8), "THƯỢNG KHẨN": (40, 8), "KHẨN": (20, 8)}),
    # The decree fixes no size for the signatory's image: documented defaults.
    signature_mm=(50, 24),
)

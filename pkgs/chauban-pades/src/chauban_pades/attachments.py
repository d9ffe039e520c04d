"""The agency's signature on an attachment in a file of its own.

Nghị định 30/2020/NĐ-CP, PL I II.8.b: top right corner of the first page, no picture; number and
symbol of the main document and the time of signing, Times New Roman upright, size 10, black.
Any PDF will do: nothing needs to be reserved in it.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pikepdf

from chauban_pki.credentials import Credential
from chauban_pki.timestamps import Timestamper

from . import fonts
from .appearance import Box
from .dictionaries import Dictionary
from .errors import ChangesForbidden, TextNotPrintable
from .increments import Increment, stream
from .names import ATTACHMENT_SEAL, free_name, tooltip
from .numbers import POINTS_PER_MM, number_text, numbers_text, string_text
from .originals import Original, open_original, reading
from .pages import rotation_of, visible_box
from .reserving import PRINTED
from .signatures import Claim, Prepared, add_signature_dictionary, fields_of, prepare
from .tagging import enter_in_structure, structure_key
from .widgets import enter_in_form, enter_on_page, first_page

FONT = "serif-vietnamese-regular"
SIZE = 10.0
LEADING = 12.0
MARGIN = 10 * POINTS_PER_MM
"""Distance of the text from the top and right edges of the page."""

_BASE_FONT = b"CHBAAC+LiberationSerif"


def sign_attachment(
    pdf: bytes,
    *,
    credential: Credential,
    timestamp: Timestamper,
    now: datetime,
    lines: Sequence[str],
    reason: str | None = None,
) -> bytes:
    """The attachment with the agency's signature and its text on page 1, at level B-T.

    The field is called ``attachment-seal``, with a number where that name is taken. An electronic
    copy states its form as `reason`: SAO Y, SAO LỤC or TRÍCH SAO.

    Raises:
        ChangesForbidden: it carries a signature that a further one would break; give it a
            detached signature instead (`chauban_pki.cms.detached_signature`).
        TextNotPrintable: a letter is not Vietnamese or Latin, or a line is wider than the page.
        CertificateNotValid, TimestampUnavailable, NotAPDF, EncryptedPDF, HybridPDF: as `sign`.
    """
    return prepare_attachment_revision(pdf, Claim.of(credential, now, reason), lines).signed(
        credential, timestamp
    )


def sign_attachment_pending(
    pdf: bytes,
    *,
    credential: Credential,
    now: datetime,
    lines: Sequence[str],
    reason: str | None = None,
) -> bytes:
    """As `sign_attachment`, at level B-B, with room for the token of `add_timestamp`."""
    return prepare_attachment_revision(pdf, Claim.of(credential, now, reason), lines).signed(
        credential, None
    )


def prepare_attachment_revision(pdf: bytes, claim: Claim, lines: Sequence[str]) -> Prepared:
    """All of the revision but the signature value itself.

    Raises:
        As `sign_attachment`, save for certificate and time-stamp.
    """
    text = _Text.of(lines)
    increment = Increment(open_original(pdf))
    with reading():
        original = increment.original
        fields = fields_of(original)
        _require_open(original, fields)
        first = first_page(original)
        page = original.reader.get_object(*first.reference)
        name = free_name(ATTACHMENT_SEAL, fields)
        signature = add_signature_dictionary(increment, claim, lock=None)
        key = None if _is_signed(fields) else structure_key(original)
        widget = _add_widget(increment, name, page, text, signature, key)
        if key is not None:
            enter_in_structure(increment, first.reference, widget, key)
        enter_on_page(increment, first, b"%d 0 R" % widget)
        enter_in_form(increment, b"%d 0 R" % widget)
        return prepare(increment, signature)


def _add_widget(
    increment: Increment,
    name: str,
    page: pikepdf.Object,
    text: "_Text",
    signature: int,
    key: int | None,
) -> int:
    """Add the signed field, shown at the page's top right; return its object number.

    `key` is its place in the structure of a tagged document.
    """
    rotation = rotation_of(page)
    rect = _top_right(text, page, rotation)
    return increment.add(
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T %b /TU %b /F %d /P %b /Rect [%b] "
        b"/V %d 0 R /AP << /N %d 0 R >>%b >>"
        % (
            string_text(name),
            string_text(tooltip(name)),
            PRINTED,
            b"%d %d R" % page.objgen,
            numbers_text(rect.left, rect.bottom, rect.right, rect.top),
            signature,
            _add_appearance(increment, text, rotation),
            b"" if key is None else b" /StructParent %d" % key,
        )
    )


@dataclass(frozen=True)
class _Text:
    """Lines of glyph indices and their widths in points."""

    lines: tuple[tuple[tuple[int, ...], float], ...]
    used: Mapping[int, tuple[str, int]]
    """Letter and width by glyph index."""

    @classmethod
    def of(cls, lines: Sequence[str]) -> "_Text":
        """Raises TextNotPrintable for a letter that the font lacks."""
        table = fonts.glyphs(FONT)
        shaped, used = [], {}
        for line in lines:
            letters = unicodedata.normalize("NFC", line)
            for letter in letters:
                if letter not in table:
                    raise TextNotPrintable(
                        line,
                        detail_vi=f"không có chữ “{letter}” trong phông chữ",
                        detail_en=f"the font has no {letter!r}",
                    )
                used[table[letter][0]] = (letter, table[letter][1])
            width = sum(table[letter][1] for letter in letters) * SIZE / 1000
            shaped.append((tuple(table[letter][0] for letter in letters), width))
        return cls(tuple(shaped), used)

    @property
    def width(self) -> float:
        return max((width for _, width in self.lines), default=0.0)

    @property
    def height(self) -> float:
        return len(self.lines) * LEADING

    def content(self) -> bytes:
        """The content stream: lines one below the other, flush right."""
        shown = []
        for number, (glyphs, width) in enumerate(self.lines, start=1):
            left = number_text(self.width - width)
            baseline = number_text(self.height - number * LEADING + SIZE * fonts.DESCENT / 1000)
            codes = "".join(f"{glyph:04X}" for glyph in glyphs)
            shown.append(f"1 0 0 1 {left} {baseline} Tm <{codes}> Tj")
        text = f"q BT /ChbText {number_text(SIZE)} Tf 0 g {' '.join(shown)} ET Q"
        return text.encode("ascii")


def _top_right(text: _Text, page: pikepdf.Object, rotation: int) -> Box:
    """The field's rectangle in the page's own coordinates, however the page is turned."""
    visible = visible_box(page)
    seen = (visible.width, visible.height)
    width, height = seen if rotation in (0, 180) else seen[::-1]
    if text.width > width - 2 * MARGIN or text.height > height - 2 * MARGIN:
        longest = max(text.lines, key=lambda line: line[1])[0]
        raise TextNotPrintable(
            "".join(text.used[glyph][0] for glyph in longest),
            detail_vi="trang đầu không đủ chỗ",
            detail_en="the first page has no room",
        )
    right, top = width - MARGIN, height - MARGIN
    corners = [(right - text.width, top - text.height), (right, top)]
    (x0, y0), (x1, y1) = (_unturned(visible, x, y, rotation) for x, y in corners)
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _unturned(visible: Box, x: float, y: float, rotation: int) -> tuple[float, float]:
    """A point as seen on the turned page, in the page's own coordinates (/Rotate is clockwise)."""
    return {
        0: (visible.left + x, visible.bottom + y),
        90: (visible.right - y, visible.bottom + x),
        180: (visible.right - x, visible.top - y),
        270: (visible.left + y, visible.top - x),
    }[rotation]


_MATRICES = {0: b"1 0 0 1 0 0", 90: b"0 1 -1 0 0 0", 180: b"-1 0 0 -1 0 0", 270: b"0 -1 1 0 0 0"}


def _add_appearance(increment: Increment, text: _Text, rotation: int) -> int:
    """The text as a form, turned against the page so that it stands upright."""
    return increment.add(
        stream(
            b"/Type /XObject /Subtype /Form /BBox [0 0 %b] /Matrix [%b] "
            b"/Resources << /Font << /ChbText %d 0 R >> >>"
            % (
                numbers_text(text.width, text.height),
                _MATRICES[rotation],
                _add_font(increment, text),
            ),
            text.content(),
        )
    )


def _add_font(increment: Increment, text: _Text) -> int:
    """The Vietnamese font as a composite font by glyph index (ISO 32000-1 clause 9.7)."""
    program = increment.add(
        stream(
            b"/Filter /FlateDecode /Length1 %d" % fonts.font_program_length(FONT),
            fonts.font_program(FONT),
        )
    )
    descriptor = increment.add(
        b"<< %b /FontFile2 %d 0 R >>"
        % (fonts.descriptor_entries(_BASE_FONT, italic=False, symbolic=True), program)
    )
    used = sorted(text.used.items())
    widths = b" ".join(b"%d [%d]" % (glyph, width) for glyph, (_, width) in used)
    descendant = increment.add(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%b /CIDToGIDMap /Identity "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        b"/FontDescriptor %d 0 R /W [%b] >>" % (_BASE_FONT, descriptor, widths)
    )
    to_unicode = increment.add(stream(b"", _to_unicode(text)))
    return increment.add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /%b /Encoding /Identity-H "
        b"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (_BASE_FONT, descendant, to_unicode)
    )


def _to_unicode(text: _Text) -> bytes:
    """Which letter each glyph stands for (clause 9.10.3), at most 100 to a block."""
    pairs = [
        f"<{glyph:04X}> <{ord(letter):04X}>" for glyph, (letter, _) in sorted(text.used.items())
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    mapped = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{mapped}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _is_signed(fields: Mapping[str, Dictionary]) -> bool:
    """Whether a signature is there already, which a change of the structure could break."""
    return any(each.get(b"/FT") == b"/Sig" and b"/V" in each for each in fields.values())


def _require_open(original: Original, fields: Mapping[str, Dictionary]) -> None:
    """Check that no signature forbids another: none has a lock or certifies the document.

    Raises:
        ChangesForbidden: one does (/Reference with a transform, clause 12.8.2).
    """
    for name, field in fields.items():
        is_signed = field.get(b"/FT") == b"/Sig" and b"/V" in field
        if is_signed and b"/Reference" in original.dictionary(field[b"/V"]):
            raise ChangesForbidden(name)

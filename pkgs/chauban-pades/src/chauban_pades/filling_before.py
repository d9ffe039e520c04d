"""Number and date in a revision of their own, for a seal that is made elsewhere over whole files.

A program that signs whole files cannot fill our fields in the revision that it signs. So the
fields are filled first, unsigned, and the seal of the very next revision covers them. That holds
in general validators only where the seal's lock does not name the text fields (locks.py).

Decision: docs/adr/0023; Nghị định 30/2020/NĐ-CP Điều 15.
"""

from collections.abc import Mapping

from .dictionaries import Dictionary
from .errors import PAdESError
from .filling import fill
from .increments import Increment
from .names import TEXT_FIELDS
from .originals import Original, open_original, reading
from .signatures import fields_of, signature_field
from .signing import require_filled, require_seal, require_turn


class SealLocksText(PAdESError):
    """The seal's lock names number and date, so that they must stand in the seal's revision."""

    code = "seal-locks-text"
    clause = "ISO 32000-1 clause 12.8.2.4"
    words_vi = (
        "Văn bản được chuẩn bị cho khóa ký của cơ quan lưu tại hệ thống nên không ký được bằng phần"
        " mềm tại máy. Hãy dùng khóa đó, hoặc hủy số, trả lại và duyệt lại để lập bản ký mới."
    )
    words_en = (
        "The document was laid out for a seal whose key is here, so a local program cannot seal"
        " it. Use that key, or have the document approved anew."
    )

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


def fill_before_seal(pdf: bytes, *, field: str, values: Mapping[str, str]) -> bytes:
    """The PDF with number and date filled in a revision that nobody signs yet.

    The document must have been reserved with `filled_before_seal`; `field` is the seal that
    comes next. Until then the document is worth nothing.

    Raises:
        SealLocksText: the seal's lock covers the text fields.
        NotASeal, FieldNotReserved, FieldNotFilled, FieldAlreadyFilled, ValueNotFitting,
        FieldAlreadySigned, SignedOutOfOrder, NotAPDF, EncryptedPDF, HybridPDF: as
            `fill_and_seal`.
    """
    require_seal(field)
    increment = Increment(open_original(pdf))
    with reading():
        fields = fields_of(increment.original)
        widget = signature_field(fields, field)
        require_turn(fields, field)
        _require_open_text(increment.original, widget, field)
        fill(increment, fields, values)
        require_filled(fields, field, values)
        return increment.document()


def _require_open_text(original: Original, widget: Dictionary, field: str) -> None:
    lock = original.dictionary(widget.get(b"/Lock") or b"<< >>")
    action, named = lock.get(b"/Action"), lock.get(b"/Fields") or b""
    if action is None:
        return
    names_text = any(b"(%b)" % name.encode("ascii") in named for name in TEXT_FIELDS)
    if action != b"/Include" or names_text:
        raise SealLocksText(field)

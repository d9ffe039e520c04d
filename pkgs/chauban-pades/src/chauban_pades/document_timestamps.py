"""Keep a signed document provable beyond its certificates' and algorithms' lives (PAdES B-LTA).

A document time-stamp covers the whole file, validation data included. Before it grows weak or
its authority's certificate ends, `add_validation_data` and a further one renew the proof.

Standards: ETSI EN 319 142-1 clauses 5.4.3 and 6.3; RFC 3161.
"""

from chauban_pki.cms import TOKEN_ROOM_BYTES
from chauban_pki.timestamps import Timestamper

from .errors import NotSigned
from .increments import Increment
from .names import DOCUMENT_TIMESTAMP, free_name
from .numbers import string_text
from .originals import Original, open_original, reading
from .reserving import PRINTED
from .signatures import Prepared, fields_of, prepare, timestamp_dictionary
from .widgets import enter_in_form, enter_on_page, first_page


def add_document_timestamp(
    pdf: bytes, *, timestamp: Timestamper, room_bytes: int = TOKEN_ROOM_BYTES
) -> bytes:
    """The PDF with a time-stamp over all of it, in a revision of its own.

    Over a document with validation data that makes level B-LTA. The field, called
    ``document-timestamp`` and then ``document-timestamp-2``, shows nothing.

    Raises:
        NotSigned: there is no signature whose proof it could prolong.
        TimestampUnavailable: no token came.
        NoRoom: the token is larger than `room_bytes`.
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    prepared = _prepare(open_original(pdf), room_bytes)
    return prepared.filled(timestamp(prepared.digest()))


def _prepare(original: Original, room_bytes: int) -> Prepared:
    increment = Increment(original)
    with reading():
        fields = fields_of(original)
        if not any(each.get(b"/FT") == b"/Sig" and b"/V" in each for each in fields.values()):
            raise NotSigned
        page = first_page(original)
        token = increment.add(timestamp_dictionary(room_bytes))
        # Without area and off the page: nothing to show, nothing to read out (ISO 14289-1
        # clause 7.18.1), no appearance needed (ISO 19005-2 clause 6.3.3).
        widget = increment.add(
            b"<< /Type /Annot /Subtype /Widget /FT /Sig /T %b /F %d /P %d %d R "
            b"/Rect [-1 -1 -1 -1] /V %d 0 R >>"
            % (
                string_text(free_name(DOCUMENT_TIMESTAMP, fields)),
                PRINTED,
                *page.reference,
                token,
            )
        )
        enter_on_page(increment, page, b"%d 0 R" % widget)
        enter_in_form(increment, b"%d 0 R" % widget)
        return prepare(increment, token)

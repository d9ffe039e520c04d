"""Sign, and fill and seal: each is one revision appended to the PDF.

Every byte that was there stays as it was. The dictionary's /M is the visible claim of time;
the time-stamp token is its proof.

Standards: ETSI EN 319 142-1 clause 6.3 (PAdES B-B, B-T); RFC 3161 section 2.4.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from chauban_pki.cms import add_signature_timestamp
from chauban_pki.credentials import Credential
from chauban_pki.signed_data import parse_signed_data, without_padding
from chauban_pki.timestamps import Timestamper

from .appearance import (
    Appearance,
    add_appearance,
    box_of,
    nearest_signature,
    place_seal,
    place_signature,
)
from .dictionaries import Dictionary, parse_bytes, parse_numbers
from .errors import (
    AlreadyTimestamped,
    CoveredByLaterRevision,
    FieldAlreadySigned,
    FieldNotFilled,
    FieldNotSigned,
    NotAPDF,
    NotASeal,
    SignedOutOfOrder,
)
from .filling import fill
from .increments import Increment
from .locks import lock_parameters
from .names import TEXT_FIELDS, signature_name, signing_order
from .originals import Source, open_original, reading
from .signatures import (
    Claim,
    Prepared,
    add_signature_dictionary,
    fields_of,
    padded,
    prepare,
    signature_field,
)


def sign(
    pdf: bytes,
    *,
    field: str,
    credential: Credential,
    timestamp: Timestamper,
    now: datetime,
    image: Appearance | None = None,
    reason: str | None = None,
) -> bytes:
    """The PDF with a signature in a reserved field, at PAdES level B-T.

    Raises:
        FieldNotReserved, FieldAlreadySigned: the field is not free to sign.
        SignedOutOfOrder: another signature must come first.
        FieldNotFilled: a seal over an empty number or date; see `fill_and_seal`.
        CertificateNotValid: the certificate is outside its validity period at now.
        TimestampUnavailable: no token came; `sign_pending` is the call that may go without.
        SealDoesNotFit: the reserved place is smaller than the seal.
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    prepared = prepare_revision(pdf, field, Claim.of(credential, now, reason), {}, image)
    return prepared.signed(credential, timestamp)


def sign_pending(
    pdf: bytes,
    *,
    field: str,
    credential: Credential,
    now: datetime,
    image: Appearance | None = None,
    reason: str | None = None,
) -> bytes:
    """As `sign`, at level B-B, with room for the token that `add_timestamp` brings later."""
    prepared = prepare_revision(pdf, field, Claim.of(credential, now, reason), {}, image)
    return prepared.signed(credential, None)


def fill_and_seal(
    pdf: bytes,
    *,
    field: str,
    values: Mapping[str, str],
    credential: Credential,
    timestamp: Timestamper,
    now: datetime,
    image: Appearance | None = None,
    reason: str | None = None,
) -> bytes:
    """The PDF with number, date and the agency's signature, in one revision, at level B-T.

    `values` holds the text of every reserved text field: number, day, month, year.

    Raises:
        NotASeal: the field is a signatory's.
        FieldNotReserved, FieldNotFilled, FieldAlreadyFilled: values and fields do not match.
        ValueNotFitting: a value breaks its grammar or is too wide for its box.
        FieldAlreadySigned, SignedOutOfOrder, CertificateNotValid, TimestampUnavailable,
        SealDoesNotFit, NotAPDF, EncryptedPDF, HybridPDF: as `sign`.
    """
    require_seal(field)
    prepared = prepare_revision(pdf, field, Claim.of(credential, now, reason), values, image)
    return prepared.signed(credential, timestamp)


def fill_and_seal_pending(
    pdf: bytes,
    *,
    field: str,
    values: Mapping[str, str],
    credential: Credential,
    now: datetime,
    image: Appearance | None = None,
    reason: str | None = None,
) -> bytes:
    """As `fill_and_seal`, at level B-B, with room for the token; held until it has come."""
    require_seal(field)
    prepared = prepare_revision(pdf, field, Claim.of(credential, now, reason), values, image)
    return prepared.signed(credential, None)


def add_timestamp(pdf: bytes, *, field: str, timestamp: Timestamper) -> bytes:
    """The PDF with the time-stamp of a pending signature put into the room kept for it.

    /Contents lies outside /ByteRange, so no other byte changes and the length stays.

    Raises:
        FieldNotReserved, FieldNotSigned, AlreadyTimestamped: there is nothing to complete.
        CoveredByLaterRevision: the file grew since; its later bytes rely on these.
        TimestampUnavailable: no token came.
        NoRoom: the token is larger than the room kept.
        SignedDataMalformed (of chauban_pki): the field holds no CMS signature.
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    original = open_original(pdf)
    with reading():
        value = signature_field(fields_of(original), field).get(b"/V")
        if value is None:
            raise FieldNotSigned(field)
        signature = original.dictionary(value)
        start, gap_start, gap_end, rest = map(int, parse_numbers(signature[b"/ByteRange"]))
        contents = parse_bytes(signature[b"/Contents"])
    if start != 0 or gap_end + rest != len(pdf):
        raise CoveredByLaterRevision(field)
    if pdf[gap_start:gap_end].upper() != b"<%b>" % contents.hex().upper().encode("ascii"):
        raise NotAPDF("the signature does not stand in the gap of its byte range")
    cms = without_padding(contents)
    signed = parse_signed_data(cms)
    if signed.timestamp_token is not None:
        raise AlreadyTimestamped(field)
    token = timestamp(sha256(signed.signature).digest())
    text = padded(add_signature_timestamp(cms, token), gap_end - gap_start - 2)
    return b"".join((pdf[: gap_start + 1], text, pdf[gap_end - 1 :]))


def prepare_revision(
    pdf: Source, field: str, claim: Claim, values: Mapping[str, str], image: Appearance | None
) -> Prepared:
    """All of the revision that signs a field, or fills and seals, but the signature itself.

    Raises:
        As `sign` and `fill_and_seal`, save for certificate and time-stamp.
    """
    increment = Increment(open_original(pdf))
    with reading():
        fields = fields_of(increment.original)
        widget = signature_field(fields, field)
        require_turn(fields, field)
        fill(increment, fields, values)
        require_filled(fields, field, values)
        signature = add_signature_dictionary(
            increment, claim, lock_parameters(increment.original, widget)
        )
        entries = {b"/V": b"%d 0 R" % signature}
        if image is not None:
            entries[b"/AP"] = b"<< /N %d 0 R >>" % _add_image(increment, fields, field, image)
        increment.replace(widget.reference, widget.text(entries))
        return prepare(increment, signature)


def require_seal(field: str) -> None:
    """Check that the field is an agency's.

    Raises:
        NotASeal: it is not.
    """
    name = signature_name(field)
    if name is None or not name.is_seal:
        raise NotASeal(field)


def require_turn(fields: Mapping[str, Dictionary], field: str) -> None:
    """Check that the field is unsigned and all that come before it are signed."""
    if b"/V" in fields[field]:
        raise FieldAlreadySigned(field)
    order = signing_order(frozenset(fields))
    if field in order:
        for before in order[: order.index(field)]:
            if b"/V" not in fields[before]:
                raise SignedOutOfOrder(field, before)


def require_filled(fields: Mapping[str, Dictionary], field: str, values: Mapping[str, str]) -> None:
    """Check that no reserved text stays empty under a seal."""
    name = signature_name(field)
    if name is None or not name.is_seal:
        return
    for text_field in TEXT_FIELDS:
        if text_field in fields and text_field not in values and b"/V" not in fields[text_field]:
            raise FieldNotFilled(text_field)


def _add_image(
    increment: Increment, fields: Mapping[str, Dictionary], field: str, image: Appearance
) -> int:
    """Add the field's appearance with the picture where PL I II.7 and II.8 want it."""
    box = box_of(fields[field])
    name = signature_name(field)
    if name is not None and name.is_seal:
        signature = nearest_signature(increment.original, fields, fields[field])
        placement = place_seal(image, box, signature=signature, name=field)
    else:
        placement = place_signature(image, box)
    return add_appearance(increment, image, field=box, placement=placement)

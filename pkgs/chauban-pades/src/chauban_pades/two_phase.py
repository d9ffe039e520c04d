"""Sign in two phases, where the key is out of reach: a device, a service, a person's telephone.

`prepare` makes all of the revision but the signature. What it returns holds the digest to be
signed and can be stored; the document itself need not be kept open. `complete` takes the CMS
made elsewhere, `complete_with_value` the bare signature value; both check it before they embed
it, so what comes back is signed by the expected certificate over exactly these bytes.

Standards: ETSI EN 319 142-1 clause 6.3; RFC 5652 section 5; CSC API v2 (signHash).
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cryptography import x509

from chauban_pki.algorithms import Digest
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import in_order, require_signature_by, signature_algorithm_of
from chauban_pki.errors import PKIError
from chauban_pki.signed_data import (
    is_signing_certificate_bound,
    parse_signed_data,
    verify_signed_data,
)

from .appearance import Appearance
from .attachments import prepare_attachment_revision
from .errors import (
    PreparedForOtherDocument,
    PreparedStateInvalid,
    SignatureNotPAdES,
    SignedByAnotherCertificate,
)
from .keys_elsewhere import Awaited, KeyElsewhere, awaited, digest_named
from .names import ATTACHMENT_SEAL
from .signatures import Claim, Prepared, before_gap
from .signing import prepare_revision, require_seal

SPARE_ROOM_BYTES = 4096
"""Kept beyond our own CMS's size: another's may carry more certificates and attributes."""

_FORMAT = "chauban-pades-prepared-1"
_MAX_APPENDED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class PreparedSignature(Awaited):
    """A signature in waiting: who is to sign which digest, and the revision it belongs to.

    `digest` is of the whole file but the signature itself.
    """

    field: str
    original_size: int
    before_gap: bytes
    after_gap: bytes
    room: int

    @property
    def to_be_signed(self) -> bytes:
        """The signed attributes, DER: what a bare signature value is made over.

        A device that takes a digest is given this one's, by `digest_name`.
        """
        return self.signed_attributes(None)

    def covered(self, pdf: bytes) -> bytes:
        """What `digest` is the digest of, for those who want to hash it themselves.

        Raises:
            PreparedForOtherDocument: pdf is not the document that was prepared.
        """
        require_prepared_for(self, pdf)
        return pdf + self.before_gap + self.after_gap

    def to_bytes(self) -> bytes:
        """This as JSON: a few kilobytes, more where a picture is placed."""
        appended = zlib.compress(self.before_gap + self.after_gap, 9)
        return json.dumps(
            {
                "format": _FORMAT,
                **self.stated(),
                "field": self.field,
                "original_size": self.original_size,
                "before_gap": len(self.before_gap),
                "room": self.room,
                "appended": b64encode(appended).decode("ascii"),
            }
        ).encode("ascii")

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """What `to_bytes` wrote.

        Raises:
            PreparedStateInvalid: it is something else.
        """
        try:
            given = json.loads(state)
            if given["format"] != _FORMAT:
                raise PreparedStateInvalid("format")
            appended = _decompressed(b64decode(given["appended"], validate=True))
            before = int(given["before_gap"])
            return cls(
                **awaited(given),
                field=str(given["field"]),
                original_size=int(given["original_size"]),
                before_gap=appended[:before],
                after_gap=appended[before:],
                room=int(given["room"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError, zlib.error, PKIError) as reason:
            raise PreparedStateInvalid(type(reason).__name__) from None


def prepare(
    pdf: bytes,
    *,
    field: str,
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...] = (),
    now: datetime,
    values: Mapping[str, str] | None = None,
    image: Appearance | None = None,
    reason: str | None = None,
    digest: Digest = "sha256",
    pss: bool = False,
    room_bytes: int | None = None,
) -> PreparedSignature:
    """All of a signature's revision but the signature, for that certificate's holder.

    With `values` it fills number and date and seals, as `fill_and_seal`; else as `sign`. `pss`
    asks an RSA key for RSASSA-PSS. `room_bytes` is kept for CMS and time-stamp together.

    Raises:
        WeakKey (of chauban_pki): the certificate's key is not accepted for signing.
        And as `sign` or `fill_and_seal`, but for the time-stamp.
    """
    if values is not None:
        require_seal(field)
    algorithm = signature_algorithm_of(certificate, digest=digest, pss=pss)
    holder = KeyElsewhere(certificate, in_order(certificate, chain), algorithm)
    claim = Claim.of(holder, now, reason)
    claim = claim.with_room(room_bytes or claim.room_bytes + SPARE_ROOM_BYTES)
    return _kept(prepare_revision(pdf, field, claim, values or {}, image), field, holder, pss)


def prepare_attachment(
    pdf: bytes,
    *,
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...] = (),
    now: datetime,
    lines: Sequence[str],
    digest: Digest = "sha256",
    pss: bool = False,
) -> PreparedSignature:
    """As `prepare`, of the agency's signature on an attachment in a file of its own.

    Raises:
        WeakKey (of chauban_pki); and as `sign_attachment`, but for the time-stamp.
    """
    algorithm = signature_algorithm_of(certificate, digest=digest, pss=pss)
    holder = KeyElsewhere(certificate, in_order(certificate, chain), algorithm)
    claim = Claim.of(holder, now, None)
    claim = claim.with_room(claim.room_bytes + SPARE_ROOM_BYTES)
    revision = prepare_attachment_revision(pdf, claim, lines)
    return _kept(revision, ATTACHMENT_SEAL, holder, pss)


def complete(prepared: PreparedSignature | bytes, pdf: bytes, *, cms: bytes) -> bytes:
    """The PDF with the CMS signature made elsewhere, at level B-B; `add_timestamp` makes it B-T.

    The first argument is what `prepare` returned, or what was stored of it; pdf is the document
    that was prepared.

    Raises:
        PreparedForOtherDocument: pdf is another document.
        SignedDataMalformed, DigestMismatch, SignatureMismatch, SigningCertificateMismatch,
            WeakSignatureAlgorithm (of chauban_pki): it is no signature over this document.
        SignedByAnotherCertificate: it is, but by someone else.
        SignatureNotPAdES: it does not bind its certificate in, or carries content.
        NoRoom: it is larger than the room kept.
        PreparedStateInvalid: what was stored does not read.
    """
    prepared = _read(prepared)
    require_prepared_for(prepared, pdf)
    signed = parse_signed_data(cms)
    if verify_signed_data(signed, digest=prepared.digest) != prepared.certificate:
        raise SignedByAnotherCertificate(prepared.certificate.subject.rfc4514_string())
    if not is_signing_certificate_bound(signed):
        raise SignatureNotPAdES("signing-certificate-v2")
    if signed.content is not None:
        raise SignatureNotPAdES("encapsulated content")
    return _revision(prepared, pdf).filled(cms)


def complete_with_value(
    prepared: PreparedSignature | bytes, pdf: bytes, *, signature: bytes
) -> bytes:
    """As `complete`, from the bare signature value over `PreparedSignature.to_be_signed`.

    Raises:
        SignatureMismatch (of chauban_pki): the value is not by the certificate's key over that.
        PreparedForOtherDocument, NoRoom, PreparedStateInvalid: as `complete`.
    """
    prepared = _read(prepared)
    require_prepared_for(prepared, pdf)
    require_signature_by(
        prepared.certificate,
        signature,
        prepared.to_be_signed,
        algorithm=prepared.signature_algorithm,
    )
    key = prepared.key(signature)
    cms = detached_signature(prepared.digest, key, claimed_at=None, timestamp=None)
    return _revision(prepared, pdf).filled(cms)


def require_prepared_for(prepared: PreparedSignature, pdf: bytes) -> None:
    """Check that the stored revision belongs to this document and is as it was prepared.

    Raises:
        PreparedForOtherDocument: one byte of either differs.
    """
    revision = _revision(prepared, pdf)
    size = len(pdf) + len(revision.appended)
    if (
        len(pdf) != prepared.original_size
        or not prepared.before_gap.endswith(before_gap(revision.gap_start, revision.gap_end, size))
        or revision.digest(prepared.digest_name) != prepared.digest
    ):
        raise PreparedForOtherDocument(prepared.field)


def _kept(prepared: Prepared, field: str, holder: KeyElsewhere, pss: bool) -> PreparedSignature:
    start = len(prepared.original)
    return PreparedSignature(
        field=field,
        certificate=holder.certificate,
        chain=holder.chain,
        pss=pss,
        digest_name=digest_named(holder.signature_algorithm.digest),
        digest=prepared.digest(holder.signature_algorithm.digest),
        original_size=start,
        before_gap=bytes(prepared.appended[: prepared.gap_start - start]),
        after_gap=bytes(prepared.appended[prepared.gap_end - start :]),
        room=prepared.gap_end - prepared.gap_start,
    )


def _read(prepared: PreparedSignature | bytes) -> PreparedSignature:
    return PreparedSignature.from_bytes(prepared) if isinstance(prepared, bytes) else prepared


def _revision(prepared: PreparedSignature, pdf: bytes) -> Prepared:
    gap = b"<%b>" % (b"0" * (prepared.room - 2))
    gap_start = prepared.original_size + len(prepared.before_gap)
    appended = bytearray(b"".join((prepared.before_gap, gap, prepared.after_gap)))
    return Prepared(pdf, appended, gap_start, gap_start + prepared.room)


def _decompressed(data: bytes) -> bytes:
    reader = zlib.decompressobj()
    content = reader.decompress(data, _MAX_APPENDED_BYTES)
    if not reader.eof:
        raise PreparedStateInvalid("appended")
    return content

"""The signature dictionary, and the gap in the file that the signature itself fills.

Standards: ISO 32000-1 clause 12.8.1; ETSI EN 319 142-1 clause 6.3.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import pikepdf
from cryptography import x509
from cryptography.x509.oid import NameOID

from chauban_pki.cms import detached_signature, signed_data_size
from chauban_pki.credentials import Credential
from chauban_pki.timestamps import Timestamper

from .errors import CertificateNotValid, FieldNotReserved, NoRoom
from .increments import Increment, reference
from .locks import Lock
from .numbers import date_text, string_text

_HEAD = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange "
_BYTE_RANGE_ROOM = len(b"[0 0000000000 0000000000 0000000000]")
_CONTENTS = b" /Contents "


@dataclass(frozen=True)
class Claim:
    """What a signer states beside the signature, and how many bytes the signature may take."""

    name: str | None
    at: datetime
    reason: str | None
    room_bytes: int

    @classmethod
    def of(cls, credential: Credential, now: datetime, reason: str | None = None) -> "Claim":
        """The claim of that credential's holder to sign now, with room for a time-stamp.

        Raises:
            CertificateNotValid: the certificate is outside its validity period.
        """
        certificate = credential.certificate
        require_valid_at(certificate, now)
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return cls(
            name=str(names[0].value) if names else None,
            at=now,
            reason=reason,
            room_bytes=signed_data_size(credential, timestamped=True),
        )


@dataclass(frozen=True)
class Prepared:
    """A PDF complete but for the hexadecimal string between two offsets, brackets included."""

    data: bytearray
    gap_start: int
    gap_end: int

    def digest(self) -> bytes:
        """SHA-256 over all but the gap, in one pass."""
        with memoryview(self.data) as view:
            hashed = sha256(view[: self.gap_start])
            hashed.update(view[self.gap_end :])
        return hashed.digest()

    def signed(self, credential: Credential, timestamp: Timestamper | None) -> bytes:
        """The PDF with its signature; without a time-stamp the token's room stays empty."""
        return self.filled(
            detached_signature(self.digest(), credential, claimed_at=None, timestamp=timestamp)
        )

    def filled(self, cms: bytes) -> bytes:
        """The PDF with cms in the gap; zeros fill what is left.

        Raises:
            NoRoom: cms is longer than the gap.
        """
        room = self.gap_end - self.gap_start - 2
        if 2 * len(cms) > room:
            raise NoRoom(needed=len(cms), room=room // 2)
        text = cms.hex().encode("ascii").ljust(room, b"0")
        self.data[self.gap_start + 1 : self.gap_end - 1] = text
        return bytes(self.data)


def require_valid_at(certificate: x509.Certificate, moment: datetime) -> None:
    """Check the validity period; both its ends belong to it (RFC 5280 section 4.1.2.5).

    Raises:
        CertificateNotValid: moment lies outside.
    """
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise CertificateNotValid(certificate.subject.rfc4514_string(), moment)


def fields_by_name(reader: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """The top-level fields of the document's form."""
    form = reader.Root.get("/AcroForm")
    fields = form.get("/Fields") if form is not None else None
    return {str(each.T): each for each in fields or () if "/T" in each}


def signature_field(fields: dict[str, pikepdf.Object], name: str) -> pikepdf.Object:
    """The signature field of that name.

    Raises:
        FieldNotReserved: there is none.
    """
    found = fields.get(name)
    if found is None or found.get("/FT") != pikepdf.Name.Sig:
        raise FieldNotReserved(name)
    return found


def add_signature_dictionary(increment: Increment, claim: Claim, lock: Lock | None) -> int:
    """Add the signature dictionary with an empty gap; return its object number."""
    gap = b"<" + b"0" * (2 * claim.room_bytes) + b">"
    parts = [
        _HEAD + b" " * _BYTE_RANGE_ROOM + _CONTENTS + gap,
        b"/M " + date_text(claim.at),
    ]
    if claim.name is not None:
        parts.append(b"/Name " + string_text(claim.name))
    if claim.reason is not None:
        parts.append(b"/Reason " + string_text(claim.reason))
    if lock is not None:
        parts.append(b"/Reference [ " + _field_mdp(increment, lock) + b" ]")
    return increment.add(b" ".join(parts) + b" >>")


def prepare(increment: Increment, signature: int) -> Prepared:
    """The written revision, its byte range set around the gap of that signature dictionary."""
    revision = increment.written()
    data = revision.data
    byte_range_at = data.index(_HEAD, revision.offsets[signature]) + len(_HEAD)
    gap_start = byte_range_at + _BYTE_RANGE_ROOM + len(_CONTENTS)
    gap_end = data.index(b">", gap_start) + 1
    byte_range = b"[0 %d %d %d]" % (gap_start, gap_end, len(data) - gap_end)
    data[byte_range_at : byte_range_at + _BYTE_RANGE_ROOM] = byte_range.ljust(_BYTE_RANGE_ROOM)
    return Prepared(data, gap_start, gap_end)


def _field_mdp(increment: Increment, lock: Lock) -> bytes:
    """The signature reference that puts the field's lock in force (clause 12.8.2.4)."""
    return (
        b"<< /Type /SigRef /TransformMethod /FieldMDP /Data %b /TransformParams "
        b"<< /Type /TransformParams /V /1.2 %b >> >>"
        % (reference(increment.original.reader.Root), lock.entries())
    )

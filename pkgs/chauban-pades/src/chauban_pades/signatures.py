"""The signature dictionary, and the gap in the file that the signature itself fills.

Standards: ISO 32000-1 clause 12.8.1; ETSI EN 319 142-1 clause 6.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import new as new_digest
from typing import TYPE_CHECKING, BinaryIO

from cryptography import x509
from cryptography.x509.oid import NameOID

from chauban_pki.algorithms import SignatureAlgorithm
from chauban_pki.cms import detached_signature, signed_data_size
from chauban_pki.credentials import Credential
from chauban_pki.timestamps import Timestamper

from .dictionaries import Dictionary, parse_string
from .errors import CertificateNotValid, FieldNotReserved, NoRoom
from .increments import Increment
from .keys_elsewhere import KeyElsewhere
from .numbers import date_text, string_text
from .originals import Original, Source, pieces

if TYPE_CHECKING:
    from _hashlib import HASH

_SIGNATURE = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached"
_TIMESTAMP = b"<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161"
_BYTE_RANGE = b" /ByteRange "
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
        holder = _holder(credential.certificate, credential.chain, credential.signature_algorithm)
        holder.require_valid_at(now)
        return cls(name=holder.name, at=now, reason=reason, room_bytes=holder.room_bytes)

    def with_room(self, room_bytes: int) -> "Claim":
        """The same claim with other room."""
        return replace(self, room_bytes=room_bytes)


@dataclass(frozen=True)
class Prepared:
    """A document and the revision to append, complete but for the signature.

    The signature is a hexadecimal string between two offsets in the file, brackets included.
    """

    original: Source
    appended: bytearray
    gap_start: int
    gap_end: int

    def digest(self, name: str = "sha256") -> bytes:
        """The digest of that name (hashlib's) over all but the gap, in one pass."""
        hashed = new_digest(name)
        for piece in pieces(self.original):
            hashed.update(piece)
        return self._digest_with_revision(hashed)

    def signed(self, credential: Credential, timestamp: Timestamper | None) -> bytes:
        """The PDF with its signature; without a time-stamp the token's room stays empty."""
        digest = self.digest(credential.signature_algorithm.digest)
        return self.filled(
            detached_signature(digest, credential, claimed_at=None, timestamp=timestamp)
        )

    def filled(self, cms: bytes) -> bytes:
        """The PDF with cms in the gap; zeros fill what is left.

        Raises:
            NoRoom: cms is longer than the gap.
        """
        return b"".join((*pieces(self.original), *self.revision(cms)))

    def revision(self, cms: bytes) -> tuple[bytes | memoryview, ...]:
        """What is appended, with cms in the gap, in parts.

        Raises:
            NoRoom: cms is longer than the gap.
        """
        start, appended = len(self.original), memoryview(self.appended)
        first, last = self.gap_start - start + 1, self.gap_end - start - 1
        return appended[:first], padded(cms, last - first), appended[last:]

    def write_signed(
        self, target: BinaryIO, credential: Credential, timestamp: Timestamper | None
    ) -> None:
        """Write the PDF with its signature; the document is hashed while it is copied."""
        hashed = new_digest(credential.signature_algorithm.digest)
        for piece in pieces(self.original):
            hashed.update(piece)
            target.write(piece)
        digest = self._digest_with_revision(hashed)
        cms = detached_signature(digest, credential, claimed_at=None, timestamp=timestamp)
        target.writelines(self.revision(cms))

    def _digest_with_revision(self, hashed: "HASH") -> bytes:
        start = len(self.original)
        with memoryview(self.appended) as view:
            hashed.update(view[: self.gap_start - start])
            hashed.update(view[self.gap_end - start :])
        return hashed.digest()


def padded(cms: bytes, room: int) -> bytes:
    """The signature in hexadecimal, zeros behind it, that many characters in all.

    Raises:
        NoRoom: it is longer.
    """
    if 2 * len(cms) > room:
        raise NoRoom(needed=len(cms), room=room // 2)
    return cms.hex().encode("ascii").ljust(room, b"0")


@dataclass(frozen=True)
class _Holder:
    """What a certificate says that every signature with it repeats."""

    subject: str
    name: str | None
    valid_from: datetime
    valid_to: datetime
    room_bytes: int

    def require_valid_at(self, moment: datetime) -> None:
        """Check the validity period; both its ends belong to it (RFC 5280 section 4.1.2.5).

        Raises:
            CertificateNotValid: moment lies outside.
        """
        if not self.valid_from <= moment <= self.valid_to:
            raise CertificateNotValid(self.subject, moment)


@lru_cache(maxsize=1024)
def _holder(
    certificate: x509.Certificate,
    chain: tuple[x509.Certificate, ...],
    algorithm: SignatureAlgorithm,
) -> _Holder:
    """Read once per credential; the room is that of a signature with a time-stamp."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    elsewhere = KeyElsewhere(certificate, chain, algorithm)
    return _Holder(
        subject=certificate.subject.rfc4514_string(),
        name=str(names[0].value) if names else None,
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        room_bytes=signed_data_size(elsewhere, timestamped=True),
    )


def fields_of(original: Original) -> dict[str, Dictionary]:
    """The top-level fields of the document's form, by name."""
    form = original.root.get(b"/AcroForm")
    listed = None if form is None else original.dictionary(form).get(b"/Fields")
    if listed is None:
        return {}
    found = [original.indirect(each) for each in original.references(listed)]
    return {parse_string(original.value(each[b"/T"])): each for each in found if b"/T" in each}


def signature_field(fields: Mapping[str, Dictionary], name: str) -> Dictionary:
    """The signature field of that name.

    Raises:
        FieldNotReserved: there is none.
    """
    found = fields.get(name)
    if found is None or found.get(b"/FT") != b"/Sig":
        raise FieldNotReserved(name)
    return found


def is_timestamp(signature: Dictionary) -> bool:
    """Whether a signature dictionary is a document time-stamp's (EN 319 142-1 clause 5.4.3)."""
    return signature.get(b"/SubFilter") == b"/ETSI.RFC3161"


def add_signature_dictionary(increment: Increment, claim: Claim, lock: bytes | None) -> int:
    """Add the signature dictionary with an empty gap; return its object number.

    `lock` is /Action and /Fields of what the signature locks.
    """
    parts = [_SIGNATURE + _gap(claim.room_bytes), b"/M " + date_text(claim.at)]
    if claim.name is not None:
        parts.append(b"/Name " + string_text(claim.name))
    if claim.reason is not None:
        parts.append(b"/Reason " + string_text(claim.reason))
    if lock is not None:
        parts.append(b"/Reference [ " + _field_mdp(increment, lock) + b" ]")
    return increment.add(b" ".join(parts) + b" >>")


def timestamp_dictionary(room_bytes: int) -> bytes:
    """A document time-stamp's dictionary with an empty gap (EN 319 142-1 clause 5.4.3)."""
    return _TIMESTAMP + _gap(room_bytes) + b" >>"


def _gap(room_bytes: int) -> bytes:
    return b"%b%*b%b<%b>" % (_BYTE_RANGE, _BYTE_RANGE_ROOM, b"", _CONTENTS, b"00" * room_bytes)


def prepare(increment: Increment, signature: int) -> Prepared:
    """The written revision, its byte range set around the gap of that signature dictionary."""
    revision = increment.written()
    data, start = revision.data, revision.start
    head_at = data.index(_BYTE_RANGE, revision.offsets[signature] - start)
    gap_start = head_at + len(_BYTE_RANGE) + _BYTE_RANGE_ROOM + len(_CONTENTS)
    gap_end = data.index(b">", gap_start) + 1
    data[head_at:gap_start] = before_gap(start + gap_start, start + gap_end, start + len(data))
    return Prepared(increment.original.data, data, start + gap_start, start + gap_end)


def before_gap(gap_start: int, gap_end: int, size: int) -> bytes:
    """What stands right before the gap: the byte range around it, in a file of that size."""
    byte_range = b"[0 %d %d %d]" % (gap_start, gap_end, size - gap_end)
    return _BYTE_RANGE + byte_range.ljust(_BYTE_RANGE_ROOM) + _CONTENTS


def _field_mdp(increment: Increment, lock: bytes) -> bytes:
    """The signature reference that puts the field's lock in force (clause 12.8.2.4)."""
    return (
        b"<< /Type /SigRef /TransformMethod /FieldMDP /Data %b /TransformParams "
        b"<< /Type /TransformParams /V /1.2 %b >> >>" % (increment.original.trailer[b"/Root"], lock)
    )

"""Opening CRLs, huge ones included: parsed, indexed and verified once (RFC 5280 section 5)."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from chauban_pki import der
from chauban_pki.algorithms import read_scheme, verify_signature
from chauban_pki.errors import (
    RevocationInformationForged,
    RevocationInformationInvalid,
    RevocationInformationWeak,
    SignatureMismatch,
    WeakSignatureAlgorithm,
)

Extension = TypeVar("Extension", bound=x509.ExtensionType)

_UNDERSTOOD = {
    ExtensionOID.CRL_NUMBER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.ISSUING_DISTRIBUTION_POINT,
    ExtensionOID.DELTA_CRL_INDICATOR,
    ExtensionOID.FRESHEST_CRL,
}


@dataclass(frozen=True, eq=False)
class OpenedCRL:
    """A CRL with an index of its serial numbers; `base_number` only in a delta CRL."""

    encoded: bytes = field(repr=False)
    parsed: x509.CertificateRevocationList
    serial_numbers: frozenset[bytes] = field(repr=False)
    number: int | None
    base_number: int | None

    def entry(self, serial_number: int) -> x509.RevokedCertificate | None:
        """Return the entry of a certificate, found in time that does not grow with the CRL."""
        # A negative serial number, which RFC 5280 section 4.1.2.2 forbids, is not indexed.
        if serial_number >= 0 and _octets(serial_number) not in self.serial_numbers:
            return None
        return self.parsed.get_revoked_certificate_by_serial_number(serial_number)


# One of a million entries takes about a second to open: the few in use stay open.
@lru_cache(maxsize=16)
def open_crl(crl: bytes) -> OpenedCRL:
    """Return a CRL opened; who signed it is checked by `require_signed_by`.

    Raises:
        RevocationInformationInvalid: malformed, or a critical extension is not understood.
    """
    try:
        parsed = x509.load_der_x509_crl(crl)
        # These are parsed when first asked for; all later use may rely on them.
        _ = parsed.issuer, parsed.last_update_utc, parsed.next_update_utc, parsed.signature
        extensions = parsed.extensions
        number = _value(extensions, x509.CRLNumber)
        base = _value(extensions, x509.DeltaCRLIndicator)
        serial_numbers = _serial_numbers(crl)
    except Exception as error:  # the parser's own errors are many; none may escape
        raise RevocationInformationInvalid(f"CRL malformed: {error}") from None
    for extension in extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise RevocationInformationInvalid(
                f"critical extension {extension.oid.dotted_string} not understood"
            )
    return OpenedCRL(
        crl,
        parsed,
        serial_numbers,
        number.crl_number if number else None,
        base.crl_number if base else None,
    )


@lru_cache(maxsize=64)
def require_signed_by(crl: OpenedCRL, issuer: x509.Certificate, at: datetime | None = None) -> None:
    """Check the issuer's signature on a CRL, once for each CRL and issuer.

    `at` is a proved moment at which the algorithm had to count; without one, today.

    Raises:
        RevocationInformationWeak: it was made with an algorithm that does not count.
        RevocationInformationForged: it does not verify.
    """
    try:
        to_be_signed, algorithm, _ = der.read_all(crl.encoded).children()
        scheme = read_scheme(algorithm)
        verify_signature(
            issuer.public_key(),
            crl.parsed.signature,
            to_be_signed.encoded,
            algorithm=scheme.algorithm,
            scheme=scheme,
            at=at,
        )
    except WeakSignatureAlgorithm as weak:
        raise RevocationInformationWeak(weak.found) from None
    except (SignatureMismatch, der.NotDER, ValueError, IndexError) as error:
        raise RevocationInformationForged(f"not signed by its issuer: {error}") from None


def _serial_numbers(crl: bytes) -> frozenset[bytes]:
    """Return the contents of each entry's userCertificate (RFC 5280 section 5.1.2.6)."""
    to_be_signed = der.read_all(crl).children()[0]
    fields = to_be_signed.children()
    if fields[0].tag == der.INTEGER:
        fields = fields[1:]
    # signature, issuer, thisUpdate and perhaps nextUpdate stand before the entries
    entries = next((one for one in fields[3:] if one.tag == der.SEQUENCE), None)
    if entries is None:
        return frozenset()
    return frozenset(_each_serial_number(crl, entries.body, entries.end))


def _each_serial_number(data: bytes, position: int, end: int) -> list[bytes]:
    """Walk the entries; `der.read` for each would take ten times as long."""
    found: list[bytes] = []
    while position < end:
        length, body = data[position + 1], position + 2
        if length >= 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[body : body + octets], "big")
            body += octets
        number = body + 2
        if data[position] != der.SEQUENCE or data[body] != der.INTEGER or data[body + 1] >= 0x80:
            raise der.NotDER(f"no CRL entry at {position}")
        if data[number] == 0 and data[body + 1] > 1 and data[number + 1] < 0x80:
            raise der.NotDER(f"serial number not minimal at {number}")
        found.append(data[number : number + data[body + 1]])
        position = body + length
    if position != end:
        raise der.NotDER(f"CRL entry runs past {end}")
    return found


def _octets(serial_number: int) -> bytes:
    return serial_number.to_bytes(serial_number.bit_length() // 8 + 1, "big")


def _value(extensions: x509.Extensions, kind: type[Extension]) -> Extension | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None

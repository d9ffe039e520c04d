"""Reading certificates: whose they are and for what role."""

from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from chauban_pki import der
from chauban_pki.algorithms import Scheme, read_scheme
from chauban_pki.errors import CertificateMalformed

UID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")


class Role(StrEnum):
    """Whose signature a certificate makes (Nghị định 30/2020/NĐ-CP, Phụ lục I II.7, II.8)."""

    PERSON = "person"
    ORGANISATION = "organisation"
    SERVICE = "service"
    UNKNOWN = "unknown"


# The demonstration PKI's policies, under the arc kept for documentation (RFC 5612).
ROLE_POLICIES = {
    "1.3.6.1.4.1.32473.46.1": Role.PERSON,
    "1.3.6.1.4.1.32473.46.2": Role.ORGANISATION,
    "1.3.6.1.4.1.32473.46.3": Role.SERVICE,
}
# How public certification authorities in Việt Nam mark the holder in UID, and ETSI
# EN 319 412-1 clause 5.1.3 in serialNumber.
_PERSON_PREFIXES = ("CMND", "CCCD", "CC:", "HC", "PNO", "IDC", "PAS", "TIN")
_ORGANISATION_PREFIXES = ("MST", "MNS", "MQHNS")


# The same few issuers come with every signature; a certificate never changes.
@lru_cache(maxsize=2048)
def parse_certificate(encoded: bytes) -> x509.Certificate:
    """Return the certificate in DER, its extensions read once.

    Raises:
        CertificateMalformed: no certificate, or extensions that cannot be read.
    """
    try:
        certificate = x509.load_der_x509_certificate(encoded)
        _ = certificate.extensions, certificate.subject, certificate.issuer
        certificate.public_key()
        issuer_of(certificate)
    except Exception as error:  # the parser's own errors are many; none may escape
        raise CertificateMalformed(str(error)) from None
    return certificate


def parse_certificates(many: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Return those that can be read; one broken certificate must not hide the others."""
    found: list[x509.Certificate] = []
    for encoded_one in dict.fromkeys(many):
        with suppress(CertificateMalformed):
            found.append(parse_certificate(encoded_one))
    return tuple(found)


def encoded(certificate: x509.Certificate) -> bytes:
    """Return the certificate in DER."""
    return certificate.public_bytes(Encoding.DER)


@lru_cache(maxsize=2048)
def issuer_of(certificate: x509.Certificate) -> bytes:
    """Return the issuer's name as it is encoded in the certificate, never encoded anew."""
    fields = der.read_all(certificate.tbs_certificate_bytes).children()
    return fields[3 if fields[0].tag == 0xA0 else 2].encoded


@lru_cache(maxsize=2048)
def signature_scheme(certificate: x509.Certificate) -> Scheme:
    """Return how the issuer signed the certificate.

    Raises:
        CertificateMalformed: the certificate and its signed part name different algorithms
            (RFC 5280 section 4.1.1.2), or one that cannot be read.
    """
    try:
        outside = der.read_all(encoded(certificate)).children()[1]
        fields = der.read_all(certificate.tbs_certificate_bytes).children()
        inside = fields[2 if fields[0].tag == 0xA0 else 1]
        if outside.encoded != inside.encoded:
            raise ValueError("two signature algorithms")
        return read_scheme(outside)
    except (der.NotDER, ValueError, IndexError) as error:
        raise CertificateMalformed(str(error)) from None


def display_name(certificate: x509.Certificate) -> str:
    """Return the holder's name to show: an organisation's full name, else the common name."""
    if certificate_role(certificate) is Role.ORGANISATION:
        return agency_name(certificate) or _first(certificate, NameOID.COMMON_NAME)
    return _first(certificate, NameOID.COMMON_NAME) or certificate.subject.rfc4514_string()


def agency_name(certificate: x509.Certificate) -> str:
    """Return the agency that the holder is or belongs to; empty when none is named."""
    return _first(certificate, NameOID.ORGANIZATION_NAME)


def title(certificate: x509.Certificate) -> str:
    """Return the holder's position (chức vụ) in the certificate; empty when none is named."""
    return _first(certificate, NameOID.TITLE)


def organ_id(certificate: x509.Certificate) -> str:
    """Return the agency's code (mã định danh) in the certificate; empty when none is there."""
    return _first(certificate, NameOID.ORGANIZATION_IDENTIFIER)


def certificate_role(certificate: x509.Certificate) -> Role:
    """Return whose signature the certificate makes, UNKNOWN when nothing tells.

    A certificate policy decides; without one, the marks that authorities put in the subject:
    an identity number, a given name or a title is a person's, a tax number or an organisation
    identifier is an organisation's, and so is a common name equal to the organisation's name.
    """
    for policy in _policies(certificate):
        if policy in ROLE_POLICIES:
            return ROLE_POLICIES[policy]
    marks = tuple(_first(certificate, oid).upper() for oid in (UID, NameOID.SERIAL_NUMBER))
    personal = (NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.TITLE)
    if any(mark.startswith(_PERSON_PREFIXES) for mark in marks) or any(
        _first(certificate, oid) for oid in personal
    ):
        return Role.PERSON
    if (
        any(mark.startswith(_ORGANISATION_PREFIXES) for mark in marks)
        or _first(certificate, NameOID.ORGANIZATION_IDENTIFIER)
        or _first(certificate, NameOID.COMMON_NAME).casefold()
        == agency_name(certificate).casefold()
        != ""
    ):
        return Role.ORGANISATION
    return Role.UNKNOWN


def _policies(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    except x509.ExtensionNotFound:
        return ()
    return tuple(policy.policy_identifier.dotted_string for policy in policies.value)


def _first(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""

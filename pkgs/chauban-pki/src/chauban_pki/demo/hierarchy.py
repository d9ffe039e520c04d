"""The demonstration PKI, declared: its certificates, their contents and their addresses.

Root → issuing CA → persons, seals, services, the time-stamping authority and the OCSP
responder. Addresses in the certificates stand under `.invalid` (RFC 6761) and mean something
only where trust settings map them (design decision 19).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from chauban_pki.algorithms import PrivateKey, signature_algorithm_for
from chauban_pki.certificates import ROLE_POLICIES
from chauban_pki.credentials import KeyCredential

KeyKind = Literal["rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521", "ed25519"]

ORGANISATION = "Châu Bản – PKI trình diễn không có giá trị pháp lý"
CA_HOST, OCSP_HOST, TSA_HOST = "ca.chauban.invalid", "ocsp.chauban.invalid", "tsa.chauban.invalid"
OCSP_URL, TSA_URL = f"http://{OCSP_HOST}/ocsp", f"http://{TSA_HOST}/tsa"

# Nghị định 68/2024/NĐ-CP: 20 years for a CA. Ten of them lie before the day of creation, so
# that the documents of bodies that have since been merged verify too.
YEARS_BEFORE, YEARS_AFTER = 10, 10
YEAR = timedelta(days=365)

POLICY = {role: ObjectIdentifier(oid) for oid, role in ROLE_POLICIES.items()}


@dataclass(frozen=True)
class Member:
    """One of the authority's own certificates; file names are its `name`."""

    name: str
    common_name: str
    issuer: str
    extensions: tuple[tuple[x509.ExtensionType, bool], ...]
    key: KeyKind


def _usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


CA_USAGE = (_usage(key_cert_sign=True, crl_sign=True), True)
SIGNER_USAGE = (_usage(digital_signature=True, content_commitment=True), True)
SERVICE_USAGE = (_usage(digital_signature=True), True)
NO_CA = (x509.BasicConstraints(ca=False, path_length=None), True)

MEMBERS = (
    Member(
        "root",
        "Châu Bản Demo Root CA",
        issuer="root",
        extensions=((x509.BasicConstraints(ca=True, path_length=1), True), CA_USAGE),
        key="rsa2048",
    ),
    Member(
        "issuing",
        "Châu Bản Demo Issuing CA",
        issuer="root",
        extensions=((x509.BasicConstraints(ca=True, path_length=0), True), CA_USAGE),
        key="rsa2048",
    ),
    Member(
        "tsa",
        "Châu Bản Demo TSA",
        issuer="issuing",
        extensions=(
            NO_CA,
            SERVICE_USAGE,
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
        ),
        key="p256",
    ),
    Member(
        "ocsp",
        "Châu Bản Demo OCSP",
        issuer="issuing",
        extensions=(
            NO_CA,
            SERVICE_USAGE,
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ),
        key="p256",
    ),
)


_CERTIFICATE_DIGESTS: dict[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_CURVES = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}


def make_key(kind: KeyKind) -> PrivateKey:
    """Return a new private key; RSA takes 0.1 s to over 1 s, the others next to nothing."""
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind in _CURVES:
        return ec.generate_private_key(_CURVES[kind])
    return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))


def certificate_digest(
    key: PrivateKey,
) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None:
    """Return the digest that a CA with this key signs certificates and CRLs with."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return None
    return _CERTIFICATE_DIGESTS[signature_algorithm_for(key).digest]


def make_certificate(
    subject: x509.Name,
    key: PrivateKey,
    *,
    issuer: KeyCredential | None,
    issuer_name: str,
    valid_from: datetime,
    valid_to: datetime,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...],
) -> x509.Certificate:
    """Return a certificate for the key, self-issued without an issuer.

    `issuer_name` is the member whose CRL and certificate the addresses name.
    """
    issuer_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    addresses = _addresses(issuer_name) if issuer else ()
    for extension, critical in (*extensions, *addresses):
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, certificate_digest(issuer_key))


def _addresses(issuer: str) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return where to ask about a certificate: the root has no OCSP responder, only a CRL."""
    access = [
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, _uri(f"http://{CA_HOST}/ca/{issuer}.cer")
        )
    ]
    if issuer == "issuing":
        access.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _uri(OCSP_URL)))
    point = x509.DistributionPoint(
        [_uri(f"http://{CA_HOST}/crl/{issuer}.crl")],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )
    return (
        (x509.AuthorityInformationAccess(access), False),
        (x509.CRLDistributionPoints([point]), False),
    )


def _uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)


def make_name(*, common: str, organisation: str, title: str = "", organ_id: str = "") -> x509.Name:
    attributes = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATION_IDENTIFIER, organ_id),
        (NameOID.TITLE, title),
        (NameOID.COMMON_NAME, _shortened(common)),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes if text])


def _shortened(common_name: str) -> str:
    """Return at most 64 octets, cut after a word; the organisation's name stays whole.

    RFC 5280's ub-common-name is 64 characters; `cryptography` counts the octets of UTF-8.
    """
    words = common_name.split(" ")
    while len(" ".join(words).encode()) > 61:
        words.pop()
    shortened = " ".join(words)
    return common_name if len(common_name.encode()) <= 64 else f"{shortened}…"

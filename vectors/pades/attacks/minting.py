"""Certificates as wrong as an attack wants them, under the demonstration authority's keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from chauban_pades import add_validation_data, fill_and_seal
from chauban_pki.algorithms import ECDSA_P256_SHA256, SignatureAlgorithm, rsa_pkcs1v15
from chauban_pki.certificates import encoded
from chauban_pki.credentials import Credential
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper

from .declaring import Workshop

VALUES = {"number": "05", "day": "23", "month": "11", "year": "2026"}
AGENCY, OTHER_AGENCY = "Ủy ban nhân dân thành phố Huế", "Cơ quan khác"
DAY, YEAR = timedelta(days=1), timedelta(days=365)
_SEAL_POLICY = ObjectIdentifier("1.3.6.1.4.1.32473.46.2")
_PRIVATE_KEY = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

Extension = x509.ExtensionType | tuple[x509.ExtensionType, bool]


@dataclass(frozen=True)
class Minted:
    """A key and its certificate: a `Credential` that no rule of ours has looked at."""

    key: _PRIVATE_KEY
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def signature_algorithm(self) -> SignatureAlgorithm:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return rsa_pkcs1v15(self.key.key_size)
        return ECDSA_P256_SHA256

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


def name(common: str, organisation: str = AGENCY) -> x509.Name:
    """A distinguished name in Việt Nam."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def mint(
    issuer: Credential | None,
    *extensions: Extension,
    subject: x509.Name | None = None,
    valid_from: datetime,
    valid_to: datetime,
    key: _PRIVATE_KEY | None = None,
    issuer_key: _PRIVATE_KEY | None = None,
) -> Minted:
    """An agency's certificate; an extension given replaces the usual one of its kind.

    (extension, True) makes it critical. `issuer_key` signs in place of the issuer's own.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = subject or name(AGENCY)
    usual: dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool]] = {
        x509.BasicConstraints: (x509.BasicConstraints(False, None), True),
        x509.KeyUsage: (key_usage("digital_signature", "content_commitment"), True),
        x509.CertificatePolicies: (
            x509.CertificatePolicies([x509.PolicyInformation(_SEAL_POLICY, None)]),
            False,
        ),
    }
    for given in extensions:
        extension, critical = given if isinstance(given, tuple) else (given, False)
        usual[type(extension)] = (extension, critical)
    builder = x509.CertificateBuilder(
        issuer.certificate.subject if issuer else subject,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        valid_from,
        valid_to,
    )
    for extension, critical in usual.values():
        builder = builder.add_extension(extension, critical)
    signing_key = issuer_key or (issuer.key if issuer else key)  # type: ignore[attr-defined]
    certificate = builder.sign(signing_key, hashes.SHA256())
    chain = (issuer.certificate, *issuer.chain) if issuer else ()
    return Minted(key, certificate, chain)


def key_usage(*allowed: str) -> x509.KeyUsage:
    """Key usage with those bits."""
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
    return x509.KeyUsage(**{each: each in allowed for each in names})


def mint_seal(
    shop: Workshop, issuer: Credential, *extensions: Extension, **given: object
) -> Minted:
    """The agency's seal, valid for a year, as `mint`."""
    period = {"valid_from": shop.now - 10 * DAY, "valid_to": shop.now + YEAR, **given}
    return mint(issuer, *extensions, **period)  # type: ignore[arg-type]


def mint_ca(
    shop: Workshop, issuer: Credential | None, *extensions: Extension, **given: object
) -> Minted:
    """An authority that may issue no other, as `mint`."""
    usual = (
        (x509.BasicConstraints(True, 0), True),
        (key_usage("key_cert_sign", "crl_sign"), True),
    )
    period = {"valid_from": shop.now - YEAR, "valid_to": shop.now + YEAR, **given}
    subject = {"subject": name("Nơi cấp thử")} | period
    return mint(issuer, *usual, *extensions, **subject)  # type: ignore[arg-type]


def crl(
    shop: Workshop,
    issuer: Credential,
    *revoked: int,
    revoked_at: datetime | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
    key: _PRIVATE_KEY | None = None,
) -> bytes:
    """A complete CRL of an issuer, DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(begins or shop.now - DAY)
        .next_update(ends or shop.now + DAY)
    )
    for serial_number in revoked:
        entry = x509.RevokedCertificateBuilder(serial_number, revoked_at or shop.now - DAY)
        builder = builder.add_revoked_certificate(entry.build())
    signing_key = key or issuer.key  # type: ignore[attr-defined]
    return builder.sign(signing_key, hashes.SHA256()).public_bytes(Encoding.DER)


def sealed_by(
    shop: Workshop,
    sealer: Credential,
    *crls: bytes,
    ocsps: Sequence[bytes] = (),
    timestamp: Timestamper | None = None,
    claimed_at: datetime | None = None,
    without: Sequence[bytes] = (),
) -> bytes:
    """The letter sealed by that one, complete with the chain and these CRLs and answers.

    `without` is left out of the usual validation data.
    """
    sealed = fill_and_seal(
        shop.sign(shop.reserved),
        field="seal-1",
        values=VALUES,
        credential=sealer,
        timestamp=timestamp or shop.timestamp,
        now=claimed_at or shop.now,
    )
    own = ValidationData(
        certificates=tuple(encoded(one) for one in (sealer.certificate, *sealer.chain)),
        crls=crls,
        ocsps=tuple(ocsps),
    )
    usual = ValidationData(
        shop.data.certificates,
        tuple(one for one in shop.data.crls if one not in without),
        shop.data.ocsps,
    )
    return add_validation_data(sealed, data=usual | own)

"""A seal whose certificate, or an authority above it, breaks RFC 5280 in one thing."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from chauban_pki.credentials import Credential
from chauban_pki.demo.answers import timestamper

from .declaring import Workshop, attack
from .minting import (
    AGENCY,
    DAY,
    OTHER_AGENCY,
    YEAR,
    Extension,
    Minted,
    crl,
    key_usage,
    mint_ca,
    mint_seal,
    name,
    sealed_by,
)

MINUTE = timedelta(minutes=1)


def _by_issuing(shop: Workshop, *extensions: Extension, **given: object) -> bytes:
    """Sealed with a certificate of the demonstration's issuing authority."""
    issuing = shop.authority.issuing
    return sealed_by(shop, mint_seal(shop, issuing, *extensions, **given), crl(shop, issuing))


def _below(shop: Workshop, ca: Minted, **given: object) -> bytes:
    """Sealed with a certificate of that authority."""
    return sealed_by(shop, mint_seal(shop, ca, **given), crl(shop, ca))


# Names, path length, extensions, purposes


def _constrained(shop: Workshop, organisation: str) -> bytes:
    tree = x509.DirectoryName(x509.Name(name("-", organisation).rdns[:2]))
    constraints = x509.NameConstraints(permitted_subtrees=[tree], excluded_subtrees=None)
    return _below(shop, mint_ca(shop, shop.authority.root, (constraints, True)))


@attack(
    "RFC 5280 section 4.2.1.10",
    "not-enough-evidence",
    "name-not-permitted",
    twin=lambda shop: _constrained(shop, AGENCY),
)
def name_outside_the_constraints(shop: Workshop) -> bytes:
    """The authority may issue to another agency alone."""
    return _constrained(shop, OTHER_AGENCY)


def _authority_below(shop: Workshop, above: Credential) -> bytes:
    return _below(shop, mint_ca(shop, above))


@attack(
    "RFC 5280 section 6.1.4 (l)",
    "not-enough-evidence",
    "path-too-long",
    twin=lambda shop: _authority_below(shop, shop.authority.root),
)
def path_longer_than_allowed(shop: Workshop) -> bytes:
    """The issuing authority, whose path length is 0, made another authority."""
    issuing = shop.authority.issuing
    ca = mint_ca(shop, issuing)
    return sealed_by(shop, mint_seal(shop, ca), crl(shop, ca), crl(shop, issuing))


def _with_unknown_extension(shop: Workshop, critical: bool) -> bytes:
    oid = ObjectIdentifier("1.3.6.1.4.1.32473.46.99")
    unknown = x509.UnrecognizedExtension(oid, b"\x05\x00")
    return _by_issuing(shop, (unknown, critical))


@attack(
    "RFC 5280 section 4.2",
    "not-enough-evidence",
    "unknown-critical-extension",
    twin=lambda shop: _with_unknown_extension(shop, critical=False),
)
def unknown_critical_extension(shop: Workshop) -> bytes:
    return _with_unknown_extension(shop, critical=True)


def _issued_by_one_that_is(shop: Workshop, is_ca: bool) -> bytes:
    constraints = x509.BasicConstraints(is_ca, None)
    return _below(shop, mint_ca(shop, shop.authority.root, (constraints, True)))


@attack(
    "RFC 5280 section 6.1.4 (k)",
    "not-enough-evidence",
    "not-a-certificate-authority",
    twin=lambda shop: _issued_by_one_that_is(shop, is_ca=True),
)
def issued_by_a_holder(shop: Workshop) -> bytes:
    """One who holds a certificate issues another."""
    return _issued_by_one_that_is(shop, is_ca=False)


@attack(
    "RFC 5280 section 6.1.4 (n)",
    "not-enough-evidence",
    "key-usage-not-allowed",
    twin=lambda shop: _authority_below(shop, shop.authority.root),
)
def authority_that_may_not_issue(shop: Workshop) -> bytes:
    usage = (key_usage("crl_sign", "digital_signature"), True)
    return _below(shop, mint_ca(shop, shop.authority.root, usage))


@attack(
    "RFC 5280 section 4.2.1.3",
    "not-enough-evidence",
    "key-usage-not-allowed",
    twin=lambda shop: _by_issuing(shop, (key_usage("digital_signature"), True)),
)
def key_that_may_not_sign(shop: Workshop) -> bytes:
    return _by_issuing(shop, (key_usage("key_encipherment"), True))


@attack(
    "RFC 5280 section 4.2.1.12",
    "not-enough-evidence",
    "purpose-not-allowed",
    twin=lambda shop: _by_issuing(
        shop, x509.ExtendedKeyUsage([ObjectIdentifier("1.3.6.1.5.5.7.3.36")])
    ),
)
def certificate_of_a_web_server(shop: Workshop) -> bytes:
    return _by_issuing(shop, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))


# Who issued it


@attack(
    "RFC 5280 section 6.1.3 (a)(1)",
    "not-enough-evidence",
    "certificate-signature-invalid",
    twin=_by_issuing,
)
def forged_certificate(shop: Workshop) -> bytes:
    """It names the issuing authority, and another key signed it."""
    return _by_issuing(shop, issuer_key=_rsa(2048))


@attack(
    "RFC 5280 section 6.1",
    "not-enough-evidence",
    "untrusted-anchor",
    twin=lambda shop: _authority_below(shop, shop.authority.root),
)
def unknown_root(shop: Workshop) -> bytes:
    """An authority of the attacker's own, which issued itself."""
    return _below(shop, mint_ca(shop, None))


@attack(
    "RFC 5280 section 6.1.3 (a)(1)",
    "not-enough-evidence",
    "certificate-signature-invalid",
    twin=_by_issuing,
)
def root_of_the_same_name(shop: Workshop) -> bytes:
    """An authority of the attacker's own under the trusted root's name."""
    subject = shop.authority.root.certificate.subject
    return _below(shop, mint_ca(shop, None, subject=subject, key=_rsa(2048)))


# Weak keys


@attack(
    "Thông tư 15/2025/TT-BKHCN",
    "not-enough-evidence",
    "weak-signature-algorithm",
    twin=lambda shop: _by_issuing(shop, key=_rsa(2048)),
)
def weak_key(shop: Workshop) -> bytes:
    """RSA of 1024 bits, which counted until 2014."""
    return _by_issuing(shop, key=_rsa(1024))


@attack(
    "ETSI TS 119 312",
    "not-enough-evidence",
    "weak-signature-algorithm",
    twin=_by_issuing,
)
def weak_curve(shop: Workshop) -> bytes:
    """ECDSA on a curve of 192 bits."""
    return _by_issuing(shop, key=ec.generate_private_key(ec.SECP192R1()))


@attack(
    "Thông tư 15/2025/TT-BKHCN",
    "not-enough-evidence",
    "weak-algorithm",
    twin=lambda shop: _below(shop, mint_ca(shop, shop.authority.root, key=_rsa(2048))),
)
def authority_with_a_weak_key(shop: Workshop) -> bytes:
    return _below(shop, mint_ca(shop, shop.authority.root, key=_rsa(1024)))


def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


# Not valid when it signed


def _stamped_at(shop: Workshop, moment: datetime, **period: datetime) -> bytes:
    """Sealed with a certificate of that period, which claims a moment within it; stamped then."""
    issuing = shop.authority.issuing
    sealer = mint_seal(shop, issuing, **period)
    return sealed_by(
        shop,
        sealer,
        crl(shop, issuing, begins=moment, ends=shop.now + DAY),
        timestamp=timestamper(shop.authority, moment),
        claimed_at=max(period["valid_from"], min(shop.now, period["valid_to"])),
    )


@attack(
    "RFC 5280 section 6.1.3 (a)(2)",
    "invalid",
    "certificate-expired",
    twin=lambda shop: _stamped_at(
        shop,
        shop.now - MINUTE,
        valid_from=shop.now - YEAR,
        valid_to=shop.now - MINUTE,
    ),
)
def expired_when_signing(shop: Workshop) -> bytes:
    """The claimed time lies in the certificate's period; the proved one after it."""
    period = {"valid_from": shop.now - YEAR, "valid_to": shop.now - MINUTE}
    return _stamped_at(shop, shop.now, **period)


@attack(
    "RFC 5280 section 6.1.3 (a)(2)",
    "invalid",
    "certificate-not-yet-valid",
    twin=lambda shop: _stamped_at(
        shop, shop.now, valid_from=shop.now - MINUTE, valid_to=shop.now + YEAR
    ),
)
def not_yet_valid_when_signing(shop: Workshop) -> bytes:
    period = {"valid_from": shop.now + MINUTE, "valid_to": shop.now + YEAR}
    return _stamped_at(shop, shop.now, **period)

"""A revoked seal, revocation information that shows nothing, and addresses that lead astray."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from chauban_pki.credentials import Credential

from .declaring import Workshop, attack
from .minting import DAY, Minted, crl, mint_ca, mint_seal, sealed_by
from .revising import replaced_once

HOUR = timedelta(hours=1)
LISTED_ADDRESS = "http://ca.chauban.invalid/crl/issuing.crl"
HOSTILE_ADDRESSES = (
    "file:///etc/passwd",
    "ldap://ca.chauban.invalid/cn=x",
    "gopher://ca.chauban.invalid/",
    "http://127.0.0.1:5432/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2130706433/",
    "http://localhost/",
    "http://ca.chauban.invalid@evil.example/x",
    "http://ca.chauban.invalid.evil.example/x",
    "http://evil.example/ca.chauban.invalid",
    "//ca.chauban.invalid/x",
    "ca.chauban.invalid/x",
    "http://",
    "http://[",
)


# Revoked


def _revoked(shop: Workshop, at: datetime) -> bytes:
    issuing = shop.authority.issuing
    sealer = mint_seal(shop, issuing)
    listed = crl(shop, issuing, sealer.certificate.serial_number, revoked_at=at)
    return sealed_by(shop, sealer, listed)


@attack(
    "RFC 5280 section 6.3; Thông tư 41/2017/TT-BTTTT",
    "invalid",
    "certificate-revoked",
    twin=lambda shop: _revoked(shop, shop.now + timedelta(minutes=1)),
)
def revoked_when_signing(shop: Workshop) -> bytes:
    """Revoked an hour before the time-stamp; what was signed before stays good."""
    return _revoked(shop, shop.now - HOUR)


def _below_a_ca(shop: Workshop, ca: Minted, *revoked: int) -> bytes:
    # The root's list that the letter carries anyhow does not name this authority.
    return sealed_by(
        shop,
        mint_seal(shop, ca),
        crl(shop, ca),
        crl(shop, shop.authority.root, *revoked),
    )


@attack(
    "RFC 5280 section 6.3",
    "invalid",
    "certificate-revoked",
    twin=lambda shop: _below_a_ca(shop, mint_ca(shop, shop.authority.root)),
)
def revoked_authority(shop: Workshop) -> bytes:
    ca = mint_ca(shop, shop.authority.root)
    return _below_a_ca(shop, ca, ca.certificate.serial_number)


# Information that shows nothing


def _with_crl(shop: Workshop, **given: object) -> bytes:
    issuing = shop.authority.issuing
    return sealed_by(shop, mint_seal(shop, issuing), crl(shop, issuing, **given))  # type: ignore[arg-type]


@attack(
    "RFC 5280 section 6.3.3; ETSI EN 319 102-1 clause 5.2.5",
    "not-enough-evidence",
    "revocation-information-stale",
    twin=lambda shop: _with_crl(shop, ends=shop.now + HOUR),
)
def stale_crl(shop: Workshop) -> bytes:
    """The list ended an hour before the time-stamp."""
    return _with_crl(shop, ends=shop.now - HOUR)


@attack(
    "RFC 5280 section 6.3.3 (f)",
    "not-enough-evidence",
    "revocation-information-forged",
    twin=_with_crl,
)
def forged_crl(shop: Workshop) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _with_crl(shop, key=key)


@attack(
    "RFC 5280 section 5.1.2.4",
    "not-enough-evidence",
    "revocation-information-from-future",
    twin=_with_crl,
)
def crl_of_the_future(shop: Workshop) -> bytes:
    return _with_crl(shop, begins=shop.now + HOUR)


@attack(
    "ETSI EN 319 102-1 clause 5.2.5",
    "not-enough-evidence",
    "revocation-unknown",
    twin=_with_crl,
)
def no_revocation_information(shop: Workshop) -> bytes:
    return sealed_by(shop, mint_seal(shop, shop.authority.issuing))


def _with_ocsp(
    shop: Workshop,
    *,
    responder: Credential | None = None,
    about: x509.Certificate | None = None,
    ends: datetime | None = None,
    is_forged: bool = False,
) -> bytes:
    issuing, responder = shop.authority.issuing, responder or shop.authority.ocsp
    sealer = mint_seal(shop, issuing)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about or sealer.certificate,
        issuer=issuing.certificate,
        algorithm=hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=shop.now - DAY,
        next_update=ends or shop.now + DAY,
        revocation_time=None,
        revocation_reason=None,
    )
    signed = (
        builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
        .sign(responder.key, hashes.SHA256())  # type: ignore[attr-defined]
    )
    answer, value = signed.public_bytes(Encoding.DER), signed.signature
    if is_forged:
        answer = replaced_once(answer, value, value[:-1] + bytes((value[-1] ^ 1,)))
    return sealed_by(shop, sealer, ocsps=[answer])


@attack(
    "RFC 6960 section 4.2.2.1",
    "not-enough-evidence",
    "revocation-information-stale",
    twin=lambda shop: _with_ocsp(shop, ends=shop.now + HOUR),
)
def stale_ocsp_answer(shop: Workshop) -> bytes:
    return _with_ocsp(shop, ends=shop.now - HOUR)


@attack(
    "RFC 6960 section 3.2",
    "not-enough-evidence",
    "revocation-information-forged",
    twin=_with_ocsp,
)
def forged_ocsp_answer(shop: Workshop) -> bytes:
    """It names the responder, whose signature it does not bear."""
    return _with_ocsp(shop, is_forged=True)


@attack(
    "RFC 6960 section 4.2.2.2",
    "not-enough-evidence",
    "revocation-information-forged",
    twin=_with_ocsp,
)
def ocsp_answer_by_another_holder(shop: Workshop) -> bytes:
    """One who holds a certificate of the same authority answers in the responder's place."""
    return _with_ocsp(shop, responder=mint_seal(shop, shop.authority.issuing))


@attack(
    "RFC 6960 section 3.2",
    "not-enough-evidence",
    "revocation-unknown",
    twin=_with_ocsp,
)
def ocsp_answer_about_another(shop: Workshop) -> bytes:
    return _with_ocsp(shop, about=mint_seal(shop, shop.authority.issuing).certificate)


# Addresses (design decision 19)


def _with_addresses(shop: Workshop, addresses: tuple[str, ...]) -> bytes:
    """Sealed with a certificate that names these and carries no revocation information."""
    uris = [x509.UniformResourceIdentifier(each) for each in addresses]
    points = x509.CRLDistributionPoints(
        [x509.DistributionPoint([uri], None, None, None) for uri in uris]
    )
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(method, uri)
            for method in (Access.OCSP, Access.CA_ISSUERS)
            for uri in uris
        ]
    )
    return sealed_by(shop, mint_seal(shop, shop.authority.issuing, points, access))


@attack("architecture.md decision 19", "not-enough-evidence", "address-not-allowed")
def hostile_addresses(shop: Workshop) -> bytes:
    """Files, inside hosts and look-alikes; none may be asked."""
    return _with_addresses(shop, HOSTILE_ADDRESSES)


@attack("architecture.md decision 19", "not-enough-evidence", "unreachable")
def address_that_does_not_answer(shop: Workshop) -> bytes:
    """A listed address, behind which stands whatever the attacker likes."""
    return _with_addresses(shop, (LISTED_ADDRESS,))

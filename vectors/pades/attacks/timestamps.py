"""A seal whose time-stamp proves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from chauban_pki.demo.answers import timestamper
from chauban_pki.timestamps import Timestamper

from .declaring import Workshop, attack
from .minting import YEAR, Extension, Minted, crl, key_usage, mint, mint_ca, name, sealed_by

_FOR_STAMPS = (
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
    (key_usage("digital_signature"), True),
)


def _stamped(shop: Workshop, stamp: Timestamper, *crls: bytes) -> bytes:
    return sealed_by(shop, shop.sealer, *crls, timestamp=stamp)


def _by(shop: Workshop, authority: Minted) -> Timestamper:
    """A time-stamper with that key and certificate."""
    return timestamper(replace(shop.authority, tsa=authority), shop.now)


def _authority(shop: Workshop, *extensions: Extension) -> Minted:
    return mint(
        shop.authority.issuing,
        *extensions,
        subject=name("Dấu thời gian thử"),
        valid_from=shop.now - YEAR,
        valid_to=shop.now + YEAR,
    )


@attack("ETSI EN 319 102-1 clause 5.4", "not-enough-evidence", "timestamp-from-future")
def time_stamp_of_the_future(shop: Workshop) -> bytes:
    return _stamped(shop, timestamper(shop.authority, shop.now + timedelta(hours=1)))


@attack("RFC 3161 section 2.4.2", "not-enough-evidence", "timestamp-of-other-data")
def time_stamp_of_another_signature(shop: Workshop) -> bytes:
    """A good token, taken from elsewhere."""
    return _stamped(shop, lambda digest: shop.timestamp(sha256(b"other").digest()))


@attack(
    "RFC 3161 section 2.3",
    "not-enough-evidence",
    "purpose-not-allowed",
    twin=lambda shop: _stamped(
        shop, _by(shop, _authority(shop, *_FOR_STAMPS)), crl(shop, shop.authority.issuing)
    ),
)
def time_stamp_by_a_seal(shop: Workshop) -> bytes:
    """The token is signed with a certificate that is not for time-stamping alone."""
    issuing = crl(shop, shop.authority.issuing)
    return _stamped(shop, _by(shop, _authority(shop)), issuing)


@attack("RFC 5280 section 6.1", "not-enough-evidence", "untrusted-anchor")
def time_stamp_by_an_unknown_authority(shop: Workshop) -> bytes:
    ca = mint_ca(shop, None)
    stamps = mint(
        ca,
        *_FOR_STAMPS,
        subject=name("Dấu thời gian thử"),
        valid_from=shop.now - YEAR,
        valid_to=shop.now + YEAR,
    )
    return _stamped(shop, _by(shop, stamps), crl(shop, ca))


@attack("RFC 3161 section 2.3", "not-enough-evidence", "certificate-not-yet-valid")
def time_stamp_from_before_its_authority(shop: Workshop) -> bytes:
    """The token states a time at which its authority's certificate was not yet valid."""
    begins = shop.authority.tsa.certificate.not_valid_before_utc
    return _stamped(shop, timestamper(shop.authority, begins - timedelta(days=1)))

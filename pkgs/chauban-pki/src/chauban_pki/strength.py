"""Until when algorithms count: data, one row each, and the questions asked of it.

A signature whose existence is proved before an algorithm's end stays valid; nothing new is
accepted after it (ETSI EN 319 102-1 clause 5.2.8, ETSI TS 119 312, Thông tư 15/2025/TT-BKHCN).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from chauban_pki.errors import WeakSignatureAlgorithm

MINIMUM_RSA_BITS = 2048
"""Thông tư 15/2025/TT-BKHCN asks for RSA of 2048 bits at least; so does ETSI TS 119 312."""
GREATEST_RSA_BITS = 8192
"""A longer key only makes verification slow; no authority issues one."""


@dataclass(frozen=True)
class Term:
    """An algorithm by its name for people; it counts before `ends`, for ever where None."""

    name: str
    ends: datetime | None = None


def _start_of(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


DIGEST_TERMS: Mapping[str, Term] = {
    "md5": Term("MD5", _start_of(2009)),
    # The Government CA signed with SHA-1 until about 2017 to 2019.
    "sha1": Term("SHA-1", _start_of(2019)),
    "sha256": Term("SHA-256"),
    "sha384": Term("SHA-384"),
    "sha512": Term("SHA-512"),
}
"""By hashlib's name."""

RSA_TERMS: tuple[tuple[int, Term], ...] = (
    (MINIMUM_RSA_BITS, Term("RSA")),
    (1024, Term("RSA below 2048 bits", _start_of(2014))),
)
"""By the least number of bits, longest first; what is shorter never counts (NIST SP 800-131A)."""

CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def counts(term: Term, at: datetime | None) -> bool:
    """Return whether an algorithm counts at a moment; without one, whether it counts today."""
    return term.ends is None or (at is not None and at < term.ends)


def require_digest(name: str, *, at: datetime | None) -> None:
    """Check that a digest, by hashlib's name, counts at that moment; None is today.

    Raises:
        WeakSignatureAlgorithm: it does not, or is not known.
    """
    term = DIGEST_TERMS.get(name)
    if term is None or not counts(term, at):
        raise WeakSignatureAlgorithm(term.name if term else name)


def require_key(key: PublicKeyTypes, *, at: datetime | None) -> None:
    """Check that a key's kind and size count at that moment; None is today.

    Raises:
        WeakSignatureAlgorithm: they do not.
    """
    if isinstance(key, rsa.RSAPublicKey):
        term = _rsa_term(key.key_size)
        if term is None or not counts(term, at):
            raise WeakSignatureAlgorithm(f"RSA {key.key_size}")
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if not isinstance(key.curve, CURVES):
            raise WeakSignatureAlgorithm(f"EC {key.curve.name}")
    elif not isinstance(key, ed25519.Ed25519PublicKey):
        raise WeakSignatureAlgorithm(type(key).__name__)


def _rsa_term(bits: int) -> Term | None:
    if bits > GREATEST_RSA_BITS:
        return None
    return next((term for least, term in RSA_TERMS if bits >= least), None)


def key_name(key: PublicKeyTypes) -> str:
    """Return the kind and size of a key for people: "RSA 2048", "ECDSA P-256"."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA P-{key.key_size}"
    return "Ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else type(key).__name__


def weak_since(key: PublicKeyTypes, digest: str) -> datetime | None:
    """Return from when on a key with that digest no longer counts; None while both do.

    What never counted is weak since 1970.
    """
    never = Term("", datetime(1970, 1, 1, tzinfo=UTC))
    terms = [DIGEST_TERMS.get(digest, never)]
    if isinstance(key, rsa.RSAPublicKey):
        terms.append(_rsa_term(key.key_size) or never)
    elif weakness_today(key, "sha256"):
        terms.append(never)
    return min((term.ends for term in terms if term.ends), default=None)


def weakness_of_digest(digest: str) -> str:
    """Return a digest's name for people when it no longer counts today, else nothing."""
    try:
        require_digest(digest, at=None)
    except WeakSignatureAlgorithm as weak:
        return weak.found
    return ""


def weakness_today(key: PublicKeyTypes, digest: str) -> str:
    """Return what of a signature no longer counts today, for people; empty when nothing."""
    try:
        require_digest(digest, at=None)
        require_key(key, at=None)
    except WeakSignatureAlgorithm as weak:
        return weak.found
    return ""

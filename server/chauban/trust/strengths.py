"""Whether a certificate's algorithms still count, and since when not (`chauban_pki.strength`)."""

from datetime import date

from cryptography import x509

from chauban.directory.rules import legal_day
from chauban.trust.models import Certificate
from chauban_pki import strength
from chauban_pki.certificates import parse_certificate


def weak_since(row: Certificate) -> date | None:
    """The first legal day on which its key or its issuer's digest no longer counts."""
    certificate = parse_certificate(bytes(row.der))
    ends = strength.weak_since(certificate.public_key(), _digest_of(certificate))
    return legal_day(ends) if ends else None


def key_name(row: Certificate) -> str:
    """The kind and size of its key, as people know it: "RSA 2048", "ECDSA P-256"."""
    return strength.key_name(parse_certificate(bytes(row.der)).public_key())


def _digest_of(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm else "sha512"  # Ed25519 hashes with SHA-512 itself

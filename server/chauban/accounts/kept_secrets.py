"""Secrets at rest: encrypted under a key that the database does not hold.

Whoever has a dump of the database alone has no secret.
"""

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12  # NIST SP 800-38D section 8.2


class NotReadable(Exception):
    """The secret was kept under another CHAUBAN_SECRET_KEY, or for another owner."""


def sealed(secret: str, *, purpose: str, owner: str) -> bytes:
    """The secret encrypted for this owner: nonce, then AES-256-GCM (NIST SP 800-38D)."""
    nonce = os.urandom(_NONCE_BYTES)
    cipher = _cipher(settings.SECRET_KEY, purpose)
    return nonce + cipher.encrypt(nonce, secret.encode(), owner.encode())


def opened(sealed_secret: bytes, *, purpose: str, owner: str) -> str:
    """Raises: NotReadable."""
    nonce, encrypted = sealed_secret[:_NONCE_BYTES], sealed_secret[_NONCE_BYTES:]
    cipher = _cipher(settings.SECRET_KEY, purpose)
    try:
        return cipher.decrypt(nonce, encrypted, owner.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise NotReadable from error


@cache
def _cipher(secret_key: str, purpose: str) -> AESGCM:
    """RFC 5869; the info keeps this key apart from every other use of the secret key."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return AESGCM(derived.derive(secret_key.encode()))

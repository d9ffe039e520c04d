"""Systems' secrets at rest.

HMAC needs the secret itself on both sides (edxml.md 11.2), so no digest of it will do. It is kept
encrypted under a key that the database does not hold: whoever has a dump alone has no secret.
"""

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12  # NIST SP 800-38D section 8.2


class SecretNotReadable(Exception):
    """The secret was kept under another CHAUBAN_SECRET_KEY, or for another system."""

    def __init__(self, system_id: str) -> None:
        super().__init__(
            f"{system_id}: secret kept under another CHAUBAN_SECRET_KEY; rotate the secret"
        )
        self.system_id = system_id


def sealed(secret: str, *, system_id: str) -> bytes:
    """The secret encrypted for this system: nonce, then AES-256-GCM (NIST SP 800-38D)."""
    nonce = os.urandom(_NONCE_BYTES)
    encrypted = _cipher(settings.SECRET_KEY).encrypt(nonce, secret.encode(), system_id.encode())
    return nonce + encrypted


def opened(sealed_secret: bytes, *, system_id: str) -> str:
    """Raises: SecretNotReadable."""
    nonce, encrypted = sealed_secret[:_NONCE_BYTES], sealed_secret[_NONCE_BYTES:]
    try:
        return _cipher(settings.SECRET_KEY).decrypt(nonce, encrypted, system_id.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SecretNotReadable(system_id) from error


@cache
def _cipher(secret_key: str) -> AESGCM:
    """RFC 5869; the info keeps this key apart from every other use of the secret key."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"chauban axis secrets")
    return AESGCM(derived.derive(secret_key.encode()))

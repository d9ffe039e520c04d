"""Systems' secrets at rest.

HMAC needs the secret itself on both sides (edxml.md 11.2), so no digest of it will do: it is kept
encrypted.
"""

from chauban.accounts import kept_secrets

_PURPOSE = "chauban axis secrets"


class SecretNotReadable(Exception):
    """The secret was kept under another CHAUBAN_SECRET_KEY, or for another system."""

    def __init__(self, system_id: str) -> None:
        super().__init__(
            f"{system_id}: secret kept under another CHAUBAN_SECRET_KEY; rotate the secret"
        )
        self.system_id = system_id


def sealed(secret: str, *, system_id: str) -> bytes:
    """The secret encrypted for this system."""
    return kept_secrets.sealed(secret, purpose=_PURPOSE, owner=system_id)


def opened(sealed_secret: bytes, *, system_id: str) -> str:
    """Raises: SecretNotReadable."""
    try:
        return kept_secrets.opened(sealed_secret, purpose=_PURPOSE, owner=system_id)
    except kept_secrets.NotReadable as error:
        raise SecretNotReadable(system_id) from error

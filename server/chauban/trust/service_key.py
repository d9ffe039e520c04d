"""The key of the service certificate, from settings (design, decisions 15 and 18)."""

from functools import cache
from pathlib import Path

from django.conf import settings

from chauban_pki.credentials import KeyCredential


def service_credential() -> KeyCredential | None:
    """The credential that signs receipts; None where this installation has none.

    Raises: KeystoreLocked, KeystoreInvalid (chauban_pki): the file or its password is wrong.
    """
    keystore: Path = settings.SERVICE_KEY
    if not keystore.is_file():
        return None
    return _loaded(keystore, keystore.stat().st_mtime_ns, settings.SERVICE_KEY_PASSWORD_FILE)


@cache
def _loaded(keystore: Path, changed: int, password_file: Path) -> KeyCredential:
    """Loaded once for a process, and again when the file is another (it costs 50 ms)."""
    password = password_file.read_text("utf-8").strip()
    return KeyCredential.load(keystore.read_bytes(), password)

"""The key by which push services know this installation (VAPID, RFC 8292)."""

import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from webpush.vapid import VAPID


@cache
def private_key() -> bytes:
    """PEM; made at first use and kept beside the other keys, for its owner alone to read."""
    path = Path(settings.PUSH_KEY)
    if not path.exists():
        made, _, _ = VAPID.generate_keys()
        with tempfile.NamedTemporaryFile(dir=path.parent) as file:  # mode 0600
            file.write(made)
            file.flush()
            with suppress(FileExistsError):  # another process was first
                os.link(file.name, path)
    return path.read_bytes()


@cache
def public_key() -> bytes:
    """PEM."""
    key = load_pem_private_key(private_key(), None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def application_server_key() -> str:
    """What a browser is given when it subscribes."""
    key = load_pem_private_key(private_key(), None).public_key()
    return str(VAPID.get_application_server_key(key))

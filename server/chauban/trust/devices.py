"""Key devices at the server: one open session per token and process (design, decision 18).

A session stays open because log-in costs more than a signature; yet each confirmation gives the
PIN anew, and only the PIN under which the session was opened is let through to it.
"""

import hmac
import secrets
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings

from chauban_pki.errors import DevicePINWrong, DeviceUnavailable

if TYPE_CHECKING:
    from chauban_pki.devices import Device

_salt = secrets.token_bytes(32)
_opening = Lock()
_opened: dict[str, tuple["Device", bytes]] = {}
_refused: dict[str, bytes] = {}  # the last PIN that a token refused, as `_mark` of it


def opened_device(token_label: str, pin: str) -> "Device":
    """Return the session with a token of the driver in settings, opened under that PIN.

    A PIN that differs from the session's is put to the token, which counts wrong ones itself;
    one that it refused last is not put to it again.

    Raises:
        DevicePINWrong, DevicePINLocked: the token refuses the PIN; its session is closed.
        DeviceUnavailable: no driver is set, it cannot be loaded, or the token is not there.
    """
    mark = _mark(pin)
    with _opening:
        known = _opened.get(token_label)
        if known is not None and known[0].is_open and hmac.compare_digest(known[1], mark):
            return known[0]
        if hmac.compare_digest(_refused.get(token_label, b""), mark):
            raise DevicePINWrong(token_label)
        if known is not None:
            known[0].close()
            del _opened[token_label]
        try:
            device = _open(token_label, pin)
        except DevicePINWrong:
            _refused[token_label] = mark
            raise
        _refused.pop(token_label, None)
        _opened[token_label] = device, mark
        return device


def forget_refused(token_label: str) -> None:
    """Forget a session that was opened again after a loss and whose PIN no longer holds."""
    with _opening:
        known = _opened.get(token_label)
        if known is not None and not known[0].is_open:
            _refused[token_label] = known[1]
            del _opened[token_label]


def tokens_seen() -> tuple[str, ...]:
    """The labels of the tokens at this server; none where settings name no driver.

    Raises: DeviceUnavailable: the driver cannot be loaded or does not answer.
    """
    if not settings.PKCS11_LIBRARY:
        return ()
    try:
        from chauban_pki.devices import token_labels
    except ImportError as error:
        raise DeviceUnavailable("", "python-pkcs11 is not installed") from error
    return token_labels(Path(settings.PKCS11_LIBRARY))


def close_devices() -> None:
    """Log out of every token."""
    with _opening:
        for device, _ in _opened.values():
            device.close()
        _opened.clear()
        _refused.clear()


def _open(token_label: str, pin: str) -> "Device":
    if not settings.PKCS11_LIBRARY:
        raise DeviceUnavailable(token_label, "CHAUBAN_PKCS11_LIBRARY is empty")
    try:
        from chauban_pki.devices import Device
    except ImportError as error:
        raise DeviceUnavailable(token_label, "python-pkcs11 is not installed") from error
    return Device(Path(settings.PKCS11_LIBRARY), token_label=token_label, pin=pin)


def _mark(pin: str) -> bytes:
    return hmac.digest(_salt, pin.encode(), sha256)

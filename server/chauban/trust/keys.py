"""Opening a key under its holder's PIN, for one confirmation or batch (decision 18).

Where the key is kept decides what opens it: a keystore here, a device at the server, a remote
service. On a holder's telephone or in his own program no PIN of ours opens it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from django.db import transaction
from django.db.models import F

from chauban.accounts.officers import Officer
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.trust import devices
from chauban.trust.anchors import known_authorities
from chauban.trust.errors import (
    KeyElsewhere,
    KeyLocked,
    KeyNotThere,
    KeyRefused,
    KeyUnavailable,
    NoKeyStored,
    PINBlocked,
    WrongPIN,
)
from chauban.trust.models import Certificate, Custody
from chauban.trust.services import signing_service
from chauban_pki.algorithms import SignatureAlgorithm
from chauban_pki.certificates import parse_certificate
from chauban_pki.credentials import Credential, KeyCredential
from chauban_pki.errors import (
    DeviceBusy,
    DeviceError,
    DevicePINLocked,
    DevicePINWrong,
    DeviceUnavailable,
    KeyNotFound,
    KeystoreLocked,
    SignatureMismatch,
    SigningRefused,
    SigningUnavailable,
)
from chauban_pki.remote_signing import RemoteCredential, Secrets, no_secrets

WRONG_PINS_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
# CSC API v2 section 11.6: what `credentials/authorize` answers to a wrong PIN or password.
_WRONG_SECRET = ("invalid_pin", "invalid_otp")

Keys = Callable[[Certificate], Credential]
"""Asked for the key of a certificate when it is about to be used; raises as `open_key`."""


def open_key(
    certificate: Certificate, pin: str, *, officer: Officer | None, now: datetime
) -> Credential:
    """Return the key, open; call it outside any transaction (it takes 50 ms and more).

    A remote service is shown the PIN only when the key signs, so that its refusal comes then:
    `sign` of the credential raises what this function raises. A wrong PIN is counted and
    recorded; the fifth in a row shuts the key for 15 minutes, even to the right PIN. A device
    or service counts too, and may block the PIN for good.

    Raises:
        NoKeyStored: the key is not kept here.
        KeyElsewhere: the holder signs on his telephone or with his own program.
        KeyLocked: it is shut now; the PIN was not looked at.
        WrongPIN: it carries how many tries are left.
        PINBlocked: the device has blocked the PIN.
        KeyUnavailable: the device or service is not there; nothing was signed, try again.
        KeyRefused: the service, or the device, will not sign with this key.
        KeyNotThere: it holds no such key, or another certificate's.
    """
    current = Certificate.objects.only(
        "der", "custody", "key_reference", "pkcs12", "wrong_pins", "locked_until"
    ).get(pk=certificate.pk)
    opening = _OPENING.get(Custody(current.custody)) if current.custody else _keystore
    if opening is None:
        raise KeyElsewhere(certificate)
    if current.locked_until is not None and now < current.locked_until:
        raise KeyLocked(certificate, current.locked_until)
    with _pin_counted(current, officer, now), _named(current):
        opened = opening(current, pin)
    if isinstance(opened, RemoteCredential):
        return HeldCredential(opened, current, officer, now)
    _forget_wrong_pins(current)  # a service has not seen the PIN yet
    if isinstance(opened, KeyCredential):
        return opened
    return HeldCredential(opened, current, officer, now)


def keys_under(pin: str, *, officer: Officer | None, now: datetime) -> Keys:
    """Return the keys that a PIN opens, for one confirmation or batch: each is opened once."""
    opened: dict[int, Credential] = {}

    def key_of(certificate: Certificate) -> Credential:
        if certificate.pk not in opened:
            opened[certificate.pk] = open_key(certificate, pin, officer=officer, now=now)
        return opened[certificate.pk]

    return key_of


def telephone_credential(certificate: Certificate) -> RemoteCredential:
    """Return what `chauban_pki.mobile_signing` asks and polls with; it shows no PIN.

    Raises: KeyUnavailable, KeyRefused, KeyNotThere: as `open_key`.
    """
    with _named(certificate):
        return _remote(certificate, no_secrets)


@dataclass(frozen=True)
class HeldCredential:
    """A `Credential` whose key is not in this process; `sign` raises what `open_key` raises."""

    credential: Credential
    row: Certificate = field(repr=False)
    officer: Officer | None
    now: datetime

    @property
    def certificate(self) -> x509.Certificate:
        return self.credential.certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.credential.chain

    @property
    def signature_algorithm(self) -> SignatureAlgorithm:
        return self.credential.signature_algorithm

    def sign(self, data: bytes) -> bytes:
        with _pin_counted(self.row, self.officer, self.now), _named(self.row):
            value = self.credential.sign(data)
        _forget_wrong_pins(self.row)
        return value


@contextmanager
def _pin_counted(row: Certificate, officer: Officer | None, now: datetime) -> Iterator[None]:
    try:
        yield
    except (KeystoreLocked, DevicePINWrong, _ServicePINWrong) as wrong:
        if isinstance(wrong, DevicePINWrong):
            devices.forget_refused(row.key_reference["token"])
        left = _count_wrong_pin(row, officer=officer, now=now)
        raise WrongPIN(row, left) from None


@contextmanager
def _named(row: Certificate) -> Iterator[None]:
    """What devices and services raise, by the names that `open_key` promises."""
    try:
        yield
    except DevicePINWrong:
        raise
    except DevicePINLocked:
        raise PINBlocked(row) from None
    except (KeyNotFound, SignatureMismatch) as missing:
        raise KeyNotThere(row, str(missing)) from missing
    except (DeviceUnavailable, DeviceBusy) as away:
        raise KeyUnavailable(row, away.detail) from away
    except DeviceError as unable:
        raise KeyRefused(row, unable.detail) from unable
    except SigningRefused as refused:
        if refused.detail.startswith(_WRONG_SECRET):
            raise _ServicePINWrong from None
        raise KeyRefused(row, refused.detail) from refused
    except SigningUnavailable as away:
        raise KeyUnavailable(row, away.detail) from away


class _ServicePINWrong(Exception):
    """A remote service refuses the PIN, or the one-time password."""


def _keystore(certificate: Certificate, pin: str) -> Credential:
    if certificate.pkcs12 is None:
        raise NoKeyStored(certificate)
    return KeyCredential.load(bytes(certificate.pkcs12), pin)


def _device(certificate: Certificate, pin: str) -> Credential:
    reference = certificate.key_reference
    device = devices.opened_device(reference["token"], pin)
    from chauban_pki.devices import DeviceCredential  # it comes with the extra `pkcs11`

    return DeviceCredential.of(
        device,
        identifier=bytes.fromhex(reference["key"]),
        certificate=parse_certificate(bytes(certificate.der)),
        chain=known_authorities(),
    )


def _remote_with_pin(certificate: Certificate, pin: str) -> Credential:
    return _remote(certificate, lambda: {"PIN": pin})


def _remote(certificate: Certificate, secrets: Secrets) -> RemoteCredential:
    reference = certificate.key_reference
    service = signing_service(reference["service"])
    if service is None:
        raise KeyNotThere(certificate, f"no service {reference['service']} in settings")
    credential = RemoteCredential.of(service, reference["credential"], secrets=secrets)
    if credential.certificate != parse_certificate(bytes(certificate.der)):
        raise KeyNotThere(certificate, "the service's certificate is another")
    return credential


_OPENING: dict[Custody, Callable[[Certificate, str], Credential]] = {
    Custody.KEYSTORE: _keystore,
    Custody.DEVICE: _device,
    Custody.REMOTE: _remote_with_pin,
}


def _forget_wrong_pins(row: Certificate) -> None:
    if row.wrong_pins or row.locked_until:
        Certificate.objects.filter(pk=row.pk).update(wrong_pins=0, locked_until=None)


@transaction.atomic
def _count_wrong_pin(certificate: Certificate, *, officer: Officer | None, now: datetime) -> int:
    row = Certificate.objects.filter(pk=certificate.pk)
    row.update(wrong_pins=F("wrong_pins") + 1)
    wrong = row.values_list("wrong_pins", flat=True).get()
    record(ActKind.PIN_REFUSED, on=certificate, by=officer, at=now, wrong_pins=wrong)
    if wrong >= WRONG_PINS_ALLOWED:
        row.update(wrong_pins=0, locked_until=now + LOCKED_FOR)
        record(ActKind.KEY_LOCKED, on=certificate, by=officer, at=now)
    return max(WRONG_PINS_ALLOWED - wrong, 0)

"""Keys in a device that speaks PKCS #11 (OASIS PKCS #11 v3.1): token, smart card or HSM.

The one module that imports `pkcs11`, which comes with the extra of that name. The key never
leaves the device; the session stays open between signatures, because log-in and look-up cost
more than the signature itself.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import new as new_digest
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

import pkcs11
from cryptography import x509
from pkcs11 import MGF, Attribute, Mechanism, ObjectClass
from pkcs11.exceptions import (
    FunctionNotSupported,
    KeyTypeInconsistent,
    MechanismInvalid,
    MechanismParamInvalid,
    NoSuchKey,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from chauban_pki import der
from chauban_pki.algorithms import Digest, SignatureAlgorithm
from chauban_pki.certificates import parse_certificates
from chauban_pki.credentials import in_order, require_signature_by, signature_algorithm_of
from chauban_pki.errors import (
    DeviceBusy,
    DeviceError,
    DevicePINLocked,
    DevicePINWrong,
    DeviceUnavailable,
    KeyNotFound,
)

_RSA = {
    "sha256": Mechanism.SHA256_RSA_PKCS,
    "sha384": Mechanism.SHA384_RSA_PKCS,
    "sha512": Mechanism.SHA512_RSA_PKCS,
}
_PSS = {
    "sha256": (Mechanism.SHA256_RSA_PKCS_PSS, (Mechanism.SHA256, MGF.SHA256, 32)),
    "sha384": (Mechanism.SHA384_RSA_PKCS_PSS, (Mechanism.SHA384, MGF.SHA384, 48)),
    "sha512": (Mechanism.SHA512_RSA_PKCS_PSS, (Mechanism.SHA512, MGF.SHA512, 64)),
}


# The token is there and answers; it only cannot do this.
_NOT_ABLE = (MechanismInvalid, MechanismParamInvalid, KeyTypeInconsistent, FunctionNotSupported)

Made = TypeVar("Made")


@dataclass
class _Driver:
    """What the devices of one driver share in this process.

    C_Finalize is undefined while another thread is in the driver (PKCS #11 section 5.4), and
    the handles given out before it may afterwards be those of another token's session.
    """

    lock: Lock = field(default_factory=Lock)
    restarts: int = 0  # read and written under lock


_drivers: defaultdict[Path, _Driver] = defaultdict(_Driver)


class Device:
    """A session with one token, logged in as its user until `close`.

    When the token is lost (pulled out, its process killed, or its driver starts anew) the next
    signature opens a new session and logs in again, once. A token that was not there when the
    driver was loaded is found when it is: the driver is started anew to look for it. A PIN that
    the token refused is never sent again: three wrong ones lock it. Safe to share between
    threads; the signatures of one driver are made in turn.
    """

    def __init__(self, library: Path, *, token_label: str, pin: str) -> None:
        """Open the token of that label with the driver `library`.

        Raises:
            DeviceUnavailable: no such driver or token.
            DevicePINWrong, DevicePINLocked: the token refuses the PIN.
            DeviceBusy: this process has a session with the token already.
        """
        self._library, self._token_label = library, token_label
        self._pin: str | None = pin
        self._driver = _drivers[library]
        self._restarts = 0
        self._keys: dict[bytes, Any] = {}
        self._session: Any = None
        with self._driver.lock:
            self._reopen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def token_label(self) -> str:
        return self._token_label

    @property
    def is_open(self) -> bool:
        """Whether signing may be tried: not closed, and its PIN not refused after a loss."""
        return self._pin is not None

    def close(self) -> None:
        """Log out and forget the PIN."""
        with self._driver.lock:
            self._pin = None
            self._drop_session()

    def certificates(self) -> dict[bytes, x509.Certificate]:
        """Return the certificates stored in the token, by the identifiers of their keys.

        Raises:
            DeviceUnavailable: the token is lost and could not be opened again.
        """
        found = self._with_session(self._read_certificates)
        return {
            identifier: certificate
            for identifier, encoded in found
            for certificate in parse_certificates((encoded,))
        }

    def sign(self, identifier: bytes, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Return the signature value over data by the key of that identifier.

        Raises:
            KeyNotFound: the token has no such key.
            DeviceError: it cannot sign with that algorithm.
            DeviceUnavailable: the token is lost and could not be opened again.
            DevicePINWrong, DevicePINLocked: it was opened again and now refuses the PIN.
        """
        return self._with_session(lambda: self._sign(identifier, data, algorithm))

    def _with_session(self, act: Callable[[], Made]) -> Made:
        with self._driver.lock:
            if self._restarts != self._driver.restarts:
                self._drop_session()
            try:
                return act()
            except NoSuchKey:
                raise KeyNotFound(self._token_label) from None
            except _NOT_ABLE as error:
                raise DeviceError(self._token_label, _name(error)) from error
            except PKCS11Error:
                self._reopen()
            try:
                return act()
            except NoSuchKey:
                raise KeyNotFound(self._token_label) from None
            except PKCS11Error as error:
                raise DeviceUnavailable(self._token_label, _name(error)) from error

    def _read_certificates(self) -> list[tuple[bytes, bytes]]:
        if self._session is None:
            raise PKCS11Error("closed")
        objects = list(self._session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
        return [(one[Attribute.ID], one[Attribute.VALUE]) for one in objects]

    def _sign(self, identifier: bytes, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        if identifier not in self._keys:
            if self._session is None:
                raise PKCS11Error("closed")
            self._keys[identifier] = self._session.get_key(
                object_class=ObjectClass.PRIVATE_KEY, id=identifier
            )
        key = self._keys[identifier]
        if algorithm.name.startswith("rsa-pss"):
            mechanism, parameters = _PSS[algorithm.digest]
            return bytes(key.sign(data, mechanism=mechanism, mechanism_param=parameters))
        if algorithm.name.startswith("rsa"):
            return bytes(key.sign(data, mechanism=_RSA[algorithm.digest]))
        if algorithm.name == "ed25519":
            return bytes(key.sign(data, mechanism=Mechanism.EDDSA))
        # Not every device hashes for ECDSA, so we do; the answer is r and s, side by side.
        digest = new_digest(algorithm.digest, data).digest()
        return _ecdsa_value(key.sign(digest, mechanism=Mechanism.ECDSA))

    def _reopen(self) -> None:
        self._drop_session()
        try:
            self._open()
        except DeviceUnavailable:
            self._restart_driver()
            self._open()

    def _open(self) -> None:
        if self._pin is None:
            raise DeviceUnavailable(self._token_label, "closed")
        try:
            token = pkcs11.lib(str(self._library)).get_token(token_label=self._token_label)
            self._session = token.open(user_pin=self._pin)
            self._restarts = self._driver.restarts
        except UserAlreadyLoggedIn:
            raise DeviceBusy(self._token_label) from None
        except (PinIncorrect, PinInvalid, PinLenRange):
            self._pin = None
            raise DevicePINWrong(self._token_label) from None
        except PinLocked:
            self._pin = None
            raise DevicePINLocked(self._token_label) from None
        except (PKCS11Error, RuntimeError, OSError) as error:
            raise DeviceUnavailable(self._token_label, _name(error)) from error

    def _restart_driver(self) -> None:
        """Let the driver look for its tokens anew; its other sessions open again by themselves."""
        try:
            self._driver.restarts += 1
            pkcs11.lib(str(self._library)).reinitialize()
        except (PKCS11Error, RuntimeError, OSError) as error:
            raise DeviceUnavailable(self._token_label, _name(error)) from error

    def _drop_session(self) -> None:
        self._keys.clear()
        session, self._session = self._session, None
        if session is not None and self._restarts == self._driver.restarts:
            with suppress(PKCS11Error):
                session.close()


def token_labels(library: Path) -> tuple[str, ...]:
    """Return the labels of the tokens that the driver `library` sees now, without logging in.

    Raises: DeviceUnavailable: no such driver, or it does not answer.
    """
    with _drivers[library].lock:
        try:
            slots = pkcs11.lib(str(library)).get_slots(token_present=True)
            return tuple(slot.get_token().label.strip() for slot in slots)
        except (PKCS11Error, RuntimeError, OSError) as error:
            raise DeviceUnavailable("", _name(error)) from error


def _name(error: Exception) -> str:
    return str(error) or type(error).__name__


def _ecdsa_value(raw: bytes) -> bytes:
    """Return Ecdsa-Sig-Value, DER, of r and s side by side (RFC 3279 section 2.2.3)."""
    half = len(raw) // 2
    numbers = (int.from_bytes(part, "big") for part in (raw[:half], raw[half:]))
    return der.encode(der.SEQUENCE, *(der.encode_integer(number) for number in numbers))


@dataclass(frozen=True)
class DeviceCredential:
    """A `Credential` whose key is in a device; `identifier` is its CKA_ID."""

    device: Device = field(repr=False)
    identifier: bytes
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    signature_algorithm: SignatureAlgorithm

    @classmethod
    def of(
        cls,
        device: Device,
        *,
        identifier: bytes | None = None,
        certificate: x509.Certificate | None = None,
        chain: tuple[x509.Certificate, ...] = (),
        digest: Digest = "sha256",
        pss: bool = False,
    ) -> Self:
        """Return the credential of one key of the device.

        The identifier may be left out where the token holds one certificate of an end entity;
        the certificate where the token stores it. What the token stores helps with the chain.

        Raises:
            KeyNotFound: no such certificate in the token, or several to choose from.
            WeakKey: the key is not accepted for signing.
            DeviceUnavailable: the token is lost.
        """
        stored = device.certificates()
        issuers = {one.issuer for one in stored.values()}
        if identifier is None:
            leaves = [key for key, one in stored.items() if one.subject not in issuers]
            if len(leaves) != 1:
                raise KeyNotFound(device.token_label)
            (identifier,) = leaves
        chosen = certificate or stored.get(identifier)
        if chosen is None:
            raise KeyNotFound(device.token_label)
        return cls(
            device,
            identifier,
            chosen,
            in_order(chosen, (*chain, *stored.values())),
            signature_algorithm_of(chosen, digest=digest, pss=pss),
        )

    def sign(self, data: bytes) -> bytes:
        """Return the signature value; it is checked with the certificate's key.

        Raises:
            SignatureMismatch: the device's key is not the certificate's.
            KeyNotFound, DeviceUnavailable, DevicePINWrong, DevicePINLocked: as `Device.sign`.
        """
        signature = self.device.sign(self.identifier, data, self.signature_algorithm)
        require_signature_by(self.certificate, signature, data, algorithm=self.signature_algorithm)
        return signature

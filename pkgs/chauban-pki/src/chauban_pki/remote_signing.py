"""Keys at a remote signing service that speaks the Cloud Signature Consortium's API.

Version 2 (and 1.0.4, whose parameters have other names): `credentials/info`,
`credentials/authorize`, `signatures/signHash`. The service sees digests only, and is given the
digests already when it authorises, so that what is authorised is what is signed (SCAL 2,
CEN EN 419 241-1). Every value that comes back is checked before it is used.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import new as new_digest
from typing import Any, Literal, Self

from cryptography import x509

from chauban_pki import der
from chauban_pki.algorithms import (
    DIGESTS,
    RSA_ENCRYPTION,
    Digest,
    SignatureAlgorithm,
    read_scheme,
)
from chauban_pki.certificates import parse_certificate
from chauban_pki.credentials import in_order, require_signature_by, signature_algorithm_of
from chauban_pki.errors import (
    CertificateMalformed,
    SignatureMismatch,
    SigningAnswerInvalid,
    SigningRefused,
    SigningUnavailable,
    Unreachable,
    WeakSignatureAlgorithm,
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status and body."""

    status: int
    content: bytes


Ask = Callable[[str, bytes, Mapping[str, str]], Answer]
"""Address, JSON body and headers in, the answer to the POST out; raises Unreachable."""

Secrets = Callable[[], Mapping[str, str]]
"""Asked once for each authorisation: what the holder enters, such as {"PIN": …, "OTP": …}."""

_OIDS = {digest.name: oid for oid, digest in DIGESTS.items()}
_WAITING = 202


def no_secrets() -> Mapping[str, str]:
    """Return nothing: the service authorises by its own means (mode "implicit")."""
    return {}


@dataclass(frozen=True)
class RemoteService:
    """A service at an address, up to and with its version: `https://…/csc/v2`.

    `access_token` is the OAuth 2.0 token of the session with it (CSC API v2 section 8.2).
    """

    base_url: str
    ask: Ask = field(repr=False)
    access_token: str = field(default="", repr=False)
    version: Literal[1, 2] = 2

    def call(self, method: str, parameters: Mapping[str, object]) -> dict[str, Any] | None:
        """Return what a method answers; None where the service says that it is not ready.

        Raises:
            SigningRefused: the service refuses, with its code and description (section 10.1).
            SigningUnavailable: it cannot be reached, or fails.
            SigningAnswerInvalid: its answer is no JSON object.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.access_token:
            headers["Authorization"] = f"Bearer {self.access_token}"
        url = f"{self.base_url.rstrip('/')}/{method}"
        try:
            answer = self.ask(url, json.dumps(parameters).encode(), headers)
        except (Unreachable, OSError) as error:
            raise SigningUnavailable(str(error)) from error
        if answer.status == _WAITING:
            return None
        if answer.status == 200:
            return _object(answer.content)
        if 400 <= answer.status < 500:
            raise SigningRefused(_refusal(answer))
        raise SigningUnavailable(f"{method}: HTTP {answer.status}")


@dataclass(frozen=True)
class RemoteCredential:
    """A `Credential` whose key is at a remote service.

    `most_signatures` is how many one authorisation may cover.
    """

    service: RemoteService
    credential_id: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    signature_algorithm: SignatureAlgorithm
    most_signatures: int
    secrets: Secrets = field(default=no_secrets, repr=False)

    @classmethod
    def of(
        cls,
        service: RemoteService,
        credential_id: str,
        *,
        secrets: Secrets = no_secrets,
        digest: Digest = "sha256",
        pss: bool = False,
    ) -> Self:
        """Return the credential of that name, asked for at the service (`credentials/info`).

        Raises:
            SigningRefused: it is unknown or disabled, or does not sign with that algorithm.
            SigningUnavailable, SigningAnswerInvalid: as `RemoteService.call`.
            WeakKey: the key is not accepted for signing.
        """
        asked = {"credentialID": credential_id, "certificates": "chain", "certInfo": False}
        info = service.call("credentials/info", asked) or {}
        try:
            key, most = info["key"], int(info.get("multisign", 1))
            status, offered = key["status"], {str(oid) for oid in key["algo"]}
            certificates = [
                parse_certificate(b64decode(one)) for one in info["cert"]["certificates"]
            ]
            certificate, *others = certificates
        except (KeyError, TypeError, ValueError, NotBase64, CertificateMalformed) as error:
            raise SigningAnswerInvalid(f"credentials/info: {error!r}") from error
        if status != "enabled":
            raise SigningRefused(f"credential {credential_id}: {status}")
        algorithm = signature_algorithm_of(certificate, digest=digest, pss=pss)
        _require_offered(algorithm, offered)
        chain = in_order(certificate, tuple(others))
        return cls(service, credential_id, certificate, chain, algorithm, max(most, 1), secrets)

    def sign(self, data: bytes) -> bytes:
        """Return the signature value over data; raises as `sign_all`."""
        return self.sign_all((data,))[0]

    def sign_all(self, many: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the signature values over each, under one authorisation by the holder.

        Raises:
            SigningRefused: the service or the holder says no, or there are more than one
                authorisation may cover.
            SigningUnavailable: the service cannot be reached, or fails.
            SigningAnswerInvalid: a value is missing, or not by this key over that data.
        """
        request = self.authorised(many)
        answer = self.service.call("signatures/signHash", request)
        if answer is None:
            raise SigningAnswerInvalid("signHash: no signatures")
        return self.checked(answer, many)

    def authorised(self, many: Sequence[bytes], *, description: str = "") -> dict[str, object]:
        """Return the parameters of `signHash` for these data, authorised by the holder."""
        if not 0 < len(many) <= self.most_signatures:
            raise SigningRefused(f"{len(many)} signatures; at most {self.most_signatures} at once")
        scheme = read_scheme(der.read_all(self.signature_algorithm.der))
        digest = self.signature_algorithm.digest
        hashes = [_base64(new_digest(digest, one).digest()) for one in many]
        is_first = self.service.version == 1
        names = ("hash", "hashAlgo") if is_first else ("hashes", "hashAlgorithmOID")
        hashed: dict[str, object] = {names[0]: hashes, names[1]: _OIDS[digest]}
        secrets = self.secrets()
        entered: Mapping[str, object] = (
            secrets
            if is_first
            else {"authData": [{"id": name, "value": value} for name, value in secrets.items()]}
        )
        common: dict[str, object] = {"credentialID": self.credential_id, **hashed}
        told: dict[str, object] = {"description": description} if description else {}
        answer = self.service.call(
            "credentials/authorize",
            {**common, **told, "numSignatures": len(many), **(entered if secrets else {})},
        )
        activation = (answer or {}).get("SAD")
        if not isinstance(activation, str) or not activation:
            raise SigningAnswerInvalid("credentials/authorize: no SAD")
        request = {**common, "SAD": activation, "signAlgo": scheme.algorithm}
        if self.signature_algorithm.name.startswith("rsa-pss"):
            parameters = der.read_all(self.signature_algorithm.der).children()[1].encoded
            request["signAlgoParams"] = _base64(parameters)
        return request

    def checked(self, answer: Mapping[str, object], many: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the values in an answer; raises SigningAnswerInvalid where one does not fit."""
        values = answer.get("signatures")
        try:
            if not isinstance(values, list) or len(values) != len(many):
                raise ValueError(f"{len(many)} signatures were asked for")
            signatures = tuple(b64decode(value, validate=True) for value in values)
            for signature, data in zip(signatures, many, strict=True):
                require_signature_by(
                    self.certificate, signature, data, algorithm=self.signature_algorithm
                )
        except (SignatureMismatch, WeakSignatureAlgorithm, TypeError, ValueError) as error:
            raise SigningAnswerInvalid(f"signHash: {error}") from error
        return signatures


def _require_offered(algorithm: SignatureAlgorithm, offered: set[str]) -> None:
    """Check that the service signs so; a key named rsaEncryption signs with any digest."""
    oid = read_scheme(der.read_all(algorithm.der)).algorithm
    accepted = {oid, RSA_ENCRYPTION} if algorithm.name.startswith("rsa-pkcs1v15") else {oid}
    if algorithm.name == "ed25519":
        # RFC 8032 section 5.1.6: Ed25519 reads the data twice, so a digest is not enough.
        raise SigningRefused("Ed25519 does not sign digests")
    if not accepted & offered:
        raise SigningRefused(f"{algorithm.name} is not among the service's algorithms")


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise SigningAnswerInvalid("answer is no JSON") from error
    if not isinstance(found, dict):
        raise SigningAnswerInvalid("answer is no JSON object")
    return found


def _refusal(answer: Answer) -> str:
    try:
        found = _object(answer.content)
    except SigningAnswerInvalid:
        return f"HTTP {answer.status}"
    parts = (str(found.get(name, "")) for name in ("error", "error_description"))
    return ": ".join(part for part in parts if part)[:500] or f"HTTP {answer.status}"


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")

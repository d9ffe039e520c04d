"""A remote signing service on loopback, for demonstrations and tests: CSC API v2.

It keeps keys and asks for a PIN; in the asynchronous mode a person has to confirm, here by
`confirm` or `refuse` instead of a telephone. Each activation (SAD) is for the digests it was
given and is used up once.
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from chauban_pki import der
from chauban_pki.algorithms import DIGESTS, DIGESTS_BY_NAME, RSA_ENCRYPTION, RSASSA_PSS, read_scheme
from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential

LARGEST_REQUEST_BYTES = 64 * 1024
WAITING, SIGNED, REFUSED = "waiting", "signed", "refused"


class Refusal(Exception):
    """An error answer: HTTP status, code and description (CSC API v2 section 10.1)."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.document = {"error": code, "error_description": description}


def _invalid(description: str) -> Refusal:
    return Refusal(400, "invalid_request", description)


@dataclass
class SigningService:
    """The service's keys and its requests in progress, by name and `responseID`.

    Without a PIN it asks for none: the telephone alone confirms.
    """

    credentials: Mapping[str, KeyCredential]
    pin: str | None
    access_token: str
    most_signatures: int = 10
    lock: Lock = field(default_factory=Lock, repr=False)
    activations: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def answer(self, method: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and JSON document of the answer to a method."""
        with self.lock:
            match method:
                case "credentials/info":
                    return 200, self._info(self._credential(asked))
                case "credentials/authorize":
                    return 200, self._authorize(asked)
                case "signatures/signHash":
                    return 200, self._sign_hash(asked)
                case "signatures/signPolling":
                    return self._poll(asked)
                case _:
                    raise Refusal(404, "not_found", method)

    def confirm(self, response_id: str) -> dict[str, Any]:
        """Do what the person does at the telephone; return what a call back says."""
        with self.lock:
            request = self.requests[response_id]
            request["state"] = SIGNED
            return {"responseID": response_id, "signatures": self._signatures(request["asked"])}

    def refuse(self, response_id: str) -> None:
        """Say no at the telephone."""
        with self.lock:
            self.requests[response_id]["state"] = REFUSED

    def _credential(self, asked: dict[str, Any]) -> KeyCredential:
        try:
            return self.credentials[asked["credentialID"]]
        except KeyError:
            raise _invalid("Invalid parameter credentialID") from None

    def _info(self, credential: KeyCredential) -> dict[str, Any]:
        own = read_scheme(der.read_all(credential.signature_algorithm.der)).algorithm
        is_rsa = isinstance(credential.key, rsa.RSAPrivateKey)
        chain = (credential.certificate, *credential.chain)
        return {
            "key": {
                "status": "enabled",
                "algo": [RSA_ENCRYPTION, RSASSA_PSS] if is_rsa else [own],
            },
            "cert": {"status": "valid", "certificates": [_base64(encoded(one)) for one in chain]},
            "auth": {"mode": "explicit"},
            "SCAL": "2",
            "multisign": self.most_signatures,
        }

    def _authorize(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._credential(asked)
        entered = {one["id"]: one["value"] for one in asked.get("authData", ())}
        if entered.get("PIN") != self.pin:
            raise Refusal(400, "invalid_pin", "The PIN is invalid")
        hashes = tuple(asked.get("hashes", ()))
        if not hashes or len(hashes) != asked.get("numSignatures"):
            raise _invalid("hashes and numSignatures differ")
        activation = secrets.token_urlsafe(24)
        self.activations[activation] = (asked["credentialID"], hashes)
        return {"SAD": activation, "expiresIn": 300}

    def _sign_hash(self, asked: dict[str, Any]) -> dict[str, Any]:
        known = self.activations.pop(asked.get("SAD", ""), None)
        if known != (asked.get("credentialID"), tuple(asked.get("hashes", ()))):
            raise Refusal(400, "invalid_request", "Invalid parameter SAD")
        if asked.get("operationMode", "S") == "S":
            return {"signatures": self._signatures(asked)}
        response_id = secrets.token_urlsafe(12)
        self.requests[response_id] = {"asked": asked, "state": WAITING}
        return {"responseID": response_id}

    def _poll(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        request = self.requests.get(asked.get("responseID", ""))
        if request is None:
            raise _invalid("Invalid parameter responseID")
        if request["state"] == REFUSED:
            raise Refusal(400, "access_denied", "The user declined")
        if request["state"] == WAITING:
            return 202, {}
        return 200, {"signatures": self._signatures(request["asked"])}

    def _signatures(self, asked: dict[str, Any]) -> list[str]:
        credential = self._credential(asked)
        digest = DIGESTS[asked["hashAlgorithmOID"]].name
        is_pss = asked["signAlgo"] == RSASSA_PSS
        return [
            _base64(_sign_digest(credential, b64decode(one), digest=digest, pss=is_pss))
            for one in asked["hashes"]
        ]


def _sign_digest(credential: KeyCredential, value: bytes, *, digest: str, pss: bool) -> bytes:
    algorithm = DIGESTS_BY_NAME[digest]
    prehashed = utils.Prehashed(algorithm)
    if isinstance(credential.key, ec.EllipticCurvePrivateKey):
        return credential.key.sign(value, ec.ECDSA(prehashed))
    if not isinstance(credential.key, rsa.RSAPrivateKey):
        raise _invalid("the key signs no digests")
    scheme = (
        padding.PSS(padding.MGF1(algorithm), algorithm.digest_size) if pss else padding.PKCS1v15()
    )
    return credential.key.sign(value, scheme, prehashed)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "_Server"

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_REQUEST_BYTES:
            self.close_connection = True
            return self._reply(413, {"error": "invalid_request"})
        body = self.rfile.read(int(length))
        service = self.server.service
        if self.headers.get("Authorization") != f"Bearer {service.access_token}":
            return self._reply(401, {"error": "invalid_token"})
        try:
            asked = json.loads(body)
            status, document = service.answer(self.path.removeprefix("/csc/v2/"), asked)
        except Refusal as refusal:
            return self._reply(refusal.status, refusal.document)
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._reply(400, {"error": "invalid_request"})
        return self._reply(status, document)

    def _reply(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: SigningService


def make_server(service: SigningService, host: str, port: int) -> ThreadingHTTPServer:
    """Return a threaded server, listening, whose base address is `http://host:port/csc/v2`."""
    server = _Server((host, port), _Handler)
    server.service = service
    return server


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")

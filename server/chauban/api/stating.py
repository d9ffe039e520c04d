"""The signature of a webhook (Standard Webhooks, specification of 2024, "Signature scheme")."""

import base64
import hmac
import os
from datetime import datetime

SECRET_BYTES = 32
BEGINNING = "whsec_"


def new_secret() -> str:
    return BEGINNING + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def signed_headers(uid: str, body: bytes, *secrets: str, now: datetime) -> dict[str, str]:
    """The three headers by which a receiver knows that a webhook is ours, and when it was sent.

    Of several secrets each signs, the signatures parted by a space: he who knows one is served.
    """
    name, moment = f"msg_{uid}", str(int(now.timestamp()))
    signed = f"{name}.{moment}.".encode() + body
    return {
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(signed, secret) for secret in secrets),
    }


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(BEGINNING))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"

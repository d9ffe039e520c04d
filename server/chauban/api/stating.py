"""The signature of a webhook (Standard Webhooks, specification of 2024, "Signature scheme")."""

import base64
import hmac
import os
from datetime import datetime

SECRET_BYTES = 32
BEGINNING = "whsec_"


def new_secret() -> str:
    return BEGINNING + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def signed_headers(uid: str, body: bytes, *, secret: str, now: datetime) -> dict[str, str]:
    """The three headers by which a receiver knows that a webhook is ours, and when it was sent."""
    name, moment = f"msg_{uid}", str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(BEGINNING))
    mac = hmac.digest(key, f"{name}.{moment}.".encode() + body, "sha256")
    return {
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }

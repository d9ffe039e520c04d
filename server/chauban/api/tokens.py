"""The secret that an application shows: what it looks like, and what is kept of it.

`chauban_<prefix>_<secret>`: the fixed beginning is for scanners of leaked secrets, the prefix for
people who must tell tokens apart. The secret has 256 random bits, so that its plain SHA-256 is
enough at rest; it is shown once and cannot be had again.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

PREFIX_LETTERS = 8
SCANNED_AS = r"chauban_[0-9a-f]{8}_[0-9a-f]{64}"
_form = re.compile(SCANNED_AS)


@dataclass(frozen=True)
class Secret:
    prefix: str
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        return sha256(self.text.encode("ascii")).hexdigest()

    def matches(self, digest: str) -> bool:
        return hmac.compare_digest(self.digest, digest)


def new_secret() -> Secret:
    prefix = secrets.token_hex(PREFIX_LETTERS // 2)
    return Secret(prefix, f"chauban_{prefix}_{secrets.token_hex(32)}")


def parse_secret(text: str) -> Secret | None:
    """The token that a caller shows; None where it is none of ours."""
    return Secret(text.split("_")[1], text) if _form.fullmatch(text) else None

"""Keeping CRLs and OCSP answers for as long as they are fresh.

What is kept is what came, unread by anyone: every use checks signature, scope and time anew, so
a cache can delay a better answer but never make a bad one count.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from cryptography.x509 import ocsp

from chauban_pki.crls import open_crl
from chauban_pki.errors import RevocationInformationInvalid
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE
from chauban_pki.trust import Fetch

LONGEST_OCSP = timedelta(hours=1)
LONGEST_CRL = timedelta(hours=6)
"""Even what says that it lasts longer is fetched anew after that: a revocation must show."""


@dataclass(frozen=True)
class _Kept:
    content: bytes
    ends_at: datetime


@dataclass(frozen=True)
class CachingFetch:
    """A `Fetch` before another one, safe to share between threads.

    Until half of its stated life is over, and no longer than the limits above, an answer is
    given again without asking. One that states no end, or cannot be read, is never kept.
    `clock` tells the present, UTC; `most_bytes` bounds what is kept, oldest out first.
    """

    fetch: Fetch
    clock: Callable[[], datetime]
    most_bytes: int = 128 * 1024 * 1024
    _kept: dict[tuple[str, bytes | None], _Kept] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __call__(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        """Return the answer, kept or fetched; raises `Unreachable` as `fetch` does."""
        now, key = self.clock(), (url, body)
        with self._lock:
            known = self._kept.get(key)
        if known is not None and now < known.ends_at:
            return known.content
        content = self.fetch(url, body, content_type)
        ends_at = _fresh_until(content, is_ocsp=content_type == OCSP_REQUEST_TYPE, now=now)
        with self._lock:
            self._kept.pop(key, None)
            if ends_at is not None and now < ends_at and len(content) <= self.most_bytes:
                self._kept[key] = _Kept(content, ends_at)
                self._drop_oldest()
        return content

    def forget(self) -> None:
        """Keep nothing of what came so far; the next question of each kind goes out."""
        with self._lock:
            self._kept.clear()

    def _drop_oldest(self) -> None:
        size = sum(len(one.content) for one in self._kept.values())
        while size > self.most_bytes:
            oldest = next(iter(self._kept))
            size -= len(self._kept.pop(oldest).content)


def _fresh_until(content: bytes, *, is_ocsp: bool, now: datetime) -> datetime | None:
    try:
        begin, end, longest = _ocsp_times(content) if is_ocsp else _crl_times(content)
    except (ValueError, RevocationInformationInvalid):
        return None
    if end is None or not begin < end:
        return None
    return min(begin + (end - begin) / 2, now + longest)


def _ocsp_times(content: bytes) -> tuple[datetime, datetime | None, timedelta]:
    parsed = ocsp.load_der_ocsp_response(content)
    if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise RevocationInformationInvalid(parsed.response_status.name)
    single = next(iter(parsed.responses))
    return single.this_update_utc, single.next_update_utc, LONGEST_OCSP


def _crl_times(content: bytes) -> tuple[datetime, datetime | None, timedelta]:
    parsed = open_crl(content).parsed
    return parsed.last_update_utc, parsed.next_update_utc, LONGEST_CRL

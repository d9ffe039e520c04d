"""Assessing a file that anybody brings, within limits (TT 41/2017/TT-BTTTT; design, section 6).

Nothing of the file is kept: neither its bytes nor its name.
"""

from datetime import datetime
from typing import BinaryIO

from django.core.cache import cache

from chauban.trust.anchors import current_trust
from chauban.trust.errors import UploadsTooMany, UploadTooLarge
from chauban.trust.services import fetcher
from chauban_pades import Report, assess

WINDOW_SECONDS = 600
BYTES_PER_WINDOW = 200_000_000
FILES_PER_WINDOW = 60


def assess_upload(file: BinaryIO, size_bytes: int, *, limit_bytes: int, now: datetime) -> Report:
    """The strict reading's report on a PDF; no exception escapes because of what it holds.

    Raises: UploadTooLarge, before a byte is read.
    """
    if size_bytes > limit_bytes:
        raise UploadTooLarge(size_bytes, limit_bytes)
    return assess(file.read(), trust=current_trust(now), at=now, fetch=fetcher())


def require_within_rate(address: str, size_bytes: int, *, now: datetime) -> None:
    """Count a file against what one network address may send in ten minutes.

    Kept in the cache of settings: per process with the default one.

    Raises: UploadsTooMany, which carries the seconds until the window ends.
    """
    window, elapsed = divmod(int(now.timestamp()), WINDOW_SECONDS)
    bytes_sent = _add(f"verify-bytes:{address}:{window}", size_bytes)
    files_sent = _add(f"verify-files:{address}:{window}", 1)
    if bytes_sent > BYTES_PER_WINDOW or files_sent > FILES_PER_WINDOW:
        raise UploadsTooMany(WINDOW_SECONDS - elapsed)


def _add(key: str, amount: int) -> int:
    cache.add(key, 0, 2 * WINDOW_SECONDS)
    return cache.incr(key, amount)

"""Assessing a file that anybody brings, within limits (TT 41/2017/TT-BTTTT; design, section 6).

Nothing of the file is kept: neither its bytes nor its name.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import BinaryIO

from django.core.cache import cache

from chauban.blobs.inspection import InspectionFailed, in_child
from chauban.trust.anchors import current_trust
from chauban.trust.drawing import Drawing, draw_changes
from chauban.trust.errors import CheckBroke, CheckersBusy, UploadsTooMany, UploadTooLarge
from chauban.trust.services import fetcher
from chauban_pades import Report, assess

WINDOW_SECONDS = 600
BYTES_PER_WINDOW = 200_000_000
FILES_PER_WINDOW = 60
CHECK_SECONDS = 30
# A page must be answered while files are checked, however hard they are to read.
CHECKS_AT_ONCE = 2
WAIT_SECONDS = 10

_places = threading.BoundedSemaphore(CHECKS_AT_ONCE)


def assess_upload(file: BinaryIO, size_bytes: int, *, limit_bytes: int, now: datetime) -> Report:
    """The strict reading's report on a PDF; no exception escapes because of what it holds.

    It is read in a process of its own, within limits of time and memory.

    Raises:
        UploadTooLarge: before a byte is read.
        CheckersBusy: others are being checked and none ended in time.
        CheckBroke: reading it ran out of time or memory, or broke.
    """
    if size_bytes > limit_bytes:
        raise UploadTooLarge(size_bytes, limit_bytes)
    trust, fetch = current_trust(now), fetcher()
    with _place():
        work = partial(assess, file.read(), trust=trust, at=now, fetch=fetch)
        try:
            return in_child(work, seconds=CHECK_SECONDS, fetch=fetch)
        except InspectionFailed as failed:
            raise CheckBroke(failed.reason) from failed


def draw_changes_of(pdf: bytes, *, now: datetime) -> Drawing:
    """The pages of a PDF that changed since it was signed, before and now, drawn apart as well.

    Raises: CheckersBusy, CheckBroke, as `assess_upload`.
    """
    work = partial(draw_changes, pdf, trust=current_trust(now), at=now)
    with _place():
        try:
            return in_child(work, seconds=CHECK_SECONDS)
        except InspectionFailed as failed:
            raise CheckBroke(failed.reason) from failed


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


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise CheckersBusy
    try:
        yield
    finally:
        _places.release()


def _add(key: str, amount: int) -> int:
    cache.add(key, 0, 2 * WINDOW_SECONDS)
    return cache.incr(key, amount)


def sha256_of(file: BinaryIO) -> str:
    """The digest of an upload, read from its beginning in pieces."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()

"""The store of files: a folder, one file per SHA-256, written once and never changed.

`ab/cd/abcd…` under `settings.BLOB_FOLDER`. A crash leaves at most a file in `incoming/` that
nothing refers to, which `drop_unfinished` removes, or a stored file without a row; putting it
again mends that.
"""

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings

from chauban.blobs.errors import BlobDamaged, BlobMissing, StorageFull
from chauban.blobs.models import Blob

PIECE_BYTES = 1 << 20
IN_ROW_BYTES = 4096
UNFINISHED_FOR = timedelta(days=1)  # longer than anybody writes one file


def put(content: bytes | BinaryIO | Iterable[bytes], *, now: datetime) -> Blob:
    """Store content once, durably, and return its row.

    The file is on disk before the row is written, so the row may join any transaction: when
    that rolls back, only an unused file stays behind. A stream is read in pieces.

    Raises:
        StorageFull: the disk or the quota is full; nothing is stored.
    """
    blob = write(content, now=now)
    if not Blob.objects.filter(pk=blob.pk).exists():  # what is known takes no write lock
        enter([blob])
    return blob


def write(content: bytes | BinaryIO | Iterable[bytes], *, now: datetime) -> Blob:
    """Store content once, durably, and return its row, which `enter` has still to write.

    A stream is read in pieces.

    Raises: StorageFull.
    """
    if isinstance(content, bytes):
        blob = Blob(hashlib.sha256(content).hexdigest(), len(content), now)
        if _is_whole(blob):
            with _full_disk_named():
                _settle(path_of(blob.sha256))  # whoever moved it there may have died before
            return blob
        content = (content,)
    elif hasattr(content, "read"):
        content = iter(partial(content.read, PIECE_BYTES), b"")
    with incoming() as file:
        for piece in content:
            file.write(piece)
        return file.keep(now=now)


def write_message(raw: bytes, *, now: datetime) -> Blob:
    """As `write`, for a message; a small one, such as a status, stands in its row.

    Its file would cost three waits for the disk, more than all else that is done with it.
    """
    if len(raw) > IN_ROW_BYTES:
        return write(raw, now=now)
    return Blob(hashlib.sha256(raw).hexdigest(), len(raw), now, raw)


def enter(blobs: Iterable[Blob]) -> None:
    """Write the rows of files that are on disk; those that are there stay as they are."""
    Blob.objects.bulk_create({blob.pk: blob for blob in blobs}.values(), ignore_conflicts=True)


def read(blob: Blob) -> bytes:
    """Return the bytes, checked against their digest.

    Raises: BlobMissing, BlobDamaged.
    """
    with open_blob(blob) as file:
        content = file.read()
    found = hashlib.sha256(content).hexdigest()
    if found != blob.sha256:
        raise BlobDamaged(blob.sha256, found)
    return content


def open_blob(blob: Blob) -> BinaryIO:
    """Open the stored file for reading in pieces; its digest is not checked.

    Raises: BlobMissing.
    """
    if blob.content is not None:
        return io.BytesIO(blob.content)
    try:
        return path_of(blob.sha256).open("rb")
    except FileNotFoundError:
        kept = Blob.objects.filter(pk=blob.pk).values_list("content", flat=True).first()
        if kept is None:
            raise BlobMissing(blob.sha256) from None
        return io.BytesIO(kept)


def checked_pieces(blob: Blob) -> Iterator[bytes]:
    """The stored file in pieces; what is damaged raises at its end.

    Raises: BlobMissing, BlobDamaged.
    """
    digest = hashlib.sha256()
    with open_blob(blob) as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            yield piece
    if digest.hexdigest() != blob.sha256:
        raise BlobDamaged(blob.sha256, digest.hexdigest())


def require_undamaged(blob: Blob) -> None:
    """Read the stored file in pieces and compare its digest.

    Raises: BlobMissing, BlobDamaged.
    """
    for _ in checked_pieces(blob):
        pass


def drop_unfinished(*, now: datetime) -> int:
    """Remove what writers that died left in `incoming/` long ago; return how many files."""
    oldest = (now - UNFINISHED_FOR).timestamp()
    dropped = 0
    for file in (settings.BLOB_FOLDER / "incoming").glob("*"):
        with suppress(FileNotFoundError):  # another worker was faster
            if file.stat().st_mtime < oldest:
                file.unlink()
                dropped += 1
    return dropped


def path_of(sha256: str) -> Path:
    return settings.BLOB_FOLDER / sha256[:2] / sha256[2:4] / sha256


def _is_whole(blob: Blob) -> bool:
    try:
        return path_of(blob.sha256).stat().st_size == blob.size_bytes
    except FileNotFoundError:
        return False


class Incoming(io.RawIOBase):
    """A file that is being written: nobody sees it before it is kept under its digest."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        super().__init__()
        self._file, self._path = file, path
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        self._file.write(piece)
        self._digest.update(piece)
        self.size_bytes += len(piece)
        return len(piece)

    def read_again(self) -> BinaryIO:
        """What was written, from its beginning; it must be closed before the file is kept."""
        self._file.flush()
        return self._path.open("rb")

    def keep(self, *, now: datetime) -> Blob:
        """Move the file to its place, durably, and return its row, which `enter` has to write."""
        self._file.flush()
        os.fsync(self._file.fileno())
        _move(self._path, path_of(self.sha256))
        return Blob(self.sha256, self.size_bytes, now)


@contextmanager
def incoming() -> Iterator[Incoming]:
    """A new file to write piece by piece; it is gone afterwards unless it was kept.

    Raises: StorageFull.
    """
    folder = settings.BLOB_FOLDER / "incoming"
    with _full_disk_named():
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            _fsync_folder(folder.parent.parent)
            folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            path = Path(file.name)
            try:
                yield Incoming(cast(BinaryIO, file), path)
            finally:
                path.unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    for folder in (target.parent.parent, target.parent):
        folder.mkdir(exist_ok=True)
        if not any(folder.iterdir()):  # new, or its maker died before it was sure to last
            _fsync_folder(folder.parent)
    source.replace(target)
    _settle(target)


def _settle(target: Path) -> None:
    """Make sure that a file which has come to its place stays there."""
    _fsync_folder(target.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _full_disk_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(str(settings.BLOB_FOLDER)) from error
        raise

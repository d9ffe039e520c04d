"""One file per SHA-256, durable before its row, checked when read."""

import errno
import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.db import transaction

from chauban.blobs import store
from chauban.blobs.errors import BlobDamaged, BlobMissing, StorageFull
from chauban.blobs.models import Blob
from chauban.blobs.words import explain

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 " + "Ủy ban nhân dân".encode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_what_is_put_is_read_back(now):
    blob = store.put(CONTENT, now=now)
    assert (blob.sha256, blob.size_bytes, blob.stored_at) == (SHA256, len(CONTENT), now)
    assert store.read(blob) == CONTENT
    with store.open_blob(blob) as file:
        assert file.read(4) == b"%PDF"
    store.require_undamaged(blob)


def test_a_stream_is_stored_like_the_same_bytes(now):
    large = os.urandom(3 * store.PIECE_BYTES + 1)
    assert store.put(io.BytesIO(large), now=now) == store.put(large, now=now)
    assert store.read(Blob.objects.get()) == large


def test_a_file_comes_in_pieces_and_is_nobodys_until_it_is_kept(now, blob_folder):
    with store.incoming() as file:
        for piece in (CONTENT[:5], CONTENT[5:]):
            file.write(piece)
        assert (file.sha256, file.size_bytes) == (SHA256, len(CONTENT))
        with file.read_again() as again:
            assert again.read() == CONTENT
        assert not store.path_of(SHA256).exists()
        blob = file.keep(now=now)
    assert store.read(blob) == CONTENT
    assert list((blob_folder / "incoming").iterdir()) == []


def test_a_file_that_its_writer_leaves_is_gone(blob_folder):
    with store.incoming() as file:
        file.write(CONTENT)
    assert not [path for path in blob_folder.rglob("*") if path.is_file()]


def test_the_same_content_is_stored_once(now, blob_folder):
    for content in (CONTENT, io.BytesIO(CONTENT), CONTENT):
        store.put(content, now=now)
    assert Blob.objects.count() == 1
    assert [path.name for path in blob_folder.rglob("*") if path.is_file()] == [SHA256]


def test_files_are_spread_over_folders_by_their_digest(now, blob_folder):
    store.put(CONTENT, now=now)
    assert store.path_of(SHA256) == blob_folder / SHA256[:2] / SHA256[2:4] / SHA256


def test_a_damaged_file_is_named(now):
    blob = store.put(CONTENT, now=now)
    store.path_of(SHA256).write_bytes(CONTENT.replace(b"1.7", b"1.4"))
    for reading in (store.read, store.require_undamaged):
        with pytest.raises(BlobDamaged) as refused:
            reading(blob)
        assert refused.value.sha256 == SHA256


def test_a_missing_file_is_named(now):
    blob = store.put(CONTENT, now=now)
    store.path_of(SHA256).unlink()
    with pytest.raises(BlobMissing):
        store.read(blob)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_putting_again_mends_a_lost_or_cut_off_file(now, damage):
    blob = store.put(CONTENT, now=now)
    damage(store.path_of(SHA256))
    store.put(CONTENT, now=now)
    assert store.read(blob) == CONTENT


class Unwritable(io.BytesIO):
    """A stream whose reading fails as writing to a full disk does."""

    def __init__(self, code: int) -> None:
        super().__init__(CONTENT)
        self._code = code

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(self._code, os.strerror(self._code))
        return super().read(4)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing_behind(now, blob_folder, code):
    with pytest.raises(StorageFull):
        store.put(Unwritable(code), now=now)
    assert not Blob.objects.exists()
    assert not [path for path in blob_folder.rglob("*") if path.is_file()]


def test_a_disk_that_is_full_when_content_is_put_again_is_named(now, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store.put(CONTENT, now=now)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull):
        store.put(CONTENT, now=now)


def test_another_failure_keeps_its_own_name(now):
    with pytest.raises(PermissionError):
        store.put(Unwritable(errno.EACCES), now=now)


def test_when_the_transaction_rolls_back_only_an_unused_file_stays(now):
    with transaction.atomic():
        store.put(CONTENT, now=now)
        transaction.set_rollback(True)
    assert not Blob.objects.exists()
    assert store.path_of(SHA256).exists()
    assert store.read(store.put(CONTENT, now=now)) == CONTENT


@pytest.mark.parametrize(
    "error", [StorageFull("/kho"), BlobMissing(SHA256), BlobDamaged(SHA256, "0" * 64)]
)
def test_every_failure_says_what_to_do_next(error):
    assert "Hãy" in explain(error).vi
    assert explain(error).en


def test_what_a_writer_that_died_left_is_removed_after_a_day(now, blob_folder):
    """kill -9 while writing: a file in `incoming/` that nothing refers to."""
    store.put(CONTENT, now=now)
    left, being_written = (blob_folder / "incoming" / name for name in ("left", "being-written"))
    for file, age in ((left, timedelta(days=1, seconds=1)), (being_written, timedelta(hours=23))):
        file.write_bytes(b"half")
        os.utime(file, times=((now - age).timestamp(),) * 2)
    assert store.drop_unfinished(now=now) == 1
    assert (left.exists(), being_written.exists()) == (False, True)
    assert store.read(Blob.objects.get()) == CONTENT

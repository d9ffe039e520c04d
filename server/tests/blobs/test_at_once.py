"""Many put and count at once; commits are real here."""

import io
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from chauban.blobs import store
from chauban.blobs.models import Blob

CONTENT = "Công văn gửi 40 phường, xã".encode()


def test_many_who_put_the_same_content_at_once_store_it_once(committed, now):
    def put(_):
        try:
            return store.put(io.BytesIO(CONTENT), now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        blobs = set(threads.map(put, range(24)))
    assert blobs == {Blob.objects.get()}
    assert store.read(blobs.pop()) == CONTENT

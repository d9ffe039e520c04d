"""Stored files as answers: whatever a file holds, it never acts as a page of this site."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from chauban.blobs import store
from chauban.blobs.models import Blob

# Should a browser show a downloaded file all the same, it does so without scripts or origin.
SANDBOX = "default-src 'none'; sandbox"


class BlobResponse(FileResponse):
    block_size = 1 << 18


def hand_out(blob: Blob) -> FileResponse:
    """The bytes, to another program."""
    return BlobResponse(store.open_blob(blob), content_type="application/octet-stream")


def download(blob: Blob, name: str) -> FileResponse:
    """The file, to be saved under name; its type is never told, for none is to be opened here."""
    answer = BlobResponse(
        store.open_blob(blob),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    answer["Content-Security-Policy"] = SANDBOX
    return answer


def show_pdf(blob: Blob, name: str = "", *, asked: str = "") -> HttpResponseBase:
    """The file as a PDF and nothing else, for our viewer and the browser's own.

    asked is the request's Range: a viewer asks for the pieces of a large file that it shows.
    """
    span = byte_range(asked, blob.size_bytes)
    if span is None:
        answer = BlobResponse(store.open_blob(blob), filename=name, content_type="application/pdf")
        answer["Accept-Ranges"] = "bytes"
        return answer
    if not span:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size_bytes}"})
    part = StreamingHttpResponse(
        _pieces(store.open_blob(blob), span), status=206, content_type="application/pdf"
    )
    part["Accept-Ranges"] = "bytes"
    part["Content-Length"] = str(len(span))
    part["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{blob.size_bytes}"
    return part


def byte_range(asked: str, size_bytes: int) -> range | None:
    """The bytes that a Range header asks for; None: all of them, as of a header that is none.

    Several ranges at once are answered with the whole, as RFC 9110 section 14.2 allows. An empty
    range cannot be satisfied.
    """
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, size_bytes - int(last)), size_bytes)
    stop = int(last) + 1 if last else size_bytes
    if last and stop <= int(first):
        return None
    return range(int(first), max(int(first), min(stop, size_bytes)))


def _pieces(file: BinaryIO, span: range) -> Iterator[bytes]:
    with file:
        file.seek(span.start)
        left = len(span)
        while left and (piece := file.read(min(left, BlobResponse.block_size))):
            left -= len(piece)
            yield piece

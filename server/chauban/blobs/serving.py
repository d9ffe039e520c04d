"""Stored files as answers: whatever a file holds, it never acts as a page of this site."""

from django.http import FileResponse

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


def show_pdf(blob: Blob, name: str = "") -> FileResponse:
    """The file as a PDF and nothing else, for the browser's own viewer."""
    return BlobResponse(store.open_blob(blob), filename=name, content_type="application/pdf")

"""Files attached to a draft; the body of the call is the file itself."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from chauban.accounts.officers import Officer
from chauban.api.acting import Acting
from chauban.api.asking import acts, hands_out, takes_file
from chauban.api.errors import BodyTooLarge
from chauban.api.once import once
from chauban.api.scopes import Scope
from chauban.api.shapes import Id, PathId, named_by_digest
from chauban.blobs.serving import download
from chauban.workflow import drafting
from chauban.workflow.access import access_attachment, access_draft
from chauban.workflow.errors import SecretMarking
from chauban.workflow.models import Draft
from chauban.workflow.rules import Step, name_mark
from chauban.workflow.steps import require_step

router = Router(tags=["drafts"])
PIECE_BYTES = 1 << 16
IN_MEMORY_BYTES = 1 << 20


class AttachmentShape(Schema):
    id: Id
    name: str
    media_type: str
    sha256: str
    size_bytes: int
    at: datetime


class Attachments(Schema):
    items: list[AttachmentShape]


@takes_file(router, "/drafts/{pk}/attachments", Scope.DRAFTS_WRITE, Attachments, status=201)
def attach(
    request: HttpRequest,
    pk: int = PathId,
    name: str = Query(..., min_length=1, max_length=200, pattern=r"^[^\x00]+$"),
) -> HttpResponse:
    """Attach a file under a name; nothing is read of one whose name marks a state secret."""
    acting: Acting = request.auth
    if mark := name_mark(drafting.clean_file_name(name)):
        raise SecretMarking(mark, name)
    require_step(access_draft(acting.officer, pk), Step.REVISE, acting.officer)
    with received(request, settings.MAX_UPLOAD_BYTES) as file:

        def do(officer: Officer) -> int:
            drafting.attach_file(
                access_draft(officer, pk),
                name=name,
                content=file,
                limit_bytes=settings.MAX_UPLOAD_BYTES,
                officer=officer,
                now=acting.now,
            )
            return pk

        return once(request, do, _show, about=pk, status=201)


@hands_out(
    router, "/drafts/{pk}/attachments/{attachment}", Scope.DRAFTS_READ, "application/octet-stream"
)
def attachment(request: HttpRequest, pk: int = PathId, attachment: int = PathId) -> FileResponse:
    found = access_attachment(request.auth.officer, pk, attachment)
    return named_by_digest(download(found.blob, found.name), found.blob)


@acts(
    router,
    "/drafts/{pk}/attachments/{attachment}",
    Scope.DRAFTS_WRITE,
    Attachments,
    method="DELETE",
)
def remove_attachment(
    request: HttpRequest, pk: int = PathId, attachment: int = PathId
) -> HttpResponse:
    """Take a file off the draft; it stays in the draft's history."""
    now = request.auth.now

    def do(officer: Officer) -> int:
        found = access_attachment(officer, pk, attachment)
        drafting.remove_attachment(found, officer=officer, now=now)
        return pk

    return once(request, do, _show, about=pk)


@contextmanager
def received(request: HttpRequest, limit_bytes: int) -> Iterator[BinaryIO]:
    """The body as a file, read in pieces; the request knows its digest from then on.

    Raises: BodyTooLarge.
    """
    digest, taken = sha256(), 0
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
        while piece := request.read(PIECE_BYTES):
            taken += len(piece)
            if taken > limit_bytes:
                raise BodyTooLarge(limit_bytes)
            digest.update(piece)
            file.write(piece)
        request.body_digest = digest.digest()
        file.seek(0)
        yield file  # type: ignore[misc]


def shown_attachments(draft: Draft) -> list[AttachmentShape]:
    return [
        AttachmentShape(
            id=one.pk,
            name=one.name,
            media_type=one.media_type,
            sha256=one.blob_id,
            size_bytes=one.blob.size_bytes,
            at=one.at,
        )
        for one in draft.attachments.kept().select_related("blob")
    ]


def _show(officer: Officer, pk: int) -> Attachments:
    return Attachments(items=shown_attachments(access_draft(officer, pk)))

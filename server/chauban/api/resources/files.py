"""Checking the signatures of a file that somebody brings; nothing of it is kept."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Schema

from chauban.api.acting import Acting
from chauban.api.asking import takes_file
from chauban.api.resources.attachments import received
from chauban.api.scopes import Scope
from chauban.trust import verifying
from chauban.trust.views import standing_of

router = Router(tags=["files"])


class StandingShape(Schema):
    vi: str
    en: str


class Verified(Schema):
    """The report of `chauban verify --json`, and what is known here of the document."""

    file: str
    sha256: str
    report: dict[str, Any]
    standing: list[StandingShape]


@takes_file(router, "/verify", Scope.FILES_VERIFY, Verified, is_keyed=False)
def verify(
    request: HttpRequest, name: str = Query("", max_length=200, pattern=r"^[^\x00]*$")
) -> Verified:
    acting: Acting = request.auth
    limit = settings.MAX_UPLOAD_BYTES
    with received(request, limit) as file:
        size = file.seek(0, 2)
        file.seek(0)
        report = verifying.assess_upload(file, size, limit_bytes=limit, now=acting.now)
        sha256 = request.body_digest.hex()
    return Verified(
        file=name,
        sha256=sha256,
        report=report.as_dict(),
        standing=[StandingShape(vi=one.vi, en=one.en) for one in standing_of(sha256)],
    )

"""The page of an outgoing document: what several apps know of it, in one place."""

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from chauban.accounts.rights import Permission, may
from chauban.exchange.lives import life_of_outgoing
from chauban.exchange.recall_views import recalling_context
from chauban.exchange.related import related_to
from chauban.exchange.views import recipients_context
from chauban.registers.access import access_outgoing, access_outgoing_file
from chauban.registers.models import OutgoingDocument, OutgoingFile
from chauban.trust.presenting import present
from chauban.trust.views import show_changes
from chauban.ui.viewing import ShownFile

# What several sections of the page tell of.
AROUND = ("successors__later", Prefetch("recalls", OutgoingDocument.objects.order_by("pk")))


@login_required
@require_GET
def outgoing(request: HttpRequest, pk: int) -> HttpResponse:
    """An outgoing document: its pages, signatures, recipients and all that was done with it."""
    document = access_outgoing(request.officer, pk)
    prefetch_related_objects([document], *AROUND)
    files = [
        (file, present(file.report) if file.report else None, _shown(file))
        for file in document.files.select_related("blob")
    ]
    context = {
        **recipients_context(document, request.officer),
        **recalling_context(document, request.officer),
        "files": files,
        "shown_files": [shown for _, _, shown in files if shown],
        "life": life_of_outgoing(document),
        "related": related_to(document, request.officer),
        "may_issue": may(request.officer, Permission.ISSUE, document.body),
    }
    return render(request, "office/outgoing.html", context)


@login_required
@require_GET
def outgoing_changes(request: HttpRequest, pk: int, ordinal: int) -> HttpResponse:
    """What changed in one of its files since it was signed, in pictures."""
    file = access_outgoing_file(request.officer, pk, ordinal)
    back = reverse("office:outgoing", args=[pk])
    return show_changes(request, file.blob, name=file.name, back=back)


def _shown(file: OutgoingFile) -> ShownFile | None:
    """The file as the viewer shows it; nothing of what is no PDF."""
    if file.media_type != "application/pdf":
        return None
    return ShownFile(
        file.name,
        reverse("workflow:pages-file", args=[file.blob_id]),
        reverse("registers:outgoing-file", args=[file.document_id, file.ordinal]),
    )

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may, require
from chauban.blobs import store
from chauban.blobs.inspection import LARGEST_READ_BYTES
from chauban.blobs.models import Blob
from chauban.blobs.serving import download, show_pdf
from chauban.directory.models import Channel, IssuingBody, OutsideOrganisation
from chauban.directory.rules import legal_day
from chauban.registers.access import access_outgoing
from chauban.registers.models import (
    IncomingDocument,
    IncomingFile,
    OutgoingDocument,
    Succession,
)
from chauban.trust.presenting import present
from chauban.trust.views import show_changes
from chauban.ui.viewing import ShownFile
from chauban.ui.words import Words
from chauban.workflow import (
    actions,
    drafting,
    elsewhere,
    routing,
    undo_views,
)
from chauban.workflow.access import (
    access_attachment,
    access_blob,
    access_draft,
    access_incoming,
    access_incoming_file,
    access_task,
    may_open_files,
)
from chauban.workflow.beginnings import beginning, beginnings_for, stated
from chauban.workflow.elsewhere_views import asked_context
from chauban.workflow.errors import ChangedMeanwhile, PagesUnreadable
from chauban.workflow.forms import (
    AttachmentForm,
    DraftForm,
    ResultForm,
    RouteForm,
    StepForm,
)
from chauban.workflow.histories import way_of_draft, way_of_incoming
from chauban.workflow.models import Check, Draft, KeyUse
from chauban.workflow.opinions.summaries import opinions_context
from chauban.workflow.pages import apart, page_picture
from chauban.workflow.routes import route_of
from chauban.workflow.rows import draft_row
from chauban.workflow.rules import Step, open_steps
from chauban.workflow.steps import require_step, standings_of
from chauban.workflow.waiting import waiting_of
from chauban.workflow.words import REFUSALS, explain, explain_nothing

PAGE_ROWS = 40
PAGE_WIDTHS = {"small": 240, "large": 1600}  # pixels; else as wide as it is read
PAGE_WIDTH = 800
PICTURES_KEPT = 500  # small ones, of some 15 kB
# The steps that need neither a key nor the network.
STEPS: dict[Step, Callable[..., Draft]] = {
    Step.SUBMIT: lambda draft, comment, **by: actions.submit_for_check(draft, **by),
    Step.CHECK_CONTENT: lambda draft, comment, **by: actions.check_content(
        draft, comment=comment, **by
    ),
    Step.CHECK_LAYOUT: lambda draft, comment, **by: actions.check_layout(
        draft, comment=comment, **by
    ),
    Step.RETURN: lambda draft, comment, **by: actions.return_draft(draft, comment=comment, **by),
    Step.APPROVE: lambda draft, comment, **by: actions.approve(draft, comment=comment, **by),
    Step.NUMBER: lambda draft, comment, **by: actions.number_draft(draft, **by),
    Step.CANCEL_NUMBER: lambda draft, comment, **by: actions.cancel_number(
        draft, reason=comment, **by
    ),
}


@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    officer = require(request.officer, Permission.DRAFT)
    written = Draft.objects.written_by(officer).for_page().order_by("-changed_at")
    page = Paginator(written, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [draft_row(it) for it in page]}
    return render(request, "workflow/drafts.html", context)


@require_http_methods(["GET", "POST"])
def new_draft(request: HttpRequest) -> HttpResponse:
    officer, now = require(request.officer, Permission.DRAFT), timezone.now()
    answers = _answered(request, officer)
    succeeds, succession = _succeeded(request, officer)
    initial = _reply_to(answers) if answers else {}
    if succeeds:
        initial = _successor_of(succeeds, succession)
    if begun := beginning(request.GET.get("begin", ""), officer, legal_day(now)):
        initial |= stated(begun)
    form = DraftForm(request.POST or None, officer=officer, day=legal_day(now), initial=initial)
    if "look" in request.POST:
        form = form.as_typed()
    elif request.method == "POST" and form.is_valid():
        try:
            written = form.written(answers=answers, succeeds=succeeds, succession=succession)
            draft = drafting.create_draft(written, officer=officer, now=now)
        except REFUSALS as refusal:
            form.add_error(None, str(explain(refusal)))
        else:
            return redirect("workflow:draft", draft.pk)
    status = 422 if form.is_bound else 200
    context = {
        "form": form,
        "answers": answers,
        "succeeds": succeeds,
        "succession": succession,
        "beginnings": beginnings_for(officer, legal_day(now)),
        "begun": begun,
    }
    return render(request, "workflow/draft_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit_draft(request: HttpRequest, pk: int) -> HttpResponse:
    draft, now = access_draft(request.officer, pk), timezone.now()
    try:
        require_step(draft, Step.REVISE, request.officer)
    except REFUSALS as refusal:
        return draft_page(request, draft, refusal=refusal, status=409)
    form = DraftForm(
        request.POST or None,
        officer=request.officer,
        day=legal_day(now),
        initial=DraftForm.initial_of(draft),
    )
    if "look" in request.POST:
        form = form.as_typed()
    elif request.method == "POST" and form.is_valid():
        try:
            _require_seen(draft, form.cleaned_data["seen_at"])
            written = form.written(
                answers=draft.answers, succeeds=draft.succeeds, succession=draft.succession
            )
            drafting.revise_draft(draft, written, officer=request.officer, now=now)
        except REFUSALS as refusal:
            # What was typed stays in the form; a second "save" then is a decision.
            form.add_error(None, str(explain(refusal)))
            form.data = form.data.copy()
            form.data["seen_at"] = draft.changed_at.isoformat()
        else:
            return redirect("workflow:draft", pk)
    status = 422 if form.is_bound else 200
    return render(
        request, "workflow/draft_form.html", {"form": form, "draft": draft}, status=status
    )


@require_GET
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    return draft_page(request, access_draft(request.officer, pk))


@require_POST
def take_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    draft = access_draft(request.officer, pk)
    act = STEPS.get(step)
    form = StepForm(request.POST)
    if act is None or not form.is_valid():
        raise Http404(step)
    try:
        _require_seen(draft, form.cleaned_data["seen_at"])
        act(draft, form.cleaned_data["comment"], officer=request.officer, now=timezone.now())
    except REFUSALS as refusal:
        draft.refresh_from_db()
        return draft_page(request, draft, step_form=form, refusal=refusal, status=409)
    undo_views.offer(request, draft)
    return undo_views.seen(request, draft)


@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    draft = access_draft(request.officer, pk)
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        return draft_page(request, draft, attachment_form=form, status=422)
    file = form.cleaned_data["file"]
    try:
        drafting.attach_file(
            draft,
            name=file.name,
            content=file,
            limit_bytes=settings.MAX_UPLOAD_BYTES,
            officer=request.officer,
            now=timezone.now(),
        )
    except REFUSALS as refusal:
        return draft_page(request, draft, refusal=refusal, status=422)
    return redirect("workflow:draft", pk)


@require_POST
def remove_attachment(request: HttpRequest, pk: int, attachment: int) -> HttpResponse:
    found = access_attachment(request.officer, pk, attachment)
    try:
        drafting.remove_attachment(found, officer=request.officer, now=timezone.now())
    except REFUSALS as refusal:
        return draft_page(request, found.draft, refusal=refusal, status=409)
    return redirect("workflow:draft", pk)


@require_GET
def attachment(request: HttpRequest, pk: int, attachment: int) -> FileResponse:
    found = access_attachment(request.officer, pk, attachment)
    return download(found.blob, found.name)


@require_GET
def incoming(request: HttpRequest, pk: int) -> HttpResponse:
    return _incoming_page(request, access_incoming(request.officer, pk))


@require_POST
def route(request: HttpRequest, pk: int) -> HttpResponse:
    document, now = access_incoming(request.officer, pk), timezone.now()
    form = RouteForm(request.POST, document=document, day=legal_day(now))
    if not form.is_valid():
        return _incoming_page(request, document, route_form=form, status=422)
    try:
        routing.route(document, form.assignments(), officer=request.officer, now=now)
    except REFUSALS as refusal:
        form.add_error(None, str(explain(refusal)))
        return _incoming_page(request, document, route_form=form, status=422)
    undo_views.offer(request, document)
    return redirect("workflow:incoming", pk)


@require_POST
def start_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = access_task(request.officer, pk)
    return _task_act(request, task.document, lambda **by: routing.start_task(task, **by))


@require_POST
def finish_task(request: HttpRequest, pk: int) -> HttpResponse:
    task = access_task(request.officer, pk)
    form = ResultForm(request.POST)
    result = form.cleaned_data["result"] if form.is_valid() else ""
    return _task_act(
        request, task.document, lambda **by: routing.finish_task(task, result=result, **by)
    )


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    document = access_incoming(request.officer, pk)
    return _task_act(request, document, lambda **by: routing.close_incoming(document, **by))


@require_GET
def incoming_file(request: HttpRequest, pk: int, ordinal: int) -> FileResponse:
    found = access_incoming_file(request.officer, pk, ordinal)
    return download(found.blob, found.name)


@require_GET
def incoming_changes(request: HttpRequest, pk: int, ordinal: int) -> HttpResponse:
    """What changed in the file since it was signed, in pictures."""
    found = access_incoming_file(request.officer, pk, ordinal)
    back = reverse("workflow:incoming", args=[pk])
    return show_changes(request, found.blob, name=found.name, back=back)


@require_GET
def pages_file(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The PDF whose pages are shown, for those who read it in a program of their own."""
    blob = access_blob(request.officer, sha256)
    if "download" in request.GET:
        return download(blob, f"{sha256[:12]}.pdf")
    answer = show_pdf(blob, asked=request.headers.get("Range", ""))
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


@require_GET
def page(request: HttpRequest, sha256: str, number: int) -> HttpResponse:
    blob = access_blob(request.officer, sha256)
    size = request.GET.get("size", "")
    draw = _small_picture if size == "small" else _picture
    try:
        picture = draw(blob.pk, blob.size_bytes, number, PAGE_WIDTHS.get(size, PAGE_WIDTH))
    except (IndexError, PagesUnreadable):
        raise Http404(number) from None
    answer = HttpResponse(picture, content_type="image/png")
    # The address names the content: what it shows never changes.
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def _picture(sha256: str, size_bytes: int, number: int, width_pixels: int) -> bytes:
    content = _content_of(Blob(sha256=sha256, size_bytes=size_bytes))
    return apart(partial(page_picture, content, number, width_pixels=width_pixels))


_small_picture = lru_cache(maxsize=PICTURES_KEPT)(_picture)


def draft_page(
    request: HttpRequest,
    draft: Draft,
    *,
    step_form: StepForm | None = None,
    attachment_form: AttachmentForm | None = None,
    refusal: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    officer = request.officer
    copy = getattr(draft, "signing_copy", None)
    newest = draft.newest_version
    shown = copy.newest_revision if copy and draft.state in _FIXED else newest.pages
    steps = open_steps(draft.state, standings_of(draft, officer))
    waiting = waiting_of(draft)
    is_held = waiting is not None and waiting.is_held
    context = {
        "draft": draft,
        "way": way_of_draft(draft),
        "version": newest,
        "versions": draft.versions.select_related("by__person"),
        "checks": Check.objects.filter(version__draft=draft).select_related(
            "by__person", "version"
        ),
        "recipients": draft.recipients.all(),
        "channels": Channel.choices,
        "attachments": draft.attachments.kept().select_related("blob"),
        "steps": steps,
        "turn": steps - BESIDE - ({Step.SEAL} if is_held else set()),
        "may_ask": Step.ASK_OPINIONS in steps,
        **opinions_context(draft),
        "acts": steps & STEPS.keys(),
        "asks_comment": steps & ASKING,
        "step_form": step_form or StepForm(initial={"seen_at": draft.changed_at.isoformat()}),
        "attachment_form": attachment_form or AttachmentForm(),
        "waiting": waiting,
        **asked_context(draft, request, timezone.now()),
        "nothing": _came_to_nothing(draft),
        "refusal": explain(refusal) if refusal else None,
        "shown_files": [shown_pages(draft, shown)],
        **import_string(settings.SURROUNDINGS_OF)(draft, officer),
    }
    return render(request, "workflow/draft.html", context, status=status)


def shown_pages(draft: Draft, blob: Blob) -> ShownFile:
    """The draft's pages as they now are, as the viewer shows them."""
    url = reverse("workflow:pages-file", args=[blob.sha256])
    return ShownFile(f"{draft.kind_name} {draft.notation}", url, f"{url}?download=1")


def _came_to_nothing(draft: Draft) -> Words | None:
    """Why the last use of a key elsewhere came to nothing, while it may be repeated."""
    use = elsewhere.come_to_nothing(draft)
    is_due = use and draft.state == _DUE_FOR.get(use.purpose)
    return explain_nothing(use.last_problem) if is_due else None


_DUE_FOR = {KeyUse.Purpose.SIGN: Draft.State.SIGNING, KeyUse.Purpose.SEAL: Draft.State.NUMBERED}
# What may be done at any time, without the draft going on.
BESIDE = {Step.REVISE, Step.ASK_OPINIONS}
# The steps that a person may say something to.
ASKING = {Step.RETURN, Step.CHECK_CONTENT, Step.CHECK_LAYOUT, Step.APPROVE, Step.CANCEL_NUMBER}
_FIXED = (
    Draft.State.SIGNING,
    Draft.State.SIGNED,
    Draft.State.NUMBERED,
    Draft.State.SEALED,
    Draft.State.ISSUED,
)


def _incoming_page(
    request: HttpRequest,
    document: IncomingDocument,
    *,
    route_form: RouteForm | None = None,
    refusal: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    officer = request.officer
    today = legal_day(timezone.now())
    files = list(document.files.select_related("blob"))
    may_route = routing.may_route(document, officer)
    keeps_files = may_open_files(document, officer)
    tasks = list(
        document.tasks.select_related("assignee__person", "assignee__unit", "assigned_by__person")
    )
    mine = next((it for it in tasks if it.assignee.person_id == officer.post.person_id), None)
    shown = {it.pk: _shown(document, it) for it in files} if keeps_files else {}
    context = {
        "document": document,
        "way": way_of_incoming(document),
        "files": [
            (file, present(file.report) if file.report else None, shown.get(file.pk))
            for file in files
        ],
        "shown_files": [it for it in shown.values() if it],
        "tasks": tasks,
        "branches": route_of(tasks, today),
        "my_task": mine,
        "may_route": may_route,
        "is_open": document.state not in routing.CLOSED,
        "keeps_files": keeps_files,
        "is_registry": may(officer, Permission.REGISTER_INCOMING, document.body),
        "route_form": route_form
        or (RouteForm(document=document, day=today) if may_route else None),
        "result_form": ResultForm(),
        "refusal": explain(refusal) if refusal else None,
        **import_string(settings.SURROUNDINGS_OF)(document, officer),
    }
    return render(request, "workflow/incoming.html", context, status=status)


def _shown(document: IncomingDocument, file: IncomingFile) -> ShownFile | None:
    """A file as the viewer shows it; nothing of what is no PDF."""
    if file.media_type != "application/pdf":
        return None
    return ShownFile(
        file.name,
        reverse("workflow:pages-file", args=[file.blob_id]),
        reverse("workflow:incoming-file", args=[document.pk, file.ordinal]),
    )


def _task_act(
    request: HttpRequest, document: IncomingDocument, act: Callable[..., Any]
) -> HttpResponse:
    try:
        act(officer=request.officer, now=timezone.now())
    except REFUSALS as refusal:
        return _incoming_page(request, document, refusal=refusal, status=409)
    undo_views.offer(request, document)
    return redirect("workflow:incoming", document.pk)


def _answered(request: HttpRequest, officer: Officer) -> IncomingDocument | None:
    given = request.POST.get("answers") or request.GET.get("answers", "")
    return access_incoming(officer, int(given)) if _is_key(given) else None


def _succeeded(request: HttpRequest, officer: Officer) -> tuple[OutgoingDocument | None, str]:
    """The issued document that a new draft is to replace or amend, and which of the two."""
    for kind in Succession.Kind:
        given = request.POST.get(kind) or request.GET.get(kind, "")
        if _is_key(given):
            return access_outgoing(officer, int(given)), kind
    return None, ""


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _successor_of(document: OutgoingDocument, kind: str) -> dict[str, Any]:
    """What a document begins with that replaces or amends an issued one (Điều 18.3)."""
    words = "Thay thế" if kind == Succession.Kind.REPLACES else "Sửa đổi, bổ sung"
    draft = Draft.objects.filter(outgoing=document).first()
    before = DraftForm.initial_of(draft) if draft and draft.versions.exists() else {}
    before.pop("seen_at", None)
    return {
        **before,
        "subject": f"{words} {document.kind_name} số {document.code}: {document.subject}"[:500],
    }


def _reply_to(document: IncomingDocument) -> dict[str, Any]:
    """What a reply begins with: whom it answers, and about what (Điều 24)."""
    return {
        "subject": f"Trả lời Văn bản số {document.code}",
        "addressees": document.sender_name,
        "to_places": "Như trên",
        "outside": [
            one.code
            for one in OutsideOrganisation.objects.by_any_code([document.sender_organ_id]).values()
        ],
        "recipients": list(
            IssuingBody.objects.filter(codes__code=document.sender_organ_id).values_list(
                "pk", flat=True
            )
        ),
    }


def _require_seen(draft: Draft, seen_at: str) -> None:
    """Refuse when the page that the person acts from is older than the draft."""
    try:
        is_newest = datetime.fromisoformat(seen_at) == draft.changed_at
    except ValueError:
        is_newest = False
    if not is_newest:
        raise ChangedMeanwhile(draft.changed_at, draft.get_state_display())


def _content_of(blob: Blob) -> bytes:
    """A stored PDF, to be read whole. Raises: PagesUnreadable: it is too large for that."""
    if blob.size_bytes > LARGEST_READ_BYTES:
        raise PagesUnreadable("size")
    return store.read(blob)

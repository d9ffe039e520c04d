from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from chauban.blobs.serving import download
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day, legal_year
from chauban.registers.access import access_outgoing_file, registers_of, visible_incoming
from chauban.registers.forms import RegisterForm
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.registers.printing import incoming_register_pdf, outgoing_register_pdf
from chauban.registers.querysets import OutgoingPlace

PAGE_ROWS = 50


@require_GET
def outgoing_register(request: HttpRequest) -> HttpResponse:
    form, body, year, text = _asked(request)
    documents = OutgoingDocument.objects.in_register(body, year).select_related("unit")
    if text:
        documents = documents.matching(text)
    if place := OutgoingPlace.parse(request.GET.get("before", "")):
        documents = documents.below(place)
    rows, has_more = _page(documents)
    context = {
        "form": form,
        "body": body,
        "year": year,
        "text": text,
        "documents": rows,
        "beyond": "before" in request.GET,
        "next_page": str(OutgoingPlace.of(rows[-1])) if has_more else "",
    }
    return render(request, "registers/outgoing_register.html", context)


@require_GET
def incoming_register(request: HttpRequest) -> HttpResponse:
    form, body, year, text = _asked(request)
    documents = IncomingDocument.objects.in_register(body, year).select_related("replaced_by")
    if text:
        documents = documents.matching(text)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 10:
        documents = documents.below(int(before))
    rows, has_more = _page(documents)
    open_to_him = visible_incoming(request.officer).filter(pk__in=[row.pk for row in rows])
    context = {
        "form": form,
        "body": body,
        "year": year,
        "text": text,
        "documents": rows,
        "open_to_him": set(open_to_him.values_list("pk", flat=True)),
        "beyond": "before" in request.GET,
        "next_page": str(rows[-1].arrival_number) if has_more else "",
    }
    return render(request, "registers/incoming_register.html", context)


@require_GET
def outgoing_register_file(request: HttpRequest) -> HttpResponse:
    return _register_file(request, outgoing_register_pdf, "so-van-ban-di")


@require_GET
def incoming_register_file(request: HttpRequest) -> HttpResponse:
    return _register_file(request, incoming_register_pdf, "so-van-ban-den")


@require_GET
def outgoing_file(request: HttpRequest, pk: int, ordinal: int) -> FileResponse:
    file = access_outgoing_file(request.officer, pk, ordinal)
    return download(file.blob, file.name)


def _asked(request: HttpRequest) -> tuple[RegisterForm, IssuingBody, int, str]:
    now = timezone.now()
    bodies = registers_of(request.officer, legal_day(now))
    form = RegisterForm(request.GET, bodies=bodies, year=legal_year(now))
    return (form, *form.shown())


def _page(documents: QuerySet[Any]) -> tuple[list[Any], bool]:
    rows = list(documents[: PAGE_ROWS + 1])
    return rows[:PAGE_ROWS], len(rows) > PAGE_ROWS


def _register_file(request: HttpRequest, make: Callable[..., bytes], name: str) -> HttpResponse:
    _, body, year, _ = _asked(request)
    pdf = make(body, year, now=timezone.now())
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{body.key}-{year}.pdf"'
    return answer

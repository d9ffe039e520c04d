"""What the administrator's lists share: the day they are asked as of, the body they are about."""

from collections.abc import Sequence
from datetime import date

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils import timezone

from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day

PAGE_ROWS = 50
MOST_LETTERS = 100


def today() -> date:
    return legal_day(timezone.now())


def day_of(request: HttpRequest) -> date:
    """The day that the address asks for, else today."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today()


def text_of(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:MOST_LETTERS].replace("\x00", "")


def page_of(request: HttpRequest, rows: Sequence[object]) -> "Page[object]":
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def body_of(request: HttpRequest, bodies: Sequence[IssuingBody]) -> IssuingBody | None:
    """The body that the address names, else the first; None where there is none."""
    asked = request.GET.get("body", "")
    named = next((one for one in bodies if one.key == asked), None)
    return named or next(iter(bodies), None)

"""At the door of the server, before anything is read and after everything is answered."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from whitenoise.middleware import WhiteNoiseMiddleware

from chauban.config.packing import pack

# What a form adds to the one file that it carries.
FORM_ROOM_BYTES = 1_000_000
HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # A page is asked for anew: after signing out nobody finds it in the browser's cache.
    "Cache-Control": "private, no-cache",
}


class StaticFiles(WhiteNoiseMiddleware):
    """Serves the packed set of our static files, which it makes where it is not there yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        pack(settings.STATIC_FOLDERS, settings.STATIC_ROOT / settings.STATIC_SET)
        super().__init__(get_response)


class PackedPages(GZipMiddleware):
    """Pages travel packed; documents, which are streamed and packed already, as they are.

    Django masks its token anew on each page and pads each packed one by a random length, so
    that lengths tell nothing of what stands in them.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class BodyLimit:
    """Refuses a body over the limit by its announced length, before a byte of it is read.

    Django's own limits leave files out: it would write any amount of them to the disk. A body
    that announces no length is not read at all (PEP 3333). The axis's paths, which take no
    form, read their bodies in pieces and refuse with an envelope of their own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        takes_forms = not getattr(view, "csrf_exempt", False)
        announced = request.META.get("CONTENT_LENGTH") or "0"
        limit_bytes = settings.MAX_UPLOAD_BYTES + FORM_ROOM_BYTES
        if takes_forms and announced.isdecimal() and int(announced[:20]) > limit_bytes:
            return render(request, "413.html", status=413)
        return None


class HouseHeaders:
    """Every answer, of files and errors too, carries what keeps other sites out of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

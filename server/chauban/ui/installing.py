"""What a browser keeps of an installed system: a page for when the server is out of reach."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_GET

_FONT = "vendor/be-vietnam-pro@5.3.0/be-vietnam-pro"
# All that the offline page is drawn with; nothing else is kept, above all no document.
KEPT = (
    "ui/tokens.css",
    "ui/base.css",
    "ui/components.css",
    "ui/icons.svg",
    "ui/mark.svg",
    *(
        f"{_FONT}-{letters}-{weight}-normal.woff2"
        for letters in ("latin", "vietnamese")
        for weight in (400, 600)
    ),
)


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that a browser keeps beside our pages; an upgrade makes it another."""
    context = {
        "set": settings.STATIC_SET,
        "static_url": settings.STATIC_URL,
        "kept": [static(name) for name in KEPT],
    }
    return render(request, "ui/service-worker.js", context, content_type="text/javascript")


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Alike for everybody: it says nothing about who reads it."""
    return render(request, "ui/offline.html")

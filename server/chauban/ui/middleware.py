"""For every page: one strict policy, and the language that the reader has chosen."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # data: for the pictures inside Tabler's style sheet
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "manifest-src 'self'",
    )
)


def policy_with(connect: str) -> str:
    """The policy of a page that may also speak to that address."""
    return POLICY.replace("connect-src 'self'", f"connect-src 'self' {connect}")


def policy_with_form_to(address: str) -> str:
    """The policy of a page whose form may lead to that address too."""
    return POLICY.replace("form-action 'self'", f"form-action 'self' {address}")


# Chromium's own viewer brings styles and an embedded frame, which the policy of a page forbids.
PDF_POLICY = "frame-ancestors 'self'"


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_pdf = response.headers.get("Content-Type") == "application/pdf"
        response.headers.setdefault("Content-Security-Policy", PDF_POLICY if is_pdf else POLICY)
        return response


class SentByScript:
    """Tells a script that sent a form where the form leads to, which a browser keeps from it.

    It goes there itself: what the next page has to say is said once, to who reads it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Chauban-Upload" in request.headers and response.status_code in (301, 302, 303):
            next_page = response.headers.pop("Location")
            response.status_code = 204
            response.headers["Chauban-Next"] = next_page
        return response


class ChosenLanguage:
    """Vietnamese unless the reader has switched: the browser's wish does not count.

    Many of an office's machines run an English system; its pages are Vietnamese (design,
    decision 13). What an account has chosen is put in its place by `accounts.middleware`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

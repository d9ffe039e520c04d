from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.accounts.rights import NotAllowed, NotFound
from chauban.accounts.words import explain
from chauban.directory.rules import legal_day

POST_IN_SESSION = "post"


class OfficerMiddleware:
    """Sets `request.officer`: the signed-in person in one post held today, or None.

    Posts are asked "as of" today at every request: who left yesterday acts no more.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.officer = officer_of(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotFound):
            raise Http404 from error
        if isinstance(error, NotAllowed) and error.officer is None and request.method == "GET":
            return redirect_to_login(request.get_full_path())
        if isinstance(error, NotAllowed):
            words = {"words": explain(error)}
            return render(request, "accounts/not_allowed.html", words, status=403)
        return None


def officer_of(request: HttpRequest) -> Officer | None:
    if not request.user.is_authenticated:
        return None
    posts = list(posts_of(request.user.pk, legal_day(timezone.now())))
    chosen = request.session.get(POST_IN_SESSION)
    post = next((post for post in posts if post.pk == chosen), posts[0] if posts else None)
    return Officer(request.user, post) if post else None

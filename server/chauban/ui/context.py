"""What every page's frame is drawn by, besides who acts."""

from django.http import HttpRequest

from chauban.ui.looks import Look, look_at


def frame(request: HttpRequest) -> dict[str, Look | str]:
    look = look_at(request)
    return {"look": look, "theme": look.theme}

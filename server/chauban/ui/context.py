"""What every page's frame is drawn by, besides who acts."""

from django.http import HttpRequest

from chauban.ui.themes import theme_of


def frame(request: HttpRequest) -> dict[str, str]:
    return {"theme": theme_of(request)}

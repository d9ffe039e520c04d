"""How the reader wants pages to look: of his account, or in this browser before he signs in."""

from dataclasses import dataclass

from django.http import HttpRequest

from chauban.ui.themes import theme_of


@dataclass(frozen=True)
class Look:
    theme: str = ""  # light, dark; empty: as the machine is set
    text_size: str = ""  # large, larger; empty: as the browser is set
    more_contrast: bool = False
    less_motion: bool = False
    single_keys: bool = True  # letters alone are shortcuts (WCAG 2.1.4)


def look_at(request: HttpRequest) -> Look:
    """The account's look, which whoever knows the account has put on the request.

    Who is not signed in, or has never chosen, has the theme that was chosen in this browser.
    """
    look: Look | None = getattr(request, "look", None)
    return look or Look(theme=theme_of(request))

"""Which browser on which system a User-Agent names, as people call them."""

import re

# The first that is found counts: Edge calls itself Chrome too, and Chrome Safari.
_BROWSERS = (
    ("Cốc Cốc", r"coc_coc_browser/|CocCoc/"),
    ("Edge", r"Edg(?:A|iOS)?/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("Linux", r"Linux"),
)


def named(agent: str) -> str:
    """Such as Chrome, Windows; nothing where neither is known."""
    found = (_first(_BROWSERS, agent), _first(_SYSTEMS, agent))
    return ", ".join(one for one in found if one)


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, agent)), "")

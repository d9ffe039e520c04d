"""What the viewer of a page shows (`ui/viewer.html`)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShownFile:
    """A PDF that the reader of the page may open: where it is, and where it is to be saved from."""

    name: str
    url: str
    download: str

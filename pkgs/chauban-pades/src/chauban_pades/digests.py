"""What was seen is what was signed: a digest of each page as it was shown.

The act of signing records the digests; verification computes them again. A digest covers all
that the page draws, followed through every reference, but not what reserved fields hold: their
values, signatures and appearances come later.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import TypeAlias

import pikepdf

from .errors import NotAPDF
from .names import is_reserved
from .originals import open_original, reading
from .pages import inherited

_ObjectId: TypeAlias = tuple[int, int]
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_NOT_SHOWN = frozenset({"/Parent", "/P", "/StructParent", "/StructParents"})
_FIELD_CONTENT = frozenset({"/V", "/AP", "/AS"})
_MAX_DEPTH = 300


def page_digests(pdf: bytes) -> tuple[str, ...]:
    """One SHA-256 per page, in hexadecimal, in page order.

    The same objects under other numbers give the same digest; a stream counts as it stands in
    the file, undecoded. Optional content settings, which can hide or show parts of any page,
    count into each page.

    Raises:
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    reader = open_original(pdf).reader
    with reading():
        pages = [page.obj for page in reader.pages]
        numbers = {page.objgen: index for index, page in enumerate(pages)}
        settings = reader.Root.get("/OCProperties")
        return tuple(_digest(page, settings, numbers) for page in pages)


def _digest(
    page: pikepdf.Object, settings: pikepdf.Object | None, numbers: Mapping[_ObjectId, int]
) -> str:
    others = {key: number for key, number in numbers.items() if key != page.objgen}
    walk = _Walk(others)
    walk.see(page)
    for key in _INHERITED:
        walk.see(inherited(page, key))
    walk.see(settings)
    return walk.hashed.hexdigest()


class _Walk:
    """Feeds a digest with an object graph, each indirect object once, in order of meeting."""

    def __init__(self, pages: Mapping[_ObjectId, int]) -> None:
        self.hashed = sha256()
        self._pages = pages
        self._met: dict[_ObjectId, int] = {}

    def see(self, value: object, depth: int = 0) -> None:
        """Feed one value; every token is ended, so that no two graphs read alike."""
        if depth > _MAX_DEPTH:
            raise NotAPDF("objects nested too deeply")
        if isinstance(value, pikepdf.Object) and value.is_indirect:
            if value.objgen in self._pages:
                return self._feed(b"page %d" % self._pages[value.objgen])
            if value.objgen in self._met:
                return self._feed(b"met %d" % self._met[value.objgen])
            self._met[value.objgen] = len(self._met)
        if isinstance(value, pikepdf.Stream):
            self._see_dictionary(value.stream_dict, depth)
            return self._feed(b"stream " + sha256(value.read_raw_bytes()).digest())
        if isinstance(value, pikepdf.Dictionary):
            return self._see_dictionary(value, depth)
        if isinstance(value, pikepdf.Array):
            self._feed(b"array %d" % len(value))
            for item in value:
                self.see(item, depth + 1)
            return None
        if isinstance(value, pikepdf.Object):
            return self._feed(value.unparse(resolved=True))
        return self._feed(repr(value).encode())

    def _see_dictionary(self, dictionary: pikepdf.Object, depth: int) -> None:
        left_out = _NOT_SHOWN | (_FIELD_CONTENT if _is_reserved_widget(dictionary) else set())
        keys = sorted(set(dictionary.keys()) - left_out - {"/Length"})
        self._feed(b"dictionary %d" % len(keys))
        for key in keys:
            self._feed(key.encode())
            self.see(dictionary[key], depth + 1)

    def _feed(self, token: bytes) -> None:
        self.hashed.update(b"%d:" % len(token))
        self.hashed.update(token)


def _is_reserved_widget(dictionary: pikepdf.Object) -> bool:
    return dictionary.get("/Subtype") == pikepdf.Name.Widget and is_reserved(
        str(dictionary.get("/T", ""))
    )

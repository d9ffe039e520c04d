"""What typst makes of a template and data: user's text goes in as data, never as markup."""

import json
import threading
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import typst

from chauban_docform.errors import UnsupportedCharacters
from chauban_docform.fonts import FONT_FOLDER, SERIF, unsupported_characters

TEMPLATES = Path(str(files("chauban_docform"))) / "templates"

_compilers = threading.local()


def set_in_type(template: str, data: dict[str, Any], *, created_at: datetime) -> bytes:
    """Return what a template makes of data, PDF/A-2b and PDF/UA-1."""
    return compile_template(
        template,
        data,
        format="pdf",
        pdf_standards=["a-2b", "ua-1"],
        timestamp=int(created_at.timestamp()),
    )


def compile_template(
    template: str, data: dict[str, Any], *, faces: tuple[Path, ...] = SERIF, **options: Any
) -> bytes:
    """Return what a template makes of data; every string in data is shown as it is, in NFC.

    Raises:
        UnsupportedCharacters: a character has no glyph; it would be printed as a box.
    """
    data = composed(data)
    require_glyphs(data, faces)
    return cast(
        bytes,
        compiler().compile(
            input=str(TEMPLATES / template),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            **options,
        ),
    )


def compiler() -> typst.Compiler:
    """Return this thread's compiler; making one costs more than a letter."""
    try:
        return cast(typst.Compiler, _compilers.serif)
    except AttributeError:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)]
        )
        _compilers.serif = typst.Compiler(root=str(TEMPLATES), font_paths=fonts)
        return compiler()


def composed(value: Any) -> Any:
    """Return value with every string in it in Unicode NFC."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {key: composed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [composed(item) for item in value]
    return value


def require_glyphs(value: Any, faces: tuple[Path, ...]) -> None:
    """Require a glyph for every character that would be printed.

    Raises:
        UnsupportedCharacters: there is none; typst would print a box or nothing.
    """
    for text in strings_in(value):
        if missing := unsupported_characters(text, faces):
            raise UnsupportedCharacters(missing, text)


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)

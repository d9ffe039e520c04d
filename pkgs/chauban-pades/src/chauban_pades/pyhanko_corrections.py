"""What we correct in pyHanko, and nothing else: importing this module puts the corrections in.

Each is described in docs/upstream.md, with how to reproduce it and the patch offered. They hold
for the whole process; whoever uses pyHanko in this package imports it through here.
"""

from __future__ import annotations

import binascii
import io
import logging
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfStreamError
from pyhanko.pdf_utils.reader import PdfFileReader

_HEX_CHUNK_BYTES = 64 * 1024


def read_hex_string(stream: Any) -> Any:
    """What pyHanko's own function of this place does, in pieces instead of byte by byte."""
    stream.read(1)
    parts: list[bytes] = []
    while True:
        piece = stream.read(_HEX_CHUNK_BYTES)
        if not piece:
            raise PdfStreamError("a hexadecimal string has no end")
        end = piece.find(b">")
        if end >= 0:
            parts.append(piece[:end])
            stream.seek(end + 1 - len(piece), io.SEEK_CUR)
            break
        parts.append(piece)
    digits = b"".join(b"".join(parts).split())
    try:
        return generic.pdf_string(binascii.unhexlify(digits + b"0" * (len(digits) % 2)))
    except binascii.Error as error:
        raise PdfStreamError(f"not hexadecimal: {error}") from None


generic.read_hex_string_from_stream = read_hex_string


def open_reader(pdf: bytes) -> PdfFileReader:
    """Strict, save for hybrid cross-references, whose two readings the first leg compares."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    if reader.xrefs.hybrid_xrefs_present:
        return PdfFileReader(io.BytesIO(pdf), strict=False)
    return reader


def be_quiet() -> None:
    """Keep pyHanko from logging each damaged file: the report says what is wrong with it."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

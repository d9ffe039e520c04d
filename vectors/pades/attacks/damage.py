"""Files that are no plain PDF."""

from __future__ import annotations

import io

import pikepdf

from .declaring import Workshop, attack
from .revising import opened


@attack("own", "unreadable", "not-a-pdf")
def not_a_pdf(shop: Workshop) -> bytes:
    return b"PK\x03\x04" + shop.reserved


@attack("own", "unreadable", "damaged")
def truncated(shop: Workshop) -> bytes:
    pdf = shop.complete()
    return pdf[: len(pdf) // 2]


@attack("own", "unreadable", "encrypted")
def encrypted(shop: Workshop) -> bytes:
    written = io.BytesIO()
    opened(shop.reserved).save(written, encryption=pikepdf.Encryption(owner="o", user="u"))
    return written.getvalue()

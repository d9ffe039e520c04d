"""Changed bytes, and universal signature forgery: nothing left that could be checked."""

from __future__ import annotations

from .declaring import Workshop, attack
from .revising import last_gap, replaced_once, with_byte_range


@attack("own", "altered", "digest-mismatch")
def one_changed_byte(shop: Workshop) -> bytes:
    """A byte of a stream in the first revision differs."""
    pdf = bytearray(shop.complete())
    at = pdf.index(b"stream\n") + 40
    pdf[at] ^= 1
    return bytes(pdf)


@attack("own", "altered", "digest-mismatch")
def one_changed_byte_of_the_number(shop: Workshop) -> bytes:
    """The number under the seal is another."""
    pdf = shop.complete()
    return replaced_once(pdf, b"/V (05)", b"/V (06)")


@attack("USF", "invalid", "byte-range-missing")
def byte_range_renamed(shop: Workshop) -> bytes:
    return replaced_once(shop.complete(), b"/ByteRange", b"/ByteRanga")


@attack("USF", "invalid", "byte-range-wrong")
def byte_range_negative(shop: Workshop) -> bytes:
    return with_byte_range(shop.complete(), lambda a, b, c, d: (-1, b, c, d))


@attack("USF", "invalid", "byte-range-missing")
def byte_range_null(shop: Workshop) -> bytes:
    pdf = shop.complete()
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange ")
    end = pdf.index(b"]", at) + 1
    return pdf[:at] + b"null".ljust(end - at) + pdf[end:]


@attack("USF", "invalid", "byte-range-missing")
def byte_range_of_two_numbers(shop: Workshop) -> bytes:
    pdf = shop.complete()
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange ")
    end = pdf.index(b"]", at) + 1
    return pdf[:at] + (b"[0 %d]" % len(pdf)).ljust(end - at) + pdf[end:]


@attack("USF", "invalid", "byte-range-wrong")
def byte_range_overlapping(shop: Workshop) -> bytes:
    """The second part begins before the first ends."""
    return with_byte_range(shop.complete(), lambda a, b, c, d: (a, b, b - 100, c + d - b + 100))


@attack("USF", "invalid", "byte-range-wrong")
def byte_range_with_a_wider_gap(shop: Workshop) -> bytes:
    """What stands beside the contents is left out too."""
    return with_byte_range(shop.complete(), lambda a, b, c, d: (a, b - 40, c, d))


@attack("USF", "invalid", "byte-range-short")
def byte_range_short_of_its_revision(shop: Workshop) -> bytes:
    return with_byte_range(shop.complete(), lambda a, b, c, d: (a, b, c, d - 30))


@attack("USF", "invalid", "contents-missing")
def contents_renamed(shop: Workshop) -> bytes:
    return replaced_once(shop.complete(), b"/Contents <", b"/Contenta <")


@attack("USF", "invalid", "contents-missing")
def contents_empty(shop: Workshop) -> bytes:
    pdf = shop.complete()
    start, end = last_gap(pdf)
    return pdf[:start] + b"<>".ljust(end - start) + pdf[end:]


@attack("USF", "invalid", "contents-missing")
def contents_null(shop: Workshop) -> bytes:
    pdf = shop.complete()
    start, end = last_gap(pdf)
    return pdf[:start] + b"null".ljust(end - start) + pdf[end:]


@attack("USF", "invalid", "signed-data-malformed")
def contents_zero(shop: Workshop) -> bytes:
    pdf = shop.complete()
    start, end = last_gap(pdf)
    return pdf[:start] + b"<" + b"0" * (end - start - 2) + b">" + pdf[end:]


@attack("USF", "invalid", "signed-data-malformed")
def bytes_behind_the_signature(shop: Workshop) -> bytes:
    """Something is hidden in the padding that no signature covers."""
    pdf = shop.complete()
    _, end = last_gap(pdf)
    return pdf[: end - 9] + b"DEADBEEF" + pdf[end - 1 :]

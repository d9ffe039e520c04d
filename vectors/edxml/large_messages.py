"""A message with a file too large to hold, written and read in pieces.

    python vectors/edxml/large_messages.py FOLDER MEBIBYTES

measures both, in processes of their own, with a PDF (which travels raw) and a .doc (in a ZIP).
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from chauban_edxml import FileAttachment, Limits, open_message, write_to
from chauban_edxml.model import (
    Code,
    DocumentMessage,
    DocumentType,
    Organization,
    PromulgationInfo,
    SignerInfo,
    TraceHeader,
)

MEBIBYTE = 1 << 20
_BLOCK = random.Random(0).randbytes(MEBIBYTE)
_HEAD = b"%PDF-1.7\n%\xc4\xe5\xf2\xe5\n"
LIMITS = Limits(size_bytes=1 << 40, unpacked_bytes=1 << 40)
LETTER = DocumentMessage(
    from_=Organization("H57.03", "Sở Tài chính", "Sở Tài chính"),
    to=(Organization("H57.64", "UBND phường Phú Bài", "UBND phường Phú Bài"),),
    document_id="H57.03,2026/11/20,05/STC-NS",
    code=Code("05", "STC-NS"),
    subject="Bản vẽ quy hoạch",
    promulgation_info=PromulgationInfo(date(2026, 11, 20), "Huế"),
    document_type=DocumentType("Công văn"),
    signer_info=SignerInfo("Trần Văn Mẫu"),
    trace=(TraceHeader("H57.03", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),),
)


def content(size_bytes: int) -> Iterator[bytes]:
    """Yield a file that does not compress and is no text."""
    yield _HEAD
    left = size_bytes - len(_HEAD)
    while left:
        piece = _BLOCK[: min(left, MEBIBYTE)]
        left -= len(piece)
        yield piece


def digest_of(size_bytes: int) -> str:
    digest = sha256()
    for piece in content(size_bytes):
        digest.update(piece)
    return digest.hexdigest()


Given = tuple[Path, str, int]


def prepare_write_large(folder: str, name: str, size_bytes: str) -> Given:
    write_large((Path(folder), "warm." + name.rpartition(".")[2], 1000))
    return Path(folder), name, int(size_bytes)


def write_large(given: Given) -> str:
    """Write a message with one file into folder, and return its digest."""
    folder, name, size_bytes = given
    file = FileAttachment(name, lambda: content(size_bytes))
    with (folder / f"{name}.edxml").open("wb") as out:
        return write_to(out, LETTER, [file], limits=LIMITS).sha256


def prepare_read_large(folder: str, name: str) -> Path:
    prepare_write_large(folder, name, "1000")
    read_large(Path(folder) / f"warm.{name.rpartition('.')[2]}.edxml")
    return Path(folder) / f"{name}.edxml"


def read_large(path: Path) -> str:
    """Return the digest of the one file in the message at path."""
    digest = sha256()
    with path.open("rb") as source:
        opened = open_message(source, limits=LIMITS)
        (attachment,) = opened.attachments
        for piece in attachment.pieces():
            digest.update(piece)
    return digest.hexdigest()


def measure(folder: Path, mebibytes: int) -> Iterator[str]:
    """Yield a line of the table in docs/measured/edxml.md for each act."""
    # By its own name, so that the child finds it.
    from edxml_cost import cost_of
    from large_messages import read_large, write_large

    for name in ("large.pdf", "large.doc"):
        size = mebibytes * MEBIBYTE
        wrote = cost_of(write_large, str(folder), name, str(size))
        read = cost_of(read_large, str(folder), name)
        message_bytes = (folder / f"{name}.edxml").stat().st_size
        assert read.result == digest_of(size)
        for act, cost in (("write", wrote), ("read", read)):
            yield (
                f"| {act} | {name} | {mebibytes} | {message_bytes / MEBIBYTE:.0f} |"
                f" {cost.extra_bytes / MEBIBYTE:.1f} | {cost.cpu_seconds:.1f} |"
            )
        (folder / f"{name}.edxml").unlink()


if __name__ == "__main__":
    for line in measure(Path(sys.argv[1]), int(sys.argv[2])):
        print(line, flush=True)

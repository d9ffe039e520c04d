"""The reader: whatever becomes of a signed PDF, an assessment is a report, and an honest one.

python fuzz/reader.py CORPUS CRASHES [arguments of libFuzzer]
"""

from __future__ import annotations

import io
import json
import random
import re
import sys
from contextlib import suppress
from pathlib import Path
from time import process_time

import atheris

with atheris.instrument_imports(include=["chauban_pades", "chauban_pki"]):
    from chauban_pades import assessing
    from chauban_pades.report import Report
    from chauban_pades.views import Unreadable
    from chauban_pki.reasons import Verdict
    from chauban_pki.trust import Trust

import pikepdf
from corpus import NOW, covered
from fuzzing import Broken, run

from chauban_pades.second_leg import assess_with_pyhanko

CORPUS, CRASHES = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
TRUST = Trust.of_pem((CORPUS / "root.pem").read_bytes())
KNOWN = set(json.loads((CORPUS / "known.json").read_text()))
SEEDS = [path.read_bytes() for path in sorted((CORPUS / "reader").iterdir())]
SECOND_LEG_ONE_IN = 64
SLOWEST_SECONDS = 4
"""Of processor time under instrumentation; the tests hold attacks to half of it without."""


def target(pdf: bytes) -> None:
    """Assess by the first leg, by its inside: a failure that `assess` would catch is found too."""
    report, started = None, process_time()
    with suppress(Unreadable, UnicodeDecodeError):
        report = assessing._assess(pdf, trust=TRUST, at=NOW, fetch=None)
    if process_time() - started > SLOWEST_SECONDS:
        raise Broken("the first leg takes too long")
    if report is not None:
        _require_honest(pdf, report)
    if random.randrange(SECOND_LEG_ONE_IN) == 0:
        assess_with_pyhanko(pdf, trust=TRUST, at=NOW)


def _require_honest(pdf: bytes, report: Report) -> None:
    """Whatever passes covers bytes that were signed, and shows what was signed."""
    json.dumps(report.as_dict(), ensure_ascii=False).encode()
    passed = [one for one in report.signatures if one.verdict is Verdict.TOTAL_PASSED]
    known = covered(pdf) & KNOWN
    if len(known) < len(passed):
        raise Broken(f"{len(passed)} signatures pass, {len(known)} cover what was signed")
    if report.verdict is Verdict.TOTAL_PASSED and report.document.has_legal_value:
        shown = _shown(pdf)
        if not any(shown == _shown(pdf[:end]) for end in _signed_ends(pdf)):
            raise Broken("a page or field shows what no signature covers")


def _signed_ends(pdf: bytes) -> list[int]:
    found = re.findall(rb"/ByteRange \[0 \d+ (\d+) (\d+)\]", pdf)
    return [int(second) + int(rest) for second, rest in found]


def _shown(pdf: bytes) -> list[bytes]:
    """Page contents and field values, as qpdf reads them."""
    reader = pikepdf.open(io.BytesIO(pdf), attempt_recovery=False, inherit_page_attributes=False)
    shown = [page.obj.Contents.unparse(resolved=True) for page in reader.pages]
    for page in reader.pages:
        contents = page.obj.Contents
        streams = contents if isinstance(contents, pikepdf.Array) else [contents]
        shown += [one.read_raw_bytes() for one in streams if isinstance(one, pikepdf.Stream)]
    fields = reader.Root.AcroForm.Fields
    shown += [field.V.unparse() for field in fields if "/V" in field and field.FT == "/Tx"]
    return shown


# Changes that get past the first checks

WORDS = (
    b"null", b"0", b"-1", b"99999999999", b"[]", b"[0 0 0 0]", b"<<>>", b"()", b"(\\377)", b"<00>",
    b"true", b"1.5", b"1 0 R", b"0 0 R", b"999 0 R", b"endobj", b"endstream", b"stream\n", b"obj",
    b"xref\n", b"trailer\n", b"startxref\n", b"%%EOF\n", b"/Prev 9", b"/Kids", b"/Fields", b"/V",
    b"/Contents", b"/ByteRange", b"/FlateDecode", b"/XRefStm 9", b"/ObjStm", b"/Encrypt 1 0 R",
    b"/Type", b"/Sig", b"/Lock", b"/All", b"/Annots", b"/DSS", b"/Parent", b"/T", b"/AP", b"/N",
)  # fmt: skip
NUMBER = re.compile(rb"\b\d{1,10}\b")
NAME = re.compile(rb"/[A-Za-z]{1,14}")
OBJECT = re.compile(rb"\d{1,6} 0 obj\n.{0,4000}?endobj\n", re.DOTALL)
REVISION_END = re.compile(rb"%%EOF\r?\n?")


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """One or a few changes to a PDF; sometimes a fresh start from a seed."""
    chance = random.Random(seed)
    if chance.random() < 0.1 or not data.startswith(b"%PDF"):
        data = chance.choice(SEEDS)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(CHANGES)(data, chance)
    return data[:max_size]


def _of_structure(pdf: bytes, chance: random.Random) -> bytes:
    """A word in a cross-reference section, trailer or dictionary becomes another."""
    pattern = chance.choice((NUMBER, NAME))
    # Structure stands at the ends of revisions more than anywhere else.
    ends = [match.end() for match in REVISION_END.finditer(pdf)] or [len(pdf)]
    end = chance.choice(ends)
    start = max(0, end - chance.choice((200, 2000, 20000)))
    found = list(pattern.finditer(pdf, start, end))
    if not found:
        return pdf
    match = chance.choice(found)
    word = chance.choice(WORDS) if chance.random() < 0.5 else chance.choice(found)[0]
    if chance.random() < 0.5:
        word = word[: len(match[0])].ljust(len(match[0]))
    return pdf[: match.start()] + word + pdf[match.end() :]


def _of_revisions(pdf: bytes, chance: random.Random) -> bytes:
    """A revision cut off, doubled, or taken from another file."""
    ends = [0, *(match.end() for match in REVISION_END.finditer(pdf))]
    start, end = sorted(chance.choices(ends, k=2))
    other = chance.choice((pdf, chance.choice(SEEDS)))
    ends_there = [0, *(match.end() for match in REVISION_END.finditer(other))]
    first, last = sorted(chance.choices(ends_there, k=2))
    return pdf[:start] + other[first:last] + pdf[end:]


def _of_objects(pdf: bytes, chance: random.Random) -> bytes:
    """A revision appended that gives an object of some file another place or content."""
    last = pdf.rfind(b"startxref")
    previous = re.match(rb"startxref\s+(\d{1,10})", pdf[last : last + 40]) if last >= 0 else None
    found = OBJECT.findall(pdf if chance.random() < 0.7 else chance.choice(SEEDS))
    root = re.findall(rb"/Root \d{1,6} 0 R", pdf)
    if previous is None or not found or not root:
        return pdf
    body = chance.choice(found)
    number = int(body.split(b" ", 1)[0]) if chance.random() < 0.8 else chance.randrange(200)
    if chance.random() < 0.7:
        body = _of_structure(body, chance)
    at = len(pdf)
    if chance.random() < 0.2:
        at = chance.choice([match.start() for match in OBJECT.finditer(pdf)] or [at])
        body = b""
    xref = len(pdf) + len(body)
    return pdf + body + b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d %b /Prev %b >>\n" % (
        number, at, 500, chance.choice(root), previous[1]
    ) + b"startxref\n%d\n%%%%EOF\n" % xref  # fmt: skip


def _of_byte_range(pdf: bytes, chance: random.Random) -> bytes:
    """A number of a byte range moved a little or far."""
    found = list(re.finditer(rb"/ByteRange \[0 \d+ \d+ \d+\] *", pdf))
    if not found:
        return pdf
    match = chance.choice(found)
    numbers = [int(each) for each in NUMBER.findall(match[0])]
    place = chance.randrange(len(numbers))
    numbers[place] += chance.choice((-1, 1, -2, 2, -40, 40, -len(pdf), len(pdf)))
    text = b"/ByteRange [%b]" % b" ".join(b"%d" % each for each in numbers)
    return pdf[: match.start()] + text.ljust(len(match[0])) + pdf[match.end() :]


def _of_bytes(pdf: bytes, chance: random.Random) -> bytes:
    """A few bytes set, cut out or doubled, anywhere."""
    start = chance.randrange(len(pdf) + 1)
    end = min(len(pdf), start + chance.choice((1, 1, 4, 40, 4000)))
    piece = chance.choice((b"", pdf[start:end] * 2, chance.randbytes(end - start), b"\0"))
    return pdf[:start] + piece + pdf[end:]


CHANGES = (_of_structure, _of_structure, _of_objects, _of_revisions, _of_byte_range, _of_bytes)

if __name__ == "__main__":
    run(target, crashes=CRASHES, name="reader", mutate=mutate)

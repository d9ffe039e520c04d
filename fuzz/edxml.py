"""edXML in all its forms: a message or a refusal with words, the same in pieces, written alike.

    python fuzz/edxml.py CORPUS CRASHES [arguments of libFuzzer]

The first byte says what the rest is read as: x an edXML file, s a SOAP package, j JSON.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "vectors" / "edxml"))

with atheris.instrument_imports(include=["chauban_edxml"]):
    from edxml_properties import require_properties, seeds

from fuzzing import run

CORPUS, CRASHES = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
SEEDS = list(seeds().values())
WORDS = (
    b"", b"<", b">", b"&", b"&#x110000;", b"&amp;", b"</", b"<!--", b"-->", b"]]>", b"<![CDATA[",
    b"<?x?>", b"<!DOCTYPE a>", b"\x00", b"\xff", b'"', b"=", b"edXML:", b'xmlns=""', b"null",
    b"N/A", b"99999999999999999999", b"-1", b"2026/02/30", b"30/10/2020", b"01/01/1900", b"03",
    b"13", b"PK\x03\x04", b"UEsDB", b"cid:", b"\r\n--B", b"Content-ID: <a>", b"{", b"}", b"[", b"]",
    b",", b"<x>" * 50, b"\xef\xbb\xbf", "Tối mật".encode(), b"<edXML:StatusCode>", b"[2]", b"@",
    b'<a xmlns="u">', b' a="b"', b"Secret", b"../", b"\xcc\x81",
)  # fmt: skip


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """A few changes of words, elements or bytes; sometimes a fresh start from a seed."""
    chance = random.Random(seed)
    if chance.random() < 0.1 or len(data) < 2:
        data = chance.choice(SEEDS)
    if chance.random() < 0.2:
        return bytes(atheris.Mutate(data, max_size))
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice((_word, _element, _piece))(data, chance)
    return data[:max_size]


def _word(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(1, len(data))
    end = at + chance.choice((0, 0, 1, 4, 30))
    return data[:at] + chance.choice(WORDS) + data[end:]


def _element(data: bytes, chance: random.Random) -> bytes:
    """An element, or what looks like one, is taken out, doubled, or put elsewhere."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    line = lines.pop(place)
    for _ in range(chance.choice((0, 1, 2))):
        lines.insert(chance.choice((place, chance.randint(0, len(lines)))), line)
    return b"\n".join(lines) or data


def _piece(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(SEEDS)
    first, last = sorted(chance.choices(range(len(other)), k=2))
    at = chance.randint(1, len(data))
    return data[:at] + other[first : min(last, first + 2000)] + data[at:]


def target(data: bytes) -> None:
    require_properties(data)


if __name__ == "__main__":
    folder = CORPUS / "edxml"
    folder.mkdir(exist_ok=True)
    for name, seed in seeds().items():
        (folder / name).write_bytes(seed)
    run(target, crashes=CRASHES, name="edxml", mutate=mutate)

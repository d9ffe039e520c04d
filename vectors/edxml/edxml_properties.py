"""What holds for any bytes given to the readers; fuzzing and the tests ask for it."""

import io
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from chauban_edxml import Intake, Profile, open_message, read, write, write_status
from chauban_edxml.changes import changes_asked
from chauban_edxml.checking import cleaned, cleaned_status
from chauban_edxml.errors import NotFaithful, NotReadable, NotWritable
from chauban_edxml.json_form import to_json
from chauban_edxml.json_mapping import read_json, write_json
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.soap import read_soap

Message = DocumentMessage | StatusMessage
READERS = {b"x": read, b"s": read_soap, b"j": read_json}


class Broken(Exception):
    """A property does not hold."""


def require_properties(data: bytes) -> bool:
    """Read data, its first byte telling as what; return whether there is a message in it.

    Raises:
        Broken: a property does not hold. Any other exception is a fault of the reader.
    """
    reader = READERS.get(data[:1], read)
    try:
        message = reader(data[1:])
    except NotReadable as refusal:
        if not (refusal.vi and refusal.en):
            raise Broken("a refusal without words") from refusal
        return False
    _require_words(message)
    json.dumps({"told": to_json(message), "mapped": write_json(message)})
    changes_asked(message)
    if reader is read:
        _require_same_in_pieces(message, data[1:])
    for profile in Profile:
        _require_written_alike(message, profile)
    return True


def _require_words(message: Message) -> None:
    for finding in (*message.warnings, *message.repairs):
        if not (finding.vi and finding.en and finding.section):
            raise Broken(f"no words for {finding.code}")


def _require_same_in_pieces(message: Message, data: bytes) -> None:
    intake = Intake()
    for at in range(0, len(data), 1000):
        intake.feed(data[at : at + 1000])
    opened = open_message(io.BytesIO(data))
    bare = replace(message, attachments=()) if isinstance(message, DocumentMessage) else message
    if not bare == opened.message == intake.close():
        raise Broken("in pieces it is another message")
    files = message.attachments if isinstance(message, DocumentMessage) else ()
    for file, streamed in zip(files, opened.attachments, strict=True):
        if streamed.assessed.fault is not file.fault:
            raise Broken("in pieces a file has another fault")
        if file.fault is None and b"".join(streamed.pieces()) != file.content:
            raise Broken("in pieces a file is another")


def _require_written_alike(message: Message, profile: Profile) -> None:
    """Where message may be sent, what is written reads as it."""
    with suppress(NotWritable, NotReadable):
        try:
            if isinstance(message, StatusMessage):
                expected: Message = cleaned_status(message)
                found = read(write_status(message, profile=profile))
            else:
                expected = cleaned(message)
                found = read(write(message, profile=profile))
        except NotFaithful as reason:
            raise Broken(f"not faithful in {reason.path}") from reason
        if found != expected:
            raise Broken("what is written reads otherwise")


def seeds() -> dict[str, bytes]:
    """Return what to start from: the vectors, with the byte that tells what they are."""
    folder = Path(__file__).parent
    found = {
        path.stem: b"x" + path.read_bytes()
        for path in sorted(folder.glob("*.edxml"))
        if path.stat().st_size < 20_000
    }
    for name in ("new_three_recipients", "status_13", "update", "replacement"):
        message = read(found[name][1:])
        found[f"{name}-json"] = b"j" + json.dumps(write_json(message), ensure_ascii=False).encode()
    for suffix, form in ((".mime", b"s"), (".xml", b"s"), (".json", b"j")):
        for path in sorted(folder.glob(f"*{suffix}")):
            if path.name != "expected.json":
                found[path.name] = form + path.read_bytes()
    return found

"""Messages as JSON objects: the model's fields by name, for people, scripts and other tools.

Dates are ISO 8601, moments too and with their zone; an enumerated value is the wire's number or
code. Files stand beside the object: an attachment names one.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple, Union, cast, get_args, get_origin, get_type_hints

from chauban_edxml.errors import MissingElement, NotWritable
from chauban_edxml.model import Attachment, DocumentMessage, Source, StatusCode, StatusMessage

Json = Any
OpenFile = Callable[[str], bytes]
"""Returns the bytes of the file that an attachment names."""

# What `to_json` tells about a message that is no part of it.
_TOLD = ("kind", "warnings", "repairs", "envelope_signature", "dialect", "source")
_TOLD_OF_FILE = ("size_bytes", "sha256", "media_type", "content_type", "content_id", "fault")


class BadDescription(NotWritable):
    """The JSON does not describe a message: path is where, expected is what should stand there."""

    _vi = "Mô tả gói tin sai tại “{path}”: cần {expected}. Hãy sửa tệp mô tả."
    _en = "The description is wrong at “{path}”: {expected} expected. Correct the file."

    def __init__(self, path: str, expected: str) -> None:
        self.path, self.expected = path, expected
        super().__init__(path, expected)


class UnknownField(NotWritable):
    """The JSON has a field that no message has."""

    _vi = "Mô tả gói tin có trường lạ “{path}”. Hãy xóa hoặc sửa tên trường."
    _en = "The description has an unknown field “{path}”. Remove or rename it."

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


def to_json(message: DocumentMessage | StatusMessage) -> dict[str, Json]:
    """Return message as what `json.dumps` takes; of files, the size and digest."""
    kind = "document" if isinstance(message, DocumentMessage) else "status"
    return {
        "kind": kind,
        **{_key(each.name): _plain(getattr(message, each.name)) for each in fields(message)},
    }


class DescribedFile(NamedTuple):
    """An attachment as a description has it: file is where its content is to be had."""

    name: str
    file: str
    description: str


def from_json(described: Json, *, open_file: OpenFile) -> DocumentMessage | StatusMessage:
    """Return the message that `to_json` gave, or that was written by hand like it.

    Fields with a default may be left out. An attachment's `file` is given to open_file.

    Raises:
        MissingElement, UnknownField, BadDescription: a field is missing, unknown, of another kind.
    """
    message, files = without_files(described)
    if isinstance(message, StatusMessage):
        return message
    attachments = (Attachment(each.name, open_file(each.file), each.description) for each in files)
    return replace(message, attachments=tuple(attachments))


def without_files(
    described: Json,
) -> tuple[DocumentMessage | StatusMessage, tuple[DescribedFile, ...]]:
    """Return the message described, without its files, and these; errors as for `from_json`."""
    kinds = {"document": DocumentMessage, "status": StatusMessage}
    kind = described.get("kind") if isinstance(described, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise BadDescription("kind", "document | status")
    told = {key: value for key, value in described.items() if key not in _TOLD}
    files = told.pop("attachments", []) if kind == "document" else []
    if not isinstance(files, list):
        raise BadDescription("attachments", "[…]")
    message = cast("DocumentMessage | StatusMessage", _dataclass(kinds[kind], told, ""))
    return message, tuple(
        _described_file(file, f"attachments[{number}]") for number, file in enumerate(files)
    )


def _plain(value: object) -> Json:
    if isinstance(value, Attachment):
        return {
            "name": value.name,
            "description": value.description,
            "fault": value.fault.value if value.fault else None,
            "content_type": value.content_type,
            "media_type": value.media_type,
            "size_bytes": len(value.content),
            "sha256": sha256(value.content).hexdigest(),
        }
    if isinstance(value, Source):
        return {"size_bytes": value.size_bytes, "sha256": value.sha256}
    if is_dataclass(value) and not isinstance(value, type):
        return {_key(each.name): _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return value


def _key(name: str) -> str:
    return name.rstrip("_")


def _dataclass(kind: type, value: Json, path: str) -> object:
    if not isinstance(value, Mapping):
        raise BadDescription(path, "{…}")
    hints, left, given = get_type_hints(kind), dict(value), {}
    for each in fields(kind):
        at = f"{path}.{_key(each.name)}".lstrip(".")
        if _key(each.name) in left:
            given[each.name] = _value(hints[each.name], left.pop(_key(each.name)), at)
        elif each.default is MISSING:
            raise MissingElement(at)
    for name in left:
        raise UnknownField(f"{path}.{name}".lstrip("."))
    result: object = kind(**given)
    return result


def _described_file(value: Json, path: str) -> DescribedFile:
    if not isinstance(value, Mapping):
        raise BadDescription(path, "{…}")
    texts = {key: text for key, text in value.items() if key not in _TOLD_OF_FILE}
    for name in ("name", "file"):
        if not isinstance(texts.get(name), str):
            raise BadDescription(f"{path}.{name}", "“…”")
    if unknown := set(texts) - {"name", "file", "description"}:
        raise UnknownField(f"{path}.{min(unknown)}")
    description = _value(str, texts.get("description", ""), f"{path}.description")
    return DescribedFile(texts["name"], texts["file"], str(description))


def _value(hint: Any, value: Json, path: str) -> object:
    """Return value as the field's annotation has it."""
    arguments = get_args(hint)
    if hint == StatusCode | str:
        text = str(_value(str, value, path))
        return StatusCode(text) if text in StatusCode.__members__.values() else text
    if get_origin(hint) in (Union, types.UnionType):
        if value is None:
            return None
        return _value(arguments[0], value, path)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise BadDescription(path, "[…]")
        return tuple(
            _value(arguments[0], item, f"{path}[{number}]") for number, item in enumerate(value)
        )
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, value, path)
    return _simple(hint, value, path)


def _simple(kind: type, value: Json, path: str) -> object:
    try:
        if kind is datetime and isinstance(value, str):
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        elif kind is date and isinstance(value, str):
            return date.fromisoformat(value)
        elif issubclass(kind, Enum) and not isinstance(value, bool):
            return kind(value)
        elif type(value) is kind:
            return value
    except (ValueError, OverflowError) as reason:
        raise BadDescription(path, _expected(kind)) from reason
    raise BadDescription(path, _expected(kind))


def _expected(kind: type) -> str:
    if issubclass(kind, Enum):
        return " | ".join(str(each.value) for each in kind)
    return {
        datetime: "2026-11-20T09:30:00+07:00",
        date: "2026-11-20",
        str: "“…”",
        int: "0, 1, 2…",
        bool: "true | false",
    }[kind]

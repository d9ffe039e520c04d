"""Messages as JSON objects and back."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from chauban_edxml.errors import MissingElement
from chauban_edxml.json_form import BadDescription, UnknownField, from_json, to_json
from chauban_edxml.model import (
    Bussiness,
    BussinessDocType,
    BussinessDocumentInfo,
    Receiver,
    ReceiverType,
    StatusCode,
)


def nothing(name: str) -> bytes:
    raise AssertionError(f"{name} is not to be opened")


def described(message) -> dict:
    return json.loads(json.dumps(to_json(message)))


def test_a_message_comes_back_from_its_json_and_files(message):
    files = {attachment.name: attachment.content for attachment in message.attachments}
    told = described(message)
    assert told["kind"] == "document"
    assert told["from"]["organ_id"] == "H57.03"
    for attachment in told["attachments"]:
        content = files[attachment["name"]]
        assert attachment["sha256"] == sha256(content).hexdigest()
        assert attachment["size_bytes"] == len(content)
        attachment["file"] = attachment["name"]
    assert from_json(told, open_file=files.__getitem__) == message


def test_an_update_comes_back_from_its_json(message):
    info = BussinessDocumentInfo(True, True, (Receiver("H57", ReceiverType.ADDED),))
    bussiness = Bussiness(BussinessDocType.UPDATE, document_id="x", bussiness_document_info=info)
    update = replace(message, bussiness=bussiness, attachments=())
    assert from_json(described(update), open_file=nothing) == update


@pytest.mark.parametrize("code", [StatusCode.FINISHED, "08"])
def test_a_status_comes_back_from_its_json(status, code):
    told = replace(status, status_code=code)
    found = from_json(described(told), open_file=nothing)
    assert found == told
    assert type(found.status_code) is type(code)


def test_what_has_a_default_may_be_left_out(status):
    told = described(status)
    for name in ("staff_info", "extra", "warnings"):
        del told[name]
    assert from_json(told, open_file=nothing) == status


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("kind", "letter"),
        ("from", "H57.03"),
        ("to", {}),
        ("to[0]", "H57"),
        ("subject", 5),
        ("due_date", "20/11/2026"),
        ("other_info.priority", 7),
        ("other_info.direction", "false"),
        ("other_info.page_amount", True),
        ("steering_type", None),
        ("trace[0].timestamp", "2026-11-20T09:30:00"),
        ("bussiness.bussiness_doc_type", 9),
        ("attachments[0].file", None),
    ],
)
def test_a_wrong_field_is_named(message, path, value):
    told = described(message)
    for attachment in told["attachments"]:
        attachment["file"] = "x"
    from_json(told, open_file=lambda name: b"x")
    *outer, last = path.replace("[0]", ".0").split(".")
    place = told
    for name in outer:
        place = place[int(name) if name.isdecimal() else name]
    place[int(last) if last.isdecimal() else last] = value
    with pytest.raises(BadDescription) as refusal:
        from_json(told, open_file=lambda name: b"x")
    assert refusal.value.path == path
    assert path in refusal.value.vi


def test_an_unknown_field_is_named(message):
    told = described(message)
    told["from"]["colour"] = "red"
    with pytest.raises(UnknownField, match=r"from\.colour"):
        from_json(told, open_file=nothing)
    del told["from"]["colour"]
    told["attachments"] = [{"name": "a", "file": "a", "colour": "red"}]
    with pytest.raises(UnknownField, match=r"attachments\[0\]\.colour"):
        from_json(told, open_file=nothing)


def test_a_missing_field_is_named(status):
    told = described(status)
    del told["response_for"]["organ_id"]
    with pytest.raises(MissingElement, match=r"response_for\.organ_id"):
        from_json(told, open_file=nothing)


@pytest.mark.parametrize("told", [None, [], "x", {}, {"kind": []}])
def test_what_is_no_object_is_no_description(told):
    with pytest.raises(BadDescription):
        from_json(told, open_file=nothing)

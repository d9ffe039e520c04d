"""Every vector comes out as `vectors/edxml/expected.json` says."""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chauban_edxml import DEFAULT, EdXMLError, read
from chauban_edxml.json_mapping import read_json
from chauban_edxml.model import DocumentMessage, StatusMessage
from chauban_edxml.soap import read_soap

FOLDER = Path(__file__).resolve().parents[3] / "vectors" / "edxml"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())


def of_kind(kind: str) -> list[str]:
    return [name for name, expected in EXPECTED.items() if expected["kind"] == kind]


def reader(name: str) -> Callable[..., DocumentMessage | StatusMessage]:
    """Return the reader for a file of that name."""
    return {".edxml": read, ".json": read_json}.get(Path(name).suffix, read_soap)


@pytest.mark.parametrize("name", of_kind("document"))
def test_a_document_is_read_in_any_dialect_and_its_damage_remarked(name: str) -> None:
    expected = EXPECTED[name]
    limits = replace(DEFAULT, unpacked_bytes=expected.get("unpacked_bytes", DEFAULT.unpacked_bytes))
    message = reader(name)((FOLDER / name).read_bytes(), limits=limits)
    assert isinstance(message, DocumentMessage)
    assert message.document_id == expected["document_id"]
    assert sorted(each.code for each in message.warnings) == expected.get("warnings", [])
    assert all(each.vi and each.en for each in message.warnings)
    if "to" in expected:
        assert [recipient.organ_id for recipient in message.to] == expected["to"]
    if "doc_type" in expected:
        assert message.bussiness.bussiness_doc_type == expected["doc_type"]
    if "promulgated_on" in expected:
        assert message.promulgation_info is not None
        assert str(message.promulgation_info.promulgation_date) == expected["promulgated_on"]
    for attachment, file in zip(message.attachments, expected["attachments"], strict=True):
        assert attachment.name == file["name"]
        assert (attachment.fault.value if attachment.fault else None) == file["fault"]
        if file["sha256"]:
            assert sha256(attachment.content).hexdigest() == file["sha256"]


@pytest.mark.parametrize("name", of_kind("status"))
def test_a_status_is_read_in_either_order_and_13_has_its_roles_swapped(name: str) -> None:
    status = reader(name)((FOLDER / name).read_bytes())
    expected = EXPECTED[name]
    assert isinstance(status, StatusMessage)
    assert status.status_code == expected["status_code"]
    assert status.issuer_organ_id == expected["issuer"]
    assert status.recipient_organ_id == expected["recipient"]
    assert (status.extra, status.warnings) == ((), ())


@pytest.mark.parametrize("name", of_kind("refused"))
def test_a_message_that_could_do_harm_is_refused_in_words(name: str) -> None:
    with pytest.raises(EdXMLError) as refusal:
        reader(name)((FOLDER / name).read_bytes())
    assert type(refusal.value).__name__ == EXPECTED[name]["error"]
    assert refusal.value.vi
    assert refusal.value.en


def test_the_vectors_are_what_their_script_makes() -> None:
    """Archives may be packed differently elsewhere, so messages with one are only counted."""
    made = _script().files()
    assert set(made) == {path.name for path in FOLDER.iterdir() if path.suffix not in (".py", "")}
    for name, data in made.items():
        if b"UEsDB" not in data:
            assert (FOLDER / name).read_bytes() == data, name


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("edxml_vectors", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(FOLDER))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
        for name in ("shapes", "other_forms"):
            sys.modules.pop(name, None)
    return module

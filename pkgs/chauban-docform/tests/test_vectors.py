"""Three documents of the demo province, line by line against what was looked at and found good."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chauban_docform.letters import Letter

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "docform"


@pytest.mark.parametrize("name", ["cong_van", "quyet_dinh", "thong_bao"])
def test_a_document_is_printed_as_its_golden_file_says(
    name: str,
    set_letter: Callable[[Letter], bytes],
    measures_of: Callable[[bytes], dict[str, Any]],
    request: pytest.FixtureRequest,
) -> None:
    path = VECTORS / f"{name}.json"
    found = measures_of(set_letter(request.getfixturevalue(name)))
    if os.environ.get("WRITE_VECTORS"):
        path.write_text(golden_text(found))
    expected = json.loads(path.read_text())
    assert found["pages"] == expected["pages"]
    assert found["fields"] == expected["fields"]
    assert found["lines"] == expected["lines"]


def golden_text(found: dict[str, Any]) -> str:
    """One field or line of the document on each line of the file."""
    rows = {
        key: ",\n  ".join(json.dumps(it, ensure_ascii=False) for it in found[key])
        for key in ("fields", "lines")
    }
    return (
        f'{{"pages": {found["pages"]},\n "fields": [\n  {rows["fields"]}\n ],\n'
        f' "lines": [\n  {rows["lines"]}\n ]}}\n'
    )

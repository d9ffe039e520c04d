"""The documents about this package name tests that exist."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCS = HERE.parents[2] / "docs"


@pytest.mark.skipif(not DOCS.exists(), reason="the package stands alone, without the documents")
def test_every_test_that_the_baseline_table_names_exists():
    text = (DOCS / "en-319-142-1.md").read_text("utf-8")
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", text)
    assert len(named) > 20
    for file, test in named:
        assert f"def {test}(" in (HERE / file).read_text("utf-8"), (file, test)

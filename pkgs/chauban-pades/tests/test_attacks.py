"""Every attack file is refused, for the reason that it deserves (vectors/pades/README.md)."""

import importlib
import itertools
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pades import Report, assess, changes
from chauban_pades.reading import read_history
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pades.two_legs import worse
from chauban_pades.views import Unreadable
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import Unreachable
from chauban_pki.reasons import Verdict
from chauban_pki.trust import Trust

HERE = Path(__file__).parent
VECTORS = HERE.parents[2] / "vectors" / "pades"
SECONDS, MEMORY_BYTES = 2.0, 200 * 1024 * 1024
sys.path.insert(0, str(VECTORS))
attacks: ModuleType = importlib.import_module("attacks")
sys.path.remove(str(VECTORS))
WITH_OWN_TWIN = [
    name for name, one in attacks.ATTACKS.items() if one.twin is not attacks.Workshop.complete
]


class Silent:
    """A network in which nobody answers; it remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        self.asked.append(url)
        raise Unreachable(url, "silent")


@pytest.fixture
def network() -> Silent:
    return Silent()


def codes(report: Report) -> set[str]:
    """Every code that the report names."""
    found = {one.code for one in report.reasons}
    found |= {one.what for one in report.changes_after_signing}
    return found | {one.code for each in report.signatures for one in each.reasons}


def test_the_letter_that_none_has_attacked_is_complete(
    shop: Any, trust: Trust, now: datetime
) -> None:
    assert assess(shop.complete(), trust=trust, at=now).document == "complete"


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_attack_is_refused(
    name: str, shop: Any, trust: Trust, now: datetime, network: Silent
) -> None:
    """Design decision 2: the worse of the two legs counts. Decision 19: which addresses."""
    attack = attacks.ATTACKS[name]
    pdf = attack.make(shop)
    first = assess(pdf, trust=trust, at=now, fetch=network)
    assert first.verdict is not Verdict.TOTAL_PASSED
    assert (first.document.value, codes(first)) == (
        attack.document,
        codes(first) | {attack.code},
    )
    assert all(url.startswith("http://127.0.0.1:1/") for url in network.asked)
    second = assess_with_pyhanko(pdf, trust=trust, at=now)
    report = worse(first, second)
    assert report.verdict is not Verdict.TOTAL_PASSED
    assert not report.document.has_legal_value
    assert attack.code in codes(report)
    if second.verdict is Verdict.TOTAL_PASSED:
        assert "legs-disagree" in codes(report)


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_what_increments_tell_plainly_is_what_a_comparison_finds(
    name: str, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an attack and in its twin, from the first revision on and from the second."""
    attack = attacks.ATTACKS[name]
    for pdf, first in itertools.product((attack.make(shop), attack.twin(shop)), (1, 2)):
        told = found_after(pdf, first)
        with monkeypatch.context() as patched:
            patched.setattr(changes, "plain_increments", lambda history: {})
            assert found_after(pdf, first) == told


def found_after(pdf: bytes, first: int) -> tuple[object, ...]:
    """The changes after that revision and the names of its fields, or why there are none."""
    try:
        history = read_history(pdf)
        _ = history.newest.fields  # read before changes are asked for
        found = changes.changes_after(history, first)
        return (*found.deltas, *found.form.fields)
    except Unreadable as error:
        return (error.why,)


@pytest.mark.parametrize("name", WITH_OWN_TWIN)
def test_the_honest_twin_of_an_attack_passes(
    name: str, shop: Any, trust: Trust, now: datetime, network: Silent
) -> None:
    """So that the attack is refused for the one thing in which the two differ.

    The twin of all others is the letter that none has attacked, above.
    """
    pdf = attacks.ATTACKS[name].twin(shop)
    report = assess(pdf, trust=trust, at=now, fetch=network)
    assert (report.verdict, report.document) == (Verdict.TOTAL_PASSED, "complete")


def test_the_table_of_attacks_tells_each_with_its_status_and_reason() -> None:
    """docs/attacks.md lists every vector once, and no other."""
    rows = re.findall(
        r"^\| [^|]+ \| `(\w+)\.(\w+)` \| ([\w-]+) \| `([\w-]+)` \| ([^|]+) \|$",
        (HERE.parents[2] / "docs" / "attacks.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(rows) == sorted(
        (one.subject, one.make.__name__, one.document, one.code, one.source)
        for one in attacks.ATTACKS.values()
    )


def test_no_attack_takes_long_or_much(
    shop: Any, authority: DemoAuthority, now: datetime, tmp_path: Path
) -> None:
    """Design, section 7: 2 s of processor time and 200 MB for each leg, whatever the file."""
    root = tmp_path / "root.pem"
    root.write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
    asked: list[tuple[str, str]] = []
    for name, attack in attacks.ATTACKS.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(attack.make(shop))
        asked += [(str(path), leg) for leg in ("first", "second")]
    done = subprocess.run(
        [sys.executable, str(HERE / "measured_assess.py"), str(root), now.isoformat()],
        input="".join(f"{path}\t{leg}\n" for path, leg in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    used = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(used) == len(asked)
    too_much = {
        (Path(path).stem, leg): one
        for (path, leg), one in zip(asked, used, strict=True)
        if one["status"] or one["seconds"] > SECONDS or one["bytes"] > MEMORY_BYTES
    }
    assert not too_much


def test_a_general_validator_passes_an_appearance_that_differs_from_its_value(
    shop: Any, trust: Trust, now: datetime
) -> None:
    """The reason why our own leg looks at appearances (reserved-fields.md section 5)."""
    pdf = attacks.ATTACKS["appearance-differs-from-value"].make(shop)
    assert assess_with_pyhanko(pdf, trust=trust, at=now).document == "complete"


def test_a_seal_without_a_signatory_is_no_signature(shop: Any, trust: Trust, now: datetime) -> None:
    """Nghị định 30/2020/NĐ-CP Điều 5: the agency's signature alone makes no original."""
    pdf = shop.keep(shop.seal_with(shop.reserved, {}))
    report = assess(pdf, trust=trust, at=now)
    assert report.document == "no-signature"
    assert codes(report) == {"signature-missing"}

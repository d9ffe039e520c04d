"""Every attack file is refused, for the reason that it deserves (vectors/pades/README.md)."""

import importlib
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chauban_pades import Report, assess
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pades.two_legs import worse
from chauban_pki.credentials import KeyCredential
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Trust

VECTORS = Path(__file__).parents[3] / "vectors" / "pades"
sys.path.insert(0, str(VECTORS))
attacks: ModuleType = importlib.import_module("attacks")
makers: ModuleType = importlib.import_module("workshop")
sys.path.remove(str(VECTORS))


@pytest.fixture(scope="module")
def shop(
    reserved: bytes,
    signatory: KeyCredential,
    seal: KeyCredential,
    timestamp: Timestamper,
    validation_data: ValidationData,
    now: datetime,
) -> Any:
    return makers.workshop(
        reserved,
        signatory=signatory,
        seal=seal,
        timestamp=timestamp,
        data=validation_data,
        now=now,
    )


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
def test_attack_is_refused(name: str, shop: Any, trust: Trust, now: datetime) -> None:
    attack = attacks.ATTACKS[name]
    report = assess(attack.make(shop), trust=trust, at=now)
    assert report.verdict is not Verdict.TOTAL_PASSED
    assert (report.document.value, codes(report)) == (
        attack.document,
        codes(report) | {attack.code},
    )


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_attack_passes_neither_through_both_legs_nor_through_an_exception(
    name: str, shop: Any, trust: Trust, now: datetime
) -> None:
    """Design decision 2: the worse of the two legs counts."""
    pdf = attacks.ATTACKS[name].make(shop)
    first = assess(pdf, trust=trust, at=now)
    second = assess_with_pyhanko(pdf, trust=trust, at=now)
    report = worse(first, second)
    assert report.verdict is not Verdict.TOTAL_PASSED
    assert not report.document.has_legal_value
    if second.verdict is Verdict.TOTAL_PASSED:
        assert "legs-disagree" in codes(report)


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

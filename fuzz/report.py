"""The report: any survives its way through JSON, no object breaks its parser, all have words.

python fuzz/report.py CORPUS CRASHES [arguments of libFuzzer]
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["chauban_pades", "chauban_pki"]):
    from chauban_pades import words
    from chauban_pades.report import (
        Change,
        DocumentStatus,
        Report,
        ReportMalformed,
        SignatureReport,
        parse_report,
    )
    from chauban_pades.two_legs import worse
    from chauban_pki.certificates import Role
    from chauban_pki.reasons import Reason, Verdict

from fuzzing import Broken, run

CORPUS, CRASHES = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
FACTS = ("detail", "detail_vi", "detail_en", "field", "expected_vi", "expected_en")


def target(data: bytes) -> None:
    """One report and its words made from the data, or any object in a report's place."""
    given = atheris.FuzzedDataProvider(data)
    if given.ConsumeBool():
        report = _report(given)
        _require_survives(report)
        _require_survives(worse(report, _report(given)))
    else:
        with suppress(ReportMalformed):
            parsed = parse_report(_object(given, report=_report(given).as_dict()))
            _require_survives(parsed)


def _require_survives(report: Report) -> None:
    written = report.as_dict()
    again = parse_report(json.loads(json.dumps(written)))
    if again.as_dict() != written:
        raise Broken("a report changes on its way through JSON")


def _report(given: Any) -> Report:
    return Report(
        given.PickValueInList(list(Verdict)),
        given.PickValueInList(list(DocumentStatus)),
        tuple(_signature(given) for _ in range(given.ConsumeIntInRange(0, 3))),
        tuple(_change(given) for _ in range(given.ConsumeIntInRange(0, 3))),
        tuple(_reason(given) for _ in range(given.ConsumeIntInRange(0, 3))),
    )


def _signature(given: Any) -> SignatureReport:
    seconds = given.ConsumeIntInRange(-(10**10), 10**11)
    return SignatureReport(
        _text(given),
        given.PickValueInList(list(Role)),
        _text(given),
        _text(given),
        _text(given),
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        if given.ConsumeBool()
        else None,
        given.PickValueInList(list(Verdict)),
        tuple(_reason(given) for _ in range(given.ConsumeIntInRange(0, 2))),
    )


def _change(given: Any) -> Change:
    made = words.change(
        given.PickValueInList(sorted(words.CHANGES)),
        revision=given.ConsumeIntInRange(1, 300),
        page=given.ConsumeIntInRange(1, 9) if given.ConsumeBool() else None,
        field=_text(given) if given.ConsumeBool() else None,
        detail=_text(given),
    )
    if not (made.vi and made.en):
        raise Broken(f"no words for {made.what}")
    return made


def _reason(given: Any) -> Reason:
    code = given.PickValueInList(sorted(words.REASONS))
    made = words.reason(code, **{name: _text(given) for name in FACTS})
    if not (made.vi and made.en and made.clause and made.next_vi and made.next_en):
        raise Broken(f"no words for {code}")
    return made


def _text(given: Any) -> str:
    text: str = given.ConsumeUnicodeNoSurrogates(given.ConsumeIntInRange(0, 12))
    return text


def _object(given: Any, *, report: Any, depth: int = 0) -> Any:
    """A report's object in which some value, key or part is another."""
    if depth > 6 or given.ConsumeIntInRange(0, 5) == 0:
        return given.PickValueInList(
            [None, 0, -1.5, "", "x", [], {}, [[]], {"code": {}}, True, [0]]
        )
    if isinstance(report, dict):
        return {
            key: _object(given, report=value, depth=depth + 1)
            for key, value in report.items()
            if given.ConsumeIntInRange(0, 20)
        }
    if isinstance(report, list):
        return [_object(given, report=value, depth=depth + 1) for value in report]
    return report


if __name__ == "__main__":
    run(target, crashes=CRASHES, name="report")

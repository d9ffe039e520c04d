"""Verdicts and reasons, the words in which an assessment is reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What an assessment says of a signature (ETSI EN 319 102-1 clause 5.1.3)."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"


_SEVERITY = {Verdict.TOTAL_PASSED: 0, Verdict.INDETERMINATE: 1, Verdict.TOTAL_FAILED: 2}


def worst(*verdicts: Verdict) -> Verdict:
    """Return the worst of the verdicts; of none, INDETERMINATE: nothing was shown."""
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.INDETERMINATE)


@dataclass(frozen=True)
class Reason:
    """One ground of a verdict: `code` for programs, `vi` and `en` for people.

    Both texts say what was found and, in their last sentence, what to do next. `clause` is the
    rule it comes from.
    """

    code: str
    vi: str
    en: str
    clause: str

    @property
    def next_vi(self) -> str:
        """What to do next, in Vietnamese."""
        return self.vi.rpartition(". ")[2]

    @property
    def next_en(self) -> str:
        """What to do next, in English."""
        return self.en.rpartition(". ")[2]

    def as_dict(self) -> dict[str, str]:
        """Return the reason as `chauban verify --json` prints it."""
        return {
            "code": self.code,
            "vi": self.vi,
            "en": self.en,
            "clause": self.clause,
            "next_vi": self.next_vi,
            "next_en": self.next_en,
        }


def parse_reason(given: Mapping[str, str]) -> Reason:
    """Return the reason that `Reason.as_dict` gave.

    Raises:
        KeyError, TypeError: it is no such object.
    """
    parts = [given[key] for key in ("code", "vi", "en", "clause")]
    if not all(isinstance(part, str) for part in parts):
        raise TypeError("a reason consists of texts")
    return Reason(*parts)

"""Every error has words, in both languages, that say what happened and what to do next."""

import inspect
import string
from datetime import UTC, datetime

import pytest

from chauban_pki import errors
from chauban_pki.errors import PKIError
from chauban_pki.reasons import Verdict, worst
from chauban_pki.words import WORDS, reason_for


def _leaves(kind: type[PKIError]) -> list[type[PKIError]]:
    below = [leaf for one in kind.__subclasses__() for leaf in _leaves(one)]
    return [kind, *below] if "code" in vars(kind) else below


LEAVES = _leaves(PKIError)
_MOMENT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)


def _example(kind: type[PKIError]) -> PKIError:
    given = {}
    for name, parameter in list(inspect.signature(kind.__init__).parameters.items())[1:]:
        if parameter.annotation is datetime:
            given[name] = _MOMENT
        elif parameter.annotation is int:
            given[name] = 7
        elif parameter.default is inspect.Parameter.empty:
            given[name] = f"<{name}>"
    return kind(**given)


def test_codes_are_unique_and_all_have_words():
    assert len({kind.code for kind in LEAVES}) == len(LEAVES)
    assert {kind.code for kind in LEAVES} == set(WORDS)
    named = {kind for kind in vars(errors).values() if inspect.isclass(kind)}
    assert set(LEAVES) == {kind for kind in named if issubclass(kind, PKIError)} - {PKIError}


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.code)
def test_words_name_only_facts_that_the_error_has(kind: type[PKIError]):
    reason = reason_for(_example(kind))
    words = WORDS[kind.code]
    for text, filled in ((words.vi, reason.vi), (words.en, reason.en)):
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert named <= set(_example(kind).facts())
        assert "{" not in filled
        # What happened, and what to do next: two sentences at least.
        assert filled.count(". ") >= 1
    assert reason.as_dict().keys() == {"code", "vi", "en", "clause"}


def test_moments_are_told_in_viet_nam_time():
    expired = errors.CertificateExpired("CN=An", valid_to=_MOMENT, at=_MOMENT)
    assert "23/11/2026 08:02:03 +07:00" in reason_for(expired).vi


def test_the_worst_verdict_wins():
    passed, unsure, failed = Verdict.TOTAL_PASSED, Verdict.INDETERMINATE, Verdict.TOTAL_FAILED
    assert worst(passed, passed) is passed
    assert worst(passed, unsure) is unsure
    assert worst(unsure, failed, passed) is failed
    assert worst() is unsure

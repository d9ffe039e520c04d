"""Every error has words, in both languages, that say what happened and what to do next."""

import inspect
import re
import string
from datetime import UTC, datetime

import pytest

from chauban_pki import errors
from chauban_pki.errors import PKIError
from chauban_pki.reasons import Reason, Verdict, parse_reason, worst
from chauban_pki.words import WORDS, reason_for


def _leaves(kind: type[PKIError]) -> list[type[PKIError]]:
    below = [leaf for one in kind.__subclasses__() for leaf in _leaves(one)]
    return [kind, *below] if "code" in vars(kind) else below


LEAVES = _leaves(PKIError)
NEXT_STEP_VI = re.compile("Hãy|Đề nghị|Không dùng|Để ký, hãy|Nếu .*(hãy|thêm)|Chữ ký sau .* hãy")
NEXT_STEP_EN = re.compile(
    "Apply|Ask|Check|Choose|Contact|Do not use|End|Enter|Export|Get|Give|Hash|Make|Plug|Send|Tell"
    "|Try|Use|To sign, renew|If .*(add|adds|tell)|A signature after .* ask"
)
OF_THE_DEMONSTRATION = {"demo-folder-taken", "demo-folder-invalid", "unknown-serial-number"}
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
    assert parse_reason(reason.as_dict()) == reason


@pytest.mark.parametrize("code", WORDS)
def test_every_reason_ends_with_what_to_do_next(code: str):
    words = WORDS[code]
    reason = Reason(code, words.vi, words.en, words.clause)
    assert NEXT_STEP_VI.match(reason.next_vi), reason.next_vi
    assert NEXT_STEP_EN.match(reason.next_en), reason.next_en
    assert reason.next_vi != reason.vi
    assert reason.next_en != reason.en
    assert "{" not in reason.next_vi + reason.next_en, "the step is the same whatever the facts"


@pytest.mark.parametrize("code", sorted(set(WORDS) - OF_THE_DEMONSTRATION))
def test_every_reason_names_its_clause(code: str):
    assert WORDS[code].clause


def test_moments_are_told_in_viet_nam_time():
    expired = errors.CertificateExpired("CN=An", valid_to=_MOMENT, at=_MOMENT)
    assert "23/11/2026 08:02:03 +07:00" in reason_for(expired).vi


def test_the_worst_verdict_wins():
    passed, unsure, failed = Verdict.TOTAL_PASSED, Verdict.INDETERMINATE, Verdict.TOTAL_FAILED
    assert worst(passed, passed) is passed
    assert worst(passed, unsure) is unsure
    assert worst(unsure, failed, passed) is failed
    assert worst() is unsure

"""Where something stands on its way, as every page draws it (`ui/steps.html`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class StepWord:
    word: str
    is_past: bool
    is_current: bool


def way(words: Sequence[str | Promise], done: int) -> list[StepWord]:
    """The steps in order, of which the first `done` are past and the next is the current one."""
    return [StepWord(str(word), index < done, index == done) for index, word in enumerate(words)]

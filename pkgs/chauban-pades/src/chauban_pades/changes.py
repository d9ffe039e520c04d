"""What the revisions after a signature changed, in their order.

Besides what `comparing` finds between two revisions, an object that comes to be counts as a
change where an older one had pointed at its number all along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from .comparing import Comparison, Delta, touched_numbers, unexplained
from .plain_increments import plain_deltas, plain_increments
from .reading import History
from .views import View

MAX_DELTAS = 100


class Changes(NamedTuple):
    """What the revisions after the first signed one changed, in their order.

    `form` is a view in which the form has the fields that it had in that first one.
    """

    deltas: tuple[Delta, ...]
    form: View


def changes_after(history: History, first: int) -> Changes:
    """What the revisions after the one of number first changed.

    Raises:
        Unreadable: a revision or an object in it does not read.
    """
    written_in: dict[int, int] = {}
    defined_in: dict[int, int] = {}
    deltas: list[Delta] = []
    plain = plain_increments(history) if first < len(history.revisions) else {}
    newest = base = history.newest
    base_number = len(history.revisions)
    for revision in reversed(history.revisions[first:]):
        increment = plain.get(revision.number)
        told = plain_deltas(history.pdf, base, increment) if increment else None
        if increment is not None and told is not None:
            touched, defined, found = increment.touched, increment.added, iter(told)
        else:
            is_base = base_number == revision.number
            new = base if is_base else history.view(revision.number)
            base_number = revision.number - 1
            old = base = history.view(base_number)
            touched = touched_numbers(old, new)
            defined = frozenset(new.places.keys() - old.places.keys())
            old.learn_references(newest, written_in.keys() | touched)
            found = Comparison(old, new, revision.number, touched).deltas()
        written_in |= {n: revision.number for n in touched if n not in written_in}
        defined_in |= dict.fromkeys(defined - defined_in.keys(), revision.number)
        deltas[:0] = islice(found, MAX_DELTAS)
        if next(found, None) is not None:
            return Changes((Delta("many-changes", revision.number), *deltas), history.view(first))
    every = dict.fromkeys((*deltas, *_awaited(newest, written_in, defined_in)))
    return Changes(tuple(every), base)


def _awaited(
    newest: View, written_in: Mapping[int, int], defined_in: Mapping[int, int]
) -> Iterator[Delta]:
    """What shows only since an object came to be that an older one had pointed at all along."""
    if not defined_in:
        return
    defined = frozenset(defined_in)
    unwritten, holders = newest.places.keys() - written_in.keys(), written_in.keys()
    if defined & newest.may_be_pointed_at(unwritten):
        holders = newest.places.keys()
    awaited = {
        number
        for holder in holders
        for number in newest.references(holder) & defined
        if defined_in[number] > written_in.get(holder, 0)
    }
    for number in islice(sorted(awaited), MAX_DELTAS):
        yield unexplained(newest, number, newest.object(number), defined_in[number])

"""What the revisions after a signature changed, in their order.

Besides what `comparing` finds between two revisions, an object that comes to be counts as a
change where an older one had pointed at its number all along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from .comparing import Comparison, Delta, touched_numbers, unexplained
from .reading import History
from .views import View

MAX_DELTAS = 100


def changes_after(history: History, first: int) -> tuple[Delta, ...]:
    """What the revisions after the one of number first changed, in their order.

    Raises:
        Unreadable: a revision or an object in it does not read.
    """
    written_in: dict[int, int] = {}
    defined_in: dict[int, int] = {}
    deltas: list[Delta] = []
    newest = new = history.newest
    for revision in reversed(history.revisions[first:]):
        old = history.view(revision.number - 1)
        touched = touched_numbers(old, new)
        written_in |= {n: revision.number for n in touched if n not in written_in}
        defined = new.places.keys() - old.places.keys() - defined_in.keys()
        defined_in |= dict.fromkeys(defined, revision.number)
        old.learn_references(newest, written_in.keys())
        found = Comparison(old, new, revision.number, touched).deltas()
        deltas[:0] = islice(found, MAX_DELTAS)
        if next(found, None) is not None:
            return (Delta("many-changes", revision.number), *deltas)
        new = old
    return tuple(dict.fromkeys((*deltas, *_awaited(newest, written_in, defined_in))))


def _awaited(
    newest: View, written_in: Mapping[int, int], defined_in: Mapping[int, int]
) -> Iterator[Delta]:
    """What shows only since an object came to be that an older one had pointed at all along."""
    if not defined_in:
        return
    defined = frozenset(defined_in)
    unwritten, holders = newest.places.keys() - written_in.keys(), written_in.keys()
    if defined & newest.pointed_at(unwritten):
        holders = newest.places.keys()
    awaited = {
        number
        for holder in holders
        for number in newest.references(holder) & defined
        if defined_in[number] > written_in.get(holder, 0)
    }
    for number in islice(sorted(awaited), MAX_DELTAS):
        yield unexplained(newest, number, newest.object(number), defined_in[number])

"""Who took over from bodies that are no more (design, decision 10)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from chauban.directory.models import Agency, IssuingBody, Succession


def heirs_of(bodies: Iterable[IssuingBody], day: date) -> dict[int, tuple[IssuingBody, ...]]:
    """The bodies in force on day that took over from each body, by its id.

    A body still in force is its own heir: only a code of it was retired. Of an agency that took
    over it is the body of the same symbol, or else every body of it. A district has no successor
    of its own: its heirs are those of the agencies that were under it.
    """
    asked = list(bodies)
    gone = [body for body in asked if not body.is_in_force(day)]
    found = {body.pk: (body,) for body in asked if body.is_in_force(day)}
    if not gone:
        return found
    agencies = _agencies_in_the_end({body.agency_id for body in gone}, day)
    standing: dict[int, list[IssuingBody]] = defaultdict(list)
    for body in (
        IssuingBody.objects.as_of(day)
        .filter(agency__in=set().union(*agencies.values()))
        .select_related("agency__parent")
        .prefetch_related("codes")
    ):
        standing[body.agency_id].append(body)
    for body in gone:
        found[body.pk] = tuple(
            heir
            for agency in sorted(agencies[body.agency_id])
            for heir in _same(standing[agency], body.symbol)
        )
    return found


def _same(bodies: list[IssuingBody], symbol: str) -> list[IssuingBody]:
    return [body for body in bodies if body.symbol == symbol] or bodies


def _agencies_in_the_end(agencies: Iterable[int], day: date) -> dict[int, set[int]]:
    """For each agency: those in force on day that succession leads to, however many steps."""
    in_force = set(Agency.objects.as_of(day).values_list("pk", flat=True))
    after: dict[int, list[int]] = defaultdict(list)
    for old, new in Succession.objects.filter(on__lte=day).values_list("predecessor", "successor"):
        after[old].append(new)
    under: dict[int, list[int]] = defaultdict(list)
    for child, parent in Agency.objects.filter(valid_to__lte=day, parent__isnull=False).values_list(
        "pk", "parent"
    ):
        under[parent].append(child)
    return {agency: _followed(agency, after, under, in_force) for agency in agencies}


def _followed(
    agency: int,
    after: Mapping[int, list[int]],
    under: Mapping[int, list[int]],
    in_force: Collection[int],
) -> set[int]:
    ends: set[int] = set()
    seen = {agency}
    waiting = [agency]
    while waiting:
        one = waiting.pop()
        if one in in_force:
            ends.add(one)
            continue
        for following in after.get(one) or under.get(one) or ():
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return ends

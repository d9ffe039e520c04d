"""Who is on the axis: systems, and the agencies behind each."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from chauban.axis.models import Member, System
from chauban.directory.models import AgencyLevel, IssuingBody


@dataclass(frozen=True)
class Registration:
    """A code to deliver to; old_organ_id is the agency's other code while both are in force."""

    organ_id: str
    name: str
    old_organ_id: str = ""


@transaction.atomic
def register_system(
    system_id: str, name: str, members: Iterable[Registration], *, secret: str = ""
) -> System:
    """Register a system with the codes it fetches for; again, names and new codes are taken over.

    Without a secret it keeps the one it has, or gets one.
    """
    system, is_new = System.objects.get_or_create(
        system_id=system_id, defaults={"name": name, "secret": secret or secrets.token_urlsafe(32)}
    )
    if not is_new:
        system.name = name
        system.secret = secret or system.secret
        system.save(update_fields=["name", "secret"])
    Member.objects.bulk_create(
        [Member(system=system, **vars(one)) for one in members],
        update_conflicts=True,
        unique_fields=["organ_id"],
        update_fields=["name", "system", "old_organ_id"],
    )
    return system


def register_directory(system_id: str, name: str, *, day: date, secret: str = "") -> System:
    """Register this installation's system with every code in force of the directory's bodies.

    Agencies of level OUTSIDE are left to the systems that serve them.
    """
    bodies = IssuingBody.objects.as_of(day).exclude(agency__level=AgencyLevel.OUTSIDE)
    members = []
    for body in bodies.prefetch_related("codes"):
        codes = [code.code for code in body.codes.all() if code.is_in_force(day)]
        if codes:
            current = body.organ_id(day)
            others = [code for code in codes if code != current]
            members.append(Registration(current, body.name, others[0] if others else ""))
            members += [Registration(code, body.name) for code in others]
    return register_system(system_id, name, members, secret=secret)

"""Who is on the axis: systems, and the agencies behind each."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from chauban.axis.models import Member, System
from chauban.axis.shared_secrets import sealed
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
    system = System.objects.filter(system_id=system_id).first() or System(system_id=system_id)
    system.name = name
    if secret or system.pk is None:
        system.sealed_secret = sealed(secret or new_secret(), system_id=system_id)
    system.save()
    Member.objects.bulk_create(
        [Member(system=system, **vars(one)) for one in members],
        update_conflicts=True,
        unique_fields=["organ_id"],
        update_fields=["name", "system", "old_organ_id", "removed_at"],
    )
    return system


def new_secret() -> str:
    """A secret of 256 bits, in letters that a header and a configuration file can carry."""
    return secrets.token_urlsafe(32)


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

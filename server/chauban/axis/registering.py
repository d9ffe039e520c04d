"""Who is on the axis: systems, and the agencies behind each."""

import secrets
from collections.abc import Mapping
from datetime import date

from django.db import transaction

from chauban.axis.models import Member, System
from chauban.directory.models import AgencyLevel, IssuingBody, OrganCode


@transaction.atomic
def register_system(
    system_id: str, name: str, *, members: Mapping[str, str], secret: str = ""
) -> System:
    """Register a system with its agencies, code → name; again: names and new codes are taken over.

    Without a secret it keeps the one it has, or gets one.
    """
    system, is_new = System.objects.get_or_create(
        system_id=system_id, defaults={"name": name, "secret": secret or secrets.token_urlsafe(32)}
    )
    if not is_new:
        system.name = name
        system.secret = secret or system.secret
        system.save(update_fields=["name", "secret"])
    for organ_id, member_name in members.items():
        Member.objects.update_or_create(
            organ_id=organ_id, defaults={"name": member_name, "system": system}
        )
    return system


@transaction.atomic
def register_directory(system_id: str, name: str, *, day: date) -> System:
    """Register this installation's system with every code in force of the directory's bodies.

    Agencies of level OUTSIDE are left to the systems that serve them; a code no longer in
    force is taken off.
    """
    codes = OrganCode.objects.as_of(day).exclude(body__agency__level=AgencyLevel.OUTSIDE)
    names = {
        code.code: code.body.name
        for code in codes.select_related("body")
        if code.body.is_in_force(day)
    }
    system = register_system(system_id, name, members=names)
    system.members.exclude(organ_id__in=names).filter(carriages=None).delete()
    for body in IssuingBody.objects.prefetch_related("codes").filter(codes__code__in=names):
        for organ_id in body.aliases() & set(names):
            old = next((one for one in body.aliases() & set(names) if one != organ_id), "")
            if organ_id == body.organ_id(day):
                Member.objects.filter(organ_id=organ_id).update(old_organ_id=old)
    return system

"""Official acts on the directory."""

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from chauban.directory.hue import DATA_FILE, AgencyLine, Hue
from chauban.directory.hue_staff import staff
from chauban.directory.models import (
    Agency,
    IssuingBody,
    OrganCode,
    Person,
    Post,
    Succession,
    Unit,
)
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record


@transaction.atomic
def load_hue(now: datetime) -> None:
    """Enter Huế's agencies, bodies, codes, successions, units and made-up officers.

    Adds what is missing and changes nothing that stands; loading twice adds nothing.
    """
    text = DATA_FILE.read_text("utf-8")
    lines = list(Hue(text).agencies())
    before = Agency.objects.count()
    agencies = _enter_agencies(lines)
    _enter_bodies(lines, agencies)
    _enter_successions(lines, agencies)
    _enter_staff(lines, agencies)
    if len(agencies) > before:
        digest = sha256(text.encode()).hexdigest()
        record(ActKind.DIRECTORY_LOADED, on=agencies["vp-ubnd"], by=None, at=now, digest=digest)


def _enter_agencies(lines: list[AgencyLine]) -> dict[str, Agency]:
    standing = set(Agency.objects.values_list("key", flat=True))
    missing = [line for line in lines if line.key not in standing]
    Agency.objects.bulk_create(
        Agency(
            key=line.key,
            name=line.name,
            level=line.level,
            place=line.place,
            statistical_code=line.statistical_code,
            note=line.note,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
        )
        for line in missing
    )
    agencies = {agency.key: agency for agency in Agency.objects.all()}
    for parent in {line.parent for line in missing if line.parent}:
        children = [line.key for line in missing if line.parent == parent]
        Agency.objects.filter(key__in=children).update(parent=agencies[parent])
    return agencies


def _enter_bodies(lines: list[AgencyLine], agencies: dict[str, Agency]) -> None:
    standing = set(IssuingBody.objects.values_list("key", flat=True))
    missing = [(line, body) for line in lines for body in line.bodies if body.key not in standing]
    created = IssuingBody.objects.bulk_create(
        IssuingBody(
            key=body.key,
            agency=agencies[line.key],
            name=body.name,
            symbol=body.symbol,
            parent_heading=body.parent_heading,
            heading=body.heading,
            is_collective=body.is_collective,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
        )
        for line, body in missing
    )
    OrganCode.objects.bulk_create(
        OrganCode(body=row, **asdict(code))
        for row, (_, body) in zip(created, missing, strict=True)
        for code in body.codes
    )


def _enter_successions(lines: list[AgencyLine], agencies: dict[str, Agency]) -> None:
    Succession.objects.bulk_create(
        (
            Succession(
                predecessor=agencies[old],
                successor=agencies[line.key],
                on=line.took_over_on or line.valid_from,
            )
            for line in lines
            for old in line.took_over
        ),
        ignore_conflicts=True,
    )


def _enter_staff(lines: list[AgencyLine], agencies: dict[str, Agency]) -> None:
    Unit.objects.bulk_create(
        (
            Unit(
                agency=agencies[line.key],
                name=name,
                symbol=symbol,
                valid_from=line.valid_from,
                valid_to=line.valid_to,
            )
            for line in lines
            for name, symbol in line.units
        ),
        ignore_conflicts=True,
    )
    units = {(unit.agency_id, unit.symbol): unit for unit in Unit.objects.all()}
    standing = set(Person.objects.values_list("email", flat=True))
    missing = [post for post in staff(lines) if post.email not in standing]
    people = Person.objects.bulk_create(
        Person(full_name=post.full_name, email=post.email) for post in missing
    )
    Post.objects.bulk_create(
        Post(
            person=person,
            agency=agencies[post.agency],
            unit=units[agencies[post.agency].pk, post.unit_symbol] if post.unit_symbol else None,
            title=post.title,
            role=post.role,
            valid_from=agencies[post.agency].valid_from,
        )
        for person, post in zip(people, missing, strict=True)
    )

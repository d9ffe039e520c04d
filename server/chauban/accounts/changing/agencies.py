"""Acts on agencies, bodies, units, their names and codes (design, decision 10).

Nothing is overwritten: what ends gets its first day out, a name its successor.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, Permission, is_at_the_top, require
from chauban.directory import errors
from chauban.directory.models import (
    Agency,
    Dated,
    IssuingBody,
    Name,
    Named,
    OrganCode,
    Succession,
    Unit,
)
from chauban.directory.rules import is_qcvn102_code, is_qd20_code, legal_day, slug
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

KEY_LENGTH = 60
MANAGE = Permission.MANAGE_DIRECTORY


@transaction.atomic
def add_agency(
    *,
    parent: Agency | None,
    name: str,
    level: str,
    place: str,
    statistical_code: str = "",
    note: str = "",
    valid_from: date,
    officer: Officer,
    now: datetime,
) -> Agency:
    """Enter an agency below another; without one, beside those at the top of the province.

    Raises: NotAllowed; NotInForce: the agency above is not there on that day.
    """
    require_above(officer, parent)
    if parent is not None:
        require_in_force(parent, valid_from)
    agency = Agency.objects.create(
        key=_free_key(Agency, name),
        name=name,
        level=level,
        parent=parent,
        place=place,
        statistical_code=statistical_code,
        note=note,
        valid_from=valid_from,
    )
    record(ActKind.AGENCY_ADDED, on=agency, by=officer, at=now, above=parent and parent.pk)
    return agency


@transaction.atomic
def add_body(
    agency: Agency,
    *,
    name: str,
    symbol: str,
    heading: str,
    parent_heading: str = "",
    is_collective: bool = False,
    valid_from: date,
    officer: Officer,
    now: datetime,
) -> IssuingBody:
    """Enter a body in whose name documents are issued; the agency keeps its registry.

    Raises: NotAllowed, NotInForce; SymbolTaken: another body of the registry has that symbol.
    """
    require(officer, MANAGE, agency)
    require_in_force(agency, valid_from)
    if agency.issuing_bodies.as_of(valid_from).filter(symbol=symbol).exists():
        raise errors.SymbolTaken(symbol)
    body = IssuingBody.objects.create(
        key=_free_key(IssuingBody, name),
        agency=agency,
        name=name,
        symbol=symbol,
        heading=heading,
        parent_heading=parent_heading,
        is_collective=is_collective,
        valid_from=valid_from,
    )
    record(ActKind.BODY_ADDED, on=body, by=officer, at=now, agency=agency.pk)
    return body


@transaction.atomic
def add_unit(
    agency: Agency, *, name: str, symbol: str, valid_from: date, officer: Officer, now: datetime
) -> Unit:
    """Raises: NotAllowed, NotInForce; SymbolTaken: another unit of the agency has that symbol."""
    require(officer, MANAGE, agency)
    require_in_force(agency, valid_from)
    if agency.units.as_of(valid_from).filter(symbol=symbol).exists():
        raise errors.SymbolTaken(symbol)
    unit = Unit.objects.create(agency=agency, name=name, symbol=symbol, valid_from=valid_from)
    record(ActKind.UNIT_ADDED, on=unit, by=officer, at=now, agency=agency.pk)
    return unit


@transaction.atomic
def end_unit(unit: Unit, *, on: date, officer: Officer, now: datetime) -> None:
    """The first day out is on. Raises: NotAllowed, NotInForce, EndsBeforeItBegins, PostsStand."""
    require(officer, MANAGE, unit.agency)
    require_endable(unit, on)
    if unit.posts.filter(Q(valid_to=None) | Q(valid_to__gt=on)).exists():
        raise errors.PostsStand(unit.name)
    _end(Unit.objects.filter(pk=unit.pk), on)
    unit.refresh_from_db()
    record(ActKind.UNIT_ENDED, on=unit, by=officer, at=now, on_day=on.isoformat())


@transaction.atomic
def rename(
    what: Agency | IssuingBody | Unit,
    *,
    name: str,
    heading: str = "",
    on: date,
    basis: str,
    officer: Officer,
    now: datetime,
) -> Name:
    """Give another name from a day on, past or to come; documents keep what they were issued with.

    Raises:
        NotAllowed
        NotInForce: it is not there on that day.
        NameUnchanged, NameChangedLater: the name stands, or a newer one from that day or later.
    """
    require(officer, MANAGE, what if isinstance(what, Agency) else what.agency)
    require_in_force(what, on)
    last = what.names.order_by("-valid_from").first()
    current = last or what
    if current.name == name and getattr(current, "heading", heading) == heading:
        raise errors.NameUnchanged(name)
    if last is not None and last.valid_from >= on:
        raise errors.NameChangedLater(name, last.valid_from)
    of = {_FIELDS[type(what)]: what}
    if last is None:
        last = Name.objects.create(
            **of, name=what.name, heading=getattr(what, "heading", ""), valid_from=what.valid_from
        )
    Name.objects.filter(pk=last.pk).update(valid_to=on)
    given = Name.objects.create(**of, name=name, heading=heading, valid_from=on, basis=basis)
    record(ActKind.RENAMED, on=what, by=officer, at=now, name=given.pk, on_day=on.isoformat())
    take_names_over(legal_day(now))
    what.refresh_from_db()
    return given


_FIELDS: dict[type[Named], str] = {Agency: "agency", IssuingBody: "body", Unit: "unit"}


def take_names_over(day: date) -> int:
    """Let what is named carry the name of day; return how many changed. The worker calls it."""
    changed = 0
    for model, field in _FIELDS.items():
        names = Name.objects.as_of(day).filter(**{f"{field}__isnull": False})
        for one in names.exclude(name=F(f"{field}__name")).select_related(field):
            values = {"name": one.name}
            if one.heading:
                values["heading"] = one.heading
            changed += model.objects.filter(pk=getattr(one, f"{field}_id")).update(**values)
    return changed


@transaction.atomic
def give_code(
    body: IssuingBody,
    *,
    scheme: str,
    code: str,
    source: str,
    valid_from: date,
    officer: Officer,
    now: datetime,
) -> OrganCode:
    """Enter the code of a body from a day on; one of the same scheme ends that day.

    Raises: NotAllowed, NotInForce; CodeMalformed; CodeTaken: it is or was somebody's.
    """
    require_above(officer, body.agency.parent)
    require_in_force(body, valid_from)
    has_form = is_qd20_code if scheme == OrganCode.Scheme.QD20 else is_qcvn102_code
    if not has_form(code):
        raise errors.CodeMalformed(code)
    if OrganCode.objects.filter(code=code).exists():
        raise errors.CodeTaken(code)
    for before in body.codes.as_of(valid_from).filter(scheme=scheme):
        end_code(before, on=valid_from, officer=officer, now=now)
    given = OrganCode.objects.create(
        body=body, scheme=scheme, code=code, source=source, valid_from=valid_from
    )
    record(ActKind.CODE_GIVEN, on=body, by=officer, at=now, code=code)
    return given


@transaction.atomic
def end_code(code: OrganCode, *, on: date, officer: Officer, now: datetime) -> None:
    """Raises: NotAllowed, NotInForce, EndsBeforeItBegins."""
    require_above(officer, code.body.agency.parent)
    require_endable(code, on)
    _end(OrganCode.objects.filter(pk=code.pk), on)
    code.refresh_from_db()
    record(ActKind.CODE_ENDED, on=code.body, by=officer, at=now, code=code.code)


@transaction.atomic
def end_agency(
    agency: Agency,
    successors: Collection[Agency],
    *,
    on: date,
    basis: str,
    officer: Officer,
    now: datetime,
) -> None:
    """Merge an agency into another, split it among several, or dissolve it, from a day on.

    Its bodies, codes, units and posts end with it: nothing is issued in its name from that day
    (Công văn 414/BNV-VTLTNN). What still comes to its codes goes to who took over.

    Raises:
        NotAllowed: the officer administers no agency above it.
        NotInForce, EndsBeforeItBegins: it has not begun by that day, or has ended.
        NobodyTakesOver, SucceedsItself; NotInForce: a successor is not there on that day.
        AgenciesStandBelow: agencies under it are still there then.
    """
    require_above(officer, agency.parent)
    require_endable(agency, on)
    if not successors:
        raise errors.NobodyTakesOver(agency.name)
    for successor in successors:
        if successor.pk == agency.pk:
            raise errors.SucceedsItself(agency.name)
        require_in_force(successor, on)
    still = Q(valid_to=None) | Q(valid_to__gt=on)
    if agency.children.filter(still).exists():
        raise errors.AgenciesStandBelow(agency.name)
    bodies = agency.issuing_bodies.all()
    for rows in (
        Agency.objects.filter(pk=agency.pk),
        bodies,
        OrganCode.objects.filter(body__in=bodies.values("pk")),
        agency.units.all(),
        agency.posts.all(),
    ):
        _end(rows.filter(still), on)
    for successor in successors:
        Succession.objects.get_or_create(
            predecessor=agency, successor=successor, defaults={"on": on, "note": basis[:200]}
        )
        record(
            ActKind.AGENCY_ENDED, on=agency, by=officer, at=now, successor=successor.pk,
            on_day=on.isoformat(),
        )  # fmt: skip
    agency.refresh_from_db()


def require_above(officer: Officer, above: Agency | None) -> None:
    """Existence and codes of an agency are its superior's to decide.

    Raises: NotAllowed, when the officer administers not the agency above.
    """
    if above is not None:
        require(officer, MANAGE, above)
    else:
        require(officer, MANAGE)
        if not is_at_the_top(officer.agency):
            raise NotAllowed(officer, MANAGE)


def require_in_force(what: Dated, day: date) -> None:
    """Raises: NotInForce."""
    if not what.is_in_force(day):
        raise errors.NotInForce(str(what), day)


def require_endable(what: Dated, on: date) -> None:
    """Require that the first day out can be on. Raises: EndsBeforeItBegins, NotInForce."""
    if on <= what.valid_from:
        raise errors.EndsBeforeItBegins(str(what), what.valid_from)
    if what.valid_to is not None and what.valid_to <= on:
        raise errors.NotInForce(str(what), on)


def _end(rows: "QuerySet[Dated]", on: date) -> None:
    """What would begin on that day or later never does: it ends as it begins."""
    rows.filter(valid_from__lt=on).update(valid_to=on)
    rows.filter(valid_from__gte=on).update(valid_to=F("valid_from"))


def _free_key(model: type[Agency] | type[IssuingBody], name: str) -> str:
    key = slug(name)[: KEY_LENGTH - 4].strip("-")
    taken = set(model.objects.filter(key__startswith=key).values_list("key", flat=True))
    return next(
        each for each in (key, *(f"{key}-{n}" for n in range(2, 1000))) if each not in taken
    )

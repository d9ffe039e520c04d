"""Acts on people and the posts that they hold, from a day to a day (design, decision 10)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from chauban.accounts.changing.agencies import require_endable, require_in_force
from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.accounts.rules import holds_keys
from chauban.directory import errors
from chauban.directory.models import Agency, Dated, Person, Post, Role, Unit
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record

MANAGE = Permission.MANAGE_DIRECTORY
ACTING = "Quyền "


@transaction.atomic
def add_person(*, full_name: str, email: str, officer: Officer, now: datetime) -> Person:
    """Raises: NotAllowed; EmailTaken: someone in the directory has that official address."""
    require(officer, MANAGE)
    if email and Person.objects.filter(email__iexact=email).exists():
        raise errors.EmailTaken(email)
    person = Person.objects.create(full_name=full_name, email=email)
    record(ActKind.PERSON_ADDED, on=person, by=officer, at=now)
    return person


@transaction.atomic
def appoint(
    person: Person,
    *,
    agency: Agency,
    unit: Unit | None,
    title: str,
    role: str,
    valid_from: date,
    valid_to: date | None = None,
    basis: str,
    officer: Officer,
    now: datetime,
) -> Post:
    """Give a person a post from a day on, beside those he holds; basis names the decision.

    Raises:
        NotAllowed; OwnPost: nobody appoints himself.
        EndsBeforeItBegins, NotInForce, OutsideItsWhole: the time does not fit agency and unit.
        HeldAlready: he holds that post there then.
        KeysApart: an administrator would hold keys as well.
    """
    post = Post(
        person=person,
        agency=agency,
        unit=unit,
        title=title,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=basis,
    )
    _require_appointable(post, officer)
    post.save()
    record(ActKind.APPOINTED, on=post, by=officer, at=now, agency=agency.pk, role=str(role))
    return post


@transaction.atomic
def stand_in(
    post: Post,
    *,
    person: Person,
    valid_from: date,
    valid_to: date | None,
    basis: str,
    officer: Officer,
    now: datetime,
) -> Post:
    """Let a person do the work of a post while its holder is away, to a last day.

    He acts under a title of his own (Quyền …, PL I II.7.a) and signs by a mandate given to that
    post alone; the holder's post and mandates stay as they are.

    Raises: StandInWithoutEnd, OutsideItsWhole, and as `appoint`.
    """
    if valid_to is None:
        raise errors.StandInWithoutEnd(post.title)
    _require_within(post, valid_from, valid_to)
    title = post.title
    if not title.startswith(ACTING):
        title = f"{ACTING}{title[:1].lower()}{title[1:]}"
    acting = Post(
        person=person,
        agency=post.agency,
        unit=post.unit,
        title=title[:100],
        role=post.role,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=basis,
        stands_in_for=post,
    )
    _require_appointable(acting, officer)
    acting.save()
    record(ActKind.DEPUTISED, on=acting, by=officer, at=now, post=post.pk)
    return acting


@transaction.atomic
def end_post(post: Post, *, on: date, officer: Officer, now: datetime) -> None:
    """End a post, and who stands in for its holder: the first day out is on.

    What he may sign by it ends with it. A later end is brought forward, an earlier one stays.

    Raises: NotAllowed; OwnPost; EndsBeforeItBegins, NotInForce.
    """
    require(officer, MANAGE, post.agency)
    if post.person_id == officer.person.pk:
        raise errors.OwnPost(post.title)
    require_endable(post, on)
    later = Q(valid_to=None) | Q(valid_to__gt=on)
    for ended in (post, *post.stand_ins.filter(later)):
        Post.objects.filter(pk=ended.pk).update(valid_to=max(on, ended.valid_from))
        record(ActKind.POST_ENDED, on=ended, by=officer, at=now, on_day=on.isoformat())
    post.refresh_from_db()


def _require_appointable(post: Post, officer: Officer) -> None:
    require(officer, MANAGE, post.agency)
    if post.person_id == officer.person.pk:
        raise errors.OwnPost(post.title)
    if post.valid_to is not None and post.valid_to <= post.valid_from:
        raise errors.EndsBeforeItBegins(post.title, post.valid_from)
    require_in_force(post.agency, post.valid_from)
    _require_within(post.agency, post.valid_from, post.valid_to)
    if post.unit is not None:
        _require_within(post.unit, post.valid_from, post.valid_to)
    for held in _held_meanwhile(post):
        if (held.agency_id, held.unit_id, held.role) == (post.agency_id, post.unit_id, post.role):
            raise errors.HeldAlready(str(held))
        if _keys_meet_administration(held.role, post.role):
            raise errors.KeysApart(str(held))


def _held_meanwhile(post: Post) -> "list[Post]":
    """What the person holds at any time while the post lasts."""
    others = post.person.posts.filter(Q(valid_to=None) | Q(valid_to__gt=post.valid_from))
    if post.valid_to is not None:
        others = others.filter(valid_from__lt=post.valid_to)
    return list(others)


def _keys_meet_administration(one: str, other: str) -> bool:
    return any(
        first == Role.ADMINISTRATOR and holds_keys(second)
        for first, second in ((one, other), (other, one))
    )


def _require_within(whole: Dated, start: date, end: date | None) -> None:
    begins = whole.is_in_force(start)
    outlasts = whole.valid_to is not None and (end is None or end > whole.valid_to)
    if not begins or outlasts:
        raise errors.OutsideItsWhole(str(whole))

"""What the axis's operator does: let systems in, lock them, change secrets and agencies."""

from datetime import datetime, timedelta

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.axis.actions import State, offer_again
from chauban.axis.errors import MemberElsewhere, NothingToOffer, SystemExists
from chauban.axis.models import Carriage, Member, System
from chauban.axis.neighbours import queue_waiting
from chauban.axis.querysets import WAITING
from chauban.axis.registering import Registration, new_secret
from chauban.axis.shared_secrets import sealed
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record


@transaction.atomic
def open_system(system_id: str, name: str, *, officer: Officer | None, now: datetime) -> System:
    """Register a system; its secret is told to the operator once and kept encrypted.

    Raises: SystemExists.
    """
    if System.objects.filter(system_id=system_id).exists():
        raise SystemExists(system_id)
    system = System.objects.create(
        system_id=system_id, name=name, sealed_secret=sealed(new_secret(), system_id=system_id)
    )
    record(ActKind.SYSTEM_REGISTERED, on=system, by=officer, at=now, system=system_id)
    return system


@transaction.atomic
def lock_system(system: System, *, officer: Officer, now: datetime) -> None:
    """Shut a system out: its calls are refused, and so are messages for its agencies.

    What waits for it keeps waiting until it is unlocked or expires.
    """
    _set_active(system, is_active=False)
    record(ActKind.SYSTEM_LOCKED, on=system, by=officer, at=now, system=system.system_id)


@transaction.atomic
def unlock_system(system: System, *, officer: Officer, now: datetime) -> None:
    _set_active(system, is_active=True)
    record(ActKind.SYSTEM_UNLOCKED, on=system, by=officer, at=now, system=system.system_id)


@transaction.atomic
def rotate_secret(
    system: System, *, keep_former: timedelta, officer: Officer, now: datetime
) -> None:
    """Give a system a new secret; the one before it counts until now + keep_former.

    A former secret that still counted ends at once, so that there are never more than two.
    """
    system.former_sealed_secret, system.former_until = system.sealed_secret, now + keep_former
    system.sealed_secret = sealed(new_secret(), system_id=system.system_id)
    system.save(update_fields=["sealed_secret", "former_sealed_secret", "former_until"])
    record(
        ActKind.SYSTEM_SECRET_ROTATED,
        on=system,
        by=officer,
        at=now,
        system=system.system_id,
        former_until=system.former_until.isoformat(),
    )


@transaction.atomic
def limit_system(
    system: System,
    *,
    calls_per_minute: int,
    max_message_mb: int | None,
    officer: Officer,
    now: datetime,
) -> None:
    """Set how often a system may call and how large its messages may be."""
    system.calls_per_minute, system.max_message_mb = calls_per_minute, max_message_mb
    system.save(update_fields=["calls_per_minute", "max_message_mb"])
    record(
        ActKind.SYSTEM_LIMITED,
        on=system,
        by=officer,
        at=now,
        system=system.system_id,
        calls_per_minute=calls_per_minute,
        max_message_mb=max_message_mb,
    )


@transaction.atomic
def add_member(
    system: System, registration: Registration, *, officer: Officer, now: datetime
) -> Member:
    """Let a system fetch and send for a code; what still waits for that code is its from now on.

    Raises: MemberElsewhere.
    """
    organ_id = registration.organ_id
    member = Member.objects.select_for_update().filter(organ_id=organ_id).first()
    if member and member.removed_at is None and member.system_id != system.pk:
        raise MemberElsewhere(organ_id, member.system.name)
    member = member or Member(organ_id=organ_id)
    member.system, member.removed_at = system, None
    member.name, member.old_organ_id = registration.name, registration.old_organ_id
    member.save()
    waiting = Carriage.objects.filter(to=member, state__in=WAITING)
    waiting.exclude(system=system).update(system=system, state=State.INITIAL)
    if neighbour := getattr(system, "neighbour", None):
        queue_waiting(neighbour, now=now)
    record(
        ActKind.MEMBER_ADDED,
        on=member,
        by=officer,
        at=now,
        system=system.system_id,
        organ_id=organ_id,
    )
    return member


@transaction.atomic
def remove_member(member: Member, *, officer: Officer, now: datetime) -> None:
    """Carry nothing more to a code; copies that its system did not fetch fail, senders see it."""
    member.removed_at = now
    member.save(update_fields=["removed_at"])
    Carriage.objects.filter(to=member, state__in=WAITING).update(
        state=State.FAIL,
        description=f"Mã {member.organ_id} không còn trên trục. Hãy gửi bằng kênh khác.",
        updated_at=now,
    )
    record(
        ActKind.MEMBER_REMOVED,
        on=member,
        by=officer,
        at=now,
        system=member.system.system_id,
        organ_id=member.organ_id,
    )


@transaction.atomic
def offer_copy_again(carriage: Carriage, *, officer: Officer, now: datetime) -> None:
    """Make one recipient's failed copy wait again, the other recipients' copies untouched.

    Raises: NothingToOffer.
    """
    member = carriage.to
    if carriage.state != State.FAIL or member.removed_at or not member.system.is_active:
        raise NothingToOffer
    offer_again(carriage.package, [member], now=now)
    record(
        ActKind.OFFERED_AGAIN,
        on=member,
        by=officer,
        at=now,
        organ_id=member.organ_id,
        package=str(carriage.package_id),
    )


def _set_active(system: System, *, is_active: bool) -> None:
    system.is_active = is_active
    system.save(update_fields=["is_active"])

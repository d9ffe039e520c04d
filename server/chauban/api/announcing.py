"""Telling applications what happened: the journal is followed, each event owed to whom it concerns.

What is told holds ids and codes alone, and only of what the application's officer may see with the
scopes it has; the rest it asks for itself.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from chauban.accounts.officers import Officer
from chauban.api.acting import acting_through
from chauban.api.errors import PostEnded
from chauban.api.events import FOLLOWED, TEST, Event, event_of
from chauban.api.models import Announcement, FollowedEvent, Subscription
from chauban.journal.following import raise_horizon
from chauban.journal.models import Act

AT_ONCE = 50


def announce_next(now: datetime) -> int:
    """Owe what the oldest acts not yet followed have subscriptions told. Return how many acts.

    Without a subscription nothing is followed and nothing is read of the journal.
    """
    subscriptions = list(
        Subscription.objects.standing().select_related(
            "application__post__agency", "application__post__unit", "application__post__person"
        )
    )
    if not subscriptions:
        return 0
    first = min(one.after_act for one in subscriptions)
    since = Act.objects.filter(kind__in=FOLLOWED, pk__gt=first)
    acts = list(since.unfollowed_by(FollowedEvent)[:AT_ONCE])
    if not acts:
        raise_horizon(since, FollowedEvent, now=now)
    officers = _officers(subscriptions, now)
    for act in acts:
        with transaction.atomic():
            if _is_first_to_follow(act):
                _owe(act, subscriptions, officers, now)
    return len(acts)


def owe_test(subscription: Subscription, *, now: datetime) -> Announcement:
    """Owe an event that tells of nothing, so that its owner sees whether it comes."""
    return Announcement.objects.create(
        subscription=subscription, event=TEST, body=_body(TEST, {}, now), due_at=now, created_at=now
    )


def _owe(
    act: Act, subscriptions: Sequence[Subscription], officers: dict[int, Officer], now: datetime
) -> None:
    event = event_of(act)
    if event is None:
        return
    Announcement.objects.bulk_create(
        Announcement(
            subscription=one,
            event=event.name,
            act=act,
            body=_body(event.name, _data(act, event), act.at),
            due_at=now,
            created_at=now,
        )
        for one in subscriptions
        if _concerns(one, act, event, officers)
    )


def _concerns(
    subscription: Subscription, act: Act, event: Event, officers: dict[int, Officer]
) -> bool:
    application = subscription.application
    officer = officers.get(application.pk)
    return (
        officer is not None
        and event.name in subscription.events
        and act.pk > subscription.after_act
        and event.about.scope in application.scopes
        and event.about.seen(officer).filter(pk=act.subject_id).exists()
    )


def _data(act: Act, event: Event) -> dict[str, Any]:
    """Where to read of it; of an act's own facts nothing but ids of tasks and recipients."""
    told = {name: act.facts[name] for name in ("task", "recipient", "code") if name in act.facts}
    if event.name != "document.status":
        told.pop("code", None)  # else it is the document's own number
    url = f"{settings.BASE_URL}/api/v1/{event.about.name}/{act.subject_id}"
    return {"id": act.subject_id, "resource": event.about.name, "url": url, "act": act.pk, **told}


def _body(name: str, data: dict[str, Any], at: datetime) -> str:
    """The bytes that are signed and sent, however often (Standard Webhooks, payload structure)."""
    return json.dumps({"type": name, "timestamp": at.isoformat(), "data": data}, sort_keys=True)


def _officers(subscriptions: Sequence[Subscription], now: datetime) -> dict[int, Officer]:
    """For whom each application acts; none whose post is held no more."""
    found: dict[int, Officer] = {}
    for one in subscriptions:
        application = one.application
        if application.pk not in found:
            try:
                found[application.pk] = acting_through(application, now, now).officer
            except PostEnded:
                continue
    return found


def _is_first_to_follow(act: Act) -> bool:
    """Take the act for this worker; False when another has it."""
    try:
        with transaction.atomic():
            FollowedEvent.objects.create(act=act)
    except IntegrityError:
        return False
    return True

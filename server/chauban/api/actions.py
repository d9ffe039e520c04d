"""What officers do with applications: register, renew, revoke, end; where they are to be told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotFound
from chauban.api import reaching, stating, tokens
from chauban.api.announcing import owe_test
from chauban.api.errors import (
    ApplicationEnded,
    LifeTooLong,
    NothingToSendAgain,
    ScopeNotYours,
    TooManyApplications,
    TooManyWebhooks,
)
from chauban.api.events import events_for
from chauban.api.models import Announcement, Application, Subscription, Token
from chauban.api.scopes import scopes_of_role
from chauban.api.telling import sealed_for
from chauban.axis.shared_secrets import sealed
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.journal.recording import record

MOST_APPLICATIONS = 20  # of a post, and tokens of an application, that are in use
MOST_WEBHOOKS = 10
FORMER_COUNTS_FOR = timedelta(hours=24)
LONGEST_LIFE = timedelta(days=366)


@transaction.atomic
def register_application(
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    officer: Officer,
    now: datetime,
    purpose: str = "",
) -> tuple[Application, tokens.Secret]:
    """Let an application act for the officer's post; return it with its first token, shown once.

    Raises:
        ScopeNotYours: more than the post may.
        LifeTooLong, TooManyApplications.
    """
    beyond = [one for one in scopes if one not in scopes_of_role(officer.post.role)]
    if beyond or not scopes:
        raise ScopeNotYours(beyond)
    if Application.objects.filter(post=officer.post, ended_at=None).count() >= MOST_APPLICATIONS:
        raise TooManyApplications(MOST_APPLICATIONS)
    application = Application.objects.create(
        name=name.strip(),
        purpose=purpose.strip(),
        post=officer.post,
        scopes=list(scopes),
        registered_at=now,
    )
    record(ActKind.APPLICATION_REGISTERED, on=application, by=officer, at=now)
    return application, make_token(application, expires_at=expires_at, officer=officer, now=now)


@transaction.atomic
def make_token(
    application: Application, *, expires_at: datetime, officer: Officer, now: datetime
) -> tokens.Secret:
    """A further token; those before it count on until they end or are revoked.

    Only who holds the application's post makes one: a colleague would act in his name.

    Raises: NotFound, ApplicationEnded, LifeTooLong, TooManyApplications.
    """
    if application.post_id != officer.post_id:
        raise NotFound(application.pk)
    if application.ended_at:
        raise ApplicationEnded
    if not now < expires_at <= now + LONGEST_LIFE:
        raise LifeTooLong(LONGEST_LIFE.days)
    if application.tokens.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_APPLICATIONS:
        raise TooManyApplications(MOST_APPLICATIONS)
    secret = tokens.new_secret()
    token = application.tokens.create(
        prefix=secret.prefix, digest=secret.digest, made_at=now, expires_at=expires_at
    )
    record(ActKind.TOKEN_MADE, on=application, by=officer, at=now, token=token.pk)
    return secret


@transaction.atomic
def revoke_token(token: Token, *, officer: Officer, now: datetime) -> None:
    """End one token at once; one that was revoked stays so."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        application = token.application
        record(ActKind.TOKEN_REVOKED, on=application, by=officer, at=now, token=token.pk)


@transaction.atomic
def end_application(application: Application, *, officer: Officer, now: datetime) -> None:
    """End an application with its tokens and webhooks; what it did stays in the journal."""
    is_ended = Application.objects.filter(pk=application.pk, ended_at=None).update(ended_at=now)
    if is_ended:
        application.subscriptions.filter(ended_at=None).update(ended_at=now)
        record(ActKind.APPLICATION_ENDED, on=application, by=officer, at=now)


def subscribe(
    application: Application, *, url: str, events: Sequence[str], officer: Officer, now: datetime
) -> tuple[Subscription, str]:
    """Have the application told of events at url; return it with its secret, shown once.

    Raises: ApplicationEnded, WebhookAddressRefused, ScopeNotYours, TooManyWebhooks.
    """
    beyond = sorted(set(events) - {event.name for event in events_for(application.scopes)})
    if beyond or not events:
        raise ScopeNotYours(beyond)
    # The name is looked up before the transaction: that asks the network.
    reaching.require_reachable(url, listed=settings.WEBHOOK_HOSTS, is_demo=settings.DEMO)
    secret = stating.new_secret()
    with transaction.atomic():
        if Application.objects.filter(pk=application.pk, ended_at=None).update(name=F("name")) == 0:
            raise ApplicationEnded
        if application.subscriptions.filter(ended_at=None).count() >= MOST_WEBHOOKS:
            raise TooManyWebhooks(MOST_WEBHOOKS)
        subscription = Subscription(
            application=application,
            url=url,
            events=sorted(set(events)),
            after_act=Act.objects.aggregate(newest=Max("pk"))["newest"] or 0,
            made_at=now,
        )
        subscription.sealed_secret = sealed(secret, system_id=sealed_for(subscription))
        subscription.save()
        record(ActKind.WEBHOOK_ADDED, on=application, by=officer, at=now, webhook=subscription.pk)
    return subscription, secret


@transaction.atomic
def renew_webhook_secret(
    subscription: Subscription,
    *,
    keep_former: timedelta = FORMER_COUNTS_FOR,
    officer: Officer,
    now: datetime,
) -> str:
    """Give a webhook a new secret, shown once; the one before it signs beside it for a while.

    A former secret that still signed ends at once, so that there are never more than two.

    Raises: ApplicationEnded.
    """
    secret = stating.new_secret()
    standing = Subscription.objects.filter(pk=subscription.pk, ended_at=None)
    if not standing.update(
        former_sealed_secret=F("sealed_secret"),
        former_until=now + keep_former,
        sealed_secret=sealed(secret, system_id=sealed_for(subscription)),
    ):
        raise ApplicationEnded
    subscription.refresh_from_db()
    record(
        ActKind.WEBHOOK_SECRET_RENEWED,
        on=subscription.application,
        by=officer,
        at=now,
        webhook=subscription.pk,
        former_until=(now + keep_former).isoformat(),
    )
    return secret


@transaction.atomic
def unsubscribe(subscription: Subscription, *, officer: Officer, now: datetime) -> None:
    """Tell it nothing more; what was still to be sent to it is not sent."""
    standing = Subscription.objects.filter(pk=subscription.pk, ended_at=None)
    if standing.update(ended_at=now):
        application = subscription.application
        record(ActKind.WEBHOOK_REMOVED, on=application, by=officer, at=now, webhook=subscription.pk)


def send_test(subscription: Subscription, *, now: datetime) -> Announcement:
    """Raises: ApplicationEnded."""
    if subscription.ended_at:
        raise ApplicationEnded
    return owe_test(subscription, now=now)


def send_again(announcement: Announcement, *, now: datetime) -> None:
    """Put an event that failed, or waits for its next try, back among the due ones.

    Raises: NothingToSendAgain: it was sent, or is being sent.
    """
    unheld = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = Announcement.objects.filter(unheld, pk=announcement.pk).exclude(state="sent")
    if not waiting.update(state=Announcement.State.DUE, due_at=now, attempts=0):
        raise NothingToSendAgain

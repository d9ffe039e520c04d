"""Where this application is told of events, and what came of telling it."""

from datetime import datetime, timedelta
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from chauban.accounts.rights import NotFound
from chauban.api import actions
from chauban.api.acting import Acting
from chauban.api.asking import acts, reads
from chauban.api.events import events_for
from chauban.api.models import Announcement, Subscription
from chauban.api.scopes import Scope
from chauban.api.shapes import WORD, Cursor, Given, Id, Limit, Line, Page, PathId, page_of
from chauban.api.words import SENDING

router = Router(tags=["webhooks"])
MOST_HOURS = 7 * 24


class WebhookIn(Given):
    url: Line
    events: Annotated[list[Annotated[Line, Field(max_length=40)]], Field(max_length=100)]


class WebhookShape(Schema):
    id: Id
    url: str
    events: list[str]
    made_at: datetime
    ended_at: datetime | None
    former_secret_until: datetime | None  # until then each message bears two signatures


class NewWebhook(WebhookShape):
    secret: str  # shown once: Standard Webhooks, `whsec_…`


class RenewalIn(Given):
    """For how many hours the secret before signs beside the new one."""

    keep_former_hours: Annotated[int, Field(ge=0, le=MOST_HOURS)] = 24


class Webhooks(Schema):
    items: list[WebhookShape]
    offered: list[str]  # the events that the application's scopes let it be told of


class AnnouncementShape(Schema):
    """One event owed, sent or failed; a failed one is sent again by hand alone."""

    id: Id
    webhook_id: str
    event: str
    state: str
    attempts: int
    http_status: int | None
    problem: str
    problem_vi: str
    problem_en: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


@reads(router, "/webhooks", Scope.WEBHOOKS_MANAGE, Webhooks)
def list_webhooks(request: HttpRequest) -> Webhooks:
    application = request.auth.application
    rows = application.subscriptions.filter(ended_at=None)
    return Webhooks(
        items=[WebhookShape(**_shape(one)) for one in rows],
        offered=[event.name for event in events_for(application.scopes)],
    )


@acts(router, "/webhooks", Scope.WEBHOOKS_MANAGE, NewWebhook, status=201, is_keyed=False)
def add_webhook(request: HttpRequest, given: WebhookIn) -> Status[NewWebhook]:
    """Be told of these events at url; the answer is the only one that shows the secret."""
    acting: Acting = request.auth
    subscription, secret = actions.subscribe(
        acting.application,
        url=given.url,
        events=given.events,
        officer=acting.officer,
        now=acting.now,
    )
    return Status(201, NewWebhook(**_shape(subscription), secret=secret))


@acts(
    router, "/webhooks/{pk}", Scope.WEBHOOKS_MANAGE, WebhookShape, method="DELETE", is_keyed=False
)
def remove_webhook(request: HttpRequest, pk: int = PathId) -> WebhookShape:
    acting: Acting = request.auth
    subscription = access_webhook(acting, pk)
    actions.unsubscribe(subscription, officer=acting.officer, now=acting.now)
    subscription.refresh_from_db()
    return WebhookShape(**_shape(subscription))


@acts(router, "/webhooks/{pk}/secret", Scope.WEBHOOKS_MANAGE, NewWebhook, is_keyed=False)
def renew_secret(request: HttpRequest, given: RenewalIn, pk: int = PathId) -> NewWebhook:
    """Have a new secret; the one before it signs beside it, so that nothing is missed meanwhile."""
    acting: Acting = request.auth
    subscription = access_webhook(acting, pk)
    secret = actions.renew_webhook_secret(
        subscription,
        keep_former=timedelta(hours=given.keep_former_hours),
        officer=acting.officer,
        now=acting.now,
    )
    return NewWebhook(**_shape(subscription), secret=secret)


@acts(
    router,
    "/webhooks/{pk}/test",
    Scope.WEBHOOKS_MANAGE,
    AnnouncementShape,
    status=202,
    is_keyed=False,
)
def try_webhook(request: HttpRequest, pk: int = PathId) -> Status[AnnouncementShape]:
    """Be sent an event `webhook.test`, in the way of all others."""
    acting: Acting = request.auth
    return Status(202, _told(actions.send_test(access_webhook(acting, pk), now=acting.now)))


@reads(router, "/webhooks/{pk}/sent", Scope.WEBHOOKS_MANAGE, Page[AnnouncementShape])
def announcements(
    request: HttpRequest,
    pk: int = PathId,
    state: str = Query("", max_length=6, pattern=WORD),
    cursor: int | None = Cursor,
    limit: int = Limit,
) -> Page[AnnouncementShape]:
    rows = access_webhook(request.auth, pk).announcements.all()
    if state:
        rows = rows.filter(state=state)
    shown, following = page_of(request, rows, cursor=cursor, limit=limit)
    return Page[AnnouncementShape](items=[_told(one) for one in shown], next=following)


@acts(
    router,
    "/webhooks/sent/{pk}/send-again",
    Scope.WEBHOOKS_MANAGE,
    AnnouncementShape,
    status=202,
    is_keyed=False,
)
def send_again(request: HttpRequest, pk: int = PathId) -> Status[AnnouncementShape]:
    """Send an event again that failed, or at once one that waits for its next try."""
    acting: Acting = request.auth
    one = Announcement.objects.filter(
        pk=pk, subscription__application=acting.application, subscription__ended_at=None
    ).first()
    if one is None:
        raise NotFound(pk)
    actions.send_again(one, now=acting.now)
    one.refresh_from_db()
    return Status(202, _told(one))


def access_webhook(acting: Acting, pk: int) -> Subscription:
    """One of the application's own that still stand. Raises: NotFound."""
    rows = acting.application.subscriptions.select_related("application")
    found: Subscription | None = rows.filter(pk=pk, ended_at=None).first()
    if found is None:
        raise NotFound(pk)
    return found


def _shape(one: Subscription) -> dict[str, object]:
    return {
        "id": one.pk,
        "url": one.url,
        "events": one.events,
        "made_at": one.made_at,
        "ended_at": one.ended_at,
        "former_secret_until": one.former_until,
    }


def _told(one: Announcement) -> AnnouncementShape:
    words = SENDING.get(one.problem)
    return AnnouncementShape(
        id=one.pk,
        webhook_id=f"msg_{one.uid}",
        event=one.event,
        state=one.state,
        attempts=one.attempts,
        http_status=one.http_status,
        problem=one.problem,
        problem_vi=words.vi if words else "",
        problem_en=words.en if words else "",
        created_at=one.created_at,
        due_at=one.due_at,
        sent_at=one.sent_at,
    )

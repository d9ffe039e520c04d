"""Of which acts an application may be told: the event's name, and the scope that may read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.api.scopes import Scope
from chauban.exchange.models import Delivery
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.access import visible_incoming, visible_outgoing
from chauban.workflow.models import Draft

Seen = Callable[[Officer], "QuerySet[Any]"]


def _deliveries(officer: Officer) -> "QuerySet[Any]":
    if not may(officer, Permission.VIEW_DELIVERIES):
        return Delivery.objects.none()
    return Delivery.objects.filter(body__agency=officer.agency_id)


@dataclass(frozen=True)
class Resource:
    """What an event is about: where it is read, with which scope, by whom."""

    name: str
    label: str  # of the model
    scope: Scope
    seen: Seen


_DRAFT = Resource("drafts", "workflow.draft", Scope.DRAFTS_READ, Draft.objects.visible_to)
_OUTGOING = Resource(
    "outgoing", "registers.outgoingdocument", Scope.OUTGOING_READ, visible_outgoing
)
_INCOMING = Resource(
    "incoming", "registers.incomingdocument", Scope.INCOMING_READ, visible_incoming
)
_DELIVERY = Resource("deliveries", "exchange.delivery", Scope.DELIVERIES_READ, _deliveries)


@dataclass(frozen=True)
class Event:
    name: str
    words: Promise
    act: ActKind
    about: Resource


EVENTS: Mapping[str, Event] = {
    event.name: event
    for event in (
        Event("draft.submitted", _("Dự thảo được trình"), ActKind.SUBMITTED, _DRAFT),
        Event("draft.returned", _("Dự thảo bị trả lại"), ActKind.RETURNED, _DRAFT),
        Event("draft.approved", _("Dự thảo được duyệt"), ActKind.APPROVED, _DRAFT),
        Event("draft.signed", _("Văn bản được ký số"), ActKind.SIGNED, _DRAFT),
        Event("document.numbered", _("Văn bản được cấp số"), ActKind.NUMBERED, _OUTGOING),
        Event("document.sealed", _("Văn bản có chữ ký số cơ quan"), ActKind.SEALED, _OUTGOING),
        Event("document.issued", _("Văn bản được phát hành"), ActKind.ISSUED, _OUTGOING),
        Event("document.recalled", _("Văn bản bị thu hồi"), ActKind.RECALLED, _OUTGOING),
        Event("document.cancelled", _("Số văn bản bị hủy"), ActKind.CANCELLED, _OUTGOING),
        Event("document.status", _("Nơi nhận báo trạng thái"), ActKind.STATUS_RECEIVED, _OUTGOING),
        Event("delivery.arrived", _("Văn bản đến hệ thống"), ActKind.ARRIVED, _DELIVERY),
        Event("delivery.assessed", _("Đã kiểm tra chữ ký số"), ActKind.ASSESSED, _DELIVERY),
        Event("delivery.returned", _("Đã trả lại nơi gửi"), ActKind.RETURNED_TO_SENDER, _DELIVERY),
        Event("delivery.recall-asked", _("Nơi gửi đòi thu hồi"), ActKind.RECALL_ASKED, _DELIVERY),
        Event(
            "incoming.registered", _("Văn bản đến được đăng ký"), ActKind.REGISTERED_INCOMING,
            _INCOMING,
        ),
        Event("incoming.closed", _("Xong văn bản đến"), ActKind.INCOMING_DONE, _INCOMING),
        Event("task.assigned", _("Nhiệm vụ được giao"), ActKind.ROUTED, _INCOMING),
        Event("task.started", _("Bắt đầu nhiệm vụ"), ActKind.TASK_STARTED, _INCOMING),
        Event("task.done", _("Hoàn thành nhiệm vụ"), ActKind.TASK_DONE, _INCOMING),
    )
}  # fmt: skip
TEST = "webhook.test"
# One event an act, but STATUS_RECEIVED, which also stands on documents that were passed on.
_BY_ACT = {(event.act, event.about.label): event for event in EVENTS.values()}
FOLLOWED = sorted({event.act.value for event in EVENTS.values()})


def event_of(act: Act) -> Event | None:
    return _BY_ACT.get((ActKind(act.kind), act.subject_type))


def events_for(scopes: list[str]) -> list[Event]:
    """The events that an application with these scopes may be told of."""
    return [event for event in EVENTS.values() if event.about.scope in scopes]

"""The places at an officer's desk: each is one list, and its counter counts that same list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.directory.rules import legal_day
from chauban.directory.working_days import is_past, last_working_day_before
from chauban.exchange.models import ChangeRequest, Delivery, Dispatch, ReceivedRecall
from chauban.exchange.rows import delivery_row, dispatch_row, recall_row
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.registers.rows import urgency_word
from chauban.ui.rows import Row
from chauban.workflow.models import Draft, Task
from chauban.workflow.rows import draft_row
from chauban.workflow.rules import Step

Rows = Callable[[Officer, datetime], "QuerySet[Model]"]
Line = Callable[[Model, datetime], Row]


@dataclass(frozen=True)
class Place:
    key: str
    name: Promise
    icon: str
    rows: Rows
    line: Line
    serves: Callable[[Officer], bool]
    empty: Promise
    is_authority: bool = False  # acts of authority are lacquer red
    is_work: bool = True  # it waits for this officer; else something to look at

    def url(self) -> str:
        return reverse("office:place", args=[self.key])


def _incoming(document: IncomingDocument, now: datetime) -> Row:
    return Row(
        number=f"{_('Số đến')} {document.arrival_number}",
        subject=document.subject,
        about=f"{document.code} · {document.sender_name}",
        state=str(document.get_state_display()),
        tone="good" if document.state == IncomingDocument.State.DONE else "go",
        url=reverse("workflow:incoming", args=[document.pk]),
        at=document.arrived_at,
        due_on=document.due_on,
        is_overdue=_is_overdue(document.due_on, now) and document.state != "done",
        urgency=urgency_word(document.priority),
    )


def _task(task: Task, now: datetime) -> Row:
    return Row(
        number=f"{_('Số đến')} {task.document.arrival_number}",
        subject=task.document.subject,
        about=f"{task.get_part_display()} · {task.instruction or task.document.sender_name}",
        state=str(task.get_state_display()),
        tone="good" if task.state == Task.State.DONE else "go",
        url=reverse("workflow:incoming", args=[task.document_id]),
        at=task.assigned_at,
        due_on=task.due_on,
        is_overdue=_is_overdue(task.due_on, now) and task.state != "done",
        urgency=urgency_word(task.document.priority),
    )


def _outgoing(document: OutgoingDocument, now: datetime) -> Row:
    return Row(
        number=document.code,
        subject=document.subject,
        about=document.body.name,
        state=str(document.get_state_display()),
        tone={"issued": "good", "recalled": "bad"}.get(document.state, "wait"),
        url=reverse("office:outgoing", args=[document.pk]),
        at=document.numbered_at,
        urgency=urgency_word(document.priority),
    )


def _is_overdue(due_on: date | None, now: datetime) -> bool:
    return due_on is not None and is_past(due_on, legal_day(now))


def _awaiting(*steps: Step) -> Rows:
    return lambda officer, now: (
        Draft.objects.for_page().awaiting(officer, *steps).order_by("-priority", "changed_at")
    )


def _can(permission: Permission) -> Callable[[Officer], bool]:
    return lambda officer: may(officer, permission)


PLACES: tuple[tuple[Promise, tuple[Place, ...]], ...] = (
    (
        _("Việc của tôi"),
        (
            Place(
                "sign",
                _("Chờ ký số"),
                "signature",
                _awaiting(Step.SIGN),
                lambda draft, now: draft_row(draft),
                _can(Permission.SIGN),
                _("Không có văn bản nào chờ ông/bà ký."),
                is_authority=True,
            ),
            Place(
                "approve",
                _("Chờ duyệt"),
                "checks",
                _awaiting(Step.APPROVE),
                lambda draft, now: draft_row(draft),
                _can(Permission.APPROVE),
                _("Không có dự thảo nào chờ duyệt."),
            ),
            Place(
                "check",
                _("Chờ kiểm tra"),
                "list-check",
                _awaiting(Step.CHECK_CONTENT, Step.CHECK_LAYOUT),
                lambda draft, now: draft_row(draft),
                lambda officer: (
                    may(officer, Permission.CHECK_CONTENT) or may(officer, Permission.CHECK_LAYOUT)
                ),
                _("Không có dự thảo nào chờ kiểm tra."),
            ),
            Place(
                "number",
                _("Chờ cấp số, ký số cơ quan"),
                "rubber-stamp",
                _awaiting(Step.NUMBER, Step.SEAL, Step.ISSUE),
                lambda draft, now: draft_row(draft),
                _can(Permission.SEAL),
                _("Không có văn bản nào chờ cấp số."),
                is_authority=True,
            ),
            Place(
                "dispatch",
                _("Chờ gửi ngoài trục"),
                "send",
                lambda officer, now: (
                    Dispatch.objects.of_agency(officer.agency_id)
                    .due()
                    .select_related("recipient__document")
                    .order_by("-recipient__document__priority", "owed_at")
                ),
                lambda dispatch, now: dispatch_row(dispatch),
                _can(Permission.ISSUE),
                _("Không có văn bản nào chờ gửi ngoài trục."),
            ),
            Place(
                "arrived",
                _("Văn bản đến chờ đăng ký"),
                "inbox",
                lambda officer, now: (
                    Delivery.objects.select_related("body")
                    .filter(body__agency=officer.agency, state__in=["arrived", "proposed"])
                    .order_by("arrived_at", "pk")
                ),
                lambda delivery, now: delivery_row(delivery),
                _can(Permission.REGISTER_INCOMING),
                _("Không có văn bản đến nào chờ đăng ký."),
            ),
            Place(
                "recalls",
                _("Yêu cầu thu hồi chờ trả lời"),
                "arrow-back-up",
                lambda officer, now: (
                    ReceivedRecall.objects.select_related("body", "delivery")
                    .filter(body__agency=officer.agency, state=ReceivedRecall.State.OPEN)
                    .order_by("asked_at", "pk")
                ),
                lambda recall, now: recall_row(recall),
                _can(Permission.REGISTER_INCOMING),
                _("Không có yêu cầu thu hồi nào chờ trả lời."),
            ),
            Place(
                "route",
                _("Văn bản đến chờ chuyển giao"),
                "route",
                lambda officer, now: (
                    IncomingDocument.objects.select_related("body")
                    .filter(body__agency=officer.agency, state=IncomingDocument.State.REGISTERED)
                    .order_by("-priority", "arrived_at")
                ),
                _incoming,
                _can(Permission.ROUTE),
                _("Mọi văn bản đến đã được chuyển giao."),
            ),
            Place(
                "tasks",
                _("Nhiệm vụ được giao"),
                "list-details",
                lambda officer, now: (
                    Task.objects.of(officer)
                    .unfinished()
                    .select_related("document")
                    .order_by("due_on", "assigned_at")
                ),
                _task,
                _can(Permission.HANDLE_TASK),
                _("Ông/bà không có nhiệm vụ nào chưa xong."),
            ),
            Place(
                "drafts",
                _("Dự thảo của tôi"),
                "pencil",
                lambda officer, now: (
                    Draft.objects.for_page()
                    .written_by(officer)
                    .exclude(state=Draft.State.ISSUED)
                    .order_by("-changed_at")
                ),
                lambda draft, now: draft_row(draft),
                _can(Permission.DRAFT),
                _("Ông/bà chưa có dự thảo nào."),
            ),
        ),
    ),
    (
        _("Cơ quan"),
        (
            Place(
                "overdue",
                _("Văn bản đến quá hạn"),
                "alert-triangle",
                lambda officer, now: (
                    IncomingDocument.objects.select_related("body")
                    .filter(
                        body__agency=officer.agency,
                        due_on__lte=last_working_day_before(legal_day(now)),
                    )
                    .exclude(
                        state__in=[
                            IncomingDocument.State.DONE,
                            IncomingDocument.State.RECALLED,
                        ]
                    )
                    .order_by("due_on")
                ),
                _incoming,
                _can(Permission.ROUTE),
                _("Không có văn bản đến nào quá hạn."),
                is_work=False,
            ),
            Place(
                "recalled",
                _("Thu hồi chưa đủ trả lời"),
                "clock",
                lambda officer, now: (
                    OutgoingDocument.objects.select_related("body")
                    .filter(body__agency=officer.agency, state=OutgoingDocument.State.RECALLED)
                    .filter(pk__in=ChangeRequest.objects.unsettled().values("recipient__document"))
                    .order_by("recalled_at")
                ),
                _outgoing,
                _can(Permission.ISSUE),
                _("Mọi nơi nhận đã trả lời các yêu cầu thu hồi."),
                is_work=False,
            ),
            Place(
                "issued",
                _("Văn bản đã phát hành"),
                "send",
                lambda officer, now: (
                    OutgoingDocument.objects.select_related("body")
                    .filter(
                        body__agency=officer.agency,
                        state__in=[
                            OutgoingDocument.State.ISSUED,
                            OutgoingDocument.State.RECALLED,
                        ],
                    )
                    .order_by("-issued_at")
                ),
                _outgoing,
                _can(Permission.VIEW_REGISTERS),
                _("Chưa phát hành văn bản nào."),
                is_work=False,
            ),
        ),
    ),
)


def places(officer: Officer) -> Iterator[tuple[Promise, list[Place]]]:
    """The officer's places in groups; groups with nothing for him are left out."""
    for name, group in PLACES:
        serving = [place for place in group if place.serves(officer)]
        if serving:
            yield name, serving


def place_of(officer: Officer, key: str) -> Place | None:
    return next(
        (place for _, group in places(officer) for place in group if place.key == key), None
    )

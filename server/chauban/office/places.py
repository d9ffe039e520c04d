"""The places at a desk: which lists there are, of what, and whom each one serves."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.directory.models import Post, Role
from chauban.directory.rules import legal_day, legal_year
from chauban.directory.working_days import last_working_day_before
from chauban.exchange.models import (
    ChangeRequest,
    Delivery,
    Dispatch,
    IncomingMessage,
    OutgoingMessage,
    ReceivedRecall,
    Recipient,
)
from chauban.exchange.rows import delivery_row, dispatch_row, recall_row
from chauban.office import lines
from chauban.office.administering.reaching import administered, ending, suspended_people
from chauban.office.desk import Place, Question, Rows, on_the_hour
from chauban.registers.access import DIRECTING, visible_incoming
from chauban.registers.models import (
    ArrivalSeries,
    IncomingDocument,
    OutgoingDocument,
    Series,
)
from chauban.trust.models import Mandate
from chauban.workflow.models import Check, Draft, Opinion, Task
from chauban.workflow.opinions.access import awaited_rounds
from chauban.workflow.opinions.rows import opinion_row, round_row
from chauban.workflow.rows import draft_row
from chauban.workflow.rules import Step

QUESTIONS_KEPT = 1000  # posts whose counting is kept in words
PRESS_DAYS = 2  # how long before its day a document is pressed for
REFUSED_DAYS = 30  # how long a document that was sent back stands at the clerk's desk
_ENDED = (IncomingDocument.State.DONE, IncomingDocument.State.RECALLED)


def _can(permission: Permission) -> Callable[[Officer], bool]:
    return lambda officer: may(officer, permission)


def _is(*roles: Role) -> Callable[[Officer], bool]:
    return lambda officer: officer.post.role in roles


def _awaiting(*steps: Step) -> Rows:
    return lambda officer, now: (
        Draft.objects.for_page().awaiting(officer, *steps).order_by("-priority", "changed_at")
    )


def _own_drafts(officer: Officer) -> "QuerySet[Draft]":
    return Draft.objects.for_page().written_by(officer).order_by("-changed_at")


def _returned(officer: Officer, now: datetime) -> "QuerySet[Draft]":
    """Drafts that somebody sent back to their author, who has not submitted them again."""
    refused = Check.objects.filter(version__draft=OuterRef("pk"), passed=False)
    return _own_drafts(officer).filter(Exists(refused), state=Draft.State.DRAFTING)


def _own_tasks(officer: Officer) -> "QuerySet[Task]":
    return (
        Task.objects.of(officer)
        .unfinished()
        .select_related("document")
        .order_by(F("due_on").asc(nulls_last=True), "assigned_at")
    )


def _to_share_out(officer: Officer, now: datetime) -> "QuerySet[Task]":
    """What was given to a unit head and by him to nobody yet, nor begun by himself."""
    given = Task.objects.filter(
        document=OuterRef("document"), assigned_by__person=officer.post.person_id
    )
    return _own_tasks(officer).filter(~Exists(given), state=Task.State.ASSIGNED)


def _in_hand(officer: Officer, now: datetime) -> "QuerySet[Task]":
    """Unfinished tasks of a unit head's unit; of the whole agency for who heads that."""
    post = officer.post
    tasks = Task.objects.unfinished().filter(assignee__agency=post.agency_id)
    if post.role == Role.UNIT_HEAD:
        tasks = tasks.filter(assignee__unit=post.unit_id)
    return tasks.select_related("document", "assignee__person", "assignee__unit").order_by(
        F("due_on").asc(nulls_last=True), "assigned_at"
    )


def _of_whom(tasks: "QuerySet[Task]", asked: QueryDict) -> "QuerySet[Task]":
    """Those of one person's post or of one unit, where the address names it."""
    for name, field in (("of", "assignee"), ("unit", "assignee__unit")):
        if (key := asked.get(name, "")).isdecimal() and len(key) < 10:
            tasks = tasks.filter(**{field: int(key) or None})  # 0: those of no unit
    return tasks


def _incoming(officer: Officer) -> "QuerySet[IncomingDocument]":
    """Incoming documents of the officer's agency that he may open."""
    if officer.post.role in DIRECTING:
        documents = IncomingDocument.objects.all()
    else:
        documents = visible_incoming(officer)
    return documents.select_related("body").filter(body__agency=officer.agency_id)


def _due_by(officer: Officer, day: date) -> "QuerySet[IncomingDocument]":
    return _incoming(officer).filter(due_on__lte=day).exclude(state__in=_ENDED).order_by("due_on")


PLACES: tuple[tuple[Promise, tuple[Place, ...]], ...] = (
    (
        _("Việc của tôi"),
        (
            Place(
                "sign",
                _("Chờ ký số"),
                "signature",
                _awaiting(Step.SIGN),
                lambda draft, now: draft_row(draft, to="workflow:sign"),
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
                "troubled",
                _("Bị trả lại, chưa gửi được"),
                "mail-x",
                lambda officer, now: (
                    Recipient.objects.refused_or_stuck(now - timedelta(days=REFUSED_DAYS))
                    .filter(document__body__agency=officer.agency_id)
                    .select_related("document", "message")
                    .order_by("-document__priority", "-status_at", "pk")
                ),
                lines.recipient_line,
                _can(Permission.ISSUE),
                _("Mọi văn bản đã đến nơi nhận."),
                is_late=True,
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
                    _incoming(officer)
                    .filter(state=IncomingDocument.State.REGISTERED)
                    .order_by("-priority", "arrived_at")
                ),
                lines.incoming_line,
                _is(*DIRECTING),
                _("Mọi văn bản đến đã được chuyển giao."),
            ),
            Place(
                "share",
                _("Chờ phân công"),
                "share-2",
                _to_share_out,
                lines.task_line,
                _is(Role.UNIT_HEAD),
                _("Mọi việc giao cho đơn vị đã có người làm."),
            ),
            Place(
                "press",
                _("Cần đôn đốc"),
                "speakerphone",
                lambda officer, now: _due_by(officer, legal_day(now) + timedelta(days=PRESS_DAYS)),
                lines.incoming_line,
                _is(Role.OFFICE_HEAD),
                _("Không có văn bản đến nào sắp đến hạn hay quá hạn."),
            ),
            Place(
                "tasks",
                _("Nhiệm vụ được giao"),
                "list-details",
                lambda officer, now: _own_tasks(officer),
                lines.task_line,
                _can(Permission.HANDLE_TASK),
                _("Ông/bà không có nhiệm vụ nào chưa xong."),
            ),
            Place(
                "late",
                _("Nhiệm vụ quá hạn"),
                "calendar-due",
                lambda officer, now: _own_tasks(officer).filter(
                    due_on__lte=last_working_day_before(legal_day(now))
                ),
                lines.task_line,
                _can(Permission.HANDLE_TASK),
                _("Ông/bà không có nhiệm vụ nào quá hạn."),
                is_late=True,
            ),
            Place(
                "opinions",
                _("Ý kiến được hỏi"),
                "message-circle",
                lambda officer, now: (
                    Opinion.objects.asked_of(officer)
                    .open()
                    .select_related("round__draft", "round__asked_by__person", "unit")
                    .order_by("round__due_on", "pk")
                ),
                opinion_row,
                _can(Permission.DRAFT),
                _("Không ai đang chờ ý kiến của ông/bà."),
            ),
            Place(
                "returned",
                _("Dự thảo bị trả lại"),
                "arrow-back-up",
                _returned,
                lambda draft, now: draft_row(draft),
                _can(Permission.DRAFT),
                _("Không có dự thảo nào bị trả lại."),
                is_late=True,
            ),
            Place(
                "drafts",
                _("Dự thảo của tôi"),
                "pencil",
                lambda officer, now: _own_drafts(officer).exclude(state=Draft.State.ISSUED),
                lambda draft, now: draft_row(draft),
                _can(Permission.DRAFT),
                _("Ông/bà chưa có dự thảo nào."),
            ),
            Place(
                "asked",
                _("Đang chờ người khác cho ý kiến"),
                "hourglass",
                lambda officer, now: (
                    awaited_rounds(officer)
                    .select_related("draft")
                    .prefetch_related("opinions__post__person", "opinions__unit")
                    .order_by("due_on", "pk")
                ),
                round_row,
                _can(Permission.DRAFT),
                _("Ông/bà không chờ ý kiến của ai."),
                is_work=False,
            ),
            Place(
                "suspended",
                _("Tài khoản bị đình chỉ"),
                "lock",
                lambda officer, now: suspended_people(officer).order_by("full_name", "pk"),
                lines.suspended_line,
                _can(Permission.MANAGE_DIRECTORY),
                _("Không tài khoản nào bị đình chỉ."),
            ),
            Place(
                "posts-ending",
                _("Chức danh sắp hết hạn"),
                "users",
                lambda officer, now: (
                    ending(Post, legal_day(now))
                    .filter(agency__in=administered(officer))
                    .select_related("person", "agency")
                ),
                lines.ending_post_line,
                _can(Permission.MANAGE_DIRECTORY),
                _("Không chức danh nào hết hạn trong 30 ngày tới."),
            ),
            Place(
                "mandates-ending",
                _("Thẩm quyền ký sắp hết hạn"),
                "signature",
                lambda officer, now: (
                    ending(Mandate, legal_day(now))
                    .filter(body__agency__in=administered(officer))
                    .select_related("person", "body")
                ),
                lines.ending_mandate_line,
                _is(Role.ADMINISTRATOR),
                _("Không thẩm quyền ký nào hết hạn trong 30 ngày tới."),
            ),
            Place(
                "stuck",
                _("Nơi nhận chưa nhận được"),
                "mail-x",
                lambda officer, now: (
                    Recipient.objects.troubled()
                    .select_related("document", "message")
                    .order_by("-pk")
                ),
                lines.stuck_line,
                _can(Permission.OPERATE_AXIS),
                _("Mọi văn bản đã đến nơi nhận."),
                is_late=True,
            ),
            Place(
                "failed",
                _("Gói tin gửi không thành công"),
                "alert-triangle",
                lambda officer, now: OutgoingMessage.objects.failed(),
                lines.failed_line,
                _can(Permission.OPERATE_AXIS),
                _("Không có gói tin nào gửi không thành công."),
                is_late=True,
            ),
            Place(
                "unclaimed",
                _("Gói tin cần người xem"),
                "hourglass",
                lambda officer, now: IncomingMessage.objects.set_aside(),
                lines.set_aside_line,
                _can(Permission.OPERATE_AXIS),
                _("Không có gói tin nào cần người xem."),
            ),
        ),
    ),
    (
        _("Cơ quan"),
        (
            Place(
                "in-hand",
                _("Việc đang giao"),
                "users-group",
                _in_hand,
                lines.held_task_line,
                _is(Role.UNIT_HEAD, Role.OFFICE_HEAD, Role.LEADER),
                _("Không ai có nhiệm vụ chưa xong."),
                is_work=False,
                narrowed=_of_whom,
            ),
            Place(
                "overdue",
                _("Văn bản đến quá hạn"),
                "alert-triangle",
                lambda officer, now: _due_by(officer, last_working_day_before(legal_day(now))),
                lines.incoming_line,
                _can(Permission.ROUTE),
                _("Không có văn bản đến nào quá hạn."),
                is_work=False,
                is_late=True,
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
                lines.outgoing_line,
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
                lines.outgoing_line,
                _can(Permission.VIEW_REGISTERS),
                _("Chưa phát hành văn bản nào."),
                is_work=False,
            ),
            Place(
                "dealt-with",
                _("Văn bản đến đã giải quyết xong"),
                "checks",
                lambda officer, now: (
                    _incoming(officer)
                    .filter(state=IncomingDocument.State.DONE)
                    .order_by("-arrived_at")
                ),
                lines.incoming_line,
                _is(Role.ARCHIVIST),
                _("Chưa có văn bản đến nào giải quyết xong."),
                is_work=False,
            ),
            Place(
                "closed-outgoing",
                _("Sổ văn bản đi của các năm trước"),
                "send",
                lambda officer, now: Series.objects.closed_books(
                    officer.agency_id, legal_year(now)
                ),
                lines.outgoing_book_line,
                _is(Role.ARCHIVIST),
                _("Chưa có sổ của năm trước."),
                is_work=False,
            ),
            Place(
                "closed-incoming",
                _("Sổ văn bản đến của các năm trước"),
                "books",
                lambda officer, now: (
                    ArrivalSeries.objects.filter(
                        body__agency=officer.agency_id, year__lt=legal_year(now)
                    )
                    .select_related("body")
                    .order_by("-year", "body")
                ),
                lines.incoming_book_line,
                _is(Role.ARCHIVIST),
                _("Chưa có sổ của năm trước."),
                is_work=False,
            ),
        ),
    ),
)


def places_of(officer: Officer) -> Iterator[tuple[Promise, list[Place]]]:
    """The officer's places in groups; groups with nothing for him are left out."""
    for name, group in PLACES:
        serving = [place for place in group if place.serves(officer)]
        if serving:
            yield name, serving


def counts(officer: Officer, now: datetime) -> Mapping[str, int]:
    """How long each of the officer's lists is, by the place's key; one query for all."""
    post = officer.post
    standing = (post.person_id, post.agency_id, post.unit_id, post.role)
    question = _question(officer, standing, on_the_hour(now))
    return question.ask() if question else {}


@lru_cache(maxsize=QUESTIONS_KEPT)
def _question(officer: Officer, standing: tuple[Any, ...], hour: datetime) -> Question | None:
    """Alike for one who stands alike within an hour: lists are by the day or the hour."""
    found = [place for _, group in places_of(officer) for place in group]
    return Question.about(found, officer, hour) if found else None


def place_of(officer: Officer, key: str) -> Place | None:
    return next(
        (place for _, group in places_of(officer) for place in group if place.key == key), None
    )

"""What stands at an officer's desk as lines of a list."""

from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from chauban.directory.models import IssuingBody, Person, Post
from chauban.directory.rules import legal_day
from chauban.directory.working_days import is_past
from chauban.exchange.models import IncomingMessage, OutgoingMessage, Recipient
from chauban.registers.models import ArrivalSeries, IncomingDocument, OutgoingDocument, Series
from chauban.registers.rows import urgency_word
from chauban.trust.models import Mandate
from chauban.trust.saying import mandate_in_words
from chauban.ui.rows import Row
from chauban.workflow.models import Task


def incoming_line(document: IncomingDocument, now: datetime) -> Row:
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


def task_line(task: Task, now: datetime) -> Row:
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


def outgoing_line(document: OutgoingDocument, now: datetime) -> Row:
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


def held_task_line(task: Task, now: datetime) -> Row:
    """A task with who has it in hand: for those who look after others' work."""
    return replace(
        task_line(task, now),
        about=f"{task.assignee.person.full_name} · "
        f"{task.get_part_display()} · {task.document.sender_name}",
    )


def outgoing_book_line(series: Series, now: datetime) -> Row:
    """The outgoing register of a body in a year that is over."""
    return _book_line(series.group.body, series.year, "registers:outgoing-register")


def incoming_book_line(series: ArrivalSeries, now: datetime) -> Row:
    return _book_line(series.body, series.year, "registers:incoming-register")


def recipient_line(recipient: Recipient, now: datetime) -> Row:
    """A recipient who sent the document back, or whom it did not reach."""
    document, message = recipient.document, recipient.message
    is_refused = bool(recipient.status_code)
    reason = recipient.refused_reason or (str(message.error_words) if message else "")
    return Row(
        number=document.code,
        subject=document.subject,
        about=recipient.name,
        state=_("Bị trả lại") if is_refused else _("Chưa gửi được"),
        tone="bad",
        url=reverse("office:outgoing", args=[document.pk]),
        at=recipient.status_at or document.issued_at,
        urgency=urgency_word(document.priority),
        note=reason,
    )


def stuck_line(recipient: Recipient, now: datetime) -> Row:
    """The same for who operates the exchange: he sends again, and does not open documents."""
    line = recipient_line(recipient, now)
    return replace(
        line, subject=recipient.name, about=recipient.organ_id, url=reverse("axis:queues")
    )


def failed_line(message: OutgoingMessage, now: datetime) -> Row:
    return Row(
        number=message.error_code or _("Lỗi"),
        subject=f"{message.from_organ_id} → {', '.join(message.to_organ_ids)}",
        about=message.error_detail,
        state=_("Gửi không thành công"),
        tone="bad",
        url=reverse("axis:queues"),
        at=message.created_at,
    )


def set_aside_line(message: IncomingMessage, now: datetime) -> Row:
    return Row(
        number=message.from_organ_id,
        subject=message.document_id or message.package_id,
        about=str(message.refusal_words),
        state=_("Cần người xem"),
        tone="wait",
        url=reverse("exchange:set-aside"),
        at=message.listed_at,
    )


def suspended_line(person: Person, now: datetime) -> Row:
    return Row(
        number=person.user.username,
        subject=person.full_name,
        about=str(person.user.get_suspension_display()),
        state=_("Đình chỉ"),
        tone="bad",
        url=reverse("administering:person", args=[person.pk]),
        at=person.user.last_login,
    )


def ending_post_line(post: Post, now: datetime) -> Row:
    return Row(
        number=str(post.get_role_display()),
        subject=f"{post.person.full_name}, {post.title}",
        about=post.agency.name,
        state=_("Sắp hết hạn"),
        tone="wait",
        url=reverse("administering:person", args=[post.person_id]),
        due_on=post.valid_to,
    )


def ending_mandate_line(mandate: Mandate, now: datetime) -> Row:
    return Row(
        number=str(mandate.get_capacity_display()),
        subject=mandate_in_words(mandate),
        about=mandate.basis,
        state=_("Sắp hết hạn"),
        tone="wait",
        url=f"{reverse('administering:mandates')}?body={mandate.body.key}",
        due_on=mandate.valid_to,
    )


def _book_line(body: IssuingBody, year: int, view: str) -> Row:
    return Row(
        number=str(year),
        subject=body.name,
        about=_("Mở sổ để tra cứu, tải về để in và nộp lưu"),
        state=_("Đã hết năm"),
        tone="good",
        url=f"{reverse(view)}?{urlencode({'body': body.key, 'year': year})}",
    )


def _is_overdue(due_on: date | None, now: datetime) -> bool:
    return due_on is not None and is_past(due_on, legal_day(now))

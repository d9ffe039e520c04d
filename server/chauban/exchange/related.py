"""Which other documents one has to do with, both ways; each with a way there for who may go."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, may
from chauban.exchange.models import Delivery, PassedOn, Reply
from chauban.exchange.succeeding import earlier_of, later_of
from chauban.exchange.words import STATUSES
from chauban.registers.access import visible_incoming, visible_outgoing
from chauban.registers.models import IncomingDocument, OutgoingDocument, Succession
from chauban.workflow.models import Answer, Draft
from chauban_edxml.model import BussinessDocType


@dataclass(frozen=True)
class Related:
    """A document beside another: what it is to it, which it is; no url for who may not see it."""

    relation: Promise | str
    code: str
    subject: str = ""
    url: str = ""
    note: Promise | str = ""


Found = tuple[Promise | str, Draft | OutgoingDocument | IncomingDocument]
REPLACED_BY, AMENDED_BY = _("Được thay thế bởi"), _("Được sửa đổi, bổ sung bởi")


def related_to(
    subject: Draft | OutgoingDocument | IncomingDocument, officer: Officer
) -> list[Related]:
    """What a document replies to, is answered by, replaces, changes, recalls or was passed on as.

    Number and symbol are told to whoever reads the document; subject and way only to who may
    open the other one too.
    """
    if isinstance(subject, Draft):
        return list(_shown(_of_draft(subject), officer))
    if isinstance(subject, OutgoingDocument):
        return list(_shown(_of_outgoing(subject), officer))
    return [*_shown(_of_incoming(subject), officer), *_around(subject, officer)]


def _of_draft(draft: Draft) -> Iterator[Found]:
    if draft.outgoing:
        yield _("Văn bản đi"), draft.outgoing
    if draft.answers:
        yield _("Trả lời văn bản đến"), draft.answers
    if draft.succeeds:
        yield draft.get_succession_display(), draft.succeeds


def _of_outgoing(document: OutgoingDocument) -> Iterator[Found]:
    if draft := getattr(document, "draft", None):
        yield _("Hồ sơ soạn thảo"), draft
    for answer in Answer.objects.filter(outgoing=document).select_related("incoming"):
        yield _("Trả lời văn bản đến"), answer.incoming
    for reply in Reply.objects.filter(outgoing=document).select_related("incoming"):
        yield _("Được trả lời bởi văn bản đến"), reply.incoming
    if after := getattr(document, "succession", None):
        yield after.get_kind_display(), after.earlier
    for one in document.successors.all():
        yield REPLACED_BY if one.kind == Succession.Kind.REPLACES else AMENDED_BY, one.later
    if document.recall_announced_by:
        yield _("Được thu hồi bằng văn bản"), document.recall_announced_by
    for one in document.recalls.all():
        yield _("Thông báo thu hồi văn bản"), one
    for draft in document.succeeding_drafts.filter(outgoing=None):
        yield _("Dự thảo thay thế, sửa đổi"), draft


def _of_incoming(document: IncomingDocument) -> Iterator[Found]:
    for reply in Reply.objects.filter(incoming=document).select_related("outgoing"):
        yield _("Trả lời văn bản đi"), reply.outgoing
    for answer in Answer.objects.filter(incoming=document).select_related("outgoing"):
        yield _("Được trả lời bằng văn bản đi"), answer.outgoing
    for draft in document.answering_drafts.filter(outgoing=None):
        yield _("Dự thảo trả lời"), draft
    if document.replaced_by:
        yield REPLACED_BY, document.replaced_by
    beside = list(IncomingDocument.objects.filter(Q(replaced_by=document) | Q(amends=document)))
    for one in beside:
        if one.replaced_by_id == document.pk:
            yield Succession.Kind.REPLACES.label, one
    if document.amends:
        yield Succession.Kind.AMENDS.label, document.amends
    for one in beside:
        if one.amends_id == document.pk:
            yield AMENDED_BY, one


def _around(document: IncomingDocument, officer: Officer) -> Iterator[Related]:
    """As what it came, and to whom it was passed on."""
    delivery = getattr(document, "delivery", None)
    if delivery and may(officer, Permission.VIEW_DELIVERIES, document.body):
        url = reverse("exchange:delivery", args=[delivery.pk])
        yield Related(_("Gói tin đã đến"), delivery.document_id, url=url)
    for one in PassedOn.objects.filter(incoming=document):
        status = f"{one.status_code} {STATUSES.get(one.status_code, '')}".strip()
        word = _("thu hồi")
        recall = f"{word}: {one.get_request_display()}" if one.request else ""
        note = " · ".join(it for it in (status, recall) if it)
        yield Related(_("Chuyển tiếp đến"), one.name, note=note)


def related_to_delivery(delivery: Delivery, officer: Officer) -> list[Related]:
    """What it was registered as, what it answers, what came before and after about the same."""
    found: list[Found] = []
    if registered := delivery.incoming or delivery.updated:
        found.append((_("Đã đăng ký thành văn bản đến"), registered))
    named = [one["document_id"] for one in delivery.header["response_for"]]
    answered = OutgoingDocument.objects.filter(body=delivery.body_id, document_id__in=named)
    found += [(_("Trả lời văn bản đi"), one) for one in answered]
    is_replacement = delivery.business_type == BussinessDocType.REPLACEMENT
    earlier = Succession.Kind.REPLACES.label if is_replacement else _("Cập nhật văn bản")
    return [
        *_shown(found, officer),
        *(_delivery(earlier, one) for one in earlier_of(delivery)),
        *(_delivery(_LATER.get(it.business_type, REPLACED_BY), it) for it in later_of(delivery)),
    ]


_LATER = {BussinessDocType.UPDATE: _("Được cập nhật bởi")}


def _delivery(relation: Promise | str, one: Delivery) -> Related:
    header = one.header
    code = f"{header['code_number']}/{header['code_notation']}"
    return Related(relation, code, header["subject"], reverse("exchange:delivery", args=[one.pk]))


def _shown(found: Iterable[Found], officer: Officer) -> Iterator[Related]:
    rows = list(found)
    open_to = {
        model: _among(visible(officer), rows, model)
        for model, visible in _VISIBLE.items()
        if any(type(one) is model for _relation, one in rows)
    }
    for relation, one in rows:
        is_open = one.pk in open_to[type(one)]
        url = reverse(_PAGES[type(one)], args=[one.pk]) if is_open else ""
        yield Related(relation, _code(one), one.subject if is_open else "", url, _note(one))


def _among(visible: QuerySet[Any], rows: list[Found], model: type) -> set[int]:
    keys = {one.pk for _relation, one in rows if type(one) is model}
    return set(visible.filter(pk__in=keys).values_list("pk", flat=True))


_VISIBLE: Mapping[type, Callable[[Officer], QuerySet[Any]]] = {
    Draft: lambda officer: Draft.objects.visible_to(officer),
    OutgoingDocument: visible_outgoing,
    IncomingDocument: visible_incoming,
}


_PAGES = {
    Draft: "workflow:draft",
    OutgoingDocument: "office:outgoing",
    IncomingDocument: "workflow:incoming",
}


def _code(one: Draft | OutgoingDocument | IncomingDocument) -> str:
    return f"…/{one.notation}" if isinstance(one, Draft) else one.code


def _note(one: Draft | OutgoingDocument | IncomingDocument) -> Promise | str:
    if isinstance(one, IncomingDocument):
        return _("số đến %(number)s") % {"number": one.arrival_number}
    return one.get_state_display()

"""All that was done with a document, from its first draft to each recipient's receipts."""

from collections.abc import Callable, Mapping

from django.db.models import Model
from django.utils.translation import gettext as _

from chauban.directory.models import Channel, Post
from chauban.exchange.life_facts import Known, known_of
from chauban.exchange.models import (
    Delivery,
    Dispatch,
    OutgoingMessage,
    PassedOn,
    ReceivedRecall,
    Recipient,
)
from chauban.exchange.words import STATUSES, sending_words
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.ui.lives import LifeDay, LifeEvent, by_day
from chauban.workflow.models import Draft, Task
from chauban.workflow.words import explain_nothing
from chauban_edxml.model import StatusCode

# Acts of authority, which a page marks in lacquer red.
AUTHORITY = frozenset({ActKind.SIGNED, ActKind.NUMBERED, ActKind.SEALED, ActKind.CANCELLED})
FAILURES = frozenset(
    {
        ActKind.RETURNED,
        ActKind.SIGNING_CAME_TO_NOTHING,
        ActKind.SIGNATURE_LAPSED,
        ActKind.SENDING_FAILED,
        ActKind.DISPATCH_RETURNED,
        ActKind.RETURNED_TO_SENDER,
        ActKind.RECALL_REFUSED,
        ActKind.UPDATE_REFUSED,
    }
)
REFUSALS = frozenset({StatusCode.REFUSED, StatusCode.CHANGE_REFUSED})


def life_of(*subjects: Model) -> list[LifeDay]:
    """All acts on a draft, on the document it became, on a delivery and what was registered."""
    acts = list(Act.objects.on_any(subjects).order_by("at", "pk"))
    known = known_of(acts, subjects)
    return by_day(_event(act, known) for act in acts)


def life_of_outgoing(document: OutgoingDocument) -> list[LifeDay]:
    draft = getattr(document, "draft", None)
    return life_of(draft, document) if draft else life_of(document)


def life_of_incoming(document: IncomingDocument) -> list[LifeDay]:
    delivery = getattr(document, "delivery", None)
    return life_of(delivery, document) if delivery else life_of(document)


def life_of_delivery(delivery: Delivery) -> list[LifeDay]:
    return life_of(delivery, *([delivery.incoming] if delivery.incoming else []))


def _event(act: Act, known: Known) -> LifeEvent:
    kind = ActKind(act.kind)
    tell = _DETAILS.get(kind)
    return LifeEvent(
        at=act.at,
        word=act.word,
        who=_who(act, known),
        detail=tell(act, known) if tell else "",
        is_authority=kind in AUTHORITY,
        is_failure=kind in FAILURES or _is_refusal(act),
    )


def _is_refusal(act: Act) -> bool:
    if act.kind == ActKind.STATUS_RECEIVED:
        return act.facts.get("code") in REFUSALS
    return act.kind == ActKind.SENT and bool(act.facts.get("refused"))


def _who(act: Act, known: Known) -> str:
    post = known.rows[Post].get(act.post_id or 0)
    if post is not None:
        who = f"{post.person.full_name}, {post.title}"
        through = act.facts.get("application")
        return f"{who} · " + _("qua ứng dụng số %d") % through if through else who
    if act.kind == ActKind.STATUS_RECEIVED:
        return _recipient(act, known) or _("Hệ thống")
    return _("Hệ thống")


def _recipient(act: Act, known: Known) -> str:
    if act.subject_type == Draft._meta.label_lower:  # there it names a row of the draft's own
        return ""
    return known.name(Recipient, act.facts.get("recipient")) or known.name(
        PassedOn, act.facts.get("passed_on")
    )


def _status(code: str) -> str:
    return f"{code} {STATUSES.get(code, '')}".strip()


def _status_received(act: Act, known: Known) -> str:
    said = known.statuses.get((act.facts.get("recipient", 0), act.digest), "")
    name = STATUSES[act.facts["code"]].vi if act.facts.get("code") in STATUSES else ""
    words = _status(act.facts.get("code", ""))
    return f"{words}. {said}" if said.strip() not in ("", name) else words


def _sent(act: Act, known: Known) -> str:
    if code := act.facts.get("status_code"):
        return _("báo nơi gửi: %(status)s") % {"status": _status(code)}
    if refused := act.facts.get("refused"):
        return _("%(count)d nơi nhận bị trục từ chối") % {"count": refused}
    return ""


def _sending_failed(act: Act, known: Known) -> str:
    message = known.rows[OutgoingMessage].get(act.facts.get("message", 0))
    return str(sending_words(act.facts.get("code", ""), message.error_detail if message else ""))


def _dispatched(act: Act, known: Known) -> str:
    channel = act.facts.get("channel", "")
    words = Channel(channel).label if channel in Channel.values else ""
    dispatch = known.rows[Dispatch].get(act.facts.get("dispatch", 0))
    note = dispatch.note if dispatch and act.kind == ActKind.DISPATCH_RETURNED else ""
    by = dispatch.received_by if dispatch and act.kind == ActKind.DISPATCH_RECEIVED else ""
    return " · ".join(str(it) for it in (_recipient(act, known), words, note, by) if it)


def _routed(act: Act, known: Known) -> str:
    part = act.facts.get("part", "")
    words = Task.Part(part).label if part in Task.Part.values else ""
    post = known.rows[Post].get(act.facts.get("assignee", 0))
    return f"{words}: {post.person.full_name}, {post.title}" if post else str(words)


def _task_done(act: Act, known: Known) -> str:
    return known.name(Task, act.facts.get("task"), "result")


def _comment(act: Act, known: Known) -> str:
    return known.comments.get((act.at, act.post_id or 0), "")


def _version(act: Act, known: Known) -> str:
    number = act.facts.get("version")
    return _("bản %(number)d") % {"number": number} if isinstance(number, int) else ""


def _nothing(act: Act, known: Known) -> str:
    return str(explain_nothing(act.facts.get("problem", "")))


def _subject(attribute: str) -> Callable[[Act, Known], str]:
    """What the document itself keeps of the reason."""

    def told(act: Act, known: Known) -> str:
        kinds = {model._meta.label_lower: model for model in known.rows}
        model = kinds.get(act.subject_type)
        row = known.rows[model].get(act.subject_id) if model else None
        return getattr(row, attribute, "")

    return told


def _recall(attribute: str) -> Callable[[Act, Known], str]:
    def told(act: Act, known: Known) -> str:
        found = known.rows[ReceivedRecall].values()
        return next((getattr(one, attribute) for one in found), "")

    return told


def _named(model: type[Model], fact: str) -> Callable[[Act, Known], str]:
    """Number and symbol of the document that a fact names."""
    return lambda act, known: known.name(model, act.facts.get(fact), "code")


def _number(act: Act, known: Known) -> str:
    return _("số đến %(number)s") % {"number": act.facts.get("number", "")}


def _proposal(act: Act, known: Known) -> str:
    value = act.facts.get("proposal", "")
    found = value in Delivery.Proposal.values
    return _("đề xuất: %(what)s") % {"what": Delivery.Proposal(value).label} if found else ""


def _passed_on(act: Act, known: Known) -> str:
    message = act.facts.get("message")
    return ", ".join(one.name for one in known.rows[PassedOn].values() if one.message_id == message)


_DETAILS: Mapping[str, Callable[[Act, Known], str]] = {
    ActKind.REVISED: _version,
    ActKind.APPROVED: _comment,
    ActKind.CONTENT_CHECKED: _comment,
    ActKind.LAYOUT_CHECKED: _comment,
    ActKind.RETURNED: _comment,
    ActKind.SIGNING_CAME_TO_NOTHING: _nothing,
    ActKind.NUMBERED: lambda act, known: act.facts.get("code", ""),
    ActKind.CANCELLED: _subject("cancellation_reason"),
    ActKind.RECALLED: _subject("recall_reason"),
    ActKind.REPLACED: _named(OutgoingDocument, "by_document"),
    ActKind.AMENDED: _named(OutgoingDocument, "by_document"),
    ActKind.ANSWERED: _named(OutgoingDocument, "outgoing"),
    ActKind.SENT: _sent,
    ActKind.SENDING_FAILED: _sending_failed,
    ActKind.STATUS_RECEIVED: _status_received,
    ActKind.DISPATCHED: _dispatched,
    ActKind.DISPATCH_RECEIVED: _dispatched,
    ActKind.DISPATCH_RETURNED: _dispatched,
    ActKind.CHANNEL_CHOSEN: _dispatched,
    ActKind.PAPER_OWED: _dispatched,
    ActKind.RECALL_ASKED_AGAIN: _recipient,
    ActKind.GIVEN_BACK: _recipient,
    ActKind.ASSESSED: _proposal,
    ActKind.REGISTERED_INCOMING: _number,
    ActKind.RETURNED_TO_SENDER: _subject("return_reason"),
    ActKind.ROUTED: _routed,
    ActKind.TASK_DONE: _task_done,
    ActKind.RECALL_ASKED: _recall("reason"),
    ActKind.RECALL_REFUSED: _recall("refusal_reason"),
    ActKind.INCOMING_WITHDRAWN: _subject("recall_reason"),
    ActKind.INCOMING_REPLACED: _named(IncomingDocument, "incoming"),
    ActKind.INCOMING_UPDATED: _named(IncomingDocument, "incoming"),
    ActKind.PASSED_ON: _passed_on,
}

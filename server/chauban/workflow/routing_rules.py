"""Rules by which incoming documents are proposed to somebody, and what they propose.

A proposal is the machine's; the clerk or a head routes, to whom he will (Điều 23).
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chauban.accounts.changing.agencies import require_endable
from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.models import IssuingBody, Post, Role, Unit
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.registers.models import IncomingDocument
from chauban.workflow.errors import AssigneeOutsideAgency
from chauban.workflow.models import RoutingRule
from chauban.workflow.proposing import Condition, Facts, chosen, day_after


@dataclass(frozen=True)
class Proposal:
    """Who should lead, until when, and by which rule."""

    rule: RoutingRule
    post: Post | None  # None: nobody heads the unit today
    due_on: date | None

    @property
    def receiver(self) -> str:
        """The person with his title; the unit alone where nobody heads it, nobody else's post."""
        if self.post is None:
            return str(self.rule.unit or self.rule.post.title)
        return f"{self.post.person.full_name}, {self.post.title}"

    @property
    def reason(self) -> str:
        return reason_of(self.rule)


@transaction.atomic
def set_routing_rule(
    body: IssuingBody,
    condition: Condition,
    *,
    receiver: Post | Unit,
    working_days: int | None,
    instruction: str = "",
    valid_from: date,
    officer: Officer,
    now: datetime,
) -> RoutingRule:
    """Propose a body's incoming documents of some sort to a person, or the head of a unit.

    Raises:
        NotAllowed
        AssigneeOutsideAgency: the receiver is not of the agency that keeps the register.
    """
    require(officer, Permission.SET_ROUTING_RULES, body)
    if receiver.agency_id != body.agency_id:
        raise AssigneeOutsideAgency(str(receiver))
    rule = RoutingRule.objects.create(
        body=body,
        sender=condition.sender,
        kind_name=condition.kind_name,
        words=condition.words,
        post=receiver if isinstance(receiver, Post) else None,
        unit=receiver if isinstance(receiver, Unit) else None,
        working_days=working_days,
        instruction=instruction,
        valid_from=valid_from,
    )
    record(ActKind.ROUTING_RULE_SET, on=rule, by=officer, at=now, body=body.pk)
    return rule


@transaction.atomic
def end_routing_rule(rule: RoutingRule, *, on: date, officer: Officer, now: datetime) -> None:
    """The first day out is on. Raises: NotAllowed, EndsBeforeItBegins, NotInForce."""
    require(officer, Permission.SET_ROUTING_RULES, rule.body)
    require_endable(rule, on)
    RoutingRule.objects.filter(pk=rule.pk).update(valid_to=on)
    record(ActKind.ROUTING_RULE_ENDED, on=rule, by=officer, at=now, on_day=on.isoformat())
    rule.refresh_from_db()


def proposal_for(body: IssuingBody, facts: Facts, day: date) -> Proposal | None:
    """Whom a document that comes to body on day is proposed to, if to anybody."""
    rules = list(
        RoutingRule.objects.as_of(day)
        .filter(body=body)
        .select_related("post__person", "post__unit", "unit")
    )
    place = chosen([condition_of(one) for one in rules], facts)
    if place is None:
        return None
    rule = rules[place]
    due_on = day_after(day, rule.working_days) if rule.working_days is not None else None
    return Proposal(rule, _holder(rule, day), due_on)


def facts_of(document: IncomingDocument) -> Facts:
    return Facts(
        document.sender_name, document.sender_organ_id, document.kind_name, document.subject
    )


def condition_of(rule: RoutingRule) -> Condition:
    return Condition(rule.sender, rule.kind_name, rule.words)


def reason_of(rule: RoutingRule) -> str:
    """What the rule asks, in words."""
    asked = [
        words
        for words, value in (
            (_("nơi gửi “%(it)s”") % {"it": rule.sender}, rule.sender),
            (_("loại “%(it)s”") % {"it": rule.kind_name}, rule.kind_name),
            (_("trích yếu có “%(it)s”") % {"it": rule.words}, rule.words),
        )
        if value
    ]
    return ", ".join(asked) or _("mọi văn bản đến")


def _holder(rule: RoutingRule, day: date) -> Post | None:
    if rule.post is not None:
        return rule.post if rule.post.is_in_force(day) else None
    heads = Post.objects.as_of(day).filter(unit=rule.unit_id, role=Role.UNIT_HEAD)
    return heads.select_related("person", "unit").order_by("pk").first()

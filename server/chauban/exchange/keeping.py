"""Keeping the receipts that axes state of what we sent: asked for, checked, and shown.

A receipt may come late, twice or not at all; a forged one is kept as what it is. None of this
holds up a message.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from chauban.exchange import receipts
from chauban.exchange.models import OutgoingMessage, Receipt, Statement
from chauban.exchange.ports import Gateway, GatewayError, GatewayUnavailable
from chauban.exchange.receipts import ENDS, ReceiptInvalid, require_stated, verify_statement
from chauban.trust.anchors import current_trust
from chauban.ui.words import Words
from chauban_pki.errors import PKIError
from chauban_pki.trust import Trust
from chauban_pki.words import reason_for

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=12)
GIVEN_UP = timedelta(days=45)  # longer than an axis keeps a message (CHAUBAN_AXIS_EXPIRY_DAYS)
MOST_OF_A_RECIPIENT = 20
_OTHER_MESSAGE = Words(
    "Biên nhận nói về một gói tin khác.", "The receipt is about another message."
)
_NOT_STATED = Words(
    "Biên nhận không khớp với văn bản được ký.", "The receipt is not what was signed."
)


@dataclass(frozen=True)
class About:
    """What receipts are asked about: a message in its bytes, and recipients it went to."""

    sha256: str
    from_organ_id: str
    to_organ_ids: Collection[str]


def about(message: OutgoingMessage) -> About:
    """A message of ours, and the recipients that it went to."""
    codes = message.recipients.values_list("organ_id", flat=True)
    return About(message.raw_id or "", message.from_organ_id, frozenset(codes))


def ask_for_receipts(about: About, package_id: str, gateway: Gateway, *, now: datetime) -> bool:
    """Fetch and keep what the axis states by now; return whether it may state more later.

    Raises: NotOffered: this axis never states anything; GatewayUnavailable.
    """
    if not missing(about):
        return False
    try:
        given = gateway.receipts(package_id, now=now)
    except GatewayUnavailable:
        raise
    except GatewayError:
        return True
    keep(given, about, now=now)
    return bool(missing(about))


def pause(age: timedelta) -> timedelta | None:
    """How long to wait before asking again about what is so old; None: it is given up."""
    return None if age > GIVEN_UP else min(max(age / 2, FIRST_PAUSE), LONGEST_PAUSE)


def missing(about: About) -> set[str]:
    """The recipients of whose copy no axis has stated the end."""
    ended = Receipt.objects.of_message(about.sha256).holding().filter(event__in=ENDS)
    return set(about.to_organ_ids) - set(ended.values_list("organ_id", flat=True))


def keep(given: Sequence[receipts.Receipt], about: About, *, now: datetime) -> None:
    """Check receipts and keep those that are new, with what is wrong about each.

    One that did not hold before is checked again: an anchor may have been added since.
    """
    known = set(Receipt.objects.of_message(about.sha256).holding().values_list("entry", flat=True))
    new = [one for one in dict.fromkeys(given) if one.entry not in known]
    if not new:
        return
    checked = _checked(new[: MOST_OF_A_RECIPIENT * (len(about.to_organ_ids) + 1)], about, now=now)
    with transaction.atomic():
        statements = _entered(checked, now=now)
        rows = Receipt.objects.filter(sha256=about.sha256, statement__in=statements.values())
        here = {(row.statement_id, row.entry): row for row in rows}
        made = []
        for one in checked:
            statement = statements[one.name]
            row = here.get((statement.pk, one.receipt.entry))
            if row is None:
                made.append(one.row(statement, about))
            elif row.fault_vi and not one.fault:
                Receipt.objects.filter(pk=row.pk).update(fault_vi="", fault_en="")
        Receipt.objects.bulk_create(made)


def ended(row: Receipt, organ_id: str) -> bool:
    """Whether a receipt states, and proves, the end of the way to one recipient."""
    return row.organ_id == organ_id and row.event in ENDS and not row.fault_vi


def proof(row: Receipt) -> receipts.Receipt:
    """A receipt as it can be handed on and checked."""
    return receipts.Receipt(row.entry, row.statement.text, bytes(row.statement.cms))


@dataclass(frozen=True)
class _Checked:
    """A receipt, who stated it, and what is wrong about it."""

    receipt: receipts.Receipt
    stated_by: str = ""
    fault: Words | None = None

    @property
    def name(self) -> str:
        """Of statement and signature together: neither stands for the other."""
        return sha256(self.receipt.statement.encode() + self.receipt.signature).hexdigest()

    def row(self, statement: Statement, about: About) -> Receipt:
        facts = self.receipt.facts
        return Receipt(
            statement=statement,
            sha256=about.sha256,
            package=facts["package"],
            event=facts["event"],
            organ_id=facts["to"],
            at=datetime.fromisoformat(facts["at"]),
            entry=self.receipt.entry,
            fault_vi=self.fault.vi[:300] if self.fault else "",
            fault_en=self.fault.en[:300] if self.fault else "",
        )


def _checked(new: Sequence[receipts.Receipt], about: About, *, now: datetime) -> list[_Checked]:
    trust = current_trust(now)
    signed: dict[tuple[str, bytes], str | Words] = {}

    def checked(one: receipts.Receipt) -> _Checked:
        if (one.facts["sha256"], one.facts["from"]) != (about.sha256, about.from_organ_id):
            return _Checked(one, fault=_OTHER_MESSAGE)
        key = one.statement, one.signature
        try:
            require_stated(one)
            if key not in signed:
                signed[key] = _signed(one, trust)
        except ReceiptInvalid:
            return _Checked(one, fault=_NOT_STATED)
        found = signed[key]
        return _Checked(one, fault=found) if isinstance(found, Words) else _Checked(one, found)

    return [checked(one) for one in new]


def _signed(one: receipts.Receipt, trust: Trust) -> str | Words:
    """Who signed the statement, or why nobody did who counts."""
    try:
        return verify_statement(one.statement, one.signature, trust=trust)
    except ReceiptInvalid:
        return _NOT_STATED
    except PKIError as error:
        reason = reason_for(error)
        return Words(reason.vi, reason.en)


def _entered(checked: Sequence[_Checked], *, now: datetime) -> dict[str, Statement]:
    """The rows of statements, by their name; locked, so that a receipt is entered once."""
    Statement.objects.bulk_create(
        (
            Statement(
                sha256=one.name,
                text=one.receipt.statement,
                cms=one.receipt.signature,
                stated_by=one.stated_by[:200],
                made_at=now,
            )
            for one in {one.name: one for one in checked}.values()
        ),
        ignore_conflicts=True,
    )
    rows = Statement.objects.select_for_update().filter(sha256__in=[one.name for one in checked])
    return {row.sha256: row for row in rows}

"""The flow of documents between agencies: who sends whom how many, and how many are signed."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chauban.accounts.officers import Officer
from chauban.exchange.models import Recipient
from chauban.office import lines
from chauban.office.pictures import opening
from chauban.office.pictures.asking import Asked, beginning_of
from chauban.office.pictures.tables import Column, Figure, Line, Table
from chauban.registers.access import countable_outgoing
from chauban.registers.models import IncomingDocument
from chauban.registers.rows import urgency_word
from chauban.ui.rows import Row
from chauban.workflow.access import countable_incoming

OUT, IN = "out", "in"
MOST_SENDERS = 8
MOST_RECEIVERS = 12
OTHERS = "*"  # all that are not among the most
SIGNED = {
    OUT: Q(document__sealed_at__isnull=False),
    IN: Q(acceptance__in=[IncomingDocument.Acceptance.ORIGINAL, IncomingDocument.Acceptance.COPY]),
}
_SENDER = {OUT: "document__body__name", IN: "sender_name"}
_RECEIVER = {OUT: "name", IN: "body__name"}


def table(asked: Asked) -> Table:
    """From whom to whom; the ends with the most documents by name, the rest as others."""
    pairs = _pairs(asked)
    senders, receivers = _most(pairs, 0, MOST_SENDERS), _most(pairs, 1, MOST_RECEIVERS)
    sums: dict[tuple[str, str], list[int]] = {}
    for sender, receiver, amount, signed in pairs:
        ends = (
            sender if sender in senders else OTHERS,
            receiver if receiver in receivers else OTHERS,
        )
        standing = sums.setdefault(ends, [0, 0])
        standing[0] += amount
        standing[1] += signed
    return Table(
        caption=_("Lượt gửi văn bản giữa các cơ quan"),
        heads=[_("Nơi gửi"), _("Nơi nhận")],
        columns=[
            Column(_("Lượt gửi"), "go"), Column(_("Có chữ ký số")),
            Column(_("Tỷ lệ có chữ ký số (%)")),
        ],
        lines=[
            _line(*ends, *sums[ends])
            for ends in sorted(sums, key=lambda it: (-sums[it][0], OTHERS in it, it))
        ],
        note=_("Một văn bản gửi nhiều nơi được đếm một lượt cho mỗi nơi nhận.")
        if asked.way == OUT
        else _("Có chữ ký số: được tiếp nhận là bản gốc điện tử hoặc bản sao."),
    )  # fmt: skip


def listed(asked: Asked, mark: Mapping[str, str]) -> "QuerySet[Any]":
    """The sendings, or the incoming documents, behind one figure, the newest first."""
    found = _counted(asked)
    asked_for = ((0, "sender", _SENDER, MOST_SENDERS), (1, "receiver", _RECEIVER, MOST_RECEIVERS))
    pairs: list[tuple[str, str, int, int]] | None = None
    for end, name, fields, most in asked_for:
        wanted, column = mark.get(name), fields[asked.way]
        if wanted == OTHERS:
            pairs = _pairs(asked) if pairs is None else pairs
            found = found.exclude(**{f"{column}__in": _most(pairs, end, most)})
        elif wanted is not None:
            found = found.filter(**{column: wanted})
    if mark.get("signed") == "yes":
        found = found.filter(SIGNED[asked.way])
    if asked.way == OUT:
        return found.select_related("document__body").order_by("-document__issued_on", "-pk")
    return found.select_related("body").order_by("-arrived_at", "-pk")


def line(row: Any, now: datetime) -> Row:
    if isinstance(row, IncomingDocument):
        return lines.incoming_line(row, now)
    document = row.document
    return Row(
        number=document.code,
        subject=document.subject,
        about=f"{document.body.name} → {row.name}",
        state=str(document.get_state_display()),
        tone="bad" if document.recalled_at else "good",
        url=reverse("office:outgoing", args=[document.pk]),
        at=document.issued_at,
        urgency=urgency_word(document.priority),
    )


def openable(officer: Officer, rows: Any) -> set[int]:
    if rows and isinstance(rows[0], Recipient):
        return opening.openable_recipients(officer, rows)
    return opening.openable_incoming(officer, rows)


def _counted(asked: Asked) -> "QuerySet[Any]":
    years = range(asked.since.year, asked.until.year + 1)
    if asked.way == OUT:
        issued = countable_outgoing(asked.reach).filter(
            year__in=years, issued_on__gte=asked.since, issued_on__lte=asked.until
        )
        return Recipient.objects.filter(document__in=issued)
    return arrived(asked)


def arrived(asked: Asked) -> "QuerySet[IncomingDocument]":
    """The incoming documents that arrived in the period."""
    years = range(asked.since.year, asked.until.year + 2)
    return countable_incoming(asked.reach).filter(
        year__in=years,  # what arrives last is registered in January
        arrived_at__gte=beginning_of(asked.since),
        arrived_at__lt=beginning_of(asked.until + timedelta(days=1)),
    )


def _pairs(asked: Asked) -> list[tuple[str, str, int, int]]:
    """Sender, receiver, how many, how many of them signed. One query."""
    ends = (_SENDER[asked.way], _RECEIVER[asked.way])
    amounts = _counted(asked).order_by().values(*ends).annotate(
        amount=Count("pk"), signed=Count("pk", filter=SIGNED[asked.way])
    )  # fmt: skip
    return list(amounts.values_list(*ends, "amount", "signed"))


def _most(pairs: list[tuple[str, str, int, int]], end: int, most: int) -> list[str]:
    """The names at one end with the most documents; of as many the first by name."""
    sums: Counter[str] = Counter()
    for pair in pairs:
        sums[pair[end]] += pair[2]
    return sorted(sums, key=lambda name: (-sums[name], name))[:most]


def _line(sender: str, receiver: str, amount: int, signed: int) -> Line:
    ends = {"sender": sender, "receiver": receiver}
    share = round(100 * signed / amount, 1)
    return Line(
        [_("Cơ quan khác") if name == OTHERS else name for name in (sender, receiver)],
        [Figure(amount, ends), Figure(signed, {**ends, "signed": "yes"}), Figure(share)],
    )

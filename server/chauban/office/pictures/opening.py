"""Of what an officer may count, what he may open as well; what he may not is shown shut."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from chauban.accounts.officers import Officer
from chauban.exchange.models import Recipient
from chauban.registers.access import visible_incoming, visible_outgoing
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.ui.rows import Row
from chauban.workflow.models import Task


def openable_outgoing(officer: Officer, rows: Sequence[OutgoingDocument]) -> set[int]:
    return _outgoing(officer, (row.pk for row in rows))


def openable_recipients(officer: Officer, rows: Sequence[Recipient]) -> set[int]:
    found = _outgoing(officer, (row.document_id for row in rows))
    return {row.pk for row in rows if row.document_id in found}


def openable_incoming(officer: Officer, rows: Sequence[IncomingDocument]) -> set[int]:
    return _incoming(officer, (row.pk for row in rows))


def openable_tasks(officer: Officer, rows: Sequence[Task]) -> set[int]:
    found = _incoming(officer, (row.document_id for row in rows))
    return {row.pk for row in rows if row.document_id in found}


def shut(row: Row) -> Row:
    """Without what only those may read who may open it."""
    hidden = _("Văn bản của nơi khác: chỉ được đếm, không được mở")
    return replace(row, subject=hidden, url="", note="")


def _outgoing(officer: Officer, keys: Iterable[int]) -> set[int]:
    seen = visible_outgoing(officer).filter(pk__in=set(keys))
    return set(seen.values_list("pk", flat=True))


def _incoming(officer: Officer, keys: Iterable[int]) -> set[int]:
    seen = visible_incoming(officer).filter(pk__in=set(keys))
    return set(seen.values_list("pk", flat=True))

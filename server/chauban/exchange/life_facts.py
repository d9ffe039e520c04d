"""What the facts of acts stand for: the journal holds ids, digests and codes, the rows are here.

They are read in a number of questions that does not depend on the number of acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from chauban.directory.models import Post
from chauban.exchange.models import (
    Delivery,
    Dispatch,
    OutgoingMessage,
    PassedOn,
    ReceivedRecall,
    ReceivedStatus,
    Recipient,
)
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.workflow.models import Check, Draft, Task


@dataclass(frozen=True)
class Known:
    """What the facts of some acts stand for: rows by their keys."""

    rows: Mapping[type[Model], Mapping[int, Any]]
    statuses: Mapping[tuple[int, str], str]  # what a recipient wrote, by it and the raw message
    comments: Mapping[tuple[Any, int], str]  # what was said to a check, by moment and post

    def name(self, model: type[Model], key: object, attribute: str = "name") -> str:
        row = self.rows[model].get(key) if isinstance(key, int) else None
        return str(getattr(row, attribute)) if row is not None else ""


_NAMED: Mapping[str, type[Model]] = {
    "recipient": Recipient,
    "dispatch": Dispatch,
    "task": Task,
    "by_document": OutgoingDocument,
    "outgoing": OutgoingDocument,
    "incoming": IncomingDocument,
}


def known_of(acts: Sequence[Act], subjects: Sequence[Model]) -> Known:
    kinds = {act.kind for act in acts}
    rows = {model: _rows(model, keys) for model, keys in _wanted(acts).items()}
    keys: dict[type[Model], list[int]] = {it: [] for it in (Draft, Delivery, IncomingDocument)}
    for one in subjects:
        rows[type(one)] = {**rows.get(type(one), {}), one.pk: one}
        keys.setdefault(type(one), []).append(one.pk)
    passed = bool(kinds & {ActKind.PASSED_ON, ActKind.STATUS_RECEIVED} and keys[IncomingDocument])
    rows[PassedOn] = _if(passed, PassedOn, incoming__in=keys[IncomingDocument])
    recalls = ActKind.RECALL_ASKED in kinds
    rows[ReceivedRecall] = _if(recalls, ReceivedRecall, delivery__in=keys[Delivery])
    checks = _if(bool(keys[Draft]), Check, version__draft__in=keys[Draft]).values()
    heard = _if(bool(rows[Recipient]), ReceivedStatus, recipient__in=rows[Recipient]).values()
    return Known(
        rows,
        {(one.recipient_id, one.raw_id): one.description for one in heard},
        {(one.at, one.by_id): one.comment for one in checks},
    )


def _wanted(acts: Sequence[Act]) -> dict[type[Model], set[int]]:
    wanted: dict[type[Model], set[int]] = {model: set() for model in _NAMED.values()}
    wanted[Post] = {it for act in acts for it in (act.post_id, act.facts.get("assignee")) if it}
    wanted[OutgoingMessage] = {
        act.facts["message"] for act in acts if act.kind == ActKind.SENDING_FAILED
    }
    for act in acts:
        for name, model in _NAMED.items():
            if isinstance(key := act.facts.get(name), int):
                wanted[model].add(key)
    return wanted


def _rows(model: type[Model], keys: set[int]) -> dict[int, Any]:
    if not keys:
        return {}
    found = model._default_manager.all()
    return (found.select_related("person") if model is Post else found).in_bulk(keys)


def _if(asked: bool, model: type[Model], **which: object) -> dict[int, Any]:
    return {one.pk: one for one in model._default_manager.filter(**which)} if asked else {}

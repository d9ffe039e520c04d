"""What was done with a document, as people read it (PL VI III.5.a)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from chauban.directory.models import Post
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument
from chauban.workflow.models import Draft


@dataclass(frozen=True)
class HistoryLine:
    """One act; `by` is None where the system itself acted."""

    at: datetime
    word: str
    by: Post | None


def history_of_draft(draft: Draft) -> list[HistoryLine]:
    """All acts on a draft and on the document it became, oldest first."""
    return _history([draft, draft.outgoing] if draft.outgoing else [draft])


def history_of_incoming(document: IncomingDocument) -> list[HistoryLine]:
    """All acts on an incoming document since it was registered, oldest first."""
    return _history([document])


def _history(subjects: Iterable[Model]) -> list[HistoryLine]:
    acts = sorted(
        (act for subject in subjects for act in Act.objects.on(subject)), key=lambda act: act.pk
    )
    posts = Post.objects.select_related("person", "agency").in_bulk(
        {act.post_id for act in acts if act.post_id}
    )
    return [HistoryLine(act.at, act.word, posts.get(act.post_id)) for act in acts]

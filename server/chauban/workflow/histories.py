"""What was done with a document, as people read it (PL VI III.5.a)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Post
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument
from chauban.ui.steps import StepWord, way
from chauban.workflow.models import Draft

# Acts of authority, which a page marks in lacquer red.
AUTHORITY = frozenset({ActKind.SIGNED, ActKind.NUMBERED, ActKind.SEALED, ActKind.CANCELLED})
# What is still to do in each state of a draft, in the words of the decree (Điều 10-18).
DRAFT_WAY = {
    Draft.State.DRAFTING: _("Soạn thảo"),
    Draft.State.CONTENT_CHECK: _("Kiểm tra nội dung"),
    Draft.State.LAYOUT_CHECK: _("Kiểm tra thể thức"),
    Draft.State.APPROVAL: _("Duyệt"),
    Draft.State.SIGNING: _("Ký số"),
    Draft.State.SIGNED: _("Cấp số"),
    Draft.State.NUMBERED: _("Ký số của cơ quan"),
    Draft.State.SEALED: _("Phát hành"),
}
# The same of an incoming document (Điều 22-24).
INCOMING_WAY = {
    IncomingDocument.State.REGISTERED: _("Chuyển giao"),
    IncomingDocument.State.ROUTED: _("Bắt đầu giải quyết"),
    IncomingDocument.State.IN_PROGRESS: _("Giải quyết"),
}


@dataclass(frozen=True)
class HistoryLine:
    """One act, or several alike in a row; `by` is None where the system itself acted."""

    at: datetime
    until: datetime
    times: int
    word: str
    by: Post | None
    is_authority: bool


def history_of_draft(draft: Draft) -> list[HistoryLine]:
    """All acts on a draft and on the document it became, oldest first."""
    return history_of([draft, draft.outgoing] if draft.outgoing else [draft])


def way_of_draft(draft: Draft) -> list[StepWord]:
    """Where the draft stands on its way to being issued."""
    return _way(DRAFT_WAY, draft.state)


def way_of_incoming(document: IncomingDocument) -> list[StepWord]:
    """Where the document stands on its way to being dealt with; it is registered already."""
    first, *rest = _way(INCOMING_WAY, document.state)
    return [StepWord(str(_("Đăng ký")), is_past=True, is_current=False), first, *rest]


def _way(words: Mapping[str, Promise], state: str) -> list[StepWord]:
    states = list(words)
    return way(list(words.values()), states.index(state) if state in states else len(states))


def history_of(subjects: Iterable[Model]) -> list[HistoryLine]:
    """All acts on some subjects, oldest first, those alike in a row as one."""
    ids: dict[str, list[int]] = defaultdict(list)
    for subject in subjects:
        ids[subject._meta.label_lower].append(subject.pk)
    acts = sorted(
        (
            act
            for kind, keys in ids.items()
            for act in Act.objects.filter(subject_type=kind, subject_id__in=keys)
        ),
        key=lambda act: act.pk,
    )
    posts = Post.objects.select_related("person", "agency").in_bulk(
        {act.post_id for act in acts if act.post_id}
    )
    return [
        _line(list(alike), posts) for _, alike in groupby(acts, lambda it: (it.kind, it.post_id))
    ]


def _line(acts: list[Act], posts: Mapping[int, Post]) -> HistoryLine:
    first, last = acts[0], acts[-1]
    return HistoryLine(
        at=first.at,
        until=last.at,
        times=len(acts),
        word=first.word,
        by=posts.get(first.post_id),
        is_authority=first.kind in AUTHORITY,
    )

"""What several resources have in common: ids, texts, pages, people, what was done."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from ninja import Path, Query, Schema
from pydantic import ConfigDict, Field, StringConstraints

from chauban.api.errors import Fault, NotUnderstood
from chauban.blobs.models import Blob
from chauban.directory.models import Post
from chauban.journal.models import Act
from chauban.ui.words import Words

LARGEST_ID = 2**63 - 1
LONGEST_TEXT = 200_000
MOST_ROWS = 100

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
# No NUL: PostgreSQL stores none, and no document has one.
Line = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
WORD = r"^[a-z0-9_-]*$"  # a code of ours: a state, a kind
PathId = Path(..., ge=1, le=LARGEST_ID)
Cursor = Query(None, ge=1, le=LARGEST_ID, description="`next` of the page before says it")
Limit = Query(50, ge=1, le=MOST_ROWS)

Item = TypeVar("Item")


class Given(Schema):
    """A body: what is misspelt in it is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Page(Schema, Generic[Item]):
    """Some rows, and the address of those that follow; null where there are none."""

    items: list[Item]
    next: str | None


class FaultShape(Schema):
    where: str
    vi: str
    en: str


class Problem(Schema):
    """RFC 9457; what happened and what to do next, in Vietnamese and English."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    vi: str
    en: str
    errors: list[FaultShape] = []


class Who(Schema):
    """A person in a post."""

    post: int
    name: str
    title: str

    @classmethod
    def of(cls, post: Post) -> "Who":
        return cls(post=post.pk, name=post.person.full_name, title=post.title)


class Done(Schema):
    """One act: by which post, through which application; none where the system itself acted."""

    act: str
    at: datetime
    post: int | None
    application: int | None

    @classmethod
    def of(cls, act: Act) -> "Done":
        application = act.facts.get("application")
        return cls(act=act.kind, at=act.at, post=act.post_id, application=application)


class Life(Schema):
    """What was done with a document, oldest first."""

    items: list[Done]


def life_of(*subjects: Any) -> Life:
    acts = sorted(
        (act for one in subjects if one for act in Act.objects.on(one)), key=lambda it: it.pk
    )
    return Life(items=[Done.of(act) for act in acts])


def page_of(
    request: HttpRequest, rows: "QuerySet[Any]", *, cursor: int | None, limit: int
) -> tuple[list[Any], str | None]:
    """The newest rows below cursor, and the address of the next; one query, whatever the table."""
    rows = rows.filter(pk__lt=cursor) if cursor else rows
    found = list(rows.order_by("-pk")[: limit + 1])
    return next_of(request, found, limit, lambda row: row.pk)


def next_of(
    request: HttpRequest, found: Sequence[Any], limit: int, place: Any
) -> tuple[list[Any], str | None]:
    """The first rows of those found, and the address of the next page if there are more."""
    shown = list(found[:limit])
    if len(found) <= limit:
        return shown, None
    asked = {**request.GET.dict(), "cursor": str(place(shown[-1]))}
    return shown, f"{request.path}?{urlencode(asked)}"


def require_form(form: Any) -> dict[str, Any]:
    """What a page's form makes of what was sent. Raises: NotUnderstood, field by field."""
    if form.is_valid():
        cleaned: dict[str, Any] = form.cleaned_data
        return cleaned
    raise NotUnderstood(list(_faults(form)))


def _faults(form: Any) -> Iterable[Fault]:
    for name, problems in form.errors.items():
        for text in problems:
            yield Fault(name, Words(str(text), str(text)))


def named_by_digest(answer: FileResponse, blob: Blob) -> FileResponse:
    """A file that the caller has is not sent again: its digest names it (RFC 9110 section 8.8)."""
    answer["ETag"] = f'"{blob.sha256}"'
    return answer

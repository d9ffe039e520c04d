"""Acting as the people of the demo: every step by its own officer, through the official acts.

The scenario, the demo's stories and the benchmarks play with these; nothing here does what a
page could not.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from chauban.accounts.models import User
from chauban.accounts.officers import Officer
from chauban.accounts.querysets import posts_of
from chauban.directory.models import Agency, IssuingBody, Post, Role
from chauban.directory.rules import legal_day
from chauban.exchange import actions as exchange
from chauban.exchange.models import Delivery
from chauban.registers.models import IncomingDocument
from chauban.trust.demo import DEMO_PIN
from chauban.trust.keys import keys_under
from chauban.trust.models import Mandate
from chauban.workflow import actions, drafting, routing
from chauban.workflow.letters import Content
from chauban.workflow.made import SigningServices
from chauban.workflow.models import Draft, Task
from chauban.workflow.sealing import seal_draft
from chauban.workflow.signing import sign_draft

LETTERS = Path(__file__).with_name("data") / "letters.toml"
ATTACHMENT_LIMIT_BYTES = 50_000_000


@dataclass(frozen=True)
class Cast:
    """The user names of those who take part in one outgoing document."""

    author: str
    unit_head: str
    layout_checker: str
    signatory: str
    clerk: str

    @classmethod
    def of(cls, agency_key: str, *, signatory: str) -> "Cast":
        parts = ("chuyen-vien", "truong-phong", "the-thuc")
        author, unit_head, layout_checker = (f"{part}.{agency_key}" for part in parts)
        return cls(author, unit_head, layout_checker, signatory, f"van-thu.{agency_key}")


@dataclass(frozen=True)
class Text:
    """What a letter says; `{issuer}` in the body stands for the issuing body's name."""

    kind: str
    subject: str
    body: str
    bases: tuple[str, ...] = ()


def officer(username: str, at: datetime) -> Officer:
    user = User.objects.select_related("person").get(username=username)
    return Officer(user, posts_of(user.pk, legal_day(at))[0])


def head_of(agency: Agency, at: datetime) -> str:
    """The user name of who distributes incoming documents: head of office, else the leader."""
    posts = Post.objects.as_of(legal_day(at)).filter(agency=agency, person__user__isnull=False)
    named = posts.filter(role__in=[Role.OFFICE_HEAD, Role.LEADER]).order_by("-role", "pk")
    return str(named.values_list("person__user__username", flat=True)[0])


def body_named(key: str) -> IssuingBody:
    return IssuingBody.objects.select_related("agency").get(key=key)


@cache
def letters() -> tuple[Text, ...]:
    kept = tomllib.loads(LETTERS.read_text("utf-8"))["letter"]
    return tuple(Text(**{**one, "bases": tuple(one.get("bases", ()))}) for one in kept)


def write(
    text: Text,
    *,
    body: IssuingBody,
    cast: Cast,
    recipients: Sequence[IssuingBody],
    now: datetime,
    attachments: Mapping[str, bytes] | None = None,
    answers: IncomingDocument | None = None,
    due_on: date | None = None,
) -> Draft:
    """The author drafts, with recipients and attachments."""
    author = officer(cast.author, now)
    day = legal_day(now)
    mandate = Mandate.objects.as_of(day).get(body=body, person=officer(cast.signatory, now).person)
    is_letter = text.kind == "cong_van"
    content = Content(
        body=text.body.format(issuer=body.name),
        bases=text.bases,
        addressees=tuple(one.name for one in recipients) if is_letter else (),
        to_places=("Như trên",) if is_letter else tuple(one.name for one in recipients),
        archive_line=f"VT, {author.post.unit.symbol}" if author.post.unit else "VT",
    )
    draft = drafting.create_draft(
        drafting.Written(
            body=body,
            mandate=mandate,
            kind=text.kind,
            subject=text.subject,
            content=content,
            recipients=tuple(drafting.Addressee.of(one, day) for one in recipients),
            due_on=due_on,
            unit=author.post.unit,
            answers=answers,
        ),
        officer=author,
        now=now,
    )
    for name, file in (attachments or {}).items():
        drafting.attach_file(
            draft,
            name=name,
            content=file,
            limit_bytes=ATTACHMENT_LIMIT_BYTES,
            officer=author,
            now=now,
        )
        draft.refresh_from_db()
    return draft


def step(
    draft: Draft, cast: Cast, *, services: SigningServices, now: datetime, pin: str = DEMO_PIN
) -> Draft:
    """Take the one step that the draft's state waits for, by the officer whose turn it is."""
    play = _STEPS[Draft.State(draft.state)]
    play(draft, cast, services, now, pin)
    return Draft.objects.get(pk=draft.pk)


def bring_to(
    draft: Draft,
    state: Draft.State,
    cast: Cast,
    *,
    services: Callable[[], SigningServices],
    clock: Callable[[], datetime],
) -> Draft:
    """Take steps until the draft has come to state; each at a moment of its own."""
    while draft.state != state:
        draft = step(draft, cast, services=services(), now=clock())
    return draft


def accept(delivery: Delivery, *, clerk: str, now: datetime) -> IncomingDocument:
    """The clerk follows the machine's proposal and registers the document."""
    acceptance = {
        Delivery.Proposal.ACCEPT: IncomingDocument.Acceptance.ORIGINAL,
        Delivery.Proposal.ACCEPT_COPY: IncomingDocument.Acceptance.COPY,
        Delivery.Proposal.INFORMATION: IncomingDocument.Acceptance.INFORMATION,
    }[Delivery.Proposal(delivery.proposal)]
    return exchange.accept_delivery(
        delivery, acceptance=acceptance, officer=officer(clerk, now), now=now
    )


def route_to(
    document: IncomingDocument, assignee: str, *, by: str, now: datetime, days: int = 5
) -> Task:
    """Somebody who may route names one person to lead, with a deadline."""
    post: Post = officer(assignee, now).post
    assignment = routing.Assignment(
        part=Task.Part.LEAD,
        assignee=post,
        instruction="Nghiên cứu, tham mưu thực hiện đúng thời hạn.",
        due_on=legal_day(now) + timedelta(days=days),
    )
    return routing.route(document, [assignment], officer=officer(by, now), now=now)[0]


_Play = Callable[[Draft, Cast, SigningServices, datetime, str], object]
_STEPS: Mapping[Draft.State, _Play] = {
    Draft.State.DRAFTING: lambda draft, cast, services, now, pin: actions.submit_for_check(
        draft, officer=officer(cast.author, now), now=now
    ),
    Draft.State.CONTENT_CHECK: lambda draft, cast, services, now, pin: actions.check_content(
        draft, officer=officer(cast.unit_head, now), now=now
    ),
    Draft.State.LAYOUT_CHECK: lambda draft, cast, services, now, pin: actions.check_layout(
        draft, officer=officer(cast.layout_checker, now), now=now
    ),
    Draft.State.APPROVAL: lambda draft, cast, services, now, pin: actions.approve(
        draft, officer=officer(cast.signatory, now), now=now
    ),
    Draft.State.SIGNING: lambda draft, cast, services, now, pin: sign_draft(
        draft,
        keys=keys_under(pin, officer=officer(cast.signatory, now), now=now),
        shown=draft.signing_copy.shown,
        officer=officer(cast.signatory, now),
        now=now,
        services=services,
    ),
    Draft.State.SIGNED: lambda draft, cast, services, now, pin: actions.number_draft(
        draft, officer=officer(cast.clerk, now), now=now
    ),
    Draft.State.NUMBERED: lambda draft, cast, services, now, pin: seal_draft(
        draft,
        keys=keys_under(pin, officer=officer(cast.clerk, now), now=now),
        shown=draft.signing_copy.shown,
        officer=officer(cast.clerk, now),
        now=now,
        services=services,
    ),
    Draft.State.SEALED: lambda draft, cast, services, now, pin: exchange.issue(
        draft.outgoing, officer=officer(cast.clerk, now), now=now
    ),
}

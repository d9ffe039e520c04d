"""kill -9 of the web server's process group at each step of the life of a document.

People act through their forms. The server dies right before, or right after, the commit of each
act; it is started again, and the person goes on: looks at the page, and repeats the act if the
page still offers it. Steps are numbered as in docs/life-of-a-document.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from chauban.blobs import store
from chauban.cli import acting
from chauban.cli.processes import Child
from chauban.cli.province import DEMO_PASSWORD
from chauban.directory.models import Post
from chauban.exchange.models import Delivery, Recipient
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.trust.demo import DEMO_PIN
from chauban.trust.models import Mandate
from chauban.workflow.errors import KeyInUse
from chauban.workflow.models import Answer, Draft, KeyUse
from chauban.workflow.services import signing_services
from chauban.workflow.words import explain
from tests.faults import killing
from tests.processes.browsing import Page, Person, ServerGone
from tests.processes.installation import (
    Installation,
    end_leases,
    require_dead,
    start_pki,
    start_web,
    work_once,
)
from tests.processes.soundness import require_all_arrived, require_sound

SUBJECT = "V/v thử nghiệm ngắt điện giữa chừng"
INSTRUCTION = "Tham mưu văn bản trả lời."
RECIPIENTS = ("ubnd-thuan-hoa", "so-tai-chinh")
HANDLING = "so-tai-chinh"
ATTACHED = "Cơ quan,Số\r\nSở Tài chính,01\r\n".encode()
# Between these and their results a key is in use: who dies there leaves a claim behind.
CLAIMING = (ActKind.SIGNING_STARTED, ActKind.SEALING_STARTED)


@dataclass(frozen=True)
class Deed:
    """What one person does at one step: where he looks, the form he sends, what he then sees."""

    step: int
    kind: ActKind  # the act around whose commit the server dies
    by: str
    page: str
    form: str
    values: Mapping[str, object] = field(default_factory=dict)
    shows: str = ""  # seen when it is done; else that the form is gone


def deeds() -> list[Deed]:
    """All that people do to the Committee's letter, up to its issue."""
    draft, pin = "/drafts/{draft}", {"pin": DEMO_PIN}

    def step(number: int, kind: ActKind, by: str, name: str) -> Deed:
        return Deed(number, kind, f"{by}.vp-ubnd", draft, f"{draft}/steps/{name}")

    def key(number: int, kind: ActKind, by: str, name: str) -> Deed:
        return Deed(number, kind, f"{by}.vp-ubnd", f"{draft}/{name}", f"{draft}/{name}", pin)

    return [
        Deed(
            1, ActKind.DRAFTED, "chuyen-vien.vp-ubnd", "/drafts", "/drafts/new",
            written(), shows=SUBJECT,
        ),
        Deed(
            1, ActKind.REVISED, "chuyen-vien.vp-ubnd", draft, f"{draft}/attachments",
            {"file": ("Bảng kê.csv", ATTACHED)}, shows="Bảng kê.csv",
        ),
        step(1, ActKind.SUBMITTED, "chuyen-vien", "submit"),
        step(2, ActKind.CONTENT_CHECKED, "truong-phong", "check-content"),
        step(2, ActKind.LAYOUT_CHECKED, "the-thuc", "check-layout"),
        step(3, ActKind.APPROVED, "pho-chu-tich", "approve"),
        key(4, ActKind.SIGNING_STARTED, "pho-chu-tich", "sign"),
        key(4, ActKind.SIGNED, "pho-chu-tich", "sign"),
        step(5, ActKind.NUMBERED, "van-thu", "number"),
        key(6, ActKind.SEALING_STARTED, "van-thu", "seal"),
        key(6, ActKind.SEALED, "van-thu", "seal"),
        Deed(7, ActKind.ISSUED, "van-thu.vp-ubnd", draft, "/outgoing/{outgoing}/issue"),
    ]  # fmt: skip


def deeds_of_recipient() -> list[Deed]:
    incoming, officer = "/incoming/{incoming}", f"chuyen-vien.{HANDLING}"
    return [
        Deed(
            9, ActKind.REGISTERED_INCOMING, f"van-thu.{HANDLING}", "/inbox/{delivery}",
            "/inbox/{delivery}/accept",
        ),
        Deed(
            10, ActKind.ROUTED, f"giam-doc.{HANDLING}", incoming, f"{incoming}/route",
            {"lead": str(post_of(officer).pk), "instruction": INSTRUCTION}, shows=INSTRUCTION,
        ),
        Deed(10, ActKind.TASK_STARTED, officer, incoming, "/tasks/{task}/start"),
        Deed(
            11, ActKind.ANSWERED, f"van-thu.{HANDLING}", "/drafts/{reply}",
            "/outgoing/{reply_document}/issue",
        ),
        Deed(
            11, ActKind.INCOMING_DONE, officer, incoming, "/tasks/{task}/finish",
            {"result": "Đã trả lời."},
        ),
    ]  # fmt: skip


def post_of(username: str) -> Post:
    return acting.officer(username, clock()).post


def written() -> dict[str, object]:
    """What the drafter fills in."""
    mandate = Mandate.objects.get(
        body__key="ubnd-tp", person=post_of("pho-chu-tich.vp-ubnd").person
    )
    return {
        "mandate": str(mandate.pk),
        "kind": "cong_van",
        "subject": SUBJECT,
        "addressees": "Sở Tài chính",
        "body_text": "Đề nghị quý cơ quan báo cáo.\n1. Nội dung thứ nhất.",
        "to_places": "Như trên",
        "recipients": [str(acting.body_named(key).pk) for key in RECIPIENTS],
    }


@dataclass
class Story:
    """One letter in one installation: its web server, and people who keep their cookies."""

    place: Installation
    running: list[Child]
    people: dict[str, Person] = field(default_factory=dict)

    def serve(self) -> None:
        self.running.append(start_web(self.place))

    @property
    def web(self) -> Child:
        return self.running[-1]

    def person(self, username: str) -> Person:
        return self.people.setdefault(username, Person(self.place.url, username, DEMO_PASSWORD))

    def address(self, pattern: str) -> str:
        """The path of a page or form, with the ids of the letter and what came of it."""
        draft = Draft.objects.filter(subject=SUBJECT).first()
        delivery = Delivery.objects.filter(body__key=HANDLING).last()
        incoming = IncomingDocument.objects.filter(body__key=HANDLING).last()
        reply = Draft.objects.filter(answers=incoming).last() if incoming else None
        return pattern.format(
            draft=draft and draft.pk,
            outgoing=draft and draft.outgoing_id,
            delivery=delivery and delivery.pk,
            incoming=incoming and incoming.pk,
            task=incoming and incoming.tasks.values_list("pk", flat=True).first(),
            reply=reply and reply.pk,
            reply_document=reply and reply.outgoing_id,
        )

    def look(self, deed: Deed) -> Page:
        return self.person(deed.by).look(self.address(deed.page))

    def is_done(self, deed: Deed) -> bool:
        """Whether the page says so."""
        page = self.look(deed)
        if deed.shows:
            return deed.shows in page.text
        return not page.offers(self.address(deed.form))

    def act(self, deed: Deed) -> Page:
        """Send the form. Raises: ServerGone, NotOffered."""
        form = self.address(deed.form)
        page = self.person(deed.by).look(form) if deed.form == "/drafts/new" else self.look(deed)
        return self.person(deed.by).submit(page, form, **deed.values)


def clock() -> datetime:
    return datetime.now(UTC)


def die_at(story: Story, deed: Deed, when: str) -> None:
    """Kill the server's group around the commit of the act, and start it again."""
    before = Act.objects.filter(kind=deed.kind).count()
    killing.arm(story.place.kill_file("web"), killing.at_act(when, deed.kind))
    with pytest.raises(ServerGone):
        story.act(deed)
    require_dead(story.web, port=story.place.port)
    committed = Act.objects.filter(kind=deed.kind).count() - before
    assert committed == (when == "after"), deed
    story.serve()


def go_on(story: Story, deed: Deed, when: str) -> None:
    """What is committed shows as done; what is not is done again, and then shows."""
    assert story.is_done(deed) == (when == "after" and deed.kind not in CLAIMING), deed
    if claim := KeyUse.objects.open().first():
        assert str(explain(KeyInUse(claim.lease_until))) in story.act(deed).text
        end_leases()
    if deed.kind in CLAIMING:  # the confirmation itself is what dies next
        return
    if not story.is_done(deed):
        story.act(deed)
    assert story.is_done(deed), deed
    assert not KeyUse.objects.open().exists()


def answer(letter: Draft) -> None:
    """The handling department's reply, brought to where its clerk issues it."""
    incoming = IncomingDocument.objects.get(body__key=HANDLING)
    cast = acting.Cast.of(HANDLING, signatory=f"pho-giam-doc.{HANDLING}")
    reply = acting.write(
        acting.letters()[0],
        body=acting.body_named(HANDLING),
        cast=cast,
        recipients=[letter.body],
        now=clock(),
        answers=incoming,
    )
    services = lambda: signing_services(clock())  # noqa: E731
    acting.bring_to(reply, Draft.State.SEALED, cast, services=services, clock=clock)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_web_server_dies_around_the_commit_of_every_act(
    installation: Installation, running: list[Child], when: str
) -> None:
    running.append(start_pki(installation))
    story = Story(installation, running)
    story.serve()
    for deed in deeds():
        die_at(story, deed, when)
        go_on(story, deed, when)
    work_once(installation)
    for deed in deeds_of_recipient():
        if deed.kind is ActKind.ANSWERED:
            answer(Draft.objects.get(subject=SUBJECT))
        die_at(story, deed, when)
        go_on(story, deed, when)
    work_once(installation)

    letter = Draft.objects.get(subject=SUBJECT)
    for deed in deeds()[:7]:
        if deed.kind not in CLAIMING:
            assert Act.objects.on(letter).filter(kind=deed.kind).count() == 1, deed
    assert letter.attachments.kept().count() == 1
    document = OutgoingDocument.objects.get(draft=letter)
    assert document.number == 1
    assert Answer.objects.filter(incoming__body__key=HANDLING).count() == 1
    reached = Recipient.objects.filter(document=document).order_by("pk")
    statuses = {one.body.key: one.status_code for one in reached.select_related("body")}
    assert statuses == {"ubnd-thuan-hoa": "01", HANDLING: "06"}
    require_sound()
    require_all_arrived()


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_web_server_dies_around_the_rename_that_shows_a_file(
    installation: Installation, running: list[Child], when: str
) -> None:
    """A crash leaves at most a file that nothing points at (blobs.store)."""
    story = Story(installation, running)
    story.serve()
    draft, attach = deeds()[:2]
    story.act(draft)
    killing.arm(installation.kill_file("web"), killing.Kill(when, killing.RENAME))
    with pytest.raises(ServerGone):
        story.act(attach)
    require_dead(story.web, port=installation.port)
    story.serve()
    assert not story.is_done(attach)
    story.act(attach)
    assert story.is_done(attach)
    (kept,) = Draft.objects.get(subject=SUBJECT).attachments.kept()
    assert store.read(kept.blob) == ATTACHED
    require_sound()

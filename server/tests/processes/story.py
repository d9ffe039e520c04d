"""The life of one letter, told by what each person does at a browser.

Steps are numbered as in docs/life-of-a-document.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chauban.cli import acting
from chauban.cli.browsing import Page, Person
from chauban.cli.processes import Child
from chauban.cli.province import DEMO_PASSWORD
from chauban.directory.models import Post
from chauban.exchange.models import Delivery
from chauban.journal.kinds import ActKind
from chauban.registers.models import IncomingDocument
from chauban.trust.demo import DEMO_PIN
from chauban.trust.models import Mandate
from chauban.workflow.models import Draft
from tests.processes.installation import Installation, start_web

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

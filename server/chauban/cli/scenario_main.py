"""The main job: a document leaves one agency signed, sealed and numbered, and is answered.

(a) inside the province, with the worker carrying; (b) messages from outside over HTTP; (c) the
same message twice. Every figure is read back from the installation after the act.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet

from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM
from chauban.axis.errors import DuplicateDocument
from chauban.blobs import store
from chauban.cli import acting
from chauban.cli.acting import Cast, Text
from chauban.cli.staging import (
    PATIENCE_SECONDS,
    StepFailed,
    require,
    require_valid_elsewhere,
    until,
)
from chauban.directory.models import IssuingBody, Post
from chauban.directory.rules import legal_day
from chauban.exchange.adapters.vxp import VXPGateway
from chauban.exchange.models import Delivery, Recipient
from chauban.exchange.ports import Acknowledgement, Envelope, Outcome, RefusedByAxis
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.trust.demo import mint_for_body, open_demo_pki
from chauban.workflow import routing
from chauban.workflow.models import Answer, Draft
from chauban.workflow.services import signing_services
from chauban_docform.letters import Heading
from chauban_docform.registers import Book, Column, Volume, typeset_register
from chauban_edxml.model import StatusMessage
from chauban_edxml.reading import read

RECIPIENTS = ("ubnd-thuan-hoa", "ubnd-a-luoi-1", "ubnd-chan-may-lang-co", "so-tai-chinh", "so-khcn")
ANSWERING = "so-tai-chinh"
FOREIGN_TO = "ubnd-phu-bai"
FOREIGN_FROM = "000.00.00.G22"
FOREIGN_MESSAGE = (
    Path(__file__).resolve().parents[3] / "vectors" / "edxml" / "new_commune_unsigned_doc.edxml"
)
COMMITTEE_CAST = Cast.of("vp-ubnd", signatory="pho-chu-tich.vp-ubnd")
OFFICE_CAST = Cast.of("vp-ubnd", signatory="pho-chanh-vp.vp-ubnd")
STATUSES = ("01", "03", "04", "05", "06")

LETTER = Text(
    "cong_van",
    "V/v tăng cường ký số và gửi, nhận văn bản điện tử",
    "Thực hiện Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn"
    " thư, {issuer} yêu cầu các cơ quan, địa phương:\n"
    "1. Ký số đầy đủ của người có thẩm quyền và của cơ quan đối với văn bản gửi qua mạng.\n"
    "2. Rà soát chứng thư chữ ký số theo danh mục tại phụ lục kèm theo; báo cáo kết quả bằng văn"
    " bản điện tử.\n"
    "Giao Văn phòng Ủy ban nhân dân thành phố theo dõi, đôn đốc việc thực hiện Công văn này.",
)
NOTICE = Text(
    "thong_bao",
    "Về lịch hướng dẫn sử dụng hệ thống quản lý văn bản",
    "{issuer} thông báo lịch hướng dẫn sử dụng hệ thống quản lý văn bản:\n"
    "1. Thời gian: 8 giờ 00, thứ Hai tuần sau.\n"
    "2. Hình thức: trực tuyến.\n"
    "Đề nghị các cơ quan, địa phương cử văn thư tham dự đầy đủ.",
)
REPLY = Text(
    "cong_van",
    "V/v kết quả rà soát chứng thư chữ ký số",
    "{issuer} báo cáo kết quả rà soát: toàn bộ lãnh đạo và văn thư của cơ quan đã được cấp chứng"
    " thư chữ ký số còn hiệu lực; văn bản gửi qua mạng được ký số đầy đủ.\n"
    "Kính báo cáo Ủy ban nhân dân thành phố.",
)


@dataclass(frozen=True)
class Step:
    """One step: who did what, the number it gave, the file it left and that file's SHA-256."""

    part: str
    agency: str
    by: str
    act: str
    number: str = ""
    file: str = ""
    sha256: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.agency}: {self.act} {self.number} {self.file}".rstrip()


def play(out: Path, *, axis_url: str) -> Iterator[Step]:
    """Play all three parts, a step at a time. Raises: StepFailed."""
    out.mkdir(parents=True, exist_ok=True)
    yield from _inside(out)
    yield from _from_outside(out, axis_url)


def clock() -> datetime:
    return datetime.now(UTC)


# (a) inside the province


def _inside(out: Path) -> Iterator[Step]:
    bodies = [acting.body_named(key) for key in RECIPIENTS]
    authority = open_demo_pki(settings.DEMO_PKI_FOLDER, now=clock())
    mint_for_body(acting.body_named(ANSWERING), authority=authority, now=clock())

    annex = _annex(acting.body_named("ubnd-tp"))
    files = {"Phụ lục danh mục chứng thư.pdf": annex, "Bảng rà soát.csv": _table(bodies)}
    letter, steps = _outgoing(out, "a", "ubnd-tp", LETTER, COMMITTEE_CAST, bodies, files=files)
    yield from steps
    notice, steps = _outgoing(out, "a", "vp-ubnd", NOTICE, OFFICE_CAST, bodies)
    yield from steps
    for document in (letter, notice):
        for body in bodies:
            yield from _received(document, body)
    yield from _answered(out, letter)
    for body in bodies:
        yield from _finished(letter, body)
    for status in STATUSES:
        for body in bodies:
            recipient = Recipient.objects.get(document=letter, body=body)
            _until(
                f"status {status} of {body.name}",
                lambda recipient=recipient, status=status: recipient.statuses.filter(code=status),
            )
    for recipient in Recipient.objects.filter(document=letter).order_by("pk"):
        require(recipient.status_code == "06", f"{recipient.name}: {recipient.status_code}")
        codes = sorted(set(recipient.statuses.values_list("code", flat=True)))
        yield Step("a", recipient.name, "", "statuses-received", number=" ".join(codes))


def _outgoing(
    out: Path,
    part: str,
    body_key: str,
    text: Text,
    cast: Cast,
    recipients: Sequence[IssuingBody],
    *,
    files: dict[str, bytes] | None = None,
    answers: IncomingDocument | None = None,
) -> tuple[OutgoingDocument, list[Step]]:
    """Bring a document from its draft to its issue; what every step left."""
    body = acting.body_named(body_key)
    draft = acting.write(
        text, body=body, cast=cast, recipients=recipients, now=clock(), attachments=files,
        answers=answers, due_on=legal_day(clock()) + timedelta(days=10),
    )  # fmt: skip
    steps = []
    while draft.state != Draft.State.ISSUED:
        draft = acting.step(draft, cast, services=signing_services(clock()), now=clock())
    document = OutgoingDocument.objects.get(draft=draft)
    acts = (Act.objects.on(draft) | Act.objects.on(document)).exclude(user_id=None).order_by("id")
    people = {post.pk: post for post in _posts(acts)}
    for act in acts:
        post = people.get(act.post_id)
        agency = post.agency.name if post else ""
        who = post.person.full_name if post else ""
        number = _number_after(act, document)
        steps.append(Step(part, agency, who, act.kind, number=number, sha256=act.digest))
    for file in document.files.select_related("blob"):
        left = out / f"{document.code.replace('/', '-')} {file.name}".replace("/", "-")
        left.write_bytes(store.read(file.blob))
        sha256 = hashlib.sha256(left.read_bytes()).hexdigest()
        require(sha256 == file.blob.sha256, f"{left.name}: other bytes")
        if file.part == "main":
            require_valid_elsewhere(left, root=settings.DEMO_PKI_FOLDER / "root.pem")
        steps.append(
            Step(part, body.name, "", f"file-{file.part}", document.code, left.name, sha256)
        )
    require(draft.state == Draft.State.ISSUED, f"{document.code}: {draft.state}")
    return document, steps


def _received(document: OutgoingDocument, body: IssuingBody) -> Iterator[Step]:
    """The recipient's machine verifies and proposes, its clerk registers, its head routes."""
    key = body.agency.key
    delivery = _until(
        f"{document.code} at {body.name}",
        lambda: Delivery.objects.filter(
            body=body, document_id=document.document_id, state=Delivery.State.PROPOSED
        ),
    )
    require(delivery.proposal == "accept", f"{body.name}: {delivery.proposal_reasons}")
    incoming = acting.accept(delivery, clerk=f"van-thu.{key}", now=clock())
    main = incoming.files.select_related("blob").first()
    yield Step(
        "a", body.name, f"van-thu.{key}", ActKind.REGISTERED_INCOMING,
        number=str(incoming.arrival_number), file=main.name, sha256=main.blob.sha256,
    )  # fmt: skip
    head = acting.head_of(body.agency, clock())
    acting.route_to(incoming, f"chuyen-vien.{key}", by=head, now=clock())
    yield Step("a", body.name, head, ActKind.ROUTED)


def _answered(out: Path, letter: OutgoingDocument) -> Iterator[Step]:
    """One recipient answers by a document of its own, which comes back and is registered."""
    body = acting.body_named(ANSWERING)
    incoming = _incoming(letter, body)
    cast = Cast.of(ANSWERING, signatory=f"pho-giam-doc.{ANSWERING}")
    reply, steps = _outgoing(
        out, "a", ANSWERING, REPLY, cast, [acting.body_named("ubnd-tp")], answers=incoming
    )
    yield from steps
    require(
        Answer.objects.filter(incoming=incoming, outgoing=reply).exists(), "the reply is not linked"
    )
    yield Step("a", body.name, cast.clerk, ActKind.ANSWERED, number=reply.code)
    committee = acting.body_named("ubnd-tp")
    yield from _received(reply, committee)


def _finished(letter: OutgoingDocument, body: IssuingBody) -> Iterator[Step]:
    incoming = _incoming(letter, body)
    task = incoming.tasks.get()
    handler = acting.officer(f"chuyen-vien.{body.agency.key}", clock())
    routing.start_task(task, officer=handler, now=clock())
    task.refresh_from_db()
    routing.finish_task(task, officer=handler, now=clock(), result="Đã thực hiện.")
    incoming.refresh_from_db()
    require(incoming.state == IncomingDocument.State.DONE, f"{body.name}: {incoming.state}")
    yield Step("a", body.name, handler.user.username, ActKind.INCOMING_DONE)


# (b) from outside over HTTP, and (c) twice


def _from_outside(out: Path, axis_url: str) -> Iterator[Step]:
    outside = VXPGateway(
        axis_url, system_id=OUTSIDE_SYSTEM, secret=OUTSIDE_SECRET, limit_bytes=70_000_000
    )
    to = acting.body_named(FOREIGN_TO)
    organ_id = to.organ_id(legal_day(clock()))
    unknown, document_id = _foreign("H57.99.98"), f"{clock():%d%H%M%S}"
    try:
        answer = outside.send_one(unknown, now=clock())
        refusal = next(iter(answer.refusals.values()), None)
        require(refusal is not None, "an unknown code was not refused")
        code = refusal.code
    except RefusedByAxis as refused:
        code = refused.code
    yield Step("b", "Văn phòng Chính phủ", OUTSIDE_SYSTEM, "refused-unknown-addressee", number=code)

    message = _foreign(organ_id, number=document_id)
    first: Acknowledgement = outside.send_one(message, now=clock())
    (out / "foreign.edxml").write_bytes(message.raw)
    sha256 = hashlib.sha256(message.raw).hexdigest()
    yield Step(
        "b",
        "Văn phòng Chính phủ",
        OUTSIDE_SYSTEM,
        "sent-over-http",
        first.package_id,
        "foreign.edxml",
        sha256,
    )
    delivery = _until(
        "the foreign document",
        lambda: Delivery.objects.filter(
            body=to, document_id__contains=document_id, state=Delivery.State.PROPOSED
        ),
    )
    require(delivery.proposal == "information", f"proposed: {delivery.proposal}")
    yield Step("b", to.name, "", ActKind.ASSESSED, number=delivery.proposal)
    incoming = acting.accept(delivery, clerk=f"van-thu.{to.agency.key}", now=clock())
    yield Step(
        "b",
        to.name,
        f"van-thu.{to.agency.key}",
        ActKind.REGISTERED_INCOMING,
        number=str(incoming.arrival_number),
    )
    answered = _statuses_over_http(outside, document_id, count=2)
    require(answered == ["01", "03"], f"answered {answered}")
    yield Step(
        "b", "Văn phòng Chính phủ", OUTSIDE_SYSTEM, "statuses-fetched", number=" ".join(answered)
    )

    again = outside.send_one(message, now=clock())
    require(again.package_id == first.package_id, "the same bytes got another DocId")
    other_bytes = Envelope(
        message.type, message.from_organ_id, message.to_organ_ids, message.raw + b"\n"
    )
    try:
        outside.send_one(other_bytes, now=clock())
    except RefusedByAxis as refusal:
        require(refusal.code == DuplicateDocument.code, f"refused as {refusal.code}")
    else:
        raise StepFailed("the same document in other bytes was taken")
    time.sleep(2)
    delivered = Delivery.objects.filter(body=to, document_id__contains=document_id)
    registered = IncomingDocument.objects.filter(body=to, document_id__contains=document_id)
    require((delivered.count(), registered.count()) == (1, 1), "registered more than once")
    yield Step("c", to.name, "", "registered-once", number=str(registered.get().arrival_number))


def _foreign(organ_id: str, *, number: str = "1") -> Envelope:
    """The vector of our own in the shape of the SDK's `edoc_new.edxml`, to that code."""
    raw = FOREIGN_MESSAGE.read_bytes()
    for old, new in (
        (b">G22<", f">{FOREIGN_FROM}<".encode()),
        (b">G22,2026/11/20,7816/", f">{FOREIGN_FROM},2026/11/20,{number}/".encode()),
        (b">7816<", f">{number}<".encode()),
        (b">H57.64<", f">{organ_id}<".encode()),
    ):
        require(old in raw, f"the vector no longer holds {old!r}")
        raw = raw.replace(old, new)
    return Envelope("edoc", FOREIGN_FROM, (organ_id,), raw)


def _statuses_over_http(outside: VXPGateway, document_id: str, *, count: int) -> list[str]:
    """Fetch and confirm the statuses of one document, as the foreign system would."""
    codes: list[str] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(codes) < count and time.monotonic() < deadline:
        for waiting in outside.waiting("status", now=clock()):
            status = read(outside.fetch_one(waiting.package_id, now=clock()))
            outside.confirm_one(Outcome(waiting.package_id, "done"), now=clock())
            if isinstance(status, StatusMessage) and document_id in status.response_for.document_id:
                codes.append(str(status.status_code.value))
        time.sleep(0.2)
    return sorted(codes)


def _incoming(document: OutgoingDocument, body: IssuingBody) -> IncomingDocument:
    return IncomingDocument.objects.get(body=body, document_id=document.document_id)


def _posts(acts: Iterable[Act]) -> QuerySet[Post]:
    return Post.objects.select_related("person", "agency").filter(
        pk__in=[act.post_id for act in acts if act.post_id]
    )


def _number_after(act: Act, document: OutgoingDocument) -> str:
    """The number, once the series has given it; before that, the symbol alone."""
    numbered = Act.objects.on(document).get(kind=ActKind.NUMBERED)
    return document.code if act.id >= numbered.id else ""


def _annex(body: IssuingBody) -> bytes:
    """A list of certificates in a file of its own, as an agency would attach it."""
    columns = (Column("Cơ quan", 4), Column("Ký hiệu", 1, centred=True), Column("Ghi chú", 2))
    today = legal_day(clock())
    volume = Volume(
        book=Book("Danh mục chứng thư chữ ký số", "PL I III", columns),
        issuer=Heading(tuple(body.parent_heading.splitlines()), tuple(body.heading.splitlines())),
        place=body.agency.place,
        year=today.year,
        first_day=today.replace(month=1, day=1),
        last_day=today,
        rows=[(one.name, one.symbol, "") for one in map(acting.body_named, RECIPIENTS)],
    )
    return typeset_register(volume, created_at=clock())


def _table(bodies: Sequence[IssuingBody]) -> bytes:
    lines = ["Cơ quan,Ký hiệu", *(f"{body.name},{body.symbol}" for body in bodies)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


Found = TypeVar("Found", bound=Model)


def _until(what: str, found: Callable[[], "QuerySet[Found]"]) -> Found:
    """Wait for the worker to have made a row. Raises: StepFailed."""
    return until(what, lambda: found().first())

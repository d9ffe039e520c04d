"""Documents being sealed while what sealing needs is killed, part by part.

TSA, OCSP responder, CRLs and key device are killed (`kill -9`) and started again in turn while
the clerk goes on sealing at her browser; others look on and must never see anything half sealed.
At the end every document is sealed once, numbered without a gap, issued and delivered.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings

from chauban.blobs import store
from chauban.cli import acting
from chauban.cli.browsing import Person
from chauban.cli.doctor import examine
from chauban.cli.key_device import IDENTIFIER, TOKEN, KeyDevice
from chauban.cli.outages_clerk import Attempt, Clerk, Outcome
from chauban.cli.outages_stage import Stage
from chauban.cli.outages_watch import Watch, report_on
from chauban.cli.province import DEMO_PASSWORD
from chauban.cli.staging import require, require_valid_elsewhere, until
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.models import Delivery
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import OutgoingDocument, OutgoingFile, Series
from chauban.trust.actions import store_certificate
from chauban.trust.demo import (
    CERTIFICATE_LIFETIME,
    DEMO_PIN,
    SEAL_DIAMETER_MM,
    mint_for_body,
    open_demo_pki,
)
from chauban.trust.models import Certificate, Custody
from chauban.workflow.models import Draft, KeyUse
from chauban.workflow.services import signing_services
from chauban_docform.pictures import seal_image
from chauban_pades.report import DocumentStatus
from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.reasons import Verdict

BODY, RECIPIENT = "so-xay-dung", "ubnd-thuan-hoa"
CAST = acting.Cast.of(BODY, signatory=f"pho-giam-doc.{BODY}")
RECIPIENT_CLERK = "van-thu.thuan-hoa"
WITH_ATTACHMENT_EVERY = 10
TABLE = "Đơn vị,Số dự án\r\nSở Xây dựng,1\r\n".encode()
BOTH_LEGS_EVERY = 20  # of the files, and at least three: read by pyHanko as well
PATIENCE_SECONDS = 300.0
SERVICES = ("tsa", "ocsp", "crl")
Purpose = KeyUse.Purpose


@dataclass(frozen=True)
class Outage:
    """What is killed at once; what is restarted at that moment, and so begins with no cache."""

    name: str
    killed: tuple[str, ...]
    restarted: tuple[str, ...] = ()


OUTAGES = (
    Outage("tsa", ("tsa",)),
    Outage("ocsp", ("ocsp",)),
    Outage("crl", ("crl",)),
    Outage("device", ("device",)),
    Outage("revocation, nothing cached", ("ocsp", "crl"), ("web", "work")),
    Outage("all services, and the worker", ("tsa", "ocsp", "crl", "work")),
)


@dataclass(frozen=True)
class Step:
    """What was done, how the documents stood then, and figures."""

    step: str
    what: str = ""
    documents: dict[str, int] = field(default_factory=dict)  # by state
    figures: dict[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def __str__(self) -> str:
        told = {**self.documents, **self.figures}
        return f"{self.step} {self.what}: " + ", ".join(f"{k} {v}" for k, v in told.items())


def clock() -> datetime:
    return datetime.now(UTC)


def play(stage: Stage, amount: int) -> Iterator[Step]:
    """Play it with so many documents, a step at a time. Raises: StepFailed."""
    body = acting.body_named(BODY)
    outages = [one for one in OUTAGES if stage.device or "device" not in one.killed]
    _mint(body, stage.device)
    stage.start(*SERVICES)
    if stage.device:
        stage.start("device")
    stage.start("web", "work")
    drafts = _numbered(body, amount)
    custody = "device" if stage.device else "keystore"
    yield Step("prepared", body.name, _states(drafts), {"seal_kept_in": custody})

    clerk = Clerk(Person(stage.url, CAST.clerk, DEMO_PASSWORD))
    watch = Watch(
        Person(stage.url, CAST.clerk, DEMO_PASSWORD),
        Person(stage.url, RECIPIENT_CLERK, DEMO_PASSWORD),
    )
    watching, working = watch.start(), clerk.start()
    try:
        for place, outage in enumerate(outages):
            yield from _through(outage, stage, clerk, drafts, share=_share(amount, outages, place))
        yield from _to_the_end(stage, clerk, drafts)
        until("deliveries", lambda: _delivered(drafts) == amount, seconds=PATIENCE_SECONDS)
        clerk.ended.set()
        watch.ended.set()
        for thread in (*watching, working):
            thread.join()
    finally:
        clerk.ended.set()
        watch.ended.set()
    yield Step("watched", "", {}, {**watch.looks, "half_sealed": len(watch.found)})
    require(not watch.found, f"half sealed: {watch.found[:5]}")
    for outage in outages:
        yield Step("outage", outage.name, {}, _figures(outage, clerk.attempts))
    yield _checked(drafts)


# Before


def _mint(body: IssuingBody, device: KeyDevice | None) -> None:
    """The body's keys; its seal's in the device, where there is one."""
    authority = open_demo_pki(settings.DEMO_PKI_FOLDER, now=clock())
    if device and not Certificate.objects.filter(body=body).exists():
        valid_from = clock() - timedelta(days=1)
        pkcs12 = authority.issue_seal(
            body.name,
            body.organ_id(legal_day(clock())),
            password=DEMO_PIN,
            valid_from=valid_from,
            valid_to=valid_from + CERTIFICATE_LIFETIME,
        )
        credential = KeyCredential.load(pkcs12, DEMO_PIN)
        device.keep(credential, pin=DEMO_PIN)
        store_certificate(
            encoded(credential.certificate),
            holder=body,
            custody=Custody.DEVICE,
            key_reference={"token": TOKEN, "key": IDENTIFIER},
            picture=store.put(seal_image(body.name, diameter_mm=SEAL_DIAMETER_MM), now=clock()),
            picture_width_mm=SEAL_DIAMETER_MM,
            officer=None,
            now=clock(),
        )
    mint_for_body(body, authority=authority, now=clock())


def _numbered(body: IssuingBody, amount: int) -> list[int]:
    """So many drafts, signed and numbered; every tenth with two attachments."""
    texts, recipients = acting.letters(), [acting.body_named(RECIPIENT)]
    drafts = []
    for place in range(amount):
        text = texts[place % len(texts)]
        files = {"Bảng kê.csv": TABLE} if place % WITH_ATTACHMENT_EVERY == 0 else None
        draft = acting.write(
            text, body=body, cast=CAST, recipients=recipients, now=clock(), attachments=files
        )
        acting.bring_to(
            draft,
            Draft.State.NUMBERED,
            CAST,
            services=lambda: signing_services(clock()),
            clock=clock,
        )
        drafts.append(draft.pk)
    return drafts


# Outages


def _share(amount: int, outages: Sequence[Outage], place: int) -> int:
    """How many documents the clerk confirms from one outage to the next."""
    return amount * (place + 1) // len(outages) - amount * place // len(outages)


def _through(
    outage: Outage, stage: Stage, clerk: Clerk, drafts: Sequence[int], *, share: int
) -> Iterator[Step]:
    """Some documents with all at hand, then most of the share without."""
    calm = max(1, share // 4)
    _confirmed(stage, clerk, len(clerk.attempts) + calm)
    stage.kill(*outage.killed)
    clerk.outage = outage.name
    began = time.monotonic()
    stage.restart(*outage.restarted)
    yield Step("killed", outage.name, _states(drafts))
    _confirmed(stage, clerk, len(clerk.attempts) + share - calm)
    stage.start(*outage.killed)
    clerk.outage = ""
    figures = {"seconds_down": round(time.monotonic() - began, 1)}
    yield Step("back", outage.name, _states(drafts), figures)


def _confirmed(stage: Stage, clerk: Clerk, amount: int) -> None:
    """Wait until the clerk has confirmed so many times, or has nothing left that she could."""
    rounds, deadline = clerk.rounds, time.monotonic() + PATIENCE_SECONDS
    while len(clerk.attempts) < amount and clerk.rounds < rounds + 2:
        _require_alive(stage, clerk)
        require(time.monotonic() < deadline, "the clerk does not get on")
        time.sleep(0.02)


def _require_alive(stage: Stage, clerk: Clerk) -> None:
    require(not clerk.failure, f"the clerk: {clerk.failure}")
    require(not stage.died(), f"{stage.died()} ended, see {stage.data / 'logs'}")


def _to_the_end(stage: Stage, clerk: Clerk, drafts: Sequence[int]) -> Iterator[Step]:
    """All is back: what was held completes by itself, what was refused the clerk seals again."""
    began = time.monotonic()
    deadline = began + PATIENCE_SECONDS
    while _states(drafts) != {str(Draft.State.ISSUED): len(drafts)}:
        _require_alive(stage, clerk)
        require(time.monotonic() < deadline, f"not all complete: {_states(drafts)}")
        time.sleep(0.2)
    figures = {
        "seconds_to_the_end": round(time.monotonic() - began, 1),
        "states_in_her_list": sorted(clerk.states_seen),
    }
    yield Step("complete", "", _states(drafts), figures)


def _figures(outage: Outage, attempts: Sequence[Attempt]) -> dict[str, object]:
    """What became of the confirmations under an outage, and how long the longest was held."""
    made = [attempt for attempt in attempts if attempt.outage == outage.name]
    outcomes = Counter(attempt.outcome for attempt in made)
    held = [_seconds_held(one.draft) for one in made if one.outcome is Outcome.HELD]
    return {
        "confirmed": len(made),
        **{str(outcome): outcomes[outcome] for outcome in Outcome},
        "longest_hold_seconds": round(max(held, default=0.0), 1),
        "said_missing": sorted({one.missing for one in made if one.missing}),
    }


def _seconds_held(draft: int) -> float:
    row = Draft.objects.select_related("outgoing").get(pk=draft)
    held = Act.objects.on(row).filter(kind=ActKind.SEAL_HELD).latest("id")
    sealed = Act.objects.on(row.outgoing).get(kind=ActKind.SEALED)
    return (sealed.at - held.at).total_seconds()


def _states(drafts: Sequence[int]) -> dict[str, int]:
    """How many stand where; a seal that is held counts as such."""
    held = set(
        KeyUse.objects.pending().filter(purpose=Purpose.SEAL).values_list("copy__draft", flat=True)
    )
    rows = Draft.objects.filter(pk__in=drafts).values_list("pk", "state")
    return dict(Counter("held" if draft in held else state for draft, state in rows))


def _delivered(drafts: Sequence[int]) -> int:
    documents = OutgoingDocument.objects.filter(draft__in=drafts).values("document_id")
    return Delivery.objects.filter(body__key=RECIPIENT, document_id__in=documents).count()


# After


def _checked(drafts: Sequence[int]) -> Step:
    """Numbers without gap, one seal each, every file sound; raises StepFailed."""
    for series in Series.objects.all():
        rows = OutgoingDocument.objects.filter(series=series).order_by("number")
        numbers = list(rows.values_list("number", flat=True))
        require(numbers == list(range(1, series.last_number + 1)), f"numbers: {numbers}")
    for draft in Draft.objects.filter(pk__in=drafts).select_related("outgoing"):
        sealed = Act.objects.on(draft.outgoing).filter(kind=ActKind.SEALED).count()
        require(sealed == 1, f"{draft.outgoing.code}: sealed {sealed} times")
        kept = KeyUse.objects.filter(copy__draft=draft, purpose=Purpose.SEAL)
        kept = kept.exclude(result=None)
        require(kept.count() == 1, f"{draft.outgoing.code}: {kept.count()} seals kept")
    files = OutgoingFile.objects.filter(
        document__draft__in=drafts, part=OutgoingFile.Part.MAIN
    ).select_related("blob", "document")
    for file in files:
        report = report_on(store.read(file.blob))
        fields = [signature.field for signature in report.signatures]
        is_whole = (report.verdict, report.document) == (
            Verdict.TOTAL_PASSED,
            DocumentStatus.COMPLETE,
        )
        require(is_whole, f"{file.name}: {report.verdict} {report.document}")
        require(fields == ["signatory-1", "seal-1"], f"{file.name}: {fields}")
    sample = list(files)[:: max(1, min(BOTH_LEGS_EVERY, len(files) // 3))]
    for file in sample:
        path = store.path_of(file.blob.sha256)
        require_valid_elsewhere(path, root=settings.DEMO_PKI_FOLDER / "root.pem")
    bad = [finding.en for finding in examine(clock()) if finding.ok is False]
    require(not bad, f"doctor: {bad}")
    legs = {"first_leg": len(files), "both_legs": len(sample)}
    return Step("checked", "", _states(drafts), dict(legs))

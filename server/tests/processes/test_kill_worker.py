"""kill -9 of the worker's process group at every write on a message's way.

The worker dies right before each of its commits, and its successor right after it: claims, what it
has sent, taken in, checked, followed. What it held is free when the lease ends; then the next goes
on. Steps are numbered as in docs/life-of-a-document.md.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from chauban.cli import acting
from chauban.cli.processes import Child
from chauban.exchange.models import Delivery, Recipient
from chauban.journal.kinds import ActKind
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.workflow import routing
from chauban.workflow.models import Draft
from chauban.workflow.services import signing_services
from tests.faults import killing
from tests.processes.installation import (
    Installation,
    let_time_pass,
    require_dead,
    start_pki,
    start_worker,
    until,
    work_once,
)
from tests.processes.preparing import COMMITTEE, RECIPIENTS
from tests.processes.soundness import require_all_arrived, require_sound

INSERT = r'INSERT (OR IGNORE )?INTO "{}"'
ACT = INSERT.format("journal_act")


@dataclass(frozen=True)
class Write:
    """One write of the worker, by the beginning of its SQL and a value in it."""

    step: int
    what: str
    statement: str
    value: str = ""


CARRYING = (
    Write(8, "claim a message", "UPDATE exchange_outgoingmessage"),
    Write(8, "the axis takes it over", INSERT.format("axis_package")),
    Write(8, "note that it is sent", ACT, ActKind.SENT),
    Write(9, "note what waits", INSERT.format("exchange_incomingmessage")),
    Write(9, "claim a package", "UPDATE exchange_incomingmessage"),
    Write(9, "deliver it", ACT, ActKind.ARRIVED),
    Write(9, "tell the axis", 'UPDATE "axis_carriage"'),
    Write(9, "note that the axis knows", 'UPDATE "exchange_incomingmessage" SET "confirmed_at"'),
    Write(9, "claim a delivery", "UPDATE exchange_delivery"),
    Write(9, "propose", ACT, ActKind.ASSESSED),
    Write(9, "take a status in", ACT, ActKind.STATUS_RECEIVED),
)
FOLLOWING = (
    Write(10, "follow an act", INSERT.format("exchange_followedact")),
    Write(11, "take a status in", ACT, ActKind.STATUS_RECEIVED),
)


def clock() -> datetime:
    return datetime.now(UTC)


def issue_letter() -> OutgoingDocument:
    """A clerk numbers, seals and issues a signed letter."""
    draft = Draft.objects.filter(state=Draft.State.SIGNED).order_by("pk")[0]
    draft = acting.bring_to(
        draft,
        Draft.State.ISSUED,
        COMMITTEE,
        services=lambda: signing_services(clock()),
        clock=clock,
    )
    return draft.outgoing


def handle(document: OutgoingDocument) -> None:
    """Every recipient registers, routes and finishes what came."""
    for key in RECIPIENTS:
        body = acting.body_named(key)
        delivery = Delivery.objects.get(body=body, document_id=document.document_id)
        assert delivery.proposal == "accept", delivery.proposal_reasons
        agency = body.agency.key
        incoming = acting.accept(delivery, clerk=f"van-thu.{agency}", now=clock())
        handler = f"chuyen-vien.{agency}"
        by = acting.head_of(body.agency, clock())
        task = acting.route_to(incoming, handler, by=by, now=clock())
        officer = acting.officer(handler, clock())
        routing.start_task(task, officer=officer, now=clock())
        task.refresh_from_db()
        routing.finish_task(task, officer=officer, now=clock())


def die_around(place: Installation, running: list[Child], write: Write) -> None:
    """A worker comes to the write and dies before it, its successor after it.

    After each death what it held is free again.
    """
    kill = place.kill_file("work")
    for when in ("before", "after"):
        killing.arm(kill, killing.Kill(when, write.statement, str(write.value)))
        running.append(start_worker(place))
        until(lambda: not kill.exists(), f"the worker never came to: {write.what}")
        require_dead(running[-1])
        let_time_pass()


def test_the_worker_dies_around_every_commit(
    installation: Installation, running: list[Child]
) -> None:
    running.append(start_pki(installation))
    letters = []
    for write in CARRYING:
        letters.append(issue_letter())
        die_around(installation, running, write)
    work_once(installation)
    for recipient in Recipient.objects.filter(document__in=letters):
        assert recipient.status_code == "01"

    for write, letter in zip(FOLLOWING, letters, strict=False):
        handle(letter)
        die_around(installation, running, write)
    work_once(installation)
    handled = letters[: len(FOLLOWING)]
    for recipient in Recipient.objects.filter(document__in=handled):
        told = set(recipient.statuses.values_list("code", flat=True))
        assert (recipient.status_code, told) == ("06", {"01", "03", "04", "05", "06"})
    assert IncomingDocument.objects.count() == len(handled) * len(RECIPIENTS)
    require_sound()
    require_all_arrived()

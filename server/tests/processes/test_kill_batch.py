"""kill -9 of the web server in the middle of a batch.

What was finished stays, what was not is unsigned and confirmed anew; no number is lost, nothing
is signed twice, however often the confirmation is sent.
"""

from contextlib import suppress

import pytest

from chauban.cli import acting
from chauban.cli.browsing import Page, Person, ServerGone
from chauban.cli.processes import Child
from chauban.cli.province import DEMO_PASSWORD
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import OutgoingDocument
from chauban.trust.demo import DEMO_PIN
from chauban.workflow.models import Batch, BatchItem, Draft, KeyUse
from chauban.workflow.services import signing_services
from tests.faults import killing
from tests.processes.installation import (
    Installation,
    let_time_pass,
    require_dead,
    start_pki,
    start_web,
    until,
)
from tests.processes.preparing import COMMITTEE, clock
from tests.processes.soundness import require_sound

State = Draft.State


def to_sign(amount: int) -> list[Draft]:
    drafts = []
    for _ in range(amount):
        draft = acting.write(
            acting.letters()[1],
            body=acting.body_named("ubnd-tp"),
            cast=COMMITTEE,
            recipients=[],
            now=clock(),
        )
        services = lambda: signing_services(clock())  # noqa: E731
        drafts.append(
            acting.bring_to(draft, State.SIGNING, COMMITTEE, services=services, clock=clock)
        )
    return drafts


def states_of(drafts: list[Draft]) -> list[str]:
    stored = Draft.objects.in_bulk([draft.pk for draft in drafts])
    return [stored[draft.pk].state for draft in drafts]


def confirm(person: Person, form: Page, path: str, drafts: list[Draft]) -> Page | None:
    """Send the page of a batch with these to be signed; None where the server died meanwhile."""
    chosen = {f"d{draft.pk}-decision": "act" for draft in drafts}
    with suppress(ServerGone):
        return person.submit(form, path, pin=DEMO_PIN, **chosen)
    return None


def ended(batches: int) -> bool:
    return Batch.objects.exclude(ended_at=None).count() == batches


def test_a_batch_cut_off_is_finished_as_far_as_it_came_and_resumed(
    installation: Installation, running: list[Child]
) -> None:
    running.append(start_pki(installation))
    drafts = to_sign(3)
    leader = Person(installation.url, COMMITTEE.signatory, DEMO_PASSWORD)
    running.append(start_web(installation))
    page = leader.look("/batches/sign")
    # It dies right after the second document is begun, before its key is used.
    second = killing.Kill("after", 'UPDATE "workflow_batchitem" SET "began_at"', "2")
    killing.arm(installation.kill_file("web"), second)
    confirm(leader, page, "/batches/sign", drafts)
    require_dead(running[-1], port=installation.port)
    assert states_of(drafts) == [State.SIGNED, State.SIGNING, State.SIGNING]
    running.append(start_web(installation))
    let_time_pass(KeyUse, Batch)
    batch = Batch.objects.get()
    shown = leader.look(f"/batches/{batch.uid}")
    assert "bị ngắt giữa chừng" in shown.text
    assert "Đã ký 1" in shown.text
    # The same confirmation again is the same batch: nobody signs by it any more.
    confirm(leader, page, "/batches/sign", drafts)
    assert states_of(drafts) == [State.SIGNED, State.SIGNING, State.SIGNING]
    rest = leader.look(f"/batches/sign?of={drafts[1].pk}&of={drafts[2].pk}")
    confirm(leader, rest, "/batches/sign", drafts[1:])
    until(lambda: ended(1), "the rest was not signed")
    confirm(leader, rest, "/batches/sign", drafts[1:])
    assert states_of(drafts) == [State.SIGNED] * 3
    for draft in drafts:
        assert Act.objects.on(draft).filter(kind=ActKind.SIGNED).count() == 1
    require_sound()


@pytest.mark.parametrize(
    ("kind", "is_done"),
    [(ActKind.NUMBERED, False), (ActKind.SEALED, True)],
    ids=["between number and seal", "before the result is noted"],
)
def test_a_batch_of_seals_cut_off_loses_no_number(
    installation: Installation, running: list[Child], kind: ActKind, is_done: bool
) -> None:
    running.append(start_pki(installation))
    drafts = list(Draft.objects.filter(state=State.SIGNED).order_by("changed_at")[:3])
    clerk = Person(installation.url, COMMITTEE.clerk, DEMO_PASSWORD)
    running.append(start_web(installation))
    page = clerk.look("/batches/seal")
    killing.arm(installation.kill_file("web"), killing.at_act("after", kind))
    confirm(clerk, page, "/batches/seal", drafts)
    require_dead(running[-1], port=installation.port)
    assert states_of(drafts)[1:] == [State.SIGNED] * 2
    assert OutgoingDocument.objects.get().number == 1
    running.append(start_web(installation))
    let_time_pass(KeyUse, Batch)
    first = BatchItem.objects.get(draft=drafts[0])
    assert first.outcome == "", "the note of it was lost"
    shown = clerk.look(f"/batches/{first.batch.uid}")
    assert ("Đã cấp số, ký số 1" in shown.text) == is_done
    rest = clerk.look("/batches/seal")
    confirm(clerk, rest, "/batches/seal", drafts[is_done:])
    until(lambda: ended(1), "the rest was not sealed")
    assert states_of(drafts) == [State.SEALED] * 3
    stored = OutgoingDocument.objects.order_by("number")
    assert [one.draft.pk for one in stored] == [draft.pk for draft in drafts]
    require_sound()

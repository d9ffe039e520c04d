"""kill -9 of the web server's process group at each step of the life of a document.

People act through their forms. The server dies right before the commit of each act; it is started
again, the person looks at the page, which still offers the act, and repeats it; and it dies again,
right after the commit: now the page shows the act as done. Steps are numbered as in
docs/life-of-a-document.md.
"""

import pytest

from chauban.blobs import store
from chauban.cli import acting
from chauban.cli.browsing import ServerGone
from chauban.cli.processes import Child
from chauban.exchange.models import Recipient
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.workflow.errors import KeyInUse
from chauban.workflow.models import Answer, Draft, KeyUse
from chauban.workflow.services import signing_services
from chauban.workflow.words import explain
from tests.faults import killing
from tests.processes.installation import (
    Installation,
    let_time_pass,
    require_dead,
    start_pki,
    work_once,
)
from tests.processes.soundness import require_all_arrived, require_sound
from tests.processes.story import (
    ATTACHED,
    CLAIMING,
    HANDLING,
    SUBJECT,
    Deed,
    Story,
    clock,
    deeds,
    deeds_of_recipient,
)


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
    assert "/sign-in" not in story.person(deed.by).get("/").url  # the session was kept


def go_on(story: Story, deed: Deed, when: str) -> None:
    """What is committed shows as done; what is not can be done again, once the key is free."""
    assert story.is_done(deed) == (when == "after" and deed.kind not in CLAIMING), deed
    if claim := KeyUse.objects.open().first():
        assert str(explain(KeyInUse(claim.lease_until))) in story.act(deed).text
        let_time_pass()


def die_and_go_on(story: Story, deed: Deed) -> None:
    """Before the commit, and at the second try after it."""
    for when in ("before", "after"):
        die_at(story, deed, when)
        go_on(story, deed, when)
    if deed.kind not in CLAIMING:  # the confirmation itself is what dies next
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


def test_the_web_server_dies_around_the_commit_of_every_act(
    installation: Installation, running: list[Child]
) -> None:
    running.append(start_pki(installation))
    story = Story(installation, running)
    story.serve()
    for deed in deeds():
        die_and_go_on(story, deed)
    work_once(installation)
    for deed in deeds_of_recipient():
        if deed.kind is ActKind.ANSWERED:
            answer(Draft.objects.get(subject=SUBJECT))
        die_and_go_on(story, deed)
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

"""What a person sees, and what is kept, when a service or the disk fails under a running office."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

import chauban.blobs.words as blobs_words
import chauban.workflow.words as workflow_words
from chauban.blobs.errors import StorageFull
from chauban.cli import acting
from chauban.cli.processes import Child, kill
from chauban.exchange.models import IncomingMessage, OutgoingMessage
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.errors import ClockBehindSeries
from chauban.registers.models import IncomingDocument, OutgoingDocument, Series
from chauban.workflow.actions import number_draft
from chauban.workflow.errors import SealHeld, TimestampPending
from chauban.workflow.models import Draft, KeyUse
from tests.faults import killing
from tests.processes.installation import (
    Installation,
    let_time_pass,
    require_dead,
    start_pki,
    start_web,
    start_worker,
    until,
    work_once,
)
from tests.processes.preparing import COMMITTEE
from tests.processes.soundness import require_all_arrived, require_sound
from tests.processes.story import CLAIMING, SUBJECT, Deed, Story, clock, deeds, deeds_of_recipient


@pytest.fixture
def story(installation: Installation, running: list[Child]) -> Story:
    running.append(start_web(installation))
    return Story(installation, running)


def of_kind(kind: ActKind) -> Deed:
    return next(deed for deed in deeds() if deed.kind is kind)


def letter() -> Draft:
    return Draft.objects.get(subject=SUBJECT)


def act_until(story: Story, kind: ActKind) -> None:
    """Every deed of the letter before that one."""
    for deed in deeds():
        if deed.kind is kind:
            return
        if deed.kind not in CLAIMING and not story.is_done(deed):
            story.act(deed)


def annex() -> bytes:
    pages = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(pages)
    return pages.getvalue()


# The time-stamp authority


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_lacks_its_time_stamp_waits_and_is_completed_by_the_worker(
    installation: Installation, running: list[Child], story: Story, when: str
) -> None:
    """While signing it is pending, while sealing held; the worker dies completing each."""
    act_until(story, ActKind.SUBMITTED)
    attach = replace(of_kind(ActKind.REVISED), values={"file": ("Phụ lục.pdf", annex())})
    story.act(attach)
    act_until(story, ActKind.SIGNING_STARTED)

    story.act(of_kind(ActKind.SIGNED))  # no authority has been started yet
    page = story.look(of_kind(ActKind.NUMBERED))
    assert "đang chờ dấu thời gian" in page.text
    work_once(installation)
    pending = KeyUse.objects.pending().get()
    refused = story.act(of_kind(ActKind.NUMBERED))
    waits = TimestampPending(pending.claimed_at, pending.last_problem)
    assert str(workflow_words.explain(waits)) in refused.text
    assert not OutgoingDocument.objects.exists()

    pki = start_pki(installation)
    let_time_pass()
    die_completing(installation, running, ActKind.TIMESTAMPED, when)
    work_once(installation)
    assert Act.objects.on(letter()).filter(kind=ActKind.TIMESTAMPED).count() == 1

    story.act(of_kind(ActKind.NUMBERED))
    kill(pki)
    require_dead(pki, port=installation.pki_port)
    story.act(of_kind(ActKind.SEALED))
    assert letter().state == Draft.State.NUMBERED
    assert KeyUse.objects.pending().count() == 3  # the letter and its two attachments
    held = story.look(of_kind(ActKind.SEALED))
    assert "đang được giữ" in held.text
    seal = KeyUse.objects.pending().get(purpose=KeyUse.Purpose.SEAL)
    again = story.act(of_kind(ActKind.SEALED))
    assert str(workflow_words.explain(SealHeld(seal.claimed_at, seal.last_problem))) in again.text
    assert story.is_done(of_kind(ActKind.ISSUED))  # nothing to issue yet

    running.append(start_pki(installation))
    let_time_pass()
    die_completing(installation, running, ActKind.SEALED, when)
    work_once(installation)
    assert letter().state == Draft.State.SEALED
    story.act(of_kind(ActKind.ISSUED))
    work_once(installation)
    require_sound()
    require_all_arrived()


def die_completing(place: Installation, running: list[Child], kind: ActKind, when: str) -> None:
    killing.arm(place.kill_file("work"), killing.at_act(when, kind))
    worker = start_worker(place)
    running.append(worker)
    until(lambda: not place.kill_file("work").exists(), f"the worker never came to {kind}")
    require_dead(worker)
    let_time_pass()


# The disk


@contextmanager
def full_disk(place: Installation) -> Iterator[None]:
    """The store's disk has no room left: really, on a disk of its own, else by its answer."""
    if not (disk := place.data / "disk").is_mount():
        (place.data / "disk-is-full").touch()
        yield
        (place.data / "disk-is-full").unlink()
        return
    filler = disk / "filler"
    with filler.open("wb") as file:
        subprocess.run(["dd", "if=/dev/zero", "bs=4096"], stdout=file, stderr=subprocess.DEVNULL)
    yield
    filler.unlink()


@pytest.fixture
def disk(installation: Installation) -> Iterator[Path]:
    """The store of files on a disk of its own, where we have the right to make one."""
    place, blobs = installation.data / "disk", installation.data / "blobs"
    place.mkdir()
    tmpfs = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place]
    is_mounted = subprocess.run(tmpfs, capture_output=True, check=False).returncode == 0
    if is_mounted:
        blobs.rename(installation.data / "prepared")
        subprocess.run(["cp", "-r", installation.data / "prepared", place / "blobs"], check=True)
        blobs.symlink_to(place / "blobs")
    yield place
    if is_mounted:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_refuses_the_act_in_words_and_loses_nothing(
    installation: Installation, disk: Path, running: list[Child], story: Story
) -> None:
    running.insert(0, start_pki(installation))
    kinds = (
        ActKind.DRAFTED, ActKind.REVISED, ActKind.APPROVED, ActKind.SIGNED, ActKind.SEALED,
        ActKind.ISSUED,
    )  # fmt: skip
    for deed in deeds():
        if deed.kind in kinds:
            refuse_then_do(story, deed, installation)
        elif deed.kind not in CLAIMING:
            story.act(deed)
    with full_disk(installation):
        work_once(installation)  # it may carry what needs no new file
    let_time_pass()
    work_once(installation)
    story.act(deeds_of_recipient()[0])
    assert IncomingDocument.objects.get().arrival_number == 1
    work_once(installation)
    assert not OutgoingMessage.objects.exclude(state="sent").exists()
    assert not IncomingMessage.objects.exclude(state="read").exists()
    require_sound()
    require_all_arrived()


def refuse_then_do(story: Story, deed: Deed, place: Installation) -> None:
    """With the disk full the page says so and nothing is written; with room it is done."""
    before = Act.objects.filter(kind=deed.kind).count()
    with full_disk(place):
        page = story.act(deed)
        assert any(words in page.text for words in full_words()), (deed, page.status, page.text)
        assert Act.objects.filter(kind=deed.kind).count() == before, deed
    assert not story.is_done(deed), deed
    story.act(deed)
    assert Act.objects.filter(kind=deed.kind).count() == before + 1, deed
    assert story.is_done(deed), deed


def full_words() -> list[str]:
    full = StorageFull("")
    return [str(blobs_words.explain(full)), str(workflow_words.explain(full))]


# The clock


def test_a_clock_behind_the_series_takes_no_number(installation: Installation) -> None:
    """Điều 15: dates never decrease in order of number; the refusal names the expected day."""
    clerk = acting.officer(COMMITTEE.clerk, clock())
    first, second = Draft.objects.filter(state=Draft.State.SIGNED).order_by("pk")[:2]
    number_draft(first, officer=clerk, now=clock())
    with pytest.raises(ClockBehindSeries) as refused:
        number_draft(second, officer=clerk, now=clock() - timedelta(days=1))
    assert refused.value.last_date > refused.value.today
    words = str(workflow_words.explain(refused.value))
    assert refused.value.last_date.strftime("%d/%m/%Y") in words
    assert Series.objects.get().last_number == 1
    second.refresh_from_db()
    assert second.state == Draft.State.SIGNED
    assert number_draft(second, officer=clerk, now=clock()).outgoing.number == 2
    require_sound()

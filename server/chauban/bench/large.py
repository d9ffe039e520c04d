"""A message with a very large file: from an office over an axis to an office, in pieces.

Three installations in real processes: the sender's and the recipient's `chauban work`, and the
`chauban serve` of an axis between them; the sender's clerk acts in one more. What is measured is
how far each process goes above what it takes at rest, after a small document went the same way.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chauban.bench.memory import Peaks
from chauban.bench.report import Case
from chauban.cli import province
from chauban.cli.processes import Child, ending_together, free_port, start

BAR_MB = 64
SIZE_BYTES = 1 << 31
SMALL_BYTES = 1 << 20
LIMITS = {"CHAUBAN_MAX_UPLOAD_MB": "2200", "CHAUBAN_MAX_MESSAGE_MB": "3000"}
SENDER, RECIPIENT = "so-tai-chinh", "ubnd-thuan-hoa"
SECRET = "khoa-do-dac"
PATIENCE_SECONDS = 1800.0
# Names of the processes, as the figures have them.
CLERK, SENDING, AXIS, RECEIVING = (
    "the clerk who attaches, seals and issues",
    "the worker that sends",
    "the axis's web server",
    "the worker that receives and checks",
)


@dataclass(frozen=True)
class Figures:
    """Megabytes above rest by process, seconds by step."""

    extra_mb: dict[str, float]
    seconds: dict[str, float]


def measure() -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), SIZE_BYTES)
    return [
        *(
            Case(name, "MB above rest", round(mb, 1), bar=f"<= {BAR_MB}", met=mb <= BAR_MB)
            for name, mb in figures.extra_mb.items()
        ),
        *(Case(name, "seconds", round(taken, 1)) for name, taken in figures.seconds.items()),
    ]


def run(folder: Path, size_bytes: int) -> Figures:
    """Send one document with a file of that size, in three fresh installations below folder."""
    with _installations(folder) as (sender, recipient, processes):
        _send(sender, recipient, SMALL_BYTES, documents=1)
        peaks = Peaks(processes)
        seconds, clerk_mb = _send(sender, recipient, size_bytes, documents=2)
        extra = {CLERK: clerk_mb, **{name: peaks.extra_mb(name) for name in processes}}
    return Figures(extra, seconds)


@dataclass(frozen=True)
class Office:
    data: Path
    variables: dict[str, str]

    def role(self, name: str, *given: int) -> str:
        """Run a part of this module inside the installation and return its last line, if any."""
        argv = ["chauban.bench.large", name, str(self.data), *map(str, given)]
        child = start(name, argv, variables=self.variables, logs=self.data / "logs")
        if child.process.wait(PATIENCE_SECONDS):
            raise RuntimeError(child.log.read_text()[-2000:])
        return "".join(child.log.read_text().splitlines()[-1:])

    def worker(self) -> Child:
        argv = ["chauban.cli.main", "work"]
        return start("work", argv, variables=self.variables, logs=self.data / "logs")


@contextmanager
def _installations(folder: Path) -> Iterator[tuple[Office, Office, dict[str, int]]]:
    """An axis between two offices of one province, which both trust its one PKI."""
    axis_port, pki_port = free_port(), free_port()

    def installation(name: str) -> Office:
        variables = province.settings(
            folder / name, port=axis_port, pki_port=pki_port, given={}
        ) | {
            **LIMITS,
            "CHAUBAN_AXIS_POLL_SECONDS": "1",
            "CHAUBAN_AXIS_URL": "" if name == "axis" else f"http://127.0.0.1:{axis_port}/axis",
            "CHAUBAN_AXIS_SYSTEM_ID": name,
            "CHAUBAN_AXIS_SECRET": SECRET,
        }
        return Office(folder / name, variables)

    axis, sender, recipient = map(installation, ("axis", SENDER, RECIPIENT))
    axis.data.mkdir(parents=True)
    axis.role("prepare")
    for office in (sender, recipient):
        shutil.copytree(axis.data, office.data)
    with ending_together([]) as children:
        children.append(province.start_pki(sender.data, port=pki_port, variables=sender.variables))
        web = province.start_web(axis.data, port=axis_port, variables=axis.variables)
        workers = [sender.worker(), recipient.worker()]
        children += [web, *workers]
        pids = {
            SENDING: workers[0].process.pid,
            AXIS: web.process.pid,
            RECEIVING: workers[1].process.pid,
        }
        yield sender, recipient, pids


def _send(
    sender: Office, recipient: Office, size_bytes: int, *, documents: int
) -> tuple[dict[str, float], float]:
    told = json.loads(sender.role("clerk", size_bytes))
    sent_at = float(sender.role("sent"))
    checked_at = float(recipient.role("checked", documents))
    seconds = told["seconds"] | {
        "sending, to the axis's answer": sent_at - told["issued_at"],
        "fetching, taking the files out, checking": checked_at - sent_at,
    }
    return seconds, told["extra_mb"]


# The parts that run inside an installation, each in a process of its own.


def prepare(data: Path) -> None:
    """Make the province, its axis with the two systems, and the sender's keys."""
    from chauban.axis.registering import Registration, register_system
    from chauban.cli import acting
    from chauban.directory.rules import legal_day
    from chauban.trust.demo import mint_for_body, open_demo_pki

    province.prepare(data)
    now = datetime.now(UTC)
    authority = open_demo_pki(data / "pki", now=now)
    for key in (SENDER, RECIPIENT):
        body = acting.body_named(key)
        code = Registration(body.organ_id(legal_day(now)), body.name)
        register_system(key, body.name, [code], secret=SECRET)
    mint_for_body(acting.body_named(SENDER), authority=authority, now=now)


def clerk(data: Path, size_bytes: int) -> None:
    """Write a letter, attach a file of that size, seal and issue it."""
    from chauban.cli import acting, stories
    from chauban.exchange.actions import issue
    from chauban.workflow import drafting
    from chauban.workflow.models import Draft
    from chauban.workflow.services import signing_services

    cast = acting.Cast.of(SENDER, signatory=f"giam-doc.{SENDER}")
    draft = acting.write(
        acting.letters()[0],
        body=acting.body_named(SENDER),
        cast=cast,
        recipients=[acting.body_named(RECIPIENT)],
        now=stories.clock(),
    )
    with tempfile.TemporaryFile(dir=data) as file:
        for _ in range(size_bytes >> 20):
            file.write(os.urandom(1 << 20))
        peaks = Peaks({CLERK: os.getpid()})
        began = time.time()
        drafting.attach_file(
            draft,
            name="ghi-hinh.mp4",
            content=file,
            limit_bytes=size_bytes,
            officer=acting.officer(cast.author, stories.clock()),
            now=stories.clock(),
        )
    attached = time.time()
    draft = acting.bring_to(
        Draft.objects.get(pk=draft.pk),
        Draft.State.SEALED,
        cast,
        services=lambda: signing_services(stories.clock()),
        clock=stories.clock,
    )
    sealed = time.time()
    officer = acting.officer(cast.clerk, stories.clock())
    issue(draft.outgoing, officer=officer, now=stories.clock())
    issued = time.time()
    seconds = {
        "attaching": attached - began,
        "checks, signature, seal": sealed - attached,
        "issuing: the message is written": issued - sealed,
    }
    told = {"seconds": seconds, "issued_at": issued, "extra_mb": peaks.extra_mb(CLERK)}
    print(json.dumps(told))


def sent(data: Path) -> None:
    """Wait until everything was handed to the axis; print when."""
    from chauban.exchange.models import OutgoingMessage

    messages = OutgoingMessage.objects.filter(type="edoc")
    _await(
        lambda: not messages.filter(state="due").exists(),
        lambda: [one.error_detail for one in messages.filter(state="failed")],
    )


def checked(data: Path, documents: int) -> None:
    """Wait until that many documents came and were checked; print when."""
    from chauban.exchange.models import Delivery, IncomingMessage

    refused = IncomingMessage.objects.exclude(refusal="")
    _await(
        lambda: Delivery.objects.filter(state="proposed").count() == documents,
        lambda: [one.refusal_en for one in refused],
    )


def _await(is_done: Callable[[], bool], failures: Callable[[], list[str]]) -> None:
    while not is_done():
        if failed := failures():
            raise RuntimeError(failed)
        time.sleep(0.2)
    print(time.time())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    roles = {"prepare": prepare, "clerk": clerk, "sent": sent, "checked": checked}
    parser.add_argument("role", choices=roles)
    parser.add_argument("data", type=Path)
    parser.add_argument("given", type=int, nargs="*")
    given = parser.parse_args()
    province.enter({})
    roles[given.role](given.data, *given.given)


if __name__ == "__main__":
    main()

"""The demo's storyteller: makes keys for every body, then documents in all states, in sight.

`python -m chauban.cli.stories` is started by `chauban demo` and ends when all is told. How far
it came is kept in DATA/stories.json, so that an old demo goes on and a finished one rests.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chauban.cli.main import enter_server

if __name__ == "__main__":
    enter_server()

from django.conf import settings
from django.db.models import Q

from chauban.cli import acting
from chauban.directory.models import AgencyLevel, IssuingBody
from chauban.directory.rules import legal_day
from chauban.exchange.models import Delivery
from chauban.registers.models import IncomingDocument
from chauban.trust.demo import mint_for_body, open_demo_pki, signatories_of
from chauban.workflow import routing
from chauban.workflow.models import Draft
from chauban.workflow.services import signing_services

STORIES = 110
RECIPIENTS = 4
HANDLE_EVERY = 4
DELIVERY_PATIENCE_SECONDS = 60.0

State = Draft.State
# Where each story is left; most documents get through.
ENDINGS = (
    State.ISSUED,
    State.ISSUED,
    State.SIGNING,
    State.ISSUED,
    State.CONTENT_CHECK,
    State.ISSUED,
    State.SIGNED,
    State.ISSUED,
    State.LAYOUT_CHECK,
    State.ISSUED,
    State.APPROVAL,
    State.ISSUED,
    State.NUMBERED,
    State.ISSUED,
    State.DRAFTING,
    State.SEALED,
)

log = logging.getLogger("chauban.stories")


@dataclass
class Progress:
    """What has been told; kept after every piece."""

    keys: int = 0
    stories: int = 0
    handled: int = 0

    @staticmethod
    def path() -> Path:
        return Path(settings.ENVIRONMENT.data) / "stories.json"

    @classmethod
    def read(cls) -> "Progress":
        path = cls.path()
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def keep(self) -> None:
        unfinished = self.path().with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(self)), "utf-8")
        os.replace(unfinished, self.path())


def clock() -> datetime:
    return datetime.now(UTC)


def issuing_bodies() -> list[IssuingBody]:
    """Bodies of today that somebody signs for, the city's first, then departments, communes."""
    order = list(AgencyLevel.values)
    day = legal_day(clock())
    found = (
        IssuingBody.objects.as_of(day)
        .select_related("agency")
        .filter(~Q(agency__level=AgencyLevel.OUTSIDE))
    )
    signed_for = [body for body in found if any(signatories_of(body, day))]
    return sorted(signed_for, key=lambda body: (order.index(body.agency.level), body.pk))


def tell() -> None:
    """Make the keys and documents still owed to this demo."""
    progress = Progress.read()
    bodies = issuing_bodies()
    authority = open_demo_pki(settings.DEMO_PKI_FOLDER, now=clock())
    for index in range(progress.stories, STORIES):
        body = bodies[_spread(index, len(bodies))]
        mint_for_body(body, authority=authority, now=clock())
        tell_story(index, body, bodies)
        progress.stories = index + 1
        if index % HANDLE_EVERY == HANDLE_EVERY - 1:
            progress.handled = handle(progress.handled)
        progress.keep()
    for body in bodies[progress.keys :]:
        mint_for_body(body, authority=authority, now=clock())
        progress.keys += 1
        progress.keep()
    deadline = time.monotonic() + DELIVERY_PATIENCE_SECONDS
    while Delivery.objects.filter(state=Delivery.State.ARRIVED).exists():
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    progress.handled = handle(progress.handled)
    progress.keep()


def tell_story(index: int, body: IssuingBody, bodies: list[IssuingBody]) -> None:
    """One document, from its draft to where its story ends."""
    texts = acting.letters()
    username = _signatory_of(body)
    cast = acting.Cast.of(body.agency.key, signatory=username)
    recipients = [
        other
        for offset in range(1, RECIPIENTS + 2)
        if (other := bodies[(index * 5 + offset * 7) % len(bodies)]) != body
    ]
    now = clock()
    draft = acting.write(
        texts[index % len(texts)],
        body=body,
        cast=cast,
        recipients=list(dict.fromkeys(recipients))[:RECIPIENTS],
        now=now,
        due_on=legal_day(now) + timedelta(days=3 + index % 12),
    )
    acting.bring_to(
        draft,
        ENDINGS[index % len(ENDINGS)],
        cast,
        services=lambda: signing_services(clock()),
        clock=clock,
    )


def handle(handled: int) -> int:
    """Let the recipients deal with what has come to them; return how many are dealt with."""
    for delivery in Delivery.objects.filter(
        state=Delivery.State.PROPOSED, proposal=Delivery.Proposal.ACCEPT
    ).select_related("body__agency"):
        handled += 1
        for act in _handling(delivery, handled % 6):
            act()
    return handled


def _handling(delivery: Delivery, how_far: int) -> Iterator[Callable[[], object]]:
    """The acts of the recipient, one after the other, as far as this one goes."""
    if how_far == 0:
        return
    key = delivery.body.agency.key
    registered: list[IncomingDocument] = []
    yield lambda: registered.append(acting.accept(delivery, clerk=f"van-thu.{key}", now=clock()))
    if how_far == 1:
        return
    task = acting.route_to(
        registered[0],
        f"chuyen-vien.{key}",
        by=acting.head_of(delivery.body.agency, clock()),
        now=clock(),
    )
    handler = acting.officer(f"chuyen-vien.{key}", clock())
    if how_far >= 3:
        yield lambda: routing.start_task(task, officer=handler, now=clock())
    if how_far >= 5:
        task.refresh_from_db()
        yield lambda: routing.finish_task(
            task, officer=handler, now=clock(), result="Đã thực hiện, báo cáo lãnh đạo đơn vị."
        )


def _signatory_of(body: IssuingBody) -> str:
    """The deputy where there is one: most papers are signed KT."""
    found = [signatory for signatory, _ in signatories_of(body, legal_day(clock()))]
    chosen = next((one for one in found if one.capacity == "KT."), found[0])
    return chosen.username


def _spread(index: int, total: int) -> int:
    """The city's two bodies tell every third story; the others take turns."""
    return (index // 3) % 2 if index % 3 == 0 else 2 + (index * 2) % (total - 2)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    tell()
    log.info("all is told")

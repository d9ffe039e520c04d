"""Some weeks of agencies' work, made at random: what pictures are drawn from."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from chauban.directory.models import IssuingBody, Post, Unit
from chauban.directory.rules import HANOI
from chauban.exchange.models import Recipient
from chauban.registers.models import IncomingDocument, OutgoingDocument, Series, SeriesGroup
from chauban.workflow.models import Answer, Task

SUBJECT = "Việc chỉ nơi gửi và nơi nhận được biết"
SENDERS = [f"UBND tỉnh số {number}" for number in range(14)]
DAYS = 100
# In UTC: the turn of a day in Việt Nam, then working hours.
HOURS = ((16, 59), (17, 0), (17, 1), (0, 5), (1, 15), (2, 30), (3, 40), (7, 20), (9, 45))


def outgoing(body: IssuingBody, number: int, issued_at: datetime, **given: Any) -> OutgoingDocument:
    """A document of body, issued; not saved."""
    group, _ = SeriesGroup.objects.get_or_create(body=body, name="thử", defaults={"kinds": []})
    day = issued_at.astimezone(HANOI).date()
    series, _ = Series.objects.get_or_create(group=group, year=day.year)
    return OutgoingDocument(
        body=body, series=series, year=day.year, number=number, notation="CV", issued_on=day,
        kind="cong_van", subject=SUBJECT, signer_name="Nguyễn Văn Thử",
        signer_position="GIÁM ĐỐC", numbered_at=issued_at, issued_at=issued_at, state="issued",
        document_id=f"thu-{body.pk}-{number}", **given,
    )  # fmt: skip


def incoming(
    body: IssuingBody, number: int, arrived_at: datetime, **given: Any
) -> IncomingDocument:
    """A document that came for body and was registered; not saved."""
    known = {"sender_name": SENDERS[0], "acceptance": "original", "state": "routed", **given}
    return IncomingDocument(
        body=body, year=arrived_at.astimezone(HANOI).year, arrival_number=number,
        arrived_at=arrived_at, registered_at=arrived_at, code_number=str(number),
        code_notation="CV", kind_name="Công văn", subject=SUBJECT, **known,
    )  # fmt: skip


def fill(bodies: list[IssuingBody], *, seed: int, amount: int, now: datetime) -> None:
    """Issued to others, arrived, given to people, done in time or not, answered or not."""
    random = Random(seed)
    places = [*bodies, *IssuingBody.objects.order_by("pk")[:25]]
    posts = list(Post.objects.filter(agency__in=[one.agency_id for one in bodies]).order_by("pk"))
    units = {one.agency_id: list(Unit.objects.filter(agency=one.agency_id)) for one in bodies}
    for number in range(1, amount):
        body = random.choice(bodies)
        document = outgoing(
            body, number, _moment(random, now), unit=random.choice([None, *units[body.agency_id]]),
            sealed_at=random.choice([None, now, now]),
        )  # fmt: skip
        document.save()
        Recipient.objects.bulk_create(
            Recipient(document=document, body=it, organ_id=str(it.pk), name=it.name)
            for it in set(random.sample(places, random.randrange(4)))
        )
    for number in range(1, amount):
        _arrived(random, bodies, posts, number, now)


def _arrived(
    random: Random, bodies: list[IssuingBody], posts: list[Post], number: int, now: datetime
) -> None:
    arrived_at = _moment(random, now)
    due_on = arrived_at.date() + timedelta(days=random.randrange(2, 25))
    document = incoming(
        random.choice(bodies), number, arrived_at, due_on=random.choice([None, due_on]),
        sender_name=random.choice(SENDERS),
        acceptance=random.choice(IncomingDocument.Acceptance.values),
        state=random.choice(IncomingDocument.State.values),
    )  # fmt: skip
    document.save()
    for handler in random.sample(posts, random.randrange(4)):
        done_at = arrived_at + timedelta(days=random.randrange(20))
        state = random.choice(["done", *Task.State.values]) if done_at < now else "assigned"
        Task.objects.create(
            document=document, part="cooperate", assignee=handler, assigned_by=posts[0],
            due_on=random.choice([None, due_on, due_on]), assigned_at=arrived_at, state=state,
            done_at=done_at if state == "done" else None,
        )  # fmt: skip
    if random.random() < 0.4:
        answer = outgoing(bodies[0], 1000 + number, now)
        answer.save()
        at = arrived_at + timedelta(days=9)
        Answer.objects.create(incoming=document, outgoing=answer, at=at)


def _moment(random: Random, now: datetime) -> datetime:
    hour, minute = random.choice(HOURS)
    day = now - timedelta(days=random.randrange(1, DAYS))
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)

"""Several servers, workers and people at once, in real processes; and random deaths under load."""

import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chauban.cli import acting
from chauban.cli.browsing import NotOffered, Person, ServerGone
from chauban.cli.processes import Child, free_port
from chauban.cli.province import DEMO_PASSWORD
from chauban.directory.models import IssuingBody
from chauban.exchange.models import Recipient
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.trust.demo import DEMO_PIN
from chauban.workflow.models import Draft
from tests.processes.installation import (
    KEYS,
    QUEUES,
    Installation,
    kill_group,
    let_time_pass,
    start_pki,
    start_web,
    start_worker,
    until,
    work_once,
)
from tests.processes.preparing import RECIPIENTS
from tests.processes.soundness import require_all_arrived, require_sound

SEED = 20261123
LOAD_SECONDS = 15.0
ALIVE_SECONDS = (0.3, 1.5)
PAUSE_SECONDS = 0.2
DONE_SECONDS = 60.0


def push_on(person: Person, draft: int) -> bool:
    """Do the one thing that the page of a draft asks of the clerk: number, seal or issue it.

    False: it asks nothing any more.
    """
    page = person.look(f"/drafts/{draft}")
    seal = f"/drafts/{draft}/seal"
    if page.offers(f"/drafts/{draft}/steps/number"):
        person.submit(page, f"/drafts/{draft}/steps/number")
        return True
    if page.tree.xpath(f"//a[@href='{seal}']"):
        person.submit(person.get(seal), seal, pin=DEMO_PIN)
        return True
    issue = page.tree.xpath("//form[contains(@action, '/issue')]/@action")
    for address in issue:
        person.submit(page, address)
    return bool(issue)


def register(person: Person) -> None:
    """Register everything that waits in the clerk's inbox."""
    for address in person.look("/inbox/").tree.xpath("//a/@href[starts-with(., '/inbox/')]"):
        page = person.get(address)
        if page.offers(f"{address}/accept"):
            person.submit(page, f"{address}/accept")


def again_and_again(
    person: Person, work: Callable[[Person], None], stopping: threading.Event, problems: list[str]
) -> None:
    """What somebody does all day: work; when the server is gone, wait a little and go on."""
    while not stopping.is_set():
        try:
            work(person)
        except (ServerGone, NotOffered):  # it died; or another was faster
            pass
        except Exception:
            problems.append(traceback.format_exc())
            return
        time.sleep(PAUSE_SECONDS)


@contextmanager
def at_work(*work: tuple[Person, Callable[[Person], None]]) -> Iterator[None]:
    """People at work, each in a thread of his own, until the block ends."""
    stopping, problems = threading.Event(), []
    threads = [
        threading.Thread(target=again_and_again, args=(person, what, stopping, problems))
        for person, what in work
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    assert not problems, problems[0]


def clerk_of(agency: str, url: str) -> Person:
    return Person(url, f"van-thu.{agency}", DEMO_PASSWORD)


def signed_drafts() -> list[int]:
    drafts = Draft.objects.filter(state=Draft.State.SIGNED).order_by("pk")
    return list(drafts.values_list("pk", flat=True))


def issuing(drafts: list[int]) -> Callable[[Person], None]:
    """Go through the drafts again and again, until nothing is left to do with them."""
    left = list(drafts)

    def work(person: Person) -> None:
        for draft in list(left):
            if not push_on(person, draft):
                left.remove(draft)

    return work


def are_issued(count: int) -> bool:
    return OutgoingDocument.objects.filter(state="issued").count() == count


def test_two_clerks_at_two_servers_take_each_number_once(
    installation: Installation, running: list[Child]
) -> None:
    """Two browsers go through the same drafts, two workers carry: no duplicate, no gap."""
    ports = (installation.port, free_port())
    running.append(start_pki(installation))
    running += [start_web(installation, port=port) for port in ports]
    running += [start_worker(installation) for _ in range(2)]
    drafts = signed_drafts()
    clerks = [clerk_of("vp-ubnd", f"http://127.0.0.1:{port}") for port in ports]
    with at_work(*[(clerk, issuing(drafts)) for clerk in clerks]):
        until(lambda: are_issued(len(drafts)), "not all were issued", seconds=DONE_SECONDS)
    numbers = OutgoingDocument.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(drafts) + 1))
    work_once(installation)
    require_sound()
    require_all_arrived()


@pytest.mark.soak
def test_random_deaths_under_load_lose_nothing(
    installation: Installation, running: list[Child]
) -> None:
    """Server and worker die at any moment while clerks number, seal, issue and register."""
    chance = random.Random(SEED)
    running.append(start_pki(installation))
    web, worker = start_web(installation), start_worker(installation)
    running += [web, worker]
    drafts = signed_drafts()
    url, bodies = installation.url, [acting.body_named(key) for key in RECIPIENTS]
    deaths = {"web": 0, "work": 0}
    clerks = [(clerk_of(body.agency.key, url), register) for body in bodies]
    with at_work((clerk_of("vp-ubnd", url), issuing(drafts)), *clerks):
        end = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < end or min(deaths.values()) < 2:
            time.sleep(chance.uniform(*ALIVE_SECONDS))
            if chance.random() < 0.5:
                kill_group(web, port=installation.port)
                let_time_pass(*KEYS)
                web = start_web(installation)
                running.append(web)
                deaths["web"] += 1
            else:
                kill_group(worker)
                let_time_pass(*QUEUES)
                worker = start_worker(installation)
                running.append(worker)
                deaths["work"] += 1
        until(lambda: are_issued(len(drafts)), "not all were issued", seconds=DONE_SECONDS)
        until(lambda: are_registered(drafts, bodies), "not all came", seconds=DONE_SECONDS)
    work_once(installation)
    assert set(Recipient.objects.values_list("status_code", flat=True)) == {"03"}
    require_sound()
    require_all_arrived()


def are_registered(drafts: list[int], bodies: list[IssuingBody]) -> bool:
    return IncomingDocument.objects.count() == len(drafts) * len(bodies)

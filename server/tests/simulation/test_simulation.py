"""Whatever breaks, every document comes to each recipient once, and both ends agree on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from chauban.exchange.models import ReceivedStatus
from tests.simulation.judging import faults_of
from tests.simulation.world import Plan, World, simulated

KEPT = (Plan(seed=7, messages=20, offices=3), Plan(seed=30, messages=80, offices=5))
"""Runs that once broke a rule; what each of them found is told in docs/measured/simulation.md."""


@pytest.fixture
def template(request: pytest.FixtureRequest) -> Path:
    """The database that every node starts from."""
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("a node's database is a file of SQLite: fifty in one process")
    return request.getfixturevalue("committed").data / "chauban.sqlite3"


@contextmanager
def after_run(plan: Plan, template: Path) -> Iterator[World]:
    with simulated(plan, template) as world:
        world.run()
        yield world


def wrong(world: World) -> str:
    """What broke, with the last that happened before."""
    found = world.troubles or faults_of(world)
    return "\n".join([*world.lines, *found]) if found else ""


def test_messages_come_once_each_while_everything_breaks(template: Path):
    with after_run(Plan(seed=11, messages=150, offices=6), template) as world:
        assert not wrong(world)
        assert {"killed", "power", "cut", "full", "clock"} <= world.faults.keys()
        assert {"request lost", "answer lost", "request late", "request repeated"} <= (
            world.network.happened.keys()
        )


@pytest.mark.parametrize("plan", KEPT, ids=lambda plan: f"seed-{plan.seed}")
def test_a_run_that_once_broke_a_rule_breaks_none(template: Path, plan: Plan):
    with after_run(plan, template) as world:
        assert not wrong(world)


def test_the_same_seed_gives_the_same_run_and_another_another(template: Path):
    traces = []
    for seed in (7, 7, 8):
        with after_run(Plan(seed, messages=12, offices=3), template) as world:
            traces.append(world.trace())
    assert traces[0] == traces[1] != traces[2]


def test_an_axis_that_loses_what_it_took_is_found_out(template: Path):
    plan = Plan(seed=1, messages=8, offices=3, faults=0)
    with mock.patch("chauban.axis.actions.offer"), after_run(plan, template) as world:
        assert "0 deliveries" in wrong(world)


def test_a_sender_that_misses_a_status_is_found_out(template: Path):
    with after_run(Plan(seed=1, messages=8, offices=3, faults=0), template) as world:
        assert not wrong(world)
        with world.home[world.intents[0].sender].node.running():
            ReceivedStatus.objects.filter(code="01").first().delete()
        assert "received {'" in wrong(world)

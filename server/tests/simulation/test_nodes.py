"""What a node of the simulation keeps when it dies: the store of files, cut off at every step."""

import random
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from chauban.blobs import store
from tests.moments import NOW
from tests.simulation.nodes import Killed, Node, operating_system

LETTER = b"%PDF-1.7 " + b"x" * store.IN_ROW_BYTES


@pytest.fixture
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Iterator[Node]]:
    """New nodes, one after the other, each with an empty store."""
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("a node's database is a file of SQLite")
    (tmp_path / "template.sqlite3").touch()
    rng = random.Random(1)

    def new() -> Iterator[Node]:
        for number in count():
            yield Node(str(number), tmp_path / "template.sqlite3", tmp_path / str(number), rng)

    with operating_system(rng):
        yield new()


def write_dying(node: Node, step: int) -> bool:
    """Write a letter on a node that dies at a step; whether it was written before."""
    node.dies_in = step
    try:
        with node.running():
            store.write(LETTER, now=NOW)
    except Killed:
        return False
    return True


def kept_after_power_cut(node: Node) -> bytes | None:
    """The letter as the store has it then; None: it is gone."""
    node.loses_power = True
    node.restart()
    with node.running():
        path = store.path_of(sha256(LETTER).hexdigest())
        return path.read_bytes() if path.exists() else None


def test_what_is_written_again_after_a_death_outlives_a_power_cut(nodes: Iterator[Node]):
    for step in count(1):
        for _ in range(8):  # a power cut takes half of what may go
            node = next(nodes)
            if write_dying(node, step):
                assert step > 6
                return
            node.restart()
            with node.running():
                store.write(LETTER, now=NOW)
            assert kept_after_power_cut(node) == LETTER


@pytest.mark.parametrize("forgotten", ["_fsync_folder", "os.fsync"])
def test_a_store_that_does_not_wait_for_its_disk_loses_files(
    nodes: Iterator[Node], forgotten: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(f"chauban.blobs.store.{forgotten}", lambda _: None)
    node = next(nodes)
    with node.running():
        store.write(LETTER, now=NOW)
    assert kept_after_power_cut(node) != LETTER

"""What is made to do harm is refused with its own reason, before it costs much.

Less than 10 MB beyond what the input itself takes, and less than 100 ms of processor time; each
is measured in a process of its own.
"""

import importlib
import sys
from pathlib import Path

import pytest

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "edxml"
sys.path.insert(0, str(VECTORS))
hostile = importlib.import_module("hostile_messages")
costs = importlib.import_module("edxml_cost")
sys.path.remove(str(VECTORS))


@pytest.mark.parametrize("name", hostile.ATTACKS)
def test_an_attack_is_refused_for_its_reason_before_it_costs_much(name):
    reason, _ = hostile.ATTACKS[name]
    cost = costs.cost_of(hostile.refuse, name)
    assert cost.result == reason
    assert cost.extra_bytes < 10_000_000
    assert cost.cpu_seconds < 0.1

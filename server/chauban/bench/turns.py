"""How participants take turns: CPU time, warm, the median of rounds in one process."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 7
SECONDS_A_TURN = 0.02

Act = Callable[[], object]
Turn = Callable[[], float]
"""Runs something some times and returns the CPU seconds of one time."""


def in_process(act: Act) -> Turn:
    """A turn of at least SECONDS_A_TURN, after a first time to warm up and to learn how long."""
    act()
    start = time.process_time()
    act()
    times = max(1, round(SECONDS_A_TURN / max(time.process_time() - start, 1e-6)))

    def turn() -> float:
        start = time.process_time()
        for _ in range(times):
            act()
        return (time.process_time() - start) / times

    return turn


def medians(turns: Mapping[str, Turn]) -> dict[str, float]:
    """Each turn begins without garbage, so that none pays for what another left."""

    def swept(turn: Turn) -> float:
        gc.collect()
        gc.freeze()
        return turn()

    rounds = [{name: swept(turn) for name, turn in turns.items()} for _ in range(ROUNDS)]
    gc.unfreeze()
    return {name: statistics.median(each[name] for each in rounds) for name in turns}


def ms(seconds: float) -> float:
    return round(seconds * 1000, 3)

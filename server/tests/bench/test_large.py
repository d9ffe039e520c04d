"""Memory above rest is what a process reached, not what it keeps."""

import os

from chauban.bench.memory import Peaks, with_descendants

MEGABYTE = 1_000_000


def test_a_peak_counts_although_the_memory_was_given_back():
    peaks = Peaks({"we": os.getpid()})
    assert peaks.extra_mb("we") < 20
    held = b"x" * (60 * MEGABYTE)
    del held
    assert 55 < peaks.extra_mb("we") < 80


def test_what_a_process_started_is_found():
    assert with_descendants(os.getpid())[0] == os.getpid()

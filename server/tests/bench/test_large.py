"""Memory above rest is what a process reached, not what it keeps."""

import os
import subprocess

from chauban.bench.memory import at_rest, extra_mb, with_descendants

MEGABYTE = 1_000_000


def test_a_peak_counts_although_the_memory_was_given_back():
    before = at_rest(os.getpid())
    assert extra_mb(os.getpid(), before) < 20
    held = b"x" * (60 * MEGABYTE)
    del held
    assert 55 < extra_mb(os.getpid(), before) < 80


def test_what_a_process_started_is_found():
    with subprocess.Popen(["sleep", "9"]) as child:
        assert child.pid in with_descendants(os.getpid())
        child.kill()

"""What a piece of work costs, measured in a process of its own.

The work is a function of a module in this folder, which the child imports by name, so that nothing
of the parent's memory or warm caches counts.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_CHILD = """
import gc, importlib, json, resource, sys, time
module = importlib.import_module(sys.argv[1])
prepare, work = getattr(module, "prepare_" + sys.argv[2]), getattr(module, sys.argv[2])
given = prepare(*sys.argv[3:])
gc.collect()
try:  # forgets the highest mark so far, where the kernel lets one (Linux, proc(5))
    open("/proc/self/clear_refs", "w").write("5")
except OSError:
    pass
def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
before, cpu = peak(), time.process_time()
result = work(given)
cpu = time.process_time() - cpu
print(json.dumps({"result": result, "extra_bytes": peak() - before, "cpu_seconds": cpu}))
"""


class Cost(NamedTuple):
    """result is what the work returned; extra_bytes is the highest resident memory above start."""

    result: str
    extra_bytes: int
    cpu_seconds: float


def cost_of(work: Callable[..., str], *arguments: str) -> Cost:
    """Return what work costs, given what `prepare_<work>(*arguments)` made beforehand."""
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, work.__module__, work.__name__, *arguments],
        capture_output=True,
        check=False,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return Cost(**json.loads(done.stdout))

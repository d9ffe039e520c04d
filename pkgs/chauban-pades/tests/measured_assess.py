"""What assessing files costs, in a process of its own: one path a line in, one JSON line out.

Each file is assessed by one leg in a fork of this process, which has imported everything and
read nothing: `seconds` of processor time, and `bytes` of memory above what a fork holds that
assesses nothing. A fork that would take far too much is ended.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from chauban_pades import assess
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pki.trust import Trust

LEGS = {"first": assess, "second": assess_with_pyhanko}
CPU_SECONDS, MEMORY_BYTES = 20, 4 * 1024**3


def in_fork(work: Callable[[], object]) -> tuple[int, resource.struct_rusage]:
    """Call work in a fork; return its exit status and what it used."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used


def main() -> None:
    trust = Trust.of_pem(Path(sys.argv[1]).read_bytes())
    moment = datetime.fromisoformat(sys.argv[2])
    _, base = in_fork(lambda: None)
    for line in sys.stdin:
        path, leg = line.strip().split("\t")
        pdf = Path(path).read_bytes()
        status, used = in_fork(lambda: LEGS[leg](pdf, trust=trust, at=moment))  # noqa: B023
        answer = {
            "status": status,
            "seconds": used.ru_utime + used.ru_stime,
            "bytes": (used.ru_maxrss - base.ru_maxrss) * 1024,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

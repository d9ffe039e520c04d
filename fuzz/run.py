"""Fuzzes every target in turn and says what came of it; ends with 1 when something was found.

    python fuzz/run.py FOLDER SECONDS

FOLDER keeps the corpus, what the fuzzer learnt and `crashes`, an input and its story each. Of the
seconds the reader gets two fifths, the signed data three tenths, edXML a fifth, the report the
rest.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SHARES = {"reader": 0.4, "signed_data": 0.3, "edxml": 0.2, "report": 0.1}
HUNG_SECONDS, MEMORY_MEGABYTES, LARGEST_BYTES = 60, 1000, 400_000


def fuzz(target: str, folder: Path, seconds: int) -> str:
    """Run one target; return libFuzzer's last line of figures."""
    learnt, crashes = folder / "learnt" / target, folder / "crashes"
    learnt.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-W", "ignore", str(HERE / f"{target}.py")),
        *(str(folder / "corpus"), str(crashes)),
        f"-max_total_time={seconds}",
        f"-timeout={HUNG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MEGABYTES}",
        f"-max_len={LARGEST_BYTES}",
        f"-artifact_prefix={crashes}/{target}-",
        "-print_final_stats=1",
        *(str(learnt), str(folder / "corpus" / target)),
    ]
    with (folder / f"{target}.log").open("w+", encoding="utf-8", errors="replace") as log:
        ended = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
        log.seek(0)
        told = log.read()
    figures = re.findall(r"^#\d+.*cov:.*$", told, re.MULTILINE)
    return f"{figures[-1] if figures else 'nothing ran'}; ended with {ended.returncode}"


def main(folder: Path, seconds: int) -> int:
    if not (folder / "corpus").exists():
        subprocess.run([sys.executable, HERE / "corpus.py", folder / "corpus"], check=True)
    crashes = folder / "crashes"
    crashes.mkdir(exist_ok=True)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(folder / "atheris"), os.environ.get("PYTHONPATH")))
    )
    endings = []
    for target, share in SHARES.items():
        endings.append(fuzz(target, folder, max(1, round(share * seconds))))
        print(f"{target}: {endings[-1]}", flush=True)
    found = sorted(path.name for path in crashes.iterdir())
    print(f"{len(found)} files in {crashes}", *found, sep="\n  ")
    return 1 if found or not all(one.endswith("with 0") for one in endings) else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve(), int(sys.argv[2])))

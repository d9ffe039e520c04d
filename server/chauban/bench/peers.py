"""Other libraries as participants: a program in an environment made for the run."""

import json
import os
import subprocess
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from chauban.bench import peer_programs
from chauban.bench.turns import Turn

PEERS = ("pdfsignerpy==0.3.1", "rustpdf==0.5.0", "endesive==3.0.1")


class DoesNotRun(Exception):
    """A participant cannot do this case; the message says why."""


@dataclass(frozen=True)
class Peers:
    """A process that runs other libraries; `absent` says why one is not installed."""

    process: "subprocess.Popen[str]"
    absent: Mapping[str, str]

    def turn(self, library: str, request: Mapping[str, str]) -> Turn:
        """The library's turn at what is asked of it; raises DoesNotRun."""
        if library in self.absent:
            raise DoesNotRun(self.absent[library])
        asked = {"library": library, "times": "2", **request}
        self._ask(asked)
        return lambda: self._ask(asked)

    def _ask(self, request: Mapping[str, str]) -> float:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline() or '{"error": "the process ended"}')
        if "error" in answer:
            raise DoesNotRun(answer["error"])
        return cast(float, answer["seconds"])


@contextmanager
def peers(folder: Path) -> Iterator[Peers]:
    """An environment with those of PEERS that install from the index; nothing of it stays."""
    venv.create(folder / "peers", with_pip=True)
    python = str(folder / "peers" / "bin" / "python")
    absent: dict[str, str] = {}
    for requirement in PEERS:
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", requirement],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            absent[requirement.partition("==")[0]] = "does not install"
    process = subprocess.Popen(
        [python, peer_programs.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    try:
        yield Peers(process, absent)
    finally:
        process.kill()
        process.wait()

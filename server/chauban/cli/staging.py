"""What scenarios have in common: a step that did not leave what it should ends them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PATIENCE_SECONDS = 60.0
Found = TypeVar("Found")


class StepFailed(Exception):
    """A step did not leave what it should have left."""


def require(held: object, otherwise: str) -> None:
    """Raises: StepFailed."""
    if not held:
        raise StepFailed(otherwise)


def until(
    what: str, found: Callable[[], Found | None], *, seconds: float = PATIENCE_SECONDS
) -> Found:
    """Wait for something that another process brings about. Raises: StepFailed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if one := found():
            return one
        time.sleep(0.1)
    raise StepFailed(f"chờ quá lâu / waited too long: {what}")


def require_valid_elsewhere(pdf: Path, *, root: Path) -> None:
    """pyHanko, in a process of its own that knows that root only, calls it complete."""
    argv = ["chauban_pades.second_leg", str(pdf), "--trust", str(root), "--json"]
    ran = subprocess.run([sys.executable, "-m", *argv], capture_output=True, text=True, check=False)
    require(ran.returncode == 0, f"{pdf.name}: {ran.stdout or ran.stderr}")
    verdict = json.loads(ran.stdout)["verdict"]
    require(verdict == "TOTAL-PASSED", f"{pdf.name}: {verdict}")

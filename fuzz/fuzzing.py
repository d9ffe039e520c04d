"""Runs one target under atheris: findings are kept, one of each kind, and fuzzing goes on.

Two inputs of one kind of finding end in the same line of the same exception; the smaller one is
kept. What takes too long or too much is ended by libFuzzer itself, which keeps that input.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import atheris

Mutate = Callable[[bytes, int, int], bytes]


class Broken(Exception):
    """A property does not hold for an input."""


def run(
    target: Callable[[bytes], None], *, crashes: Path, name: str, mutate: Mutate | None = None
) -> None:
    """Fuzz the target with libFuzzer's arguments in sys.argv; never returns."""

    def kept(data: bytes) -> None:
        try:
            target(data)
        except Exception as error:
            _keep(data, error, crashes, name)

    if mutate is None:
        atheris.Setup(sys.argv, kept)
    else:
        atheris.Setup(sys.argv, kept, custom_mutator=mutate)
    atheris.Fuzz()


def _keep(data: bytes, error: Exception, crashes: Path, name: str) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}"
    kind = f"{name}-{type(error).__name__}-{sha256(place.encode()).hexdigest()[:8]}"
    path = crashes / kind
    if path.exists() and path.stat().st_size <= len(data):
        return
    path.write_bytes(data)
    story = "".join(traceback.format_exception(error))
    path.with_suffix(".txt").write_text(story, "utf-8")
    print(f"FOUND {kind}: {place}: {str(error)[:200]}", flush=True)

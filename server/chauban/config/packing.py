"""Our static files under an address that names their content, packed once; nothing to build.

All stand below one prefix, the digest of them all: what a style sheet or a module asks for beside
itself comes from the same set, and a browser may keep every one of them for ever.
"""

import fcntl
import gzip
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

DIGITS = 16
KEPT_SETS = 3  # pages that were open during an upgrade still find what they ask for
_PACKED_ALREADY = {".png", ".woff2", ".gz"}


def digest_of(folders: list[Path]) -> str:
    """The name of what the folders hold: alike on every host, another for any change."""
    found = sha256()
    for name, file in _files(folders):
        found.update(f"{name}\0{file.stat().st_size}\0".encode())
        found.update(file.read_bytes())
    return found.hexdigest()[:DIGITS]


def pack(folders: list[Path], into: Path) -> None:
    """Copy the folders into one, with a gzip beside each file that it makes smaller.

    Whole or not at all. Of several processes at once one does it while the others wait, so that
    nobody reads the folder of all sets while one is being made; a set that is there already is
    left as it is.
    """
    into.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with _one_at_a_time(into.parent.with_suffix(".turnstile")):
        if not into.is_dir():
            _make(folders, into)


def _make(folders: list[Path], into: Path) -> None:
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=into.parent))
    try:
        for name, file in _files(folders):
            _put(file, made / name)
        made.chmod(0o755)
        made.rename(into)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    for old in sorted(_sets(into.parent), key=_made_at, reverse=True)[KEPT_SETS:]:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _one_at_a_time(turnstile: Path) -> Iterator[None]:
    """Wait until no other process is inside; one that dies lets the next in."""
    with turnstile.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _put(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    content = file.read_bytes()
    to.write_bytes(content)
    if file.suffix not in _PACKED_ALREADY:
        packed = gzip.compress(content, mtime=0)
        if len(packed) < len(content):
            to.with_name(f"{to.name}.gz").write_bytes(packed)


def _files(folders: list[Path]) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                yield file.relative_to(folder).as_posix(), file


def _sets(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")]


def _made_at(folder: Path) -> float:
    return os.stat(folder).st_mtime

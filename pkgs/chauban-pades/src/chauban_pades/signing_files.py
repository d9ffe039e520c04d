"""Sign and seal files that are too large for memory.

As `signing`, from file to file: of the document only what its signature needs is held, and it is
read once from end to end, hashed while it is copied.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from chauban_pki.credentials import Credential
from chauban_pki.timestamps import Timestamper

from .appearance import Appearance
from .originals import FileSource, Source
from .signatures import Claim
from .signing import prepare_revision, require_seal

LARGE_BYTES = 16 * 1024 * 1024
"""From here on a document is better signed from file to file than in memory."""


def sign_file(
    source: Path,
    target: Path,
    *,
    field: str,
    credential: Credential,
    timestamp: Timestamper | None,
    now: datetime,
    image: Appearance | None = None,
    reason: str | None = None,
) -> None:
    """Write to `target`, a new file, what `sign` makes of the document in `source`.

    Without a time-stamp the level is B-B, and the token's room stays empty. When anything
    fails, no target is left.

    Raises:
        FileExistsError: there is a target already.
        And as `sign`.
    """
    claim = Claim.of(credential, now, reason)
    with _opened(source) as document, _made(target) as out:
        prepared = prepare_revision(document, field, claim, {}, image)
        prepared.write_signed(out, credential, timestamp)


def fill_and_seal_file(
    source: Path,
    target: Path,
    *,
    field: str,
    values: Mapping[str, str],
    credential: Credential,
    timestamp: Timestamper | None,
    now: datetime,
    image: Appearance | None = None,
    reason: str | None = None,
) -> None:
    """Write to `target`, a new file, what `fill_and_seal` makes of the document in `source`.

    Raises:
        FileExistsError: there is a target already.
        And as `fill_and_seal`.
    """
    require_seal(field)
    claim = Claim.of(credential, now, reason)
    with _opened(source) as document, _made(target) as out:
        prepared = prepare_revision(document, field, claim, values, image)
        prepared.write_signed(out, credential, timestamp)


@contextmanager
def _opened(path: Path) -> Iterator[Source]:
    with path.open("rb") as file:
        yield FileSource(file, path.stat().st_size)


@contextmanager
def _made(path: Path) -> Iterator[BinaryIO]:
    with path.open("xb") as file:
        try:
            yield file
        except BaseException:
            path.unlink()
            raise

"""What a file carries to prove its signatures later: validation data and time-stamps.

ETSI EN 319 142-1 clauses 5.4.2 (document security store) and 5.4.3 (document time-stamp).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pikepdf

from chauban_pki.authorities import ProvedAt, never_proved
from chauban_pki.errors import PKIError
from chauban_pki.revocation import ValidationData
from chauban_pki.signed_data import without_padding
from chauban_pki.timestamps import TimestampReport, assess_timestamp, imprint_digest_name
from chauban_pki.trust import Fetch, Trust
from chauban_pki.words import reason_for

from .reading import History
from .signature_reading import Covered, Signature
from .views import Unreadable, View

MAX_ITEMS = 500
MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Circumstances:
    """With what, and for when, a file's signatures are assessed.

    `at` is the moment of asking, `data` the file's own validation data; `proved` the times that
    valid document time-stamps prove, by the revision that each stamps. `item_proved_at` tells
    since when an item of data is proved to have been there; `archived` are the items within the
    signature itself, as old as it is.
    """

    trust: Trust
    at: datetime
    fetch: Fetch | None
    data: ValidationData
    proved: Mapping[int, datetime] = field(default_factory=dict)
    item_proved_at: ProvedAt = never_proved
    archived: frozenset[bytes] = frozenset()

    def existed_at(self, revision: int) -> datetime:
        """The earliest moment at which that revision is proved to have been there."""
        later = (time for number, time in self.proved.items() if number > revision)
        return min(later, default=self.at)


@dataclass(frozen=True)
class StoreProofs:
    """Since when validation data are proved to have been in the file's store.

    A document time-stamp proves what the store held in the revision that it stamps. Asked only
    where an algorithm is weak today, so that other files are not read again.
    """

    history: History
    proved: Mapping[int, datetime]

    def __call__(self, item: bytes) -> datetime | None:
        """Return the earliest proved moment, UTC; None where nothing proves it."""
        times = [time for revision, time in self.proved.items() if item in self._held(revision)]
        return min(times, default=None)

    def _held(self, revision: int) -> frozenset[bytes]:
        store = read_store(self.history.view(revision))
        return frozenset((*store.certificates, *store.crls, *store.ocsps))


def read_store(view: View) -> ValidationData:
    """The certificates, CRLs and OCSP responses in a view's document security store.

    Raises:
        Unreadable: the store is larger than what is read.
    """
    store = view.pdf.Root.get("/DSS")
    if not isinstance(store, pikepdf.Dictionary):
        return ValidationData()
    listed = [_streams(store.get(key)) for key in ("/Certs", "/CRLs", "/OCSPs")]
    contents = _contents({one.objgen: one for streams in listed for one in streams})
    return ValidationData(*(tuple(contents[one.objgen] for one in streams) for streams in listed))


def _streams(array: Any) -> list[Any]:
    if not isinstance(array, pikepdf.Array):
        return []
    if len(array) > MAX_ITEMS:
        raise Unreadable("too-many-objects", "validation data")
    return [one for one in array if isinstance(one, pikepdf.Stream)]


def _contents(streams: Mapping[tuple[int, int], Any]) -> dict[tuple[int, int], bytes]:
    """What each stream holds, read once however often it is listed."""
    contents: dict[tuple[int, int], bytes] = {}
    room = MAX_BYTES
    for number, stream in streams.items():
        try:
            contents[number] = bytes(stream.read_bytes())
        except (pikepdf.PdfError, RuntimeError) as error:
            # qpdf's own limit on what one stream inflates to is among its errors.
            raise Unreadable("too-large", "validation data") from error
        room -= len(contents[number])
        if room < 0:
            raise Unreadable("too-large", "validation data")
    return contents


def assess_signature_timestamp(
    token: bytes,
    signature_value: bytes,
    *,
    data: ValidationData,
    at: datetime,
    given: Circumstances,
) -> TimestampReport:
    """What a token over a signature value proves; its authority must be valid at that time."""
    try:
        name = imprint_digest_name(token, at=_proved(at, given))
        digest = hashlib.new(name, signature_value).digest()
    except PKIError as error:
        return TimestampReport(error.verdict, (reason_for(error),))
    return _assess(token, digest, data=data, at=at, given=given)


def assess_document_timestamp(
    covered: Covered, signature: Signature, *, at: datetime, given: Circumstances
) -> TimestampReport:
    """What a document time-stamp proves about all bytes of its revision."""
    try:
        token = without_padding(signature.contents)
        digest = covered.digest(signature, imprint_digest_name(token, at=_proved(at, given)))
    except PKIError as error:
        return TimestampReport(error.verdict, (reason_for(error),))
    return _assess(token, digest, data=given.data, at=at, given=given)


def _proved(at: datetime, given: Circumstances) -> datetime | None:
    """The moment, where a later time-stamp and not the asking itself stands for it."""
    return at if at < given.at else None


def _assess(
    token: bytes, digest: bytes, *, data: ValidationData, at: datetime, given: Circumstances
) -> TimestampReport:
    """As `assess_timestamp`, for which revocation data may have ended after the token's time.

    The file was completed then (level B-LT), and nobody need be asked again.
    """
    proved_at = _proved(at, given)

    def assessed(at: datetime) -> TimestampReport:
        return assess_timestamp(
            token,
            digest,
            trust=given.trust,
            at=at,
            data=data,
            fetch=given.fetch,
            now=given.at,
            proved_at=proved_at,
            item_proved_at=given.item_proved_at,
        )

    report = assessed(at)
    has_ended = any(reason.code == "revocation-unknown" for reason in report.reasons)
    if has_ended and report.time is not None and report.time < at:
        return assessed(report.time)
    return report

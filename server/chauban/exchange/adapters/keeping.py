"""What an axis names or hands out but once, kept until it has been taken in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from django.db import transaction

from chauban.blobs import store
from chauban.exchange.arriving import limits
from chauban.exchange.models import KeptPackage
from chauban.exchange.ports import Waiting
from chauban_edxml.errors import NotReadable, SecretMarking
from chauban_edxml.parsing import NAMESPACE
from chauban_edxml.rendering import escaped
from chauban_edxml.soap import open_any


@dataclass(frozen=True)
class HandedOut:
    """A package that the axis will not hand out again; named by its bytes where it has no name."""

    type: str
    to_organ_id: str
    raw: bytes = field(repr=False)
    package_id: str = ""

    @property
    def named(self) -> str:
        return self.package_id or f"{self.type}:{sha256(self.raw).hexdigest()[:40]}"


def keep_named(gateway: str, named: Iterable[Waiting], *, now: datetime) -> None:
    """Keep the names of packages which the axis may not list again."""
    _enter(
        KeptPackage(
            gateway=gateway,
            package_id=one.package_id,
            type=one.type,
            to_organ_id=one.to_organ_id[:35],
            kept_at=now,
        )
        for one in named
    )


def keep_handed_out(gateway: str, packages: Sequence[HandedOut], *, now: datetime) -> None:
    """Keep packages themselves; of one that is marked as a state secret only that it is.

    Raises: StorageFull.
    """
    blobs = [store.write_message(_what_may_be_stored(one.raw), now=now) for one in packages]
    with transaction.atomic():
        store.enter(blobs)
        _enter(
            KeptPackage(
                gateway=gateway,
                package_id=one.named,
                type=one.type,
                to_organ_id=one.to_organ_id,
                raw=blob,
                kept_at=now,
            )
            for one, blob in zip(packages, blobs, strict=True)
        )


def _what_may_be_stored(raw: bytes) -> bytes:
    """The package, or in place of a marked one as much of it as is refused in its sender's name."""
    try:
        open_any(BytesIO(raw), limits=limits())
    except SecretMarking as marked:
        return _MARKED.format(NAMESPACE, escaped(marked.organ_id)).encode()
    except NotReadable:
        pass  # it is kept as it came, and refused when it is taken in
    return raw


_MARKED = (
    '<edXML xmlns="{}"><edXMLEnvelope><edXMLHeader><MessageHeader>'
    "<From><OrganId>{}</OrganId></From><OtherInfo><Secret>1</Secret></OtherInfo>"
    "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"
)


def kept(gateway: str, type: str) -> list[Waiting]:
    rows = KeptPackage.objects.filter(gateway=gateway, type=type).order_by("pk")
    return [Waiting(one.package_id, one.type, "", one.to_organ_id) for one in rows]


def kept_bytes(gateway: str, package_id: str) -> bytes | None:
    """Raises: BlobMissing, BlobDamaged."""
    rows = KeptPackage.objects.filter(gateway=gateway, package_id=package_id, raw__isnull=False)
    row = rows.select_related("raw").first()
    return store.read(row.raw) if row else None


def forget(gateway: str, package_id: str) -> None:
    KeptPackage.objects.filter(gateway=gateway, package_id=package_id).delete()


def _enter(rows: Iterable[KeptPackage]) -> None:
    KeptPackage.objects.bulk_create(rows, ignore_conflicts=True)

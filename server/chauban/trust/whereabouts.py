"""Where the keys of this installation are, and whether what they need is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count
from django.db.models.fields.json import KT

from chauban.trust import service_key
from chauban.trust.devices import tokens_seen
from chauban.trust.models import Certificate, Custody
from chauban_pki.errors import DeviceUnavailable, PKIError


@dataclass(frozen=True)
class Token:
    """A key device at the server: how many certificates name it, whether it is plugged in."""

    label: str
    certificates: int
    is_there: bool


@dataclass(frozen=True)
class Devices:
    """The driver of settings, blank without; `problem` is why it does not answer."""

    driver: str
    problem: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Service:
    """A signing service: of settings, or only named by certificates (then without a URL)."""

    name: str
    url: str
    certificates: int
    token_renewed_at: datetime | None  # its access token in the folder of settings


@dataclass(frozen=True)
class ServiceKey:
    """The key that signs receipts; `problem` is a code of chauban_pki, blank where it opens."""

    file: str
    is_there: bool
    not_after: datetime | None
    problem: str


def devices_here(now: datetime) -> Devices:
    named = _named(Custody.DEVICE, "token", now)
    problem, seen = "", ()
    try:
        seen = tokens_seen()
    except DeviceUnavailable as error:
        problem = str(error)
    labels = sorted({*named, *seen})
    tokens = tuple(Token(it, named.get(it, 0), it in seen) for it in labels)
    return Devices(settings.PKCS11_LIBRARY, problem, tokens)


def signing_services(now: datetime) -> list[Service]:
    remote = _named(Custody.REMOTE, "service", now)
    telephone = _named(Custody.TELEPHONE, "service", now)
    known: Mapping[str, str] = settings.SIGNING_SERVICES
    return [
        Service(name, known.get(name, ""), remote.get(name, 0) + telephone.get(name, 0),
                _renewed_at(name))
        for name in sorted({*known, *remote, *telephone})
    ]  # fmt: skip


def service_key_here() -> ServiceKey:
    file: Path = settings.SERVICE_KEY
    try:
        credential = service_key.service_credential()
    except (PKIError, OSError) as error:
        return ServiceKey(file.name, True, None, type(error).__name__)
    ends = credential.certificate.not_valid_after_utc if credential else None
    return ServiceKey(file.name, credential is not None, ends, "")


def keys_by_custody(now: datetime) -> list[tuple[str, int]]:
    """How many certificates in force have their key where."""
    rows = Certificate.objects.filter(not_after__gt=now).with_key().values_list("custody")
    counted = dict(rows.annotate(Count("pk")).order_by())
    return [(str(one.label), counted[one]) for one in Custody if one in counted]


def locked_keys(now: datetime) -> "list[Certificate]":
    """Keys shut for a while after wrong PINs."""
    rows = Certificate.objects.filter(locked_until__gt=now).select_related("person", "body")
    return list(rows.order_by("locked_until"))


def _named(custody: Custody, key: str, now: datetime) -> dict[str, int]:
    rows = Certificate.objects.filter(custody=custody, not_after__gt=now)
    named = rows.values_list(KT(f"key_reference__{key}")).annotate(Count("pk")).order_by()
    return {name: count for name, count in named if name}


def _renewed_at(name: str) -> datetime | None:
    token = Path(settings.SIGNING_TOKEN_FOLDER) / f"{name}.token"
    if not token.is_file():
        return None
    return datetime.fromtimestamp(token.stat().st_mtime, UTC)

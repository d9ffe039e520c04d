"""Which push services may be called, and what a device is told. Plain values only."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from chauban.directory.rules import HANOI

# Of the browsers' makers; a name that begins with a dot stands for all below it.
SERVICES = (
    "fcm.googleapis.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
LONGEST_ENDPOINT = 500


def is_known_service(endpoint: str, services: tuple[str, ...] = SERVICES) -> bool:
    """Whether the address is one at a push service that we know, over TLS."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    return (
        is_plain
        and len(endpoint) <= LONGEST_ENDPOINT
        and parts.scheme == "https"
        and parts.username is None
        and port in (None, 443)
        and any(host == one or (one.startswith(".") and host.endswith(one)) for one in services)
    )


def grown(counts: Mapping[str, int], told: Mapping[str, int]) -> list[str]:
    """The lists that are longer than the person was told, in the order of the desk."""
    return [key for key, count in counts.items() if count > told.get(key, 0)]


def at_hour(now: datetime, hour: int, *, days: int = 0) -> datetime:
    """That hour of the legal day of now in Việt Nam, or of a day so many days later."""
    day = now.astimezone(HANOI).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), HANOI)

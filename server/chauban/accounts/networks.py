"""Where a request comes from: whose address counts, and whether that is inside the office."""

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

DEVICE_COOKIE = "chauban_device"
# A request that passed a proxy says so in one of these.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
Address = IPv4Address | IPv6Address
UNKNOWN = ip_address("0.0.0.0")  # nobody


@dataclass(frozen=True)
class Visit:
    """Who comes: from which address, inside or out, in which browser."""

    address: str
    is_inside: bool
    device: str = ""  # digest of the secret that an earlier sign-in left in the browser
    agent: str = ""


def visit_of(request: HttpRequest) -> Visit:
    address, is_certain = _client(request)
    secret = request.COOKIES.get(DEVICE_COOKIE, "")
    return Visit(
        address=str(address),
        is_inside=is_certain and _is_in(address, settings.INSIDE_NETWORKS),
        device=device_digest(secret) if secret else "",
        agent=request.META.get("HTTP_USER_AGENT", "")[:200],
    )


def device_digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def counted_as(address: str) -> str:
    """What is counted together: an IPv4 address; the /64 that one IPv6 customer has."""
    parsed = ip_address(address)
    return str(IPv6Network((parsed, 64), strict=False)) if parsed.version == 6 else address


def _client(request: HttpRequest) -> tuple[Address, bool]:
    """The client's address, and whether it can be relied on.

    What X-Forwarded-For says is read from the right, as far as proxies of ours wrote it. A
    request that was forwarded by nobody we trust may come from anywhere: it is never inside.
    """
    peer = _parsed(request.META.get("REMOTE_ADDR", ""))
    if not _is_in(peer, settings.TRUSTED_PROXIES):
        return peer, not any(request.META.get(header) for header in FORWARDED)
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        peer = _parsed(hop.strip())
        if not _is_in(peer, settings.TRUSTED_PROXIES):
            return peer, peer != UNKNOWN
    return peer, False


def _parsed(text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_in(address: Address, networks: tuple[object, ...]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]

"""Which addresses this server may call for a webhook, and calling them (decision 19).

A name that leads into a private network is refused unless the operator lists it. The address that
was looked at is the one that is called, so that a name that changes in between leads nowhere else.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3

from chauban.api.errors import WebhookAddressRefused
from chauban_pki.network import HTTPClient

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER_BYTES = 64 * 1024
LONGEST_URL = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """The network addresses of a name; none where there is no such name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(one[4][0]) for one in found]


@dataclass(frozen=True)
class Target:
    """Where a webhook goes: its URL, and the one network address that was found fit."""

    url: str
    host: str
    port: int
    address: str


def require_reachable(
    url: str, *, listed: Collection[str], is_demo: bool, resolve: Resolve = resolve
) -> Target:
    """The target behind a URL, every address of which may be called.

    listed: host names, and networks as 10.0.0.0/8, that the operator allows although private.
    Plain http is for a demonstration's own machine alone.

    Raises: WebhookAddressRefused.
    """
    host, port, scheme = _parts(url)
    found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolve(host, port)]
    if not found:
        raise WebhookAddressRefused("unknown")
    own = is_demo and all(_plain(one).is_loopback for one in found)
    if scheme != "https" and not own:
        raise WebhookAddressRefused("scheme")
    if not own and host not in listed and not all(_may_call(one, listed) for one in found):
        raise WebhookAddressRefused("private")
    return Target(url, host, port, str(found[0]))


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer to a POST. Redirects are not followed, answers not kept.

    Raises: chauban_pki.errors.Unreachable: no answer in time, or too long an answer.
    """
    client = HTTPClient(
        timeout_seconds=TIMEOUT_SECONDS,
        largest_answer_bytes=LARGEST_ANSWER_BYTES,
        pool=_Pinned(target),
    )
    return client.ask(target.url, body, {**headers, "Host": _host_header(target)}).status


class _Pinned(urllib3.PoolManager):
    """Connects to the address that was looked at; TLS is with the name, as ever."""

    def __init__(self, target: Target) -> None:
        super().__init__(retries=False, num_pools=1)
        # Whose answer's head comes in time, however it dribbles.
        self.pool_classes_by_scheme = HTTPClient().pool.pool_classes_by_scheme
        self.target = target

    def connection_from_host(
        self,
        host: str | None,
        port: int | None = None,
        scheme: str | None = "http",
        pool_kwargs: dict[str, Any] | None = None,
    ) -> urllib3.HTTPConnectionPool:
        name = self.target.host
        named = {"server_hostname": name, "assert_hostname": name} if scheme == "https" else {}
        given = {**self.connection_pool_kw, **(pool_kwargs or {}), **named}
        return super().connection_from_host(self.target.address, port, scheme, given)


def _parts(url: str) -> tuple[str, int, str]:
    """Host, port and scheme. Raises: WebhookAddressRefused."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise WebhookAddressRefused("form") from error
    is_clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if parts.scheme not in ("https", "http"):
        raise WebhookAddressRefused("scheme")
    if not host or not is_clean or parts.username is not None or parts.fragment or port == 0:
        raise WebhookAddressRefused("form")
    return host, port or (443 if parts.scheme == "https" else 80), parts.scheme


def _may_call(address: Address, listed: Collection[str]) -> bool:
    plain = _plain(address)
    is_odd = any(plain.version == net.version and plain in net for net in _NOT_PUBLIC)
    if plain.is_global and not plain.is_multicast and not is_odd:
        return True
    networks = (ipaddress.ip_network(one) for one in listed if "/" in one)
    return any(plain.version == net.version and plain in net for net in networks)


def _plain(address: Address) -> Address:
    """The address that is meant: of an IPv4 address inside an IPv6 one, that."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        teredo = address.teredo
        if inner or teredo:
            return inner or teredo[1]
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
# IPv4 in IPv6 as it once was (RFC 4291 section 2.5.5.1), and a network's own translation.
_NOT_PUBLIC = (ipaddress.ip_network("::/96"), ipaddress.ip_network("64:ff9b:1::/48"))  # RFC 8215


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = 443 if target.url.startswith("https") else 80
    return host if target.port == usual else f"{host}:{target.port}"

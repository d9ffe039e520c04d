"""The network edge of trust: time-stamps, revocation information, signing services.

One of each per process, with its connections kept; every call ends within the client's limits of
time and size. Never called inside a transaction (design, decision 8).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from time import monotonic

from django.conf import settings

from chauban.blobs.inspection import FetchHere
from chauban_pki.cache import CachingFetch
from chauban_pki.errors import AddressNotAllowed
from chauban_pki.network import HTTPClient
from chauban_pki.remote_signing import RemoteService
from chauban_pki.timestamps import Failover, Timestamper, http_timestamper
from chauban_pki.trust import Fetch, Trust

TIMEOUT_SECONDS = 5.0
SIGNING_TIMEOUT_SECONDS = 15.0
MOST_KEPT_BYTES = 64 * 1024 * 1024


@cache
def _client() -> HTTPClient:
    return HTTPClient(timeout_seconds=TIMEOUT_SECONDS)


@cache
def _signing_client() -> HTTPClient:
    return HTTPClient(timeout_seconds=SIGNING_TIMEOUT_SECONDS)


@cache
def fetcher() -> Fetch:
    """Fetches revocation information where trust allows it; raises Unreachable (chauban_pki).

    An answer is kept while it is fresh (`chauban_pki.cache`), for all acts of this process.
    """
    kept = CachingFetch(_client(), partial(datetime.now, UTC), most_bytes=MOST_KEPT_BYTES)
    return FetchHere(kept)


def timestamper() -> Timestamper:
    """The time-stamping authorities of settings, the first that answers.

    A name that settings map, such as one under `.invalid`, is asked where they say. Raises
    TimestampUnavailable (chauban_pki), with each one's failure.
    """
    return _failover(tuple(_address(url) for url in settings.TSA_URLS))


def signing_service(name: str) -> RemoteService | None:
    """The remote signing service of that name in settings; None where there is none.

    Its access token is read each time, so that whatever renews the token needs no restart.
    """
    base_url = settings.SIGNING_SERVICES.get(name)
    if base_url is None:
        return None
    token = Path(settings.SIGNING_TOKEN_FOLDER) / f"{name}.token"
    return RemoteService(
        base_url,
        _signing_client().ask,
        access_token=token.read_text("ascii").strip() if token.is_file() else "",
        version=1 if base_url.rstrip("/").endswith("/v1") else 2,
    )


@cache
def _failover(urls: tuple[str, ...]) -> Failover:
    """Kept for the process: it remembers which authority failed a moment ago."""
    return Failover(tuple(http_timestamper(url, post=_client()) for url in urls), monotonic)


def _address(url: str) -> str:
    addresses: Mapping[str, str] = settings.ADDRESSES
    try:
        return Trust(addresses=addresses).resolve(url)
    except AddressNotAllowed:
        return url

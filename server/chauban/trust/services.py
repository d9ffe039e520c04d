"""The network edge of trust: time-stamps and revocation information, from settings.

One connection pool per process; every call ends within the client's limits of time and size.
Never called inside a transaction (design, decision 8).
"""

from functools import cache

from django.conf import settings

from chauban_pki.errors import AddressNotAllowed
from chauban_pki.network import HTTPClient
from chauban_pki.timestamps import Timestamper, http_timestamper
from chauban_pki.trust import Fetch, Trust

TIMEOUT_SECONDS = 5.0


@cache
def _client() -> HTTPClient:
    return HTTPClient(timeout_seconds=TIMEOUT_SECONDS)


def fetcher() -> Fetch:
    """Fetches revocation information where trust allows it; raises Unreachable (chauban_pki)."""
    return _fetch


def timestamper() -> Timestamper:
    """The time-stamping authority of settings; raises TimestampUnavailable (chauban_pki).

    A name that settings map, such as one under `.invalid`, is asked where they say.
    """
    try:
        url = Trust(addresses=settings.ADDRESSES).resolve(settings.TSA_URL)
    except AddressNotAllowed:
        url = settings.TSA_URL
    return http_timestamper(url, post=_client())


def _fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
    return _client()(url, body, content_type)

"""Once a day: whom the axis lists."""

from datetime import datetime

from chauban.directory.errors import ListingTooShort
from chauban.directory.synchronising import claim, put_off, synchronise
from chauban.exchange.ports import Gateway, GatewayError, NotOffered


def synchronise_next(gateway: Gateway, *, now: datetime) -> int:
    """Take the axis's directory over if that is due; return 1 if it was done.

    Of an axis that lists nobody the directory is kept by hand.

    Raises: GatewayError, ListingTooShort: it is tried again in an hour.
    """
    if not claim(gateway.name, now=now):
        return 0
    try:
        synchronise(gateway.organisations(now=now), gateway=gateway.name, now=now)
    except NotOffered:
        put_off(gateway.name, now=now)
        return 0
    except (GatewayError, ListingTooShort):
        put_off(gateway.name, now=now)
        raise
    return 1

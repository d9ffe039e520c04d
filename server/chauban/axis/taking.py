"""Taking a package over as its bytes come in: what is refused never reaches the disk."""

from collections.abc import Sequence
from datetime import datetime

from chauban.axis.actions import Handed, Receipt, accept, note_rejection, refusal_for
from chauban.axis.models import System
from chauban.axis.requests import Body
from chauban.exchange.arriving import arriving
from chauban_edxml.errors import NotReadable


def take(
    body: Body, *, system: System, now: datetime, to: Sequence[str] = (), hops: int = 0
) -> Receipt:
    """Take over the message in a body, as `axis.actions.accept_packages` does.

    Raises: an AxisRefusal; StorageFull.
    """
    try:
        with arriving(body.pieces()) as arrived:
            handed = Handed(arrived.raw, to, hops, message=arrived.message)
            return accept(handed, system=system, now=now)
    except NotReadable as error:
        refusal = refusal_for(error)
        body.drain()
        note_rejection(
            refusal, sha256=body.sha256, size_bytes=body.size_bytes, system=system, now=now
        )
        raise refusal from error

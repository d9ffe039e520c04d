"""What signing asks of the world outside, as this installation is set up."""

from datetime import datetime

from chauban.trust.anchors import current_trust
from chauban.trust.services import fetcher, timestamper
from chauban.workflow.made import SigningServices


def signing_services(now: datetime) -> SigningServices:
    """The time-stamping authority, revocation services and anchors of this installation."""
    return SigningServices(timestamp=timestamper(), fetch=fetcher(), trust=current_trust(now))

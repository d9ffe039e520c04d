"""Whom this installation trusts, as of a moment."""

from datetime import datetime

from cryptography import x509
from django.conf import settings

from chauban.directory.rules import legal_day
from chauban.trust.models import Anchor, Certificate
from chauban_pki.certificates import parse_certificate
from chauban_pki.paths import is_certificate_authority
from chauban_pki.trust import Trust


def current_trust(now: datetime) -> Trust:
    """The anchors in force on the legal day of now, with the addresses that settings map.

    A host that settings do not list is never asked (design, decision 19).
    """
    held = list(Anchor.objects.as_of(legal_day(now)).order_by("id"))
    return Trust(
        signing=_certificates(held, Anchor.Purpose.SIGNING),
        timestamping=_certificates(held, Anchor.Purpose.TIMESTAMPING),
        intermediates=known_authorities(),
        addresses=settings.ADDRESSES,
    )


def known_authorities() -> tuple[x509.Certificate, ...]:
    """The certification authorities entered here: they help to find a path, and are no anchors."""
    kept = Certificate.objects.filter(holder=Certificate.Holder.AUTHORITY).order_by("id")
    found = (parse_certificate(bytes(der)) for der in kept.values_list("der", flat=True))
    return tuple(one for one in found if is_certificate_authority(one))


def _certificates(anchors: list[Anchor], purpose: Anchor.Purpose) -> tuple[x509.Certificate, ...]:
    return tuple(
        parse_certificate(bytes(anchor.der)) for anchor in anchors if anchor.purpose == purpose
    )

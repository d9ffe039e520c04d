"""The CA behind a certificate under all of its keys, and what counted when (past validation).

A CA that changes its key signs its CRLs with the new one, whose certificate leads to the same
anchor (RFC 5280 section 6.3.3 (f), RFC 4210 section 4.4). What was signed with an algorithm that
is weak now counts where it is proved to have existed while that one was strong (ETSI EN 319 102-1
clause 5.6.2.2).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from chauban_pki.errors import PathInvalid, RevocationInformationWeak
from chauban_pki.paths import CertificatePath, Purpose, build_path, require_issued_by
from chauban_pki.trust import Trust

ProvedAt = Callable[[bytes], datetime | None]
"""When an item, DER, is proved to have existed, UTC; None where it is not proved."""


def never_proved(item: bytes) -> datetime | None:
    """A `ProvedAt` for what only the present vouches for."""
    return None


def nothing_at_hand() -> Iterable[x509.Certificate]:
    """No other certificates of a CA are known."""
    return ()


@dataclass(frozen=True)
class Support:
    """What a piece of revocation information is checked with, besides the issuer's certificate.

    `anchor` ends the path of the certificate in question; `at_hand` gives certificates among which
    those of its issuer's other keys may be. `levels` is how many changes of keys may stand one
    upon the other: the CRL on another key's certificate may itself be signed by another key.
    """

    anchor: x509.Certificate | None = None
    at_hand: Callable[[], Iterable[x509.Certificate]] = nothing_at_hand
    proved_at: ProvedAt = never_proved
    levels: int = 3

    def one_level_up(self) -> "Support":
        """What the certificates of another key are checked with."""
        return replace(self, levels=self.levels - 1)


NO_SUPPORT = Support()


def other_keys(
    issuer: x509.Certificate, support: Support, *, at: datetime
) -> Iterator[CertificatePath]:
    """Yield the path of each other key of the same CA that may sign CRLs at that time.

    The path ends at the anchor of the certificate in question, as RFC 5280 section 6.3.3 (f)
    demands. Its own algorithms have to count today: nothing proves when it was made.
    """
    if support.anchor is None or support.levels <= 0:
        return
    at_hand = tuple(dict.fromkeys(support.at_hand()))
    for candidate in at_hand:
        if candidate.subject != issuer.subject or candidate == issuer:
            continue
        try:
            path = build_path(
                candidate,
                intermediates=at_hand,
                trust=Trust(signing=(support.anchor,)),
                at=at,
                purpose=Purpose.CRL_SIGNING,
            )
            for certificate, its_issuer in path.issued():
                require_issued_by(certificate, its_issuer)
        except PathInvalid:
            continue
        yield path


def weakness_unless_refused(
    check: Callable[[datetime | None], None], item: bytes, support: Support
) -> str:
    """Check an item with what counts today, else with what counted when it is proved to have been.

    Returns what of it is weak now, for people; empty when nothing.

    Raises:
        RevocationInformationInvalid: as check.
    """
    try:
        check(None)
    except RevocationInformationWeak as weak:
        proved_at = support.proved_at(item)
        if proved_at is None:
            raise
        check(proved_at)
        return weak.found
    return ""

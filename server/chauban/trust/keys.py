"""Opening a stored key under its holder's PIN, for one confirmation or batch (decision 18)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from chauban.accounts.officers import Officer
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.trust.errors import KeyLocked, NoKeyStored, WrongPIN
from chauban.trust.models import Certificate
from chauban_pki.credentials import KeyCredential
from chauban_pki.errors import KeystoreLocked

WRONG_PINS_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)


def open_key(
    certificate: Certificate, pin: str, *, officer: Officer | None, now: datetime
) -> KeyCredential:
    """Return the key, open; call it outside any transaction (it takes about 50 ms).

    A wrong PIN is counted and recorded; the fifth in a row shuts the key for 15 minutes, even
    to the right PIN.

    Raises:
        NoKeyStored: the key is not kept here.
        KeyLocked: it is shut now; the PIN was not looked at.
        WrongPIN: it carries how many tries are left.
    """
    current = Certificate.objects.only("pkcs12", "wrong_pins", "locked_until").get(
        pk=certificate.pk
    )
    if current.pkcs12 is None:
        raise NoKeyStored(certificate)
    if current.locked_until is not None and now < current.locked_until:
        raise KeyLocked(certificate, current.locked_until)
    try:
        credential = KeyCredential.load(bytes(current.pkcs12), pin)
    except KeystoreLocked:
        left = _count_wrong_pin(certificate, officer=officer, now=now)
        raise WrongPIN(certificate, left) from None
    if current.wrong_pins or current.locked_until:
        Certificate.objects.filter(pk=certificate.pk).update(wrong_pins=0, locked_until=None)
    return credential


@transaction.atomic
def _count_wrong_pin(certificate: Certificate, *, officer: Officer | None, now: datetime) -> int:
    row = Certificate.objects.filter(pk=certificate.pk)
    row.update(wrong_pins=F("wrong_pins") + 1)
    wrong = row.values_list("wrong_pins", flat=True).get()
    record(ActKind.PIN_REFUSED, on=certificate, by=officer, at=now, wrong_pins=wrong)
    if wrong >= WRONG_PINS_ALLOWED:
        row.update(wrong_pins=0, locked_until=now + LOCKED_FOR)
        record(ActKind.KEY_LOCKED, on=certificate, by=officer, at=now)
    return max(WRONG_PINS_ALLOWED - wrong, 0)

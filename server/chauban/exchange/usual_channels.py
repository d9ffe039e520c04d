"""How an organisation usually gets documents: the directory's word, until the clerk says else."""

from datetime import datetime

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, Permission, may
from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record


def require_may_place(officer: Officer | None) -> Officer:
    """Raises: NotAllowed, when the officer is neither a clerk nor the administrator."""
    if officer is not None and (
        may(officer, Permission.ISSUE) or may(officer, Permission.MANAGE_DIRECTORY)
    ):
        return officer
    raise NotAllowed(officer, Permission.MANAGE_DIRECTORY)


@transaction.atomic
def set_usual_channel(
    whom: IssuingBody | OutsideOrganisation,
    *,
    channel: str,
    postal_address: str,
    officer: Officer,
    now: datetime,
) -> None:
    """Set how an organisation gets documents from now on; blank: as the code allows.

    Raises: NotAllowed.
    """
    require_may_place(officer)
    whom.channel, whom.postal_address = channel, postal_address.strip()
    whom.save(update_fields=["channel", "postal_address"])
    record(ActKind.CHANNEL_CHOSEN, on=whom, by=officer, at=now, channel=channel)

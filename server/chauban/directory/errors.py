"""What can be wrong when the directory is asked."""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chauban.directory.models import IssuingBody


class DirectoryError(Exception):
    """Root of what the directory raises on purpose."""


class UnknownOrganCode(DirectoryError):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: no body has or had this code")
        self.code = code


class OrganCodeRetired(DirectoryError):
    """The code was a body's, and is no longer: codes are never given to another body."""

    def __init__(self, code: str, body: "IssuingBody", day: date) -> None:
        super().__init__(f"{code}: not in force on {day}; it was the code of {body.key}")
        self.code, self.body, self.day = code, body, day


class ListingTooShort(DirectoryError):
    """An axis lists so few organisations that its answer is not believed."""

    def __init__(self, gateway: str, listed: int, known: int) -> None:
        super().__init__(f"{gateway} lists {listed} organisations; {known} are known")
        self.gateway, self.listed, self.known = gateway, listed, known


class BodyHasNoCode(DirectoryError):
    def __init__(self, body: "IssuingBody", day: date) -> None:
        super().__init__(f"{body.key} has no code for exchange on {day}")
        self.body, self.day = body, day

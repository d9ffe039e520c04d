"""What can be wrong at sign-in."""

from datetime import datetime


class AccountError(Exception):
    """Root of what accounts raise on purpose."""


class WrongPassword(AccountError):
    """The user name or the password is wrong; which of the two is not told."""


class AccountLocked(AccountError):
    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many wrong passwords; shut until {until.isoformat()}")
        self.until = until


class NoPostInForce(AccountError):
    """The person holds no post today, so there is nothing he may act as."""


class PostNotHeld(AccountError):
    """The person was asked to act in a post that is not his today."""

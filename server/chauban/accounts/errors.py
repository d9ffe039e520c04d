"""What can be wrong with an account: at sign-in, with its proofs, in its administration."""

from datetime import datetime


class AccountError(Exception):
    """Root of what accounts raise on purpose."""


class WrongPassword(AccountError):
    """The user name or the password is wrong; which of the two is not told."""


class WrongCode(AccountError):
    """The one-time code is wrong or was used already."""


class AccountLocked(AccountError):
    """Too many wrong proofs from where this one came."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many wrong passwords; shut until {until.isoformat()}")
        self.until = until


class AccountSuspended(AccountError):
    def __init__(self, suspension: str) -> None:
        super().__init__(f"the account is suspended: {suspension}")
        self.suspension = suspension


class NoPostInForce(AccountError):
    """The person holds no post today, so there is nothing he may act as."""


class PostNotHeld(AccountError):
    """The person was asked to act in a post that is not his today."""


class WeakPassword(AccountError):
    """Shorter than eight characters, or without one of the four classes."""


class PasswordUsedBefore(AccountError):
    """The password is the present one or one of the last ten."""


class UsernameTaken(AccountError):
    def __init__(self, username: str) -> None:
        super().__init__(f"{username}: user name taken")
        self.username = username


class UsernameNotUsable(AccountError):
    def __init__(self, username: str) -> None:
        super().__init__(f"{username!r}: not a user name")
        self.username = username


class EmployeeCodeTaken(AccountError):
    def __init__(self, employee_code: str) -> None:
        super().__init__(f"{employee_code}: employee code of another account")
        self.employee_code = employee_code


class PersonHasAccount(AccountError):
    """One person has one account (QCVN 12:2026/BCA Q6)."""


class NotOwnAccount(AccountError):
    """Nobody suspends or resets himself: another administrator does."""


class NoAccountHere(AccountError):
    """The single sign-on service vouches for somebody who has no account here."""


class SignOnRefused(AccountError):
    """What the single sign-on service answered does not hold."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"single sign-on: {reason}")
        self.reason = reason


class SecretNotReadable(AccountError):
    """A factor's secret was kept under another CHAUBAN_SECRET_KEY."""

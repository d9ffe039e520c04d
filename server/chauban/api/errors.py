"""What is wrong with a call, a token, an application or a webhook; words.py puts it in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from chauban.ui.words import Words


class ApiError(Exception):
    """Root of what this app raises on purpose; `status` is the answer's (RFC 9110)."""

    status = 422


class CallRefused(ApiError):
    """The call itself is not let in; no token, or not one that counts (RFC 6750 section 3.1)."""

    status = 401


class TokenMissing(CallRefused):
    pass


class TokenUnknown(CallRefused):
    """Not the form of a token, or none that we gave out."""


class TokenExpired(CallRefused):
    pass


class TokenRevoked(CallRefused):
    """The token, or its application, was ended by its officer or the administrator."""


class PostEnded(CallRefused):
    """The post for which the application acts is not held today, or its account is shut."""


class ScopeMissing(ApiError):
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class NoSuchRow(ApiError):
    """No such row, or none that the officer may know of."""

    status = 404


class NoSuchAddress(ApiError):
    status = 404


class MethodNotOffered(ApiError):
    status = 405


class BodyTooLarge(ApiError):
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"over {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class TooManyRequests(ApiError):
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class NotExpected(ApiError):
    """The server broke; it is in its log."""

    status = 500


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent, at a JSON pointer or by the name of a parameter."""

    where: str
    words: Words


class NotUnderstood(ApiError):
    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(one.where for one in faults))
        self.faults = faults


class KeyMalformed(ApiError):
    """An Idempotency-Key that is empty, too long or not printable."""

    status = 400


class KeyReused(ApiError):
    """The key came before, with something else asked under it."""


class RequestUnderWay(ApiError):
    """The same act is being done for the same key at this moment."""

    status = 409


class ConfirmedByHolder(ApiError):
    """The key answers to its holder alone, on a page, not to an application (ADR 18)."""

    status = 409

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.page = page


class ScopeNotYours(ApiError):
    """Nobody grants an application more than his own post may."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(", ".join(scopes))
        self.scopes = tuple(scopes)


class LifeTooLong(ApiError):
    def __init__(self, most_days: int) -> None:
        super().__init__(f"over {most_days} days")
        self.most_days = most_days


class ApplicationEnded(ApiError):
    status = 409


class TooManyApplications(ApiError):
    status = 409

    def __init__(self, most: int) -> None:
        super().__init__(str(most))
        self.most = most


class TooManyWebhooks(ApiError):
    status = 409

    def __init__(self, most: int) -> None:
        super().__init__(str(most))
        self.most = most


class WebhookAddressRefused(ApiError):
    """Not an address that this server may call (server-side request forgery)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why  # a key of words.ADDRESS_FAULTS


class NothingToSendAgain(ApiError):
    """The announcement was sent, or is on its way."""

    status = 409

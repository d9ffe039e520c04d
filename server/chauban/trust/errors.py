"""Why a signature may not be made: each rule of authority to sign is refused by its name."""

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from chauban.trust.models import Anchor, Certificate, Mandate
    from chauban_pki.reasons import Reason


class TrustError(Exception):
    """Root of what trust raises on purpose."""


class MandateError(TrustError):
    """Root of what is wrong with an authority to sign; `rule` names it, `clause` is its source."""

    rule: ClassVar[str]
    clause: ClassVar[str]

    def __init__(self, mandate: "Mandate", detail: str = "") -> None:
        super().__init__(f"{self.rule}: {mandate}" + (f" ({detail})" if detail else ""))
        self.mandate, self.detail = mandate, detail


# --- A signature outside its mandate --------------------------------------------------------


class NotTheMandatary(MandateError):
    rule, clause = "signed-by-the-mandatary", "Nghị định 30/2020/NĐ-CP Điều 13"


class MandateNotForBody(MandateError):
    rule, clause = "for-the-body-of-the-mandate", "Nghị định 30/2020/NĐ-CP Điều 13"


class MandateNotForKind(MandateError):
    rule, clause = "for-the-kinds-of-the-mandate", "Nghị định 30/2020/NĐ-CP Điều 13"

    def __init__(self, mandate: "Mandate", kind: str) -> None:
        super().__init__(mandate, kind)
        self.kind = kind


class MandateOutsidePeriod(MandateError):
    rule, clause = "within-the-period-of-the-mandate", "Nghị định 30/2020/NĐ-CP Điều 13"

    def __init__(self, mandate: "Mandate", day: date) -> None:
        super().__init__(mandate, day.isoformat())
        self.day = day


class MandatePostEnded(MandateOutsidePeriod):
    """The post on which the mandate rests is not held on that day."""

    rule = "while-the-post-is-held"


class MandateBodyEnded(MandateOutsidePeriod):
    """No document is issued in the name of a body after its end (Công văn 414, merger)."""

    rule, clause = "while-the-body-exists", "Công văn 414 (sắp xếp, sáp nhập cơ quan)"


class MandateParentEnded(MandateOutsidePeriod):
    """The order under which a deputy signs (KT. under TL.) is not in force on that day."""

    rule, clause = "while-the-order-above-it-stands", "Nghị định 30/2020/NĐ-CP Điều 13.4"


# --- A mandate that may not be granted ------------------------------------------------------


class MandateWithoutBasis(MandateError):
    rule, clause = "rests-on-a-document", "Nghị định 30/2020/NĐ-CP Điều 13"


class MandateBackwards(MandateError):
    rule, clause = "begins-before-it-ends", "Nghị định 30/2020/NĐ-CP Điều 13"


class MandateOutsidePost(MandateError):
    """The mandate would begin before the post or the body does, or outlast it."""

    rule, clause = "within-post-and-body", "Nghị định 30/2020/NĐ-CP Điều 13"


class PostNotThePersons(MandateError):
    rule, clause = "rests-on-the-persons-own-post", "Nghị định 30/2020/NĐ-CP Điều 13"


class UnknownKindInMandate(MandateError):
    rule, clause = "kinds-of-the-decree", "Nghị định 30/2020/NĐ-CP Điều 7"


class AuthorityLinesWrong(MandateError):
    """The lines above the name are not those of the capacity."""

    rule, clause = "authority-lines", "Nghị định 30/2020/NĐ-CP Phụ lục I Phần I II.7"


class TMOnlyForCollective(MandateError):
    rule, clause = "tm-only-for-collective", "Nghị định 30/2020/NĐ-CP Điều 13.2"


class NotTheHead(MandateError):
    """Signing as head, TM. or Q. belongs to the leader of the body's own agency."""

    rule, clause = "head-signs", "Nghị định 30/2020/NĐ-CP Điều 13.1, 13.2"


class KTOnlyForDeputy(MandateError):
    rule, clause = "kt-only-for-deputy", "Nghị định 30/2020/NĐ-CP Điều 13.1, 13.4"


class TLOnlyForUnitHead(MandateError):
    rule, clause = "tl-only-for-unit-head", "Nghị định 30/2020/NĐ-CP Điều 13.4"


class TLMustNameKinds(MandateError):
    """Only some kinds of document may be signed by order, fixed in working rules."""

    rule, clause = "tl-some-kinds-only", "Nghị định 30/2020/NĐ-CP Điều 13.4"


class TUQOnlyForSubordinateHead(MandateError):
    rule, clause = "tuq-only-for-subordinate-head", "Nghị định 30/2020/NĐ-CP Điều 13.3"


class TUQMustBeLimited(MandateError):
    """Authorisation is limited in time and in content: an end and kinds must be given."""

    rule, clause = "tuq-limited", "Nghị định 30/2020/NĐ-CP Điều 13.3"


class TUQWithoutEnd(TUQMustBeLimited):
    rule = "tuq-limited-in-time"


class TUQWithoutKinds(TUQMustBeLimited):
    rule = "tuq-limited-in-content"


class TUQCannotBePassedOn(MandateError):
    rule, clause = "tuq-not-passed-on", "Nghị định 30/2020/NĐ-CP Điều 13.3"


class OrderMissing(MandateError):
    """KT. under TL. needs the unit head's own mandate as its parent; nothing else has one."""

    rule, clause = "under-an-order", "Nghị định 30/2020/NĐ-CP Điều 13.4"


class WiderThanItsOrder(MandateError):
    """A mandate under another covers no other body, kind or day than that one."""

    rule, clause = "not-wider-than-the-order", "Nghị định 30/2020/NĐ-CP Điều 13.4"


# --- Certificates and keys ------------------------------------------------------------------


class NoUsableCertificate(TrustError):
    """The holder has no certificate with a key that is valid now; `latest` may say why."""

    def __init__(self, holder: str, at: datetime, latest: "Certificate | None") -> None:
        super().__init__(f"{holder} has no usable certificate at {at.isoformat()}")
        self.holder, self.at, self.latest = holder, at, latest


class NoKeyStored(TrustError):
    def __init__(self, certificate: "Certificate") -> None:
        super().__init__(f"no key is stored for {certificate}")
        self.certificate = certificate


class KeyElsewhere(TrustError):
    """The holder signs on his telephone or with his own program; no PIN of ours opens the key."""

    def __init__(self, certificate: "Certificate") -> None:
        super().__init__(f"the key of {certificate} is used elsewhere: {certificate.custody}")
        self.certificate = certificate


class KeyUnavailable(TrustError):
    """The device or service that keeps the key does not answer; nothing was signed."""

    def __init__(self, certificate: "Certificate", detail: str) -> None:
        super().__init__(f"the key of {certificate} cannot be reached: {detail}")
        self.certificate, self.detail = certificate, detail


class KeyRefused(TrustError):
    """The service or device will not sign with this key; `detail` is its own word."""

    def __init__(self, certificate: "Certificate", detail: str) -> None:
        super().__init__(f"no signature by {certificate}: {detail}")
        self.certificate, self.detail = certificate, detail


class KeyNotThere(TrustError):
    """The device or service holds no such key, or the key of another certificate."""

    def __init__(self, certificate: "Certificate", detail: str) -> None:
        super().__init__(f"the key of {certificate} is not where it is said to be: {detail}")
        self.certificate, self.detail = certificate, detail


class PINBlocked(TrustError):
    """The device has blocked its PIN after too many wrong ones; waiting does not help."""

    def __init__(self, certificate: "Certificate") -> None:
        super().__init__(f"the device has blocked the PIN of {certificate}")
        self.certificate = certificate


class WrongPIN(TrustError):
    def __init__(self, certificate: "Certificate", left: int) -> None:
        super().__init__(f"wrong PIN for {certificate}; {left} tries left")
        self.certificate, self.left = certificate, left


class KeyLocked(TrustError):
    def __init__(self, certificate: "Certificate", until: datetime) -> None:
        super().__init__(f"the key of {certificate} is shut until {until.isoformat()}")
        self.certificate, self.until = certificate, until


class CertificateOfAnother(TrustError):
    """The certificate's subject is not the holder it is stored for."""

    def __init__(self, subject: str, holder: str) -> None:
        super().__init__(f"{subject} is not the certificate of {holder}")
        self.subject, self.holder = subject, holder


class CertificateUnfit(TrustError):
    """Nothing valid could be signed with the certificate; `reasons` say why."""

    def __init__(self, subject: str, reasons: "tuple[Reason, ...]") -> None:
        super().__init__(f"{subject}: " + ", ".join(one.code for one in reasons))
        self.subject, self.reasons = subject, reasons


class KeyReferenceIncomplete(TrustError):
    """Where the key is kept is not said as its custody needs it; `needed` are the names."""

    def __init__(self, custody: str, needed: tuple[str, ...]) -> None:
        super().__init__(f"custody {custody} needs {', '.join(needed) or 'no reference'}")
        self.custody, self.needed = custody, needed


class AnchorHasEnded(TrustError):
    def __init__(self, anchor: "Anchor", day: date) -> None:
        super().__init__(f"{anchor.name} ended on {day.isoformat()}")
        self.anchor, self.day = anchor, day


# --- The public page ------------------------------------------------------------------------


class UploadTooLarge(TrustError):
    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes; at most {limit_bytes} are taken")
        self.size_bytes, self.limit_bytes = size_bytes, limit_bytes


class UploadsTooMany(TrustError):
    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"too many bytes from this address; again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class CheckersBusy(TrustError):
    """As many files as the machine checks at once are being checked."""


class CheckBroke(TrustError):
    """Reading the file ran out of time or memory, or broke; `reason` is "time" or the break."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the check gave no report: {reason}")
        self.reason = reason

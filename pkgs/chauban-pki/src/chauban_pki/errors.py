"""What this package raises on purpose. Each leaf is named for what is wrong.

`verdict` is what an assessment makes of the finding (ETSI EN 319 102-1 clause 5.1.3) and
`code` its key in `words.WORDS`; the facts stand as attributes.
"""

from datetime import datetime, timedelta, timezone
from typing import ClassVar

from chauban_pki.reasons import Verdict

_HANOI = timezone(timedelta(hours=7))


class PKIError(Exception):
    """Root of everything this package raises on purpose."""

    code: ClassVar[str]
    verdict: ClassVar[Verdict] = Verdict.INDETERMINATE

    def facts(self) -> dict[str, str]:
        """Return the facts that the words about this error may name."""
        return {name: _text(value) for name, value in vars(self).items()}


def _text(value: object) -> str:
    """Return a fact as people read it; a moment in Việt Nam time, with its zone (ISO 8601)."""
    if isinstance(value, datetime):
        return f"{value.astimezone(_HANOI):%d/%m/%Y %H:%M:%S} +07:00"
    return str(value)


# Keystores and keys


class KeystoreInvalid(PKIError):
    """The bytes are no PKCS#12 keystore with a key and its certificate."""

    code = "keystore-invalid"

    def __init__(self, detail: str) -> None:
        super().__init__(f"not a usable PKCS#12 keystore: {detail}")
        self.detail = detail


class KeystoreLocked(PKIError):
    """The password does not open the keystore."""

    code = "keystore-locked"

    def __init__(self) -> None:
        super().__init__("the password does not open the keystore")


class KeyMismatch(PKIError):
    """The private key does not belong to the certificate."""

    code = "key-mismatch"

    def __init__(self, subject: str) -> None:
        super().__init__(f"the private key does not belong to the certificate of {subject}")
        self.subject = subject


class WeakKey(PKIError):
    """The key, or the algorithm it would sign with, is not accepted for signing."""

    code = "weak-key"

    def __init__(self, found: str) -> None:
        super().__init__(f"key not accepted for signing: {found}")
        self.found = found


class WrongDigestLength(PKIError):
    """The digest to be signed is not of the credential's digest algorithm."""

    code = "wrong-digest-length"

    def __init__(self, expected: str, found: int) -> None:
        super().__init__(f"a digest of {found} bytes where {expected} was due")
        self.expected, self.found = expected, found


# Keys in devices


class DeviceError(PKIError):
    """A key device did not sign."""

    code = "device-error"

    def __init__(self, token: str, detail: str = "") -> None:
        super().__init__(f"token {token}: {detail or type(self).__name__}")
        self.token, self.detail = token, detail


class DeviceUnavailable(DeviceError):
    """The device is not there, or its driver fails."""

    code = "device-unavailable"


class DeviceBusy(DeviceError):
    """This process has a session with the device already, under a PIN given before."""

    code = "device-busy"


class DevicePINWrong(DeviceError):
    """The device refuses the PIN."""

    code = "device-pin-wrong"


class DevicePINLocked(DeviceError):
    """The device has locked its PIN after too many wrong ones."""

    code = "device-pin-locked"


class KeyNotFound(DeviceError):
    """The device holds no such key, or more than one that could be meant."""

    code = "key-not-found"


# Signing done elsewhere: remote services, telephones, the local plug-in


class SigningUnavailable(PKIError):
    """The signing service did not answer as it should; asking again may help."""

    code = "signing-unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class SigningRefused(SigningUnavailable):
    """The signing service, or the person at the telephone, said no."""

    code = "signing-refused"


class SigningTimedOut(SigningUnavailable):
    """The person did not confirm in time."""

    code = "signing-timed-out"


class SigningAnswerInvalid(SigningUnavailable):
    """The answer does not fit what was asked; nothing of it is used."""

    code = "signing-answer-invalid"


# Certificates and paths


class CertificateMalformed(PKIError):
    """The bytes are no X.509 certificate, or one that breaks RFC 5280's structure."""

    code = "certificate-malformed"

    def __init__(self, detail: str) -> None:
        super().__init__(f"not a well-formed certificate: {detail}")
        self.detail = detail


class PathInvalid(PKIError):
    """No valid path leads from the certificate to a trust anchor (RFC 5280 section 6)."""

    code = "path-invalid"

    def __init__(self, subject: str, detail: str = "") -> None:
        super().__init__(f"{subject}: {detail or type(self).__name__}")
        self.subject, self.detail = subject, detail


class UntrustedAnchor(PathInvalid):
    """No chain of issuers ends in an anchor of the trust list."""

    code = "untrusted-anchor"


class CertificateExpired(PathInvalid):
    """A certificate of the path had expired at that time."""

    code = "certificate-expired"

    def __init__(self, subject: str, *, valid_to: datetime, at: datetime) -> None:
        super().__init__(subject, f"expired {valid_to.isoformat()}, asked at {at.isoformat()}")
        self.valid_to, self.at = valid_to, at


class CertificateNotYetValid(PathInvalid):
    """A certificate of the path was not yet valid at that time."""

    code = "certificate-not-yet-valid"

    def __init__(self, subject: str, *, valid_from: datetime, at: datetime) -> None:
        super().__init__(subject, f"valid from {valid_from.isoformat()}, asked at {at.isoformat()}")
        self.valid_from, self.at = valid_from, at


class CertificateSignatureInvalid(PathInvalid):
    """The issuer's signature on a certificate does not verify."""

    code = "certificate-signature-invalid"


class NotACertificateAuthority(PathInvalid):
    """A certificate that is no CA has issued another (RFC 5280 section 6.1.4 (k), (n))."""

    code = "not-a-certificate-authority"


class PathTooLong(PathInvalid):
    """The path is longer than a CA's path length allows (RFC 5280 section 6.1.4 (l), (m))."""

    code = "path-too-long"


class KeyUsageNotAllowed(PathInvalid):
    """The certificate's key usage does not allow what its key was used for."""

    code = "key-usage-not-allowed"


class PurposeNotAllowed(PathInvalid):
    """The extended key usage does not allow the purpose (RFC 5280 section 4.2.1.12)."""

    code = "purpose-not-allowed"


class NameNotPermitted(PathInvalid):
    """A name lies outside a CA's name constraints (RFC 5280 section 4.2.1.10)."""

    code = "name-not-permitted"


class UnknownCriticalExtension(PathInvalid):
    """A critical extension is not understood (RFC 5280 section 4.2)."""

    code = "unknown-critical-extension"


class WeakAlgorithm(PathInvalid):
    """A certificate was signed with an algorithm that no longer counts, such as SHA-1."""

    code = "weak-algorithm"


class CertificateRevoked(PathInvalid):
    """A certificate of the path was revoked at or before that time."""

    code = "certificate-revoked"
    verdict = Verdict.TOTAL_FAILED

    def __init__(self, subject: str, *, revoked_at: datetime, cause: str = "") -> None:
        super().__init__(subject, f"revoked {revoked_at.isoformat()} ({cause or 'unspecified'})")
        self.revoked_at, self.cause = revoked_at, cause or "unspecified"
        self.is_cause_stated = bool(cause)


# Revocation information


class RevocationUnknown(PKIError):
    """Nothing acceptable says whether the certificate was revoked."""

    code = "revocation-unknown"

    def __init__(self, subject: str, causes: tuple[PKIError, ...] = ()) -> None:
        detail = "; ".join(str(cause) for cause in causes) or "no information"
        super().__init__(f"revocation of {subject} not known: {detail}")
        self.subject, self.causes, self.detail = subject, causes, detail


class RevocationInformationInvalid(PKIError):
    """An OCSP response or CRL is malformed, forged, or not about this certificate."""

    code = "revocation-information-invalid"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class RevocationInformationForged(RevocationInformationInvalid):
    """An OCSP response or CRL is not signed by one who may."""

    code = "revocation-information-forged"


class RevocationInformationWeak(RevocationInformationForged):
    """It is signed with an algorithm that does not count; `found` names it."""

    code = "revocation-information-weak"

    def __init__(self, found: str) -> None:
        super().__init__(f"signed with {found}")
        self.found = found


class RevocationInformationFromFuture(RevocationInformationInvalid):
    """An OCSP response or CRL states a time that has not come yet."""

    code = "revocation-information-from-future"


class RevocationInformationStale(RevocationInformationInvalid):
    """An OCSP response or CRL does not cover the time asked about."""

    code = "revocation-information-stale"


# Signed data


class SignedDataInvalid(PKIError):
    """A CMS signature fails (RFC 5652 section 5.6)."""

    code = "signed-data-invalid"
    verdict = Verdict.TOTAL_FAILED

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class SignedDataMalformed(SignedDataInvalid):
    """The bytes are no CMS SignedData with one signer, encoded in DER."""

    code = "signed-data-malformed"


class SignerCountWrong(SignedDataMalformed):
    """The CMS has no signer, or several of whom readers may pick any."""

    code = "signer-count-wrong"

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} signers where one was due")
        self.count = count


class DigestMismatch(SignedDataInvalid):
    """The content is not the content that was signed."""

    code = "digest-mismatch"

    def __init__(self) -> None:
        super().__init__("the content's digest is not the signed one")


class SignatureMismatch(SignedDataInvalid):
    """The signature value does not verify with the signer's key."""

    code = "signature-mismatch"

    def __init__(self) -> None:
        super().__init__("the signature does not verify with the signer's key")


class SigningCertificateMismatch(SignedDataInvalid):
    """The certificate is not the one that the signer bound into the signature (RFC 5035)."""

    code = "signing-certificate-mismatch"


class SigningCertificateMissing(SigningCertificateMismatch):
    """No signing-certificate attribute binds the signer's certificate in."""

    code = "signing-certificate-missing"


class SignatureAlgorithmConflict(SignedDataInvalid):
    """The places of a signature that name its algorithm do not agree."""

    code = "signature-algorithm-conflict"


class TimestampOfOtherData(SignedDataInvalid):
    """A token stamps other data than it is attached to."""

    code = "timestamp-of-other-data"

    def __init__(self) -> None:
        super().__init__("the time-stamp was made over other data")


class TimestampFromFuture(PKIError):
    """A token states a time that has not come yet."""

    code = "timestamp-from-future"

    def __init__(self, time: datetime, at: datetime) -> None:
        super().__init__(f"the time-stamp is of {time.isoformat()}, later than {at.isoformat()}")
        self.time, self.at = time, at


class WeakSignatureAlgorithm(PKIError):
    """The signature was made with an algorithm or key that no longer counts."""

    code = "weak-signature-algorithm"

    def __init__(self, found: str) -> None:
        super().__init__(f"signature algorithm not accepted: {found}")
        self.found = found


# Time-stamps and the network


class TimestampUnavailable(PKIError):
    """No usable time-stamp token came."""

    code = "timestamp-unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(f"no time-stamp: {detail}")
        self.detail = detail


class TimestampRefused(TimestampUnavailable):
    """The authority answered with a status other than granted (RFC 3161 section 2.4.2)."""

    code = "timestamp-refused"


class TimestampInvalid(TimestampUnavailable):
    """A token came that does not answer the request or does not verify."""

    code = "timestamp-invalid"


class Unreachable(PKIError):
    """An address did not answer as it should within its limits."""

    code = "unreachable"

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(f"{url}: {detail}")
        self.url, self.detail = url, detail


class AddressNotAllowed(Unreachable):
    """The trust settings do not allow an address taken from a certificate to be fetched."""

    code = "address-not-allowed"

    def __init__(self, url: str) -> None:
        super().__init__(url, "not among the addresses that the trust settings allow")


# The demonstration PKI


class DemoFolderTaken(PKIError):
    """The folder already holds something; a new demonstration PKI would overwrite it."""

    code = "demo-folder-taken"

    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder} is not empty")
        self.folder = folder


class DemoFolderInvalid(PKIError):
    """The folder holds no complete demonstration PKI."""

    code = "demo-folder-invalid"

    def __init__(self, folder: str, detail: str) -> None:
        super().__init__(f"{folder}: {detail}")
        self.folder, self.detail = folder, detail


class UnknownSerialNumber(PKIError):
    """The demonstration PKI has issued no certificate of that serial number."""

    code = "unknown-serial-number"

    def __init__(self, serial_number: int) -> None:
        super().__init__(f"no certificate of serial number {serial_number:x} was issued here")
        self.serial_number = serial_number

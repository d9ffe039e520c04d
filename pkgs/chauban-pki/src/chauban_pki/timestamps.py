"""Time-stamps: asking for them and assessing them (RFC 3161, ETSI EN 319 422)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import new as new_digest

from cryptography import x509

from chauban_pki import der, strength
from chauban_pki.algorithms import KNOWN_DIGESTS, SHA256_IDENTIFIER
from chauban_pki.authorities import ProvedAt, never_proved
from chauban_pki.errors import (
    CertificateRevoked,
    PathInvalid,
    PKIError,
    RevocationUnknown,
    SignedDataInvalid,
    SignedDataMalformed,
    SigningCertificateMismatch,
    TimestampFromFuture,
    TimestampInvalid,
    TimestampOfOtherData,
    TimestampRefused,
    TimestampUnavailable,
    Unreachable,
    WeakSignatureAlgorithm,
)
from chauban_pki.oids import ID_CT_TST_INFO
from chauban_pki.paths import (
    CertificatePath,
    Purpose,
    build_path,
    require_timestamping,
    require_valid_at,
    weakness_of_path,
)
from chauban_pki.reasons import Reason, Verdict
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.revocation_status import CLOCK_SKEW, RevocationStatus
from chauban_pki.signed_data import (
    SignedData,
    is_signing_certificate_bound,
    parse_signed_data,
    parse_time,
    verify_signed_data,
    weakness_today,
)
from chauban_pki.strength import require_digest
from chauban_pki.trust import Fetch, Trust
from chauban_pki.words import reason_for, reasons_for

Timestamper = Callable[[bytes], bytes]
"""SHA-256 digest in, DER TimeStampToken out, checked; raises TimestampUnavailable."""

Post = Callable[[str, bytes, str], bytes]
"""Address, body and content type in, the answer's body out; raises Unreachable."""

QUERY_TYPE = "application/timestamp-query"
_NONCE_BYTES = 8
_GRANTED, _GRANTED_WITH_MODS = 0, 1
_REASONS_THAT_VOUCH = {"unspecified", "affiliationChanged", "superseded", "cessationOfOperation"}
"""Why a certificate may be revoked whose key nobody else had (RFC 3161 section 4, 1)."""
# TimeStampReq up to the digest, between digest and nonce, and after it: all of fixed length.
_IMPRINT_HEAD = SHA256_IDENTIFIER + der.header(der.OCTET_STRING, 32)
_HEAD = der.encode_integer(1) + der.header(der.SEQUENCE, len(_IMPRINT_HEAD) + 32) + _IMPRINT_HEAD
_NONCE_HEAD = der.header(der.INTEGER, _NONCE_BYTES)
_TAIL = der.encode(der.BOOLEAN, b"\xff")
_REQUEST_HEAD = (
    der.header(der.SEQUENCE, len(_HEAD) + 32 + len(_NONCE_HEAD) + _NONCE_BYTES + len(_TAIL)) + _HEAD
)


@dataclass(frozen=True)
class TimestampInfo:
    """A token's TSTInfo: `time` UTC, `imprint` of what it stamps (RFC 3161 section 2.4.2)."""

    time: datetime
    imprint_algorithm: str
    imprint: bytes
    nonce: int | None
    serial_number: int
    policy: str


@dataclass(frozen=True)
class TimestampReport:
    """What was found about a token; `time` is None only when it cannot be read.

    `weak` names, for people, what about it no longer counts today but did when it was proved.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    time: datetime | None = None
    authority: x509.Certificate | None = None
    path: CertificatePath | None = None
    weak: str = ""


def http_timestamper(url: str, *, post: Post) -> Timestamper:
    """Return a time-stamper that asks the authority at that address.

    Each token is checked for status, imprint, nonce and the authority's own signature and
    purpose; trust in the authority is the business of `assess_timestamp`.
    """

    def timestamp(digest: bytes) -> bytes:
        nonce = _nonce()
        try:
            response = post(url, timestamp_request(digest, nonce), QUERY_TYPE)
        except (Unreachable, OSError) as error:
            raise TimestampUnavailable(str(error)) from error
        return read_timestamp_response(response, digest=digest, nonce=nonce)

    return timestamp


@dataclass(frozen=True)
class Failover:
    """A `Timestamper` of several: the first that answers stamps.

    One that failed is asked last for the next `rest_seconds`, so that a dead authority delays
    one document and not each. `clock` gives seconds that never run backwards.
    """

    timestampers: tuple[Timestamper, ...]
    clock: Callable[[], float]
    rest_seconds: float = 60.0
    _failed_at: dict[int, float] = field(default_factory=dict, repr=False)

    def __call__(self, digest: bytes) -> bytes:
        """Return a token; raises TimestampUnavailable, with each failure, when none stamps."""
        failures: list[str] = []
        for place in sorted(range(len(self.timestampers)), key=self._is_resting):
            try:
                token = self.timestampers[place](digest)
            except TimestampUnavailable as failure:
                self._failed_at[place] = self.clock()
                failures.append(failure.detail)
            else:
                self._failed_at.pop(place, None)
                return token
        raise TimestampUnavailable("; ".join(failures) or "no authority is set")

    def _is_resting(self, place: int) -> bool:
        failed_at = self._failed_at.get(place)
        return failed_at is not None and self.clock() - failed_at < self.rest_seconds


def _nonce() -> bytes:
    # First octet 1–127, so that the INTEGER is positive, minimal and of fixed length.
    return bytes((1 + secrets.randbelow(127),)) + secrets.token_bytes(_NONCE_BYTES - 1)


def timestamp_request(digest: bytes, nonce: bytes) -> bytes:
    """Return a TimeStampReq for a SHA-256 digest that asks for the authority's certificate."""
    return b"".join((_REQUEST_HEAD, digest, _NONCE_HEAD, nonce, _TAIL))


def read_timestamp_response(response: bytes, *, digest: bytes, nonce: bytes) -> bytes:
    """Return the token in a TimeStampResp after checking that it answers the request.

    Raises:
        TimestampRefused: the status is not granted.
        TimestampInvalid: malformed, over another digest, with another nonce, or not signed
            by a time-stamping authority.
    """
    try:
        status_info, *token = der.expect(der.read_all(response), der.SEQUENCE)
        status = der.read_integer(status_info.children()[0])
    except (der.NotDER, ValueError, IndexError) as error:
        raise TimestampInvalid(f"response malformed: {error}") from None
    if status not in (_GRANTED, _GRANTED_WITH_MODS):
        raise TimestampRefused(f"status {status}")
    if not token:
        raise TimestampInvalid("response without a token")
    encoded = token[0].encoded
    try:
        info, _ = verify_timestamp(encoded, digest)
    except (SignedDataInvalid, WeakSignatureAlgorithm, PathInvalid) as error:
        raise TimestampInvalid(str(error)) from error
    if info.nonce != int.from_bytes(nonce, "big"):
        raise TimestampInvalid("nonce differs from the request's")
    return encoded


def timestamp_info(signed: SignedData) -> TimestampInfo:
    """Return the TSTInfo in a parsed token.

    Raises:
        SignedDataMalformed: the content is no TSTInfo.
    """
    if signed.content_type != ID_CT_TST_INFO or signed.content is None:
        raise SignedDataMalformed("no TSTInfo in the token")
    try:
        fields = der.expect(der.read_all(signed.content), der.SEQUENCE).children()
        _, policy, imprint, serial_number, time, *optional = fields
        algorithm, digest = der.expect(imprint, der.SEQUENCE)
        nonce = next((field for field in optional if field.tag == der.INTEGER), None)
        return TimestampInfo(
            time=parse_time(time),
            imprint_algorithm=der.read_oid(algorithm.children()[0]),
            imprint=der.expect(digest, der.OCTET_STRING).contents,
            nonce=der.read_integer(nonce) if nonce else None,
            serial_number=der.read_integer(serial_number),
            policy=der.read_oid(policy),
        )
    except (der.NotDER, ValueError, IndexError) as error:
        raise SignedDataMalformed(f"TSTInfo: {error}") from None


def imprint_digest_name(token: bytes, *, at: datetime | None = None) -> str:
    """Return hashlib's name of the digest that a token was made over.

    `at` is a moment at which the token is proved to have existed and its digest had to count;
    without one it has to count today.

    Raises:
        SignedDataMalformed: no token.
        WeakSignatureAlgorithm: a digest that is not accepted, such as SHA-1.
    """
    return _imprint_digest(timestamp_info(parse_signed_data(token)), at)


def _imprint_digest(info: TimestampInfo, at: datetime | None) -> str:
    digest = KNOWN_DIGESTS.get(info.imprint_algorithm)
    if digest is None:
        raise WeakSignatureAlgorithm(f"imprint {info.imprint_algorithm}")
    require_digest(digest.name, at=at)
    return digest.name


def verify_timestamp(
    token: bytes, digest: bytes, *, at: datetime | None = None
) -> tuple[TimestampInfo, x509.Certificate]:
    """Check a token over that digest; return what it says and its authority's certificate.

    `at` is a moment at which the token is proved to have existed and its algorithms had to
    count; without one they have to count today.

    Raises:
        SignedDataInvalid: malformed, over another digest, or a signature that fails.
        WeakSignatureAlgorithm: an algorithm that is not accepted.
        PurposeNotAllowed: the signer's certificate is not for time-stamping alone.
    """
    signed = parse_signed_data(token)
    info = timestamp_info(signed)
    _imprint_digest(info, at)
    if info.imprint != digest:
        raise TimestampOfOtherData
    if not is_signing_certificate_bound(signed):
        raise SigningCertificateMismatch("the token binds in no certificate (RFC 3161 2.4.2)")
    content_digest = new_digest(signed.digest_name_at(at), signed.content or b"").digest()
    authority = verify_signed_data(signed, digest=content_digest, at=at)
    require_timestamping(authority)
    return info, authority


def assess_timestamp(
    token: bytes,
    digest: bytes,
    *,
    trust: Trust,
    at: datetime,
    data: ValidationData | None = None,
    fetch: Fetch | None = None,
    now: datetime | None = None,
    proved_at: datetime | None = None,
    item_proved_at: ProvedAt = never_proved,
) -> TimestampReport:
    """Return what a token over that digest proves.

    `at` is the moment for which the authority's certificates must be valid: the present, or
    the time of a later time-stamp that covers this one. `now`, by default `at`, is the moment
    of asking; a token of a later time proves nothing. Without revocation information the
    verdict is INDETERMINATE.

    `proved_at` is when the token itself, `item_proved_at` when an item of data is proved to have
    existed, by a later time-stamp: what was strong then counts. An authority's certificate that
    was revoked later than that ends nothing; one revoked without such proof does, unless its
    stated reason vouches for the key (RFC 3161 section 4, 1).
    """
    try:
        info, authority = verify_timestamp(token, digest, at=proved_at)
    except PKIError as error:
        return TimestampReport(error.verdict, (reason_for(error),))
    path: CertificatePath | None = None
    data = data or ValidationData()
    own = ValidationData(certificates=parse_signed_data(token).certificates)
    try:
        path = build_path(
            authority,
            intermediates=(data | own).parsed_certificates,
            trust=trust,
            at=at,
            purpose=Purpose.TIMESTAMPING,
        )
        _require_own_time(info, authority, now=now or at)
        check = partial(
            check_path_revocation,
            data=data,
            now=now or at,
            trust=trust,
            fetch=fetch,
            proved_at=item_proved_at,
        )
        statuses = _statuses(path, info, check, at=at)
    except CertificateRevoked as error:
        has_been_good = info.time < error.revoked_at
        verdict = Verdict.INDETERMINATE if has_been_good else error.verdict
        return TimestampReport(verdict, reasons_for(error), info.time, authority, path)
    except (PathInvalid, RevocationUnknown, TimestampFromFuture) as error:
        return TimestampReport(error.verdict, reasons_for(error), info.time, authority, path)
    weak = (
        weakness_today(parse_signed_data(token), authority),
        strength.weakness_of_digest(_imprint_digest(info, proved_at)),
        weakness_of_path(path),
        *(status.weak for status in statuses),
    )
    return TimestampReport(
        Verdict.TOTAL_PASSED, (), info.time, authority, path, next(filter(None, weak), "")
    )


def _statuses(
    path: CertificatePath,
    info: TimestampInfo,
    check: Callable[..., tuple[RevocationStatus, ...]],
    *,
    at: datetime,
) -> tuple[RevocationStatus, ...]:
    """Return the status of each certificate of an authority's path at that time.

    An authority whose certificate was revoked for a reason that leaves the key uncompromised
    made good tokens until then: "tokens generated before the revocation time will remain valid"
    if the reason is stated (RFC 3161 section 4, 1). Its issuers have to stand all the same.
    """
    try:
        return check(path, at=at)
    except CertificateRevoked as revoked:
        vouches = revoked.is_cause_stated and revoked.cause in _REASONS_THAT_VOUCH
        if not vouches or info.time >= revoked.revoked_at:
            raise
        check(CertificatePath(path.certificates[1:]), at=at)
        return check(path, at=info.time)


def _require_own_time(info: TimestampInfo, authority: x509.Certificate, *, now: datetime) -> None:
    """Check that a token's time has come, and that its authority's certificate was valid then."""
    if info.time > now + CLOCK_SKEW:
        raise TimestampFromFuture(info.time, now)
    require_valid_at(authority, info.time)

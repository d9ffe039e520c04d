"""Whether a certificate, or any of its path, was revoked (RFC 5280 section 6.3, RFC 6960)."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from cryptography import x509

from chauban_pki import paths
from chauban_pki.certificates import encoded
from chauban_pki.crl_status import crl_urls, freshest_crl_urls, is_delta, read_crl, read_delta_crl
from chauban_pki.errors import (
    AddressNotAllowed,
    CertificateRevoked,
    PKIError,
    RevocationInformationInvalid,
    RevocationInformationStale,
    RevocationUnknown,
    Unreachable,
)
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE, ocsp_request, ocsp_urls, read_ocsp
from chauban_pki.paths import CertificatePath, subject
from chauban_pki.revocation_status import RevocationStatus, require_fresh
from chauban_pki.trust import Fetch, Trust

_KINDS = ("certificates", "crls", "ocsps")


@dataclass(frozen=True)
class ValidationData:
    """Certificates, CRLs and OCSP responses (BasicOCSPResponse's container), each DER.

    What a document security store holds (ETSI EN 319 142-1 clause 5.4.2).
    """

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __or__(self, other: "ValidationData") -> "ValidationData":
        """Return both, each item once, in order."""
        return ValidationData(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.crls + other.crls)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
        )

    def as_dict(self) -> dict[str, list[str]]:
        """Return it for JSON: each item in base64, under the name of its kind."""
        return {
            kind: [b64encode(item).decode("ascii") for item in getattr(self, kind)]
            for kind in _KINDS
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Iterable[str]]) -> Self:
        """Return what `as_dict` gave; raises ValueError or KeyError for anything else."""
        return cls(**{kind: tuple(map(b64decode, given[kind])) for kind in _KINDS})


def check_revocation(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    data: ValidationData,
    at: datetime,
    now: datetime,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
) -> RevocationStatus:
    """Return the status, good at `at`, from data at hand or, with fetch, from the network.

    `at` is the moment that counts (of the signature), `now` the moment of asking. A revocation
    after `at` does not undo what was signed before (Thông tư 41/2017/TT-BTTTT: valid when the
    certificate was valid at signing time). The status of an expired certificate is not taken
    from information made after its end: it may have been dropped there.

    Raises:
        CertificateRevoked: it was revoked at or before `at`.
        RevocationUnknown: nothing acceptable was found; `causes` says why not.
    """
    causes: list[PKIError] = []
    at_hand = list(_read_all(data, certificate, issuer, now=now, causes=causes))
    status = _latest_covering(at_hand, certificate, at=at, causes=causes)
    if status is None and trust is not None and fetch is not None:
        fetched = list(_fetch_all(certificate, issuer, trust, fetch, now=now, causes=causes))
        status = _latest_covering(fetched, certificate, at=at, causes=causes)
    if status is None:
        raise RevocationUnknown(subject(certificate), tuple(causes))
    return status


def _latest_covering(
    statuses: Sequence[RevocationStatus],
    certificate: x509.Certificate,
    *,
    at: datetime,
    causes: list[PKIError],
) -> RevocationStatus | None:
    """Return the newest status that covers `at`; any that knows of a revocation by then decides."""
    covering: list[RevocationStatus] = []
    for status in statuses:
        if status.revoked_at is not None and status.revoked_at <= at:
            raise CertificateRevoked(
                subject(certificate), revoked_at=status.revoked_at, cause=status.cause
            )
        try:
            require_fresh(status, at=at)
            _require_still_listed(status, certificate)
        except RevocationInformationStale as cause:
            causes.append(cause)
        else:
            covering.append(status)
    return max(covering, key=lambda status: status.this_update, default=None)


def check_path_revocation(
    path: CertificatePath,
    *,
    data: ValidationData,
    at: datetime,
    now: datetime,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
) -> tuple[RevocationStatus, ...]:
    """Return the status of each certificate below the anchor; raises as `check_revocation`."""
    return tuple(
        check_revocation(certificate, issuer, data=data, at=at, now=now, trust=trust, fetch=fetch)
        for certificate, issuer in path.issued()
    )


def collect_validation_data(
    *path_list: CertificatePath, trust: Trust, fetch: Fetch, at: datetime
) -> ValidationData:
    """Return all that later validation of these paths needs, fetched and checked at `at`.

    For an end entity OCSP comes first, for a CA its issuer's CRL. Give the paths of the signer
    and of the time-stamping authority together.

    Raises:
        CertificateRevoked: a certificate of a path is revoked.
        RevocationUnknown: for one of them no acceptable information could be fetched.
    """
    collected = ValidationData()
    for path in path_list:
        statuses = check_path_revocation(
            path, data=collected, at=at, now=at, trust=trust, fetch=fetch
        )
        collected |= ValidationData(
            certificates=tuple(encoded(one) for one in path.certificates),
            crls=tuple(
                piece
                for one in statuses
                if one.source == "crl"
                for piece in (one.information, one.delta)
                if piece
            ),
            ocsps=tuple(one.information for one in statuses if one.source == "ocsp"),
        )
    return collected


@dataclass(frozen=True)
class RecordingFetch:
    """A `Fetch` before another one that keeps what came, for a second reading of the same file."""

    fetch: Fetch
    _crls: list[bytes] = field(default_factory=list, repr=False)
    _ocsps: list[bytes] = field(default_factory=list, repr=False)

    def __call__(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        """Return the answer; raises `Unreachable` as `fetch` does."""
        content = self.fetch(url, body, content_type)
        (self._ocsps if content_type == OCSP_REQUEST_TYPE else self._crls).append(content)
        return content

    @property
    def data(self) -> ValidationData:
        """All that came so far, unread: whoever uses it checks it."""
        return ValidationData(crls=tuple(self._crls), ocsps=tuple(self._ocsps)) | ValidationData()


def _read_all(
    data: ValidationData,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    complete: list[RevocationStatus] = []
    for response in data.ocsps:
        try:
            yield read_ocsp(response, certificate, issuer, now=now)
        except RevocationInformationInvalid as cause:
            causes.append(cause)
    deltas: list[bytes] = []
    for crl in data.crls:
        try:
            if is_delta(crl):
                deltas.append(crl)
            else:
                complete.append(read_crl(crl, certificate, issuer, now=now))
        except RevocationInformationInvalid as cause:
            causes.append(cause)
    for status in complete:
        newer = _with_deltas(status, deltas, certificate, issuer, now=now, causes=causes)
        yield max(newer, key=lambda one: one.this_update, default=status)


def _with_deltas(
    status: RevocationStatus,
    deltas: Sequence[bytes],
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    for delta in deltas:
        try:
            yield read_delta_crl(delta, status, certificate, issuer, now=now)
        except RevocationInformationInvalid as cause:
            causes.append(cause)


def _fetch_all(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    trust: Trust,
    fetch: Fetch,
    *,
    now: datetime,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    """Yield the first status that can be fetched: OCSP first for an end entity, CRL for a CA."""
    is_ca = paths.is_certificate_authority(certificate)
    for read in (_fetch_crl, _fetch_ocsp) if is_ca else (_fetch_ocsp, _fetch_crl):
        try:
            yield read(certificate, issuer, trust=trust, fetch=fetch, now=now)
        except (RevocationInformationInvalid, Unreachable) as cause:
            causes.append(cause)
        else:
            return


def _fetch_ocsp(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    trust: Trust,
    fetch: Fetch,
    now: datetime,
) -> RevocationStatus:
    url = _allowed(ocsp_urls(certificate), trust)
    response = fetch(url, ocsp_request(certificate, issuer), OCSP_REQUEST_TYPE)
    return read_ocsp(response, certificate, issuer, now=now)


def _fetch_crl(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    trust: Trust,
    fetch: Fetch,
    now: datetime,
) -> RevocationStatus:
    url = _allowed(crl_urls(certificate), trust)
    status = read_crl(fetch(url), certificate, issuer, now=now)
    try:
        url = _allowed(freshest_crl_urls(certificate, status.information), trust)
        return read_delta_crl(fetch(url), status, certificate, issuer, now=now)
    except (RevocationInformationInvalid, Unreachable):
        return status  # the complete CRL still says what it says, for as long as it is fresh


def _allowed(urls: Sequence[str], trust: Trust) -> str:
    if not urls:
        raise RevocationInformationInvalid("the certificate names no address to ask")
    refused: list[AddressNotAllowed] = []
    for url in urls:
        try:
            return trust.resolve(url)
        except AddressNotAllowed as error:
            refused.append(error)
    raise refused[0]


def _require_still_listed(status: RevocationStatus, certificate: x509.Certificate) -> None:
    if status.revoked_at is None and status.this_update > certificate.not_valid_after_utc:
        raise RevocationInformationStale(
            f"{status.source.upper()} information was made after the certificate expired"
        )

"""Whether a certificate, or any of its path, was revoked (RFC 5280 section 6.3, RFC 6960)."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Self

from cryptography import x509

from chauban_pki.authorities import NO_SUPPORT, ProvedAt, Support, never_proved
from chauban_pki.certificates import encoded, parse_certificates
from chauban_pki.crl_status import is_delta, read_crl, read_delta_crl
from chauban_pki.errors import (
    CertificateRevoked,
    PKIError,
    RevocationInformationInvalid,
    RevocationInformationStale,
    RevocationUnknown,
)
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE, read_ocsp, serial_numbers_in
from chauban_pki.paths import CertificatePath, subject
from chauban_pki.revocation_fetching import fetch_status
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
        both = ValidationData(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.crls + other.crls)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
        )
        return self if self == both else both  # which knows already what it holds

    @cached_property
    def parsed_certificates(self) -> tuple[x509.Certificate, ...]:
        """The certificates that can be read."""
        return parse_certificates(self.certificates)

    def ocsps_for(self, certificate: x509.Certificate) -> Iterable[bytes]:
        """Return the OCSP responses that say of which certificates they are, and of this one.

        Those that do not read come last, for `read_ocsp` to say why.
        """
        known = self._ocsps_by_number
        return (*known.get(certificate.serial_number, ()), *known.get(None, ()))

    @cached_property
    def _ocsps_by_number(self) -> Mapping[int | None, Sequence[bytes]]:
        found: dict[int | None, list[bytes]] = {}
        for response in dict.fromkeys(self.ocsps):
            numbers = serial_numbers_in(response)
            for number in (None,) if numbers is None else numbers:
                found.setdefault(number, []).append(response)
        return found

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
    support: Support = NO_SUPPORT,
) -> RevocationStatus:
    """Return the status, good at `at`, from data at hand or, with fetch, from the network.

    `at` is the moment that counts (of the signature), `now` the moment of asking. A revocation
    after `at` does not undo what was signed before (Thông tư 41/2017/TT-BTTTT: valid when the
    certificate was valid at signing time). The status of an expired certificate is not taken
    from information made after its end: it may have been dropped there. What the issuer signed
    with another of its keys counts if support leads from that key to the same anchor, and
    nothing says that it was revoked.

    Raises:
        CertificateRevoked: it was revoked at or before `at`.
        RevocationUnknown: nothing acceptable was found; `causes` says why not.
    """
    causes: list[PKIError] = []
    in_force = partial(
        _of_keys_in_force,
        data=data,
        now=now,
        trust=trust,
        fetch=fetch,
        support=support.one_level_up(),
        causes=causes,
    )
    at_hand = _read_all(data, certificate, issuer, now=now, support=support, causes=causes)
    status = _latest_covering(list(in_force(at_hand)), certificate, at=at, causes=causes)
    if status is None and trust is not None and fetch is not None:
        fetched = fetch_status(
            certificate, issuer, trust, fetch, now=now, support=support, causes=causes
        )
        status = _latest_covering(list(in_force(fetched)), certificate, at=at, causes=causes)
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


def _of_keys_in_force(
    statuses: Iterable[RevocationStatus],
    *,
    data: ValidationData,
    now: datetime,
    trust: Trust | None,
    fetch: Fetch | None,
    support: Support,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    """Yield what the issuer's own key signed, or another that was not revoked when it signed."""
    for status in statuses:
        try:
            if status.signed_by is not None:
                _check_other_key(
                    status, data=data, now=now, trust=trust, fetch=fetch, support=support
                )
        except (CertificateRevoked, RevocationUnknown) as cause:
            causes.append(RevocationInformationInvalid(f"the key that signed it: {cause}"))
        else:
            yield status


def _check_other_key(
    status: RevocationStatus,
    *,
    data: ValidationData,
    now: datetime,
    trust: Trust | None,
    fetch: Fetch | None,
    support: Support = NO_SUPPORT,
) -> tuple[RevocationStatus, ...]:
    """Check the path of another key of a CA's (RFC 5280 section 6.3.3 (f)).

    A certificate that the CA's older key gave the newer one is left out: only the newer one's
    own CRLs could list it (RFC 4210 section 4.4).
    """
    issued = status.signed_by.issued() if status.signed_by is not None else ()
    return tuple(
        check_revocation(
            certificate,
            issuer,
            data=data,
            at=status.this_update,
            now=now,
            trust=trust,
            fetch=fetch,
            support=support,
        )
        for certificate, issuer in issued
        if certificate.subject != certificate.issuer
    )


def check_path_revocation(
    path: CertificatePath,
    *,
    data: ValidationData,
    at: datetime,
    now: datetime,
    trust: Trust | None = None,
    fetch: Fetch | None = None,
    proved_at: ProvedAt = never_proved,
) -> tuple[RevocationStatus, ...]:
    """Return the status of each certificate below the anchor; raises as `check_revocation`.

    `proved_at` tells since when each item of data is proved to have existed.
    """
    support = _support(path, data, trust, proved_at)
    return tuple(
        check_revocation(
            certificate,
            issuer,
            data=data,
            at=at,
            now=now,
            trust=trust,
            fetch=fetch,
            support=support,
        )
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
        collected |= _gathered(path, statuses)
        collected |= _of_other_keys(path, statuses, collected, trust=trust, fetch=fetch, at=at)
    return collected


def _of_other_keys(
    path: CertificatePath,
    statuses: Sequence[RevocationStatus],
    data: ValidationData,
    *,
    trust: Trust,
    fetch: Fetch,
    at: datetime,
) -> ValidationData:
    """What proves the other keys of a path's authorities, those above them included."""
    support = _support(path, data, trust, never_proved)
    found = ValidationData()
    waiting, seen = list(statuses), set[CertificatePath]()
    while waiting:
        status = waiting.pop()
        if status.signed_by is not None and status.signed_by not in seen:
            seen.add(status.signed_by)
            of_key = _check_other_key(
                status, data=data | found, now=at, trust=trust, fetch=fetch, support=support
            )
            found |= _gathered(status.signed_by, of_key)
            waiting += of_key
    return found


def _gathered(path: CertificatePath, statuses: Sequence[RevocationStatus]) -> ValidationData:
    return ValidationData(
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


def _support(
    path: CertificatePath, data: ValidationData, trust: Trust | None, proved_at: ProvedAt
) -> Support:
    def at_hand() -> Iterable[x509.Certificate]:
        known = trust.intermediates if trust is not None else ()
        return (*path.certificates, *known, *data.parsed_certificates)

    return Support(path.anchor, at_hand, proved_at)


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
    support: Support,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    complete: list[RevocationStatus] = []
    for response in data.ocsps_for(certificate):
        try:
            yield read_ocsp(response, certificate, issuer, now=now, support=support)
        except RevocationInformationInvalid as cause:
            causes.append(cause)
    deltas: list[bytes] = []
    for crl in data.crls:
        try:
            if is_delta(crl):
                deltas.append(crl)
            else:
                complete.append(read_crl(crl, certificate, issuer, now=now, support=support))
        except RevocationInformationInvalid as cause:
            causes.append(cause)
    for status in complete:
        newer = _with_deltas(
            status, deltas, certificate, issuer, now=now, support=support, causes=causes
        )
        yield max(newer, key=lambda one: one.this_update, default=status)


def _with_deltas(
    status: RevocationStatus,
    deltas: Sequence[bytes],
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    now: datetime,
    support: Support,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    for delta in deltas:
        try:
            yield read_delta_crl(delta, status, certificate, issuer, now=now, support=support)
        except RevocationInformationInvalid as cause:
            causes.append(cause)


def _require_still_listed(status: RevocationStatus, certificate: x509.Certificate) -> None:
    if status.revoked_at is None and status.this_update > certificate.not_valid_after_utc:
        raise RevocationInformationStale(
            f"{status.source.upper()} information was made after the certificate expired"
        )

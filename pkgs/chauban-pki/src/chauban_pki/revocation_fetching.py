"""Fetching what says whether a certificate was revoked, from the addresses that trust allows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509

from chauban_pki import paths
from chauban_pki.authorities import Support
from chauban_pki.crl_status import crl_urls, freshest_crl_urls, read_crl, read_delta_crl
from chauban_pki.errors import (
    AddressNotAllowed,
    PKIError,
    RevocationInformationInvalid,
    Unreachable,
)
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE, ocsp_request, ocsp_urls, read_ocsp
from chauban_pki.revocation_status import RevocationStatus
from chauban_pki.trust import Fetch, Trust


def fetch_status(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    trust: Trust,
    fetch: Fetch,
    *,
    now: datetime,
    support: Support,
    causes: list[PKIError],
) -> Iterable[RevocationStatus]:
    """Yield the first status that can be fetched: OCSP first for an end entity, CRL for a CA."""
    is_ca = paths.is_certificate_authority(certificate)
    for read in (_fetch_crl, _fetch_ocsp) if is_ca else (_fetch_ocsp, _fetch_crl):
        try:
            yield read(certificate, issuer, trust=trust, fetch=fetch, now=now, support=support)
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
    support: Support,
) -> RevocationStatus:
    url = _allowed(ocsp_urls(certificate), trust)
    response = fetch(url, ocsp_request(certificate, issuer), OCSP_REQUEST_TYPE)
    return read_ocsp(response, certificate, issuer, now=now, support=support)


def _fetch_crl(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    trust: Trust,
    fetch: Fetch,
    now: datetime,
    support: Support,
) -> RevocationStatus:
    url = _allowed(crl_urls(certificate), trust)
    status = read_crl(fetch(url), certificate, issuer, now=now, support=support)
    try:
        url = _allowed(freshest_crl_urls(certificate, status.information), trust)
        return read_delta_crl(fetch(url), status, certificate, issuer, now=now, support=support)
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

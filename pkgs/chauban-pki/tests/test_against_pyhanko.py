"""pyHanko, another implementation, reads our tokens, CRLs, OCSP answers and paths alike."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from asn1crypto import cms as asn1
from asn1crypto import x509 as asn1_x509
from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError

from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.ocsp_status import ocsp_request


def _asn1(credential: KeyCredential) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(encoded(credential.certificate))


def test_pyhanko_accepts_our_time_stamp_tokens(authority: DemoAuthority, now: datetime):
    digest = sha256(b"data").digest()
    token = asn1.ContentInfo.load(answers.timestamper(authority, now)(digest))
    context = ValidationContext(trust_roots=[_asn1(authority.root)], moment=now)
    status = asyncio.run(validate_tst_signed_data(token["content"], context, lambda _: digest))
    assert (status["intact"], status["valid"], status["trust_problem_indic"]) == (True, True, None)
    assert status["timestamp"] == now


@pytest.mark.parametrize("is_revoked", [False, True])
@pytest.mark.parametrize("kind", ["ocsp", "crl"])
def test_pyhanko_accepts_our_paths_and_revocation_information(
    authority: DemoAuthority,
    issue_seal: Callable[[], KeyCredential],
    now: datetime,
    kind: str,
    is_revoked: bool,
):
    seal = issue_seal()
    if is_revoked:
        authority.revoke(seal.certificate.serial_number, now - timedelta(hours=1))
    request = ocsp_request(seal.certificate, authority.issuing.certificate)
    response = OCSPResponse.load(answers.ocsp_response(authority, request, now=now))
    root_crl, issuing_crl = (
        CertificateList.load(answers.crl(authority, name, now=now)) for name in ("root", "issuing")
    )
    context = ValidationContext(
        trust_roots=[_asn1(authority.root)],
        other_certs=[_asn1(authority.issuing)],
        moment=now,
        crls=[root_crl, issuing_crl] if kind == "crl" else [root_crl],
        ocsps=[response] if kind == "ocsp" else [],
        revocation_mode="hard-fail",
    )
    validator = CertificateValidator(_asn1(seal), validation_context=context)
    validation = validator.async_validate_usage({"digital_signature"})
    if is_revoked:
        with pytest.raises(RevokedError):
            asyncio.run(validation)
    else:
        assert len(list(asyncio.run(validation))) == 3

"""Changed bytes: a reader answers with an error of ours or a reading, and never else."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chauban_pki import local_plugin
from chauban_pki.certificates import certificate_role, encoded, parse_certificate, signature_scheme
from chauban_pki.cms import detached_signature
from chauban_pki.credentials import KeyCredential
from chauban_pki.crl_status import read_crl
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import PKIError
from chauban_pki.ocsp_status import ocsp_request, read_ocsp
from chauban_pki.profiles import check_profile
from chauban_pki.signed_data import parse_signed_data, verify_signed_data, weakness_today
from chauban_pki.timestamps import read_timestamp_response, timestamp_request, verify_timestamp

DIGEST, NONCE = sha256(b"content").digest(), bytes(range(1, 9))
pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")
Change = Callable[[bytes], bytes]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A few bytes set, dropped or doubled, at places as a share of the length."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["set", "drop", "double", "cut"]),
                st.floats(0, 1, exclude_max=True),
                st.integers(0, 255),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        for kind, share, value in steps:
            place = int(share * len(changed))
            if kind == "set" and changed:
                changed[place] = value
            elif kind == "drop":
                del changed[place : place + 1 + value % 4]
            elif kind == "double":
                changed[place:place] = changed[place : place + 1 + value]
            elif value < 16:
                del changed[place:]
        return bytes(changed)

    return change


# `make fuzz` tries many times as many, and others each time.
TIMES = int(os.environ.get("CHAUBAN_FUZZ_TIMES", "1"))
many = settings(
    max_examples=300 * TIMES,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def pss(person: KeyCredential) -> KeyCredential:
    return KeyCredential.of(person.key, person.certificate, person.chain, pss=True)


@many
@given(change=changes())
def test_cms(pss: KeyCredential, now: datetime, change: Change):
    cms = detached_signature(DIGEST, pss, claimed_at=now, timestamp=None)
    try:
        signed = parse_signed_data(change(cms))
        certificate = verify_signed_data(signed, digest=DIGEST, at=now)
        weakness_today(signed, certificate)
    except PKIError:
        return
    # What still verifies is signed by the same key over the same digest.
    assert certificate.public_key() == pss.certificate.public_key()


@many
@given(change=changes())
def test_certificates(person: KeyCredential, now: datetime, change: Change):
    try:
        certificate = parse_certificate(change(encoded(person.certificate)))
        signature_scheme(certificate)
    except PKIError:
        return
    certificate_role(certificate)
    check_profile(certificate, at=now)


@pytest.fixture(scope="module")
def issuing_crl(authority: DemoAuthority, now: datetime) -> bytes:
    """A CRL of the issuing CA with entries, reasons and every extension we read."""
    issuing = authority.issuing
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuing.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=1))
        .add_extension(x509.CRLNumber(7), False)
    )
    for serial_number in (1, 2**64, 2**120):
        entry = x509.RevokedCertificateBuilder(serial_number, now)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuing.key, hashes.SHA256()).public_bytes(Encoding.DER)


@many
@given(change=changes())
def test_crls(
    person: KeyCredential,
    authority: DemoAuthority,
    issuing_crl: bytes,
    now: datetime,
    change: Change,
):
    issuer = authority.issuing.certificate
    try:
        status = read_crl(change(issuing_crl), person.certificate, issuer, now=now)
    except PKIError:
        return
    assert status.revoked_at is None


@many
@given(change=changes())
def test_ocsp(person: KeyCredential, authority: DemoAuthority, now: datetime, change: Change):
    issuer = authority.issuing.certificate
    request = ocsp_request(person.certificate, issuer)
    try:
        answer = change(answers.ocsp_response(authority, request, now=now))
        status = read_ocsp(answer, person.certificate, issuer, now=now)
    except PKIError:
        return
    assert status.revoked_at is None


@many
@given(change=changes())
def test_time_stamps(authority: DemoAuthority, now: datetime, change: Change):
    response = answers.timestamp_response(authority, timestamp_request(DIGEST, NONCE), now=now)
    try:
        token = read_timestamp_response(change(response), digest=DIGEST, nonce=NONCE)
        info, _ = verify_timestamp(token, DIGEST)
    except PKIError:
        return
    assert info.time == now


@many
@given(change=changes())
def test_the_demonstrations_own_answers(authority: DemoAuthority, now: datetime, change: Change):
    """A server answers any request, with a refusal where it must."""
    assert answers.timestamp_response(
        authority, change(timestamp_request(DIGEST, NONCE)), now=now
    ).startswith(b"\x30")


@many
@given(message=st.text())
def test_answers_of_the_local_program(message: str):
    try:
        local_plugin.read_answer(message)
    except PKIError:
        return

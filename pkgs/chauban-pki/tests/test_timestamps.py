"""Time-stamps (RFC 3161): what we ask, what we accept, and what others accept of ours."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chauban_pki import der
from chauban_pki.cms import attached_signature
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import (
    PurposeNotAllowed,
    SignedDataMalformed,
    TimestampInvalid,
    TimestampOfOtherData,
    TimestampRefused,
    TimestampUnavailable,
    Unreachable,
)
from chauban_pki.oids import ID_CT_TST_INFO
from chauban_pki.reasons import Verdict
from chauban_pki.signed_data import parse_signed_data
from chauban_pki.timestamps import (
    assess_timestamp,
    http_timestamper,
    imprint_digest_name,
    read_timestamp_response,
    timestamp_info,
    timestamp_request,
    verify_timestamp,
)
from chauban_pki.trust import Fetch, Trust

DATA = "Dữ liệu".encode()
DIGEST = sha256(DATA).digest()
NONCE = bytes(range(1, 9))
OpenSSL = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def response(authority: DemoAuthority, now: datetime) -> bytes:
    request = timestamp_request(DIGEST, NONCE)
    return answers.timestamp_response(authority, request, now=now)


@pytest.fixture(scope="module")
def token(response: bytes) -> bytes:
    return read_timestamp_response(response, digest=DIGEST, nonce=NONCE)


def test_the_request_asks_for_nonce_and_certificate():
    # RFC 3161 section 2.4.1
    request = tsp.TimeStampReq.load(timestamp_request(DIGEST, NONCE), strict=True)
    assert request["message_imprint"]["hashed_message"].native == DIGEST
    assert request["nonce"].native == int.from_bytes(NONCE, "big")
    assert request["cert_req"].native is True
    assert request.dump(force=True) == timestamp_request(DIGEST, NONCE)


def test_openssl_accepts_our_tokens(
    authority: DemoAuthority, response: bytes, openssl: OpenSSL, tmp_path: Path
):
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "answer.tsr").write_bytes(response)
    (tmp_path / "query.tsq").write_bytes(timestamp_request(DIGEST, NONCE))
    root = authority.folder / "root.pem"
    for against in (("-data", tmp_path / "data"), ("-queryfile", tmp_path / "query.tsq")):
        verified = openssl(
            "ts", "-verify", *against, "-in", tmp_path / "answer.tsr", "-CAfile", root
        )
        assert "Verification: OK" in verified.stdout, verified.stderr
    (tmp_path / "data").write_bytes(DATA + b".")
    verified = openssl(
        *("ts", "-verify", "-data", tmp_path / "data"),
        *("-in", tmp_path / "answer.tsr", "-CAfile", root),
    )
    assert "Verification: OK" not in verified.stdout


def test_the_demonstration_authority_answers_openssls_requests(
    authority: DemoAuthority, now: datetime, openssl: OpenSSL, tmp_path: Path
):
    (tmp_path / "data").write_bytes(DATA)
    for options in (("-sha256", "-cert"), ("-sha512", "-cert"), ("-sha256", "-no_nonce", "-cert")):
        query = tmp_path / "query.tsq"
        asked = openssl("ts", "-query", "-data", tmp_path / "data", *options, "-out", query)
        assert asked.returncode == 0, asked.stderr
        answer = answers.timestamp_response(authority, query.read_bytes(), now=now)
        (tmp_path / "answer.tsr").write_bytes(answer)
        verified = openssl(
            *("ts", "-verify", "-queryfile", query, "-in", tmp_path / "answer.tsr"),
            *("-CAfile", authority.folder / "root.pem"),
        )
        assert "Verification: OK" in verified.stdout, verified.stderr


def test_we_accept_the_answers_of_openssls_authority(
    authority: DemoAuthority, trust: Trust, fetch: Fetch, tmp_path: Path,
):  # fmt: skip
    """OpenSSL's own TSA signs with the demonstration TSA's key."""
    key = authority.tsa.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "tsa.key").write_bytes(key)
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = one\n[one]\nserial = serial\ncrypto_device = builtin\n"
        f"signer_cert = {authority.folder / 'tsa.pem'}\n"
        f"certs = {authority.folder / 'issuing.pem'}\n"
        "signer_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\n"
        "digests = sha256\naccuracy = secs:1\nordering = no\ntsa_name = yes\n"
        "ess_cert_id_chain = no\ness_cert_id_alg = sha256\n"
    )
    (tmp_path / "query.tsq").write_bytes(timestamp_request(DIGEST, NONCE))
    command = "openssl ts -reply -config tsa.cnf -section one -queryfile query.tsq -out answer.tsr"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, timeout=60)
    answer = (tmp_path / "answer.tsr").read_bytes()
    token = read_timestamp_response(answer, digest=DIGEST, nonce=NONCE)
    # OpenSSL reads the machine's clock: ask what time it is only after it has answered.
    answered = datetime.now(UTC)
    report = assess_timestamp(token, DIGEST, trust=trust, at=answered, fetch=fetch)
    assert (report.verdict, report.reasons) == (Verdict.TOTAL_PASSED, ())
    assert report.time is not None
    assert abs(report.time - answered) < timedelta(minutes=10)


def test_time_keeps_its_fraction_of_a_second(authority: DemoAuthority):
    # RFC 3161 section 2.4.2: fractions without trailing zeros.
    for microsecond, text in ((0, b"20261123010203Z"), (120_000, b"20261123010203.12Z")):
        moment = datetime(2026, 11, 23, 1, 2, 3, microsecond, tzinfo=UTC)
        token = answers.timestamper(authority, moment)(DIGEST)
        assert text in token
        assert verify_timestamp(token, DIGEST)[0].time == moment


def test_a_token_for_other_data_is_refused(token: bytes, response: bytes):
    verify_timestamp(token, DIGEST)
    other = sha256(DATA + b".").digest()
    with pytest.raises(TimestampOfOtherData):
        verify_timestamp(token, other)
    with pytest.raises(TimestampInvalid):
        read_timestamp_response(response, digest=other, nonce=NONCE)


def test_the_imprints_digest_is_named(authority: DemoAuthority, now: datetime, token: bytes):
    assert imprint_digest_name(token) == "sha256"
    imprint = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha512"},
                "hashed_message": sha512(DATA).digest(),
            },
            "cert_req": True,
        }
    )
    answer = answers.timestamp_response(authority, imprint.dump(), now=now)
    long_token = tsp.TimeStampResp.load(answer)["time_stamp_token"].dump()
    assert imprint_digest_name(long_token) == "sha512"
    verify_timestamp(long_token, sha512(DATA).digest())


def test_another_nonce_is_refused(response: bytes):
    # A replayed answer: the same digest, asked at another time.
    with pytest.raises(TimestampInvalid, match="nonce"):
        read_timestamp_response(response, digest=DIGEST, nonce=bytes(range(2, 10)))


def test_a_token_not_signed_by_a_time_stamping_authority_is_refused(
    authority: DemoAuthority, person, token: bytes
):
    info = tsp.ContentInfo.load(token)["content"]["encap_content_info"]["content"].contents
    forged = attached_signature(info, person, content_type=ID_CT_TST_INFO, claimed_at=None)
    genuine = attached_signature(info, authority.tsa, content_type=ID_CT_TST_INFO, claimed_at=None)
    verify_timestamp(genuine, DIGEST)
    with pytest.raises(PurposeNotAllowed):
        verify_timestamp(forged, DIGEST)


def test_signed_data_that_is_no_token_is_refused(authority: DemoAuthority):
    cms = attached_signature(
        DATA, authority.tsa, content_type="1.2.840.113549.1.7.1", claimed_at=None
    )
    with pytest.raises(SignedDataMalformed):
        verify_timestamp(cms, DIGEST)
    broken = attached_signature(DATA, authority.tsa, content_type=ID_CT_TST_INFO, claimed_at=None)
    with pytest.raises(SignedDataMalformed):
        verify_timestamp(broken, DIGEST)


def test_a_refusal_is_told_with_its_status():
    rejection = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, der.encode_integer(2)))
    with pytest.raises(TimestampRefused):
        read_timestamp_response(rejection, digest=DIGEST, nonce=NONCE)
    granted_nothing = rejection.replace(b"\x02\x01\x02", b"\x02\x01\x00")
    with pytest.raises(TimestampInvalid):
        read_timestamp_response(granted_nothing, digest=DIGEST, nonce=NONCE)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x30\x00", b"\x30\x02\x30\x00"])
def test_an_answer_that_is_none_is_refused(answer: bytes):
    timestamp = http_timestamper("http://tsa", post=lambda url, body, kind: answer)
    with pytest.raises(TimestampInvalid):
        timestamp(DIGEST)


def test_a_status_of_a_thousand_digits_is_no_status():
    """RFC 3161 section 2.4.2. Found by fuzzing: Python prints no number of so many digits."""
    status = der.encode(der.SEQUENCE, der.encode(der.INTEGER, b"\x01" * 2000))
    with pytest.raises(TimestampInvalid):
        read_timestamp_response(der.encode(der.SEQUENCE, status), digest=DIGEST, nonce=NONCE)


@pytest.mark.parametrize("failure", [Unreachable("http://tsa", "timeout"), ConnectionError("down")])
def test_an_authority_out_of_reach_leaves_the_time_stamp_unavailable(failure: Exception):
    def post(url: str, body: bytes, content_type: str) -> bytes:
        raise failure

    with pytest.raises(TimestampUnavailable):
        http_timestamper("http://tsa", post=post)(DIGEST)


def test_an_http_time_stamper_asks_anew_each_time(authority: DemoAuthority, now: datetime):
    asked: list[tuple[str, bytes, str]] = []

    def post(url: str, body: bytes, content_type: str) -> bytes:
        asked.append((url, body, content_type))
        return answers.timestamp_response(authority, body, now=now)

    timestamp = http_timestamper("http://tsa", post=post)
    tokens = [timestamp(DIGEST), timestamp(DIGEST)]
    assert {(url, kind) for url, _, kind in asked} == {
        ("http://tsa", "application/timestamp-query")
    }
    nonces = [timestamp_info(parse_signed_data(token)).nonce for token in tokens]
    assert nonces[0] != nonces[1]
    replayed = answers.timestamp_response(authority, asked[0][1], now=now)
    with pytest.raises(TimestampInvalid, match="nonce"):
        http_timestamper("http://tsa", post=lambda *_: replayed)(DIGEST)


def test_a_trusted_current_token_proves_its_time(
    token: bytes, trust: Trust, fetch: Fetch, now: datetime
):
    report = assess_timestamp(token, DIGEST, trust=trust, at=now, fetch=fetch)
    assert (report.verdict, report.time, report.reasons) == (Verdict.TOTAL_PASSED, now, ())
    assert report.path is not None


@pytest.mark.parametrize(
    ("wrong", "code", "verdict"),
    [
        ("digest", "timestamp-of-other-data", Verdict.TOTAL_FAILED),
        ("bytes", "signed-data-malformed", Verdict.TOTAL_FAILED),
        ("trust", "untrusted-anchor", Verdict.INDETERMINATE),
        ("fetch", "revocation-unknown", Verdict.INDETERMINATE),
        ("at", "certificate-expired", Verdict.INDETERMINATE),
    ],
)
def test_a_token_that_proves_nothing_says_why(
    token: bytes, trust: Trust, fetch: Fetch, now: datetime, wrong: str, code: str, verdict: Verdict
):
    report = assess_timestamp(
        token[:-1] if wrong == "bytes" else token,
        bytes(32) if wrong == "digest" else DIGEST,
        trust=Trust() if wrong == "trust" else trust,
        at=now + timedelta(days=365 * 30) if wrong == "at" else now,
        fetch=None if wrong == "fetch" else fetch,
    )
    assert (report.verdict, [reason.code for reason in report.reasons]) == (verdict, [code])

"""What an assessment says of single signatures: CMS, certificate, revocation, time.

RFC 5652 section 5; RFC 5035; ETSI EN 319 142-1 clause 6.3; ETSI EN 319 102-1 clause 5.2.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chauban_pades import Report, add_validation_data, assess, sign_pending
from chauban_pades.collecting import validation_data_of
from chauban_pki import der, oids
from chauban_pki.certificates import encoded as certificate_bytes
from chauban_pki.certificates import issuer_of
from chauban_pki.cms import add_signature_timestamp
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.answers import crl, ocsp_response, timestamper
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import PKIError
from chauban_pki.reasons import Verdict
from chauban_pki.signed_data import parse_signed_data, without_padding
from chauban_pki.trust import Fetch, Trust

PASSWORD = "-"


def gap_of(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal string of the last signature begins and ends."""
    at = pdf.rindex(b"/ByteRange [")
    _, start, end, _ = (int(n) for n in pdf[at + 12 : pdf.index(b"]", at)].split())
    return start, end


def with_cms(pdf: bytes, encoded: bytes) -> bytes:
    """The PDF with another CMS in its last signature's gap."""
    start, end = gap_of(pdf)
    text = encoded.hex().encode().ljust(end - start - 2, b"0")
    assert len(text) == end - start - 2
    return pdf[: start + 1] + text + pdf[end - 1 :]


def cms_of(pdf: bytes) -> bytes:
    start, end = gap_of(pdf)
    return without_padding(bytes.fromhex(pdf[start + 1 : end - 1].decode()))


def digest_of(pdf: bytes) -> bytes:
    start, end = gap_of(pdf)
    return sha256(pdf[:start] + pdf[end:]).digest()


SHA256 = der.encode(der.SEQUENCE, der.encode_oid("2.16.840.1.101.3.4.2.1"))
SHA1 = der.encode(der.SEQUENCE, der.encode_oid("1.3.14.3.2.26"))
RSA_SHA1 = der.encode(der.SEQUENCE, der.encode_oid("1.2.840.113549.1.1.5"))
RSA_SHA256 = der.encode(der.SEQUENCE, der.encode_oid("1.2.840.113549.1.1.11"))
DATA, TST_INFO = oids.ID_DATA, oids.ID_CT_TST_INFO


def made_by_hand(
    credential: KeyCredential,
    digest: bytes,
    *,
    signed_type: str = DATA,
    content_type: str = DATA,
    names_certificate: bool = True,
    bound: bytes | None = None,
    content: bytes | None = None,
    signers: int = 1,
    digests: int = 1,
    hashed_with: bytes = SHA256,
    signed_with: bytes = RSA_SHA256,
    sign: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """A CMS signature (RFC 5652 section 5.1); each keyword departs from the rule in one thing."""
    encoded = certificate_bytes(credential.certificate)
    octets = partial(der.encode, der.OCTET_STRING)
    sequence, collection = partial(der.encode, der.SEQUENCE), partial(der.encode, der.SET)

    def attribute(name: str, *values: bytes) -> bytes:
        return sequence(der.encode_oid(name), collection(*values))

    attributes = [attribute(oids.ID_CONTENT_TYPE, der.encode_oid(signed_type))]
    attributes += [attribute(oids.ID_MESSAGE_DIGEST, octets(digest))] * digests
    if names_certificate:
        essence = sequence(octets(sha256(bound or encoded).digest()))
        named = sequence(sequence(essence))
        attributes.append(attribute(oids.ID_AA_SIGNING_CERTIFICATE_V2, named))
    signed = b"".join(sorted(attributes))
    info = sequence(
        der.encode_integer(1),
        sequence(
            issuer_of(credential.certificate),
            der.encode_integer(credential.certificate.serial_number),
        ),
        hashed_with,
        der.encode(0xA0, signed),
        signed_with,
        octets((sign or credential.sign)(collection(signed))),
    )
    enclosed = [] if content is None else [der.encode(0xA0, octets(content))]
    signed_data = sequence(
        der.encode_integer(1),
        collection(hashed_with),
        sequence(der.encode_oid(content_type), *enclosed),
        der.encode(0xA0, encoded, *map(certificate_bytes, credential.chain)),
        collection(*[info] * signers),
    )
    return sequence(der.encode_oid(oids.ID_SIGNED_DATA), der.encode(0xA0, signed_data))


Assessed = Callable[..., Report]


@pytest.fixture
def crafted(
    reserved: bytes, signatory: KeyCredential, trust: Trust, now: datetime, fetch: Fetch
) -> Assessed:
    """Assesses a letter whose signatory's CMS is made by hand."""
    pdf = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)

    def made(
        change: Callable[[bytes], bytes] = bytes, digest: bytes | None = None, **how: Any
    ) -> Report:
        encoded = made_by_hand(signatory, digest or digest_of(pdf), **how)
        return assess(with_cms(pdf, change(encoded)), trust=trust, at=now, fetch=fetch)

    return made


def reasons(report: Report) -> list[str]:
    return [one.code for one in report.signatures[0].reasons]


def test_a_plain_cms_signature_made_by_hand_passes(crafted: Assessed) -> None:
    report = crafted()
    assert (report.document, reasons(report)) == ("no-seal", [])
    assert report.signatures[0].level == "B-B"


@pytest.mark.parametrize(
    ("how", "code", "document"),
    [
        ({"signers": 2}, "signer-count-wrong", "invalid"),
        ({"signers": 0}, "signer-count-wrong", "invalid"),
        ({"signed_type": TST_INFO}, "signed-data-malformed", "invalid"),
        (
            {"signed_type": TST_INFO, "content_type": TST_INFO},
            "content-type-wrong",
            "invalid",
        ),
        ({"content": b"enclosed"}, "content-type-wrong", "invalid"),
        ({"names_certificate": False}, "signing-certificate-missing", "invalid"),
        ({"bound": b"another"}, "signing-certificate-mismatch", "invalid"),
        ({"digests": 2}, "signed-data-malformed", "invalid"),
        ({"digest": bytes(32)}, "digest-mismatch", "altered"),
        ({"hashed_with": SHA1}, "weak-signature-algorithm", "not-enough-evidence"),
        ({"change": lambda made: made[:-4] + b"\0\0\0\0"}, "signature-mismatch", "invalid"),
        ({"change": lambda made: made[:40]}, "signed-data-malformed", "invalid"),
        ({"change": lambda made: made + b"\1"}, "signed-data-malformed", "invalid"),
        (
            {"change": lambda made: b"\x30\x80" + made[4:] + b"\0\0\1"},
            "signed-data-malformed",
            "invalid",
        ),
        ({"change": lambda made: b"\x30\x80" * 200}, "signed-data-malformed", "invalid"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_cms_signature_that_departs_in_one_thing_is_refused(
    crafted: Assessed, how: dict[str, Any], code: str, document: str
) -> None:
    report = crafted(**how)
    assert reasons(report) == [code]
    assert report.document == document
    assert report.verdict is not Verdict.TOTAL_PASSED


def test_a_signature_wrapped_in_indefinite_lengths_is_read(crafted: Assessed) -> None:
    """ITU-T X.690 clause 8.1.3.6: some Java programs write BER where DER is asked for."""
    report = crafted(change=lambda made: b"\x30\x80" + made[4:] + b"\0\0")
    assert (report.document, reasons(report)) == ("no-seal", [])


# Certificates and time


@pytest.fixture(scope="module")
def authority_of_time(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> DemoAuthority:
    """An authority of its own, for certificates that are revoked or end soon."""
    folder: Path = tmp_path_factory.mktemp("time") / "demo"
    return DemoAuthority.create(folder, now - timedelta(days=60))


Signed = Callable[..., Report]


@pytest.fixture
def in_time(authority_of_time: DemoAuthority, reserved: bytes, now: datetime) -> Signed:
    """Signs with a certificate of its own and assesses; times are days from now."""
    authority = authority_of_time
    trust = authority.trust("http://127.0.0.1:1")

    def fetch_at(moment: datetime) -> Fetch:
        def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
            if body is not None:
                return ocsp_response(authority, body, now=moment)
            return crl(authority, "root" if url.endswith("root.crl") else "issuing", now=moment)

        return fetch

    def assessed(
        *,
        valid: tuple[float, float] = (-10, 300),
        signed: float = 0,
        stamped: float | None = 0,
        revoked: float | None = None,
        asked: float = 0,
    ) -> Report:
        def day(number: float) -> datetime:
            return now + timedelta(days=number)

        keystore = authority.issue_person(
            "Trần Thị Lan",
            "Chánh Văn phòng",
            "Văn phòng",
            password=PASSWORD,
            valid_from=day(valid[0]),
            valid_to=day(valid[1]),
            key="p256",
        )
        credential = KeyCredential.load(keystore, PASSWORD)
        if revoked is not None:
            authority.revoke(credential.certificate.serial_number, day(revoked))
        at = max(day(signed), day(valid[0]))
        pdf = sign_pending(
            reserved, field="signatory-1", credential=credential, now=min(at, day(valid[1]))
        )
        if stamped is not None:
            signed_data = parse_signed_data(cms_of(pdf))
            token = timestamper(authority, day(stamped))(sha256(signed_data.signature).digest())
            pdf = with_cms(pdf, add_signature_timestamp(cms_of(pdf), token))
        with suppress(PKIError):  # what can be kept on the day of signing is kept
            data = validation_data_of(pdf, trust=trust, fetch=fetch_at(now), at=now)
            pdf = add_validation_data(pdf, data=data)
        return assess(pdf, trust=trust, at=day(asked), fetch=fetch_at(day(asked)))

    return assessed


@pytest.mark.parametrize(
    ("when", "verdict", "codes"),
    [
        ({}, Verdict.TOTAL_PASSED, []),
        # Valid when signed, as the time-stamp proves: what comes later does not undo it.
        ({"valid": (-10, 5), "asked": 20}, Verdict.TOTAL_PASSED, []),
        ({"revoked": 5, "asked": 20}, Verdict.TOTAL_PASSED, []),
        # The time-stamp proves that it was not valid.
        ({"valid": (-10, -5)}, Verdict.TOTAL_FAILED, ["certificate-expired"]),
        ({"valid": (5, 300)}, Verdict.TOTAL_FAILED, ["certificate-not-yet-valid"]),
        ({"revoked": -5}, Verdict.TOTAL_FAILED, ["certificate-revoked"]),
        # Without a time-stamp nothing proves when it was made.
        ({"valid": (-10, 5), "stamped": None, "asked": 20}, Verdict.INDETERMINATE,
         ["certificate-expired"]),
        ({"valid": (5, 300), "stamped": None}, Verdict.INDETERMINATE,
         ["certificate-not-yet-valid"]),
        ({"revoked": -5, "stamped": None}, Verdict.INDETERMINATE, ["certificate-revoked"]),
    ],
)  # fmt: skip
def test_a_signature_is_judged_at_its_proved_time(
    in_time: Signed, when: dict[str, Any], verdict: Verdict, codes: Sequence[str]
) -> None:
    """Thông tư 41/2017/TT-BTTTT; ETSI EN 319 102-1 clauses 5.2.6 and 5.5."""
    (signature,) = in_time(**when).signatures
    assert [one.code for one in signature.reasons] == list(codes)
    assert signature.verdict is verdict


def test_a_time_stamp_over_something_else_proves_nothing(
    reserved: bytes,
    signatory: KeyCredential,
    authority: DemoAuthority,
    trust: Trust,
    now: datetime,
    fetch: Fetch,
) -> None:
    """RFC 3161 section 2.4.2: the message imprint is that of the signature value."""
    pdf = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)
    token = timestamper(authority, now)(sha256(b"another signature").digest())
    stamped = with_cms(pdf, add_signature_timestamp(cms_of(pdf), token))
    (signature,) = assess(stamped, trust=trust, at=now, fetch=fetch).signatures
    assert signature.verdict is Verdict.INDETERMINATE
    assert (signature.level, signature.is_time_proved) == ("B-B", False)
    assert len(signature.reasons) == 1


@pytest.mark.parametrize("stamped", [True, False])
def test_what_was_strong_when_it_was_stamped_still_counts(
    reserved: bytes, tmp_path: Path, now: datetime, stamped: bool
) -> None:
    """The Government CA signed with SHA-1 until about 2017 to 2019: valid then, weak now.

    ETSI EN 319 102-1 clause 5.2.8; Thông tư 15/2025/TT-BKHCN.
    """
    then = datetime(2018, 6, 1, tzinfo=UTC)
    authority = DemoAuthority.create(tmp_path / "demo", then)
    credential = KeyCredential.load(
        authority.issue_person(
            "Trần Thị Lan",
            "Chánh Văn phòng",
            "Văn phòng",
            password=PASSWORD,
            valid_from=then,
            valid_to=then + timedelta(days=365),
        ),
        PASSWORD,
    )
    key = credential.key
    assert isinstance(key, rsa.RSAPrivateKey)
    pdf = sign_pending(reserved, field="signatory-1", credential=credential, now=then)
    start, end = gap_of(pdf)
    encoded = made_by_hand(
        credential,
        sha1(pdf[:start] + pdf[end:]).digest(),
        hashed_with=SHA1,
        signed_with=RSA_SHA1,
        sign=lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA1()),
    )
    if stamped:
        value = parse_signed_data(encoded).signature
        token = timestamper(authority, then)(sha256(value).digest())
        encoded = add_signature_timestamp(encoded, token)
    pdf = with_cms(pdf, encoded)

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        if body is not None:
            return ocsp_response(authority, body, now=then)
        return crl(authority, "root" if url.endswith("root.crl") else "issuing", now=then)

    trust = authority.trust("http://127.0.0.1:1")
    (signature,) = assess(pdf, trust=trust, at=now, fetch=fetch).signatures
    if stamped:
        assert signature.verdict is Verdict.TOTAL_PASSED
        assert [one.code for one in signature.reasons] == ["weak-then"]
    else:
        assert signature.verdict is Verdict.INDETERMINATE
        assert [one.code for one in signature.reasons] == ["weak-signature-algorithm"]

"""Every algorithm we sign with: others verify it, sizes fit, one change and it is refused."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import new as new_digest
from hashlib import sha1
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from asn1crypto import cms as asn1
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext

from chauban_pki import algorithms, der, strength
from chauban_pki.algorithms import Scheme, read_scheme, verify_signature
from chauban_pki.certificates import encoded
from chauban_pki.cms import detached_signature, signed_data_size
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority, KeyKind
from chauban_pki.errors import (
    SignatureAlgorithmConflict,
    SignatureMismatch,
    WeakAlgorithm,
    WeakSignatureAlgorithm,
    WrongDigestLength,
)
from chauban_pki.ocsp_status import ocsp_request
from chauban_pki.paths import CertificatePath, build_path, require_issued_by
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.signed_data import parse_signed_data, verify_signed_data, weakness_today
from chauban_pki.trust import Trust

CONTENT = "Kính gửi: Sở Nội vụ".encode()
PASSWORD = "mật khẩu"
OpenSSL = Callable[..., CompletedProcess[str]]
# RSA keys of 4096 bits take a second to make: once, on one worker.
pytestmark = pytest.mark.xdist_group("algorithms")
KINDS: tuple[KeyKind, ...] = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521", "ed25519")


@dataclass(frozen=True)
class Case:
    kind: KeyKind
    digest: algorithms.Digest = "sha256"
    pss: bool = False

    def __str__(self) -> str:
        return f"{self.kind}-{'pss-' if self.pss else ''}{self.digest}"


CASES = [
    *(Case(kind) for kind in KINDS),
    Case("rsa2048", pss=True),
    Case("rsa3072", "sha384", pss=True),
    Case("rsa4096", "sha512", pss=True),
    Case("rsa2048", "sha384"),
    Case("rsa2048", "sha512"),
]


@pytest.fixture(scope="module")
def keystores(authority: DemoAuthority, now: datetime) -> dict[str, bytes]:
    period = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=1)}
    return {
        kind: authority.issue_seal("UBND", "H57", password=PASSWORD, key=kind, **period)
        for kind in KINDS
    }


@pytest.fixture(params=CASES, ids=str)
def credential(request: pytest.FixtureRequest, keystores: dict[str, bytes]) -> KeyCredential:
    case: Case = request.param
    return KeyCredential.load(keystores[case.kind], PASSWORD, digest=case.digest, pss=case.pss)


def _digest(credential: KeyCredential) -> bytes:
    return new_digest(credential.signature_algorithm.digest, CONTENT).digest()


def test_openssl_and_pyhanko_verify_every_algorithm(
    credential: KeyCredential,
    authority: DemoAuthority,
    now: datetime,
    openssl: OpenSSL,
    tmp_path: Path,
):
    cms = detached_signature(
        _digest(credential),
        credential,
        claimed_at=None,
        timestamp=answers.timestamper(authority, now),
    )
    _require_openssl_verifies(cms, credential, authority, openssl, tmp_path)
    roots = [asn1_x509.Certificate.load(encoded(authority.root.certificate))]
    status = asyncio.run(
        async_validate_detached_cms(
            CONTENT,
            asn1.ContentInfo.load(cms)["content"],
            signer_validation_context=ValidationContext(trust_roots=roots, moment=now),
        )
    )
    assert (status.intact, status.valid, status.trusted) == (True, True, True)


def _require_openssl_verifies(
    cms: bytes,
    credential: KeyCredential,
    authority: DemoAuthority,
    openssl: OpenSSL,
    folder: Path,
) -> None:
    """Let OpenSSL check the CMS; for Ed25519 the value over the signed attributes alone.

    OpenSSL 3.0's `cms` asks for a digest beside Ed25519 and then refuses it ("invalid digest").
    """
    root = authority.folder / "root.pem"
    if credential.signature_algorithm is not algorithms.ED25519_SHA512:
        (folder / "content").write_bytes(CONTENT)
        (folder / "content.p7s").write_bytes(cms)
        verified = openssl(
            *("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-cades"),
            *("-in", folder / "content.p7s", "-CAfile", root),
            *("-out", folder / "out", "-content", folder / "content"),
        )
        assert "Verification successful" in verified.stderr, verified.stderr
        return
    signed = parse_signed_data(cms)
    for name, certificate in (
        ("signer", credential.certificate),
        ("issuing", authority.issuing.certificate),
    ):
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "attributes").write_bytes(signed.signed_attributes)
    (folder / "value").write_bytes(signed.signature)
    verified = openssl(
        *("pkeyutl", "-verify", "-rawin", "-certin", "-inkey", folder / "signer.pem"),
        *("-in", folder / "attributes", "-sigfile", folder / "value"),
    )
    assert "Signature Verified Successfully" in verified.stdout, verified.stderr
    verified = openssl(
        *("verify", "-CAfile", root, "-untrusted", folder / "issuing.pem", folder / "signer.pem")
    )
    assert verified.returncode == 0, verified.stderr


@pytest.mark.parametrize("claims_time", [True, False])
def test_sizes_are_never_too_small_and_exact_where_values_have_one_length(
    credential: KeyCredential, claims_time: bool, now: datetime
):
    claimed_at = now if claims_time else None
    size = signed_data_size(credential, timestamped=False, claims_time=claims_time)
    lengths = {
        len(
            detached_signature(
                _digest(credential), credential, claimed_at=claimed_at, timestamp=None
            )
        )
        for _ in range(8)
    }
    assert max(lengths) <= size
    if isinstance(credential.key, ec.EllipticCurvePrivateKey):
        assert size - max(lengths) <= 6
    else:
        assert lengths == {size}


def test_the_longest_ecdsa_value_is_counted_with():
    # r and s of full length with their highest bit set need a leading zero (X.690 8.3.3).
    for algorithm, octets in (
        (algorithms.ECDSA_P256_SHA256, 32),
        (algorithms.ECDSA_P384_SHA384, 48),
        (algorithms.ECDSA_P521_SHA512, 66),
    ):
        greatest = (1 << (521 if octets == 66 else octets * 8)) - 1
        longest = der.encode(der.SEQUENCE, *2 * (der.encode_integer(greatest),))
        assert algorithm.size_bytes == len(longest)


def test_verification_returns_the_signer_and_refuses_one_changed_bit(credential: KeyCredential):
    cms = detached_signature(_digest(credential), credential, claimed_at=None, timestamp=None)
    signed = parse_signed_data(cms)
    assert verify_signed_data(signed, digest=_digest(credential)) == credential.certificate
    changed = signed.signature[:-1] + bytes((signed.signature[-1] ^ 1,))
    with pytest.raises(SignatureMismatch):
        verify_signed_data(
            parse_signed_data(cms.replace(signed.signature, changed)), digest=_digest(credential)
        )


def test_a_digest_of_another_algorithm_is_not_signed(credential: KeyCredential):
    digest = _digest(credential)
    for wrong in (digest[:-1], digest + b"\0"):
        with pytest.raises(WrongDigestLength):
            detached_signature(wrong, credential, claimed_at=None, timestamp=None)


def _data(authority: DemoAuthority, path: CertificatePath, *, now: datetime) -> ValidationData:
    request = ocsp_request(path.certificates[0], path.certificates[1])
    return ValidationData(
        crls=(answers.crl(authority, "root", now=now),),
        ocsps=(answers.ocsp_response(authority, request, now=now),),
    )


@pytest.mark.parametrize("kind", ["rsa3072", "p384", "p521", "ed25519"])
def test_a_whole_authority_of_one_kind_is_believed(
    kind: KeyKind, now: datetime, tmp_path: Path, openssl: OpenSSL
):
    """Certificates, CRLs, OCSP answers and tokens signed with that algorithm."""
    authority = DemoAuthority.create(tmp_path / "pki", now, key=kind)
    period = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=1)}
    seal = KeyCredential.load(
        authority.issue_seal("UBND", "H57", password="x", key=kind, **period), "x"
    )
    trust = authority.trust("http://127.0.0.1:1")
    path = build_path(seal.certificate, intermediates=seal.chain, trust=trust, at=now)
    statuses = check_path_revocation(
        path,
        data=_data(authority, path, now=now),
        at=now,
        now=now,
    )
    assert [status.source for status in statuses] == ["ocsp", "crl"]
    reopened = DemoAuthority.open(authority.folder)
    assert reopened.issuing.certificate == authority.issuing.certificate
    cms = detached_signature(
        _digest(seal), seal, claimed_at=now, timestamp=answers.timestamper(authority, now)
    )
    _require_openssl_verifies(cms, seal, authority, openssl, tmp_path)


# Algorithm confusion: every place that names the algorithm has to agree.


@pytest.fixture(scope="module")
def rsa_credential(keystores: dict[str, bytes]) -> KeyCredential:
    return KeyCredential.load(keystores["rsa2048"], PASSWORD)


def test_content_and_signature_are_hashed_alike(rsa_credential: KeyCredential):
    """RFC 5652 section 5.4: one digest algorithm a signer."""
    digest = _digest(rsa_credential)
    cms = detached_signature(digest, rsa_credential, claimed_at=None, timestamp=None)
    signed = parse_signed_data(cms)
    verify_signed_data(signed, digest=digest)
    with_sha512 = replace(signed, scheme=Scheme("1.2.840.113549.1.1.13"))
    with pytest.raises(SignatureAlgorithmConflict):
        verify_signed_data(with_sha512, digest=digest)


def test_pss_and_content_are_hashed_alike(keystores: dict[str, bytes]):
    """RFC 4056 section 3: digestAlgorithm is the hash that the parameters name."""
    pss = KeyCredential.load(keystores["rsa2048"], PASSWORD, pss=True)
    digest = _digest(pss)
    signed = parse_signed_data(detached_signature(digest, pss, claimed_at=None, timestamp=None))
    verify_signed_data(signed, digest=digest)
    other = replace(signed, scheme=replace(signed.scheme, digest=algorithms.SHA384_OID))
    with pytest.raises(SignatureAlgorithmConflict):
        verify_signed_data(other, digest=digest)


def test_ed25519_goes_with_sha512_alone(keystores: dict[str, bytes]):
    """RFC 8419 section 3.1."""
    ed25519 = KeyCredential.load(keystores["ed25519"], PASSWORD)
    short = _WithOtherDigest(ed25519, "sha256")
    digest = new_digest("sha256", CONTENT).digest()
    cms = detached_signature(digest, short, claimed_at=None, timestamp=None)
    with pytest.raises(SignatureAlgorithmConflict):
        verify_signed_data(parse_signed_data(cms), digest=digest)


@dataclass(frozen=True)
class _WithOtherDigest:
    """A credential that states another digest than its algorithm goes with."""

    credential: KeyCredential
    digest: str

    @property
    def certificate(self) -> x509.Certificate:
        return self.credential.certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self.credential.chain

    @property
    def signature_algorithm(self) -> algorithms.SignatureAlgorithm:
        return replace(self.credential.signature_algorithm, digest=self.digest)

    def sign(self, data: bytes) -> bytes:
        return self.credential.sign(data)


@pytest.mark.parametrize("claimed", ["1.2.840.10045.4.3.2", "1.3.101.112", "1.2.3.4"])
def test_a_signature_is_not_checked_by_another_keys_algorithm(
    rsa_credential: KeyCredential, claimed: str
):
    """An RSA key makes no ECDSA or EdDSA signatures."""
    key = rsa_credential.certificate.public_key()
    value = rsa_credential.sign(CONTENT)
    verify_signature(key, value, CONTENT, algorithm="1.2.840.113549.1.1.11")
    with pytest.raises(WeakSignatureAlgorithm):
        verify_signature(key, value, CONTENT, algorithm=claimed)


def test_pkcs1_and_pss_values_do_not_pass_for_each_other(keystores: dict[str, bytes]):
    """RFC 8017 section 8: two schemes with one key."""
    one = KeyCredential.load(keystores["rsa2048"], PASSWORD)
    pss = KeyCredential.load(keystores["rsa2048"], PASSWORD, pss=True)
    key = one.certificate.public_key()
    scheme = read_scheme(der.read_all(pss.signature_algorithm.der))
    verify_signature(key, pss.sign(CONTENT), CONTENT, algorithm=scheme.algorithm, scheme=scheme)
    with pytest.raises(SignatureMismatch):
        verify_signature(key, one.sign(CONTENT), CONTENT, algorithm=scheme.algorithm, scheme=scheme)
    with pytest.raises(SignatureMismatch):
        verify_signature(key, pss.sign(CONTENT), CONTENT, algorithm="1.2.840.113549.1.1.11")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"salt_bytes": 20}, SignatureMismatch),
        ({"salt_bytes": -1}, WeakSignatureAlgorithm),
        ({"salt_bytes": 1 << 40}, WeakSignatureAlgorithm),
        ({"mask_digest": algorithms.SHA384_OID}, SignatureMismatch),
        ({"mask_digest": algorithms.SHA1_OID}, WeakSignatureAlgorithm),
        ({"mask_digest": "1.2.3"}, WeakSignatureAlgorithm),
        ({"digest": algorithms.SHA384_OID}, SignatureMismatch),
        ({"digest": algorithms.SHA1_OID}, WeakSignatureAlgorithm),
    ],
    ids=str,
)
def test_pss_is_checked_with_the_parameters_stated(
    keystores: dict[str, bytes], changes: dict[str, object], error: type[Exception]
):
    """RFC 4055 section 3.1: nothing about the padding is guessed."""
    pss = KeyCredential.load(keystores["rsa2048"], PASSWORD, pss=True)
    scheme = replace(read_scheme(der.read_all(pss.signature_algorithm.der)), **changes)
    with pytest.raises(error):
        verify_signature(
            pss.certificate.public_key(),
            pss.sign(CONTENT),
            CONTENT,
            algorithm=scheme.algorithm,
            scheme=scheme,
        )


def test_pss_parameters_left_out_are_those_of_sha1():
    """RFC 4055 section 3.1: SHA-1, MGF1 with SHA-1, a salt of 20 bytes."""
    bare = der.encode(der.SEQUENCE, der.encode_oid(algorithms.RSASSA_PSS))
    sha1_oid = algorithms.SHA1_OID
    assert read_scheme(der.read_all(bare)) == Scheme(algorithms.RSASSA_PSS, sha1_oid, sha1_oid, 20)


@pytest.mark.parametrize(
    "parameters",
    [
        der.encode(0xA4, der.NULL.to_bytes(1, "big") + b"\0"),
        der.encode(0xA3, der.encode_integer(2)),
        der.encode(0xA1, der.encode(der.SEQUENCE, der.encode_oid("1.2.3"), b"\x30\x00")),
        der.encode(0xA0, b""),
    ],
    ids=["unknown field", "trailer", "mask function", "empty"],
)
def test_malformed_pss_parameters_are_refused(parameters: bytes):
    identifier = der.encode(
        der.SEQUENCE, der.encode_oid(algorithms.RSASSA_PSS), der.encode(der.SEQUENCE, parameters)
    )
    with pytest.raises((der.NotDER, ValueError, IndexError)):
        read_scheme(der.read_all(identifier))


# Strength by date

OLD, TODAY = datetime(2017, 6, 1, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)


def test_sha1_counted_before_2019_and_not_since():
    """EN 319 102-1 clause 5.2.8: an algorithm counts by when the signature is proved to exist."""
    key = rsa.generate_private_key(65537, 2048)
    value = key.sign(CONTENT, padding.PKCS1v15(), hashes.SHA1())
    oid = "1.2.840.113549.1.1.5"
    verify_signature(key.public_key(), value, CONTENT, algorithm=oid, at=OLD)
    for at in (None, TODAY, datetime(2019, 1, 1, tzinfo=UTC)):
        with pytest.raises(WeakSignatureAlgorithm, match="SHA-1"):
            verify_signature(key.public_key(), value, CONTENT, algorithm=oid, at=at)
    with pytest.raises(SignatureMismatch):
        verify_signature(key.public_key(), value, CONTENT + b".", algorithm=oid, at=OLD)


@pytest.mark.parametrize(
    ("bits", "at", "is_accepted"),
    [
        (1024, datetime(2013, 12, 31, tzinfo=UTC), True),
        (1024, datetime(2014, 1, 1, tzinfo=UTC), False),
        (1024, None, False),
        (2048, None, True),
    ],
)
def test_short_rsa_keys_counted_before_2014(bits: int, at: datetime | None, is_accepted: bool):
    """NIST SP 800-131A: 1024 bits disallowed after 2013."""
    key = rsa.generate_private_key(65537, bits).public_key()
    if is_accepted:
        strength.require_key(key, at=at)
    else:
        with pytest.raises(WeakSignatureAlgorithm, match=f"RSA {bits}"):
            strength.require_key(key, at=at)


@pytest.mark.parametrize("digest", ["md5", "sha224", "ripemd160"])
def test_digests_that_no_office_used_never_count(digest: str):
    with pytest.raises(WeakSignatureAlgorithm):
        strength.require_digest(digest, at=TODAY)


def test_an_old_signature_is_valid_then_and_weak_now(rsa_credential: KeyCredential):
    """Thông tư 15/2025/TT-BKHCN: signatures of the Government CA until about 2019."""
    digest = sha1(CONTENT).digest()
    signed = parse_signed_data(_signed_with_sha1(rsa_credential, digest))
    assert signed.digest_name_at(OLD) == "sha1"
    assert verify_signed_data(signed, digest=digest, at=OLD) == rsa_credential.certificate
    assert weakness_today(signed, rsa_credential.certificate) == "SHA-1"
    with pytest.raises(WeakSignatureAlgorithm, match="SHA-1"):
        verify_signed_data(signed, digest=digest)
    with pytest.raises(WeakSignatureAlgorithm, match="SHA-1"):
        _ = signed.digest_name
    strong = parse_signed_data(
        detached_signature(_digest(rsa_credential), rsa_credential, claimed_at=None, timestamp=None)
    )
    assert weakness_today(strong, rsa_credential.certificate) == ""


def _signed_with_sha1(credential: KeyCredential, digest: bytes) -> bytes:
    """A signature as programs of 2015 made it, built with asn1crypto."""
    certificate = asn1_x509.Certificate.load(encoded(credential.certificate))
    attributes = asn1.CMSAttributes(
        [
            asn1.CMSAttribute({"type": "content_type", "values": ["data"]}),
            asn1.CMSAttribute({"type": "message_digest", "values": [digest]}),
        ]
    )
    value = credential.key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA1())
    signer = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        },
        "digest_algorithm": {"algorithm": "sha1"},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
        "signature": value,
    }
    signed_data = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha1"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [certificate],
        "signer_infos": [signer],
    }
    return asn1.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump()


@pytest.fixture(scope="module")
def old_path() -> tuple[x509.Certificate, Trust]:
    """A certificate of 2015 that its CA signed with SHA-1, as OpenSSL then did."""
    keys = {name: rsa.generate_private_key(65537, 2048) for name in ("ca", "person")}
    names = {name: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in keys}

    def certificate(name: str, digest: str) -> asn1_x509.Certificate:
        key = asn1_x509.PublicKeyInfo.load(
            keys[name].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
        to_sign = asn1_x509.TbsCertificate(
            {
                "version": "v3",
                "serial_number": len(name),
                "signature": {"algorithm": f"{digest}_rsa"},
                "issuer": asn1_x509.Name.load(names["ca"].public_bytes()),
                "validity": {
                    "not_before": asn1_x509.Time({"utc_time": datetime(2015, 1, 1, tzinfo=UTC)}),
                    "not_after": asn1_x509.Time({"utc_time": datetime(2030, 1, 1, tzinfo=UTC)}),
                },
                "subject": asn1_x509.Name.load(names[name].public_bytes()),
                "subject_public_key_info": key,
                "extensions": [
                    {
                        "extn_id": "basic_constraints",
                        "critical": True,
                        "extn_value": {"ca": name == "ca"},
                    }
                ],
            }
        )
        chosen = hashes.SHA1() if digest == "sha1" else hashes.SHA256()
        value = keys["ca"].sign(to_sign.dump(), padding.PKCS1v15(), chosen)
        return asn1_x509.Certificate(
            {
                "tbs_certificate": to_sign,
                "signature_algorithm": {"algorithm": f"{digest}_rsa"},
                "signature_value": value,
            }
        )

    person, ca = (
        x509.load_der_x509_certificate(certificate(name, "sha1").dump())
        for name in ("person", "ca")
    )
    return person, Trust(signing=(ca,))


def test_a_certificate_signed_with_sha1_leads_to_its_anchor_before_2019(
    old_path: tuple[x509.Certificate, Trust],
):
    person, trust = old_path
    assert build_path(person, intermediates=(), trust=trust, at=OLD).end_entity == person
    with pytest.raises(WeakAlgorithm, match="SHA-1"):
        build_path(person, intermediates=(), trust=trust, at=TODAY)
    with pytest.raises(WeakAlgorithm, match="SHA-1"):
        require_issued_by(person, trust.signing[0])


@pytest.mark.parametrize(
    ("make", "digest", "since", "name"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "sha256", None, "RSA 2048"),
        (lambda: rsa.generate_private_key(65537, 2048), "sha1", 2019, "RSA 2048"),
        (lambda: rsa.generate_private_key(65537, 1024), "sha1", 2014, "RSA 1024"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "sha256", None, "ECDSA P-256"),
        (lambda: ec.generate_private_key(ec.SECP224R1()), "sha256", 1970, "ECDSA P-224"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "md2", 1970, "ECDSA P-256"),
    ],
    ids=lambda value: "key" if callable(value) else str(value),
)
def test_a_key_and_its_digest_are_weak_from_the_earlier_end_on(
    make: Callable[[], rsa.RSAPrivateKey], digest: str, since: int | None, name: str
):
    """Thông tư 15/2025/TT-BKHCN; ETSI TS 119 312."""
    key = make().public_key()
    ends = datetime(since, 1, 1, tzinfo=UTC) if since else None
    assert strength.weak_since(key, digest) == ends
    assert strength.key_name(key) == name

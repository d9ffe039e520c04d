"""What was good when it is proved to have existed: old algorithms, authorities revoked later.

ETSI EN 319 102-1 clauses 5.2.8 (an algorithm counts by when a thing existed) and 5.6 (past
validation); RFC 3161 section 4 (what the revocation of an authority means for its tokens).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import new as new_digest
from hashlib import sha256
from typing import Any

import pytest
from asn1crypto import cms, core, crl, ocsp, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.errors import RevocationUnknown
from chauban_pki.paths import build_path
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.timestamps import TimestampReport, assess_timestamp
from chauban_pki.trust import Trust

THEN, BEFORE_THE_END = datetime(2018, 3, 1, tzinfo=UTC), datetime(2018, 12, 31, tzinfo=UTC)
THE_END = datetime(2019, 1, 1, tzinfo=UTC)
TODAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
VALUE = b"signature value"
SHA1_ECDSA = {"algorithm": "sha1_ecdsa"}


def signed_anew(made: Any, to_be_signed: str, value: str, key: ec.EllipticCurvePrivateKey) -> Any:
    """A certificate, CRL or response with its signature made with SHA-1, as was usual then."""
    if "signature" in made[to_be_signed]._field_map:
        made[to_be_signed]["signature"] = SHA1_ECDSA
    made["signature_algorithm"] = SHA1_ECDSA
    made[value] = key.sign(made[to_be_signed].dump(force=True), ec.ECDSA(hashes.SHA1()))
    return made


def sha1_certificate(one: Any, issuer: Any) -> Any:
    loaded = asn1_x509.Certificate.load(encoded(one.certificate))
    made = signed_anew(loaded, "tbs_certificate", "signature_value", issuer.key)
    return type(one)(parse_certificate(made.dump(force=True)), one.key)


def sha1_crl(data: bytes, issuer: Any) -> bytes:
    made = crl.CertificateList.load(data)
    return signed_anew(made, "tbs_cert_list", "signature", issuer.key).dump(force=True)


def sha1_ocsp(data: bytes, responder: Any) -> bytes:
    made = ocsp.OCSPResponse.load(data)
    basic = made["response_bytes"]["response"].parsed
    again = signed_anew(basic, "tbs_response_data", "signature", responder.key)
    made["response_bytes"]["response"] = core.ParsableOctetString(again.dump(force=True))
    return made.dump(force=True)


@pytest.fixture(scope="module")
def mint_then(mint):
    def mint_one(*given: Any, **options: Any) -> Any:
        return mint(*given, valid_from=THEN - 400 * DAY, valid_to=TODAY + 400 * DAY, **options)

    return mint_one


@pytest.fixture(scope="module")
def root(mint_then):
    return mint_then("Gốc", None, ca=True)


@pytest.fixture(scope="module")
def leaf(mint_then, root):
    return mint_then("Người ký", root)


@pytest.fixture(scope="module")
def tsa(mint_then, root):
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return mint_then("TSA", root, (usage, True))


@pytest.fixture(scope="module")
def make_crl(root):
    """Makes the CRL of a day after THEN: `make_crl((certificate, revoked_at, reason), …)`."""

    def make(*revoked: tuple[Any, datetime, x509.ReasonFlags | None], made_at=THEN + DAY) -> bytes:
        builder = x509.CertificateRevocationListBuilder(
            root.certificate.subject, made_at, made_at + 7 * DAY
        )
        for one, revoked_at, reason in revoked:
            entry = x509.RevokedCertificateBuilder(one.certificate.serial_number, revoked_at)
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(root.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


@pytest.fixture(scope="module")
def answer(leaf, root):
    """Makes an OCSP response about the leaf, by the root or by a responder it named."""

    def make(responder: Any = None) -> bytes:
        builder = (
            x509_ocsp.OCSPResponseBuilder()
            .add_response(
                leaf.certificate, root.certificate, hashes.SHA1(), x509_ocsp.OCSPCertStatus.GOOD,
                THEN + DAY, THEN + 2 * DAY, None, None,
            )
            .responder_id(x509_ocsp.OCSPResponderEncoding.HASH, (responder or root).certificate)
        )  # fmt: skip
        if responder is not None:
            builder = builder.certificates([responder.certificate])
        return builder.sign((responder or root).key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


@pytest.fixture(params=["CRL", "OCSP", "OCSP responder's certificate"])
def weak_data(request, mint_then, root, make_crl, answer) -> ValidationData:
    """Revocation information about the leaf of which one part is signed with SHA-1."""
    if request.param == "CRL":
        return ValidationData(crls=(sha1_crl(make_crl(), root),))
    if request.param == "OCSP":
        return ValidationData(ocsps=(sha1_ocsp(answer(), root),))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    responder = sha1_certificate(mint_then("OCSP", root, usage), root)
    return ValidationData(ocsps=(answer(responder),))


def test_old_revocation_information_counts_where_its_age_is_proved(weak_data, leaf, root):
    trust = Trust((root.certificate,))
    path = build_path(leaf.certificate, intermediates=(), trust=trust, at=THEN)

    def status(proved_at: datetime | None):
        (found,) = check_path_revocation(
            path, data=weak_data, at=THEN, now=TODAY, proved_at=lambda item: proved_at
        )
        return found

    assert status(BEFORE_THE_END).weak == "SHA-1"
    for too_late in (None, THE_END, TODAY):
        with pytest.raises(RevocationUnknown, match="SHA-1"):
            status(too_late)


def test_a_forged_one_never_counts(mint_then, leaf, root, make_crl):
    namesake = mint_then("Gốc", None, ca=True)
    path = build_path(leaf.certificate, intermediates=(), trust=Trust((root.certificate,)), at=THEN)
    data = ValidationData(crls=(sha1_crl(make_crl(), namesake),))
    with pytest.raises(RevocationUnknown):
        check_path_revocation(path, data=data, at=THEN, now=TODAY, proved_at=lambda item: THEN)


def make_token(tsa: Any, *, imprint: str = "sha256", digest: str = "sha256") -> bytes:
    """A token of THEN over VALUE as another program makes it (RFC 3161 section 2.4.2)."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": imprint},
                "hashed_message": new_digest(imprint, VALUE).digest(),
            },
            "serial_number": 7,
            "gen_time": THEN,
        }
    )
    certificate = asn1_x509.Certificate.load(encoded(tsa.certificate))
    bound = tsp.SigningCertificateV2(
        {"certs": [{"cert_hash": sha256(encoded(tsa.certificate)).digest()}]}
    )
    content_digest = new_digest(digest, info.dump()).digest()
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [content_digest]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [bound]}),
        ]
    )
    chosen = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}[digest]
    signer = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        },
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": f"{digest}_ecdsa"},
        "signature": tsa.key.sign(attributes.dump(), ec.ECDSA(chosen)),
    }
    signed_data = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(info.dump()),
        },
        "certificates": [certificate],
        "signer_infos": [signer],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump()


Assess = Callable[..., TimestampReport]


@pytest.fixture
def assess(root, make_crl) -> Assess:
    """Assesses a token of THEN today; `at` is when a later time-stamp proves it, if any."""

    def assessed(
        token: bytes,
        *,
        at: datetime = TODAY,
        crls: tuple[bytes, ...] = (),
        imprint: str = "sha256",
        items: datetime | None = None,
    ) -> TimestampReport:
        return assess_timestamp(
            token,
            new_digest(imprint, VALUE).digest(),
            trust=Trust(timestamping=(root.certificate,)),
            at=at,
            now=TODAY,
            data=ValidationData(crls=crls or (make_crl(made_at=TODAY - DAY),)),
            proved_at=at if at < TODAY else None,
            item_proved_at=lambda item: items,
        )

    return assessed


def codes(report: TimestampReport) -> list[str]:
    return [one.code for one in report.reasons]


def test_a_strong_token_is_not_called_weak(assess, tsa):
    report = assess(make_token(tsa))
    assert (report.verdict, report.weak, report.time) == (Verdict.TOTAL_PASSED, "", THEN)


@pytest.mark.parametrize("part", ["imprint", "digest"])
def test_a_token_with_sha1_counts_where_a_later_one_proves_its_age(assess, tsa, part):
    token = make_token(tsa, **{part: "sha1"})
    imprint = "sha1" if part == "imprint" else "sha256"
    proved = assess(token, at=BEFORE_THE_END, imprint=imprint)
    assert (proved.verdict, proved.weak) == (Verdict.TOTAL_PASSED, "SHA-1")
    for too_late in (THE_END, TODAY):
        report = assess(token, at=too_late, imprint=imprint)
        assert (report.verdict, codes(report)) == (
            Verdict.INDETERMINATE,
            ["weak-signature-algorithm"],
        )


def test_an_authority_certified_with_sha1_counts_likewise(assess, tsa, root):
    token = make_token(sha1_certificate(tsa, root))
    proved = assess(token, at=BEFORE_THE_END)
    assert (proved.verdict, proved.weak) == (Verdict.TOTAL_PASSED, "SHA-1")
    assert codes(assess(token)) == ["weak-algorithm"]


def test_an_authoritys_crl_signed_with_sha1_counts_likewise(assess, tsa, root, make_crl):
    crls = (sha1_crl(make_crl(), root),)
    proved = assess(make_token(tsa), at=THEN + DAY, crls=crls, items=BEFORE_THE_END)
    assert (proved.verdict, proved.weak) == (Verdict.TOTAL_PASSED, "SHA-1")
    unproved = assess(make_token(tsa), at=THEN + DAY, crls=crls)
    assert unproved.verdict is Verdict.INDETERMINATE
    assert codes(unproved)[0] == "revocation-unknown"


REVOKED = datetime(2021, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (x509.ReasonFlags.unspecified, Verdict.TOTAL_PASSED),
        (x509.ReasonFlags.affiliation_changed, Verdict.TOTAL_PASSED),
        (x509.ReasonFlags.superseded, Verdict.TOTAL_PASSED),
        (x509.ReasonFlags.cessation_of_operation, Verdict.TOTAL_PASSED),
        (x509.ReasonFlags.key_compromise, Verdict.INDETERMINATE),
        (x509.ReasonFlags.ca_compromise, Verdict.INDETERMINATE),
        (x509.ReasonFlags.privilege_withdrawn, Verdict.INDETERMINATE),
        (x509.ReasonFlags.certificate_hold, Verdict.INDETERMINATE),
        (None, Verdict.INDETERMINATE),
    ],
    ids=str,
)
def test_tokens_outlive_an_authority_whose_key_stayed_its_own(
    assess, tsa, make_crl, reason, verdict
):
    """RFC 3161 section 4, 1; without a vouching reason REVOKED_NO_POE of EN 319 102-1."""
    crls = (make_crl((tsa, REVOKED, reason), made_at=TODAY - DAY),)
    report = assess(make_token(tsa), crls=crls)
    assert report.verdict is verdict
    assert codes(report) == ([] if verdict is Verdict.TOTAL_PASSED else ["certificate-revoked"])


@pytest.mark.parametrize("reason", [x509.ReasonFlags.key_compromise, None], ids=str)
def test_a_later_time_stamp_before_the_revocation_saves_any_token(assess, tsa, make_crl, reason):
    """EN 319 102-1 clause 5.6.2.4: its existence before the revocation is proved."""
    crls = (make_crl((tsa, REVOKED, reason), made_at=TODAY - DAY),)
    assert assess(make_token(tsa), crls=crls, at=REVOKED - DAY).verdict is Verdict.TOTAL_PASSED
    too_late = assess(make_token(tsa), crls=crls, at=REVOKED + DAY)
    assert too_late.verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("reason", [x509.ReasonFlags.superseded, x509.ReasonFlags.key_compromise])
def test_a_token_made_after_the_revocation_is_void(assess, tsa, make_crl, reason):
    crls = (make_crl((tsa, THEN - DAY, reason), made_at=TODAY - DAY),)
    report = assess(make_token(tsa), crls=crls)
    assert (report.verdict, codes(report)) == (Verdict.TOTAL_FAILED, ["certificate-revoked"])


def test_the_authoritys_issuer_has_to_stand_whatever_the_reason(mint_then, root, make_crl):
    """RFC 3161 section 4 speaks of the authority's own certificate alone."""
    between = mint_then("CA của TSA", root, ca=True)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    tsa = mint_then("TSA", between, (usage, True))
    made_at = TODAY - DAY
    of_between = x509.CertificateRevocationListBuilder(
        between.certificate.subject, made_at, made_at + 7 * DAY
    ).sign(between.key, hashes.SHA256())

    def verdict(*revoked: tuple[Any, datetime, x509.ReasonFlags]) -> Verdict:
        crls = (make_crl(*revoked, made_at=made_at), of_between.public_bytes(Encoding.DER))
        return assess_timestamp(
            make_token(tsa),
            sha256(VALUE).digest(),
            trust=Trust(timestamping=(root.certificate,)),
            at=TODAY,
            data=ValidationData((encoded(between.certificate),), crls),
        ).verdict

    assert verdict() is Verdict.TOTAL_PASSED
    revoked = (between, REVOKED, x509.ReasonFlags.superseded)
    assert verdict(revoked) is Verdict.INDETERMINATE

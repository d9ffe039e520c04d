"""Files of years with other algorithms: valid then, weak now, if something proves their age.

ETSI EN 319 102-1 clauses 5.2.8 and 5.6; Thông tư 15/2025/TT-BKHCN. The Government CA signed with
SHA-1 until about 2017 to 2019.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Any

import pytest
from asn1crypto import cms, core, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chauban_pades import Report, add_document_timestamp, add_validation_data, assess, sign
from chauban_pades.collecting import validation_data_of
from chauban_pades.detached import assess_detached
from chauban_pki.certificates import encoded
from chauban_pki.cms import add_signature_timestamp
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData
from chauban_pki.signed_data import parse_signed_data
from chauban_pki.trust import Trust

THEN = datetime(2018, 6, 1, tzinfo=UTC)
PASSWORD = "-"
SHA1_ECDSA = {"algorithm": "sha1_ecdsa"}


@dataclass(frozen=True)
class Office:
    """An office of 2018: its authority and an agency's credential, P-256."""

    authority: DemoAuthority
    credential: KeyCredential

    @property
    def trust(self) -> Trust:
        return self.authority.trust("http://127.0.0.1:1")

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        if body is not None:
            return answers.ocsp_response(self.authority, body, now=THEN)
        issuer = "root" if url.endswith("root.crl") else "issuing"
        return answers.crl(self.authority, issuer, now=THEN)

    def timestamp(self, digest: bytes) -> bytes:
        return answers.timestamper(self.authority, THEN)(digest)

    def ocsp_with_sha1(self, response: bytes) -> bytes:
        made = ocsp.OCSPResponse.load(response)
        basic = made["response_bytes"]["response"].parsed
        basic["signature_algorithm"] = SHA1_ECDSA
        basic["signature"] = self.sign_with_sha1(basic["tbs_response_data"].dump(), by="ocsp")
        made["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
        return made.dump(force=True)

    def weakened(self, ocsps: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """The signer's response, which stands first, with SHA-1; the time-stamps' as it was."""
        of_signer, *others = ocsps
        return (self.ocsp_with_sha1(of_signer), *others)

    def sign_with_sha1(self, data: bytes, *, by: str = "") -> bytes:
        key = (self.authority.ocsp if by == "ocsp" else self.credential).key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(data, ec.ECDSA(hashes.SHA1()))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    authority = DemoAuthority.create(tmp_path_factory.mktemp("2018") / "demo", THEN)
    keystore = authority.issue_person(
        "Trần Thị Lan",
        "Chánh Văn phòng",
        "Văn phòng",
        password=PASSWORD,
        valid_from=THEN,
        valid_to=THEN + timedelta(days=365),
        key="p256",
    )
    return Office(authority, KeyCredential.load(keystore, PASSWORD))


@pytest.fixture(scope="module")
def archived(office: Office, reserved: bytes) -> dict[str, bytes]:
    """A letter of 2018 whose signer's OCSP response is signed with SHA-1: at B-LT and B-LTA."""
    signed = sign(
        reserved,
        field="signatory-1",
        credential=office.credential,
        timestamp=office.timestamp,
        now=THEN,
    )
    data = validation_data_of(signed, trust=office.trust, fetch=office.fetch, at=THEN)
    weak = ValidationData(data.certificates, data.crls, office.weakened(data.ocsps))
    long_term = add_validation_data(signed, data=weak)
    return {
        "strong": add_validation_data(signed, data=data),
        "B-LT": long_term,
        "B-LTA": add_document_timestamp(long_term, timestamp=office.timestamp),
    }


@pytest.mark.parametrize(
    ("level", "verdict", "codes"),
    [
        ("strong", Verdict.TOTAL_PASSED, []),
        ("B-LTA", Verdict.TOTAL_PASSED, ["weak-then"]),
        ("B-LT", Verdict.INDETERMINATE, ["revocation-unknown"]),
    ],
)
def test_validation_data_with_sha1_count_where_a_document_time_stamp_proves_their_age(
    office: Office,
    archived: dict[str, bytes],
    now: datetime,
    level: str,
    verdict: Verdict,
    codes: list[str],
) -> None:
    (signature,) = assess(archived[level], trust=office.trust, at=now).signatures
    assert signature.verdict is verdict
    assert [one.code for one in signature.reasons][: len(codes) or None] == codes


def test_what_came_into_the_store_later_is_not_as_old(
    office: Office, archived: dict[str, bytes], reserved: bytes, now: datetime
) -> None:
    """A time-stamp proves what the store held when it was made, not what was added after."""
    signed = sign(
        reserved,
        field="signatory-1",
        credential=office.credential,
        timestamp=office.timestamp,
        now=THEN,
    )
    data = validation_data_of(signed, trust=office.trust, fetch=office.fetch, at=THEN)
    first = add_validation_data(
        signed, data=ValidationData(data.certificates, data.crls, data.ocsps[1:])
    )
    stamped = add_document_timestamp(first, timestamp=office.timestamp)
    later = ValidationData(ocsps=office.weakened(data.ocsps))
    added = add_validation_data(stamped, data=later)
    (signature,) = assess(added, trust=office.trust, at=now).signatures
    assert signature.verdict is Verdict.INDETERMINATE
    assert [one.code for one in signature.reasons][:1] == ["revocation-unknown"]


@pytest.mark.parametrize("stamped", [True, False])
def test_a_detached_signature_with_sha1_counts_where_it_was_stamped(
    office: Office, now: datetime, stamped: bool
) -> None:
    """ETSI EN 319 122-1: CAdES beside a file that is no PDF."""
    content = b"annex"
    made = _signed_with_sha1(office, content)
    if stamped:
        value = parse_signed_data(made).signature
        made = add_signature_timestamp(made, office.timestamp(sha256(value).digest()))

    def report(of: bytes) -> Report:
        return assess_detached(of, made, trust=office.trust, at=now, fetch=office.fetch)

    (signature,) = report(content).signatures
    code = "weak-then" if stamped else "weak-signature-algorithm"
    verdict = Verdict.TOTAL_PASSED if stamped else Verdict.INDETERMINATE
    assert (signature.verdict, [one.code for one in signature.reasons]) == (verdict, [code])
    if stamped:
        (changed,) = report(content + b".").signatures
        assert [one.code for one in changed.reasons] == ["digest-mismatch"]


def _signed_with_sha1(office: Office, content: bytes) -> bytes:
    """A detached signature as programs of 2015 made it."""
    certificate = asn1_x509.Certificate.load(encoded(office.credential.certificate))
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [sha1(content).digest()]}),
        ]
    )
    signer: dict[str, Any] = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        },
        "digest_algorithm": {"algorithm": "sha1"},
        "signed_attrs": attributes,
        "signature_algorithm": SHA1_ECDSA,
        "signature": office.sign_with_sha1(attributes.dump()),
    }
    issuing = asn1_x509.Certificate.load(encoded(office.authority.issuing.certificate))
    signed_data = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha1"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [certificate, issuing],
        "signer_infos": [signer],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": signed_data}).dump()

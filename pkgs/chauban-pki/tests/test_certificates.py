"""Whose signature a certificate makes, and what may be asked where."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from chauban_pki.certificates import (
    UID,
    agency_name,
    certificate_role,
    display_name,
    issuer_of,
    organ_id,
    parse_certificate,
    parse_certificates,
    title,
)
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import AddressNotAllowed, CertificateMalformed
from chauban_pki.trust import Trust

LONG_NAME = "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân thành phố Huế"


def test_the_demonstration_certificates_name_person_post_and_agency(
    person: KeyCredential, seal: KeyCredential
):
    assert certificate_role(person.certificate) == "person"
    assert display_name(person.certificate) == "Nguyễn Văn An"
    assert title(person.certificate) == "Phó Chủ tịch"
    assert agency_name(person.certificate) == "Ủy ban nhân dân thành phố Huế"
    assert certificate_role(seal.certificate) == "organisation"
    assert display_name(seal.certificate) == "Ủy ban nhân dân thành phố Huế"
    assert organ_id(seal.certificate) == "H57"
    assert (title(seal.certificate), organ_id(person.certificate)) == ("", "")


def test_a_service_is_neither_person_nor_organisation(authority: DemoAuthority, now):
    keystore = authority.issue_service(
        "Trục liên thông", password="x", valid_from=now, valid_to=now.replace(year=now.year + 1)
    )
    assert certificate_role(KeyCredential.load(keystore, "x").certificate) == "service"


def test_a_long_agency_name_stays_whole(authority: DemoAuthority, now):
    keystore = authority.issue_seal(
        LONG_NAME, "H57.1", password="x", valid_from=now, valid_to=now.replace(year=now.year + 1),
        key="p256",
    )  # fmt: skip
    certificate = KeyCredential.load(keystore, "x").certificate
    assert display_name(certificate) == LONG_NAME
    common_name = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    assert LONG_NAME.startswith(common_name.removesuffix("…"))
    assert len(common_name.encode()) <= 64


AGENCY = "Sở Nội vụ"


@pytest.mark.parametrize(
    ("attributes", "role"),
    [
        ([(NameOID.COMMON_NAME, "Nguyễn Văn An"), (UID, "CCCD:046012345678")], "person"),
        ([(NameOID.COMMON_NAME, "Nguyễn Văn An"), (NameOID.TITLE, "Giám đốc")], "person"),
        ([(NameOID.COMMON_NAME, "An"), (NameOID.SERIAL_NUMBER, "PNOVN-046012345678")], "person"),
        ([(NameOID.COMMON_NAME, "An"), (NameOID.GIVEN_NAME, "An")], "person"),
        ([(NameOID.COMMON_NAME, "Công ty"), (UID, "MST:3300123456")], "organisation"),
        ([(NameOID.COMMON_NAME, AGENCY.upper())], "organisation"),
        ([(NameOID.COMMON_NAME, "X"), (NameOID.ORGANIZATION_IDENTIFIER, "H57")], "organisation"),
        ([(NameOID.COMMON_NAME, "Nguyễn Văn An")], "unknown"),
        ([], "unknown"),
    ],
)
def test_without_a_policy_the_marks_in_the_subject_tell(mint, attributes, role: str):
    parts = [(NameOID.ORGANIZATION_NAME, AGENCY), *attributes]
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])
    assert certificate_role(mint(name, None).certificate) == role


def test_names_are_taken_as_they_are_encoded(person: KeyCredential, authority: DemoAuthority):
    assert issuer_of(person.certificate) == authority.issuing.certificate.subject.public_bytes()


def test_one_broken_certificate_does_not_hide_the_others(person: KeyCredential):
    good = person.certificate.public_bytes(Encoding.DER)
    assert parse_certificates([good[:-1], good, b"", good]) == (person.certificate,)
    for broken in (b"", good[:-1], b"\x30\x00"):
        with pytest.raises(CertificateMalformed):
            parse_certificate(broken)


def test_trust_of_pem_takes_roots_as_anchors_and_others_as_helpers(authority: DemoAuthority):
    pems = [(authority.folder / f"{name}.pem").read_bytes() for name in ("root", "issuing")]
    trust = Trust.of_pem(b"".join(pems))
    assert trust == Trust.of_pem(*pems)
    assert trust.signing == trust.timestamping == (authority.root.certificate,)
    assert trust.intermediates == (authority.issuing.certificate,)
    for broken in (b"", b"no certificate", pems[0][:-80]):
        with pytest.raises(CertificateMalformed):
            Trust.of_pem(broken)


def test_only_listed_hosts_are_asked_at_the_address_listed():
    # Design decision 19
    trust = Trust(addresses={"ocsp.chauban.invalid": "http://127.0.0.1:8081/pki/"})
    resolved = trust.resolve("http://ocsp.chauban.invalid/ocsp?a=1")
    assert resolved == "http://127.0.0.1:8081/pki/ocsp?a=1"
    for url in (
        "http://127.0.0.1/ocsp",
        "http://ocsp.chauban.invalid.example/ocsp",
        "http://ocsp.chauban.invalid@127.0.0.1/ocsp",
        "ldap://ocsp.chauban.invalid/ocsp",
        "file:///etc/passwd",
        "http://[",
        "",
    ):
        with pytest.raises(AddressNotAllowed):
            trust.resolve(url)

"""Certificate paths (RFC 5280 section 6.1): one valid path, and each way to break it."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chauban_pki import paths
from chauban_pki.algorithms import verify_signature
from chauban_pki.certificates import parse_certificate
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateSignatureInvalid,
    KeyUsageNotAllowed,
    NameNotPermitted,
    NotACertificateAuthority,
    PathTooLong,
    PurposeNotAllowed,
    UnknownCriticalExtension,
    UntrustedAnchor,
    WeakAlgorithm,
)
from chauban_pki.paths import Purpose, build_path
from chauban_pki.trust import Trust

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def _trust(root) -> Trust:
    return Trust(signing=(root.certificate,), timestamping=(root.certificate,))


def _build(leaf, *cas, root, now, purpose=Purpose.SIGNING):
    helpers = [ca.certificate for ca in cas]
    return build_path(
        leaf.certificate, intermediates=helpers, trust=_trust(root), at=now, purpose=purpose
    )


@pytest.fixture(scope="module")
def root(mint):
    return mint("Gốc", None, ca=True)


@pytest.fixture(scope="module")
def ca(mint, root):
    return mint("Trung gian", root, ca=True)


def test_a_path_leads_from_the_signer_to_the_anchor(mint, root, ca, now):
    leaf = mint("Người ký", ca)
    path = _build(leaf, ca, root=root, now=now)
    assert path.certificates == (leaf.certificate, ca.certificate, root.certificate)
    assert list(path.issued()) == [
        (leaf.certificate, ca.certificate),
        (ca.certificate, root.certificate),
    ]


def test_the_demonstration_pki_makes_valid_paths_for_each_purpose(
    authority: DemoAuthority, person: KeyCredential, trust: Trust, now
):
    for credential, purpose in (
        (person, Purpose.SIGNING),
        (authority.tsa, Purpose.TIMESTAMPING),
        (authority.ocsp, Purpose.OCSP_SIGNING),
    ):
        path = build_path(
            credential.certificate,
            intermediates=credential.chain,
            trust=trust,
            at=now,
            purpose=purpose,
        )
        assert path.anchor == authority.root.certificate


def test_an_unknown_root_is_no_anchor(mint, ca, now):
    leaf, other_root = mint("Người ký", ca), mint("Gốc khác", None, ca=True)
    with pytest.raises(UntrustedAnchor):
        _build(leaf, ca, root=other_root, now=now)


def test_a_root_of_the_same_name_and_another_key_is_no_anchor(mint, ca, now):
    leaf, namesake = mint("Người ký", ca), mint("Gốc", None, ca=True)
    with pytest.raises(CertificateSignatureInvalid):
        _build(leaf, ca, root=namesake, now=now)


def test_a_missing_intermediate_leaves_no_path(mint, root, ca, now):
    with pytest.raises(UntrustedAnchor):
        _build(mint("Người ký", ca), root=root, now=now)


def test_of_several_intermediates_of_one_name_the_right_one_is_found(mint, root, ca, now):
    leaf, namesake = mint("Người ký", ca), mint("Trung gian", root, ca=True)
    for helpers in ((ca, namesake), (namesake, ca)):
        assert ca.certificate in _build(leaf, *helpers, root=root, now=now).certificates


def test_validity_includes_its_first_and_last_second(mint, root, ca, now):
    # RFC 5280 section 4.1.2.5
    leaf = mint("Người ký", ca, valid_from=now - DAY, valid_to=now + DAY)
    for at in (now - DAY, now + DAY):
        assert _build(leaf, ca, root=root, now=at)
    with pytest.raises(CertificateNotYetValid) as not_yet:
        _build(leaf, ca, root=root, now=now - DAY - SECOND)
    with pytest.raises(CertificateExpired) as expired:
        _build(leaf, ca, root=root, now=now + DAY + SECOND)
    assert (not_yet.value.valid_from, expired.value.valid_to) == (now - DAY, now + DAY)


def test_an_intermediate_must_be_valid_too(mint, root, now):
    ca = mint("Trung gian", root, ca=True, valid_to=now - DAY)
    with pytest.raises(CertificateExpired):
        _build(mint("Người ký", ca), ca, root=root, now=now)


def test_a_signer_cannot_issue(mint, root, now):
    # RFC 5280 section 6.1.4 (k)
    no_ca = mint("Trung gian", root, ca=False)
    with pytest.raises(NotACertificateAuthority):
        _build(mint("Người ký", no_ca), no_ca, root=root, now=now)


def test_a_ca_without_key_cert_sign_cannot_issue(mint, root, ca, now):
    # RFC 5280 section 6.1.4 (n)
    usage = ca.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    signer_usage = mint("x", root).certificate.extensions.get_extension_for_class(x509.KeyUsage)
    wrong = mint("Trung gian", root, (signer_usage.value, True), ca=True)
    with pytest.raises(KeyUsageNotAllowed):
        _build(mint("Người ký", wrong), wrong, root=root, now=now)


@pytest.mark.parametrize(("path_length", "is_allowed"), [(None, True), (1, True), (0, False)])
def test_path_length_limits_the_cas_below(mint, root, now, path_length, is_allowed):
    # RFC 5280 section 6.1.4 (l), (m)
    upper = mint("Trên", root, ca=True, path_length=path_length)
    lower = mint("Dưới", upper, ca=True)
    leaf = mint("Người ký", lower)
    if is_allowed:
        assert len(_build(leaf, lower, upper, root=root, now=now).certificates) == 4
    else:
        with pytest.raises(PathTooLong):
            _build(leaf, lower, upper, root=root, now=now)


@pytest.mark.parametrize("critical", [False, True])
def test_an_unknown_extension_is_refused_only_when_critical(mint, root, ca, now, critical):
    # RFC 5280 section 4.2
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.9"), b"\x05\x00")
    leaf = mint("Người ký", ca, (unknown, critical))
    if critical:
        with pytest.raises(UnknownCriticalExtension):
            _build(leaf, ca, root=root, now=now)
    else:
        assert _build(leaf, ca, root=root, now=now)


def test_a_certificate_signed_with_sha1_is_weak(authority: DemoAuthority, trust: Trust, now):
    """The vector differs from a good certificate in its algorithm identifiers only."""
    from chauban_pki.certificates import encoded as encoded_certificate

    good = encoded_certificate(authority.tsa.certificate)
    sha256_rsa, sha1_rsa = (bytes.fromhex(f"06092a864886f70d0101{tail}") for tail in ("0b", "05"))
    weak = parse_certificate(good.replace(sha256_rsa, sha1_rsa))
    with pytest.raises(WeakAlgorithm):
        build_path(
            weak,
            intermediates=authority.tsa.chain,
            trust=trust,
            at=now,
            purpose=Purpose.TIMESTAMPING,
        )


PURPOSES = {
    "tsa": x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]),
    "ocsp": x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]),
    "mail": x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),
    "tsa and mail": x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    ),
}


@pytest.mark.parametrize(
    ("marked", "critical", "purpose", "is_allowed"),
    [
        ("mail", False, Purpose.SIGNING, True),
        ("tsa", True, Purpose.SIGNING, False),
        ("ocsp", False, Purpose.SIGNING, False),
        ("tsa", True, Purpose.TIMESTAMPING, True),
        ("tsa", False, Purpose.TIMESTAMPING, False),
        ("tsa and mail", True, Purpose.TIMESTAMPING, False),
        ("mail", True, Purpose.TIMESTAMPING, False),
        ("ocsp", False, Purpose.OCSP_SIGNING, True),
        ("mail", False, Purpose.OCSP_SIGNING, False),
    ],
)
def test_extended_key_usage_decides_the_purpose(
    mint, root, ca, now, marked, critical, purpose, is_allowed
):
    # RFC 5280 section 4.2.1.12; RFC 3161 section 2.3; RFC 6960 section 4.2.2.2
    leaf = mint("Người ký", ca, (PURPOSES[marked], critical))
    if is_allowed:
        assert _build(leaf, ca, root=root, now=now, purpose=purpose)
    else:
        with pytest.raises(PurposeNotAllowed):
            _build(leaf, ca, root=root, now=now, purpose=purpose)


def test_an_issuers_signature_is_checked_once_whatever_the_moment(mint, root, ca, now, monkeypatch):
    leaf, checked = mint("Người ký một lần", ca), []

    def verified(*arguments, **named):
        checked.append(named["at"])
        verify_signature(*arguments, **named)

    monkeypatch.setattr(paths, "verify_signature", verified)
    for at in (None, now, now + DAY):
        paths.require_issued_by(leaf.certificate, ca.certificate, at=at)
    assert checked == [None]
    with pytest.raises(CertificateSignatureInvalid):
        paths.require_issued_by(leaf.certificate, root.certificate, at=now)


def test_a_ca_key_does_not_sign_documents(mint, root, ca, now):
    # RFC 5280 section 4.2.1.3: keyCertSign and cRLSign only.
    with pytest.raises(KeyUsageNotAllowed):
        _build(ca, root=root, now=now)


def test_an_anchor_for_signing_is_none_for_time_stamps(mint, root, ca, now):
    leaf = mint("TSA", ca, (PURPOSES["tsa"], True))
    trust = Trust(signing=(root.certificate,))
    with pytest.raises(UntrustedAnchor):
        build_path(
            leaf.certificate,
            intermediates=[ca.certificate],
            trust=trust,
            at=now,
            purpose=Purpose.TIMESTAMPING,
        )


def test_a_heap_of_namesakes_ends_the_search(mint, root, now):
    # Forty CAs that all could have issued one another: 40! chains.
    heap = [mint("Trung gian", None, ca=True) for _ in range(40)]
    with pytest.raises(UntrustedAnchor):
        _build(mint("Người ký", heap[-1]), *heap, root=root, now=now)


def _directory(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


HUE = _directory((NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "Thành phố Huế"))
IN_HUE = _directory(
    (NameOID.COUNTRY_NAME, "VN"),
    (NameOID.ORGANIZATION_NAME, "THÀNH PHỐ  HUẾ"),
    (NameOID.COMMON_NAME, "Sở Nội vụ"),
)
ELSEWHERE = _directory(
    (NameOID.COUNTRY_NAME, "VN"),
    (NameOID.ORGANIZATION_NAME, "Thành phố Đà Nẵng"),
    (NameOID.COMMON_NAME, "Sở Nội vụ"),
)


@pytest.mark.parametrize(
    ("permitted", "excluded", "subject", "is_allowed"),
    [
        ([HUE], None, IN_HUE, True),
        ([HUE], None, ELSEWHERE, False),
        (None, [HUE], IN_HUE, False),
        (None, [HUE], ELSEWHERE, True),
    ],
)
def test_directory_names_stay_within_name_constraints(
    mint, root, now, permitted, excluded, subject, is_allowed
):
    # RFC 5280 section 4.2.1.10, 7.1 (case and space do not count)
    constraints = x509.NameConstraints(
        *(trees and [x509.DirectoryName(tree) for tree in trees] for trees in (permitted, excluded))
    )
    ca = mint("Trung gian", root, (constraints, True), ca=True)
    leaf = mint(subject, ca)
    if is_allowed:
        assert _build(leaf, ca, root=root, now=now)
    else:
        with pytest.raises(NameNotPermitted):
            _build(leaf, ca, root=root, now=now)


@pytest.mark.parametrize(
    ("tree", "name", "is_within"),
    [
        (x509.RFC822Name("hue.gov.vn"), x509.RFC822Name("an@hue.gov.vn"), True),
        (x509.RFC822Name("hue.gov.vn"), x509.RFC822Name("an@sub.hue.gov.vn"), False),
        (x509.RFC822Name(".hue.gov.vn"), x509.RFC822Name("an@sub.hue.gov.vn"), True),
        (x509.RFC822Name("an@hue.gov.vn"), x509.RFC822Name("bo@hue.gov.vn"), False),
        (x509.DNSName("hue.gov.vn"), x509.DNSName("www.hue.gov.vn"), True),
        (x509.DNSName("hue.gov.vn"), x509.DNSName("hue.gov.vn.example"), False),
        (x509.DNSName("hue.gov.vn"), x509.DNSName("xhue.gov.vn"), False),
        (
            x509.UniformResourceIdentifier(".gov.vn"),
            x509.UniformResourceIdentifier("https://hue.gov.vn/a"),
            True,
        ),
        (
            x509.UniformResourceIdentifier("gov.vn"),
            x509.UniformResourceIdentifier("https://hue.gov.vn/a"),
            False,
        ),
    ],
)
def test_alternative_names_stay_within_name_constraints(mint, root, now, tree, name, is_within):
    ca = mint("Trung gian", root, (x509.NameConstraints([tree], None), True), ca=True)
    without = mint("Người ký", ca)
    leaf = mint("Người ký", ca, x509.SubjectAlternativeName([name]))
    assert _build(without, ca, root=root, now=now)
    if is_within:
        assert _build(leaf, ca, root=root, now=now)
    else:
        with pytest.raises(NameNotPermitted):
            _build(leaf, ca, root=root, now=now)


def test_addresses_stay_within_name_constraints(mint, root, now):
    tree = x509.IPAddress(IPv4Network("10.0.0.0/8"))
    ca = mint("Trung gian", root, (x509.NameConstraints([tree], None), True), ca=True)
    for address, is_within in (("10.1.2.3", True), ("192.0.2.1", False)):
        name = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
        leaf = mint("Máy chủ", ca, name)
        if is_within:
            assert _build(leaf, ca, root=root, now=now)
        else:
            with pytest.raises(NameNotPermitted):
                _build(leaf, ca, root=root, now=now)


def test_a_constrained_kind_of_name_that_cannot_be_compared_is_refused(mint, root, now):
    # RFC 5280 section 4.2.1.10: process the constraint or reject the certificate.
    kind = x509.RegisteredID(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"))
    ca = mint("Trung gian", root, (x509.NameConstraints(None, [kind]), True), ca=True)
    other = x509.RegisteredID(x509.ObjectIdentifier("1.3.6.1.4.1.32473.2"))
    assert _build(mint("Người ký", ca), ca, root=root, now=now)
    leaf = mint("Người ký", ca, x509.SubjectAlternativeName([other]))
    with pytest.raises(NameNotPermitted):
        _build(leaf, ca, root=root, now=now)

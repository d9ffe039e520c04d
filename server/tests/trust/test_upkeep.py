"""Anchors by purpose and day, several hierarchies side by side, certificates entered with care."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chauban.journal.models import Act
from chauban.trust.actions import end_anchor, store_anchor
from chauban.trust.anchors import current_trust
from chauban.trust.errors import (
    AnchorHasEnded,
    CertificateOfAnother,
    CertificateUnfit,
    KeyReferenceIncomplete,
)
from chauban.trust.models import Anchor, Certificate, Custody
from chauban.trust.registering import enter_certificate
from chauban.trust.strengths import weak_since
from chauban.trust.words import explain
from chauban_pades.assessing import assess
from chauban_pades.attachments import sign_attachment
from chauban_pades.collecting import validation_data_of
from chauban_pades.validation_data import add_validation_data
from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import CertificateExpired
from chauban_pki.reasons import Verdict
from tests.moments import NOW
from tests.workflow.offices import World

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NAMES = ("quốc gia", "Ban Cơ yếu", "trình diễn")
SIGNING, TIMESTAMPING = Anchor.Purpose.SIGNING, Anchor.Purpose.TIMESTAMPING


@dataclass(frozen=True)
class Hierarchy:
    authority: DemoAuthority
    file: bytes  # sealed under it, B-LT


@pytest.fixture(scope="module")
def hierarchies(tmp_path_factory, a_page):
    """Three roots with nothing in common, each with its own TSA and a file sealed under it."""
    folder = tmp_path_factory.mktemp("hierarchies")
    return {
        name: _hierarchy(DemoAuthority.create(folder / str(number), NOW - DAY), a_page)
        for number, name in enumerate(NAMES)
    }


@pytest.fixture(scope="module")
def a_page():
    import io

    import pikepdf

    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def _hierarchy(authority, page):
    p12 = authority.issue_seal(
        "Ủy ban nhân dân thành phố Huế", "H57",
        password="x", valid_from=NOW - DAY, valid_to=NOW + DAY, key="p256",
    )  # fmt: skip
    services = World(authority).at(NOW)
    signed = sign_attachment(
        page,
        credential=KeyCredential.load(p12, "x"),
        timestamp=services.timestamp,
        now=NOW,
        lines=("05/QĐ-UBND", "2026-11-23T08:00:00+07:00"),
    )
    data = validation_data_of(signed, trust=services.trust, fetch=services.fetch, at=NOW)
    return Hierarchy(authority, add_validation_data(signed, data=data))


def trusted(hierarchy, *purposes):
    return [
        store_anchor(
            hierarchy.authority.root.certificate, purpose=purpose, name="Gốc",
            valid_from=NOW.date(), officer=None, now=NOW,
        )
        for purpose in purposes
    ]  # fmt: skip


def verdict(hierarchy, at=NOW):
    (signature,) = assess(hierarchy.file, trust=current_trust(at), at=at).signatures
    return signature.verdict


def test_three_hierarchies_stand_side_by_side(hierarchies):
    for one in hierarchies.values():
        trusted(one, SIGNING, TIMESTAMPING)
    assert {verdict(one) for one in hierarchies.values()} == {Verdict.TOTAL_PASSED}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_verifies_under_its_own_anchor_and_under_no_other(hierarchies, name):
    trusted(hierarchies[name], SIGNING, TIMESTAMPING)
    assert {other: verdict(one) is Verdict.TOTAL_PASSED for other, one in hierarchies.items()} == {
        other: other == name for other in NAMES
    }


@pytest.mark.parametrize(
    ("purposes", "passes"),
    [((SIGNING, TIMESTAMPING), True), ((TIMESTAMPING,), False), ((SIGNING,), False), ((), False)],
)
def test_an_anchor_counts_for_its_purpose_only(hierarchies, purposes, passes):
    one = hierarchies[NAMES[0]]
    trusted(one, *purposes)
    assert (verdict(one) is Verdict.TOTAL_PASSED) is passes


def test_an_anchor_of_another_hierarchys_time_stamps_does_not_help(hierarchies):
    one, other = hierarchies[NAMES[0]], hierarchies[NAMES[1]]
    trusted(one, SIGNING)
    trusted(other, TIMESTAMPING)
    assert verdict(one) is not Verdict.TOTAL_PASSED


def test_an_anchor_that_has_ended_is_not_trusted(hierarchies):
    one = hierarchies[NAMES[2]]
    for anchor in trusted(one, SIGNING, TIMESTAMPING):
        end_anchor(anchor, on=(NOW + DAY).date(), officer=None, now=NOW)
    assert verdict(one) is Verdict.TOTAL_PASSED
    assert verdict(one, NOW + DAY) is not Verdict.TOTAL_PASSED


def test_an_anchor_is_not_trusted_before_its_first_day(hierarchies):
    one = hierarchies[NAMES[2]]
    trusted(one, SIGNING, TIMESTAMPING)
    assert current_trust(NOW - DAY).signing == ()
    assert len(current_trust(NOW).signing) == 1


def test_the_end_of_an_anchor_is_an_act_and_happens_once(hierarchies):
    (anchor,) = trusted(hierarchies[NAMES[0]], SIGNING)
    end_anchor(anchor, on=NOW.date(), officer=None, now=NOW)
    act = Act.objects.on(anchor).get(kind="anchor-ended")
    assert (act.digest, act.facts) == (anchor.fingerprint, {"on_day": "2026-11-23"})
    with pytest.raises(AnchorHasEnded) as refused:
        end_anchor(anchor, on=NOW.date(), officer=None, now=NOW)
    assert explain(refused.value).vi


# Certificates


@pytest.fixture
def signer(demo_pki, officer):
    """A leader's certificate whose key is anywhere but here, and the leader."""
    person = officer("pho-chu-tich.vp-ubnd").person
    p12 = demo_pki.issue_person(
        person.full_name, "Phó Chủ tịch", "Ủy ban nhân dân thành phố Huế",
        password="x", valid_from=NOW - DAY, valid_to=NOW + 365 * DAY, key="p256",
    )  # fmt: skip
    return KeyCredential.load(p12, "x").certificate, person


def entered(certificate, person, custody=Custody.TELEPHONE, now=NOW, **reference):
    reference = reference or {"service": "ca", "credential": "ái"}
    return enter_certificate(
        certificate, holder=person, custody=custody, key_reference=reference,
        officer=None, now=now,
    )  # fmt: skip


def test_a_certificate_is_entered_without_any_key(signer):
    found = entered(*signer)
    row = Certificate.objects.get()
    assert (row, found.warnings) == (found.certificate, ())
    assert (row.custody, row.pkcs12, row.person) == ("telephone", None, signer[1])
    assert Certificate.objects.of_person(signer[1], at=NOW) == row
    act = Act.objects.on(row).get(kind="key-stored")
    assert act.facts == {"custody": "telephone"}


@pytest.mark.parametrize(
    ("custody", "reference"),
    [
        (Custody.DEVICE, {"token": "HSM", "key": "0a"}),
        (Custody.REMOTE, {"service": "ca", "credential": "x"}),
        (Custody.PLUGIN, {}),
    ],
)
def test_each_custody_is_entered_with_what_it_needs(signer, custody, reference):
    found = enter_certificate(
        signer[0], holder=signer[1], custody=custody, key_reference=reference,
        officer=None, now=NOW,
    )  # fmt: skip
    assert found.certificate.key_reference == reference


@pytest.mark.parametrize(
    ("custody", "reference"),
    [
        (Custody.DEVICE, {"token": "HSM"}),
        (Custody.DEVICE, {"token": "HSM", "key": "zz"}),
        (Custody.DEVICE, {"service": "ca", "credential": "x"}),
        (Custody.REMOTE, {"service": "ca"}),
        (Custody.PLUGIN, {"token": "HSM"}),
        (Custody.KEYSTORE, {}),
    ],
)
def test_without_what_its_custody_needs_it_is_refused(signer, custody, reference):
    with pytest.raises(KeyReferenceIncomplete) as refused:
        enter_certificate(
            signer[0], holder=signer[1], custody=custody, key_reference=reference,
            officer=None, now=NOW,
        )  # fmt: skip
    assert explain(refused.value).vi
    assert not Certificate.objects.exists()


def test_an_expired_certificate_is_refused(signer):
    with pytest.raises(CertificateExpired):
        entered(*signer, now=NOW + 366 * DAY)


def test_a_seal_is_not_entered_for_a_person(demo_pki, signer):
    p12 = demo_pki.issue_seal(
        "Cơ quan", "H57", password="x", valid_from=NOW - DAY, valid_to=NOW + DAY, key="p256"
    )
    with pytest.raises(CertificateOfAnother):
        entered(KeyCredential.load(p12, "x").certificate, signer[1])


def _made(signer, *, ca=False, usage=True, bits=2048, years=1, digest=None):
    """A person's certificate of an authority outside, one thing of it as asked."""
    key = rsa.generate_private_key(65537, bits)
    issuer = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(signer[0].subject)
        .issuer_name(x509.Name.from_rfc4514_string("CN=Nơi cấp khác"))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    for extension in signer[0].extensions:
        if isinstance(extension.value, x509.CertificatePolicies | x509.AuthorityInformationAccess):
            builder = builder.add_extension(extension.value, critical=False)
    allowed = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only", "content_commitment"), False,
    )  # fmt: skip
    builder = builder.add_extension(
        x509.KeyUsage(digital_signature=usage, **(allowed | {"key_encipherment": not usage})),
        critical=True,
    )
    return builder.sign(issuer, digest or hashes.SHA256())


@pytest.mark.parametrize(
    ("departure", "code"),
    [
        ({"ca": True}, "profile-authority"),
        ({"usage": False}, "profile-key-usage"),
        ({"bits": 1024}, "profile-weak-key"),
    ],
)
def test_what_nothing_valid_could_be_signed_with_is_refused_with_the_reason(
    signer, departure, code
):
    assert entered(_made(signer), signer[1]).warnings == ()
    with pytest.raises(CertificateUnfit) as refused:
        entered(_made(signer, **departure), signer[1])
    assert [one.code for one in refused.value.reasons] == [code]
    assert "Hãy" in explain(refused.value).vi


def test_what_departs_less_is_entered_and_told(signer):
    found = entered(_made(signer, years=6), signer[1])
    assert [one.code for one in found.warnings] == ["profile-life"]


@pytest.mark.parametrize(("bits", "since"), [(2048, None), (1024, "2014-01-01")])
def test_an_algorithm_is_weak_from_a_day_on(signer, bits, since):
    row = Certificate(der=encoded(_made(signer, bits=bits)))
    found = weak_since(row)
    assert (found.isoformat() if found else None) == since

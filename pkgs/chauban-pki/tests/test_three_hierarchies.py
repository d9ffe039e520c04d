"""The national root, the Government CA and a demonstration PKI, trusted side by side.

Nghị định 68/2024/NĐ-CP: public services' certificates come from the national root's authorities,
officials' from the Government CA; a training province has a PKI of its own. All three are given
the same names below their roots and the same serial number, so that only keys tell them apart.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from chauban_pki.certificates import encoded
from chauban_pki.errors import (
    CertificateRevoked,
    CertificateSignatureInvalid,
    PathInvalid,
    RevocationUnknown,
    UntrustedAnchor,
)
from chauban_pki.paths import CertificatePath, Purpose, build_path
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.trust import Trust

NAMES = ("Gốc quốc gia", "Ban Cơ yếu Chính phủ", "Trình diễn")
TIMESTAMPING = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)


@dataclass(frozen=True)
class Hierarchy:
    """A root, an authority below it, and whom that one certified; CRLs that revoke nobody."""

    root: Any
    ca: Any
    person: Any
    tsa: Any
    crls: tuple[bytes, bytes]

    @property
    def trust(self) -> Trust:
        anchors = (self.root.certificate,)
        return Trust(anchors, anchors, (self.ca.certificate,))


@pytest.fixture(scope="module")
def crl(now):
    def make(issuer: Any, *revoked: Any) -> bytes:
        builder = x509.CertificateRevocationListBuilder(
            issuer.certificate.subject, now - timedelta(hours=1), now + timedelta(days=1)
        )
        for one in revoked:
            entry = x509.RevokedCertificateBuilder(
                one.certificate.serial_number, now - timedelta(hours=2)
            )
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


@pytest.fixture(scope="module")
def hierarchies(mint, crl) -> dict[str, Hierarchy]:
    """By the root's name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(x509, "random_serial_number", lambda: 7)
        made = {}
        for name in NAMES:
            root = mint(name, None, ca=True)
            ca = mint("CA cấp dưới", root, ca=True)
            person, tsa = mint("Nguyễn Văn An", ca), mint("TSA", ca, TIMESTAMPING)
            made[name] = Hierarchy(root, ca, person, tsa, (crl(root), crl(ca)))
    return made


@pytest.fixture(scope="module")
def joined(hierarchies) -> Trust:
    national, government, demo = (one.trust for one in hierarchies.values())
    return national | government | demo


@pytest.fixture(scope="module")
def all_crls(hierarchies) -> ValidationData:
    return ValidationData(crls=tuple(crl for one in hierarchies.values() for crl in one.crls))


def path_of(certificate, trust, now, purpose=Purpose.SIGNING) -> CertificatePath:
    return build_path(certificate, intermediates=(), trust=trust, at=now, purpose=purpose)


@pytest.mark.parametrize("name", NAMES)
def test_each_leads_to_its_own_root_and_is_asked_about_there(
    hierarchies, joined, all_crls, now, name
):
    one = hierarchies[name]
    for leaf, purpose in ((one.person, Purpose.SIGNING), (one.tsa, Purpose.TIMESTAMPING)):
        path = path_of(leaf.certificate, joined, now, purpose)
        chain = (leaf.certificate, one.ca.certificate, one.root.certificate)
        assert path.certificates == chain
        statuses = check_path_revocation(path, data=all_crls, at=now, now=now, trust=joined)
        assert [status.information for status in statuses] == [one.crls[1], one.crls[0]]


@pytest.mark.parametrize("name", NAMES)
def test_none_vouches_for_anothers(hierarchies, now, name):
    one = hierarchies[name]
    for other in (each for each in hierarchies.values() if each is not one):
        with pytest.raises((UntrustedAnchor, CertificateSignatureInvalid)):
            path_of(one.person.certificate, other.trust, now)


@pytest.mark.parametrize("name", NAMES)
def test_one_left_out_is_no_longer_trusted(hierarchies, now, name):
    others = [each.trust for root, each in hierarchies.items() if root != name]
    with pytest.raises(PathInvalid):
        path_of(hierarchies[name].person.certificate, others[0] | others[1], now)


@pytest.mark.parametrize("name", NAMES)
def test_a_namesakes_crl_neither_clears_nor_revokes(hierarchies, joined, crl, now, name):
    """RFC 5280 section 6.3.3 (f): the same name and serial number, another key and anchor."""
    one = hierarchies[name]
    path = path_of(one.person.certificate, joined, now)
    others = [each for each in hierarchies.values() if each is not one]
    revoking = tuple(crl(each.ca, each.person) for each in others)
    held = ValidationData(
        tuple(encoded(each.ca.certificate) for each in hierarchies.values()),
        (*revoking, *one.crls),
    )
    check_path_revocation(path, data=held, at=now, now=now, trust=joined)
    only_theirs = ValidationData(held.certificates, (*revoking, one.crls[0]))
    with pytest.raises(RevocationUnknown):
        check_path_revocation(path, data=only_theirs, at=now, now=now, trust=joined)
    own = ValidationData(held.certificates, (crl(one.ca, one.person), one.crls[0]))
    with pytest.raises(CertificateRevoked):
        check_path_revocation(path, data=own, at=now, now=now, trust=joined)


def test_a_hierarchy_may_be_trusted_for_time_stamps_alone(hierarchies, now):
    """As a province may take the national authority's time-stamps, but no public certificates."""
    national, government, _ = hierarchies.values()
    trust = government.trust | Trust(
        timestamping=(national.root.certificate,), intermediates=(national.ca.certificate,)
    )
    path_of(national.tsa.certificate, trust, now, Purpose.TIMESTAMPING)
    path_of(government.person.certificate, trust, now)
    with pytest.raises(PathInvalid):
        path_of(national.person.certificate, trust, now)

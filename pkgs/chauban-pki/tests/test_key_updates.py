"""A CA that changed its key: what the new key signs about what the old one issued.

RFC 5280 section 6.3.3 (f): the path of a CRL's issuer ends at the same anchor as the path of the
certificate in question; RFC 4210 section 4.4: how a CA goes from one key to the next.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from chauban_pki.certificates import encoded
from chauban_pki.errors import CertificateRevoked, RevocationUnknown
from chauban_pki.paths import build_path
from chauban_pki.revocation import (
    ValidationData,
    check_path_revocation,
    collect_validation_data,
)
from chauban_pki.revocation_status import RevocationStatus
from chauban_pki.trust import Trust

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CA = "Trung gian"
ADDRESSES = {"ca.invalid": "http://127.0.0.1:1"}


def points(name: str) -> x509.CRLDistributionPoints:
    url = x509.UniformResourceIdentifier(f"http://ca.invalid/{name}.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)])


@pytest.fixture(scope="module")
def root(mint):
    return mint("Gốc", None, ca=True)


@pytest.fixture(scope="module")
def old(mint, root):
    return mint(CA, root, points("root"), ca=True)


@pytest.fixture(scope="module")
def new(mint, root):
    """The same CA under its new key."""
    return mint(CA, root, points("root"), ca=True)


@pytest.fixture(scope="module")
def leaf(mint, old):
    return mint("Người ký", old, points("ca"))


@pytest.fixture(scope="module")
def crl(now):
    """Makes a CRL: `crl(issuer, *revoked)`."""

    def make(issuer, *revoked, this_update=now - HOUR):
        builder = x509.CertificateRevocationListBuilder(
            issuer.certificate.subject, this_update, this_update + DAY
        )
        for one in revoked:
            entry = x509.RevokedCertificateBuilder(
                one.certificate.serial_number, this_update - HOUR
            )
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


@dataclass(frozen=True)
class Case:
    """What is at hand when the leaf's revocation is asked about; tests change one thing."""

    leaf: object
    intermediates: tuple[object, ...]
    anchors: tuple[object, ...]
    crls: tuple[bytes, ...]
    now: datetime
    ocsps: tuple[bytes, ...] = ()

    def check(self) -> tuple[RevocationStatus, ...]:
        certificates = tuple(one.certificate for one in self.intermediates)
        path = build_path(
            self.leaf.certificate,
            intermediates=certificates,
            trust=Trust(signing=tuple(one.certificate for one in self.anchors)),
            at=self.now,
        )
        data = ValidationData(tuple(map(encoded, certificates)), self.crls, self.ocsps)
        return check_path_revocation(path, data=data, at=self.now, now=self.now)

    def is_refused(self) -> bool:
        with pytest.raises(RevocationUnknown):
            self.check()
        return True


@pytest.fixture
def case(root, old, new, leaf, crl, now) -> Case:
    """The leaf is the old key's; the CA's CRL the new key's; the root's lists nobody."""
    return Case(leaf, (old, new), (root,), (crl(new), crl(root)), now)


def test_a_crl_signed_with_the_new_key_counts(case, new, root):
    of_leaf, of_ca = case.check()
    assert of_leaf.signed_by is not None
    assert of_leaf.signed_by.certificates == (new.certificate, root.certificate)
    assert of_ca.signed_by is None


def test_what_it_revokes_is_revoked(case, crl, new, root, leaf):
    with pytest.raises(CertificateRevoked):
        replace(case, crls=(crl(new, leaf), crl(root))).check()


def test_without_the_new_keys_certificate_it_does_not(case, old):
    assert replace(case, intermediates=(old,)).is_refused()


def test_a_namesake_under_another_anchor_signs_nothing_for_it(mint, case, crl, old, root):
    """RFC 5280 section 6.3.3 (f): the same anchor, even where the other one is trusted as well."""
    other_root = mint("Gốc khác", None, ca=True)
    namesake = mint(CA, other_root, ca=True)
    given = {"intermediates": (old, namesake), "anchors": (root, other_root)}
    crls = (crl(namesake), crl(root), crl(other_root))
    assert replace(case, **given, crls=crls).is_refused()


def test_a_new_key_that_may_not_sign_crls_does_not(mint, case, crl, old, root):
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    new = mint(CA, root, (usage, True), ca=True)
    assert replace(case, intermediates=(old, new), crls=(crl(new), crl(root))).is_refused()


def test_a_namesake_that_is_no_ca_does_not(mint, case, crl, old, root):
    person = mint(CA, root)
    assert replace(case, intermediates=(old, person), crls=(crl(person), crl(root))).is_refused()


def test_a_new_key_whose_certificate_had_ended_does_not(mint, case, crl, old, root, now):
    new = mint(CA, root, ca=True, valid_to=now - 2 * HOUR)
    given = {"intermediates": (old, new)}
    assert replace(case, **given, crls=(crl(new), crl(root))).is_refused()
    in_time = tuple(crl(one, this_update=now - 3 * HOUR) for one in (new, root))
    replace(case, **given, crls=in_time).check()


def test_a_new_key_that_was_revoked_does_not(case, crl, new, root):
    assert replace(case, crls=(crl(new), crl(root, new))).is_refused()


def test_a_new_key_is_asked_about_like_any_other(case, crl, old, new, root, leaf):
    """Without the root's CRL neither of the CA's certificates is known to stand."""
    assert replace(case, crls=(crl(new),)).is_refused()


def test_a_root_that_gave_its_new_key_a_certificate_signs_with_it(mint, crl, now, root):
    """RFC 4210 section 4.4: NewWithOld; only CRLs of the new key could list it."""
    new_with_old = mint("Gốc", root, ca=True)
    leaf = mint("Người ký", root)
    crls = (crl(new_with_old),)
    Case(leaf, (new_with_old,), (root,), crls, now).check()
    new_alone = mint("Gốc", None, ca=True, key=new_with_old.key)
    assert Case(leaf, (new_alone,), (root,), crls, now).is_refused()


@pytest.fixture(scope="module")
def answer(leaf, old, now):
    """Makes an OCSP response that the leaf is good, by whom one says."""

    def make(responder, *embedded):
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                leaf.certificate, old.certificate, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD,
                now - HOUR, now + HOUR, None, None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        )  # fmt: skip
        if embedded:
            builder = builder.certificates([one.certificate for one in embedded])
        return builder.sign(responder.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


def test_the_ca_may_answer_by_ocsp_with_its_new_key(case, crl, answer, new, root):
    """RFC 6960 section 2.2: the key belongs to the CA who issued the certificate."""
    assert replace(case, crls=(crl(root),)).is_refused()
    of_leaf, _ = replace(case, crls=(crl(root),), ocsps=(answer(new),)).check()
    assert (of_leaf.source, of_leaf.signed_by.end_entity) == ("ocsp", new.certificate)


def test_a_responder_named_by_the_new_key_may_not(mint, case, crl, answer, old, new, root):
    """RFC 6960 section 4.2.2.2: certificate and responder's certificate of the same key."""
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    of_old, of_new = mint("OCSP", old, purpose), mint("OCSP", new, purpose)
    replace(case, crls=(crl(root),), ocsps=(answer(of_old, of_old),)).check()
    assert replace(case, crls=(crl(root),), ocsps=(answer(of_new, of_new),)).is_refused()


def test_all_that_proves_the_new_key_is_collected(case, crl, old, new, root, leaf, now):
    """So a file at B-LT is valid later without the network (EN 319 142-1 clause 5.4.2)."""
    trust = Trust((root.certificate,), intermediates=(new.certificate,), addresses=ADDRESSES)
    lists = {"/ca.crl": crl(new), "/root.crl": crl(root)}
    path = build_path(leaf.certificate, intermediates=(old.certificate,), trust=trust, at=now)

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        return lists[url.removeprefix("http://127.0.0.1:1")]

    data = collect_validation_data(path, trust=trust, fetch=fetch, at=now)
    assert encoded(new.certificate) in data.certificates
    later = now + 100 * DAY
    check_path_revocation(path, data=data, at=now, now=later)

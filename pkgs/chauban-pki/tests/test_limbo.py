"""Hostile and broken certificates, one function a case, its docstring the clause (x509-limbo).

Every refusal stands beside the success it differs from in one thing. `outcome` answers with the
code of the finding, or "valid".
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import perf_counter

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.errors import AddressNotAllowed, CertificateMalformed, PKIError, Unreachable
from chauban_pki.network import HTTPClient
from chauban_pki.paths import build_path
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.timestamps import assess_timestamp
from chauban_pki.trust import Fetch, Trust

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
VALID = "valid"


@dataclass(frozen=True)
class Tree:
    """Root → CA → signer, with good CRLs of both; a case replaces one of them."""

    root: object
    ca: object
    leaf: object
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    at: datetime


@pytest.fixture(scope="module")
def crl(now: datetime) -> Callable[..., bytes]:
    """Make a CRL: `crl(issuer, *revoked serial numbers, begins=, ends=, key=)`."""

    def make(issuer, *revoked: int, begins=None, ends=None, key=None, at=None) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(begins or now - HOUR)
            .next_update(ends or now + DAY)
        )
        for serial_number in revoked:
            entry = x509.RevokedCertificateBuilder(serial_number, at or now - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return make


@pytest.fixture(scope="module")
def tree(mint, crl, now: datetime) -> Tree:
    root = mint("Gốc", None, ca=True)
    ca = mint("Nơi cấp", root, ca=True, path_length=0)
    leaf = mint("Người ký", ca)
    return Tree(root, ca, leaf, (crl(root), crl(ca)), (), now)


def outcome(tree: Tree) -> str:
    """Return "valid" or the code of what is wrong with the tree's signer."""
    try:
        path = build_path(
            parse_certificate(encoded(tree.leaf.certificate)),
            intermediates=(tree.ca.certificate,),
            trust=Trust(signing=(tree.root.certificate,)),
            at=tree.at,
        )
        data = ValidationData(crls=tree.crls, ocsps=tree.ocsps)
        check_path_revocation(path, data=data, at=tree.at, now=tree.at)
    except PKIError as error:
        return error.code
    return VALID


def test_the_tree_is_valid(tree: Tree):
    """RFC 5280 section 6.1: the case that all others differ from in one thing."""
    assert outcome(tree) == VALID


# Paths


def test_an_expired_signer(tree: Tree, mint, now: datetime):
    """RFC 5280 section 6.1.3 (a)(2)."""
    leaf = mint("Người ký", tree.ca, valid_to=now - MINUTE)
    assert outcome(replace(tree, leaf=leaf)) == "certificate-expired"
    assert outcome(replace(tree, leaf=leaf, at=now - 2 * MINUTE)) == VALID


def test_a_signer_not_yet_valid(tree: Tree, mint, now: datetime):
    """RFC 5280 section 6.1.3 (a)(2)."""
    leaf = mint("Người ký", tree.ca, valid_from=now + MINUTE)
    assert outcome(replace(tree, leaf=leaf)) == "certificate-not-yet-valid"
    assert outcome(replace(tree, leaf=leaf, at=now + MINUTE)) == VALID


def test_a_signer_that_issues(tree: Tree, mint, crl):
    """RFC 5280 section 6.1.4 (k): a leaf is no CA, whatever it signs."""
    below = mint("Kẻ giả", tree.leaf)
    extra = replace(tree, leaf=below, ca=tree.leaf, crls=(*tree.crls, crl(tree.leaf)))
    path_input = replace(extra, root=tree.ca)
    assert outcome(path_input) == "not-a-certificate-authority"


def test_a_path_longer_than_allowed(tree: Tree, mint, crl, now: datetime):
    """RFC 5280 section 6.1.4 (l): pathLenConstraint 0 leaves room for no CA below."""
    sub = mint("Nơi cấp con", tree.ca, ca=True)
    leaf = mint("Người ký", sub)
    try:
        build_path(
            leaf.certificate,
            intermediates=(tree.ca.certificate, sub.certificate),
            trust=Trust(signing=(tree.root.certificate,)),
            at=now,
        )
        found = VALID
    except PKIError as error:
        found = error.code
    assert found == "path-too-long"


def test_an_unknown_critical_extension(tree: Tree, mint):
    """RFC 5280 section 4.2: refused when critical, ignored when not."""
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), b"\x05\x00")
    assert outcome(replace(tree, leaf=mint("K", tree.ca, (unknown, True)))) == (
        "unknown-critical-extension"
    )
    assert outcome(replace(tree, leaf=mint("K", tree.ca, (unknown, False)))) == VALID


def test_a_name_outside_the_constraints(mint, crl, now: datetime):
    """RFC 5280 section 4.2.1.10: directoryName constraints bind the subject itself."""

    def made(organisation: str) -> Tree:
        permitted = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Huế")])
        constraints = x509.NameConstraints([x509.DirectoryName(permitted)], None)
        root = mint("Gốc", None, ca=True)
        ca = mint("Nơi cấp", root, (constraints, True), ca=True)
        name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation)])
        return Tree(root, ca, mint(name, ca), (crl(root), crl(ca)), (), now)

    assert outcome(made("Đà Nẵng")) == "name-not-permitted"
    assert outcome(made("Huế")) == VALID


def test_a_key_for_web_servers(tree: Tree, mint):
    """RFC 5280 section 4.2.1.12: a TLS server's certificate signs no documents."""
    web = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    assert outcome(replace(tree, leaf=mint("K", tree.ca, web))) == "purpose-not-allowed"
    assert outcome(replace(tree, leaf=mint("K", tree.ca, mail))) == VALID


def test_a_forged_certificate(tree: Tree, mint):
    """RFC 5280 section 6.1.3 (a)(1): the issuer's name without its key."""
    forger = replace(tree.ca, key=ec.generate_private_key(ec.SECP256R1()))
    assert outcome(replace(tree, leaf=mint("Kẻ giả", forger))) == "certificate-signature-invalid"


def test_two_names_for_the_signature_algorithm(tree: Tree):
    """RFC 5280 section 4.1.1.2: the algorithm outside is the one inside, the signed one."""
    changed = asn1_x509.Certificate.load(encoded(tree.leaf.certificate))
    changed["signature_algorithm"] = {"algorithm": "sha384_ecdsa"}
    certificate = x509.load_der_x509_certificate(changed.dump())
    leaf = replace(tree.leaf, certificate=certificate)
    assert outcome(replace(tree, leaf=leaf)) == "certificate-signature-invalid"


@pytest.mark.parametrize("bits", [1024, 1536])
def test_a_ca_with_a_short_key(mint, crl, now: datetime, bits: int):
    """Thông tư 15/2025/TT-BKHCN: RSA of 2048 bits at least, for issuers too."""

    def made(size: int) -> Tree:
        root = mint("Gốc", None, ca=True, key=_rsa_key(size))
        ca = mint("Nơi cấp", root, ca=True)
        return Tree(root, ca, mint("K", ca), (crl(root), crl(ca)), (), now)

    assert outcome(made(bits)) == "weak-algorithm"
    assert outcome(made(2048)) == VALID


def _rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def test_a_certificate_twice_in_the_heap_and_a_loop(tree: Tree, mint, now: datetime):
    """RFC 4158 section 2.4.2: cross-certificates that go round end in no anchor, quickly."""
    one = mint("Một", None, ca=True)
    two = mint("Hai", one, ca=True)
    back = mint("Một", two, ca=True, key=one.key)
    leaf = mint("K", two)
    started = perf_counter()
    with pytest.raises(PKIError) as raised:
        build_path(
            leaf.certificate,
            intermediates=(two.certificate, back.certificate, two.certificate) * 20,
            trust=Trust(signing=(tree.root.certificate,)),
            at=now,
        )
    assert raised.value.code == "untrusted-anchor"
    assert perf_counter() - started < 2


@pytest.mark.parametrize("cut", [0, 1, 40, 200, -1])
def test_a_damaged_certificate(tree: Tree, cut: int):
    """RFC 5280 section 4.1: one byte less, and it is none."""
    with pytest.raises(CertificateMalformed):
        parse_certificate(encoded(tree.leaf.certificate)[:cut])


# Revocation


def test_revoked_before_and_after_the_moment(tree: Tree, crl, now: datetime):
    """Thông tư 41/2017/TT-BTTTT: what counts is the moment of signing."""
    serial_number = tree.leaf.certificate.serial_number

    def revoked(at: datetime) -> str:
        return outcome(
            replace(tree, crls=(tree.crls[0], crl(tree.ca, serial_number, at=at)), at=now)
        )

    assert revoked(now) == "certificate-revoked"
    assert revoked(now + MINUTE) == VALID


def test_a_revoked_ca(tree: Tree, crl):
    """RFC 5280 section 6.1.3 (a)(3): every certificate of the path, not only the last."""
    with_ca = crl(tree.root, tree.ca.certificate.serial_number)
    assert outcome(replace(tree, crls=(with_ca, tree.crls[1]))) == "certificate-revoked"


def test_a_stale_crl(tree: Tree, crl, now: datetime):
    """RFC 5280 section 6.3.3 (a): due for renewal before the moment."""
    stale = crl(tree.ca, begins=now - 3 * DAY, ends=now - MINUTE)
    assert outcome(replace(tree, crls=(tree.crls[0], stale))) == "revocation-unknown"


def test_a_forged_crl(tree: Tree, crl):
    """RFC 5280 section 6.3.3 (g): the CA's name without its key, good news or bad."""
    key = ec.generate_private_key(ec.SECP256R1())
    for revoked in ((), (tree.leaf.certificate.serial_number,)):
        forged = crl(tree.ca, *revoked, key=key)
        assert outcome(replace(tree, crls=(tree.crls[0], forged))) == "revocation-unknown"
        assert outcome(replace(tree, crls=(*tree.crls, forged))) == VALID


def test_a_crl_from_the_future(tree: Tree, crl, now: datetime):
    """RFC 5280 section 5.1.2.4: a clock may be minutes ahead, no more."""
    for ahead, due in ((HOUR, "revocation-unknown"), (MINUTE, VALID)):
        ahead_crl = crl(tree.ca, begins=now + ahead, ends=now + DAY)
        assert outcome(replace(tree, crls=(tree.crls[0], ahead_crl))) == due


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"\x02\x01\x01\x30", b"\x02\x01\x00\x30"), (b"\x13\x02VN", b"\x13\x02V\xce")],
    ids=["version", "country"],
)
def test_a_malformed_crl(tree: Tree, before: bytes, after: bytes):
    """RFC 5280 section 5.1: parts that the parser reads late, and with errors of its own."""
    crl = tree.crls[1]
    assert before in crl
    broken = crl.replace(before, after, 1)
    assert outcome(replace(tree, crls=(tree.crls[0], broken))) == "revocation-unknown"


def _ocsp(tree: Tree, responder, *, begins: datetime, ends: datetime, status) -> bytes:
    builder = ocsp.OCSPResponseBuilder().add_response(
        tree.leaf.certificate,
        tree.ca.certificate,
        hashes.SHA256(),
        status,
        begins,
        ends,
        begins if status is ocsp.OCSPCertStatus.REVOKED else None,
        None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
    signed = builder.certificates([responder.certificate]).sign(responder.key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("good", VALID),
        ("revoked", "certificate-revoked"),
        ("unknown", "revocation-unknown"),
        ("stale", "revocation-unknown"),
        ("forged", "revocation-unknown"),
        ("other responder", "revocation-unknown"),
        ("expired responder", "revocation-unknown"),
    ],
)
def test_an_ocsp_answer(tree: Tree, mint, now: datetime, kind: str, due: str):
    """RFC 6960 section 3.2: who answered, for what time, and what."""
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    named = mint(
        "Trả lời",
        tree.root if kind == "other responder" else tree.ca,
        usage,
        valid_to=now - HOUR if kind == "expired responder" else now + DAY,
    )
    statuses = {"revoked": ocsp.OCSPCertStatus.REVOKED, "unknown": ocsp.OCSPCertStatus.UNKNOWN}
    answer = _ocsp(
        tree,
        named,
        begins=now - 2 * MINUTE,
        ends=now - MINUTE if kind == "stale" else now + HOUR,
        status=statuses.get(kind, ocsp.OCSPCertStatus.GOOD),
    )
    if kind == "forged":
        value = ocsp.load_der_ocsp_response(answer).signature
        answer = answer.replace(value, value[:-1] + bytes((value[-1] ^ 1,)))
    assert outcome(replace(tree, crls=tree.crls[:1], ocsps=(answer,))) == due


# Addresses in certificates (design decision 19)

HOSTILE = [
    "file:///etc/passwd",
    "ldap://ca.chauban.invalid/cn=x",
    "gopher://ca.chauban.invalid/",
    "http://127.0.0.1:5432/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2130706433/",
    "http://localhost/",
    "http://ca.chauban.invalid@evil.example/x",
    "http://ca.chauban.invalid.evil.example/x",
    "http://evil.example/ca.chauban.invalid",
    "http://evil.example#@ca.chauban.invalid/",
    "//ca.chauban.invalid/x",
    "ca.chauban.invalid/x",
    "http://",
    "http://[",
    "\u202ehttp://ca.chauban.invalid/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address(url: str):
    """Nothing that a certificate names is asked unless the trust settings list its host."""
    trust = Trust(addresses={"ca.chauban.invalid": "http://127.0.0.1:1"})
    assert trust.resolve("http://ca.chauban.invalid/x?y") == "http://127.0.0.1:1/x?y"
    with pytest.raises(AddressNotAllowed):
        trust.resolve(url)


@pytest.mark.parametrize("where", ["ocsp", "crl"])
def test_a_hostile_address_is_never_asked(tree: Tree, mint, now: datetime, where: str):
    """The same through the whole check: the network is not touched."""
    asked: list[str] = []

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        asked.append(url)
        raise Unreachable(url, "asked")

    urls = [x509.UniformResourceIdentifier(url) for url in HOSTILE if url.isascii()]
    extension: x509.ExtensionType = x509.CRLDistributionPoints(
        [x509.DistributionPoint([url], None, None, None) for url in urls]
    )
    if where == "ocsp":
        extension = x509.AuthorityInformationAccess(
            [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, url) for url in urls]
        )
    leaf = mint("K", tree.ca, extension)
    trust = Trust((tree.root.certificate,), addresses={"ca.chauban.invalid": "http://127.0.0.1:1"})
    path = build_path(leaf.certificate, intermediates=(tree.ca.certificate,), trust=trust, at=now)
    with pytest.raises(PKIError) as raised:
        check_path_revocation(
            path,
            data=ValidationData(crls=tree.crls[:1]),
            at=now,
            now=now,
            trust=trust,
            fetch=fetch,
        )
    assert (raised.value.code, asked) == ("revocation-unknown", [])


def test_a_redirect_is_not_followed():
    """A listed host may not send us to one that is not."""
    asked: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/inside")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Redirecting) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        with pytest.raises(Unreachable, match="302"):
            HTTPClient()(f"http://127.0.0.1:{server.server_port}/crl")
        server.shutdown()
    assert asked == ["/crl"]


# Time-stamps

DIGEST = sha256(b"data").digest()


@pytest.mark.parametrize(
    ("ahead", "codes"),
    [(timedelta(0), []), (4 * MINUTE, []), (6 * MINUTE, ["timestamp-from-future"])],
)
def test_a_time_stamp_of_the_future(
    authority: DemoAuthority, trust: Trust, fetch: Fetch, now: datetime, ahead: timedelta, codes
):
    """EN 319 102-1 clause 5.4: a time that has not come proves nothing."""
    token = answers.timestamper(authority, now + ahead)(DIGEST)
    report = assess_timestamp(token, DIGEST, trust=trust, at=now, fetch=fetch)
    assert [reason.code for reason in report.reasons] == codes
    assert (report.verdict is Verdict.TOTAL_PASSED) is (not codes)


def test_a_time_stamp_from_before_its_authority(
    authority: DemoAuthority, trust: Trust, fetch: Fetch, now: datetime
):
    """RFC 3161 section 2.3: an authority stamps while its certificate is valid."""
    begins = authority.tsa.certificate.not_valid_before_utc
    for time, codes in ((begins, []), (begins - MINUTE, ["certificate-not-yet-valid"])):
        token = answers.timestamper(authority, time)(DIGEST)
        report = assess_timestamp(token, DIGEST, trust=trust, at=now, fetch=fetch)
        assert [reason.code for reason in report.reasons] == codes

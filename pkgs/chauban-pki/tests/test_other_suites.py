"""Test suites of others, from the package `cryptography-vectors`: NIST PKITS, CAVS, RFC 8032.

PKITS (Public Key Interoperability Test Suite, 2011) is NIST's suite for RFC 5280's paths. Each
file's name says what is due. Nothing that PKITS calls invalid may pass. Where we refuse what it
calls valid, `REFUSED_VALID` says why.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

pytest.importorskip("cryptography_vectors", reason="cryptography-vectors is not installed")
import cryptography_vectors

from chauban_pki.algorithms import DIGESTS, ED25519, RSASSA_PSS, Scheme, verify_signature
from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.errors import CertificateMalformed, PKIError, SignatureMismatch
from chauban_pki.paths import build_path
from chauban_pki.revocation import ValidationData, check_path_revocation
from chauban_pki.trust import Trust

VECTORS = Path(cryptography_vectors.__file__).parent
PKITS = VECTORS / "x509" / "PKITS_data"
AT = datetime(2026, 11, 23, tzinfo=UTC)
# Some of PKITS' certificates have the serial number 0 or a negative one, which it asks to accept.
pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")

POLICY = "policy processing changed by a critical extension is not understood, so refused"
INDIRECT = "indirect CRLs and CRLs for some reasons only are not accepted"
NAMES = "names are compared as encoded values, capitals and spaces included"
REFUSED_VALID = {
    "ValidPolicyMapping": POLICY,
    "Validinhibit": POLICY,
    "ValidSelfIssuedinhibit": POLICY,
    "ValidrequireExplicitPolicy": POLICY,
    "ValidSelfIssuedrequireExplicitPolicy": POLICY,
    "ValidIDPwithindirectCRLTest22": INDIRECT,
    "ValidIDPwithindirectCRLTest24": INDIRECT,
    "ValidIDPwithindirectCRLTest25": INDIRECT,
    "ValidcRLIssuer": INDIRECT,
    "ValidonlySomeReasons": INDIRECT,
    "ValidNameChaining": NAMES,
    "ValidUTF8StringCaseInsensitiveMatch": NAMES,
    "ValidDSA": "DSA is not accepted",
}
# What PKITS leaves to the relying party: the path is valid unless a policy is asked for.
POLICY_DEPENDENT = ("All", "AnyPolicy", "CPSPointer", "Different", "Overlapping", "UserNotice")


@pytest.fixture(scope="module")
def authorities() -> tuple[x509.Certificate, ...]:
    return tuple(
        certificate
        for path in sorted((PKITS / "certs").glob("*.crt"))
        if not path.stem.endswith("EE") and (certificate := _read(path)) is not None
    )


@pytest.fixture(scope="module")
def held(authorities: tuple[x509.Certificate, ...]) -> ValidationData:
    crls = tuple(one.read_bytes() for one in (PKITS / "crls").glob("*.crl"))
    return ValidationData(tuple(map(encoded, authorities)), crls)


def _read(path: Path) -> x509.Certificate | None:
    try:
        return parse_certificate(path.read_bytes())
    except CertificateMalformed:
        return None


CASES = sorted(path.stem for path in (PKITS / "certs").glob("*EE.crt"))


@pytest.mark.parametrize("name", CASES)
def test_pkits(name: str, authorities: tuple[x509.Certificate, ...], held: ValidationData):
    """NIST PKITS 1.0.1, the case of that name; all its CRLs and CA certificates at hand."""
    anchor = parse_certificate((PKITS / "certs" / "TrustAnchorRootCertificate.crt").read_bytes())
    certificate = _read(PKITS / "certs" / f"{name}.crt")
    is_accepted = False
    if certificate is not None:
        try:
            path = build_path(
                certificate, intermediates=authorities, trust=Trust(signing=(anchor,)), at=AT
            )
            check_path_revocation(path, data=held, at=AT, now=AT)
            is_accepted = True
        except PKIError:
            is_accepted = False
    is_valid = name.startswith(("Valid", *POLICY_DEPENDENT))
    assert is_accepted == (is_valid and not name.startswith(tuple(REFUSED_VALID)))


def test_each_reason_for_refusing_valid_cases_names_some():
    for prefix in REFUSED_VALID:
        assert any(name.startswith(prefix) for name in CASES), prefix


# Signature values


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield each case of a NIST response file, with the settings that stand above it."""
    row: dict[str, str] = {}
    for line in path.read_text().splitlines():
        text = line.strip()
        if text.startswith("["):
            row["section"] = text.strip("[]")
        elif "=" in text and not text.startswith("#"):
            name, _, value = text.partition("=")
            row[name.strip()] = value.strip()
            if name.strip() == "Result":
                yield dict(row)


_BY_NAME = {digest.name.removeprefix("sha"): (oid, digest) for oid, digest in DIGESTS.items()}
_PKCS1 = {"256": "1.2.840.113549.1.1.11", "384": "1.2.840.113549.1.1.12"} | {
    "512": "1.2.840.113549.1.1.13"
}
_ECDSA = {"256": "1.2.840.10045.4.3.2", "384": "1.2.840.10045.4.3.3"} | {
    "512": "1.2.840.10045.4.3.4"
}
_CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
CAVS = VECTORS / "asymmetric"


def _verifies(*arguments: object, **named: object) -> bool:
    try:
        verify_signature(*arguments, **named)  # type: ignore[arg-type]
    except SignatureMismatch:
        return False
    return True


@pytest.mark.parametrize("scheme", ["SigVer15", "SigVerPSS"])
def test_cavs_rsa(scheme: str):
    """NIST CAVS 11.0 for RSA (FIPS 186-3 section 5): message, value, key and padding changed."""
    checked = {"P": 0, "F": 0}
    for row in _rows(CAVS / "RSA" / "FIPS_186-2" / f"{scheme}_186-3.rsp"):
        bits = row["SHAAlg"].removeprefix("SHA")
        exponent = int(row["e"], 16)
        # OpenSSL takes public exponents up to 64 bits beside long keys.
        if bits not in _PKCS1 or int(row["section"].split()[-1]) < 2048 or exponent >> 64:
            continue
        key = rsa.RSAPublicNumbers(exponent, int(row["n"], 16)).public_key()
        oid, _ = _BY_NAME[bits]
        pss = Scheme(RSASSA_PSS, oid, oid, len(row["SaltVal"]) // 2)
        due = row["Result"][0]
        named = (
            {"algorithm": RSASSA_PSS, "scheme": pss}
            if scheme == "SigVerPSS"
            else {"algorithm": _PKCS1[bits]}
        )
        signature = bytes.fromhex(row["S"])
        assert _verifies(key, signature, bytes.fromhex(row["Msg"]), **named) is (due == "P"), row
        checked[due] += 1
    assert checked["P"] >= 9
    assert checked["F"] >= 5 * 9


def test_cavs_ecdsa():
    """NIST CAVS 11.0 for ECDSA (FIPS 186-3 section 6), our curves and digests."""
    checked = {"P": 0, "F": 0}
    for row in _rows(CAVS / "ECDSA" / "FIPS_186-3" / "SigVer.rsp"):
        curve, _, digest = row["section"].partition(",")
        bits = digest.removeprefix("SHA-")
        if curve not in _CURVES or bits not in _ECDSA:
            continue
        due = row["Result"][0]
        numbers = ec.EllipticCurvePublicNumbers(
            int(row["Qx"], 16), int(row["Qy"], 16), _CURVES[curve]
        )
        try:
            key = numbers.public_key()
        except ValueError:
            assert due == "F"  # not a point of the curve
            continue
        signature = encode_dss_signature(int(row["R"], 16), int(row["S"], 16))
        is_valid = _verifies(key, signature, bytes.fromhex(row["Msg"]), algorithm=_ECDSA[bits])
        assert is_valid is (due == "P"), row
        checked[due] += 1
    assert checked["P"] >= 20
    assert checked["F"] >= 60


def test_ed25519_vectors():
    """The 1024 cases of the Ed25519 authors; RFC 8032 section 7.1 takes its own from them."""
    lines = (CAVS / "Ed25519" / "sign.input").read_text().splitlines()
    for line in lines:
        secret, public, message, signed = (bytes.fromhex(one) for one in line.split(":")[:4])
        key = ed25519.Ed25519PrivateKey.from_private_bytes(secret[:32])
        signature = signed[:64]
        assert key.sign(message) == signature
        named = {"algorithm": ED25519}
        own = ed25519.Ed25519PublicKey.from_public_bytes(public)
        assert _verifies(own, signature, message, **named)
        assert not _verifies(own, signature, message + b"\0", **named)
    assert len(lines) == 1024

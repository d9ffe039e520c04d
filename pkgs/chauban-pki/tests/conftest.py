"""The test PKI: the demonstration authority, minted once a session, and one signer of each kind."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import answers
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.ocsp_status import OCSP_REQUEST_TYPE
from chauban_pki.trust import Fetch, Trust

# OpenSSL and pyHanko compare with the clock, so the test PKI is of today.
NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = "mật khẩu"


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DemoAuthority:
    return DemoAuthority.create(tmp_path_factory.mktemp("pki") / "demo", NOW)


@pytest.fixture(scope="session")
def trust(authority: DemoAuthority) -> Trust:
    return authority.trust("http://127.0.0.1:1")


@pytest.fixture(scope="session")
def person_keystore(authority: DemoAuthority) -> bytes:
    return authority.issue_person(
        "Nguyễn Văn An",
        "Phó Chủ tịch",
        "Ủy ban nhân dân thành phố Huế",
        password=PASSWORD,
        valid_from=NOW - timedelta(days=30),
        valid_to=NOW + timedelta(days=365),
    )


@pytest.fixture(scope="session")
def person(person_keystore: bytes) -> KeyCredential:
    """A person's credential, RSA-2048."""
    return KeyCredential.load(person_keystore, PASSWORD)


@pytest.fixture(scope="session")
def issue_seal(authority: DemoAuthority) -> Callable[[], KeyCredential]:
    """Mints a new agency's credential, P-256, at each call."""

    def issue() -> KeyCredential:
        keystore = authority.issue_seal(
            "Ủy ban nhân dân thành phố Huế",
            "H57",
            password=PASSWORD,
            valid_from=NOW - timedelta(days=30),
            valid_to=NOW + timedelta(days=365),
            key="p256",
        )
        return KeyCredential.load(keystore, PASSWORD)

    return issue


@pytest.fixture(scope="session")
def seal(issue_seal: Callable[[], KeyCredential]) -> KeyCredential:
    """An agency's credential, P-256."""
    return issue_seal()


@pytest.fixture(scope="session")
def fetch(authority: DemoAuthority) -> Fetch:
    """The demonstration service without a network, at NOW."""

    def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        path = url.removeprefix("http://127.0.0.1:1")
        if path == "/ocsp" and content_type == OCSP_REQUEST_TYPE and body is not None:
            return answers.ocsp_response(authority, body, now=NOW)
        return answers.crl(authority, path.removeprefix("/crl/").removesuffix(".crl"), now=NOW)

    return fetch


@pytest.fixture(scope="session")
def openssl() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs openssl with these arguments and returns what it said, whatever its exit code."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60
        )

    return run


@dataclass(frozen=True)
class Minted:
    """A certificate and its key; the certificate may be as wrong as a test wants it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


CA_USAGE, SIGNER_USAGE = (
    x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
    for is_ca in (True, False)
)


@pytest.fixture(scope="session")
def mint() -> Callable[..., Minted]:
    """Mints a certificate: `mint(name, issuer, *extensions, ca=False, …)`; P-256, SHA-256.

    An extension given replaces the usual one of its kind; (extension, True) makes it critical.
    """

    def mint(
        name: str | x509.Name,
        issuer: Minted | None,
        *extensions: x509.ExtensionType | tuple[x509.ExtensionType, bool],
        ca: bool = False,
        path_length: int | None = None,
        valid_from: datetime = NOW - timedelta(days=10),
        valid_to: datetime = NOW + timedelta(days=10),
        digest: hashes.HashAlgorithm | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Minted:
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = name if isinstance(name, x509.Name) else _name(name)
        usual = {
            x509.BasicConstraints: (x509.BasicConstraints(ca, path_length), True),
            x509.KeyUsage: (CA_USAGE if ca else SIGNER_USAGE, True),
        }
        for given in extensions:
            extension, critical = given if isinstance(given, tuple) else (given, False)
            usual[type(extension)] = (extension, critical)
        builder = x509.CertificateBuilder(
            issuer.certificate.subject if issuer else subject,
            subject,
            key.public_key(),
            x509.random_serial_number(),
            valid_from,
            valid_to,
        )
        for extension, critical in usual.values():
            builder = builder.add_extension(extension, critical)
        signing_key = issuer.key if issuer else key
        return Minted(builder.sign(signing_key, digest or hashes.SHA256()), key)

    return mint


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name),
        ]
    )

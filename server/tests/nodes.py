"""What a node shows over mutual TLS, as files that `chauban serve` and the settings name."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from chauban_pki.demo.authority import DemoAuthority

HOST = "127.0.0.1"
PASSWORD = "a"


@dataclass(frozen=True)
class NodeFiles:
    """PEM: the certificate with its chain, without the root; its key."""

    certificate: Path
    key: Path


def node_files(authority: DemoAuthority, folder: Path, *, host: str = HOST) -> NodeFiles:
    now = datetime.now(UTC)
    keystore = authority.issue_node(
        host,
        password=PASSWORD,
        valid_from=now - timedelta(hours=1),
        valid_to=now + timedelta(days=1),
    )
    key, certificate, chain = load_key_and_certificates(keystore, PASSWORD.encode())
    assert key
    assert certificate
    sent = [certificate, *(one for one in chain if one.issuer != one.subject)]
    folder.mkdir(parents=True, exist_ok=True)
    made = NodeFiles(folder / "chain.pem", folder / "key.pem")
    made.certificate.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in sent))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made

"""The Government CA's program on an official's machine, played here: WebSocket, fetch, sign, bring.

It signs as programs do that know whole files only, with pyHanko: in the first free signature
field, or in a field of its own where there is none. No real one was at hand (docs/divergences.md).
"""

import io
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner, fields
from websockets.sync.server import ServerConnection, serve

HOST, PORT = "127.0.0.1", 8987
TOP_RIGHT = (380, 790, 580, 825)
Change = Callable[[IncrementalPdfFileWriter], None]


class Program:
    """The program with one key device in it: a keystore and its PIN."""

    def __init__(self, keystore: Path, pin: str) -> None:
        self.keystore, self.pin = keystore, pin
        self.calls: list[str] = []
        self.also: Change = lambda writer: None
        self.refusal = ""

    def sign(self, pdf: bytes, call: str = "vgca_sign_approved") -> bytes:
        """The file with a signature; `also` is done in the same revision."""
        signer = SimpleSigner.load_pkcs12(self.keystore, passphrase=self.pin.encode())
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        self.also(writer)
        empty = [name for name, value, _ in fields.enumerate_sig_fields(writer) if value is None]
        is_appendix = call == "vgca_sign_appendix"
        field = "Signature1" if is_appendix or not empty else empty[0]
        spec = fields.SigFieldSpec(field, box=TOP_RIGHT) if is_appendix else None
        metadata = PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        )
        written: io.BytesIO = PdfSigner(metadata, signer=signer, new_field_spec=spec).sign_pdf(
            writer, bytes_reserved=32768
        )
        return written.getvalue()

    @contextmanager
    def running(self, folder: Path) -> Iterator[None]:
        """Listen where pages look for the program, with a certificate of its own making."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(folder))
        with serve(self._serve, HOST, PORT, ssl=context) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        call = connection.request.path.removeprefix("/")
        asked = json.loads(connection.recv())
        self.calls.append(call)
        if self.refusal:
            connection.send(json.dumps({"Status": 11, "Message": self.refusal}))
            return
        http = urllib3.PoolManager(retries=False)
        signed = self.sign(http.request("GET", asked["FileName"]).data, call)
        answer = http.request(
            "POST",
            asked["FileUploadHandler"],
            fields={"uploadfile": ("signed.pdf", signed, "application/pdf")},
        ).json()
        told = {"Status": 0 if answer["Status"] else 1, "Message": answer["Message"]}
        connection.send(json.dumps({**told, "FileServer": answer["FileServer"]}))


def _certificate(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    kept = folder / "program.pem"
    kept.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return kept

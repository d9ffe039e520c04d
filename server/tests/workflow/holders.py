"""Holders whose keys are elsewhere: a telephone, played by the demonstration's signing service,
and the Government CA's program, played by pyHanko, which signs whole files.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner, fields

from chauban.trust.models import Certificate, Custody
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.signing_service import SigningService, make_server
from tests.workflow.offices import PIN

TOKEN = "token-of-the-session"
TOP_RIGHT = (380, 790, 580, 825)


@contextmanager
def telephones(settings: Any, folder: Path, *certificates: Certificate) -> Iterator[SigningService]:
    """A signing service on loopback that holds these keys; each holder confirms or refuses."""
    keys = {str(each.pk): key_of(each) for each in certificates}
    service = SigningService(keys, pin=None, access_token=TOKEN, most_signatures=5)
    folder.mkdir(exist_ok=True)
    (folder / "mobile.token").write_text(TOKEN)
    with make_server(service, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.SIGNING_SERVICES = {"mobile": f"http://127.0.0.1:{server.server_port}/csc/v2"}
        settings.SIGNING_TOKEN_FOLDER = folder
        for each in certificates:
            reference = {"service": "mobile", "credential": str(each.pk)}
            keep_elsewhere(each, Custody.TELEPHONE, **reference)
        yield service
        server.shutdown()


def keep_elsewhere(certificate: Certificate, custody: Custody, **reference: str) -> None:
    """From now on the key is there and not here; the test keeps it for the holder."""
    Certificate.objects.filter(pk=certificate.pk).update(
        custody=custody, key_reference=reference, pkcs12=None
    )


def key_of(certificate: Certificate) -> KeyCredential:
    return KeyCredential.load(bytes(certificate.pkcs12), PIN)


class Program:
    """The program at somebody's machine, with his key device in it."""

    def __init__(self, certificate: Certificate, folder: Path) -> None:
        self.kept = folder / f"device-{certificate.pk}.p12"
        self.kept.write_bytes(bytes(certificate.pkcs12))
        keep_elsewhere(certificate, Custody.PLUGIN)

    def sign(
        self,
        pdf: bytes,
        call: str = "vgca_sign_approved",
        also: Callable[[IncrementalPdfFileWriter], None] = lambda writer: None,
    ) -> bytes:
        """Sign in the first free field; an attachment has none, and gets one at its top right.

        `also` is done in the same revision.
        """
        signer = SimpleSigner.load_pkcs12(self.kept, passphrase=PIN.encode())
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        also(writer)
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

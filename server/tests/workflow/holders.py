"""Holders whose keys are elsewhere: behind a telephone, played by the demonstration's signing
service, or in a device that only a program on their own machine reaches.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from chauban.trust.models import Certificate, Custody
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.signing_service import SigningService, make_server
from tests.programs import Program
from tests.workflow.offices import PIN

TOKEN = "token-of-the-session"


@contextmanager
def telephones(settings: Any, folder: Path, *certificates: Certificate) -> Iterator[SigningService]:
    """A signing service on loopback that holds these keys; each holder confirms or refuses."""
    keys = {str(each.pk): key_of(each) for each in certificates}
    service = SigningService(keys, pin=None, access_token=TOKEN, most_signatures=5)
    folder.mkdir(exist_ok=True)
    token = folder / "mobile.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    with make_server(service, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.SIGNING_SERVICES = {"mobile": f"http://127.0.0.1:{server.server_port}/csc/v2"}
        settings.SIGNING_TOKEN_FOLDER = folder
        for each in certificates:
            reference = {"service": "mobile", "credential": str(each.pk)}
            keep_elsewhere(each, Custody.TELEPHONE, **reference)
        yield service
        server.shutdown()


def program_with(certificate: Certificate, folder: Path) -> Program:
    """The program of the certificate's holder; the key goes from here into his device."""
    device = folder / f"device-{certificate.pk}.p12"
    device.write_bytes(bytes(certificate.pkcs12))
    keep_elsewhere(certificate, Custody.PLUGIN)
    return Program(device, PIN)


def keep_elsewhere(certificate: Certificate, custody: Custody, **reference: str) -> None:
    """From now on the key is there and not here."""
    Certificate.objects.filter(pk=certificate.pk).update(
        custody=custody, key_reference=reference, pkcs12=None
    )


def key_of(certificate: Certificate) -> KeyCredential:
    return KeyCredential.load(bytes(certificate.pkcs12), PIN)

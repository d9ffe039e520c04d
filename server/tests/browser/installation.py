"""A real installation for the browser: PKI, web server and worker in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from chauban.cli import province
from chauban.cli.processes import ending_together, free_port
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.signing_service import SigningService, make_server
from tests.browser.visitor import PIN

TOKEN = "token-of-the-session"
SERVER = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    url: str  # what people type: http://localhost:PORT
    data: Path
    bodies: Mapping[str, str]  # names of issuing bodies, by key
    people: Mapping[str, str]  # full names, by user name
    drafts: Mapping[str, Mapping[str, str]]  # path, subject and outgoing path, by stage.DRAFTS
    telephones: SigningService  # a test confirms or refuses here what a page has asked for


@contextmanager
def running(data: Path, *, database_url: str) -> Iterator[Installation]:
    """Make a province in folder data, set the stage, and run it until left."""
    port, pki_port, telephones_port = free_port(), free_port(), free_port()
    given = {"CHAUBAN_DATABASE_URL": database_url}
    variables = {
        **province.settings(data, port=port, pki_port=pki_port, given=given),
        "CHAUBAN_SIGNING_SERVICES": f"mobile=http://127.0.0.1:{telephones_port}/csc/v2",
        "CHAUBAN_PUSH_CONTACT": "van-thu@hue.gov.vn",
    }
    DemoAuthority.create(data / "pki", datetime.now(UTC))
    with ending_together([]) as children:
        children.append(province.start_pki(data, port=pki_port, variables=variables))
        stage = _staged(variables)
        children.append(province.start_web(data, port=port, variables=variables))
        children.append(province.start_worker(data, variables=variables))
        with _telephones(data, telephones_port) as telephones:
            yield Installation(f"http://localhost:{port}", data, telephones=telephones, **stage)


@contextmanager
def _telephones(data: Path, port: int) -> Iterator[SigningService]:
    """The service whose holders confirm on their telephones."""
    key = KeyCredential.load((data / "devices" / "telephone.p12").read_bytes(), PIN)
    tokens = data / "signing-services"
    tokens.mkdir(exist_ok=True)
    token = tokens / "mobile.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    service = SigningService({"telephone": key}, pin=None, access_token=TOKEN)
    with make_server(service, "127.0.0.1", port) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield service
        server.shutdown()


def _staged(variables: Mapping[str, str]) -> Mapping[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.browser.stage"],
        env={**os.environ, **variables},
        cwd=SERVER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)

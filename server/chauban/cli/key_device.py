"""A key device for scenarios: SoftHSM2 in a process of its own, which can be unplugged.

`p11-kit server` shows the token over a socket to whoever loads the driver `p11-kit-client`;
killing it is pulling the plug. Debian packages softhsm2 and p11-kit.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Self

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chauban.cli.processes import Child, start, wait_until
from chauban_pki.credentials import KeyCredential

TOKEN, IDENTIFIER, SECURITY_OFFICER_PIN = "Con dấu", "01", "87654321"
START_SECONDS = 10.0


@dataclass(frozen=True)
class KeyDevice:
    folder: Path
    socket: Path  # a short path: sun_path holds 108 bytes
    softhsm: Path
    client: Path

    @classmethod
    def of_this_machine(cls, folder: Path, *, socket: Path) -> Self | None:
        """None where the programs are not installed."""
        softhsm = next(Path("/usr/lib").glob("**/softhsm/libsofthsm2.so"), None)
        client = next(Path("/usr/lib").glob("*/pkcs11/p11-kit-client.so"), None)
        if softhsm is None or client is None or which("p11-kit") is None:
            return None
        return cls(folder, socket, softhsm, client)

    @property
    def variables(self) -> Mapping[str, str]:
        """What a process needs that uses the device."""
        return {
            "CHAUBAN_PKCS11_LIBRARY": str(self.client),
            "P11_KIT_SERVER_ADDRESS": f"unix:path={self.socket}",
        }

    def keep(self, credential: KeyCredential, *, pin: str) -> None:
        """Make the token, under that PIN, with the credential's key."""
        (self.folder / "tokens").mkdir(parents=True)
        configuration = f"directories.tokendir = {self.folder / 'tokens'}\n"
        (self.folder / "softhsm2.conf").write_text(configuration, "utf-8")
        pem = self.folder / "key.pem"
        pem.touch(mode=0o600)
        pem.write_bytes(
            credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        util = ("softhsm2-util", "--pin", pin)
        so_pin = ("--so-pin", SECURITY_OFFICER_PIN)
        self._run(*util, "--init-token", "--free", "--label", TOKEN, *so_pin)
        named = ("--token", TOKEN, "--label", TOKEN, "--id", IDENTIFIER)
        self._run(*util, "--import", str(pem), *named)
        pem.unlink()

    def start(self, *, logs: Path) -> Child:
        """Plug it in. Raises: DidNotStart."""
        self.socket.unlink(missing_ok=True)
        child = start(
            "device",
            ["--provider", str(self.softhsm), "--name", str(self.socket), "pkcs11:"],
            program=("p11-kit", "server", "--foreground"),
            variables=self._own_variables,
            logs=logs,
        )
        wait_until(child, self.socket.exists, seconds=START_SECONDS)
        return child

    @property
    def _own_variables(self) -> Mapping[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def _run(self, *argv: str) -> None:
        variables = {**os.environ, **self._own_variables}
        subprocess.run(argv, env=variables, check=True, capture_output=True)

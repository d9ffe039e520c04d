"""A device that goes and comes: SoftHSM2 in a process of its own, killed and started again.

`p11-kit server` gives the token to this process over a socket, by the driver `p11-kit-client`;
killing it is pulling the plug: the driver stays loaded, the token is gone.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which
from threading import Event, Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

pytest.importorskip("pkcs11", reason="the extra `pkcs11` is not installed")

from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.devices import Device, DeviceCredential
from chauban_pki.errors import DevicePINWrong, DeviceUnavailable

pytestmark = pytest.mark.xdist_group("softhsm")
SOFTHSM = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
]
CLIENT = next(Path("/usr/lib").glob("*/pkcs11/p11-kit-client.so"), None)
LABEL, PIN, CONTENT = "con dấu", "246810", b"content"


class Plug:
    """The process that holds the token; it listens once `put_in` has returned."""

    def __init__(self, folder: Path, softhsm: Path) -> None:
        self.folder, self.softhsm, self.socket = folder, softhsm, folder / "socket"
        self.variables = {**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str | Path) -> None:
        argv = list(map(str, arguments))
        subprocess.run(argv, env=self.variables, check=True, capture_output=True, timeout=30)

    def put_in(self) -> None:
        self.pull_out()
        self.socket.unlink(missing_ok=True)
        serve = ("p11-kit", "server", "--foreground", "--provider", self.softhsm)
        argv = list(map(str, (*serve, "--name", self.socket, "pkcs11:")))
        self.process = subprocess.Popen(
            argv, env=self.variables, stdout=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 10
        while not self._listens():
            assert time.monotonic() < deadline, "p11-kit server does not start"
            time.sleep(0.01)

    def _listens(self) -> bool:
        """The socket is there some moments before anybody listens at it."""
        with socket.socket(socket.AF_UNIX) as asked:
            return asked.connect_ex(str(self.socket)) == 0

    def pull_out(self) -> None:
        """kill -9, with the process it keeps for each connection."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def key(authority: DemoAuthority, now: datetime) -> KeyCredential:
    period = {"valid_from": now - timedelta(days=1), "valid_to": now + timedelta(days=1)}
    issued = authority.issue_seal("Cơ quan", "H57", password="x", key="rsa2048", **period)
    return KeyCredential.load(issued, "x")


@pytest.fixture(scope="module")
def plug(key: KeyCredential, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plug]:
    softhsm = next((path for path in SOFTHSM if path.is_file()), None)
    if softhsm is None or CLIENT is None or which("p11-kit") is None:
        pytest.skip("not installed: Debian packages softhsm2, p11-kit, p11-kit-modules")
    folder = tmp_path_factory.mktemp("plug")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    made = Plug(folder, softhsm)
    pem = folder / "key.pem"
    pem.write_bytes(key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    util = ("softhsm2-util", "--pin", PIN)
    made.run(*util, "--init-token", "--free", "--label", LABEL, "--so-pin", "12345678")
    made.run(*util, "--import", pem, "--token", LABEL, "--label", "k", "--id", "00")
    pem.unlink()
    # The driver reads the address once, when it is loaded.
    os.environ["P11_KIT_SERVER_ADDRESS"] = f"unix:path={made.socket}"
    yield made
    made.pull_out()
    del os.environ["P11_KIT_SERVER_ADDRESS"]


def opened() -> Device:
    assert CLIENT is not None
    return Device(CLIENT, token_label=LABEL, pin=PIN)


def credential(device: Device, key: KeyCredential) -> DeviceCredential:
    known = {"certificate": key.certificate, "chain": key.chain}
    return DeviceCredential.of(device, identifier=b"\x00", **known)


def test_a_device_absent_when_the_driver_was_loaded_is_found_when_it_comes(
    plug: Plug, key: KeyCredential
):
    plug.pull_out()
    with pytest.raises(DeviceUnavailable):
        opened()
    plug.put_in()
    with opened() as device:
        assert credential(device, key).sign(CONTENT) == key.sign(CONTENT)


def test_a_device_that_went_and_came_signs_on_without_a_restart(plug: Plug, key: KeyCredential):
    plug.put_in()
    with opened() as device:
        seal = credential(device, key)
        seal.sign(CONTENT)
        plug.pull_out()
        for _ in range(2):
            with pytest.raises(DeviceUnavailable):
                seal.sign(CONTENT)
        plug.put_in()
        assert seal.sign(CONTENT) == key.sign(CONTENT)


def test_a_device_that_was_away_unnoticed_costs_no_signature(plug: Plug, key: KeyCredential):
    plug.put_in()
    with opened() as device:
        seal = credential(device, key)
        before = seal.sign(CONTENT)
        plug.put_in()
        assert seal.sign(CONTENT) == before


def test_a_device_that_went_unnoticed_is_opened_anew_under_the_pin_given_now(
    plug: Plug, key: KeyCredential
):
    """What was logged in before the loss lends nothing to who comes after it."""
    plug.put_in()
    with opened() as device:
        credential(device, key).sign(CONTENT)
    plug.put_in()
    assert CLIENT is not None
    with pytest.raises(DevicePINWrong):
        Device(CLIENT, token_label=LABEL, pin="999999")
    with opened() as device:
        assert credential(device, key).sign(CONTENT) == key.sign(CONTENT)


def test_while_the_device_goes_and_comes_a_signature_is_whole_or_an_error(
    plug: Plug, key: KeyCredential
):
    plug.put_in()
    values: set[bytes] = set()
    failures: list[Exception] = []
    done = Event()

    def sign_on(sign: Callable[[bytes], bytes]) -> None:
        while not done.is_set():
            try:
                values.add(sign(CONTENT))
            except DeviceUnavailable:
                time.sleep(0.005)
            except Exception as other:
                failures.append(other)

    with opened() as device:
        thread = Thread(target=sign_on, args=(credential(device, key).sign,))
        thread.start()
        for _ in range(5):
            time.sleep(0.1)
            plug.pull_out()
            time.sleep(0.05)
            plug.put_in()
        time.sleep(0.1)
        done.set()
        thread.join()
        assert credential(device, key).sign(CONTENT) == key.sign(CONTENT)
    assert failures == []
    assert values == {key.sign(CONTENT)}


def test_tokens_of_one_driver_find_their_own_keys_after_it_has_started_anew(
    plug: Plug, key: KeyCredential
):
    """Handles begin again from the start: an old one would name another session's key."""
    plug.put_in()
    with opened() as device:
        seal = credential(device, key)
        seal.sign(CONTENT)
        restarts = device._driver.restarts
        with pytest.raises(DeviceUnavailable):
            Device(device._library, token_label="khác", pin=PIN)
        assert device._driver.restarts > restarts
        assert seal.sign(CONTENT) == key.sign(CONTENT)

"""The processes of the scenario of outages: each can be killed and started again by its name."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from chauban.cli import province
from chauban.cli.key_device import KeyDevice
from chauban.cli.processes import Child, free_port, kill, stop
from chauban_pki.demo.hierarchy import CA_HOST, OCSP_HOST, TSA_HOST

HOSTS = {"tsa": TSA_HOST, "ocsp": OCSP_HOST, "crl": CA_HOST}


@dataclass
class Stage:
    data: Path
    ports: Mapping[str, int]
    device: KeyDevice | None  # None: its programs are not installed
    running: dict[str, Child] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def set(cls, data: Path) -> Iterator[Self]:
        """An installation in folder data; nothing runs yet, and nothing after."""
        with TemporaryDirectory(prefix="chauban-") as folder:
            socket = Path(folder) / "device"
            device = KeyDevice.of_this_machine(data / "device", socket=socket)
            ports = {name: free_port() for name in ("web", *HOSTS)}
            stage = cls(data, ports, device)
            try:
                yield stage
            finally:
                for child in reversed(stage.running.values()):
                    stop(child)

    @property
    def variables(self) -> dict[str, str]:
        port = self.ports["web"]
        pki = {host: self.ports[name] for name, host in HOSTS.items()}
        return {
            **province.settings(self.data, port=port, pki_port=self.ports["tsa"]),
            "CHAUBAN_ADDRESSES": province.addresses(pki),
            **(self.device.variables if self.device else {}),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    def start(self, *names: str) -> None:
        """Raises: DidNotStart."""
        for name in names:
            self.running[name] = self._started(name)

    def kill(self, *names: str) -> None:
        """kill -9, one right after the other."""
        for name in names:
            kill(self.running.pop(name))

    def died(self) -> list[str]:
        """The names of those that ended though nobody killed them."""
        return [name for name, child in self.running.items() if child.process.poll() is not None]

    def restart(self, *names: str) -> None:
        """End in order and start again, with empty caches."""
        for name in names:
            stop(self.running.pop(name))
            self.start(name)

    def _started(self, name: str) -> Child:
        data, variables = self.data, self.variables
        match name:
            case "web":
                return province.start_web(data, port=self.ports["web"], variables=variables)
            case "work":
                return province.start_worker(data, variables=variables)
            case "device":
                assert self.device is not None
                return self.device.start(logs=data / "logs")
            case _:
                return province.start_pki(
                    data, port=self.ports[name], variables=variables, only=name
                )

"""How a vector is declared, and what it is made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chauban_pki.credentials import Credential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.revocation import ValidationData
from chauban_pki.timestamps import Timestamper


@dataclass(frozen=True)
class Workshop:
    """What a vector is made with: a letter with reserved fields, and those who sign it.

    `sign` is the signatory's, `seal` fills number and date and seals, both B-T; `keep` adds the
    validation data of both. `seal_with` seals over values and appearances of its own choice.
    For attacks from within the PKI, the rest: who seals, the authority, and `data`, with which
    `keep` completes the letter.
    """

    reserved: bytes
    sign: Callable[[bytes], bytes]
    seal: Callable[[bytes], bytes]
    keep: Callable[[bytes], bytes]
    seal_with: Callable[[bytes, Mapping[str, tuple[str, str]]], bytes]
    sealer: Credential
    authority: DemoAuthority
    timestamp: Timestamper
    data: ValidationData
    now: datetime

    def complete(self) -> bytes:
        """The letter signed, sealed and with validation data: a complete document."""
        return self.keep(self.seal(self.sign(self.reserved)))


Maker = Callable[[Workshop], bytes]


@dataclass(frozen=True)
class Attack:
    """One vector.

    `document` is the status it must get, `code` one that must be reported. `twin` makes the
    honest file that differs from it in one thing, which is a complete document.
    """

    name: str
    source: str
    document: str
    code: str
    make: Maker
    twin: Maker
    subject: str


ATTACKS: dict[str, Attack] = {}


def attack(
    source: str, document: str, code: str, *, twin: Maker = Workshop.complete
) -> Callable[[Maker], Maker]:
    """Declare the decorated maker as a vector; its name is the function's."""

    def declare(make: Maker) -> Maker:
        name, subject = make.__name__.replace("_", "-"), make.__module__.rpartition(".")[2]
        ATTACKS[name] = Attack(name, source, document, code, make, twin, subject)
        return make

    return declare

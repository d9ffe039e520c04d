"""The demonstration authority: made once in a folder, it issues and revokes."""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from chauban_pki.algorithms import PrivateKey
from chauban_pki.certificates import Role, encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import register
from chauban_pki.demo.hierarchy import (
    CA_HOST,
    MEMBERS,
    NO_CA,
    OCSP_HOST,
    ORGANISATION,
    POLICY,
    SERVICE_USAGE,
    SIGNER_USAGE,
    TSA_HOST,
    YEAR,
    YEARS_AFTER,
    YEARS_BEFORE,
    KeyKind,
    Member,
    make_certificate,
    make_key,
    make_name,
)
from chauban_pki.errors import DemoFolderInvalid, DemoFolderTaken, PKIError
from chauban_pki.keystore import write_keystore
from chauban_pki.trust import Trust

__all__ = ["DemoAuthority", "KeyKind"]

REGISTER = "register.sqlite3"


@dataclass(frozen=True)
class DemoAuthority:
    """The demonstration PKI in a folder: `NAME.pem`, `NAME.key` per member, and a register."""

    folder: Path
    root: KeyCredential
    issuing: KeyCredential
    tsa: KeyCredential
    ocsp: KeyCredential

    @classmethod
    def create(cls, folder: Path, now: datetime, *, key: KeyKind | None = None) -> Self:
        """Make a demonstration PKI; the folder is there whole or not at all.

        `key` is the kind of all its own keys; without one each member has its declared kind.

        Raises:
            DemoFolderTaken: the folder is not empty.
        """
        if folder.exists() and any(folder.iterdir()):
            raise DemoFolderTaken(str(folder))
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        register.create(unfinished / REGISTER)
        made: dict[str, KeyCredential] = {}
        for member in MEMBERS:
            made[member.name] = _make_member(
                member, made.get(member.issuer), now=now, key=make_key(key or member.key)
            )
            _write_member(unfinished, member, made)
        os.replace(unfinished, folder)
        return cls(folder, **made)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Return the demonstration PKI in a folder.

        Raises:
            DemoFolderInvalid: a file is missing or cannot be read.
        """
        try:
            if not (folder / REGISTER).is_file():
                raise DemoFolderInvalid(str(folder), f"{REGISTER} is missing")
            certificates = {
                member.name: x509.load_pem_x509_certificate(
                    (folder / f"{member.name}.pem").read_bytes()
                )
                for member in MEMBERS
            }
            return cls(
                folder,
                **{member.name: _read_member(folder, member, certificates) for member in MEMBERS},
            )
        except (OSError, ValueError, PKIError) as error:
            raise DemoFolderInvalid(str(folder), str(error)) from error

    def issue_person(
        self,
        full_name: str,
        title: str,
        organisation: str,
        *,
        password: str,
        valid_from: datetime,
        valid_to: datetime,
        key: KeyKind = "rsa2048",
    ) -> bytes:
        """Return the keystore of a new key of a person with a position in an agency."""
        subject = make_name(common=full_name, organisation=organisation, title=title)
        return self._issue(
            subject, Role.PERSON, key, password=password, valid_from=valid_from, valid_to=valid_to
        )

    def issue_seal(
        self,
        body_name: str,
        organ_id: str,
        *,
        password: str,
        valid_from: datetime,
        valid_to: datetime,
        key: KeyKind = "rsa2048",
    ) -> bytes:
        """Return the keystore of a new key of an agency, with its code (mã định danh)."""
        subject = make_name(common=body_name, organisation=body_name, organ_id=organ_id)
        return self._issue(
            subject,
            Role.ORGANISATION,
            key,
            password=password,
            valid_from=valid_from,
            valid_to=valid_to,
        )

    def issue_service(
        self,
        name: str,
        organisation: str = ORGANISATION,
        *,
        password: str,
        valid_from: datetime,
        valid_to: datetime,
        key: KeyKind = "p256",
    ) -> bytes:
        """Return the keystore of a new key of a machine service (design decision 15)."""
        subject = make_name(common=name, organisation=organisation)
        return self._issue(
            subject, Role.SERVICE, key, password=password, valid_from=valid_from, valid_to=valid_to
        )

    def issue_node(
        self,
        host: str,
        *,
        password: str,
        valid_from: datetime,
        valid_to: datetime,
        key: KeyKind = "p256",
    ) -> bytes:
        """Return the keystore of a server that is spoken to, and speaks, over mutual TLS.

        host is a DNS name or an IP address (RFC 5280 section 4.2.1.6).
        """
        try:
            name: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._issue(
            make_name(common=host, organisation=ORGANISATION),
            Role.SERVICE,
            key,
            password=password,
            valid_from=valid_from,
            valid_to=valid_to,
            more=(
                (x509.SubjectAlternativeName([name]), False),
                (x509.ExtendedKeyUsage(both), False),
            ),
        )

    def revoke(
        self,
        serial_number: int,
        at: datetime,
        reason: x509.ReasonFlags = x509.ReasonFlags.unspecified,
    ) -> None:
        """Revoke a certificate; the first revocation stands.

        Raises:
            UnknownSerialNumber: it was not issued here.
        """
        register.revoke(self.register_path, serial_number, at=at, reason=reason)

    def trust(self, base_url: str) -> Trust:
        """Return trust in the root, with the demonstration's addresses mapped to a service."""
        anchors = (self.root.certificate,)
        return Trust(
            signing=anchors,
            timestamping=anchors,
            addresses=dict.fromkeys((CA_HOST, OCSP_HOST, TSA_HOST), base_url),
        )

    @property
    def register_path(self) -> Path:
        return self.folder / REGISTER

    def _issue(
        self,
        subject: x509.Name,
        role: Role,
        key_kind: KeyKind,
        *,
        password: str,
        valid_from: datetime,
        valid_to: datetime,
        more: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    ) -> bytes:
        key = make_key(key_kind)
        usage = SERVICE_USAGE if role is Role.SERVICE else SIGNER_USAGE
        policy = x509.PolicyInformation(POLICY[role], None)
        certificate = make_certificate(
            subject,
            key,
            issuer=self.issuing,
            issuer_name="issuing",
            valid_from=valid_from,
            valid_to=valid_to,
            extensions=(NO_CA, usage, (x509.CertificatePolicies([policy]), False), *more),
        )
        register.enter(self.register_path, certificate, issuer="issuing")
        chain = (self.issuing.certificate, self.root.certificate)
        return write_keystore(key, certificate, chain, password)


def _make_member(
    member: Member, issuer: KeyCredential | None, *, now: datetime, key: PrivateKey
) -> KeyCredential:
    certificate = make_certificate(
        make_name(common=member.common_name, organisation=ORGANISATION),
        key,
        issuer=issuer,
        issuer_name=member.issuer,
        valid_from=now - YEARS_BEFORE * YEAR,
        valid_to=now + YEARS_AFTER * YEAR,
        extensions=member.extensions,
    )
    chain = (issuer.certificate, *issuer.chain) if issuer else ()
    return KeyCredential.of(key, certificate, chain)


def _write_member(folder: Path, member: Member, made: dict[str, KeyCredential]) -> None:
    credential = made[member.name]
    register.enter(folder / REGISTER, credential.certificate, issuer=member.issuer)
    pem = credential.certificate.public_bytes(serialization.Encoding.PEM)
    (folder / f"{member.name}.pem").write_bytes(pem)
    key_path = folder / f"{member.name}.key"
    key_path.touch(mode=0o600)
    key_path.write_bytes(
        credential.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _read_member(
    folder: Path, member: Member, certificates: dict[str, x509.Certificate]
) -> KeyCredential:
    key = serialization.load_pem_private_key((folder / f"{member.name}.key").read_bytes(), None)
    if not isinstance(
        key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    ):
        raise ValueError(f"{member.name}.key is no signing key")
    return KeyCredential.of(key, certificates[member.name], tuple(certificates.values()))


def member_certificate(authority: DemoAuthority, name: str) -> bytes:
    """Return a CA's certificate in DER, for the address in the certificates it issued."""
    credential = authority.root if name == "root" else authority.issuing
    return encoded(credential.certificate)

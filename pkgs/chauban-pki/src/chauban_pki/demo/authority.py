"""The demonstration PKI, declared: its certificates, their contents, and what it issues.

Root → issuing CA → persons, seals, services, the time-stamping authority and the OCSP
responder. Addresses in the certificates stand under `.invalid` (RFC 6761) and mean something
only where trust settings map them (design decision 19).
"""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from chauban_pki.algorithms import PrivateKey
from chauban_pki.certificates import ROLE_POLICIES, Role, encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo import register
from chauban_pki.errors import DemoFolderInvalid, DemoFolderTaken, PKIError
from chauban_pki.keystore import write_keystore
from chauban_pki.trust import Trust

KeyKind = Literal["rsa2048", "p256"]

ORGANISATION = "Châu Bản – PKI trình diễn, không có giá trị pháp lý"
CA_HOST, OCSP_HOST, TSA_HOST = "ca.chauban.invalid", "ocsp.chauban.invalid", "tsa.chauban.invalid"
OCSP_URL, TSA_URL = f"http://{OCSP_HOST}/ocsp", f"http://{TSA_HOST}/tsa"

# Nghị định 68/2024/NĐ-CP: 20 years for a CA. Ten of them lie before the day of creation, so
# that the documents of bodies that have since been merged verify too.
YEARS_BEFORE, YEARS_AFTER = 10, 10
_YEAR = timedelta(days=365)

_POLICY = {role: ObjectIdentifier(oid) for oid, role in ROLE_POLICIES.items()}
_OCSP_NO_CHECK = x509.OCSPNoCheck()


@dataclass(frozen=True)
class Member:
    """One of the authority's own certificates; file names are its `name`."""

    name: str
    common_name: str
    issuer: str
    extensions: tuple[tuple[x509.ExtensionType, bool], ...]
    key: KeyKind


def _usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


_CA_USAGE = (_usage(key_cert_sign=True, crl_sign=True), True)
_SIGNER_USAGE = (_usage(digital_signature=True, content_commitment=True), True)
_SERVICE_USAGE = (_usage(digital_signature=True), True)
_NO_CA = (x509.BasicConstraints(ca=False, path_length=None), True)

MEMBERS = (
    Member(
        "root",
        "Châu Bản Demo Root CA",
        issuer="root",
        extensions=((x509.BasicConstraints(ca=True, path_length=1), True), _CA_USAGE),
        key="rsa2048",
    ),
    Member(
        "issuing",
        "Châu Bản Demo Issuing CA",
        issuer="root",
        extensions=((x509.BasicConstraints(ca=True, path_length=0), True), _CA_USAGE),
        key="rsa2048",
    ),
    Member(
        "tsa",
        "Châu Bản Demo TSA",
        issuer="issuing",
        extensions=(
            _NO_CA,
            _SERVICE_USAGE,
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
        ),
        key="p256",
    ),
    Member(
        "ocsp",
        "Châu Bản Demo OCSP",
        issuer="issuing",
        extensions=(
            _NO_CA,
            _SERVICE_USAGE,
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
            (_OCSP_NO_CHECK, False),
        ),
        key="p256",
    ),
)


@dataclass(frozen=True)
class DemoAuthority:
    """The demonstration PKI in a folder: `NAME.pem`, `NAME.key` per member, and a register."""

    folder: Path
    root: KeyCredential
    issuing: KeyCredential
    tsa: KeyCredential
    ocsp: KeyCredential

    @classmethod
    def create(cls, folder: Path, now: datetime) -> Self:
        """Make a demonstration PKI; the folder is there whole or not at all.

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
            made[member.name] = _make_member(member, made.get(member.issuer), now=now)
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
        subject = _name(common=full_name, organisation=organisation, title=title)
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
        subject = _name(common=body_name, organisation=body_name, organ_id=organ_id)
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
        subject = _name(common=name, organisation=organisation)
        return self._issue(
            subject, Role.SERVICE, key, password=password, valid_from=valid_from, valid_to=valid_to
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
    ) -> bytes:
        key = make_key(key_kind)
        usage = _SERVICE_USAGE if role is Role.SERVICE else _SIGNER_USAGE
        policy = x509.PolicyInformation(_POLICY[role], None)
        certificate = make_certificate(
            subject,
            key,
            issuer=self.issuing,
            issuer_name="issuing",
            valid_from=valid_from,
            valid_to=valid_to,
            extensions=(_NO_CA, usage, (x509.CertificatePolicies([policy]), False)),
        )
        register.enter(self.register_path, certificate, issuer="issuing")
        chain = (self.issuing.certificate, self.root.certificate)
        return write_keystore(key, certificate, chain, password)


REGISTER = "register.sqlite3"


def make_key(kind: KeyKind) -> PrivateKey:
    """Return a new private key; RSA takes about 0.1 s, P-256 next to nothing."""
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_certificate(
    subject: x509.Name,
    key: PrivateKey,
    *,
    issuer: KeyCredential | None,
    issuer_name: str,
    valid_from: datetime,
    valid_to: datetime,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...],
) -> x509.Certificate:
    """Return a certificate for the key, self-issued without an issuer.

    `issuer_name` is the member whose CRL and certificate the addresses name.
    """
    issuer_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    addresses = _addresses(issuer_name) if issuer else ()
    for extension, critical in (*extensions, *addresses):
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _addresses(issuer: str) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return where to ask about a certificate: the root has no OCSP responder, only a CRL."""
    access = [
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, _uri(f"http://{CA_HOST}/ca/{issuer}.cer")
        )
    ]
    if issuer == "issuing":
        access.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _uri(OCSP_URL)))
    point = x509.DistributionPoint(
        [_uri(f"http://{CA_HOST}/crl/{issuer}.crl")],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )
    return (
        (x509.AuthorityInformationAccess(access), False),
        (x509.CRLDistributionPoints([point]), False),
    )


def _uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)


def _name(*, common: str, organisation: str, title: str = "", organ_id: str = "") -> x509.Name:
    attributes = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATION_IDENTIFIER, organ_id),
        (NameOID.TITLE, title),
        (NameOID.COMMON_NAME, _shortened(common)),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes if text])


def _shortened(common_name: str) -> str:
    """Return at most 64 octets, cut after a word; the organisation's name stays whole.

    RFC 5280's ub-common-name is 64 characters; `cryptography` counts the octets of UTF-8.
    """
    words = common_name.split(" ")
    while len(" ".join(words).encode()) > 61:
        words.pop()
    shortened = " ".join(words)
    return common_name if len(common_name.encode()) <= 64 else f"{shortened}…"


def _make_member(member: Member, issuer: KeyCredential | None, *, now: datetime) -> KeyCredential:
    key = make_key(member.key)
    certificate = make_certificate(
        _name(common=member.common_name, organisation=ORGANISATION),
        key,
        issuer=issuer,
        issuer_name=member.issuer,
        valid_from=now - YEARS_BEFORE * _YEAR,
        valid_to=now + YEARS_AFTER * _YEAR,
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
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{member.name}.key is no RSA or EC key")
    return KeyCredential.of(key, certificates[member.name], tuple(certificates.values()))


def member_certificate(authority: DemoAuthority, name: str) -> bytes:
    """Return a CA's certificate in DER, for the address in the certificates it issued."""
    credential = authority.root if name == "root" else authority.issuing
    return encoded(credential.certificate)

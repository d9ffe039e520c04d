"""Acts of trust: granting and ending mandates, storing certificates and anchors."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256

from cryptography import x509
from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, Person, Post
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.trust.errors import AnchorHasEnded, CertificateOfAnother, MandateBackwards
from chauban.trust.models import Anchor, Capacity, Certificate, Custody, Mandate
from chauban.trust.rules import require_grantable
from chauban_pki.certificates import Role as CertificateRole
from chauban_pki.certificates import certificate_role, encoded, parse_certificate
from chauban_pki.credentials import KeyCredential


@transaction.atomic
def grant_mandate(
    post: Post,
    *,
    body: IssuingBody,
    capacity: Capacity,
    authority_lines: list[str],
    basis: str,
    valid_from: date,
    valid_to: date | None = None,
    kinds: tuple[str, ...] = (),
    parent: Mandate | None = None,
    officer: Officer | None,
    now: datetime,
) -> Mandate:
    """Let the holder of a post sign for body in a capacity (Nghị định 30/2020/NĐ-CP Điều 13).

    basis names the document that entrusts him; no kinds means all kinds.

    Raises:
        NotAllowed: the officer is neither head nor administrator of the body's agency.
        A leaf of MandateError, which names the rule that forbids it.
    """
    if officer is not None:
        require(officer, Permission.GRANT_MANDATE, body)
    mandate = Mandate(
        person=post.person,
        post=post,
        body=body,
        capacity=capacity,
        authority_lines=authority_lines,
        kinds=list(kinds),
        basis=basis,
        parent=parent,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    require_grantable(mandate)
    mandate.save()
    record(
        ActKind.MANDATE_GRANTED,
        on=mandate,
        by=officer,
        at=now,
        agency_id=body.agency_id,
        capacity=str(capacity),
        body=body.pk,
    )
    return mandate


@transaction.atomic
def end_mandate(mandate: Mandate, *, on: date, officer: Officer, now: datetime) -> None:
    """Let a mandate, and those under it, end: the first day out is on.

    Raises: NotAllowed, as `grant_mandate`; MandateBackwards: it had not begun by then.
    """
    require(officer, Permission.GRANT_MANDATE, mandate.body)
    if on < mandate.valid_from:
        raise MandateBackwards(mandate)
    for ended in (mandate, *mandate.children.all()):
        if ended.valid_to is None or ended.valid_to > on:
            Mandate.objects.filter(pk=ended.pk).update(valid_to=max(on, ended.valid_from))
            record(ActKind.MANDATE_ENDED, on=ended, by=officer, at=now, on_day=on.isoformat())
    mandate.refresh_from_db(fields=["valid_to"])


@transaction.atomic
def store_certificate(
    der: bytes,
    *,
    holder: Person | IssuingBody,
    custody: Custody = Custody.KEYSTORE,
    key_reference: Mapping[str, str] | None = None,
    pkcs12: bytes | None = None,
    picture: Blob | None = None,
    picture_width_mm: float | None = None,
    officer: Officer | None,
    now: datetime,
) -> Certificate:
    """Store a person's certificate or a body's seal, where its key is kept, and its picture.

    A keystore stays as it came, encrypted under the PIN, which is never stored. Storing
    the same certificate twice returns the first.

    Raises:
        CertificateMalformed (chauban_pki): der is no certificate.
        CertificateOfAnother: it certifies a person where a body holds it, or the reverse.
    """
    certificate = parse_certificate(der)
    is_person = isinstance(holder, Person)
    role = certificate_role(certificate)
    if role != (CertificateRole.PERSON if is_person else CertificateRole.ORGANISATION):
        raise CertificateOfAnother(certificate.subject.rfc4514_string(), str(holder))
    return _stored(
        certificate,
        ActKind.KEY_STORED,
        officer=officer,
        now=now,
        holder=Certificate.Holder(role.value),
        person=holder if is_person else None,
        body=None if is_person else holder,
        custody=custody,
        key_reference=dict(key_reference or {}),
        pkcs12=pkcs12,
        picture=picture,
        picture_width_mm=picture_width_mm,
    )


@transaction.atomic
def store_authority(
    certificate: x509.Certificate, *, officer: Officer | None, now: datetime
) -> Certificate:
    """Enter the certificate of a certification, status or time-stamping authority, once.

    It helps to find paths and its end is warned of; it is no anchor, nothing is trusted by it.
    """
    return _stored(
        certificate,
        ActKind.CERTIFICATE_STORED,
        officer=officer,
        now=now,
        holder=Certificate.Holder.AUTHORITY,
        custody="",
    )


def _stored(
    certificate: x509.Certificate,
    kind: ActKind,
    *,
    officer: Officer | None,
    now: datetime,
    **values: object,
) -> Certificate:
    der = encoded(certificate)
    stored, is_new = Certificate.objects.get_or_create(
        fingerprint=sha256(der).hexdigest(),
        defaults={
            "serial": format(certificate.serial_number, "x"),
            "subject": certificate.subject.rfc4514_string()[:300],
            "not_before": certificate.not_valid_before_utc,
            "not_after": certificate.not_valid_after_utc,
            "der": der,
            **values,
        },
    )
    if is_new:
        record(
            kind, on=stored, by=officer, at=now, digest=stored.fingerprint, custody=stored.custody
        )
    return stored


@transaction.atomic
def store_keystore(
    pkcs12: bytes,
    pin: str,
    *,
    holder: Person | IssuingBody,
    picture: Blob | None = None,
    picture_width_mm: float | None = None,
    officer: Officer | None,
    now: datetime,
) -> Certificate:
    """Store the certificate of a keystore together with it, after the PIN has opened it once.

    The authorities that the keystore names are entered as well.

    Raises: KeystoreLocked, KeystoreInvalid (chauban_pki), CertificateOfAnother.
    """
    credential = KeyCredential.load(pkcs12, pin)
    for issuer in credential.chain:
        store_authority(issuer, officer=officer, now=now)
    return store_certificate(
        encoded(credential.certificate),
        holder=holder,
        pkcs12=pkcs12,
        picture=picture,
        picture_width_mm=picture_width_mm,
        officer=officer,
        now=now,
    )


@transaction.atomic
def store_anchor(
    certificate: x509.Certificate,
    *,
    purpose: Anchor.Purpose,
    name: str,
    valid_from: date,
    officer: Officer | None,
    now: datetime,
) -> Anchor:
    """Trust a root, for signatures or for time-stamps, from a day on; once."""
    der = encoded(certificate)
    anchor, is_new = Anchor.objects.get_or_create(
        purpose=purpose,
        fingerprint=sha256(der).hexdigest(),
        defaults={"name": name, "der": der, "valid_from": valid_from},
    )
    if is_new:
        record(ActKind.ANCHOR_STORED, on=anchor, by=officer, at=now, digest=anchor.fingerprint)
    return anchor


@transaction.atomic
def end_anchor(anchor: Anchor, *, on: date, officer: Officer | None, now: datetime) -> None:
    """Let an anchor end: the first day on which it is not trusted is on.

    Raises: AnchorHasEnded: it has ended by then already.
    """
    current = Anchor.objects.select_for_update().get(pk=anchor.pk)
    if current.valid_to is not None and current.valid_to <= on:
        raise AnchorHasEnded(current, current.valid_to)
    Anchor.objects.filter(pk=anchor.pk).update(valid_to=on)
    record(
        ActKind.ANCHOR_ENDED,
        on=anchor,
        by=officer,
        at=now,
        digest=anchor.fingerprint,
        on_day=on.isoformat(),
    )
    anchor.refresh_from_db(fields=["valid_to"])

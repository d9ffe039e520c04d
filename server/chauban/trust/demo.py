"""Keys, pictures and mandates of the demo: a local authority with no legal effect.

What is minted is real in every other respect: keys under a PIN, certificates of a CA, mandates
that the rules of Điều 13 allow. Minting twice mints nothing new.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from chauban.blobs import store
from chauban.directory.hue_staff import MAIL_DOMAIN
from chauban.directory.models import AgencyLevel, IssuingBody, Post
from chauban.directory.rules import legal_day
from chauban.trust.actions import (
    grant_mandate,
    store_anchor,
    store_authority,
    store_keystore,
)
from chauban.trust.models import Anchor, Capacity, Certificate, Mandate
from chauban_docform.pictures import seal_image, signature_image
from chauban_pki.demo.authority import DemoAuthority, KeyKind

DEMO_PIN = "246810"
SIGNATURE_WIDTH_MM = 50.0
SEAL_DIAMETER_MM = 36.0
# Nghị định 68/2024/NĐ-CP: a new certificate runs for five years at most.
CERTIFICATE_LIFETIME = timedelta(days=3 * 365)
BASIS = "Quyết định bổ nhiệm và phân công công tác (dữ liệu trình diễn)"
WORKING_RULES = "Quy chế làm việc của cơ quan (dữ liệu trình diễn)"
AUTHORISATION = "Giấy ủy quyền của Chủ tịch (dữ liệu trình diễn)"
BY_ORDER = ("giay_moi", "thong_bao", "cong_van")


@dataclass(frozen=True)
class Signatory:
    """One mandate of the demo: who (first part of the user name) signs for a body, and how."""

    username: str
    capacity: Capacity
    authority_lines: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    basis: str = BASIS
    lifetime: timedelta | None = None


def open_demo_pki(folder: Path, *, now: datetime) -> DemoAuthority:
    """Return the demo's authority in a folder, made there at first use."""
    if folder.exists():
        return DemoAuthority.open(folder)
    return DemoAuthority.create(folder, now)


def mint_service(
    authority: DemoAuthority, *, keystore: Path, password_file: Path, now: datetime
) -> None:
    """Put the service's key where settings look for it, if none is there."""
    if keystore.exists():
        return
    password = secrets.token_urlsafe(24)
    made = authority.issue_service(
        "Dịch vụ trao đổi văn bản (trình diễn)",
        password=password,
        valid_from=now - timedelta(days=1),
        valid_to=now + CERTIFICATE_LIFETIME,
    )
    for file, content in ((password_file, password.encode()), (keystore, made)):
        file.touch(mode=0o600)
        file.write_bytes(content)


def trust_demo_pki(authority: DemoAuthority, *, now: datetime) -> None:
    """Make the demo's root an anchor of this installation, for signatures and time-stamps.

    The authorities below it are entered as well, so that their end is watched.
    """
    root = authority.root.certificate
    for below in (authority.issuing, authority.tsa, authority.ocsp):
        store_authority(below.certificate, officer=None, now=now)
    for purpose in Anchor.Purpose:
        store_anchor(
            root,
            purpose=purpose,
            name="Gốc chứng thực trình diễn",
            valid_from=date(2024, 1, 1),
            officer=None,
            now=now,
        )


def mint_for_body(
    body: IssuingBody, *, authority: DemoAuthority, now: datetime, key: KeyKind = "rsa2048"
) -> None:
    """Give a body its seal, and its signatories their keys, pictures and mandates.

    One transaction per holder, after the key is made: a crash leaves whole holders only.

    Raises: BodyHasNoCode, for a body outside the province's system.
    """
    mint_seal(body, authority=authority, now=now, key=key)
    for signatory, post in signatories_of(body, legal_day(now)):
        mint_signatory(post, authority=authority, now=now, key=key)
        grant_demo_mandate(signatory, post, body, now=now)


def mint_seal(
    body: IssuingBody, *, authority: DemoAuthority, now: datetime, key: KeyKind = "rsa2048"
) -> None:
    if Certificate.objects.filter(body=body).exists():
        return
    valid_from = now - timedelta(days=1)
    pkcs12 = authority.issue_seal(
        body.name,
        body.organ_id(legal_day(now)),
        password=DEMO_PIN,
        valid_from=valid_from,
        valid_to=valid_from + CERTIFICATE_LIFETIME,
        key=key,
    )
    picture = seal_image(body.name, diameter_mm=SEAL_DIAMETER_MM)
    with transaction.atomic():
        store_keystore(
            pkcs12,
            DEMO_PIN,
            holder=body,
            picture=store.put(picture, now=now),
            picture_width_mm=SEAL_DIAMETER_MM,
            officer=None,
            now=now,
        )


def mint_signatory(
    post: Post, *, authority: DemoAuthority, now: datetime, key: KeyKind = "rsa2048"
) -> None:
    person = post.person
    if Certificate.objects.filter(person=person).exists():
        return
    valid_from = now - timedelta(days=1)
    pkcs12 = authority.issue_person(
        person.full_name,
        post.title,
        post.agency.name,
        password=DEMO_PIN,
        valid_from=valid_from,
        valid_to=valid_from + CERTIFICATE_LIFETIME,
        key=key,
    )
    picture = signature_image(person.full_name, width_mm=SIGNATURE_WIDTH_MM)
    with transaction.atomic():
        store_keystore(
            pkcs12,
            DEMO_PIN,
            holder=person,
            picture=store.put(picture, now=now),
            picture_width_mm=SIGNATURE_WIDTH_MM,
            officer=None,
            now=now,
        )


def grant_demo_mandate(
    signatory: Signatory, post: Post, body: IssuingBody, *, now: datetime
) -> Mandate:
    """Grant one of the demo's mandates, once."""
    standing = Mandate.objects.filter(post=post, body=body, capacity=signatory.capacity).first()
    if standing is not None:
        return standing
    valid_from = legal_day(now) if signatory.lifetime else max(post.valid_from, body.valid_from)
    return grant_mandate(
        post,
        body=body,
        capacity=signatory.capacity,
        authority_lines=list(signatory.authority_lines),
        kinds=signatory.kinds,
        basis=signatory.basis,
        valid_from=valid_from,
        valid_to=valid_from + signatory.lifetime if signatory.lifetime else None,
        officer=None,
        now=now,
    )


def signatories_of(body: IssuingBody, day: date) -> Iterator[tuple[Signatory, Post]]:
    """The demo's mandates for a body, each with the post that holds it on day."""
    agency_posts = Post.objects.as_of(day).select_related("person", "agency", "unit")
    for signatory in _signatories(body):
        email = f"{signatory.username}@{MAIL_DOMAIN}"
        for post in agency_posts.filter(person__email=email):
            yield signatory, post


def _signatories(body: IssuingBody) -> tuple[Signatory, ...]:
    agency = body.agency
    if body.key == "vp-ubnd":
        head, deputy = "CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"
        return (
            Signatory("chanh-vp.vp-ubnd", Capacity.HEAD, (head,)),
            Signatory("pho-chanh-vp.vp-ubnd", Capacity.KT, (f"KT. {head}", deputy)),
        )
    if body.symbol == "UBND":
        return _committee_signatories(body)
    if agency.level == AgencyLevel.DEPARTMENT:
        head = _title_of(f"giam-doc.{agency.key}").upper()
        return (
            Signatory(f"giam-doc.{agency.key}", Capacity.HEAD, (head,)),
            Signatory(f"pho-giam-doc.{agency.key}", Capacity.KT, (f"KT. {head}", f"PHÓ {head}")),
        )
    return ()


def _committee_signatories(body: IssuingBody) -> tuple[Signatory, ...]:
    together, head = "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"
    key = body.agency.key
    leaders = (
        Signatory(f"chu-tich.{key}", Capacity.TM, (together, head)),
        Signatory(f"pho-chu-tich.{key}", Capacity.KT, (together, f"KT. {head}", f"PHÓ {head}")),
    )
    if body.key != "ubnd-tp":
        return leaders
    return (
        *leaders,
        Signatory(
            f"chanh-vp.{key}",
            Capacity.TL,
            (f"TL. {head}", "CHÁNH VĂN PHÒNG"),
            kinds=BY_ORDER,
            basis=WORKING_RULES,
        ),
        Signatory(
            "giam-doc.so-tai-chinh",
            Capacity.TUQ,
            (together, f"TUQ. {head}", "GIÁM ĐỐC SỞ TÀI CHÍNH"),
            kinds=("cong_van",),
            basis=AUTHORISATION,
            lifetime=timedelta(days=180),
        ),
    )


def _title_of(username: str) -> str:
    """A department's head is its Giám đốc, Chánh Thanh tra or Trưởng ban: the directory says."""
    post = Post.objects.filter(person__email=f"{username}@{MAIL_DOMAIN}").first()
    return post.title if post else ""

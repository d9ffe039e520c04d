"""Set the stage: `python -m tests.browser.stage` in an installation whose PKI answers.

Fills a new installation with Huế, with keys and with a few documents in the states that
single tests begin from, and prints where they are, as JSON.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chauban.cli.main import enter_server

if __name__ == "__main__":
    enter_server()

from django.conf import settings

from chauban.accounts.models import User
from chauban.blobs import store
from chauban.cli import acting, province
from chauban.cli.acting import Cast
from chauban.directory.models import IssuingBody, Post
from chauban.directory.rules import legal_day
from chauban.trust.actions import store_keystore
from chauban.trust.demo import DEMO_PIN, SIGNATURE_WIDTH_MM, mint_for_body, open_demo_pki
from chauban.trust.models import Certificate, Custody
from chauban.workflow.models import Draft
from chauban.workflow.opinions.actions import Question, ask_opinions
from chauban.workflow.services import signing_services
from chauban_docform.pictures import signature_image
from chauban_pki.demo.authority import DemoAuthority
from tests import weeks

STAFFED = ("ubnd-tp", "vp-ubnd", "so-tai-chinh", "so-xay-dung", "so-khcn")
# Whose keys are elsewhere: the director's and the seal in devices at their machines, the deputy's
# behind his telephone.
ABROAD = "so-khcn"
BY_PROGRAM, BY_TELEPHONE = f"giam-doc.{ABROAD}", f"pho-giam-doc.{ABROAD}"
DEVICES = "devices"
TELEPHONES = "mobile"  # the signing service's name in settings
EXPIRED = "pho-giam-doc.so-xay-dung"
OFFICE = Cast.of("vp-ubnd", signatory="pho-chanh-vp.vp-ubnd")
BUILDERS = Cast.of("so-xay-dung", signatory="giam-doc.so-xay-dung")
RECIPIENT = "so-tai-chinh"
# Whose weeks the pictures show; nobody else plays there.
PICTURED = ("so-y-te", "so-cong-thuong", "ubnd-phu-xuan", "ubnd-a-luoi-2")
State = Draft.State
# Name of the draft: which of the demo's letters, whose, and where it stands.
DRAFTS = {
    "to_sign": (0, "vp-ubnd", OFFICE, State.SIGNING),
    "to_sign_by_keyboard": (1, "vp-ubnd", OFFICE, State.SIGNING),
    "expired": (2, "so-xay-dung", Cast.of("so-xay-dung", signatory=EXPIRED), State.SIGNING),
    "to_seal": (3, "vp-ubnd", OFFICE, State.NUMBERED),
    "notice": (4, "vp-ubnd", OFFICE, State.ISSUED),
    "decision": (6, "vp-ubnd", OFFICE, State.ISSUED),
    "to_look_at": (7, "vp-ubnd", OFFICE, State.SIGNING),
    # What one director signs, leaves and returns in one go.
    **{f"batch_{it}": (it, "so-xay-dung", BUILDERS, State.SIGNING) for it in range(7)},
    # What comes to the department's clerk in the two days of test_days.
    "for_mouse": (5, "vp-ubnd", OFFICE, State.ISSUED),
    "for_keys": (0, "vp-ubnd", OFFICE, State.ISSUED),
    "by_program": (1, ABROAD, Cast.of(ABROAD, signatory=BY_PROGRAM), State.SIGNING),
    "by_telephone": (2, ABROAD, Cast.of(ABROAD, signatory=BY_TELEPHONE), State.SIGNING),
}
ASKED = {"asked_mouse": 2, "asked_keys": 7}  # which letters


def set_up() -> dict[str, object]:
    """Make the province, the keys, then the drafts; what all of them are called."""
    province.prepare(settings.ENVIRONMENT.data)
    authority = open_demo_pki(settings.DEMO_PKI_FOLDER, now=clock())
    _give_expired_key(EXPIRED, authority)
    for key in STAFFED:
        mint_for_body(acting.body_named(key), authority=authority, now=clock(), key="p256")
    _move_keys_out(settings.ENVIRONMENT.data / DEVICES)
    weeks.fill(list(map(acting.body_named, PICTURED)), seed=1, amount=120, now=clock())
    return {
        "bodies": dict(IssuingBody.objects.values_list("key", "name")),
        "people": dict(User.objects.values_list("username", "person__full_name")),
        "drafts": {name: _draft(*values) for name, values in DRAFTS.items()} | _asked(),
    }


def clock() -> datetime:
    return datetime.now(UTC)


def _draft(letter: int, body_key: str, cast: Cast, state: State) -> dict[str, str]:
    draft = acting.write(
        acting.letters()[letter],
        body=acting.body_named(body_key),
        cast=cast,
        recipients=[acting.body_named(RECIPIENT)],
        now=clock(),
    )
    draft = acting.bring_to(
        draft, state, cast, services=lambda: signing_services(clock()), clock=clock
    )
    return {
        "path": f"/drafts/{draft.pk}",
        "subject": draft.subject,
        "outgoing": f"/outgoing/{draft.outgoing_id}" if draft.outgoing_id else "",
    }


def _asked() -> dict[str, dict[str, str]]:
    """Drafts about which the official of the department is asked for his opinion."""
    cast = replace(
        Cast.of(RECIPIENT, signatory=f"giam-doc.{RECIPIENT}"), author=f"truong-phong.{RECIPIENT}"
    )
    official = acting.officer(f"chuyen-vien.{RECIPIENT}", clock()).post
    return {name: _asked_about(letter, cast, official) for name, letter in ASKED.items()}


def _asked_about(letter: int, cast: Cast, official: Post) -> dict[str, str]:
    now = clock()
    draft = acting.write(
        acting.letters()[letter],
        body=acting.body_named(RECIPIENT),
        cast=cast,
        recipients=[acting.body_named("vp-ubnd")],
        now=now,
    )
    due_on = legal_day(now) + timedelta(days=3)
    asker = acting.officer(cast.author, now)
    ask_opinions(draft, Question([official], (), due_on), officer=asker, now=now)
    return {"path": f"/drafts/{draft.pk}", "subject": draft.subject}


def _give_expired_key(username: str, authority: DemoAuthority) -> Certificate:
    """A key whose certificate ended yesterday, for the one who is to be refused."""
    post = acting.officer(username, clock()).post
    person, now = post.person, clock()
    pkcs12 = authority.issue_person(
        person.full_name, post.title, post.agency.name,
        password=DEMO_PIN,
        valid_from=now - timedelta(days=366),
        valid_to=now - timedelta(days=1),
        key="p256",
    )  # fmt: skip
    picture = signature_image(person.full_name, width_mm=SIGNATURE_WIDTH_MM)
    return store_keystore(
        pkcs12, DEMO_PIN, holder=person, picture=store.put(picture, now=now),
        picture_width_mm=SIGNATURE_WIDTH_MM, officer=None, now=now,
    )  # fmt: skip


def _move_keys_out(folder: Path) -> None:
    """Take the keys of ABROAD into files that only the test's devices and telephone read."""
    folder.mkdir()
    person = {name: acting.officer(name, clock()).person for name in (BY_PROGRAM, BY_TELEPHONE)}
    certificates = Certificate.objects
    moved = {
        "leader": (certificates.of_person(person[BY_PROGRAM], at=clock()), Custody.PLUGIN),
        "seal": (certificates.seal_of(acting.body_named(ABROAD), at=clock()), Custody.PLUGIN),
        "telephone": (certificates.of_person(person[BY_TELEPHONE], at=clock()), Custody.TELEPHONE),
    }
    for name, (certificate, custody) in moved.items():
        (folder / f"{name}.p12").write_bytes(bytes(certificate.pkcs12))
        is_service = custody == Custody.TELEPHONE
        reference = {"service": TELEPHONES, "credential": name} if is_service else {}
        certificates.filter(pk=certificate.pk).update(
            custody=custody, key_reference=reference, pkcs12=None
        )


if __name__ == "__main__":
    print(json.dumps(set_up(), ensure_ascii=False))

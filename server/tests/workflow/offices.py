"""People and services for tests of the workflow, without a network and without a clock."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

from chauban.blobs import store
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.registers.models import Priority
from chauban.trust.actions import store_certificate
from chauban.trust.demo import DEMO_PIN, grant_demo_mandate, signatories_of
from chauban.trust.keys import keys_under
from chauban.trust.models import Mandate
from chauban.workflow import actions, drafting
from chauban.workflow.completing import complete_next
from chauban.workflow.letters import Content
from chauban.workflow.made import SigningServices
from chauban.workflow.sealing import seal_draft
from chauban.workflow.signing import sign_draft
from chauban_docform.pictures import seal_image, signature_image
from chauban_pki.certificates import encoded
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.answers import crl, ocsp_response, timestamper
from chauban_pki.errors import TimestampUnavailable, Unreachable
from chauban_pki.timestamps import http_timestamper
from tests.moments import NOW

PIN = DEMO_PIN
LIMIT = 5_000_000
PERIOD = {"valid_from": NOW - timedelta(days=1), "valid_to": NOW + timedelta(days=9 * 365)}
PEOPLE = {
    "author": "chuyen-vien.vp-ubnd",
    "unit_head": "truong-phong.vp-ubnd",
    "checker": "the-thuc.vp-ubnd",
    "office_head": "chanh-vp.vp-ubnd",
    "signatory": "pho-chu-tich.vp-ubnd",
    "clerk": "van-thu.vp-ubnd",
}


def keystores_of(authority):
    """Two makers of keystore and picture, each holder's made once: that takes the time."""

    @cache
    def of_seal(name, organ_id):
        pkcs12 = authority.issue_seal(name, organ_id, password=PIN, key="p256", **PERIOD)
        return certificate_in(pkcs12), pkcs12, seal_image(name, diameter_mm=36.0)

    @cache
    def of_person(name, title, agency):
        pkcs12 = authority.issue_person(name, title, agency, password=PIN, key="p256", **PERIOD)
        return certificate_in(pkcs12), pkcs12, signature_image(name, width_mm=50.0)

    return of_seal, of_person


def certificate_in(pkcs12):
    return encoded(KeyCredential.load(pkcs12, PIN).certificate)


def entrust(body, keystores, *, now):
    """Give a body its seal, and its signatories their keys, pictures and mandates."""
    of_seal, of_person = keystores

    def keep(holder, made, width_mm):
        der, pkcs12, picture = made
        kept = store.put(picture, now=now)
        store_certificate(
            der, holder=holder, pkcs12=pkcs12, picture=kept, picture_width_mm=width_mm,
            officer=None, now=now,
        )  # fmt: skip

    keep(body, of_seal(body.name, body.organ_id(legal_day(now))), 36.0)
    for signatory, post in signatories_of(body, legal_day(now)):
        person = post.person
        keep(person, of_person(person.full_name, post.title, post.agency.name), 50.0)
        grant_demo_mandate(signatory, post, body, now=now)


class ProcessKilled(BaseException):
    """Stands for kill -9: no handler of ours runs on it."""


class World:
    """The services outside, each of which can be switched off: a port, nothing patched."""

    def __init__(self, authority):
        self.authority = authority
        self.has_tsa = self.has_revocation = True
        self.stamps = 0
        self.dies_at_stamp = 0
        self.meanwhile = lambda: None  # what someone else does while a time-stamp is awaited
        self.post = None  # an authority of time that answers otherwise
        self.answering = lambda url, answer: answer  # what comes of a revocation service's answer
        self.age = timedelta()  # how old its answers are

    def at(self, now):
        stamp = timestamper(self.authority, now)

        def timestamp(digest):
            self.stamps += 1
            if self.stamps == self.dies_at_stamp:
                raise ProcessKilled
            self.meanwhile()
            if not self.has_tsa:
                raise TimestampUnavailable("TSA down")
            if self.post:
                return http_timestamper("http://tsa.invalid/", post=self.post)(digest)
            return stamp(digest)

        def fetch(url, body=None, content_type=None):
            if not self.has_revocation:
                raise Unreachable(url, "down")
            then = now - self.age
            if body is not None:
                return self.answering(url, ocsp_response(self.authority, body, now=then))
            issuer = "root" if "root" in url else "issuing"
            return self.answering(url, crl(self.authority, issuer, now=then))

        return SigningServices(
            timestamp=timestamp, fetch=fetch, trust=self.authority.trust("http://localhost")
        )


class Office:
    """The people of the City Committee's office at work on drafts, step by step."""

    def __init__(self, officer, world, now):
        self.world, self.now = world, now
        for role, username in PEOPLE.items():
            setattr(self, role, officer(username))
        self.city = IssuingBody.objects.get(key="ubnd-tp")
        self.mandate = Mandate.objects.get(
            body=self.city, person=self.signatory.person, capacity="KT."
        )

    def written(self, **values):
        written = drafting.Written(
            body=self.city,
            mandate=self.mandate,
            kind="cong_van",
            subject="Chuẩn bị Hội nghị triển khai nhiệm vụ năm 2027",
            content=Content(
                body="Ủy ban nhân dân thành phố yêu cầu các cơ quan chuẩn bị báo cáo.",
                addressees=("Sở Tài chính",),
                to_places=("Như trên", "Chủ tịch UBND thành phố"),
                archive_line="VT, TH",
            ),
            recipients=(
                drafting.Addressee.of(IssuingBody.objects.get(key="so-tai-chinh"), NOW.date()),
            ),
            priority=Priority.NORMAL,
        )
        return replace(written, **values)

    def drafted(self, now=None, **values):
        now = now or self.now
        return drafting.create_draft(self.written(**values), officer=self.author, now=now)

    def approved(self, now=None, draft=None, **values):
        now = now or self.now
        draft = draft or self.drafted(now=now, **values)
        actions.submit_for_check(draft, officer=self.author, now=now)
        actions.check_content(draft, officer=self.unit_head, now=now)
        actions.check_layout(draft, officer=self.checker, now=now)
        return actions.approve(draft, officer=self.signatory, now=now)

    def keys(self, pin=PIN, officer=None, now=None):
        """What a person's PIN opens."""
        return keys_under(pin, officer=officer or self.signatory, now=now or self.now)

    def sign(self, draft, now=None, pin=PIN, officer=None, shown=None):
        now = now or self.now
        return sign_draft(
            draft,
            keys=self.keys(pin, officer, now),
            shown=shown or draft.signing_copy.shown,
            officer=officer or self.signatory,
            now=now,
            services=self.world.at(now),
        )

    def numbered(self, now=None, draft=None):
        now = now or self.now
        draft = self.sign(draft or self.approved(now=now), now=now)
        return actions.number_draft(draft, officer=self.clerk, now=now)

    def seal(self, draft, now=None, pin=PIN, officer=None, shown=None):
        now = now or self.now
        return seal_draft(
            draft,
            keys=self.keys(pin, officer or self.clerk, now),
            shown=shown or draft.signing_copy.shown,
            officer=officer or self.clerk,
            now=now,
            services=self.world.at(now),
        )

    def complete(self, now):
        """What the worker does, once; False when nothing is due."""
        return complete_next(self.world.at(now), now=now)

    def attach(self, draft, name, content, now=None):
        now = now or self.now
        return drafting.attach_file(
            draft, name=name, content=content, limit_bytes=LIMIT, officer=self.author, now=now
        )

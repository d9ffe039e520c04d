"""An office that can sign: a demo authority, the city's seal, its leaders' keys and mandates."""

from dataclasses import replace
from datetime import timedelta

import pytest
from chauban.directory.models import IssuingBody
from chauban.registers.models import Priority
from chauban.trust.demo import DEMO_PIN, mint_for_body, open_demo_pki, trust_demo_pki
from chauban.trust.models import Mandate
from chauban.workflow import actions
from chauban.workflow.completing import complete_next
from chauban.workflow.letters import Content
from chauban.workflow.made import SigningServices
from chauban.workflow.sealing import seal_draft
from chauban.workflow.signing import sign_draft
from chauban_pki.demo.answers import crl, ocsp_response, timestamper
from chauban_pki.errors import TimestampUnavailable, Unreachable
from tests.moments import NOW

PIN = DEMO_PIN
LIMIT = 5_000_000
PEOPLE = {
    "author": "chuyen-vien.vp-ubnd",
    "unit_head": "truong-phong.vp-ubnd",
    "checker": "the-thuc.vp-ubnd",
    "office_head": "chanh-vp.vp-ubnd",
    "signatory": "pho-chu-tich.vp-ubnd",
    "clerk": "van-thu.vp-ubnd",
}


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return open_demo_pki(tmp_path_factory.mktemp("pki") / "ca", now=NOW - timedelta(days=2))


class World:
    """The services outside, each of which can be switched off: a port, nothing patched."""

    def __init__(self, authority):
        self.authority = authority
        self.has_tsa = self.has_revocation = True
        self.stamps = 0
        self.dies_at_stamp = 0

    def at(self, now):
        stamp = timestamper(self.authority, now)

        def timestamp(digest):
            self.stamps += 1
            if self.stamps == self.dies_at_stamp:
                raise ProcessKilled
            if not self.has_tsa:
                raise TimestampUnavailable("TSA down")
            return stamp(digest)

        def fetch(url, body=None, content_type=None):
            if not self.has_revocation:
                raise Unreachable(url, "down")
            if body is not None:
                return ocsp_response(self.authority, body, now=now)
            issuer = "root" if "root" in url else "issuing"
            return crl(self.authority, issuer, now=now)

        return SigningServices(
            timestamp=timestamp, fetch=fetch, trust=self.authority.trust("http://localhost")
        )


class ProcessKilled(BaseException):
    """Stands for kill -9: no handler of ours runs on it."""


@pytest.fixture
def world(authority):
    return World(authority)


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
        written = actions.Written(
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
                actions.Addressee.of(IssuingBody.objects.get(key="so-tai-chinh"), NOW.date()),
            ),
            priority=Priority.NORMAL,
        )
        return replace(written, **values)

    def drafted(self, now=None, **values):
        now = now or self.now
        return actions.create_draft(self.written(**values), officer=self.author, now=now)

    def approved(self, now=None, draft=None, **values):
        now = now or self.now
        draft = draft or self.drafted(now=now, **values)
        actions.submit_for_check(draft, officer=self.author, now=now)
        actions.check_content(draft, officer=self.unit_head, now=now)
        actions.check_layout(draft, officer=self.checker, now=now)
        return actions.approve(draft, officer=self.signatory, now=now)

    def sign(self, draft, now=None, pin=PIN, officer=None, shown=None):
        now = now or self.now
        return sign_draft(
            draft,
            pin=pin,
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
            pin=pin,
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
        return actions.attach_file(
            draft, name=name, content=content, limit_bytes=LIMIT, officer=self.author, now=now
        )


@pytest.fixture
def moment():
    """The moment at which the office works, unless a test says otherwise."""
    return NOW


@pytest.fixture
def office(db, authority, officer, world, moment):
    city = IssuingBody.objects.get(key="ubnd-tp")
    mint_for_body(city, authority=authority, now=moment, key="p256")
    trust_demo_pki(authority, now=moment)
    return Office(officer, world, moment)


@pytest.fixture(scope="session")
def a_pdf():
    """A plain PDF of one page, as an office would attach it."""
    import io

    import pikepdf

    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


@pytest.fixture
def marked_pdf():
    """A one-page PDF whose text is one line."""
    from chauban_docform.letters import Heading, Letter, Paragraph, Signer
    from chauban_docform.kinds import kind
    from chauban_docform.typesetting import typeset

    def make(line):
        return typeset(
            Letter(
                kind=kind("cong_van"),
                issuer=Heading((), ("CƠ QUAN",)),
                notation="A-B",
                place="Huế",
                subject="Thử",
                body=(Paragraph(line), Paragraph("Nội dung.")),
                signers=(Signer(("CHỦ TỊCH",), "Nguyễn Văn Thử"),),
                to_places=("Như trên",),
            ),
            created_at=NOW,
        )

    return make


@pytest.fixture
def scripted_pdf(a_pdf):
    """The same PDF with a script that would run when it is opened."""
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(a_pdf)) as document:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
        )
        kept = io.BytesIO()
        document.save(kept)
    return kept.getvalue()

"""An office that can sign: a demo authority, the city's seal, its leaders' keys and mandates."""

import io
from datetime import timedelta

import pikepdf
import pytest

from chauban.directory.models import IssuingBody
from chauban.trust.demo import open_demo_pki, trust_demo_pki
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.typesetting import typeset
from tests.moments import NOW
from tests.workflow.offices import Office, World, entrust, keystores_of


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return open_demo_pki(tmp_path_factory.mktemp("pki") / "ca", now=NOW - timedelta(days=2))


@pytest.fixture(scope="session")
def keystores(authority):
    return keystores_of(authority)


@pytest.fixture
def world(authority):
    return World(authority)


@pytest.fixture
def moment():
    """The moment at which the office works, unless a test says otherwise."""
    return NOW


@pytest.fixture
def office(db, authority, keystores, officer, world, moment):
    city = IssuingBody.objects.get(key="ubnd-tp")
    entrust(city, keystores, now=moment)
    trust_demo_pki(authority, now=moment)
    return Office(officer, world, moment)


@pytest.fixture(scope="session")
def a_pdf():
    """A plain PDF of one page, as an office would attach it."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


@pytest.fixture
def marked_pdf():
    """A one-page PDF whose text is one line."""

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
    with pikepdf.open(io.BytesIO(a_pdf)) as document:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
        )
        kept = io.BytesIO()
        document.save(kept)
    return kept.getvalue()

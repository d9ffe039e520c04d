"""Each wrong input of docs/wrong-inputs.md: the message of that table, and nothing lost."""

import html
import io
import re
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.urls import reverse

from chauban.axis.models import Package, Rejection
from chauban.blobs.models import Blob
from chauban.directory.rules import legal_day
from chauban.trust.models import Certificate, Mandate
from chauban.workflow.models import Draft, KeyUse
from tests.axis.conftest import sending
from tests.exchange.messages import raw_message
from tests.workflow.offices import PIN
from tests.workflow.test_pages import a_form

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
ROWS = re.findall(
    r"^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$",
    (ROOT / "docs" / "wrong-inputs.md").read_text("utf-8"),
    re.MULTILINE,
)
MESSAGES = {key: message for key, _, message, _, _ in ROWS}
AUTHOR, SIGNATORY, CLERK = "chuyen-vien.vp-ubnd", "pho-chu-tich.vp-ubnd", "van-thu.vp-ubnd"


def test_the_table_names_tests_that_exist():
    named = re.findall(r"`((?:server|pkgs)/[\w/-]+\.py)::(\w+)`", " ".join(row[4] for row in ROWS))
    assert len(named) >= len(ROWS) > 0
    missing = [
        (file, name)
        for file, name in named
        if f"def {name}(" not in (ROOT / file).read_text("utf-8")
    ]
    assert not missing


def require_said(answer, key, status):
    text = " ".join(html.unescape(answer.content.decode()).split())
    assert answer.status_code == status
    # “…” in the table stands for what differs from case to case.
    for part in MESSAGES[key].split("…"):
        assert part.strip() in text


def write_draft(client, office, **values):
    return client.post(reverse("workflow:new-draft"), a_form(office, **values))


def test_a_signatory_without_mandate_for_the_kind(office, signed_in):
    client = signed_in(AUTHOR)
    by_order = Mandate.objects.get(body=office.city, capacity="TL.").pk
    answer = write_draft(client, office, mandate=by_order, kind="quyet_dinh")
    require_said(answer, "mandate-kind", 422)
    assert "Yêu cầu các cơ quan chuẩn bị báo cáo." in answer.content.decode()
    assert not Draft.objects.exists()
    assert write_draft(client, office, mandate=by_order).status_code == 302


def test_a_symbol_that_does_not_fit_the_body(office, signed_in):
    client = signed_in(AUTHOR)
    answer = write_draft(client, office, notation="STC-NS")
    require_said(answer, "symbol", 422)
    assert 'value="STC-NS"' in answer.content.decode()
    assert not Draft.objects.exists()
    assert write_draft(client, office, notation="UBND-TH").status_code == 302


def confirm(client, page, draft):
    given = {"pin": PIN, "shown": draft.signing_copy.shown}
    return client.post(reverse(page, args=[draft.pk]), given)


def test_a_mandate_that_ended_before_signing(office, signed_in):
    draft = office.approved()
    Mandate.objects.filter(pk=office.mandate.pk).update(valid_to=office.now.date())
    answer = confirm(signed_in(SIGNATORY), "workflow:sign", draft)
    require_said(answer, "mandate-ended", 422)
    assert f"Ngày {legal_day(office.now):%d/%m/%Y} nằm ngoài" in html.unescape(
        answer.content.decode()
    )
    draft.refresh_from_db()
    assert draft.state == "signing"
    assert not KeyUse.objects.exists()


def test_an_expired_certificate_of_the_signatory(office, signed_in):
    draft = office.approved()
    Certificate.objects.filter(person=office.signatory.person).update(
        not_after=office.now - timedelta(days=1)
    )
    require_said(confirm(signed_in(SIGNATORY), "workflow:sign", draft), "certificate-expired", 422)
    draft.refresh_from_db()
    assert draft.state == "signing"


def test_an_expired_certificate_of_the_agency(office, signed_in):
    draft = office.numbered()
    Certificate.objects.filter(body=office.city).update(not_after=office.now - timedelta(days=1))
    require_said(confirm(signed_in(CLERK), "workflow:seal", draft), "seal-expired", 422)
    draft.refresh_from_db()
    assert (draft.state, draft.outgoing.state) == ("numbered", "numbered")


@pytest.fixture
def encrypted(a_pdf):
    kept = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf)) as document:
        document.save(kept, encryption=pikepdf.Encryption(owner="o", user="u"))
    return kept.getvalue()


@pytest.mark.parametrize("key", ["no-pdf", "encrypted", "upload-limit", "empty", "marked-name"])
def test_an_upload_that_cannot_be_kept(office, signed_in, settings, a_pdf, encrypted, key):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    name, content = {
        "no-pdf": ("phụ lục.pdf", b"Day khong phai PDF"),
        "encrypted": ("phụ lục.pdf", encrypted),
        "upload-limit": ("phụ lục.pdf", a_pdf + bytes(1_000_000)),
        "empty": ("phụ lục.pdf", b""),
        "marked-name": ("TUYỆT MẬT.pdf", a_pdf),
    }[key]
    draft = office.drafted()
    blobs = Blob.objects.count()
    client, path = signed_in(AUTHOR), reverse("workflow:attach", args=[draft.pk])
    answer = client.post(path, {"file": SimpleUploadedFile(name, content)})
    require_said(answer, key, 422)
    assert draft.subject in html.unescape(answer.content.decode())
    assert (draft.attachments.count(), Blob.objects.count()) == (0, blobs)
    assert client.post(path, {"file": SimpleUploadedFile("ok.pdf", a_pdf)}).status_code == 302


def test_a_body_that_the_server_does_not_take(office, signed_in, settings, a_pdf):
    settings.MAX_UPLOAD_BYTES = 1000
    draft = office.drafted()
    answer = signed_in(AUTHOR).post(
        reverse("workflow:attach", args=[draft.pk]),
        {"file": SimpleUploadedFile("lớn.pdf", a_pdf + bytes(1_100_000))},
    )
    require_said(answer, "body-limit", 413)
    assert not draft.attachments.exists()


@pytest.fixture
def written(monkeypatch):
    """The sizes of what an upload wrote into a temporary file."""
    sizes = []
    receive = TemporaryFileUploadHandler.receive_data_chunk

    def noted(handler, raw_data, start):
        sizes.append(len(raw_data))
        return receive(handler, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", noted)
    return sizes


def attached(office, client, name):
    draft = office.drafted()
    answer = client.post(
        reverse("workflow:attach", args=[draft.pk]),
        {"file": SimpleUploadedFile(name, b"1;2\n" * 500_000)},
    )
    return answer, draft.attachments.exists()


@pytest.mark.parametrize(("name", "is_written"), [("thường.csv", True), ("TUYỆT_MẬT.csv", False)])
def test_of_an_upload_with_a_marked_name_no_temporary_file_is_written(
    office, signed_in, settings, written, name, is_written
):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    answer, is_attached = attached(office, signed_in(AUTHOR), name)
    assert (bool(written), is_attached) == (is_written, is_written)
    if not is_written:
        require_said(answer, "marked-name", 422)


def test_an_upload_is_held_in_memory_until_its_form_has_been_read(office, signed_in, written):
    _, is_attached = attached(office, signed_in(AUTHOR), "thường.csv")
    assert is_attached
    assert not written


@pytest.mark.parametrize(
    "key", ["edxml-dtd", "edxml-limit", "edxml-file-limit", "edxml-secret", "edxml-code"]
)
def test_a_message_that_the_axis_does_not_take(axis, body, settings, key):
    commune = body("ubnd-thuan-hoa").organ_id(body("ubnd-thuan-hoa").valid_from)
    good = raw_message(commune)
    settings.MAX_MESSAGE_BYTES = 3_000_000 if key == "edxml-file-limit" else 1_000_000
    settings.MAX_ATTACHMENT_BYTES = 1_000_000
    secret = "<edXML:Secret>Mật</edXML:Secret><edXML:Priority>".encode()
    raw = {
        "edxml-dtd": good.replace(b"?>\n", b"?>\n<!DOCTYPE edXML>\n", 1),
        "edxml-limit": raw_message(commune, attachments=[("a.pdf", bytes(1_500_000))]),
        "edxml-file-limit": raw_message(commune, attachments=[("a.pdf", bytes(1_500_000))]),
        "edxml-secret": good.replace(b"<edXML:Priority>", secret),
        "edxml-code": raw_message("H57.99.99"),
    }[key]
    answer = send(raw)
    assert answer["status"] == "FAIL"
    for part in MESSAGES[key].split("…"):
        assert part.strip() in answer["ErrorDesc"]
    assert not Package.objects.exists()
    assert not Blob.objects.exists()
    # What is not read to its end has no digest to keep.
    assert Rejection.objects.count() == (key != "edxml-limit")
    assert send(good)["status"] == "OK"


def send(raw):
    client = Client()
    return client.generic(
        "POST", "/axis/sendEdoc", raw, "application/octet-stream", headers=sending(raw)
    ).json()

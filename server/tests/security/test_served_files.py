"""Files of others, given back: never a page of this site, under a name that does no harm."""

import io

import pytest
from django.urls import reverse

from chauban.axis.actions import accept_package
from chauban.blobs import store
from chauban.blobs.serving import SANDBOX, download
from chauban.exchange.models import Delivery
from chauban.registers.models import IncomingDocument
from tests.exchange.messages import raw_message
from tests.moments import NOW

pytestmark = pytest.mark.django_db

SCRIPT = b"<script>document.title='run'</script>"
NAMES = ["trang.html", "anh.svg", "trang.xhtml", "mau.xml", "hinh.pdf.html", "khong-duoi"]


@pytest.fixture
def clerk(signed_in):
    return signed_in("van-thu.thuan-hoa")


@pytest.fixture
def deliver(axis, carry, body):
    """A message from outside with these files, delivered to the ward of Thuận Hóa."""

    def arrived(*attachments, raw=None):
        commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
        raw = raw or raw_message(commune, attachments=attachments)
        accept_package(raw, system=axis[1], now=NOW)
        carry()
        return Delivery.objects.get()

    return arrived


def require_saved_only(answer):
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == SANDBOX


def test_a_foreign_page_or_drawing_is_saved_and_never_opened(deliver, clerk):
    delivery = deliver(*((name, SCRIPT) for name in NAMES))
    assert delivery.files.count() == len(NAMES)
    for file in delivery.files.all():
        require_saved_only(clerk.get(reverse("exchange:delivered-file", args=[file.pk])))
    clerk.post(reverse("exchange:accept", args=[delivery.pk]), {"acceptance": "information"})
    document = IncomingDocument.objects.get()
    for file in document.files.all():
        path = reverse("workflow:incoming-file", args=[document.pk, file.ordinal])
        require_saved_only(clerk.get(path))


def test_a_page_that_calls_itself_pdf_is_given_as_pdf_and_nothing_else(deliver, clerk):
    file = deliver(("trang.pdf", SCRIPT)).files.get()
    path = reverse("exchange:delivered-file", args=[file.pk])
    shown = clerk.get(path)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == (
        "application/pdf",
        "nosniff",
    )
    require_saved_only(clerk.get(path, {"download": "1"}))


def test_an_attachment_of_ours_is_saved_and_never_opened(office, signed_in):
    draft = office.drafted()
    kept = office.attach(draft, "trang.html", SCRIPT)
    path = reverse("workflow:attachment", args=[draft.pk, kept.pk])
    require_saved_only(signed_in("chuyen-vien.vp-ubnd").get(path))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("../../etc/passwd.doc", "passwd.doc"),
        ("C:\\Windows\\a.doc", "a.doc"),
        ("a&#13;&#10;Set-Cookie: x=1&#13;&#10;.doc", "aSet-Cookie: x=1.doc"),
        ("bao-cao\u202ecod.exe", "bao-caocod.exe"),
        ("a&quot;; filename=b.html.doc", 'a"; filename=b.html.doc'),
    ],
    ids=["folder", "drive", "line break", "right to left", "quote"],
)
def test_a_foreign_file_name_is_a_name_and_nothing_else(deliver, body, clerk, written, kept):
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    raw = raw_message(commune, attachments=[("ten-tep-go.doc", SCRIPT)])
    raw = raw.replace(b"ten-tep-go.doc", written.encode())
    file = deliver(raw=raw).files.get()
    assert file.name == kept
    answer = clerk.get(reverse("exchange:delivered-file", args=[file.pk]))
    require_saved_only(answer)
    assert "Set-Cookie" not in answer.headers
    sent = answer["Content-Disposition"]
    assert "\n" not in sent
    assert sent.count('"') - sent.count('\\"') in (0, 2)


def test_what_is_saved_is_the_file_byte_for_byte(db, now):
    blob = store.put(io.BytesIO(SCRIPT), now=now)
    assert b"".join(download(blob, "a.html").streaming_content) == SCRIPT

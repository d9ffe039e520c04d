"""Anybody checks a signed file without signing in (TT 41/2017/TT-BTTTT; NĐ 30/2020 Điều 5).

The page asks at the real time, so this PKI and its letter are made at the real time too.
"""

import io
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from chauban.blobs.inspection import InspectionFailed
from chauban.blobs.models import Blob
from chauban.journal.models import Act
from chauban.trust import verifying
from chauban.trust.demo import open_demo_pki, trust_demo_pki
from chauban.trust.models import Anchor
from chauban.trust.presenting import DOCUMENTS, present
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.typesetting import typeset
from chauban_pades import DocumentStatus, Report, fill_and_seal, reserve, sign
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.answers import timestamper
from chauban_pki.reasons import Verdict
from tests.altering import covered
from tests.services import serving

pytestmark = pytest.mark.django_db

COMMITTEE = "Ủy ban nhân dân thành phố Huế"
VALUES = {"number": "05", "day": "23", "month": "11", "year": "2026"}
LETTER = Letter(
    kind=kind("cong_van"),
    issuer=Heading((), ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HUẾ")),
    notation="UBND-VX",
    place="Huế",
    subject="Về việc bảo đảm an toàn hồ đập trong mùa mưa bão",
    body=(Paragraph("Yêu cầu các cơ quan, địa phương kiểm tra và báo cáo."),),
    signers=(Signer(("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "Trần Thị Ái"),),
    to_places=("Như trên;",),
    addressees=("Ủy ban nhân dân các phường, xã",),
)


@dataclass(frozen=True)
class Files:
    """The same letter on its way: typeset, signed by the vice-chairman, numbered and sealed."""

    unsigned: bytes
    signed: bytes
    sealed: bytes


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify") / "pki"
    return open_demo_pki(folder, now=timezone.now() - timedelta(hours=1))


@pytest.fixture(scope="module")
def url(pki):
    with serving(pki, timezone.now) as url:
        yield url


@pytest.fixture(scope="module")
def files(pki):
    now = timezone.now()
    issued = {
        "password": "246810",
        "valid_from": now - timedelta(hours=1),
        "valid_to": now + timedelta(days=365),
        "key": "p256",
    }
    person = pki.issue_person("Trần Thị Ái", "Phó Chủ tịch", COMMITTEE, **issued)
    body = pki.issue_seal(COMMITTEE, "H57", **issued)
    used = {"timestamp": timestamper(pki, now), "now": now}
    unsigned = typeset(LETTER, created_at=now)
    signed = sign(
        reserve(unsigned),
        field="signatory-1",
        credential=KeyCredential.load(person, "246810"),
        **used,
    )
    sealed = fill_and_seal(
        signed,
        field="seal-1",
        values=VALUES,
        credential=KeyCredential.load(body, "246810"),
        **used,
    )
    return Files(unsigned, signed, sealed)


@pytest.fixture(autouse=True)
def anchored(db, pki, url, settings):
    settings.ADDRESSES = pki.trust(url).addresses
    trust_demo_pki(pki, now=timezone.now())
    cache.clear()


def ask(content, *, client=None, name="cong-van.pdf", address="192.0.2.1", **asked):
    client = client or Client()
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    return client.post("/verify/", {"file": file, **asked}, REMOTE_ADDR=address)


def pictures_in(page):
    """The PNGs that stand in the page itself."""
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(b64decode(one))) for one in found]


def test_the_page_opens_without_an_account():
    answer = Client().get("/verify/")
    assert answer.status_code == 200
    assert "Kiểm tra" in answer.content.decode()


def test_a_complete_document_is_told_in_plain_words_with_its_signers(files):
    answer = ask(files.sealed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.context["report"].document == DocumentStatus.COMPLETE
    assert DOCUMENTS["complete"].vi in page
    assert "Trần Thị Ái" in page
    assert COMMITTEE in page
    assert 'data-verdict="TOTAL-PASSED"' in page


def test_a_changed_byte_is_told(files):
    place = files.sealed.index(b"/BaseFont") + 12
    altered = bytearray(files.sealed)
    altered[place] ^= 1
    answer = ask(bytes(altered))
    assert answer.context["report"].verdict == Verdict.TOTAL_FAILED
    assert 'data-verdict="TOTAL-FAILED"' in answer.content.decode()


def test_a_document_that_was_not_sealed_is_told(files):
    assert ask(files.signed).context["report"].document == DocumentStatus.NO_SEAL


def test_a_document_without_signatures_is_told(files):
    assert ask(files.unsigned).context["report"].document == DocumentStatus.UNSIGNED


def test_what_is_no_pdf_is_a_report_too():
    answer = ask(b"\x00\x01 not a pdf", name="anh.jpg")
    assert answer.status_code == 200
    assert answer.context["report"].document == DocumentStatus.UNREADABLE


def test_without_anchors_nothing_is_better_than_undetermined(files, pki):
    Anchor.objects.all().delete()
    assert ask(files.sealed).context["report"].verdict == Verdict.INDETERMINATE


def test_nothing_of_the_file_is_kept(files):
    acts = Act.objects.count()
    ask(files.sealed)
    assert (Blob.objects.count(), Act.objects.count()) == (0, acts)


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
def test_a_file_over_the_limit_is_refused_with_what_to_do_next(files, settings, over, status):
    settings.MAX_UPLOAD_BYTES = len(files.unsigned) - over
    answer = ask(files.unsigned)
    assert answer.status_code == status
    assert ("chauban verify" in answer.content.decode()) == (status == 413)


@pytest.mark.parametrize("content", [b"", None])
def test_no_file_or_an_empty_one_is_refused(content):
    answer = ask(content) if content is not None else Client().post("/verify/", {})
    assert answer.status_code == 422


def test_one_address_may_not_keep_the_machine_busy(signed_in):
    for _ in range(verifying.FILES_PER_WINDOW):
        assert ask(b"x").status_code == 200
    answer = ask(b"x")
    assert answer.status_code == 429
    assert "Hãy thử lại sau" in answer.content.decode()
    assert ask(b"x", address="192.0.2.2").status_code == 200
    assert ask(b"x", client=signed_in("van-thu.thuan-hoa")).status_code == 200


def test_bytes_count_as_well_as_files(now):
    verifying.require_within_rate("192.0.2.3", verifying.BYTES_PER_WINDOW, now=now)
    with pytest.raises(verifying.UploadsTooMany) as refused:
        verifying.require_within_rate("192.0.2.3", 1, now=now)
    assert 0 < refused.value.retry_after_seconds <= verifying.WINDOW_SECONDS
    later = now + timedelta(seconds=verifying.WINDOW_SECONDS)
    verifying.require_within_rate("192.0.2.3", 1, now=later)


def test_a_change_is_told_with_its_page_and_revision(files):
    page = ask(covered(files.sealed)).content.decode()
    assert "Thêm chú thích vào trang 1 (hình chữ nhật) (lần ghi 4, không kèm chữ ký số)" in page
    assert "Điền ô số (lần ghi 3, ký ở ô chữ ký số của cơ quan)" in page
    assert pictures_in(page) == []
    assert "hãy chọn lại tệp" in page


def test_pictures_are_drawn_when_asked_for_and_stand_in_the_answer_itself(files):
    answer = ask(covered(files.sealed), pictures="on")
    page = answer.content.decode()
    before, after = pictures_in(page)
    assert before.size == after.size
    assert "Trước: bản đã ký, trang 1, lần ghi 3. Chỗ được khoanh: thêm chú thích" in page
    assert "Sau: bản hiện tại, trang 1, lần ghi 4. Chỗ được khoanh: thêm chú thích" in page
    assert "data:" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("max-age=0")
    assert Blob.objects.count() == 0


def test_what_is_permitted_is_shown_when_nothing_else_changed(files):
    page = ask(files.sealed, pictures="on").content.decode()
    assert len(pictures_in(page)) == 2
    assert "Thay đổi được phép sau khi ký: 5" in page


def test_a_file_that_did_not_change_has_no_pictures(files):
    assert pictures_in(ask(files.unsigned, pictures="on").content.decode()) == []


def test_pictures_that_take_too_long_are_refused_with_what_to_do_next(files, monkeypatch):
    def too_long(*_, **__):
        raise InspectionFailed("time")

    drawing = verifying.draw_changes

    def in_child(work, **limits):
        return too_long() if work.func is drawing else work()

    monkeypatch.setattr(verifying, "in_child", in_child)
    answer = ask(covered(files.sealed), pictures="on")
    assert answer.status_code == 422
    assert "vượt giới hạn thời gian" in answer.content.decode()


def test_every_outcome_has_words():
    for document in DocumentStatus:
        for verdict in Verdict:
            findings = present(Report(verdict, document))
            assert findings.conclusion.vi
            assert findings.verdict_words.en

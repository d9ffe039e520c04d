"""The pages: five people write, check, approve, sign, number and seal by clicking."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageChops

from chauban.blobs import store
from chauban.trust.demo import DEMO_PIN
from chauban.workflow.errors import PagesUnreadable
from chauban.workflow.models import Draft, DraftVersion
from chauban.workflow.pages import page_amount, page_picture
from chauban.workflow.rules import COMPLETION_LEASE

State = Draft.State


@pytest.fixture
def moment():
    """Pages go by the clock, and so does the office here."""
    return timezone.now()


def a_form(office, **values):
    return {
        "mandate": office.mandate.pk,
        "kind": "cong_van",
        "subject": "Chuẩn bị Hội nghị",
        "body_text": "Yêu cầu các cơ quan chuẩn bị báo cáo.",
        "to_places": "Như trên",
        "addressees": "Sở Tài chính",
        "archive_line": "VT, TH",
        "priority": 0,
        **values,
    }


def step(client, draft, name, comment=""):
    draft.refresh_from_db()
    return client.post(
        reverse("workflow:take-step", args=[draft.pk, name]),
        {"seen_at": draft.changed_at.isoformat(), "comment": comment},
    )


@pytest.fixture
def drafted(office, signed_in):
    client = signed_in("chuyen-vien.vp-ubnd")
    answer = client.post(reverse("workflow:new-draft"), a_form(office))
    assert answer.status_code == 302, answer.content.decode()
    return Draft.objects.get()


def test_a_new_draft_is_to_be_kept_by_the_registry_and_the_drafting_unit(office, signed_in):
    """PL I II.9: "Lưu: VT", then the abbreviation of the drafting unit."""
    page = signed_in("chuyen-vien.vp-ubnd").get(reverse("workflow:new-draft"))
    assert 'value="VT, VX"' in page.content.decode()


def test_a_draft_is_written_and_attached_to_by_its_author(office, signed_in, drafted, a_pdf):
    client = signed_in("chuyen-vien.vp-ubnd")
    for name in ("workflow:draft", "workflow:edit-draft"):
        assert client.get(reverse(name, args=[drafted.pk])).status_code == 200
    assert client.get(reverse("workflow:drafts")).status_code == 200
    attached = client.post(
        reverse("workflow:attach", args=[drafted.pk]),
        {"file": SimpleUploadedFile("Phụ lục.pdf", a_pdf)},
    )
    assert attached.status_code == 302
    attachment = drafted.attachments.get()
    file = client.get(reverse("workflow:attachment", args=[drafted.pk, attachment.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rỗng"),
        (b"%PDF-1.7 but nothing follows", "PDF"),
    ],
)
def test_a_refused_upload_says_why_and_stores_nothing(office, signed_in, drafted, content, words):
    client = signed_in("chuyen-vien.vp-ubnd")
    answer = client.post(
        reverse("workflow:attach", args=[drafted.pk]),
        {"file": SimpleUploadedFile("Phụ lục.pdf", content)},
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not drafted.attachments.exists()


def test_five_people_bring_a_letter_to_its_seal(office, signed_in, drafted, world, settings):
    url = reverse("workflow:draft", args=[drafted.pk])
    for who, name in (
        ("author", "submit"),
        ("unit_head", "check-content"),
        ("checker", "check-layout"),
        ("signatory", "approve"),
    ):
        client = signed_in(getattr(office, who).user.username)
        assert client.get(url).status_code == 200
        assert step(client, drafted, name).status_code == 302
    drafted.refresh_from_db()
    assert drafted.state == State.SIGNING
    page = client.get(reverse("workflow:sign", args=[drafted.pk]))
    assert page.context["form"].initial["shown"] == drafted.signing_copy.shown
    assert "KT. CHỦ TỊCH" in page.content.decode()
    # The configured TSA name leads nowhere here: the signature waits, and says so.
    settings.TSA_URLS = ["http://127.0.0.1:9/"]
    signed = client.post(
        reverse("workflow:sign", args=[drafted.pk]),
        {"pin": DEMO_PIN, "shown": drafted.signing_copy.shown},
    )
    assert signed.status_code == 302, signed.content.decode()
    drafted.refresh_from_db()
    assert drafted.state == State.SIGNED
    clerk = signed_in(office.clerk.user.username)
    refused = step(clerk, drafted, "number")
    assert refused.status_code == 409
    assert "dấu thời gian" in refused.content.decode()


def test_a_wrong_pin_is_said_with_the_tries_left(office, signed_in):
    draft = office.approved()
    answer = signed_in("pho-chu-tich.vp-ubnd").post(
        reverse("workflow:sign", args=[draft.pk]),
        {"pin": "000000", "shown": draft.signing_copy.shown},
    )
    assert answer.status_code == 422
    assert "còn 4 lần thử" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == State.SIGNING


def test_seal_page_shows_number_and_pages(office, signed_in):
    draft = office.numbered()
    client = signed_in("van-thu.vp-ubnd")
    page = client.get(reverse("workflow:seal", args=[draft.pk]))
    assert page.status_code == 200
    assert "01/UBND-VX" in page.content.decode()
    signed = draft.signing_copy.signed
    assert reverse("workflow:pages-file", args=[signed.sha256]) in page.content.decode()
    picture = client.get(reverse("workflow:page", args=[signed.sha256, 1]))
    assert picture.content.startswith(b"\x89PNG")
    assert "immutable" in picture["Cache-Control"]
    assert client.get(reverse("workflow:page", args=[signed.sha256, 99])).status_code == 404


@pytest.mark.parametrize("missing", ["has_tsa", "has_revocation"])
def test_the_file_of_a_held_seal_is_shown_to_nobody_until_it_is_complete(
    office, signed_in, world, missing
):
    """What bears a seal without its proof would pass for the document (Điều 17)."""
    draft = office.numbered()
    signed = draft.signing_copy.signed
    setattr(world, missing, False)
    office.seal(draft)
    held = draft.signing_copy.key_uses.pending().get().result
    pages = reverse("workflow:pages-file", args=[held.sha256])
    for who in (office.clerk, office.author, office.signatory):
        client = signed_in(who.user.username)
        (shown,) = client.get(reverse("workflow:draft", args=[draft.pk])).context["shown_files"]
        assert shown.url == reverse("workflow:pages-file", args=[signed.sha256])
        assert client.get(pages).status_code == 404
    setattr(world, missing, True)
    office.complete(office.now + COMPLETION_LEASE)
    sealed = draft.outgoing.files.get().blob_id
    client = signed_in(office.clerk.user.username)
    (shown,) = client.get(reverse("workflow:draft", args=[draft.pk])).context["shown_files"]
    assert shown.url == reverse("workflow:pages-file", args=[sealed])
    assert client.get(shown.url).status_code == 200


def test_number_and_date_are_drawn_black_as_the_rest_of_the_letter(office):
    """PL I II.3, II.4: black; the colour in a page is that of signature and seal alone."""
    draft = office.seal(office.numbered())
    sealed = store.read(draft.signing_copy.newest_revision)
    with Image.open(io.BytesIO(page_picture(sealed, 1, width_pixels=800))) as picture:
        head = picture.crop((0, 0, 800, 230))
    assert ImageChops.difference(head, head.convert("L").convert("RGB")).getbbox() is None


def test_a_page_is_shown_only_to_those_who_may_see_its_document(office, signed_in):
    draft = office.drafted()
    sha256 = draft.newest_version.pages.sha256
    url = reverse("workflow:page", args=[sha256, 1])
    assert signed_in("chuyen-vien.vp-ubnd").get(url).status_code == 200
    for stranger in ("chuyen-vien.so-tai-chinh", "van-thu.vp-ubnd", "the-thuc.vp-ubnd"):
        assert signed_in(stranger).get(url).status_code == 404
        assert (
            signed_in(stranger).get(reverse("workflow:draft", args=[draft.pk])).status_code == 404
        )


def test_nobody_sees_a_draft_without_signing_in(office, client):
    draft = office.drafted()
    assert client.get(reverse("workflow:draft", args=[draft.pk])).status_code in (302, 403)


def test_a_second_editor_is_told_and_loses_nothing(office, signed_in, drafted):
    client = signed_in("chuyen-vien.vp-ubnd")
    seen = drafted.changed_at.isoformat()
    url = reverse("workflow:edit-draft", args=[drafted.pk])
    first = client.post(url, a_form(office, subject="Bản của người thứ nhất", seen_at=seen))
    assert first.status_code == 302
    second = client.post(url, a_form(office, subject="Bản của người thứ hai", seen_at=seen))
    assert second.status_code == 422
    page = second.content.decode()
    assert "Người khác vừa xử lý" in page
    assert "Bản của người thứ hai" in page
    assert list(DraftVersion.objects.values_list("subject", flat=True)) == [
        "Chuẩn bị Hội nghị",
        "Bản của người thứ nhất",
    ]


def test_a_step_from_an_old_page_is_refused(office, signed_in, drafted):
    client = signed_in("chuyen-vien.vp-ubnd")
    answer = client.post(
        reverse("workflow:take-step", args=[drafted.pk, "submit"]),
        {"seen_at": "2026-11-01T00:00:00+00:00"},
    )
    assert answer.status_code == 409
    drafted.refresh_from_db()
    assert drafted.state == State.DRAFTING


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"subject": "TUYỆT MẬT"}, "bí mật nhà nước"),
        ({"body_text": "MẬT\nNội dung"}, "bí mật nhà nước"),
        ({"notation": "STC-NS"}, "STC-NS"),
        ({"subject": "Phấn khởi 😀"}, "U+1F600"),
    ],
)
def test_what_may_not_be_drafted_is_refused_in_words(office, signed_in, values, words):
    answer = signed_in("chuyen-vien.vp-ubnd").post(
        reverse("workflow:new-draft"), a_form(office, **values)
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Draft.objects.exists()


def test_editing_out_of_turn_says_why(office, signed_in):
    draft = office.numbered()
    page = signed_in("chuyen-vien.vp-ubnd").get(reverse("workflow:edit-draft", args=[draft.pk]))
    assert page.status_code == 409
    assert "sửa dự thảo" in page.content.decode()


def test_a_held_seal_is_visible_and_not_sealed_twice(office, signed_in, world):
    draft = office.numbered()
    world.has_tsa = False
    office.seal(draft)
    client = signed_in("van-thu.vp-ubnd")
    assert (
        "chờ dấu thời gian"
        in client.get(reverse("workflow:draft", args=[draft.pk])).content.decode()
    )
    again = client.post(
        reverse("workflow:seal", args=[draft.pk]),
        {"pin": DEMO_PIN, "shown": draft.signing_copy.shown},
    )
    assert again.status_code == 422
    assert "không cần ký lại" in again.content.decode()


def test_a_pdf_that_cannot_be_drawn_is_no_error_page(office):
    with pytest.raises(PagesUnreadable):
        page_amount(b"%PDF-1.7 nothing")

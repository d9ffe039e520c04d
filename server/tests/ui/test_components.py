"""The parts that pages are made of: forms, ways, names found without tone marks."""

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha384
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation
from PIL import Image

from chauban import ui
from chauban.accounts.views import DEMO_SECRETS
from chauban.directory.models import IssuingBody
from chauban.trust.demo import DEMO_PIN
from chauban.ui.matching import is_match
from chauban.ui.steps import way
from chauban.ui.templatetags.ui import size, vn_date, vn_moment
from chauban.workflow.models import Draft

STYLES = Path(ui.__file__).parent / "static" / "ui"
VENDOR = STYLES.parent / "vendor"


class Form(forms.Form):
    name = forms.CharField(label="Họ và tên", help_text="Như trong quyết định.")
    note = forms.CharField(label="Ghi chú", required=False)


def test_a_field_is_tied_to_its_hint_and_to_its_error():
    html = str(Form({"name": ""}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_what_is_wrong_stands_above_the_form_with_a_way_to_its_place():
    assert 'href="#id_name"' in str(Form({"name": ""}))
    assert "role" not in str(Form())


def test_only_what_may_be_left_out_is_marked():
    assert str(Form()).count("(không bắt buộc)") == 1


@pytest.mark.parametrize("done", [0, 2, 3])
def test_a_way_has_its_past_and_one_current_step(done):
    steps = way(["Soạn thảo", "Duyệt", "Ký số"], done)
    assert [step.is_past for step in steps] == [index < done for index in range(3)]
    assert [step.is_current for step in steps] == [index == done for index in range(3)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("thuan hoa", True), ("Thuận", True), ("hoa thuan", True), ("đien", False), ("", True)],
)
def test_names_are_found_with_and_without_tone_marks(wanted, found):
    assert is_match(wanted, "Ủy ban nhân dân phường Thuận Hóa") == found


def test_days_and_moments_are_those_of_viet_nam():
    late = datetime(2026, 12, 31, 17, 5, tzinfo=UTC)
    assert vn_date(late) == "01/01/2027"
    assert vn_moment(late) == "01/01/2027 00:05"
    assert (vn_date(None), vn_moment(None)) == ("", "")


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(0, "1 kB"), (12_345, "12 kB"), (3_440_000, "3,4 MB"), (None, "")]
)
def test_sizes_are_written_the_vietnamese_way(size_bytes, words):
    assert size(size_bytes) == words


def test_a_refusal_is_announced_and_a_state_is_mentioned():
    assert 'role="alert"' in render_to_string("ui/banner.html", {"tone": "bad", "text": "x"})
    assert 'role="status"' in render_to_string("ui/banner.html", {"tone": "wait", "text": "x"})


@pytest.mark.parametrize("theme", ["light", "dark", ""])
def test_a_theme_is_kept_and_drawn_and_none_follows_the_machine(theme):
    client = Client()
    client.cookies["chauban_theme"] = "dark"
    answer = client.post("/theme", {"theme": theme, "next": "/components/"})
    assert answer.url == "/components/"
    page = client.get("/components/").content.decode()
    assert (f'data-theme="{theme}"' in page) is bool(theme)
    assert "data-theme" in page or not theme


@pytest.mark.parametrize("theme", ["purple", '"><script>'])
def test_a_theme_that_does_not_exist_is_none(theme):
    client = Client()
    client.cookies["chauban_theme"] = theme
    assert "data-theme" not in client.get("/components/").content.decode()


def test_the_way_back_from_choosing_a_theme_stays_here():
    answer = Client().post("/theme", {"theme": "dark", "next": "https://example.org/"})
    assert answer.url == "/"


def test_colours_are_chosen_among_the_tokens_alone():
    """A style sheet besides the tokens names none but black and white for paper."""
    for name in ("base.css", "components.css", "viewer.css"):
        style = (STYLES / name).read_text("utf-8")
        colours = set(re.findall(r"#[0-9a-f]{3,8}\b|rgb\([^)]*\)", style))
        assert colours <= {"#fff"}, name


def test_every_token_that_a_style_sheet_asks_for_exists():
    tokens = set(re.findall(r"^\s*(--[\w-]+):|; (--[\w-]+):", _style("tokens.css"), re.MULTILINE))
    known = {one for pair in tokens for one in pair if one}
    styles = "".join(map(_style, ("base.css", "components.css", "viewer.css")))
    # pdf.js sets the size of a page's words by a property of its own.
    asked = set(re.findall(r"var\((--[\w-]+)", styles)) - {"--total-scale-factor"}
    assert asked <= known | set(re.findall(r"(--[\w-]+):", _style("viewer.css")))


def test_vendored_files_are_those_whose_digests_are_kept():
    """Each folder that keeps a list of SHA-384 has every file of it, unchanged, and no other."""
    lists = sorted(VENDOR.glob("*/SHA384"))
    assert "pdfjs-dist@6.5.438" in {one.parent.name for one in lists}
    for kept in lists:
        folder = kept.parent
        files = {it.relative_to(folder).as_posix(): it for it in folder.rglob("*") if it.is_file()}
        found = {
            name: b64encode(sha384(file.read_bytes()).digest()).decode()
            for name, file in files.items()
            if file != kept
        }
        said = dict(reversed(line.split("  ")) for line in kept.read_text("utf-8").splitlines())
        assert found == said, folder.name


def test_who_installs_the_pages_gets_our_mark():
    manifest = json.loads((STYLES / "manifest.webmanifest").read_text("utf-8"))
    for icon in manifest["icons"]:
        if icon["type"] == "image/png":
            with Image.open(STYLES / icon["src"]) as picture:
                assert "x".join(map(str, picture.size)) == icon["sizes"]
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/", "/", "standalone",
    )  # fmt: skip


def _style(name):
    return (STYLES / name).read_text("utf-8")


@pytest.mark.django_db
class TestSigningIn:
    @pytest.fixture(autouse=True)
    def demo(self, settings):
        settings.DEMO = True

    def test_accounts_are_found_by_agency_and_post_without_tone_marks(self):
        page = Client().get("/sign-in", {"q": "van thu thuan hoa"}).content.decode()
        assert "van-thu.thuan-hoa" in page
        assert "van-thu.vp-ubnd" not in page

    def test_one_click_fills_in_the_user_name(self):
        page = Client().get("/sign-in", {"username": "van-thu.thuan-hoa"}).content.decode()
        assert 'value="van-thu.thuan-hoa"' in page

    def test_the_demo_tells_its_password_and_pin_and_an_installation_does_not(self, settings):
        assert DEMO_SECRETS["pin"] == DEMO_PIN
        assert DEMO_SECRETS["password"] in Client().get("/sign-in").content.decode()
        settings.DEMO = False
        assert DEMO_SECRETS["password"] not in Client().get("/sign-in").content.decode()


@pytest.fixture
def typed(office):
    return {
        "mandate": office.mandate.pk, "kind": "cong_van", "subject": "Chuẩn bị Hội nghị",
        "body_text": "Nội dung.", "to_places": "Như trên", "archive_line": "VT", "priority": 0,
    }  # fmt: skip


class TestRecipients:
    @pytest.fixture
    def client(self, signed_in):
        return signed_in("chuyen-vien.vp-ubnd")

    def test_looking_for_one_keeps_what_was_typed_and_chosen(self, client, typed, body):
        health = body("so-y-te")
        typed |= {"recipients": [health.pk], "looked_for": "thuan hoa", "look": "1"}
        answer = client.post(reverse("workflow:new-draft"), typed)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Chuẩn bị Hội nghị" in page
        assert f'value="{health.pk}" id="to-{health.pk}" checked' in page
        assert "Ủy ban nhân dân phường Thuận Hóa" in page
        assert "Ủy ban nhân dân phường An Cựu" not in page
        assert not Draft.objects.exists()

    def test_a_whole_group_is_one_click(self, client, typed):
        client.post(reverse("workflow:new-draft"), typed | {"groups": ["commune"]})
        names = Draft.objects.get().recipients.values_list("name", flat=True)
        assert len(names) == 40
        assert all(name.startswith("Ủy ban nhân dân") for name in names)

    def test_bodies_in_force_are_offered_on_the_axis_or_not(self, client):
        page = client.get(reverse("workflow:new-draft")).content.decode()
        without = IssuingBody.objects.filter(codes=None, valid_to=None).first()
        ended = IssuingBody.objects.exclude(valid_to=None).first()
        assert f'id="to-{without.pk}"' in page
        assert f'id="to-{ended.pk}"' not in page


class TestRefusals:
    """What no view answers is said in the house's form, in both languages."""

    @pytest.mark.parametrize(
        ("language", "words"), [("vi", "Không tìm thấy trang"), ("en", "Page not found")]
    )
    @pytest.mark.django_db
    def test_an_unknown_address(self, language, words):
        client = Client()
        client.cookies["django_language"] = language
        answer = client.get("/khong-co")
        assert answer.status_code == 404
        assert f"<h1>{words}</h1>" in answer.content.decode()

    @pytest.mark.django_db
    def test_a_form_from_elsewhere(self):
        answer = Client(enforce_csrf_checks=True).post("/sign-in", {"username": "x"})
        assert answer.status_code == 403
        assert "tải lại trang" in answer.content.decode()

    @pytest.mark.django_db
    def test_more_than_the_server_takes(self, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        answer = Client().post("/sign-in", {"username": "x" * 200, "password": "x"})
        assert answer.status_code == 413
        assert "quá lớn" in answer.content.decode()

    @pytest.mark.django_db
    def test_a_request_that_makes_no_sense(self, settings):
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
        answer = Client().post("/sign-in", {"username": "x", "password": "x", "next": "x"})
        assert answer.status_code == 400
        assert "Yêu cầu không hợp lệ" in answer.content.decode()

    @pytest.mark.django_db
    @override_settings(ROOT_URLCONF="tests.ui.failing_urls")
    def test_an_error_of_ours_tells_nothing_of_its_inside(self):
        answer = Client(raise_request_exception=False).get("/fails")
        page = answer.content.decode()
        assert answer.status_code == 500
        assert "Hệ thống gặp lỗi" in page
        assert "at the bottom" not in page

    def test_the_page_for_our_own_errors_needs_no_request(self):
        with translation.override("en"):
            assert "Something went wrong" in render_to_string("500.html")

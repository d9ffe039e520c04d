"""From an empty installation to an issued document: by `chauban` commands and the pages alone.

The operator's guide tells the same in the same order ("A first agency").
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chauban.accounts.middleware import POST_IN_SESSION
from chauban.accounts.models import User
from chauban.cli import directory as directory_command
from chauban.cli import trust as trust_command
from chauban.directory.models import (
    Agency,
    IssuingBody,
    OrganCode,
    Person,
    Post,
    Succession,
    Unit,
)
from chauban.directory.rules import legal_day
from chauban.journal.models import Act
from chauban.registers.models import OutgoingDocument
from chauban.trust.demo import DEMO_PIN
from chauban.workflow.models import Draft
from chauban_docform.pictures import seal_image, signature_image
from chauban_pki.demo.authority import DemoAuthority
from tests.conftest import proofs
from tests.services import serving

pytestmark = pytest.mark.django_db
AGENCY = "Ủy ban nhân dân xã Thử Nghiệm"


@pytest.fixture
def empty(db):
    """The installation before its first agency; the test's end puts everything back."""
    Agency.objects.update(parent=None)
    for model in (User, Post, Unit, Succession, OrganCode, IssuingBody, Agency, Person):
        model.objects.all()._raw_delete(model.objects.db)


@pytest.fixture
def authority(tmp_path, settings):
    """A certification authority outside, as the operator's would be, whose services answer."""
    now = datetime.now(UTC)
    outside = DemoAuthority.create(tmp_path / "pki", now - timedelta(days=1))
    with serving(outside, lambda: datetime.now(UTC)) as url:
        settings.ADDRESSES = outside.trust(url).addresses
        yield outside


def run(command, *words, answers=None):
    result = CliRunner().invoke(command, [str(it) for it in words], input=answers)
    assert result.exit_code == 0, result.output
    return result.output


def signed_in(username):
    """Whoever has chosen a password of his own and proved a second factor (tests/accounts)."""
    user = User.objects.get(username=username)
    User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now())
    client = Client()
    client.force_login(user)
    session = client.session
    session[POST_IN_SESSION] = user.person.posts.get().pk
    session.update(proofs(user))
    session.save()
    return client


def act(client, of, pk, act_name, **given):
    """Fill in the page of an act and send it; return the page that it leads to."""
    url = reverse("administering:act", args=[of, pk, act_name])
    assert client.get(url).status_code == 200
    page = client.post(url, given, follow=True)
    assert page.status_code == 200, re.sub(r"\s+", " ", page.content.decode())[:3000]
    return page.content.decode()


def certified(authority, tmp_path, holder, *, email="", body=None):
    """Have a keystore made outside and entered by command, with its picture."""
    now = datetime.now(UTC)
    period = {"valid_from": now - timedelta(hours=1), "valid_to": now + timedelta(days=365)}
    file, picture = tmp_path / "khoa.p12", tmp_path / "anh.png"
    if body is None:
        made = authority.issue_person(
            holder, "Chủ tịch", AGENCY, password=DEMO_PIN, key="p256", **period
        )
        picture.write_bytes(signature_image(holder, width_mm=50.0))
        whose = ("--person", email, "--width-mm", 50)
    else:
        made = authority.issue_seal(holder, body[1], password=DEMO_PIN, key="p256", **period)
        picture.write_bytes(seal_image(holder, diameter_mm=36.0))
        whose = ("--body", body[0], "--width-mm", 36)
    file.write_bytes(made)
    run(
        trust_command.command, "add-certificate", file, "--custody", "keystore", *whose,
        "--picture", picture, answers=f"{DEMO_PIN}\n",
    )  # fmt: skip


def step(client, draft, name):
    draft.refresh_from_db()
    answer = client.post(
        reverse("workflow:take-step", args=[draft.pk, name]),
        {"seen_at": draft.changed_at.isoformat(), "comment": ""},
    )
    assert answer.status_code == 302, (name, answer.content.decode()[:3000])


def test_an_empty_installation_issues_its_first_document(empty, authority, tmp_path):
    today = legal_day(timezone.now()).isoformat()
    told = run(
        directory_command.command, "begin", "--agency", AGENCY, "--place", "Thử Nghiệm",
        "--administrator", "Lê Quản Trị", "--email", "quan-tri@xa.invalid", "--from", "2026-01-01",
    )  # fmt: skip
    assert told.startswith("quan-tri ")
    again = CliRunner().invoke(
        directory_command.command,
        [
            "begin",
            "--agency",
            "B",
            "--place",
            "B",
            "--administrator",
            "B",
            "--email",
            "b@b.invalid",
        ],
    )
    assert again.exit_code == 1, "an installation begins once"

    administrator, top = signed_in("quan-tri"), Agency.objects.get()
    assert administrator.get("/").status_code == 200
    act(
        administrator, "agency", top.pk, "body", name=AGENCY, symbol="UBND",
        heading="ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM", is_collective="on", valid_from="2026-01-01",
    )  # fmt: skip
    body = IssuingBody.objects.get()
    act(
        administrator, "body", body.pk, "code", scheme="qd20", code="H57.77",
        source="QĐ 1/QĐ-UBND", valid_from="2026-01-01",
    )  # fmt: skip
    act(
        administrator, "agency", top.pk, "unit", name="Văn phòng", symbol="VP",
        valid_from="2026-01-01",
    )  # fmt: skip
    office = Unit.objects.get()
    act(
        administrator, "agency", top.pk, "agency", name="Trạm Y tế xã", level="department",
        place="Thử Nghiệm", note="QĐ 1", valid_from="2026-01-01",
    )  # fmt: skip
    station = Agency.objects.get(parent=top)
    act(
        administrator, "agency", station.pk, "body", name="Trạm Y tế xã", symbol="TYT",
        heading="TRẠM Y TẾ", valid_from="2026-01-01",
    )  # fmt: skip
    people = {
        "chu-tich": ("Nguyễn Văn Chủ", "Chủ tịch", "leader", ""),
        "truong-phong": ("Trần Thị Trưởng", "Trưởng phòng", "unit-head", office.pk),
        "chuyen-vien": ("Phạm Văn Viết", "Chuyên viên", "official", office.pk),
        "the-thuc": ("Hồ Thị Thức", "Chuyên viên", "layout-checker", office.pk),
        "van-thu": ("Võ Thị Thư", "Văn thư", "clerk", office.pk),
    }
    for username, (full_name, title, role, unit) in people.items():
        page = act(
            administrator, "agency", top.pk, "person", full_name=full_name, title=title, role=role,
            unit=unit, email=f"{username}@xa.invalid", valid_from="2026-01-01", basis="QĐ 2",
        )  # fmt: skip
        assert "mật khẩu đầu tiên" in page
    chairman = Post.objects.get(role="leader")
    act(
        administrator, "body", body.pk, "mandate", post=chairman.pk, capacity="TM.",
        authority_lines="TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", valid_from="2026-01-01", basis="NQ bầu",
    )  # fmt: skip
    act(administrator, "body", body.pk, "begin", group="Công văn", first_number=101)

    root = tmp_path / "pki" / "root.pem"
    for purpose in ("signing", "timestamping"):
        run(
            trust_command.command, "add-anchor", root, "--purpose", purpose, "--name", "Gốc",
            "--from", "2026-01-01",
        )  # fmt: skip
    certified(authority, tmp_path, "Nguyễn Văn Chủ", email="chu-tich@xa.invalid")
    certified(authority, tmp_path, AGENCY, body=(body.key, "H57.77"))

    author = signed_in("chuyen-vien")
    mandate = chairman.mandates.get()
    answer = author.post(
        reverse("workflow:new-draft"),
        {
            "mandate": mandate.pk, "kind": "cong_van", "subject": "Báo cáo tình hình",
            "body_text": "Ủy ban nhân dân xã báo cáo.", "to_places": "Như trên",
            "addressees": "Trạm Y tế xã", "archive_line": "VT", "priority": 0,
            "recipients": [IssuingBody.objects.get(agency=station).pk],
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()[:3000]
    draft = Draft.objects.get()
    step(author, draft, "submit")
    step(signed_in("truong-phong"), draft, "check-content")
    step(signed_in("the-thuc"), draft, "check-layout")
    leader, clerk = signed_in("chu-tich"), signed_in("van-thu")
    step(leader, draft, "approve")
    confirm(leader, "sign", draft)
    step(clerk, draft, "number")
    confirm(clerk, "seal", draft)
    draft.refresh_from_db()
    answer = clerk.post(reverse("exchange:issue", args=[draft.outgoing_id]))
    assert answer.status_code == 302, answer.content.decode()[:3000]

    document = OutgoingDocument.objects.get()
    assert (document.code, document.state) == ("101/UBND-VP", "issued")
    assert document.issued_on.isoformat() == today
    by_nobody = Act.objects.filter(agency_id=top.pk, user_id=None).exclude(kind="timestamped")
    assert not by_nobody.exists()


def confirm(client, name, draft):
    """Sign or seal on the page, with the PIN, what the page shows."""
    url = reverse(f"workflow:{name}", args=[draft.pk])
    page = client.get(url).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    hidden.pop("csrfmiddlewaretoken", None)
    answer = client.post(url, {**hidden, "pin": DEMO_PIN, "seen": "on"})
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[:3000]

"""What ends soon is told 60, 30 and 7 days ahead, each step once, to whom it concerns."""

from datetime import timedelta

import pytest

from chauban.cli.doctor import trust as examine_trust
from chauban.journal.models import Act
from chauban.trust.actions import store_anchor, store_authority, store_keystore
from chauban.trust.demo import DEMO_PIN
from chauban.trust.expiring import expiring, note_warnings, told_to
from chauban.trust.models import Anchor
from chauban_pki.demo.authority import DemoAuthority
from tests.moments import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
END = NOW + 365 * DAY
HOLDER, CLERK, ADMINISTRATOR = "pho-chu-tich.vp-ubnd", "van-thu.vp-ubnd", "quan-tri.vp-ubnd"


def issued(authority, holder, *, end=END):
    person = holder.person
    p12 = authority.issue_person(
        person.full_name, "Phó Chủ tịch", "Ủy ban nhân dân thành phố Huế",
        password=DEMO_PIN, valid_from=NOW - DAY, valid_to=end, key="p256",
    )  # fmt: skip
    return store_keystore(p12, DEMO_PIN, holder=person, officer=None, now=NOW)


@pytest.fixture
def certificate(demo_pki, officer):
    return issued(demo_pki, officer(HOLDER))


def rows(found):
    return [(one.row, one.warning.within_days) for one in found]


@pytest.mark.parametrize(
    ("days_before_its_end", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, 0)],
)
def test_a_warning_is_due_at_each_step(certificate, days_before_its_end, step):
    at = END - days_before_its_end * DAY
    assert rows(expiring(at)) == ([(certificate, step)] if step is not None else [])


@pytest.mark.parametrize("who", [HOLDER, CLERK, ADMINISTRATOR])
def test_the_holder_the_clerk_and_the_administrator_are_told(certificate, officer, who):
    assert rows(told_to(officer(who), END - 59 * DAY)) == [(certificate, 60)]


@pytest.mark.parametrize("who", ["chuyen-vien.vp-ubnd", "van-thu.so-noi-vu", "chu-tich.vp-ubnd"])
def test_nobody_else_is_told(certificate, officer, who):
    assert told_to(officer(who), END - 59 * DAY) == []


def test_a_step_that_was_noted_is_not_told_again_and_the_next_one_is(certificate, officer):
    holder, clerk = officer(HOLDER), officer(CLERK)
    note_warnings(holder, END - 59 * DAY)
    assert told_to(holder, END - 40 * DAY) == []
    assert rows(told_to(clerk, END - 40 * DAY)) == [(certificate, 60)]
    assert rows(told_to(holder, END - 29 * DAY)) == [(certificate, 30)]
    note_warnings(holder, END - 29 * DAY)
    note_warnings(holder, END - 28 * DAY)
    acts = Act.objects.on(certificate).filter(kind="expiry-noted").order_by("pk")
    assert [act.facts["within_days"] for act in acts] == [60, 30]


def test_one_that_was_renewed_is_not_warned_of(demo_pki, certificate, officer):
    assert expiring(END - 5 * DAY)
    issued(demo_pki, officer(HOLDER), end=END + 365 * DAY)
    assert expiring(END - 5 * DAY) == []


def test_seals_authorities_and_anchors_are_warned_of_as_well(tmp_path, officer, body):
    """The CA, its time-stamping and status services, and the anchor that is its root."""
    authority = DemoAuthority.create(tmp_path / "pki", NOW)
    p12 = authority.issue_seal(
        "Ủy ban nhân dân thành phố Huế", "H57",
        password=DEMO_PIN, valid_from=NOW, valid_to=END, key="p256",
    )  # fmt: skip
    seal = store_keystore(p12, DEMO_PIN, holder=body("ubnd-tp"), officer=None, now=NOW)
    assert rows(told_to(officer(CLERK), END - DAY)) == [(seal, 7)]
    tsa = store_authority(authority.tsa.certificate, officer=None, now=NOW)
    root = store_anchor(
        authority.root.certificate, purpose=Anchor.Purpose.SIGNING, name="Gốc",
        valid_from=NOW.date(), officer=None, now=NOW,
    )  # fmt: skip
    late = root_end = authority.root.certificate.not_valid_after_utc
    told = [row for row, _ in rows(told_to(officer(ADMINISTRATOR), late - DAY))]
    assert tsa in told
    assert root in told
    assert [row for row, _ in rows(told_to(officer(CLERK), root_end - DAY))] == []


def test_the_home_page_shows_a_warning_once(certificate, signed_in, monkeypatch):
    at = END - 6 * DAY
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    client = signed_in(CLERK)
    assert "cần gia hạn" in client.get("/").content.decode()
    page = client.get("/").content.decode()
    assert "còn 6 ngày. Hãy đề nghị gia hạn" in page
    assert client.post("/certificates/noted/").status_code == 302
    assert "cần gia hạn" not in client.get("/").content.decode()


def test_the_doctor_names_what_ends_soon(certificate):
    named = [f for f in examine_trust(END - 6 * DAY) if f.check == "certificates"]
    assert [f.ok for f in named] == [None, None]
    assert "còn 6 ngày" in named[0].vi
    assert [f.ok for f in examine_trust(NOW) if f.check == "certificates"] == [True]


def test_the_page_lists_the_agencys_certificates_to_its_clerk(certificate, signed_in):
    page = signed_in(CLERK).get("/certificates/").content.decode()
    assert certificate.person.full_name in page
    assert "Tệp khóa lưu tại đây" in page
    assert "ECDSA P-256" in page
    assert "Gốc tin cậy" not in page
    other = signed_in("van-thu.so-noi-vu").get("/certificates/").content.decode()
    assert certificate.person.full_name not in other
    assert "Chưa có chứng thư số nào" in other


def test_the_administrator_sees_all(certificate, signed_in):
    page = signed_in(ADMINISTRATOR).get("/certificates/").content.decode()
    assert certificate.person.full_name in page
    assert signed_in(HOLDER).get("/certificates/").status_code == 403

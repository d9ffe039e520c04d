"""Whom the installation trusts, and where its keys are, on the administrator's pages."""

import os
import time
from datetime import timedelta
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.urls import reverse

from chauban.journal.models import Act
from chauban.trust import whereabouts
from chauban.trust.models import Anchor, Certificate, Custody
from chauban_pki.credentials import KeyCredential
from tests.administering.conftest import TODAY
from tests.moments import NOW

pytestmark = pytest.mark.django_db
OPERATOR = "quan-tri.vp-ubnd"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def leader(officer):
    return officer("pho-chu-tich.vp-ubnd").person


@pytest.fixture
def leaf(demo_pki, leader):
    p12 = demo_pki.issue_person(
        leader.full_name, "Phó Chủ tịch", "Ủy ban nhân dân thành phố Huế", password="x",
        valid_from=NOW - timedelta(days=1), valid_to=NOW + timedelta(days=900), key="p256",
    )  # fmt: skip
    return KeyCredential.load(p12, "x").certificate


def file_of(certificate, encoding=Encoding.PEM):
    file = BytesIO(certificate.public_bytes(encoding))
    file.name = "chung-thu.pem"
    return file


def root(certificate):
    given = {"name": "CA gốc thử", "purpose": "signing", "valid_from": TODAY.isoformat()}
    return {**given, "certificate": file_of(certificate)}


def test_a_root_is_added_and_ended_on_the_page_each_an_act(signed_in, demo_pki):
    client, url = signed_in(OPERATOR), reverse("administering:trust")
    assert client.post(url, root(demo_pki.root.certificate)).status_code == 302
    anchor = Anchor.objects.get(name="CA gốc thử")
    assert "CA gốc thử" in client.get(url).content.decode()
    end = reverse("administering:act", args=["anchor", anchor.pk, "end"])
    later = TODAY + timedelta(days=30)
    assert client.post(end, {"on": later.isoformat()}).status_code == 302
    anchor.refresh_from_db()
    assert anchor.valid_to == later
    again = client.post(end, {"on": (later + timedelta(days=1)).isoformat()})
    assert again.status_code == 422
    assert again.context["form"].errors.keys() == {"on"}
    acts = Act.objects.on(anchor).values_list("kind", flat=True)
    assert list(acts.order_by("pk")) == ["anchor-stored", "anchor-ended"]


def test_no_root_is_what_certifies_nobody_or_is_no_certificate(signed_in, leaf):
    client, url = signed_in(OPERATOR), reverse("administering:trust")
    broken = BytesIO(b"-----BEGIN CERTIFICATE-----\nx")
    broken.name = "x.pem"
    for given in (root(leaf), {**root(leaf), "certificate": broken}):
        page = client.post(url, given)
        assert page.status_code == 422
        assert page.context["form"].errors.keys() == {"certificate"}
    assert not Anchor.objects.filter(name="CA gốc thử").exists()


def enter(client, person, leaf, **given):
    url = reverse("administering:act", args=["person", person.pk, "certificate"])
    return client.post(url, {"certificate": file_of(leaf, Encoding.DER), **given})


def test_a_certificate_whose_key_is_elsewhere_is_entered_for_its_holder(signed_in, leader, leaf):
    client = signed_in(OPERATOR)
    given = {"custody": "telephone", "service": "ca", "credential": "so-1"}
    assert enter(client, leader, leaf, **given).status_code == 302
    kept = Certificate.objects.get(person=leader)
    assert (kept.custody, kept.key_reference) == (
        "telephone",
        {"service": "ca", "credential": "so-1"},
    )
    assert kept.pkcs12 is None


@pytest.mark.parametrize(
    ("given", "beside"),
    [
        ({"custody": "telephone", "service": "ca"}, "custody"),
        ({"custody": "device", "token": "A", "key": "zz"}, "custody"),
        ({"custody": "plugin", "picture_width_mm": "30"}, "picture_width_mm"),
        ({"custody": "keystore"}, "custody"),
    ],
)
def test_without_what_its_custody_needs_it_is_refused_beside_the_field(
    signed_in, leader, leaf, given, beside
):
    page = enter(signed_in(OPERATOR), leader, leaf, **given)
    assert page.status_code == 422
    assert beside in page.context["form"].errors
    assert not Certificate.objects.filter(person=leader).exists()


def test_who_administers_enters_no_certificate_for_himself(signed_in, province_administrator, leaf):
    """QCVN 12:2026/BCA Q6, Q9."""
    person = province_administrator.person
    assert enter(signed_in(OPERATOR), person, leaf, custody="plugin").status_code == 403
    assert not Certificate.objects.filter(person=person).exists()


def test_a_persons_certificate_is_no_bodys(signed_in, body, leaf):
    url = reverse("administering:act", args=["body", body("ubnd-tp").pk, "certificate"])
    page = signed_in(OPERATOR).post(url, {"certificate": file_of(leaf), "custody": "plugin"})
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"certificate"}


@pytest.mark.usefixtures("department_administrator")
def test_trust_is_of_the_installation_and_no_departments(signed_in, leader, leaf):
    client = signed_in("the-thuc.so-tai-chinh")
    for name in ("trust", "devices"):
        assert client.get(reverse(f"administering:{name}")).status_code == 403
    assert enter(client, leader, leaf, custody="plugin").status_code in (403, 404)
    assert not Certificate.objects.filter(person=leader).exists()


def test_the_page_of_devices_says_what_is_missing_for_which_keys(
    signed_in, leader, leaf, settings, tmp_path
):
    settings.PKCS11_LIBRARY = str(tmp_path / "khong-co.so")
    settings.SIGNING_SERVICES = {"ca-thu": "https://ca.example"}
    settings.SIGNING_TOKEN_FOLDER = tmp_path
    client = signed_in(OPERATOR)
    enter(client, leader, leaf, custody="device", token="Thẻ 1", key="01")
    page = client.get(reverse("administering:devices"))
    devices, (service,) = page.context["devices"], page.context["services"]
    assert devices.problem
    assert [(it.label, it.certificates, it.is_there) for it in devices.tokens] == [
        ("Thẻ 1", 1, False)
    ]
    assert (service.name, service.certificates, service.token_renewed_at) == ("ca-thu", 0, None)
    assert (str(Custody.DEVICE.label), 1) in page.context["custodies"]
    (tmp_path / "ca-thu.token").write_text("x")
    os.utime(tmp_path / "ca-thu.token", (time.time(), NOW.timestamp()))
    (service,) = whereabouts.signing_services(NOW)
    assert service.token_renewed_at == NOW.replace(microsecond=0)


def test_a_service_that_settings_do_not_know_is_named(signed_in, leader, leaf, settings):
    settings.SIGNING_SERVICES = {}
    enter(signed_in(OPERATOR), leader, leaf, custody="remote", service="mat", credential="1")
    (service,) = whereabouts.signing_services(NOW)
    assert (service.name, service.url, service.certificates) == ("mat", "", 1)


def test_the_door_shows_what_the_post_administers_and_is_shut_for_who_administers_nothing(
    signed_in,
):
    door = reverse("administering:index")
    assert door == "/administration/"
    shown = signed_in(OPERATOR).get(door).content.decode()
    for name in ("trust", "devices", "queues", "kinds", "people"):
        assert reverse(f"administering:{name}") in shown
    head = signed_in("giam-doc.so-tai-chinh").get(door).content.decode()
    assert reverse("administering:kinds") in head
    assert reverse("administering:trust") not in head
    assert signed_in("chuyen-vien.so-tai-chinh").get(door).status_code == 403

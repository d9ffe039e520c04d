"""A stored key opens under its holder's PIN only; wrong PINs are counted and shut it."""

from datetime import timedelta

import pytest

from chauban.journal.models import Act
from chauban.trust.actions import store_certificate, store_keystore
from chauban.trust.demo import DEMO_PIN
from chauban.trust.errors import (
    CertificateOfAnother,
    KeyLocked,
    NoKeyStored,
    NoUsableCertificate,
    WrongPIN,
)
from chauban.trust.keys import LOCKED_FOR, WRONG_PINS_ALLOWED, open_key
from chauban.trust.models import Certificate
from chauban.trust.words import explain
from chauban_pki.certificates import encoded
from chauban_pki.errors import CertificateMalformed, KeystoreInvalid, KeystoreLocked

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


@pytest.fixture(scope="session")
def keystore(demo_pki):
    """A vice-chairman's keystore, valid for a year from yesterday."""
    from tests.moments import NOW

    return demo_pki.issue_person(
        "Trần Thị Ái",
        "Phó Chủ tịch",
        "Ủy ban nhân dân thành phố Huế",
        password=DEMO_PIN,
        valid_from=NOW - timedelta(days=1),
        valid_to=NOW + YEAR,
        key="p256",
    )


@pytest.fixture
def holder(officer):
    return officer("pho-chu-tich.vp-ubnd")


@pytest.fixture
def certificate(keystore, holder, now):
    return store_keystore(keystore, DEMO_PIN, holder=holder.person, officer=None, now=now)


def test_the_pin_opens_the_key(certificate, holder, now):
    credential = open_key(certificate, DEMO_PIN, officer=holder, now=now)
    assert encoded(credential.certificate) == bytes(certificate.der)


def test_the_pin_is_never_stored(certificate):
    row = Certificate.objects.filter(pk=certificate.pk).values().get()
    assert DEMO_PIN not in str(row)
    assert DEMO_PIN.encode() not in bytes(row["pkcs12"])


def test_a_wrong_pin_is_refused_counted_and_recorded(certificate, holder, now):
    with pytest.raises(WrongPIN) as refused:
        open_key(certificate, "000000", officer=holder, now=now)
    assert refused.value.left == WRONG_PINS_ALLOWED - 1
    assert f"còn {WRONG_PINS_ALLOWED - 1} lần" in explain(refused.value).vi
    act = Act.objects.on(certificate).get(kind="pin-refused")
    assert (act.user_id, act.facts) == (holder.user_id, {"wrong_pins": 1})


def wrong_pins(certificate, times, now):
    for _ in range(times):
        with pytest.raises(WrongPIN):
            open_key(certificate, "000000", officer=None, now=now)


def test_at_the_limit_even_the_right_pin_waits(certificate, now):
    wrong_pins(certificate, WRONG_PINS_ALLOWED, now)
    with pytest.raises(KeyLocked) as refused:
        open_key(certificate, DEMO_PIN, officer=None, now=now)
    assert refused.value.until == now + LOCKED_FOR
    assert Act.objects.on(certificate).filter(kind="key-locked").count() == 1
    assert open_key(certificate, DEMO_PIN, officer=None, now=now + LOCKED_FOR)


def test_the_right_pin_starts_the_count_again(certificate, now):
    for _ in range(2):
        wrong_pins(certificate, WRONG_PINS_ALLOWED - 1, now)
        assert open_key(certificate, DEMO_PIN, officer=None, now=now)


def test_a_certificate_without_its_key_does_not_open(certificate, now):
    Certificate.objects.filter(pk=certificate.pk).update(pkcs12=None)
    with pytest.raises(NoKeyStored):
        open_key(certificate, DEMO_PIN, officer=None, now=now)


def test_storing_twice_stores_once(certificate, keystore, holder, now):
    again = store_keystore(keystore, DEMO_PIN, holder=holder.person, officer=None, now=now)
    assert again == certificate
    assert Act.objects.on(certificate).filter(kind="key-stored").count() == 1


def test_a_keystore_under_another_pin_is_not_stored(keystore, holder, now):
    with pytest.raises(KeystoreLocked) as refused:
        store_keystore(keystore, "000000", holder=holder.person, officer=None, now=now)
    assert explain(refused.value).vi
    assert not Certificate.objects.exists()


def test_what_is_no_keystore_is_not_stored(holder, now):
    with pytest.raises(KeystoreInvalid):
        store_keystore(b"not a keystore", DEMO_PIN, holder=holder.person, officer=None, now=now)
    with pytest.raises(CertificateMalformed):
        store_certificate(b"nor a certificate", holder=holder.person, officer=None, now=now)


def test_a_persons_certificate_is_no_seal(keystore, body, now):
    with pytest.raises(CertificateOfAnother):
        store_keystore(keystore, DEMO_PIN, holder=body("ubnd-tp"), officer=None, now=now)


def test_the_certificate_in_force_is_found(certificate, holder, now):
    assert Certificate.objects.of_person(holder.person, at=now) == certificate


@pytest.mark.parametrize(
    ("later", "words"),
    [(2 * YEAR, "đã hết hạn ngày 23/11/2027"), (-YEAR, "chỉ có hiệu lực từ ngày 22/11/2026")],
)
def test_outside_its_period_a_certificate_is_not_used(certificate, holder, now, later, words):
    with pytest.raises(NoUsableCertificate) as refused:
        Certificate.objects.of_person(holder.person, at=now + later)
    assert refused.value.latest == certificate
    assert words in explain(refused.value).vi


def test_who_has_no_certificate_is_told_so(officer, body, now):
    person = officer("chuyen-vien.vp-ubnd").person
    with pytest.raises(NoUsableCertificate) as refused:
        Certificate.objects.of_person(person, at=now)
    assert "chưa có chứng thư số" in explain(refused.value).vi
    with pytest.raises(NoUsableCertificate):
        Certificate.objects.seal_of(body("ubnd-tp"), at=now)

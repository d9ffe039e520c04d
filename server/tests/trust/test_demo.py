"""The demo's keys, pictures and mandates are real, and are minted once."""

import pytest

from chauban.blobs import store
from chauban.directory.rules import legal_day
from chauban.journal.models import Act
from chauban.trust.anchors import current_trust
from chauban.trust.demo import DEMO_PIN, mint_for_body, open_demo_pki, trust_demo_pki
from chauban.trust.keys import open_key
from chauban.trust.models import Capacity, Certificate, Mandate
from chauban.trust.rules import require_mandate
from chauban_pki.certificates import Role, certificate_role, organ_id

pytestmark = pytest.mark.django_db


def test_a_body_gets_its_seal_and_its_signatories_keys_and_mandates(demo_pki, body, now):
    committee = body("ubnd-tp")
    mint_for_body(committee, authority=demo_pki, now=now, key="p256")

    mandates = Mandate.objects.filter(body=committee).order_by("id")
    assert [(m.capacity, m.authority_lines) for m in mandates] == [
        ("TM.", ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]),
        ("KT.", ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        ("TL.", ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
        ("TUQ.", ["TM. ỦY BAN NHÂN DÂN", "TUQ. CHỦ TỊCH", "GIÁM ĐỐC SỞ TÀI CHÍNH"]),
    ]
    for mandate in mandates:
        held = Certificate.objects.of_person(mandate.person, at=now)
        credential = open_key(held, DEMO_PIN, officer=None, now=now)
        assert certificate_role(credential.certificate) == Role.PERSON
        assert store.read(held.picture).startswith(b"\x89PNG")
        require_mandate(
            mandate, person=mandate.person, body=committee, kind="cong_van", day=legal_day(now)
        )


def test_a_seal_carries_the_bodys_code_and_its_diameter(demo_pki, body, now):
    committee = body("ubnd-tp")
    mint_for_body(committee, authority=demo_pki, now=now, key="p256")
    seal = Certificate.objects.seal_of(committee, at=now)
    credential = open_key(seal, DEMO_PIN, officer=None, now=now)
    assert certificate_role(credential.certificate) == Role.ORGANISATION
    assert organ_id(credential.certificate) == "H57"
    assert seal.picture_width_mm == 36.0


def test_minting_twice_mints_nothing_new(demo_pki, body, now):
    for _ in range(2):
        mint_for_body(body("ubnd-thuan-hoa"), authority=demo_pki, now=now, key="p256")
    assert Certificate.objects.with_key().count() == 3
    assert Certificate.objects.filter(holder="authority").count() == 2  # issuing CA and root
    assert Mandate.objects.count() == 2
    assert Act.objects.filter(kind="key-stored").count() == 3


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("vp-ubnd", ["KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"]),
        ("thanh-tra", ["KT. CHÁNH THANH TRA", "PHÓ CHÁNH THANH TRA"]),
        ("so-xay-dung", ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]),
        ("ubnd-a-luoi-1", ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
    ],
)
def test_the_deputy_signs_for_the_head_in_the_form_of_the_body(demo_pki, body, now, key, lines):
    mint_for_body(body(key), authority=demo_pki, now=now, key="p256")
    deputy = Mandate.objects.get(body__key=key, capacity=Capacity.KT)
    assert deputy.authority_lines == lines


def test_the_authority_in_a_folder_is_made_once(tmp_path, now):
    made = open_demo_pki(tmp_path / "pki", now=now)
    again = open_demo_pki(tmp_path / "pki", now=now)
    assert again.root.certificate == made.root.certificate


def test_its_root_becomes_an_anchor_for_signatures_and_time_stamps(demo_pki, now):
    for _ in range(2):
        trust_demo_pki(demo_pki, now=now)
    trust = current_trust(now)
    assert trust.signing == trust.timestamping == (demo_pki.root.certificate,)

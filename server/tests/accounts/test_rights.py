"""Rights come from the post held, in its own agency (Điều 6, 12, 32; users-want rule 8)."""

import pytest

from chauban.accounts.rights import NotAllowed, Permission, may, require
from chauban.accounts.rules import PERMISSIONS
from chauban.accounts.words import explain
from chauban.directory.models import Role

pytestmark = pytest.mark.django_db


def test_the_clerk_seals_for_every_body_whose_registry_she_keeps(officer, body):
    clerk = officer("van-thu.vp-ubnd")
    for key in ("ubnd-tp", "vp-ubnd"):
        assert require(clerk, Permission.SEAL, body(key)) is clerk


def test_the_clerk_does_not_seal_for_another_agency(officer, body):
    with pytest.raises(NotAllowed) as refused:
        require(officer("van-thu.vp-ubnd"), Permission.SEAL, body("ubnd-thuan-hoa"))
    assert "Phường Thuận Hóa" in explain(refused.value).vi


def test_the_official_of_the_same_agency_does_not_seal(officer, body):
    with pytest.raises(NotAllowed):
        require(officer("chuyen-vien.vp-ubnd"), Permission.SEAL, body("ubnd-tp"))


def test_nobody_signed_in_may_nothing(body):
    with pytest.raises(NotAllowed) as refused:
        require(None, Permission.VIEW_REGISTERS, body("ubnd-tp"))
    assert explain(refused.value).vi == "Hãy đăng nhập để tiếp tục."


def test_content_and_layout_are_checked_by_two_persons():
    """Điều 12: the head of the drafting unit; the person appointed for layout."""
    both = {Permission.CHECK_CONTENT, Permission.CHECK_LAYOUT}
    assert not [role for role, permissions in PERMISSIONS.items() if both <= permissions]


def test_only_the_registry_numbers_and_seals():
    """Điều 15, 32.2.c."""
    for permission in (Permission.NUMBER, Permission.SEAL):
        assert [role for role in Role if permission in PERMISSIONS[role]] == [Role.CLERK]


def test_the_administrator_sees_no_documents(officer):
    administrator = officer("quan-tri.vp-ubnd")
    assert not may(administrator, Permission.VIEW_REGISTERS)
    assert may(administrator, Permission.GRANT_MANDATE)


def test_every_role_has_its_line():
    assert PERMISSIONS.keys() == set(Role)

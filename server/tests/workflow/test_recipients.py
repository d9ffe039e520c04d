"""Whom a draft names: found by name or code, refused where he is no more, nobody left out."""

from dataclasses import replace

import pytest

from chauban.directory.models import IssuingBody, OutsideOrganisation
from chauban.directory.synchronising import Listed, synchronise
from chauban.workflow.drafting import Addressee, require_addressable
from chauban.workflow.errors import RecipientRetired
from chauban.workflow.forms import OUTSIDE_SHOWN, DraftForm
from chauban.workflow.words import explain
from tests.moments import NOW

pytestmark = pytest.mark.django_db
DAY = NOW.date()


@pytest.fixture
def form(officer):
    def make(**initial):
        return DraftForm(
            officer=officer("chuyen-vien.vp-ubnd"), day=DAY, initial={"looked_for": "", **initial}
        )

    return make


@pytest.fixture
def listed(db):
    """Fifty communes and one ministry, as an axis lists them."""
    communes = [Listed(f"H44.{n}", f"Ủy ban nhân dân xã Phú {n}", "H44") for n in range(50)]
    ministry = Listed("G04", "Bộ Tài chính", "", "000.00.00.G04")
    synchronise([*communes, ministry], gateway="axis", now=NOW)


def found(form):
    return [(one.code, is_chosen) for one, is_chosen in form.outside_found()]


def test_a_body_without_a_code_is_offered_and_named_without_one(form, body):
    party = body("thanh-uy")
    assert party in form().fields["recipients"].queryset
    assert Addressee.of(party, DAY).organ_id == ""


def test_a_body_that_is_no_more_is_not_offered(form, body):
    assert body("ubnd-xa-hong-ha") not in form().fields["recipients"].queryset


def test_organisations_outside_are_found_by_name_and_by_code(form, listed):
    assert found(form(looked_for="bo tai chinh")) == [("G04", False)]
    assert found(form(looked_for="000.00.00.G04")) == [("G04", False)]
    assert found(form()) == []


def test_no_more_are_shown_than_one_looks_through(form, listed):
    assert len(found(form(looked_for="xa phu"))) == OUTSIDE_SHOWN


def test_the_chosen_are_kept_whatever_is_looked_for(form, listed):
    kept = found(form(looked_for="khong co", outside=["G04"]))
    assert kept == [("G04", True)]


def test_who_is_on_the_axis_no_more_is_not_found(form, listed):
    OutsideOrganisation.objects.filter(code="G04").update(gone_at=NOW)
    assert found(form(looked_for="bo tai chinh")) == []


def test_who_is_no_more_is_refused_and_the_successor_named(body):
    gone = body("ubnd-xa-hong-ha")
    with pytest.raises(RecipientRetired) as refused:
        require_addressable([Addressee("000.18.32.H57", gone.name, gone)], DAY)
    assert refused.value.heirs == (body("ubnd-a-luoi-5").name,)
    assert body("ubnd-a-luoi-5").name in explain(refused.value).vi


def test_a_retired_code_is_refused_without_its_body_too(body):
    with pytest.raises(RecipientRetired):
        require_addressable([Addressee("000.18.32.H57", "Xã Hồng Hạ")], DAY)


def test_a_code_in_force_and_one_that_is_not_ours_are_not_refused(body):
    commune = body("ubnd-a-luoi-5")
    require_addressable([Addressee.of(commune, DAY), Addressee("G04", "Bộ Tài chính")], DAY)


def test_a_body_that_ends_tomorrow_is_written_to_today(body):
    IssuingBody.objects.filter(key="ubnd-a-luoi-5").update(valid_to=NOW.date().replace(day=24))
    ending = body("ubnd-a-luoi-5")
    require_addressable([Addressee.of(ending, DAY)], DAY)
    with pytest.raises(RecipientRetired):
        require_addressable([replace(Addressee.of(ending, DAY))], DAY.replace(day=24))

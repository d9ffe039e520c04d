"""The axis's directory: only differences are written, nothing is deleted, no code counts twice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chauban.directory.errors import ListingTooShort
from chauban.directory.models import FormerName, OutsideOrganisation, Synchronisation
from chauban.directory.synchronising import AGAIN, EVERY, LEASE, Listed, claim, put_off, synchronise
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)

PHU_THO = Listed("H44", "Ủy ban nhân dân tỉnh Phú Thọ", "", "000.00.00.H44")
HEALTH = Listed("H44.05", "Sở Y tế tỉnh Phú Thọ", "H44", "000.00.05.H44")
MINISTRY = Listed("G04", "Bộ Tài chính", "", "000.00.00.G04")
EVERYBODY = (PHU_THO, HEALTH, MINISTRY)


def taken_over(*listed, now=NOW):
    return vars(synchronise(listed, gateway="axis", now=now))


def found(text):
    return [one.code for one in OutsideOrganisation.objects.listed().matching(text)]


def test_all_that_is_listed_is_entered_once():
    counts = taken_over(*EVERYBODY)
    assert counts == {"listed": 3, "added": 3, "changed": 0, "returned": 0, "gone": 0}
    one = OutsideOrganisation.objects.get(code="H44.05")
    assert (one.name, one.parent_code, one.old_code) == (HEALTH.name, "H44", "000.00.05.H44")
    assert one.first_seen_at == NOW


def test_a_second_run_writes_no_organisation_again():
    taken_over(*EVERYBODY)
    with CaptureQueriesContext(connection) as queries:
        counts = taken_over(*EVERYBODY, now=TOMORROW)
    assert counts == {"listed": 3, "added": 0, "changed": 0, "returned": 0, "gone": 0}
    written = [it["sql"] for it in queries if it["sql"].startswith(("INSERT", "UPDATE"))]
    assert not [sql for sql in written if "outsideorganisation" in sql]
    assert not OutsideOrganisation.objects.exclude(last_seen_at=NOW).exists()


def test_a_former_name_keeps_the_day_on_which_it_ended():
    taken_over(*EVERYBODY)
    renamed = Listed("G04", "Bộ Tài chính và Đầu tư", "", "000.00.00.G04")
    assert taken_over(PHU_THO, HEALTH, renamed, now=TOMORROW)["changed"] == 1
    former = FormerName.objects.get()
    assert (former.organisation.name, former.name) == (renamed.name, "Bộ Tài chính")
    assert former.until == TOMORROW.date()
    assert former.organisation.first_seen_at == NOW


def test_who_is_listed_no_more_is_marked_and_not_offered():
    taken_over(*EVERYBODY)
    assert taken_over(PHU_THO, MINISTRY, now=TOMORROW)["gone"] == 1
    assert OutsideOrganisation.objects.get(code="H44.05").gone_at == TOMORROW
    assert found("so y te") == []


def test_who_is_listed_again_is_gone_no_more():
    taken_over(*EVERYBODY)
    taken_over(PHU_THO, MINISTRY, now=TOMORROW)
    counts = taken_over(*EVERYBODY, now=TOMORROW + EVERY)
    assert (counts["returned"], counts["changed"], counts["added"]) == (1, 0, 0)
    assert found("so y te") == ["H44.05"]


def test_an_answer_that_lists_less_than_half_is_not_believed():
    taken_over(*EVERYBODY)
    with pytest.raises(ListingTooShort):
        taken_over(PHU_THO, now=TOMORROW)
    assert not OutsideOrganisation.objects.exclude(gone_at=None).exists()


def test_an_organisation_listed_under_both_its_codes_is_one():
    counts = taken_over(PHU_THO, Listed("000.00.00.H44", "UBND tỉnh Phú Thọ"), MINISTRY)
    assert counts["added"] == 2
    assert [one.code for one in OutsideOrganisation.objects.order_by("code")] == ["G04", "H44"]
    by_code = OutsideOrganisation.objects.by_any_code(["000.00.00.H44", "H44", "H99"])
    assert {code: one.code for code, one in by_code.items()} == {
        "000.00.00.H44": "H44",
        "H44": "H44",
    }


def test_an_organisation_listed_under_its_old_code_first_is_one_too():
    old = Listed("000.00.00.H44", "UBND tỉnh Phú Thọ")
    taken_over(old, MINISTRY)
    for now in (TOMORROW, TOMORROW + EVERY):
        taken_over(old, PHU_THO, MINISTRY, now=now)
        assert found("phu tho") == ["H44"]
    again = taken_over(old, PHU_THO, MINISTRY, now=TOMORROW + 2 * EVERY)
    assert (again["changed"], again["returned"], again["gone"]) == (0, 0, 0)
    assert OutsideOrganisation.objects.by_any_code([old.code])[old.code].code == "H44"


def test_an_old_code_is_kept_when_it_is_told_no_more():
    taken_over(*EVERYBODY)
    taken_over(Listed("H44", PHU_THO.name), HEALTH, MINISTRY, now=TOMORROW)
    assert (
        OutsideOrganisation.objects.by_any_code([PHU_THO.old_code])[PHU_THO.old_code].code == "H44"
    )


def test_our_own_bodies_are_not_outside(body):
    ours = body("ubnd-tp").organ_id(NOW.date())
    assert taken_over(PHU_THO, Listed(ours, "Ủy ban nhân dân thành phố Huế"))["added"] == 1


def test_names_are_found_without_tone_marks_and_by_code():
    taken_over(*EVERYBODY)
    assert found("phu tho") == ["H44.05", "H44"]
    assert found("SỞ Y tế") == ["H44.05"]
    assert found("000.00.05") == ["H44.05"]
    assert found("100%") == []


def test_it_is_done_once_a_day_by_one_worker():
    assert claim("axis", now=NOW)
    assert not claim("axis", now=NOW + timedelta(minutes=1))
    assert claim("axis", now=NOW + LEASE)  # the first one died
    taken_over(*EVERYBODY)
    assert not claim("axis", now=NOW + EVERY - timedelta(minutes=1))
    assert claim("axis", now=NOW + EVERY)


def test_after_a_failure_it_is_tried_again_in_an_hour():
    claim("axis", now=NOW)
    put_off("axis", now=NOW)
    assert not claim("axis", now=NOW + AGAIN - timedelta(minutes=1))
    assert claim("axis", now=NOW + AGAIN)


def test_the_journal_has_the_counts():
    taken_over(*EVERYBODY)
    act = Act.objects.on(Synchronisation.objects.get()).get()
    assert (act.kind, act.facts["added"]) == (ActKind.DIRECTORY_SYNCHRONISED, 3)

"""An open page asks whether anything has changed; next to nothing is done to say no."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from chauban.accounts.preferring import Event, set_preferences
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.office import live
from chauban.trust.models import Mandate

pytestmark = pytest.mark.django_db

WHO = "pho-chu-tich.vp-ubnd"


@pytest.fixture
def asked(signed_in):
    """Asks for the counters of one officer, with the mark that he was given before."""
    client = signed_in(WHO)
    url = reverse("office:counts")

    def ask(mark=""):
        return client.get(url, headers={"If-None-Match": mark} if mark else {})

    ask.client = client
    return ask


def test_counters_asked_again_answer_304_until_something_changes(office, asked):
    first = asked()
    assert asked(first["ETag"]).status_code == 304
    office.approved()
    changed = asked(first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert changed.json()["sign"] == first.json()["sign"] + 1


def test_a_304_costs_one_look_into_an_index_and_no_session(asked, django_assert_num_queries):
    mark = asked()["ETag"]
    agencies = mark.strip('"').partition(".")[0].split("-")
    with django_assert_num_queries(len(agencies)):
        assert asked(mark).status_code == 304


def test_the_page_itself_brings_the_mark_of_what_it_shows(asked, office):
    page = asked.client.get("/")
    mark = str(page.context["desk_mark"])
    assert asked(mark).status_code == 304
    office.approved()
    assert asked(mark).status_code == 200


def test_an_act_of_another_agency_changes_nothing_here(asked, officer, now):
    mark = asked()["ETag"]
    stranger = officer("van-thu.so-noi-vu")
    record(ActKind.DRAFTED, on=stranger.agency, by=stranger, at=now)
    assert asked(mark).status_code == 304


def test_who_signs_for_another_agency_sees_what_happens_there(asked, officer, body, now):
    stranger = officer("van-thu.so-noi-vu")
    Mandate.objects.create(
        person=officer(WHO).person, post=officer(WHO).post, body=body("so-noi-vu"),
        capacity="TUQ.", valid_from=now.date(), valid_to=now.date() + timedelta(days=99),
    )  # fmt: skip
    live._agencies_of.cache_clear()
    mark = asked()["ETag"]
    record(ActKind.DRAFTED, on=stranger.agency, by=stranger, at=now)
    assert asked(mark).status_code == 200
    live._agencies_of.cache_clear()


def test_an_act_that_commits_below_a_newer_one_is_seen_too(officer, now):
    """On PostgreSQL ids commit out of order: the newest id alone would hide it."""
    clerk = officer("van-thu.vp-ubnd")
    acts = [record(ActKind.DRAFTED, on=clerk.agency, by=clerk, at=now) for _ in range(2)]
    assert live.standing_of([clerk.agency_id]) >= sum(act.pk for act in acts)


def test_coming_and_going_changes_no_list(asked, officer, now):
    mark = asked()["ETag"]
    clerk = officer("van-thu.vp-ubnd")
    record(ActKind.SIGNED_IN, on=clerk.user, by=clerk, at=now)
    assert asked(mark).status_code == 304


def test_a_mark_holds_for_its_session_alone_and_not_for_ever(officer, now):
    mark = live.mark_of(officer(WHO), "a-session", now)
    assert live.still_stands(mark, "a-session", now)
    assert not live.still_stands(mark, "another", now)
    assert not live.still_stands(mark, "a-session", now + live.TRUSTED_FOR)


@pytest.mark.parametrize("mark", ['""', "*", '"1.2.3"', '"1.2.3.4"', 'W/"é.."', '"' + "." * 99])
def test_a_mark_that_was_not_given_is_no_mark(mark, now):
    assert not live.still_stands(mark, "a-session", now)


def test_counters_of_who_is_signed_out_meanwhile_leave_his_page_alone(client):
    answer = client.get(reverse("office:counts"))
    assert (answer.status_code, answer.content) == (204, b"")


def test_who_operates_the_axis_is_trusted_a_minute(officer, now):
    mark = live.mark_of(officer("quan-tri.vp-ubnd"), "a-session", now)
    assert not live.still_stands(mark, "a-session", now + live.OPERATORS_TRUSTED_FOR)


def test_an_open_page_says_nothing_of_a_list_that_the_person_left_out(signed_in, officer):
    """The counter follows all the same (`data-quiet`)."""
    client, user = signed_in("van-thu.vp-ubnd"), officer("van-thu.vp-ubnd").user

    def told():
        groups = client.get(reverse("office:home")).context["places"]
        return {it["key"]: it.get("is_told") for group in groups for it in group["places"]}

    assert told()["arrived"] is True
    set_preferences(user, notices={str(Event.ARRIVED): []})
    assert told()["arrived"] is False
    assert told()["number"] is True
    html = client.get(reverse("office:home")).content.decode()
    assert re.search(r'data-count="arrived"[^>]* data-quiet', html)
    assert not re.search(r'data-count="number"[^>]* data-quiet', html)

"""The pictures: every figure is the length of the list it opens, for whoever may count it."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from chauban.accounts.reach import reach_of
from chauban.accounts.rights import NotAllowed
from chauban.cli.directory import command
from chauban.directory.models import Agency, Post, Unit
from chauban.directory.rules import HANOI
from chauban.exchange.models import Recipient
from chauban.journal.models import Act
from chauban.office.pictures import (
    flow,
    ground,
    hours,
    outlines,
    punctuality,
    signing_map,
    workload,
)
from chauban.office.pictures.all import PICTURES, picture_of
from chauban.office.pictures.asking import asked_by, period_of
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.workflow.models import Task
from tests import weeks
from tests.moments import NOW
from tests.weeks import SUBJECT, incoming, outgoing

pytestmark = pytest.mark.django_db

CITY_HEAD = "chanh-vp.vp-ubnd"
FINANCE_HEAD = "giam-doc.so-tai-chinh"
OFFICIAL = "chuyen-vien.so-tai-chinh"
OPERATOR = "quan-tri.vp-ubnd"
MOST_QUERIES = 24  # of a page: who asks, the frame beside it, at most four for the picture
KEYS = ("so-tai-chinh", "ubnd-thuan-hoa", "ubnd-tp")


@pytest.fixture
def at_random(body):
    """A few weeks of three agencies."""
    return lambda seed, amount=60: weeks.fill(
        [body(key) for key in KEYS], seed=seed, amount=amount, now=NOW
    )


@pytest.fixture
def ask(officer):
    def asked(username, key, **given):
        return asked_by(officer(username), given, tuple(picture_of(key).ways), NOW)

    return asked


def opened(picture, asked, figure):
    """How long the list behind a figure is, asked for as its address asks."""
    given = {**asked.parameters, **figure.opens}
    again = asked_by(asked.officer, given, tuple(picture.ways), asked.now)
    return picture.listed(again, given).count()


WHO = (CITY_HEAD, FINANCE_HEAD, "van-thu.so-tai-chinh", OFFICIAL)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_is_as_long_as_its_list(at_random, ask, seed):
    at_random(seed)
    finance = Agency.objects.get(key="so-tai-chinh")
    unit = Unit.objects.filter(agency=finance).first()
    narrowed = ({}, {"agency": str(finance.pk)}, {"agency": str(finance.pk), "unit": str(unit.pk)})
    counted = 0
    for picture in PICTURES:
        for who in WHO:
            for given in narrowed if who == CITY_HEAD else narrowed[:1]:
                for way in picture.ways or [""]:
                    asked = ask(who, picture.key, way=way, **given)
                    figures = [
                        figure
                        for line in picture.table(asked).lines
                        for figure in line.figures
                        if figure.opens is not None
                    ]
                    counted += sum(bool(figure.value) for figure in figures)
                    for figure in Random(seed).sample(figures, min(len(figures), 9)):
                        found = opened(picture, asked, figure)
                        assert found == figure.value, (picture.key, who, given, way, figure)
    assert counted > 300


def test_all_that_is_counted_stands_somewhere_once(at_random, ask):
    at_random(3)
    asked = ask(CITY_HEAD, "flow", since="2026-01-01", until="2026-12-31")
    flowing = sum(line.figures[0].value for line in flow.table(asked).lines)
    assert flowing == Recipient.objects.filter(document__issued_on__year=2026).count()
    held = workload.table(ask(CITY_HEAD, "workload"))
    assert all(sum(it.value for it in line.figures[:4]) == line.figures[4].value
               for line in held.lines)  # fmt: skip
    unfinished = Task.objects.filter(state__in=["assigned", "in-progress"])
    assert sum(line.figures[4].value for line in held.lines) == unfinished.count()
    asked = ask(CITY_HEAD, "hours", since="2026-01-01", until="2026-12-31")
    arrived = sum(figure.value for line in hours.table(asked).lines for figure in line.figures)
    assert arrived == IncomingDocument.objects.count()


def test_an_hour_is_one_of_viet_nam_on_the_right_day(body, ask):
    monday_night = datetime(2026, 11, 15, 17, 30, tzinfo=UTC)  # Monday 16, 00:30 in Việt Nam
    incoming(body("so-tai-chinh"), 1, monday_night).save()
    incoming(body("so-tai-chinh"), 2, monday_night + timedelta(hours=8)).save()
    table = hours.table(ask(FINANCE_HEAD, "hours"))
    found = [
        [(at, it.value) for at, it in enumerate(line.figures) if it.value] for line in table.lines
    ]
    assert found == [[(0, 1), (2, 1)], [], [], [], [], [], []]


def test_a_week_begins_on_monday_of_viet_nam_and_a_term_ends_with_the_next_working_day(body, ask):
    document = incoming(body("so-tai-chinh"), 1, NOW - timedelta(days=40))
    document.save()
    handler = Post.objects.filter(agency__key="so-tai-chinh").first()
    saturday = date(2026, 11, 7)  # ends on Monday the 9th
    task = Task.objects.create(
        document=document, part="lead", assignee=handler, assigned_by=handler, due_on=saturday,
        assigned_at=datetime(2026, 11, 6, 3, tzinfo=UTC), state="done",
        done_at=datetime(2026, 11, 9, 16, 59, tzinfo=UTC),  # 23:59 in Việt Nam
    )  # fmt: skip

    def week():
        lines = punctuality.table(ask(FINANCE_HEAD, "punctuality")).lines
        (line,) = (one for one in lines if any(it.value for it in one.figures))
        return line.heads[0], [it.value for it in line.figures]

    assert week() == ("09/11/2026", [1, 0, 0, 0, 100.0, 1])
    Task.objects.filter(pk=task.pk).update(done_at=datetime(2026, 11, 9, 17, tzinfo=UTC))
    assert week() == ("09/11/2026", [0, 1, 0, 0, 0.0, 2])
    Task.objects.filter(pk=task.pk).update(done_at=None, state="assigned")
    assert week() == ("09/11/2026", [0, 0, 1, 0, 0.0, None])


def test_the_median_is_of_working_days():
    week = punctuality.Week()
    assert week.median is None
    week.days.update({1: 3, 5: 1, 30: 2})
    assert week.median == 1
    week.days.update({5: 3})
    assert week.median == 5


def test_a_document_closed_without_an_answer_owes_none(body, ask):
    document = incoming(body("so-tai-chinh"), 1, NOW - timedelta(days=9), due_on=NOW.date())
    document.save()

    def owed():
        table = punctuality.table(ask(FINANCE_HEAD, "punctuality", way="answers"))
        return sum(it.value for line in table.lines for it in line.figures[:4])

    assert owed() == 1
    IncomingDocument.objects.filter(pk=document.pk).update(state="done")
    assert owed() == 0


@pytest.mark.parametrize(
    ("amount", "signed", "state"),
    [(0, 0, "nothing"), (2, 0, "none"), (2, 1, "some"), (2, 2, "all")],
)
def test_an_agency_signs_all_some_or_none_of_what_it_issues(amount, signed, state):
    assert signing_map.state_of(amount, signed) == state


def test_every_commune_has_a_position_and_every_other_agency_a_place_of_its_own():
    today = NOW.date()
    found = ground.placed(Agency.objects.as_of(today).order_by("pk"))
    assert sum(one.is_position for one in found) == 40
    assert len({one.at for one in found}) == len(found)
    for one in found:
        x, y = ground.drawn_at(one.at)
        assert 0 < x < ground.WIDTH
        assert 0 < y < ground.HEIGHT


# Who may count what.


def test_a_head_counts_his_agency_and_those_below_a_clerk_the_agency_an_official_his_unit(officer):
    city, department = reach_of(officer(CITY_HEAD)), reach_of(officer(FINANCE_HEAD))
    assert {"Sở Tài chính", "Phường Thuận Hóa"} <= {one.name for one in city.agencies}
    assert [one.name for one in department.agencies] == ["Sở Tài chính"]
    assert reach_of(officer("van-thu.so-tai-chinh")) == department
    official = officer(OFFICIAL)
    assert reach_of(official).unit == official.post.unit
    with pytest.raises(NotAllowed):
        reach_of(officer(OPERATOR))


def test_nobody_asks_for_what_he_may_not_count(ask):
    """An agency or a unit of another's in the address changes nothing."""
    commune = Agency.objects.get(key="thuan-hoa")
    mine = ask(FINANCE_HEAD, "workload")
    assert ask(FINANCE_HEAD, "workload", agency=str(commune.pk)).reach == mine.reach
    theirs = Unit.objects.filter(agency=commune).first()
    assert ask(FINANCE_HEAD, "workload", unit=str(theirs.pk)).reach == mine.reach
    own = ask(OFFICIAL, "workload")
    other = Unit.objects.filter(agency__key="so-tai-chinh").exclude(pk=own.reach.unit.pk).first()
    assert ask(OFFICIAL, "workload", unit=str(other.pk)).reach == own.reach


def test_the_list_hides_what_is_counted_and_may_not_be_opened(body, officer, signed_in):
    outgoing(body("ubnd-thuan-hoa"), 1, timezone.now()).save()
    document = OutgoingDocument.objects.get(subject=SUBJECT)
    Recipient.objects.create(document=document, organ_id="H44", name="UBND tỉnh Phú Thọ")
    shut = signed_in(CITY_HEAD).get("/pictures/flow/list").content.decode()
    assert "UBND tỉnh Phú Thọ" in shut
    assert SUBJECT not in shut
    assert f"/outgoing/{document.pk}" not in shut
    own = signed_in("van-thu.thuan-hoa").get("/pictures/flow/list").content.decode()
    assert SUBJECT in own
    assert f"/outgoing/{document.pk}" in own
    elsewhere = signed_in(FINANCE_HEAD).get("/pictures/flow/list").content.decode()
    assert "UBND tỉnh Phú Thọ" not in elsewhere


def test_the_public_and_who_reads_no_registers_see_no_picture(signed_in):
    paths = ["/pictures/", "/pictures/ground.json"]
    paths += [f"/pictures/{one.key}{end}" for one in PICTURES for end in ("", "/list", ".csv")]
    operator = signed_in(OPERATOR)
    for path in paths:
        assert Client().get(path)["Location"].startswith("/sign-in"), path
        assert operator.get(path).status_code == 403, path
    assert signed_in(CITY_HEAD).get("/pictures/nothing").status_code == 404


# The page, its table and its file.


def test_page_list_and_file_say_the_same_in_a_fixed_number_of_queries(
    at_random, ask, signed_in, django_assert_max_num_queries
):
    at_random(4, 30)
    client = signed_in(CITY_HEAD)
    for picture in PICTURES:
        path = f"/pictures/{picture.key}"
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(path).status_code == 200
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(f"{path}/list").status_code == 200
        written = client.get(f"{path}.csv").content.decode("utf-8-sig")
        heading, *rows = csv.reader(io.StringIO(written))
        table = picture.table(ask(CITY_HEAD, picture.key, **period(timezone.now())))
        assert len(rows) == len(table.lines)
        assert len(heading) == len(table.heads) + len(table.columns)


def period(now):
    since, until = period_of("", "", now.astimezone(HANOI).date())
    return {"since": since.isoformat(), "until": until.isoformat()}


def test_a_file_holds_no_formula(body, signed_in):
    outgoing(body("so-tai-chinh"), 1, timezone.now()).save()
    document = OutgoingDocument.objects.get(subject=SUBJECT)
    Recipient.objects.create(document=document, organ_id="x", name="=HYPERLINK(1)")
    written = signed_in(FINANCE_HEAD).get("/pictures/flow.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in written


@pytest.mark.parametrize(
    ("since", "until"),
    [("", ""), ("không", "32/13/2026"), ("2026-11-29", "2026-08-31"), ("0001-01-01", "")],
)
def test_a_period_that_cannot_be_is_the_usual_one(since, until):
    assert period_of(since, until, NOW.date()) == (date(2026, 8, 31), date(2026, 11, 29))


def test_a_period_is_a_year_at_most():
    first, last = period_of("2001-01-01", "2026-11-29", NOW.date())
    assert (last - first).days == 370


# Outlines that an operator gives.

SQUARE = [[107.5, 16.4], [107.6, 16.4], [107.6, 16.5], [107.5, 16.5], [107.5, 16.4]]


def geojson(ring=SQUARE, kind="Polygon", **besides):
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    feature = {"type": "Feature", "properties": {"name": "Phường Thuận Hóa", "secret": "x"},
               "geometry": {"type": kind, "coordinates": coordinates}}  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": [feature], **besides}).encode()


def test_outlines_are_kept_as_an_act_and_drawn_with_their_source(signed_in, tmp_path):
    client = signed_in(CITY_HEAD)
    before = client.get("/pictures/ground.json").json()["features"]
    (file := tmp_path / "outlines.json").write_bytes(geojson(kind="MultiPolygon"))
    ran = CliRunner().invoke(command, ["outlines", str(file), "--source", "Sở Nội vụ, 2026"])
    assert (ran.exit_code, ran.output) == (0, "1 outlines\n")
    *ground_features, outline = client.get("/pictures/ground.json").json()["features"]
    assert ground_features == before
    assert outline["properties"] == {"kind": "outline", "name": "Phường Thuận Hóa"}
    assert outline["geometry"]["coordinates"] == [[SQUARE]]
    assert "Sở Nội vụ, 2026" in client.get("/pictures/map").content.decode()
    assert Act.objects.get(kind="outlines-kept").facts["features"] == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b" " * 5_000_001, "over 5000000 bytes"),
        (b'{"features": []}', "FeatureCollection"),
        (geojson(features=[None]), "no Polygon"),
        (geojson(SQUARE[:-1]), "not closed"),
        (geojson([*SQUARE[:2], SQUARE[0]]), "not closed"),
        (geojson([point[::-1] for point in SQUARE]), "outside Việt Nam"),
        (geojson([["107", 16.4], *SQUARE[1:]]), "no number"),
        (geojson([[True, 16.4], *SQUARE[1:]]), "no number"),
        (geojson([[float("nan"), 16.4], *SQUARE[1:]]), "no number"),
        (geojson([], "MultiPolygon"), "not closed"),
        (geojson(SQUARE[:-1] * 25_001 + SQUARE[:1]), "100005 points"),
    ],
)
def test_a_file_without_outlines_that_can_be_drawn_is_refused_with_its_reason(content, why):
    with pytest.raises(outlines.OutlinesRefused, match=why):
        outlines.keep_outlines(content, source="x", now=NOW)
    assert outlines.standing_outlines() is None

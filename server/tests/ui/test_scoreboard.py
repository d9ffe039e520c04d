"""The plan's scoreboard: figures that anybody can check against the lists behind them."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from chauban.exchange.circulating import circulation
from chauban.exchange.models import Recipient
from chauban.journal.models import Act
from chauban.office import scoreboard
from chauban.office.models import Declaration
from chauban.registers.actions import OutgoingEntry, number_outgoing
from chauban.registers.models import OutgoingDocument
from chauban.trust.models import Certificate, Mandate
from chauban.trust.signing_agencies import signing_agencies
from tests.moments import NOW

pytestmark = pytest.mark.django_db

MOST_QUERIES = 4  # documents, invitations, agencies, what is declared
SUBJECT = "Việc không ai ngoài cơ quan được biết"


@pytest.fixture(autouse=True)
def uncounted():
    cache.clear()


@pytest.fixture
def issued(officer, body):
    """Issue a document of a body, by a channel to each recipient."""

    def issue(key, *channels, kind="cong_van", paper_too=False):
        entry = OutgoingEntry(
            kind=kind,
            notation=f"{'GM-' * (kind == 'giay_moi')}{key.upper()}",
            subject=SUBJECT,
            signer_name="Nguyễn Văn Thử",
            signer_position="GIÁM ĐỐC",
            to_places=("Như trên",),
        )
        document = number_outgoing(
            entry, body=body(key), officer=officer(f"van-thu.{key}"), now=NOW
        )
        OutgoingDocument.objects.filter(pk=document.pk).update(issued_at=NOW, state="issued")
        for place, channel in enumerate(channels):
            Recipient.objects.create(
                document=document,
                organ_id=f"H44.{place}",
                name="UBND tỉnh Phú Thọ",
                channel=channel,
                also_on_paper=paper_too,
            )
        return document

    return issue


@pytest.fixture
def year(issued):
    """A year's documents: by the network, also on paper, and by post."""
    issued("so-tai-chinh", "axis", "mail")
    issued("so-tai-chinh", "axis", paper_too=True)
    issued("so-tai-chinh", "axis", "post", paper_too=True)
    issued("so-noi-vu", "axis")
    issued("so-noi-vu", "party", kind="giay_moi")
    issued("so-tai-chinh", "hand", kind="giay_moi")


def certified(name, **holder):
    return Certificate.objects.create(
        serial=name,
        subject=name,
        fingerprint=name,
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_after=datetime(2046, 12, 31, tzinfo=UTC),
        der=b"",
        pkcs12=b"kept",
        **holder,
    )


@pytest.fixture
def finance(officer, body):
    """A department with everything that it takes to sign: seal, signatory and mandate."""
    issuer, head = body("so-tai-chinh"), officer("giam-doc.so-tai-chinh").post
    mandate = Mandate.objects.create(
        person=head.person, post=head, body=issuer, basis="Quyết định bổ nhiệm",
        valid_from=NOW.date() - timedelta(days=1),
    )  # fmt: skip
    return (
        certified("seal", holder="organisation", body=issuer),
        certified("signatory", holder="person", person=head.person),
        mandate,
    )


def signs(at=NOW, name="Sở Tài chính"):
    (found,) = (one for one in signing_agencies(at) if one.agency == name)
    return found.has_seal, found.has_signatory


def test_a_document_is_counted_once_by_the_worst_way_it_goes(year):
    finance, interior = circulation(2026)
    assert (finance.over_network, finance.also_on_paper, finance.on_paper) == (1, 1, 2)
    assert (interior.over_network, interior.also_on_paper, interior.on_paper) == (2, 0, 0)
    assert [one.short for one in circulation(2026, kind="giay_moi")] == [1, 0]


def test_only_what_was_issued_to_somebody_in_that_year_is_counted(issued):
    document = issued("so-noi-vu", "axis")
    issued("so-noi-vu")  # to nobody outside
    assert [one.issued for one in circulation(2026)] == [1]
    assert circulation(2025) == []
    OutgoingDocument.objects.filter(pk=document.pk).update(issued_at=None)
    assert circulation(2026) == []


def test_an_agency_signs_with_a_seal_and_a_signatory(finance):
    assert signs() == (True, True)
    assert signs(datetime(2047, 1, 1, tzinfo=UTC)) == (False, False)  # both have expired


def test_a_seal_alone_does_not_sign(finance):
    finance[1].delete()
    assert signs() == (True, False)


def test_a_signatory_alone_does_not_sign(finance):
    finance[0].delete()
    assert signs() == (False, True)


def test_a_key_that_is_not_here_does_not_sign(finance):
    Certificate.objects.filter(pk=finance[0].pk).update(pkcs12=None)
    assert signs() == (False, True)


def test_whoever_holds_no_mandate_any_more_does_not_sign(finance):
    Mandate.objects.filter(pk=finance[2].pk).update(valid_to=NOW.date())
    assert signs() == (True, False)


def test_agencies_that_are_no_more_are_not_counted():
    before = signing_agencies(datetime(2025, 6, 30, tzinfo=UTC))
    assert "district" in {one.level for one in before}
    assert {one.level for one in signing_agencies(NOW)} == {"city", "department", "commune"}


def test_every_figure_equals_the_list_it_opens(year, finance):
    board = scoreboard.count(2026, NOW)
    documents, invitations, agencies = scoreboard.measured(board)
    for measure, sent in ((documents, board.documents), (invitations, board.invitations)):
        *_, total = scoreboard.table(measure.key, board)
        assert total[1:3] == [measure.whole, measure.part]
        assert sum(one.short for one in sent) == measure.short
    assert agencies.short == len(scoreboard.table("agencies", board)) - 1
    assert (documents.part, documents.whole) == (3, 6)
    assert (invitations.part, invitations.whole) == (1, 2)
    assert agencies.part == 1


def test_a_hundred_percent_are_all_of_them():
    assert str(scoreboard.Measure("T1", "", "", 9999, 10000).percent) == "99.9"
    assert str(scoreboard.Measure("T1", "", "", 10000, 10000).percent) == "100.0"
    assert scoreboard.Measure("T1", "", "", 0, 0).percent is None


def test_the_year_is_one_of_the_plan_or_this_one():
    assert scoreboard.year_of("2025", NOW) == 2025
    for text in ("", "2014", "2027", "²⁰²⁵", "20 25", "-2025", "9" * 5000):
        assert scoreboard.year_of(text, NOW) == 2026


def test_pages_count_in_few_queries_and_again_only_after_a_minute(year, django_assert_num_queries):
    with django_assert_num_queries(MOST_QUERIES):
        Client().get("/scoreboard")
    with django_assert_num_queries(0):
        for path in ("/scoreboard", "/scoreboard/agencies", "/scoreboard/targets.csv"):
            assert Client().get(path).status_code == 200


def test_the_public_sees_agencies_and_counts_but_no_document(year):
    for key in ("documents", "invitations", "agencies"):
        for path in (f"/scoreboard/{key}?nam=2026", f"/scoreboard/{key}.csv?nam=2026"):
            page = Client().get(path).content.decode()
            assert "Sở Tài chính" in page
            assert SUBJECT not in page
            assert "Phú Thọ" not in page
    assert Client().get("/scoreboard/people").status_code == 404
    assert Client().get("/scoreboard/people.csv").status_code == 404
    assert Client().post("/scoreboard").status_code == 405


def test_what_is_not_measured_says_so():
    lacking = [one.target for one in scoreboard.targets(scoreboard.count(2026, NOW)) if one.lacking]
    assert lacking == ["T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T10", "T10"]
    assert Client().get("/scoreboard").content.decode().count("Chưa đo") == len(lacking)


# Figures that agencies declare (T5 to T10).

DECLARED = {"year": "2026", "part": "55", "whole": "58", "as_of": "2026-10-31",
            "source": "Báo cáo 12/BC-SKHCN"}  # fmt: skip


def declare(signed_in, target, username="quan-tri.vp-ubnd", **given):
    return signed_in(username).post(f"/scoreboard/declare/{target}", {**DECLARED, **given})


def test_a_declared_figure_stands_as_declared_with_its_source_never_as_measured(signed_in):
    assert declare(signed_in, "t6")["Location"] == "/scoreboard?nam=2026"
    figures = scoreboard.count(2026, NOW)
    (one,) = (it for it in scoreboard.targets(figures) if it.declaration)
    assert (one.target, one.part, one.whole, one.lacking) == ("T6", 55, 58, "")
    assert one not in scoreboard.measured(figures)
    page = Client().get("/scoreboard?nam=2026").content.decode()
    for words in ("Khai báo", "Văn phòng Ủy ban nhân dân thành phố Huế", "31/10/2026",
                  "Báo cáo 12/BC-SKHCN", "55/58"):  # fmt: skip
        assert words in page
    act = Act.objects.get(kind="figure-declared")
    assert (act.facts["target"], act.facts["part"], act.facts["whole"]) == ("t6", 55, 58)
    assert not [it for it in scoreboard.targets(scoreboard.count(2025, NOW)) if it.declaration]


def test_a_later_declaration_stands_before_an_earlier_one_and_both_are_kept(signed_in):
    declare(signed_in, "t6")
    declare(signed_in, "t6", part="58")
    assert scoreboard.count(2026, NOW).declared["t6"].part == 58
    assert [it.part for it in Declaration.objects.order_by("pk")] == [55, 58]


def test_a_number_is_declared_without_a_whole(signed_in):
    declare(signed_in, "t10-workers", part="1200")
    declaration = Declaration.objects.get()
    assert (declaration.part, declaration.whole) == (1200, None)
    rows = scoreboard.table("targets", scoreboard.count(2026, NOW))
    (row,) = (row for row in rows if row[4] == 1200)
    assert row[5:7] == ["", ""]


@pytest.mark.parametrize(
    "wrong",
    [
        {"part": "59"},
        {"whole": "0"},
        {"as_of": "2100-01-01"},
        {"year": "2014"},
        {"source": " "},
        {"whole": ""},
    ],
)
def test_a_figure_that_cannot_be_is_not_declared(signed_in, wrong):
    assert declare(signed_in, "t6", **wrong).status_code == 422
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("target", ["t1", "t4", "documents"])
def test_what_is_derived_is_never_declared(signed_in, target):
    assert declare(signed_in, target).status_code == 404


def test_only_who_runs_the_installation_declares(signed_in):
    assert declare(signed_in, "t6", "van-thu.vp-ubnd").status_code == 403
    assert Client().post("/scoreboard/declare/t6", DECLARED).status_code == 302
    assert not Declaration.objects.exists()
    assert "/scoreboard/declare/" not in Client().get("/scoreboard").content.decode()


def test_the_table_is_a_file_of_every_target(year):
    answer = Client().get("/scoreboard/targets.csv?nam=2026")
    heading, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert heading[0] == "Chỉ tiêu"
    assert rows[0][2:7] == ["100%", "2026", "3", "6", "50.0"]
    assert len(rows) == 14


@pytest.mark.parametrize("path", ["/scoreboard?nam=2026", "/scoreboard/agencies.csv?nam=2026"])
def test_a_reader_keeps_the_page_a_minute_and_is_told_that_nothing_changed(path, finance):
    reader = Client()
    reader.get(path)
    answer = reader.get(path)
    assert "max-age=60" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]
    known = {"If-None-Match": answer["ETag"]}
    assert reader.get(path, headers=known).status_code == 304
    finance[0].delete()
    cache.clear()
    assert reader.get(path, headers=known).status_code == 200


def test_pages_with_a_frame_of_an_officers_are_asked_for_anew(signed_in):
    answer = signed_in("van-thu.vp-ubnd").get("/scoreboard")
    assert answer["Cache-Control"] == "private, no-cache"
    assert "ETag" not in answer

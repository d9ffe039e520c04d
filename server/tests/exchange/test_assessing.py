"""Signatures checked on arrival by two readings; the machine proposes (Điều 21.2, decision 2)."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from chauban.axis.actions import accept_package
from chauban.blobs.inspection import InspectionFailed, in_child
from chauban.exchange import assessing
from chauban.exchange.actions import accept_delivery, issue
from chauban.exchange.assessing import LEASE, assess_next, is_second_leg_due
from chauban.exchange.models import Assessment, Delivery
from chauban.exchange.signatures import read_pdf
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from tests.exchange.conftest import LETTER
from tests.exchange.messages import raw_message
from tests.exchange.papers import TABLE, make_papers, services_of
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


@pytest.fixture(scope="module")
def papers(demo_pki):
    return make_papers(demo_pki)


def here(work):
    return work()


@pytest.fixture
def check(demo_pki):
    """Assess what waits, by the demo's trust, at LATER unless said otherwise."""
    trust, fetch = services_of(demo_pki)

    def assess(now=LATER, **values):
        return assess_next(**{"now": now, "trust": trust, "fetch": fetch, "inspect": here} | values)

    return assess


@pytest.fixture
def deliver(sealed, officer, carry):
    """Issue a document of the city with these files and bring it to its recipients."""

    def bring(*files, recipients=("so-tai-chinh",)):
        document = sealed(files=files, recipients=recipients)
        issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
        carry(LATER, assesses=False)
        return Delivery.objects.first()

    return bring


def proposed(delivery):
    delivery.refresh_from_db()
    return delivery.proposal, [ground["code"] for ground in delivery.proposal_reasons]


@pytest.mark.parametrize("largest_held", [1 << 22, 10])
def test_a_file_and_its_signature_are_checked_whether_held_or_read_in_pieces(
    deliver, check, papers, monkeypatch, largest_held
):
    monkeypatch.setattr(assessing, "WHOLE_BYTES", largest_held)
    delivery = deliver(("bieu.csv", TABLE), ("bieu.csv.p7s", papers.table_signature))
    assert check()
    assert delivery.files.first().report["document"] == "attachment"


def test_a_pdf_too_large_to_be_held_is_not_read_and_says_so(deliver, check, papers, monkeypatch):
    monkeypatch.setattr(assessing, "LARGEST_READ_BYTES", len(papers.letter) - 1)
    delivery = deliver(("cong-van.pdf", papers.letter))
    assert check(inspect=None)
    (reason,) = delivery.files.get().report["reasons"]
    assert (reason["code"], proposed(delivery)[0]) == ("too-large-to-check", "information")


def test_a_signed_and_sealed_document_is_registered_as_an_original(deliver, check, papers, officer):
    delivery = deliver(
        ("cong-van.pdf", papers.letter),
        ("phu-luc.pdf", papers.attachment),
        ("bieu.csv", TABLE),
        ("bieu.csv.p7s", papers.table_signature),
    )
    assert check()
    assert proposed(delivery) == ("accept", ["complete"])
    reports = [file.report and file.report["document"] for file in delivery.files.all()]
    assert reports == ["complete", "attachment", "attachment", None]
    assert Act.objects.on(delivery).get(kind=ActKind.ASSESSED).facts["proposal"] == "accept"
    clerk = officer("van-thu.so-tai-chinh")
    incoming = accept_delivery(delivery, acceptance="original", officer=clerk, now=LATER)
    assert incoming.files.first().report["document"] == "complete"


def test_a_document_without_its_seal_is_for_information(deliver, check, papers):
    delivery = deliver(("cong-van.pdf", papers.unsealed))
    assert check()
    assert proposed(delivery) == ("information", ["no-seal"])


def test_one_changed_byte_is_proposed_for_return(deliver, check, papers):
    content = bytearray(papers.letter)
    content[content.index(b"stream\n") + 40] ^= 1
    delivery = deliver(("cong-van.pdf", bytes(content)))
    assert check()
    assert proposed(delivery)[0] == "return"


def test_a_table_that_its_signature_does_not_fit_is_proposed_for_return(deliver, check, papers):
    delivery = deliver(
        ("cong-van.pdf", papers.letter),
        ("bieu.csv", TABLE + b"2;Chen\n"),
        ("bieu.csv.p7s", papers.table_signature),
    )
    assert check()
    assert proposed(delivery) == ("return", ["complete", "altered"])
    assert "bieu.csv" in delivery.proposal_reasons[1]["vi"]


def test_a_document_with_the_seal_of_another_body_is_for_information(
    deliver, check, papers, sealed, officer, carry
):
    document = sealed("vp-ubnd", ["so-tai-chinh"], files=[("thong-bao.pdf", papers.letter)])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    carry(LATER, assesses=False)
    assert check()
    delivery = Delivery.objects.get()
    assert proposed(delivery) == ("information", ["complete", "seal-of-another-body"])


@pytest.mark.parametrize(
    ("paper", "proposal", "ground"),
    [("letter", "accept", "complete"), ("unsealed", "information", "no-seal")],
)
def test_a_foreign_file_is_read_twice_and_both_readings_agree(
    axis, carry, check, papers, body, paper, proposal, ground
):
    commune = body("ubnd-thuan-hoa").organ_id(NOW.date())
    raw = raw_message(commune, attachments=[("cong-van.pdf", getattr(papers, paper))])
    accept_package(raw, system=axis[1], now=NOW)
    carry(assesses=False)
    assert check(inspect=lambda work: work())
    delivery = Delivery.objects.get()
    assert proposed(delivery) == (proposal, [ground, "authority-not-assessed"])
    assert Assessment.objects.get().both_legs
    assert "legs-disagree" not in str(delivery.files.get().report)


def test_a_file_is_read_once_however_many_agencies_hold_it(deliver, check):
    deliver(("cong-van.pdf", LETTER), recipients=["ubnd-thuan-hoa", "so-tai-chinh", "so-noi-vu"])
    calls = Counter()

    def counting(work):
        calls["read"] += 1
        return work()

    while check(inspect=counting):
        pass
    assert Delivery.objects.filter(state="proposed").count() == 3
    assert calls["read"] == Assessment.objects.count() == 1


def test_what_breaks_the_check_becomes_a_report_and_is_not_remembered(deliver, check):
    delivery = deliver(("cong-van.pdf", LETTER))

    def breaking(work):
        raise InspectionFailed("crash")

    assert check(inspect=breaking)
    assert proposed(delivery) == ("return", ["unreadable"])
    report = delivery.files.get().report
    assert (report["document"], report["reasons"][0]["code"]) == ("unreadable", "check-broke")
    assert not Assessment.objects.exists()


def test_a_check_out_of_time_proposes_information_and_says_so(deliver, check):
    delivery = deliver(("cong-van.pdf", LETTER))

    def slow(work):
        raise InspectionFailed("time")

    assert check(inspect=slow)
    assert proposed(delivery) == ("information", ["not-enough-evidence"])


def test_a_worker_that_died_checking_leaves_the_delivery_to_another(deliver, check):
    deliver(("cong-van.pdf", LETTER))

    def dying(work):
        raise SystemExit

    with pytest.raises(SystemExit):
        check(inspect=dying)
    assert not check(LATER + LEASE - timedelta(seconds=1))
    assert check(LATER + LEASE)


def test_foreign_files_are_read_twice_and_ours_now_and_then(sealed):
    assert is_second_leg_due("ab" * 32)
    due = []
    for number in range(40):
        document = sealed(recipients=[], files=[("a.pdf", b"%%PDF-1.7 %d" % number)])
        due.append(is_second_leg_due(document.files.get().blob_id))
    assert 0 < sum(due) < 15


def test_another_process_reads_as_this_one_does(papers, demo_pki):
    trust, _ = services_of(demo_pki)
    work = partial(read_pdf, papers.letter, both_legs=True, trust=trust, at=NOW, fetch=None)
    assert in_child(work) == work()


def test_who_only_asks_the_inspector_does_not_load_the_second_reading():
    """pyHanko and all it brings would be a third of a worker's start, and 18 MB."""
    worker = "import sys, django; django.setup(); import chauban.cli.work; print(*sys.modules)"
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "chauban.config.settings"}
    variables["PYTHONPATH"] = os.pathsep.join(sys.path)
    loaded = subprocess.check_output(
        [sys.executable, "-c", worker], env=variables, text=True
    ).split()
    assert "chauban.exchange.signatures" in loaded
    assert "pyhanko" not in loaded

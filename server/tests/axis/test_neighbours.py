"""Neighbouring axes as their operator sees them: on the pages and on the command line."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from chauban.axis.models import Carriage, Member, Neighbour, System
from chauban.axis.neighbours import take_members
from chauban.cli.axis import command
from chauban.directory.synchronising import Listed
from chauban.exchange.ports import RefusedByAxis
from chauban.journal.models import Act
from tests.axis.test_forwarding import NATIONAL, FarAxis, forward, national, take  # noqa: F401
from tests.moments import NOW

pytestmark = pytest.mark.django_db
ENTERED = {
    "url": "https://khac.example/axis",
    "our_system_id": "002.00.01.H57",
    "our_secret": "bi-mat-moi",
}


@pytest.fixture
def operator(signed_in):
    return signed_in("quan-tri.vp-ubnd")


def run(*argv, code=0):
    told = CliRunner().invoke(command, argv)
    assert told.exit_code == code, told.output
    return told.stdout


def test_the_operator_enters_a_neighbour_and_its_secret_is_not_shown_again(operator, axis):
    system = axis[1]
    page = operator.post(f"/axis/systems/{system.pk}/connect", ENTERED, follow=True)
    neighbour = Neighbour.objects.get()
    assert (neighbour.url, neighbour.our_secret) == (ENTERED["url"], "bi-mat-moi")
    assert not neighbour.is_polled
    shown = page.content.decode()
    assert ENTERED["url"] in shown
    assert "bi-mat-moi" not in shown
    act = Act.objects.on(system).last()
    assert act.kind == "neighbour-connected"
    assert "bi-mat-moi" not in json.dumps(act.facts)


@pytest.mark.parametrize("change", [{"url": "ftp://khac.example"}, {"our_secret": ""}])
def test_an_address_without_http_or_no_secret_is_refused(change, operator, axis):
    answer = operator.post(f"/axis/systems/{axis[1].pk}/connect", {**ENTERED, **change})
    assert (answer.status_code, Neighbour.objects.exists()) == (422, False)


def test_the_pages_show_queue_contact_and_failures_and_send_again(operator, take):
    take("A01", number="1")
    forward(FarAxis(refusal=RefusedByAxis("24", vi="Gói tin lớn hơn giới hạn 10 MB.")))
    take("B02", number="2")
    forward(FarAxis(is_silent=True), NOW + timedelta(minutes=1))
    pk = Neighbour.objects.get().pk
    queues = operator.get("/axis/queues/").content.decode()
    assert "Trục quốc gia" in queues
    assert "Không trả lời" in queues
    shown = operator.get(f"/axis/systems/{pk}").content.decode()
    assert "Gói tin lớn hơn giới hạn 10 MB." in shown
    assert "no answer" in shown
    failed = Carriage.objects.get(state="fail")
    operator.post(f"/axis/queues/copies/{failed.pk}/again")
    operator.post(f"/axis/systems/{pk}/call")
    later = Neighbour.objects.get().forwardings.latest("due_at").due_at
    assert forward(FarAxis(), later) == 2


def test_a_system_without_an_address_cannot_be_called(operator, axis):
    assert operator.post(f"/axis/systems/{axis[1].pk}/call").status_code == 404


def test_the_command_connects_lists_and_calls(axis, tmp_path):
    secret = tmp_path / "khoa.txt"
    secret.write_text("bi-mat\n")
    argv = ["connect", NATIONAL, "--url", "https://a/axis", "--as", "x"]
    argv += ["--secret-file", str(secret)]
    run(*argv, code=2)
    (shown,) = json.loads(run(*argv, "--name", "Trục quốc gia", "--json"))
    assert (shown["url"], shown["as"], shown["polled"], shown["waiting"]) == (
        "https://a/axis",
        "x",
        True,
        0,
    )
    assert Neighbour.objects.get().our_secret == "bi-mat"
    assert "bi-mat" not in run("neighbours")
    run("call", NATIONAL)
    run("call", "khong-co", code=1)


def test_a_neighbour_that_does_not_answer_lists_nobody(national):
    Neighbour.objects.update(url="http://127.0.0.1:9")
    run("sync", NATIONAL, code=1)


def test_agencies_beyond_a_neighbour_are_taken_over_and_ours_stay_ours(
    national,
):
    before = Member.objects.get(organ_id="G22").system_id
    listed = [Listed("A01", "Bộ A mới"), Listed("C03", "Bộ C", old_code="000.C")]
    listed.append(Listed("G22", "Tên khác"))
    counts = take_members(national, listed, now=NOW)
    assert counts == {"listed": 3, "added": 1, "renamed": 1, "elsewhere": 1}
    assert Member.objects.get(organ_id="C03").old_organ_id == "000.C"
    assert Member.objects.get(organ_id="A01").name == "Bộ A mới"
    assert Member.objects.get(organ_id="B02").removed_at is None
    assert Member.objects.get(organ_id="G22").system_id == before
    assert System.objects.count() == 3
    assert take_members(national, listed, now=NOW)["renamed"] == 0

"""The axis's list of 125,000 organisations is read as it comes, and counts only as a whole."""

import json

import pytest
from click.testing import CliRunner

from chauban.axis.adapters.local import LocalGateway
from chauban.axis.models import Member
from chauban.cli.directory import command
from chauban.directory.models import OutsideOrganisation, Synchronisation
from chauban.directory.synchronising import AGAIN
from chauban.exchange.adapters.lists import LONGEST_OBJECT, listed_objects
from chauban.exchange.adapters.vxp import judged
from chauban.exchange.listing import synchronise_next
from chauban.exchange.ports import GatewayUnavailable, NotOffered, RefusedByAxis
from tests.moments import NOW

LISTED = [{"code": "H44", "name": 'Tỉnh Phú Thọ {["]}'}, {"code": "G04", "name": "Bộ Tài chính"}]
ANSWER = json.dumps({"status": "OK", "data": LISTED, "ErrorCode": "0"}, ensure_ascii=False).encode()


def listed(pieces):
    return listed_objects("list", pieces, judged)


def in_pieces(answer, size):
    return (answer[at : at + size] for at in range(0, len(answer), size))


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_objects_come_whole_however_the_bytes_are_cut(size):
    assert list(listed(in_pieces(ANSWER, size))) == LISTED


def test_an_empty_list_is_a_list():
    assert list(listed([b'{"data": [], "ErrorCode": "0"}'])) == []


@pytest.mark.parametrize("cut", [20, len(ANSWER) // 2, len(ANSWER) - 20])
def test_an_answer_that_breaks_off_is_no_answer(cut):
    with pytest.raises(GatewayUnavailable):
        list(listed([ANSWER[:cut]]))


def test_an_answer_without_a_list_is_no_answer():
    with pytest.raises(GatewayUnavailable):
        list(listed([b'{"ErrorCode": "0"}']))


def test_the_axis_s_refusal_is_its_refusal():
    with pytest.raises(RefusedByAxis):
        list(listed([b'{"status": "FAIL", "ErrorCode": "10", "ErrorDesc": "no"}']))


def test_an_object_without_end_is_not_read_for_ever():
    endless = (b"x" * 65_536 for _ in iter(int, 1))
    pieces = (piece for start in ([b'{"data":[{"name":"'], endless) for piece in start)
    with pytest.raises(GatewayUnavailable):
        list(listed(pieces))
    assert len(next(endless)) < LONGEST_OBJECT


@pytest.mark.django_db
def test_the_worker_takes_over_whom_our_own_axis_lists_once_a_day(axis, gateway):
    assert synchronise_next(gateway, now=NOW) == 1
    assert synchronise_next(gateway, now=NOW) == 0
    outside = axis[1].members.values_list("organ_id", flat=True)
    assert set(OutsideOrganisation.objects.values_list("code", flat=True)) <= set(outside)
    assert OutsideOrganisation.objects.exists()
    assert Member.objects.on_axis().count() > OutsideOrganisation.objects.count()


@pytest.mark.django_db
def test_an_axis_that_breaks_off_changes_nothing_and_is_asked_again_in_an_hour(gateway):
    class BreaksOff:
        name = "axis"

        def organisations(self, *, now):
            yield from ()
            raise GatewayUnavailable("cut")

    with pytest.raises(GatewayUnavailable):
        synchronise_next(BreaksOff(), now=NOW)
    row = Synchronisation.objects.get()
    assert (row.due_at, row.lease_until, row.finished_at) == (NOW + AGAIN, None, None)


@pytest.mark.django_db
def test_an_axis_that_lists_nobody_changes_nothing_and_is_no_failure(gateway):
    class ListsNobody:
        name = "axis"

        def organisations(self, *, now):
            yield from ()
            raise NotOffered("lists nobody")

    assert synchronise_next(ListsNobody(), now=NOW) == 0
    row = Synchronisation.objects.get()
    assert (row.due_at, row.lease_until, row.finished_at) == (NOW + AGAIN, None, None)


@pytest.mark.django_db
def test_the_operator_takes_it_over_by_hand_and_reads_the_counts(axis):
    answer = CliRunner().invoke(command, ["sync", "--json"])
    assert answer.exit_code == 0
    counts = json.loads(answer.output)
    assert counts["added"] == OutsideOrganisation.objects.count() > 0
    again = json.loads(CliRunner().invoke(command, ["sync", "--json"]).output)
    assert (again["added"], again["changed"], again["gone"]) == (0, 0, 0)


@pytest.mark.django_db
def test_an_axis_that_does_not_answer_is_an_error_of_the_command(axis, monkeypatch):
    def organisations(self, *, now):
        yield from ()
        raise GatewayUnavailable("no answer")

    monkeypatch.setattr(LocalGateway, "organisations", organisations)
    answer = CliRunner().invoke(command, ["sync"])
    assert (answer.exit_code, "no answer" in answer.output) == (1, True)

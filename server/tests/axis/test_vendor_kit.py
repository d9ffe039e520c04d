"""`chauban axis-check`: a sound axis passes, a faulty one fails where it is faulty."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chauban.axis.demo import OUTSIDE_SECRET, OUTSIDE_SYSTEM
from chauban.axis.models import Carriage, System
from chauban.cli.axis_check import CASES, command, findings
from chauban.cli.axis_kit.play import Play
from chauban.cli.axis_kit.wire import Wire
from tests.axis import faulty
from tests.axis.test_live import url, variables  # noqa: F401

pytestmark = pytest.mark.processes


@pytest.fixture
def kit(url, tmp_path):
    """The axis of `chauban serve`, which grants the kit's calls, and the files of secrets."""
    System.objects.update(calls_per_minute=100_000)
    files = {}
    for system in System.objects.all():
        files[system.system_id] = tmp_path / f"{system.system_id}.secret"
        files[system.system_id].write_text(f"{system.secret}\n", "utf-8")
    ours = System.objects.exclude(system_id=OUTSIDE_SYSTEM).get()

    def arguments(address=url):
        return [
            address,
            *("--system", OUTSIDE_SYSTEM, "--secret-file", str(files[OUTSIDE_SYSTEM])),
            *("--agency", "G22", "--second-agency", "H44", "--limit-mb", "1"),
            *("--foreign-system", ours.system_id),
            *("--foreign-secret-file", str(files[ours.system_id])),
        ]

    return arguments


def failed(address, only=""):
    play = Play(Wire(address, OUTSIDE_SYSTEM, OUTSIDE_SECRET), "G22")
    found = list(findings(play, chosen=only))
    return {one.case.name: one.found for one in found if one.verdict == "fail"}


def test_our_own_axis_passes_every_case(kit):
    result = CliRunner().invoke(command, [*kit(), "--json"])
    report = json.loads(result.stdout)
    missed = [one for one in report["cases"] if one["verdict"] != "pass"]
    assert "\n".join(f"{one['case']}: {one['found'][:200]}" for one in missed) == ""
    assert (result.exit_code, report["met"]) == (0, True)
    assert report["counts"]["pass"] == len(CASES) > 150
    # Nothing of the run is left for anybody to fetch.
    assert not Carriage.objects.filter(state__in=["initial", "processing"]).exists()


def test_a_faulty_axis_fails_the_cases_of_its_fault(url):
    System.objects.update(calls_per_minute=100_000)
    with faulty.stand_in(url, faulty.believing(OUTSIDE_SYSTEM, OUTSIDE_SECRET)) as address:
        found = failed(address, "signature/")
        assert {"signature/wrong-secret-sendEdoc", "signature/zero-mac"} <= set(found)
        assert "signature/header-names-case" not in found
    with faulty.stand_in(url, faulty.Fault(says=faulty.cutting_files)) as address:
        found = failed(address, "fetch/")
        assert set(found) == {"fetch/download"}, found
    with faulty.stand_in(url, faulty.Fault(says=faulty.hiding_states)) as address:
        assert set(failed(address, "state/")) == {
            "state/processing", "state/done", "state/done-is-final", "state/fail",
            "state/docid-spelling", "state/capitals",
        }  # fmt: skip
    with faulty.stand_in(url, faulty.Fault(says=faulty.in_utf8)) as address:
        assert set(failed(address, "envelope/")) == {"envelope/ascii"}
    with faulty.stand_in(url, faulty.Fault(says=faulty.always_ok)) as address:
        found = failed(address)
        assert len(found) > len(CASES) / 2
        assert "answer/countReceiveEdoc" not in found


def test_a_fault_makes_the_exit_code_1(kit, url):
    with faulty.stand_in(url, faulty.Fault(says=faulty.in_utf8)) as address:
        result = CliRunner().invoke(command, [*kit(address), "--only", "envelope/"])
    assert result.exit_code == 1
    assert "✗ envelope/ascii" in result.stdout
    assert "1 không đạt" in result.stdout


def test_what_cannot_be_played_is_not_applicable(url):
    play = Play(Wire(url, OUTSIDE_SYSTEM, OUTSIDE_SECRET), "G22")
    verdicts = {one.case.name: one.verdict for one in findings(play, chosen="fetch/by-")}
    assert verdicts == {"fetch/by-another-system": "not-applicable"}


def test_nobody_listening_fails_every_case():
    assert set(failed("http://127.0.0.1:9", "envelope/su")) == {"envelope/success"}


def test_every_case_has_a_name_of_its_own_and_a_clause():
    assert len({case.name for case in CASES}) == len(CASES)
    assert all(case.clause and case.asked and case.expected for case in CASES)


def test_the_guide_for_vendors_names_every_group():
    guide = (Path(__file__).resolve().parents[3] / "docs" / "axis-check.md").read_text("utf-8")
    assert {case.group for case in CASES if f"`{case.group}/`" not in guide} == set()

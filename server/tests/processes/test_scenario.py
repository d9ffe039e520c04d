"""`chauban scenario main` and `chauban doctor`, as a person at a terminal runs them."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.processes import judging
from tests.processes.installation import processes_of, terminal

OUTGOING_ACTS = (
    "drafted", "submitted", "content-checked", "layout-checked", "approved", "fixed-for-signing",
    "signing-started", "signed", "numbered", "sealing-started", "sealed", "issued",
)  # fmt: skip
INCOMING_ACTS = ("registered-incoming", "routed", "incoming-done")


RECIPIENTS = (
    "Ủy ban nhân dân phường Thuận Hóa",
    "Ủy ban nhân dân xã A Lưới 1",
    "Ủy ban nhân dân xã Chân Mây - Lăng Cô",
    "Sở Tài chính",
    "Sở Khoa học và Công nghệ",
)
STATUSES = "01 03 04 05 06"
Steps = list[dict[str, Any]]


@dataclass(frozen=True)
class Played:
    """Two runs on the same folder, one after the other."""

    data: Path
    database: str
    runs: tuple[Steps, Steps]

    @property
    def out(self) -> Path:
        return self.data / "out"

    @property
    def root(self) -> Path:
        return self.data / "pki" / "root.pem"

    @property
    def steps(self) -> Steps:
        return self.runs[0]

    def files(self, part: str, end: str = "") -> list[Path]:
        """The files that either run left, of one part of a document."""
        kind = f"file-{part}"
        named = [one["file"] for steps in self.runs for one in steps if one["act"] == kind]
        return [self.out / name for name in named if name.endswith(end)]


def chauban(*argv: str, database: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "chauban.cli.main", *argv],
        env={**terminal(), "CHAUBAN_DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )


def played_once(data: Path, database: str) -> Steps:
    ran = chauban("scenario", "main", "--data", str(data), "--json", database=database)
    assert ran.stdout, ran.stderr
    outcome = json.loads(ran.stdout)
    assert (outcome["failure"], outcome["ok"], ran.returncode) == ("", True, 0)
    return outcome["steps"]


@pytest.fixture(scope="module")
def played(new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Played:
    data, database = tmp_path_factory.mktemp("scenario") / "data", new_database("scenario")
    return Played(data, database, (played_once(data, database), played_once(data, database)))


def acts_numbered(steps: Steps, code: str) -> list[str]:
    return [one["act"] for one in steps if one["number"] == code]


def in_order(lines: list[str], *wanted: str) -> bool:
    """Whether those lines stand one right below the other."""
    return any(tuple(lines[at : at + len(wanted)]) == wanted for at in range(len(lines)))


def test_each_step_of_an_outgoing_document_is_listed_with_who_did_it(played):
    letter = [one for one in played.steps if one["part"] == "a"][: len(OUTGOING_ACTS) + 2]
    acts = [one["act"] for one in letter if one["act"] != "revised"]  # one for each attachment
    assert tuple(acts) == OUTGOING_ACTS
    office = "Văn phòng Ủy ban nhân dân thành phố Huế"
    assert {one["agency"] for one in letter} == {office}
    who = {one["act"]: one["by"] for one in letter}
    apart = ("drafted", "content-checked", "layout-checked", "signed", "sealed")
    assert len({who[act] for act in apart}) == len(apart)  # five people, Điều 10 to 17
    for act in ("drafted", "signed", "sealed"):
        digest = next(one["sha256"] for one in letter if one["act"] == act)
        assert len(bytes.fromhex(digest)) == 32


def test_number_and_symbol_are_the_issuing_bodys(played):
    """The Committee's letter is …/UBND-…, the notice of its Office …/TB-VP (PL I II.3)."""
    codes = [one["number"] for one in played.steps if one["act"] == "file-main"]
    assert codes == ["01/UBND-VX", "01/TB-VP", "01/STC-KHTH"]
    for code in codes:
        acts = acts_numbered(played.steps, code)
        assert acts[:4] == ["numbered", "sealing-started", "sealed", "issued"]
    drafted = [one for one in played.steps if one["act"] == "drafted"]
    assert all(one["number"] == "" for one in drafted)


def test_every_file_is_left_with_its_digest(played):
    left = [one for steps in played.runs for one in steps if one["act"].startswith("file-")]
    assert len(left) == 12
    for one in left:
        content = (played.out / one["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]


def test_authority_is_written_as_the_decree_words_it(played):
    """Điều 13, PL I II.7.a: TM. for the collective, KT. for the head."""
    letter, notice, reply = (judging.lines_of(file) for file in played.files("main")[:3])
    assert in_order(letter, "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert in_order(notice, "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG")
    assert not any(line.startswith("TM.") for line in notice)
    assert in_order(reply, "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")
    for file, code in zip(
        played.files("main"), ("01/UBND-VX", "01/TB-VP", "01/STC-KHTH"), strict=False
    ):
        assert f"Số: {code}" in judging.text_of(file)


def test_pyhanko_alone_calls_every_signature_valid(played):
    mains, attachments = played.files("main"), played.files("attachment", ".pdf")
    assert (len(mains), len(attachments)) == (6, 2)
    found = judging.judged([*mains, *attachments], played.root)
    for file in mains:
        judging.require_valid(found[file], is_main=True)
    for file in attachments:
        judging.require_valid(found[file], is_main=False)


def test_the_second_leg_in_a_process_of_its_own_calls_them_complete(played):
    for file in played.files("main")[:3]:
        report = judging.second_leg(file, played.root)
        assert (report["verdict"], report["document"]) == ("TOTAL-PASSED", "complete")
    for file in played.files("attachment", ".pdf"):
        report = judging.second_leg(file, played.root)
        assert (report["verdict"], report["document"]) == ("TOTAL-PASSED", "attachment")


def test_pdfsig_agrees(played):
    for file in played.files("main"):
        judging.require_valid_to_pdfsig(file, signatures=2)
    for file in played.files("attachment", ".pdf"):
        judging.require_valid_to_pdfsig(file, signatures=1)


def test_one_changed_byte_is_seen_by_both(played, tmp_path):
    """So the checks above can fail."""
    content = bytearray(played.files("main")[0].read_bytes())
    content[1000] ^= 1
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(content)
    assert not all(one["valid"] for one in judging.judged([changed], played.root)[changed])
    assert "Signature is Valid." not in judging.run(["pdfsig", changed])


def test_every_pdf_is_sound_and_carries_its_fonts(played):
    for file in [*played.files("main"), *played.files("attachment", ".pdf")]:
        judging.require_sound_pdf(file)


def test_a_pdf_attachment_is_signed_by_the_agency_at_its_top_right(played):
    """PL I II.8.b: top right of page 1, the agency's signature alone."""
    for attachment in played.files("attachment", ".pdf"):
        (signature,) = judging.judged([attachment], played.root)[attachment]
        assert signature["at_top_right"]
        assert signature["signer"] == "Ủy ban nhân dân thành phố Huế"


def test_another_attachment_has_its_signature_beside_it(played, tmp_path):
    """RFC 5652, EN 319 122-1: verified by OpenSSL; another file fails with the same signature."""
    for file, p7s in zip(
        played.files("attachment", ".csv"), played.files("signature"), strict=True
    ):
        assert p7s.name == f"{file.name}.p7s"
        judging.require_valid_beside(file, p7s, played.root)
        other = tmp_path / "other.csv"
        other.write_bytes(file.read_bytes() + b" ")
        with pytest.raises(AssertionError):
            judging.require_valid_beside(other, p7s, played.root)


def test_each_recipient_registers_routes_finishes_and_its_statuses_come_back(played):
    for steps, numbers in zip(played.runs, (["1", "2"], ["3", "4"]), strict=True):
        for agency in RECIPIENTS:
            of_agency = [one for one in steps if one["agency"] == agency and one["part"] == "a"]
            registered = [one["number"] for one in of_agency if one["act"] == "registered-incoming"]
            assert registered == numbers  # of arrival, consecutive over both runs (Điều 22)
            assert [one["act"] for one in of_agency].count("routed") == 2
            assert [one["act"] for one in of_agency].count("incoming-done") == 1
            returned = [one["number"] for one in of_agency if one["act"] == "statuses-received"]
            assert returned == [STATUSES]


def test_one_recipient_answers_by_a_document_of_its_own(played):
    (answered,) = [one for one in played.steps if one["act"] == "answered"]
    assert (answered["agency"], answered["number"]) == ("Sở Tài chính", "01/STC-KHTH")
    committee = [
        one["number"]
        for one in played.steps
        if one["act"] == "registered-incoming" and "thành phố" in one["agency"]
    ]
    assert committee == ["1"]


def test_messages_from_outside_are_refused_registered_and_answered(played):
    found = {one["act"]: one["number"] for one in played.steps if one["part"] == "b"}
    assert found["refused-unknown-addressee"] == "18"  # edxml.md 11: the code for that
    assert found["assessed"] == "information"
    assert found["registered-incoming"] == "1"
    assert found["statuses-fetched"] == "01 03"


def test_the_same_message_twice_is_registered_once(played):
    for steps, number in zip(played.runs, ("1", "2"), strict=True):
        (once,) = [one for one in steps if one["part"] == "c"]
        assert (once["act"], once["number"]) == ("registered-once", number)


def test_numbers_go_on_when_the_scenario_runs_again(played):
    codes = [one["number"] for one in played.runs[1] if one["act"] == "file-main"]
    assert codes == ["02/UBND-VX", "02/TB-VP", "02/STC-KHTH"]


def test_no_process_outlives_the_scenario(played):
    assert processes_of(played.data) == []


def test_the_doctor_finds_nothing_wrong_until_a_stored_file_is_changed(played):
    def examined() -> tuple[int, list[dict[str, Any]]]:
        ran = chauban("doctor", "--data", str(played.data), "--json", database=played.database)
        return ran.returncode, [it for it in json.loads(ran.stdout) if it["ok"] is not True]

    assert examined() == (0, [])
    digest = next(one["sha256"] for one in played.steps if one["act"] == "file-main")
    stored = played.data / "blobs" / digest[:2] / digest[2:4] / digest
    content = stored.read_bytes()
    stored.write_bytes(content[:-1] + b" ")
    code, findings = examined()
    stored.write_bytes(content)
    assert code == 1
    assert {it["check"] for it in findings} == {"files"}

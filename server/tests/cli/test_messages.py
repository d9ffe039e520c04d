"""`chauban edxml show|check|make` on the vectors, without a database."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chauban.cli.messages import command
from chauban_edxml import read

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "edxml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_show_says_in_the_decree_s_words_what_a_message_holds():
    result = run("show", VECTORS / "new_commune_unsigned_doc.edxml")
    assert result.exit_code == 0
    assert "Số, ký hiệu: 7816/VPCP-TTĐT" in result.stdout
    assert "Cơ quan nhận: H57.64 Ủy ban nhân dân phường Phú Bài" in result.stdout
    assert "Tệp đính kèm: Báo cáo số liệu.doc (73 byte)" in result.stdout


def test_show_of_a_take_back_names_issuer_and_recipient():
    result = run("show", VECTORS / "status_13.edxml")
    assert "Trạng thái: 13 Lấy lại" in result.stdout
    assert "Cơ quan ban hành: G22" in result.stdout
    assert "Cơ quan nhận văn bản: H57.64" in result.stdout
    assert "Thời điểm: 23/11/2026 08:05:09" in result.stdout


def test_what_show_tells_and_saves_make_makes_again(tmp_path):
    source = VECTORS / "new_old_and_new_code.edxml"
    shown = run("show", source, "--save", tmp_path / "files", "--json")
    told = json.loads(shown.stdout)
    description = tmp_path / "message.json"
    description.write_text(json.dumps(told), encoding="utf-8")
    made = run("make", description, "--out", tmp_path / "again.edxml", "--json")
    assert made.exit_code == 0, made.output
    assert read((tmp_path / "again.edxml").read_bytes()) == read(source.read_bytes())


def test_make_writes_to_standard_output(tmp_path):
    description = tmp_path / "status.json"
    description.write_text(run("show", VECTORS / "status_03.edxml", "--json").stdout, "utf-8")
    result = run("make", description)
    assert result.exit_code == 0
    assert read(result.stdout_bytes) == read((VECTORS / "status_03.edxml").read_bytes())


def test_saving_writes_over_nothing(tmp_path):
    for _ in range(2):
        run("show", VECTORS / "new_minimal.edxml", "--save", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"clean.txt", "2-clean.txt"}


@pytest.mark.parametrize(
    ("name", "exit_code", "usable"),
    [
        ("new_minimal.edxml", 0, True),
        ("status_01.edxml", 0, True),
        ("returned_corrupt_pdf.edxml", 1, False),
    ],
)
def test_check_answers_whether_every_file_can_be_used(name, exit_code, usable):
    result = run("check", VECTORS / name, "--json")
    assert result.exit_code == exit_code
    report = json.loads(result.stdout)
    assert (report["usable"], report["refusal"]) == (usable, None)
    assert result.exit_code == run("check", VECTORS / name).exit_code


@pytest.mark.parametrize("call", ["show", "check"])
def test_a_refused_message_is_a_no_with_its_reason(call):
    result = run(call, VECTORS / "refused_secret_element.edxml", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["refusal"]["code"] == "SecretMarking"
    assert report["kind"] is None


@pytest.mark.parametrize(("lang", "words"), [("vi", "ký tự lạ"), ("en", "foreign characters")])
def test_a_refusal_is_worded_in_the_language_asked_for(lang, words):
    name = VECTORS / "refused_junk_before_declaration.edxml"
    result = run("check", name, "--lang", lang)
    assert result.exit_code == 1
    assert words in result.stderr


def test_make_refuses_what_may_not_be_sent(tmp_path):
    told = json.loads(run("show", VECTORS / "status_03.edxml", "--json").stdout)
    told["response_for"]["document_id"] = ""
    description = tmp_path / "status.json"
    description.write_text(json.dumps(told), encoding="utf-8")
    result = run("make", description, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["code"] == "MissingElement"


def test_misuse_is_exit_code_2(tmp_path):
    no_json = tmp_path / "x.json"
    no_json.write_text("{", encoding="utf-8")
    told = json.loads(run("show", VECTORS / "new_minimal.edxml", "--json").stdout)
    told["attachments"] = [{"name": "a.pdf", "file": "not-there.pdf"}]
    no_file = tmp_path / "y.json"
    no_file.write_text(json.dumps(told), encoding="utf-8")
    for arguments in (("show", "not-there.edxml"), ("make", no_json), ("make", no_file)):
        assert run(*arguments).exit_code == 2


def test_the_command_does_not_load_django():
    program = (
        "import sys; from chauban.cli.main import main;"
        " main(['edxml', 'check', sys.argv[1]], standalone_mode=False)"
    )
    guard = "import atexit, sys; atexit.register(lambda: print('django' in sys.modules)); "
    done = subprocess.run(
        [sys.executable, "-c", guard + program, str(VECTORS / "status_01.edxml")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("False\n")


def test_show_speaks_english_when_asked():
    result = run("show", VECTORS / "replacement.edxml", "--lang", "en")
    assert "Operation: replacement" in result.stdout
    assert "Replaces: " in result.stdout
    assert "Status: 13 take back" in run("show", VECTORS / "status_13.edxml", "--lang", "en").stdout


def test_make_writes_the_profile_asked_for(tmp_path):
    source = VECTORS / "new_old_and_new_code.edxml"
    told = run("show", source, "--save", tmp_path / "files", "--json").stdout
    description = tmp_path / "message.json"
    description.write_text(told, "utf-8")
    out = tmp_path / "dotnet.edxml"
    assert run("make", description, "--profile", "dotnet", "--out", out).exit_code == 0
    assert b"<edXML:DigitalSignature />" in out.read_bytes()
    assert read(out.read_bytes()) == read(source.read_bytes())
    assert run("make", description, "--profile", "java").stdout_bytes.count(b"Signature") == 0
    assert run("make", description, "--profile", "php").exit_code == 2


def test_show_tells_the_digest_of_the_message_and_of_each_file():
    source = VECTORS / "new_minimal.edxml"
    told = json.loads(run("show", source, "--json").stdout)
    assert told["source"] == {
        "size_bytes": source.stat().st_size,
        "sha256": sha256(source.read_bytes()).hexdigest(),
    }
    (attachment,) = told["attachments"]
    assert attachment["sha256"] == sha256(b"Clean test").hexdigest()
    assert attachment["size_bytes"] == 10


def test_a_file_with_a_fault_is_told_and_not_saved(tmp_path):
    result = run("show", VECTORS / "returned_corrupt_pdf.edxml", "--save", tmp_path, "--json")
    (attachment,) = json.loads(result.stdout)["attachments"]
    assert (attachment["fault"], attachment["file"]) == ("corrupt-pdf", None)
    assert list(tmp_path.iterdir()) == []


def test_check_tells_every_repair_and_violation_with_section_element_and_next_step():
    result = run("check", VECTORS / "provincial_hub.edxml", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["conforms"] is False
    minimal = json.loads(run("check", VECTORS / "new_minimal.edxml", "--json").stdout)
    report["violations"] += minimal["violations"]
    assert "date-form" in [each["code"] for each in report["repairs"]]
    (no_signer,) = [each for each in report["violations"] if "SignerInfo" in each["element"]]
    assert (no_signer["code"], no_signer["section"]) == ("MissingElement", "4.1")
    assert no_signer["element"] == "SignerInfo/FullName"
    for each in (*report["findings"], *report["repairs"], *report["violations"]):
        assert each["section"]
        assert each["element"]
        assert each["vi"].endswith(each["next_vi"])
        assert each["en"].endswith(each["next_en"])


@pytest.mark.parametrize(
    ("name", "exit_code"), [("new_three_recipients.edxml", 0), ("provincial_hub.edxml", 1)]
)
def test_check_is_strict_when_asked(name, exit_code):
    assert run("check", VECTORS / name).exit_code == 0
    assert run("check", VECTORS / name, "--strict").exit_code == exit_code


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("e_doc_v1_package.mime", "e-doc-v1"),
        ("provincial_status.xml", "provincial-soap"),
        ("mapped_document.json", "json"),
        ("new_minimal.edxml", "qcvn-102"),
    ],
)
def test_the_form_of_a_message_is_told_by_its_bytes(name, dialect):
    report = json.loads(run("check", VECTORS / name, "--json").stdout)
    assert (report["dialect"], report["usable"]) == (dialect, True)


def test_a_description_that_is_wrong_makes_no_file(tmp_path):
    told = json.loads(run("show", VECTORS / "status_03.edxml", "--json").stdout)
    description, out = tmp_path / "status.json", tmp_path / "status.edxml"
    description.write_text(json.dumps({**told, "colour": "red"}), "utf-8")
    assert run("make", description, "--out", out).exit_code == 1
    assert not out.exists()
    description.write_text(json.dumps(told), "utf-8")
    assert run("make", description, "--out", out).exit_code == 0
    assert out.exists()

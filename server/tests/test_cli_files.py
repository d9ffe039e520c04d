"""`chauban sign`, `seal`, `verify` as processes, on real files, against the demo PKI's service.

Design, section 4: exit 0 yes, 1 no, 2 misuse; JSON as given there.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.pictures import seal_image, signature_image
from chauban_docform.typesetting import typeset
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.hierarchy import CA_HOST, OCSP_HOST, TSA_HOST, TSA_URL

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("cli-files")]
PASSWORD = "mật khẩu thử"
BODY = "Ủy ban nhân dân thành phố Huế"
SERVER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Desk:
    """A folder with keys and letters, and the options that every call shares."""

    folder: Path
    authority: DemoAuthority
    now: datetime
    address: str

    def run(self, *arguments: str | Path, entry: str = "") -> subprocess.CompletedProcess[str]:
        code = entry or "from chauban.cli.main import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=SERVER,
            timeout=120,
        )

    @property
    def trust(self) -> list[str]:
        given = ["--trust", str(self.authority.folder / "root.pem")]
        for host in (CA_HOST, OCSP_HOST, TSA_HOST):
            given += ["--address", f"{host}={self.address}"]
        return given

    def key(self, name: str) -> list[str]:
        return [
            *("--key", str(self.folder / f"{name}.p12")),
            *("--password-file", str(self.folder / "password")),
        ]

    def issue(self, name: str, *, is_seal: bool, days_left: int = 300) -> None:
        period = {
            "valid_from": self.now - timedelta(days=100),
            "valid_to": self.now + timedelta(days=days_left),
        }
        keystore = (
            self.authority.issue_seal(BODY, "H57", password=PASSWORD, key="p256", **period)
            if is_seal
            else self.authority.issue_person(
                "Nguyễn Văn Bình", "Phó Chủ tịch", BODY, password=PASSWORD, key="p256", **period
            )
        )
        (self.folder / f"{name}.p12").write_bytes(keystore)

    def letter(self, name: str, of: str = "letter") -> Path:
        """A copy of a file to work on."""
        copy = self.folder / f"{name}.pdf"
        copy.write_bytes((self.folder / f"{of}.pdf").read_bytes())
        return copy


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    now = datetime.now(UTC)
    folder = tmp_path_factory.mktemp("desk")
    authority = DemoAuthority.create(folder / "pki", now)
    (folder / "password").write_text(PASSWORD + "\n", "utf-8")
    (folder / "letter.pdf").write_bytes(_typeset(now))
    (folder / "signature.png").write_bytes(signature_image("Nguyễn Văn Bình"))
    (folder / "seal.png").write_bytes(seal_image(BODY))
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "chauban_pki.demo.service"),
            *("--folder", str(authority.folder), "--port", "0"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            assert service.stdout is not None
            desk = Desk(folder, authority, now, service.stdout.readline().strip())
            desk.issue("person", is_seal=False)
            desk.issue("seal", is_seal=True)
            yield desk
        finally:
            service.terminate()


def _typeset(now: datetime) -> bytes:
    letter = Letter(
        kind=kind("cong_van"),
        issuer=Heading((), ("Ủy ban nhân dân", "thành phố Huế")),
        notation="UBND-VX",
        place="Huế",
        subject="gửi, nhận văn bản điện tử có ký số",
        body=(Paragraph("Ủy ban nhân dân thành phố yêu cầu các cơ quan thực hiện."),),
        signers=(
            Signer(("TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"), "Nguyễn Văn Bình"),
        ),
        to_places=("Như trên",),
        archive_line="VT, VX",
        addressees=("Sở Nội vụ",),
    )
    return typeset(letter, created_at=now)


@pytest.fixture(scope="module")
def signed(desk: Desk) -> Path:
    """The letter signed by its signatory, B-T, with a picture."""
    path = desk.letter("signed")
    done = desk.run(
        *("sign", path, *desk.key("person"), "--tsa", TSA_URL, *desk.trust, "--json"),
        *("--field", "signatory-1", "--image", desk.folder / "signature.png"),
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["level"], made["signer"], made["reasons"]) == ("B-T", "Nguyễn Văn Bình", [])
    return path


@pytest.fixture(scope="module")
def sealed(desk: Desk, signed: Path) -> Path:
    """The same letter numbered 5, dated and sealed, B-LT."""
    path = desk.letter("sealed", of="signed")
    done = desk.run(
        *("seal", path, *desk.key("seal"), "--tsa", TSA_URL, *desk.trust, "--json"),
        *("--number", "5", "--date", "2026-11-23", "--image", desk.folder / "seal.png"),
    )
    assert done.returncode == 0, done.stderr + done.stdout
    made = json.loads(done.stdout)
    assert (made["level"], made["agency"], made["reasons"]) == ("B-LT", BODY, [])
    return path


def _verified(desk: Desk, *paths: Path, options: list[str] | None = None) -> tuple[int, list[Any]]:
    trust = desk.trust if options is None else options
    done = desk.run("verify", *paths, *trust, "--json")
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_letter_signed_and_sealed_is_complete(desk: Desk, sealed: Path):
    code, [report] = _verified(desk, sealed)
    assert code == 0, report
    assert report["verdict"] == "TOTAL-PASSED"
    assert report["document"] == "complete"
    assert (report["changes_after_signing"], report["reasons"]) == ([], [])
    assert [(one["field"], one["role"], one["level"]) for one in report["signatures"]] == [
        ("signatory-1", "person", "B-LT"),
        ("seal-1", "organisation", "B-LT"),
    ]
    for one in report["signatures"]:
        moment = datetime.fromisoformat(one["signing_time"])
        assert timedelta(0) <= moment - desk.now < timedelta(minutes=10)


def test_changed_pages_are_written_as_pictures(desk: Desk, sealed: Path, tmp_path: Path):
    folder = tmp_path / "hình"
    code, [report] = _verified(desk, sealed, "--pictures", str(folder))
    assert code == 0
    first = report["pictures"][0]
    fields = [one["field"] for one in first["changes"]]
    assert fields == ["number", "day", "month", "year", "seal-1"]
    named = [mark for mark in first["after"]["marks"] if mark["is_named"]]
    assert (len(named), report["pictures_left_out"]) == (5, 0)
    pages = [page[side] for page in report["pictures"] for side in ("before", "after")]
    assert {Path(one["file"]) for one in pages} == set(folder.iterdir())
    for one in pages:
        assert Path(one["file"]).name == (
            f"{sealed.name}-page-{one['page']}-revision-{one['revision']}.png"
        )
        with Image.open(one["file"]) as picture:
            assert picture.format == "PNG"


def test_a_file_that_nobody_signed_has_no_pictures(desk: Desk, tmp_path: Path):
    _, [report] = _verified(desk, desk.letter("plain"), "--pictures", str(tmp_path))
    assert (report["pictures"], list(tmp_path.iterdir())) == ([], [])


def test_the_json_is_that_of_the_design(desk: Desk, sealed: Path):
    # Design, section 4
    _, [report] = _verified(desk, sealed)
    assert set(report) == {
        *("file", "verdict", "document", "signatures", "changes_after_signing", "reasons"),
        "permitted_changes",
    }
    assert report["file"] == str(sealed)
    assert set(report["signatures"][0]) == {
        *("field", "role", "signer", "agency", "level", "signing_time", "verdict", "reasons")
    }
    _, [without] = _verified(desk, sealed, options=[])
    for reason in without["reasons"]:
        assert set(reason) == {"code", "vi", "en", "clause", "next_vi", "next_en"}


def test_the_second_reader_agrees(desk: Desk, sealed: Path):
    code, [report] = _verified(desk, sealed, options=[*desk.trust, "--deep"])
    assert (code, report["document"], report["reasons"]) == (0, "complete", [])


def test_the_second_reader_is_given_what_the_first_fetched(desk: Desk, signed: Path):
    """A letter at B-T holds no revocation information, and pyHanko asks nobody."""
    _, [report] = _verified(desk, signed, options=[*desk.trust, "--deep"])
    assert (report["document"], report["verdict"]) == ("no-seal", "TOTAL-PASSED")
    assert "legs-disagree" not in {one["code"] for one in report["reasons"]}


def test_number_and_date_are_filled_in(sealed: Path):
    with pikepdf.open(sealed) as pdf:
        values = {
            str(field.T): str(field.V)
            for field in pdf.Root.AcroForm.Fields
            if pikepdf.Name.Tx == field.FT
        }
    assert values == {"number": "05", "day": "23", "month": "11", "year": "2026"}


def test_signing_and_sealing_keep_every_byte(signed: Path, sealed: Path):
    assert sealed.read_bytes().startswith(signed.read_bytes())


def test_the_letter_before_its_seal_is_not_complete(desk: Desk, signed: Path):
    code, [report] = _verified(desk, signed)
    assert (code, report["document"]) == (1, "no-seal")


def test_without_trust_nothing_is_better_than_indeterminate(desk: Desk, sealed: Path):
    code, [report] = _verified(desk, sealed, options=[])
    assert (code, report["verdict"]) == (1, "INDETERMINATE")


def test_one_changed_byte_is_found(desk: Desk, sealed: Path):
    content = bytearray(sealed.read_bytes())
    content[len(content) // 4] ^= 1
    changed = desk.folder / "changed.pdf"
    changed.write_bytes(content)
    code, [report] = _verified(desk, changed)
    assert code == 1
    assert report["document"] in ("altered", "invalid", "unreadable")


def test_one_bad_file_among_good_ones_decides(desk: Desk, sealed: Path):
    code, reports = _verified(desk, sealed, desk.folder / "letter.pdf")
    assert code == 1
    assert [report["document"] for report in reports] == ["complete", "unsigned"]


def test_people_read_it_in_their_language(desk: Desk, sealed: Path):
    vi = desk.run("verify", sealed, *desk.trust)
    assert vi.returncode == 0
    assert "đủ chữ ký hợp lệ" in vi.stdout
    assert "Nguyễn Văn Bình" in vi.stdout
    en = desk.run("verify", sealed, "--lang", "en")
    assert en.returncode == 1
    assert "not enough evidence" in en.stdout


def test_a_moment_without_zone_is_in_viet_nam(desk: Desk, sealed: Path):
    tomorrow = desk.now + timedelta(days=1)
    for at in (tomorrow.isoformat(), (tomorrow + timedelta(hours=7)).replace(tzinfo=None)):
        options = [*desk.trust, "--at", str(at)]
        code, [report] = _verified(desk, sealed, options=options)
        assert (code, report["document"]) == (0, "complete")
    assert desk.run("verify", sealed, "--at", "hôm qua").returncode == 2


def test_without_a_time_stamping_service_the_signature_says_so(desk: Desk):
    path = desk.letter("b-b")
    done = desk.run("sign", path, *desk.key("person"), "--json")
    made = json.loads(done.stdout)
    assert (done.returncode, made["level"]) == (0, "B-B")
    assert [reason["code"] for reason in made["reasons"]] == ["no-timestamp-asked"]


def test_without_trust_the_seal_stays_at_b_t_and_says_so(desk: Desk, signed: Path):
    path = desk.letter("b-t", of="signed")
    done = desk.run(
        *("seal", path, *desk.key("seal"), "--number", "5", "--date", "2026-11-23", "--json"),
        *("--tsa", f"{desk.address}/tsa"),
    )
    made = json.loads(done.stdout)
    assert (done.returncode, made["level"]) == (0, "B-T")
    assert [reason["code"] for reason in made["reasons"]] == ["no-trust-given"]


def test_out_leaves_the_file_as_it_is(desk: Desk):
    path, out = desk.letter("source"), desk.folder / "elsewhere.pdf"
    before = path.read_bytes()
    done = desk.run("sign", path, *desk.key("person"), "--out", out)
    assert (done.returncode, path.read_bytes()) == (0, before)
    assert "Đã ký" in done.stdout
    assert out.stat().st_size > len(before)


Change = Callable[[Desk, list[str]], list[str]]


def _another_password(desk: Desk, arguments: list[str]) -> list[str]:
    (desk.folder / "wrong-password").write_text("khác\n", "utf-8")
    return _instead(arguments, "--password-file", desk.folder / "wrong-password")


def _no_keystore(desk: Desk, arguments: list[str]) -> list[str]:
    return _instead(arguments, "--key", desk.folder / "letter.pdf")


def _expired(desk: Desk, arguments: list[str]) -> list[str]:
    desk.issue("expired", is_seal=False, days_left=-1)
    return _instead(arguments, "--key", desk.folder / "expired.p12")


def _other_field(desk: Desk, arguments: list[str]) -> list[str]:
    return [*arguments, "--field", "signatory-2"]


def _tsa_down(desk: Desk, arguments: list[str]) -> list[str]:
    return [*arguments, "--tsa", "http://127.0.0.1:1/tsa"]


def _no_picture(desk: Desk, arguments: list[str]) -> list[str]:
    return [*arguments, "--image", str(desk.folder / "letter.pdf")]


def _instead(arguments: list[str], option: str, value: Path) -> list[str]:
    position = arguments.index(option) + 1
    return [*arguments[:position], str(value), *arguments[position + 1 :]]


@pytest.mark.parametrize(
    ("change", "code", "vi", "en"),
    [
        (_another_password, "keystore-locked", "Mật khẩu không mở được", "password"),
        (_no_keystore, "keystore-invalid", "không phải PKCS#12", "no usable PKCS#12"),
        (_expired, "", "hiệu lực", "valid"),
        (_other_field, "", "signatory-2", "signatory-2"),
        (_tsa_down, "timestamp-unavailable", "dấu thời gian", "time-stamp"),
        (_no_picture, "", "ảnh", "picture"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    desk: Desk, change: Change, code: str, vi: str, en: str
):
    path = desk.letter("refused")
    before = path.read_bytes()
    arguments = change(desk, ["sign", str(path), *desk.key("person")])
    in_json = desk.run(*arguments, "--json")
    reason = json.loads(in_json.stdout)["reasons"][0]
    assert in_json.returncode == 1
    assert reason["code"] == code or not code
    assert vi.casefold() in reason["vi"].casefold()
    assert en.casefold() in reason["en"].casefold()
    assert path.read_bytes() == before


def test_a_refusal_stands_on_stderr_in_the_readers_language(desk: Desk):
    arguments = ["sign", str(desk.letter("refused")), *desk.key("person"), "--field", "signatory-2"]
    for lang, words in (("vi", "không có ô"), ("en", "no reserved field")):
        done = desk.run(*arguments, "--lang", lang)
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr


def test_a_revoked_seal_does_not_seal(desk: Desk, signed: Path):
    desk.issue("revoked", is_seal=True)
    keystore = (desk.folder / "revoked.p12").read_bytes()
    serial_number = KeyCredential.load(keystore, PASSWORD).certificate.serial_number
    path = desk.letter("revoked", of="signed")
    before = path.read_bytes()
    arguments = [
        *("seal", path, *desk.key("revoked"), "--tsa", TSA_URL, *desk.trust, "--json"),
        *("--number", "5", "--date", "2026-11-23"),
    ]
    desk.authority.revoke(serial_number, desk.now - timedelta(hours=1))
    refused = desk.run(*arguments)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["reasons"][0]["code"] == "certificate-revoked"
    assert path.read_bytes() == before


def test_a_seal_before_the_signatory_is_refused(desk: Desk):
    path = desk.letter("too-early")
    done = desk.run(
        *("seal", path, *desk.key("seal"), "--number", "5", "--date", "2026-11-23", "--json"),
    )
    assert done.returncode == 1
    assert "signatory-1" in json.loads(done.stdout)["reasons"][0]["vi"]


def test_a_pdf_attachment_is_signed_at_its_top_right(desk: Desk):
    # Nghị định 30/2020/NĐ-CP Phụ lục I II.8.b
    path = desk.folder / "phu-luc.pdf"
    blank = pikepdf.new()
    blank.add_blank_page(page_size=(595, 842))
    blank.save(content := BytesIO())
    path.write_bytes(content.getvalue())
    done = desk.run(
        *("seal", path, *desk.key("seal"), "--attachment-of", "05/UBND-VX"),
        *("--tsa", TSA_URL, *desk.trust, "--json"),
    )
    assert (done.returncode, json.loads(done.stdout)["level"]) == (0, "B-LT"), done.stdout
    code, [report] = _verified(desk, path)
    assert (code, report["document"]) == (0, "attachment")


def test_another_file_is_signed_beside_itself(desk: Desk):
    path = desk.folder / "bang-tong-hop.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    before = path.read_bytes()
    done = desk.run(
        *("seal", path, *desk.key("seal"), "--attachment-of", "05/UBND-VX"),
        *("--tsa", TSA_URL, *desk.trust, "--json"),
    )
    beside = desk.folder / "bang-tong-hop.xlsx.p7s"
    assert (done.returncode, json.loads(done.stdout)["out"]) == (0, str(beside)), done.stdout
    assert path.read_bytes() == before
    code, reports = _verified(desk, path, beside)
    assert code == 0
    assert [report["document"] for report in reports] == ["attachment", "attachment"]
    assert reports[0]["signatures"][0]["level"] == "B-T"
    path.write_bytes(before[:-1] + b"\x01")
    code, [report] = _verified(desk, path)
    assert (code, report["document"]) == (1, "altered")
    beside.unlink()
    code, [report] = _verified(desk, path)
    assert (code, report["document"]) == (1, "unsigned")


def test_number_and_date_need_a_pdf(desk: Desk):
    path = desk.folder / "khong-phai.docx"
    path.write_bytes(b"PK\x03\x04")
    options = ["--number", "5", "--date", "2026-11-23"]
    done = desk.run("seal", path, *desk.key("seal"), *options)
    assert done.returncode == 1
    assert "không phải PDF" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["verify", "khong-co.pdf"],
        ["verify", "{letter}", "--trust", "{letter}"],
        ["verify", "{letter}", "--address", "khong-dung"],
        ["sign", "{letter}"],
        ["seal", "{letter}", "--key", "{letter}", "--password-file", "{letter}"],
        ["seal", "{letter}", "--key", "{letter}", "--number", "0", "--date", "2026-11-23"],
        ["seal", "{letter}", "--key", "{letter}", "--number", "5", "--date", "23/11/2026"],
        ["seal", "{letter}", "--key", "{letter}", "--number", "5"],
        [
            *("seal", "{letter}", "--key", "{letter}", "--number", "5", "--date", "2026-11-23"),
            *("--attachment-of", "05/UBND-VX"),
        ],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_misuse_ends_with_2(desk: Desk, arguments: list[str]):
    letter = str(desk.folder / "letter.pdf")
    done = desk.run(*(argument.format(letter=letter) for argument in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error" in done.stderr


@pytest.mark.parametrize("name", ["sign", "seal", "verify"])
def test_help_loads_neither_django_nor_pyhanko(desk: Desk, name: str):
    done = desk.run(
        *(name, "--help"),
        entry="import sys, atexit; from chauban.cli.main import main\n"
        "atexit.register(lambda: print([m for m in ('django', 'pyhanko') if m in sys.modules]))\n"
        "main()",
    )
    assert done.returncode == 0
    assert "--json" in done.stdout
    assert done.stdout.strip().endswith("[]")

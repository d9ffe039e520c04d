"""Everything we sign, at every level and with every kind of key, judged by others' programs.

pyHanko and pdfsig read the PDF; openssl verifies the CMS taken out of it. The results are the
table of docs/validators.md: `pytest tests/test_validators.py --write-validators FILE` writes it.
"""

import re
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from chauban_pades import add_document_timestamp, add_validation_data, sign, sign_pending
from chauban_pades.collecting import validation_data_of
from chauban_pki.credentials import KeyCredential
from chauban_pki.signed_data import without_padding

DOCS = Path(__file__).resolve().parents[3] / "docs" / "validators.md"
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
PROGRAMS = ("pyHanko", "pdfsig", "openssl")
OK = "valid"
KINDS = {
    "RSA-2048, PKCS#1 v1.5, SHA-256": ("rsa2048", {}),
    "RSA-2048, PKCS#1 v1.5, SHA-512": ("rsa2048", {"digest": "sha512"}),
    "RSA-3072, PKCS#1 v1.5, SHA-384": ("rsa3072", {"digest": "sha384"}),
    "RSA-4096, PKCS#1 v1.5, SHA-256": ("rsa4096", {}),
    "RSA-2048, PSS, SHA-256": ("rsa2048", {"pss": True}),
    "RSA-3072, PSS, SHA-384": ("rsa3072", {"pss": True, "digest": "sha384"}),
    "RSA-4096, PSS, SHA-512": ("rsa4096", {"pss": True, "digest": "sha512"}),
    "ECDSA P-256, SHA-256": ("p256", {}),
    "ECDSA P-384, SHA-384": ("p384", {}),
    "ECDSA P-521, SHA-512": ("p521", {}),
    "Ed25519, SHA-512": ("ed25519", {}),
}


@dataclass(frozen=True)
class Validators:
    """The programs, each asked about one signed PDF; the answer is OK or what it says."""

    folder: Path
    root: Path
    moment: int
    judge: object

    def ask(self, program: str, pdf: bytes) -> str:
        (self.folder / "signed.pdf").write_bytes(pdf)
        return {"pyHanko": self.pyhanko, "pdfsig": self.pdfsig, "openssl": self.openssl}[program](
            pdf
        )

    def pyhanko(self, pdf: bytes) -> str:
        verdict = self.judge(pdf)["signatory-1"]
        return OK if verdict["valid"] and verdict["trusted"] else str(verdict)

    def pdfsig(self, pdf: bytes) -> str:
        argv = ["pdfsig", "-nocert", str(self.folder / "signed.pdf")]
        said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
        found = re.search(r"Signature Validation: (.*)\.", said)
        assert found, said
        return OK if found[1] == "Signature is Valid" else found[1]

    def openssl(self, pdf: bytes) -> str:
        start, end = (int(each) for each in re.search(rb"\[0 (\d+) (\d+) \d+\]", pdf).groups())
        rest = int(re.search(rb"\[0 \d+ \d+ (\d+)\]", pdf)[1])
        contents = bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii"))
        (self.folder / "cms.der").write_bytes(without_padding(contents))
        (self.folder / "content").write_bytes(pdf[:start] + pdf[end : end + rest])
        argv = "openssl cms -verify -binary -inform DER -in cms.der -content content -cades"
        argv += f" -CAfile {self.root} -purpose any -attime {self.moment} -out verified"
        done = subprocess.run(
            argv.split(), cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return OK
        return done.stderr.strip().splitlines()[-1].split(":")[5]


@pytest.fixture(scope="session")
def validators(authority, judge, now, tmp_path_factory):
    folder = tmp_path_factory.mktemp("validators")
    root = folder / "root.pem"
    root.write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
    return Validators(folder, root, int(now.timestamp()), judge)


@pytest.fixture(scope="session")
def keystores(authority, now):
    """One person per kind of key."""
    return {
        kind: authority.issue_person(
            f"Người ký {kind}",
            "Chuyên viên",
            "Ủy ban nhân dân thành phố Huế",
            password="x",
            key=kind,
            valid_from=now - timedelta(days=10),
            valid_to=now + timedelta(days=700),
        )
        for kind in dict.fromkeys(kind for kind, _ in KINDS.values())
    }


@pytest.fixture(scope="session")
def results(validators, keystores, reserved, timestamp, trust, fetch, now):
    """What each program says, by kind, level and program."""
    found = {}
    for name, (kind, options) in KINDS.items():
        credential = KeyCredential.load(keystores[kind], "x", **options)
        given = {"field": "signatory-1", "credential": credential, "now": now}
        pdfs = {
            "B-B": sign_pending(reserved, **given),
            "B-T": sign(reserved, **given, timestamp=timestamp),
        }
        data = validation_data_of(pdfs["B-T"], trust=trust, fetch=fetch, at=now)
        pdfs["B-LT"] = add_validation_data(pdfs["B-T"], data=data)
        pdfs["B-LTA"] = add_document_timestamp(pdfs["B-LT"], timestamp=timestamp)
        for level, pdf in pdfs.items():
            for program in PROGRAMS:
                found[name, level, program] = validators.ask(program, pdf)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_is_valid_at_every_level_in_a_program_of_others(results, kind):
    for level in LEVELS:
        said = {program: results[kind, level, program] for program in PROGRAMS}
        assert OK in said.values(), (level, said)


def test_most_are_valid_in_three_programs(results):
    """Counted over kinds and levels."""
    in_all = [
        all(results[kind, level, program] == OK for program in PROGRAMS)
        for kind in KINDS
        for level in LEVELS
    ]
    assert sum(in_all) > len(in_all) / 2


def test_each_program_refuses_a_changed_file(validators, reserved, signatory, now):
    signed = sign_pending(reserved, field="signatory-1", credential=signatory, now=now)
    at = signed.index(b"/Title")
    changed = signed[:at] + b"/TitlE" + signed[at + 6 :]
    for program in PROGRAMS:
        assert validators.ask(program, signed) == OK
        assert validators.ask(program, changed) != OK


def table(results) -> str:
    lines = ["| key | level | pyHanko | pdfsig | openssl cms |", "|---|---|---|---|---|"]
    for kind in KINDS:
        rows = {
            level: " | ".join(results[kind, level, program] for program in PROGRAMS)
            for level in LEVELS
        }
        for said in dict.fromkeys(rows.values()):
            levels = ", ".join(level for level in LEVELS if rows[level] == said)
            lines.append(f"| {kind} | {levels} | {said} |")
    return "\n".join(lines)


def test_the_table_in_the_docs_is_this_tests_result(results, request):
    """Written anew with --write-validators FILE, where FILE holds the marks around the table."""
    made = table(results)
    path = request.config.getoption("--write-validators", None)
    if path is not None:
        before, _, after = Path(path).read_text("utf-8").partition("<!-- table -->\n")
        rest = after.partition("<!-- end of table -->")[2]
        text = f"{before}<!-- table -->\n{made}\n<!-- end of table -->{rest}"
        Path(path).write_text(text, "utf-8")
    if not DOCS.exists():
        pytest.skip("the package stands alone, without the documents")
    assert made in DOCS.read_text("utf-8")

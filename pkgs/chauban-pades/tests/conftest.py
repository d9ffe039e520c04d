"""The test PKI, a letter, and the judges who check what we made.

The PKI is chauban_pki's demonstration authority, minted once per session; its services answer
in this process. The letter is typeset by typst from letter.typ. pyHanko judges in a process of
its own that knows only the root.
"""

import importlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typst
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image, ImageDraw

from chauban_pades import (
    Appearance,
    add_validation_data,
    fill_and_seal,
    image_appearance,
    reserve,
    sign,
)
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.answers import timestamper
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.demo.service import application
from chauban_pki.paths import Purpose, build_path
from chauban_pki.revocation import ValidationData, collect_validation_data
from chauban_pki.timestamps import Timestamper
from chauban_pki.trust import Fetch, Trust

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = "mật khẩu thử"
VALUES = {"number": "05", "day": "23", "month": "11", "year": "2026"}

Typeset = Callable[..., bytes]
Judge = Callable[..., Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-validators", help="write the table of validators into this file")


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def values() -> dict[str, str]:
    return dict(VALUES)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> DemoAuthority:
    return DemoAuthority.create(tmp_path_factory.mktemp("pki") / "demo", NOW - timedelta(days=30))


@pytest.fixture(scope="session")
def trust(authority: DemoAuthority) -> Trust:
    return authority.trust("http://127.0.0.1:1")


@pytest.fixture(scope="session")
def fetch(authority: DemoAuthority) -> Fetch:
    """The demonstration's services, asked without a network."""
    answer = application(authority, lambda: NOW)

    def ask(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
        environ = {
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "PATH_INFO": urlsplit(url).path,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body or b"")),
            "wsgi.input": io.BytesIO(body or b""),
        }
        statuses: list[str] = []
        content = b"".join(answer(environ, lambda status, headers: statuses.append(status)))
        assert statuses == ["200 OK"], (url, statuses)
        return content

    return ask


@pytest.fixture(scope="session")
def timestamp(authority: DemoAuthority) -> Timestamper:
    return timestamper(authority, NOW)


@pytest.fixture(scope="session")
def signatory(authority: DemoAuthority) -> KeyCredential:
    keystore = authority.issue_person(
        "Nguyễn Văn Bình",
        "Phó Chủ tịch",
        "Ủy ban nhân dân thành phố Huế",
        password=PASSWORD,
        valid_from=NOW - timedelta(days=10),
        valid_to=NOW + timedelta(days=700),
    )
    return KeyCredential.load(keystore, PASSWORD)


@pytest.fixture(scope="session")
def seal(authority: DemoAuthority) -> KeyCredential:
    keystore = authority.issue_seal(
        "Ủy ban nhân dân thành phố Huế",
        "H57",
        password=PASSWORD,
        valid_from=NOW - timedelta(days=10),
        valid_to=NOW + timedelta(days=700),
        key="p256",
    )
    return KeyCredential.load(keystore, PASSWORD)


@pytest.fixture(scope="session")
def validation_data(
    authority: DemoAuthority,
    signatory: KeyCredential,
    seal: KeyCredential,
    trust: Trust,
    fetch: Fetch,
) -> ValidationData:
    paths = [
        build_path(
            credential.certificate,
            intermediates=(authority.issuing.certificate,),
            trust=trust,
            at=NOW,
            purpose=purpose,
        )
        for credential, purpose in (
            (signatory, Purpose.SIGNING),
            (seal, Purpose.SIGNING),
            (authority.tsa, Purpose.TIMESTAMPING),
        )
    ]
    return collect_validation_data(*paths, trust=trust, fetch=fetch, at=NOW)


@pytest.fixture(scope="session")
def typeset() -> Typeset:
    """The letter, PDF/A-2b unless said; other keywords are the inputs of letter.typ."""

    def compiled(*, standards: Sequence[str] = ("a-2b",), **inputs: object) -> bytes:
        return typst.compile(
            str(HERE / "letter.typ"),
            format="pdf",
            pdf_standards=list(standards),
            ignore_system_fonts=True,
            sys_inputs={key: str(value) for key, value in inputs.items()},
        )

    return compiled


@pytest.fixture(scope="session")
def letter(typeset: Typeset) -> bytes:
    return typeset()


@pytest.fixture(scope="session")
def reserved(letter: bytes) -> bytes:
    return reserve(letter)


@pytest.fixture(scope="session")
def shop(
    reserved: bytes,
    signatory: KeyCredential,
    seal: KeyCredential,
    timestamp: Timestamper,
    validation_data: ValidationData,
    now: datetime,
    authority: DemoAuthority,
) -> Any:
    """The workshop of vectors/pades, in which attacks are made of one sealed letter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HERE.parents[2] / "vectors" / "pades"))
        makers = importlib.import_module("workshop")
    return makers.workshop(
        reserved,
        signatory=signatory,
        seal=seal,
        timestamp=timestamp,
        data=validation_data,
        now=now,
        authority=authority,
    )


@pytest.fixture(scope="session")
def signature_image() -> Appearance:
    """Blue, transparent, 40 x 16 mm (PL I II.7.d)."""
    return image_appearance(_drawing((400, 160), (20, 40, 180, 255)), width_mm=40)


@pytest.fixture(scope="session")
def seal_image() -> Appearance:
    """Red, transparent, round, 36 mm (PL I II.8.a)."""
    return image_appearance(_drawing((360, 360), (200, 20, 20, 255)), width_mm=36)


def _drawing(size: tuple[int, int], colour: tuple[int, int, int, int]) -> bytes:
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    outline = (3, 3, size[0] - 4, size[1] - 4)
    ImageDraw.Draw(picture).ellipse(outline, outline=colour, width=6)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


@pytest.fixture(scope="session")
def signed(
    reserved: bytes, signatory: KeyCredential, timestamp: Timestamper, signature_image: Appearance
) -> bytes:
    """The letter signed by its signatory, B-T."""
    return sign(
        reserved,
        field="signatory-1",
        credential=signatory,
        timestamp=timestamp,
        now=NOW,
        image=signature_image,
    )


@pytest.fixture(scope="session")
def sealed(
    signed: bytes, seal: KeyCredential, timestamp: Timestamper, seal_image: Appearance
) -> bytes:
    """The letter signed, then numbered, dated and sealed in one revision, B-T."""
    return fill_and_seal(
        signed,
        field="seal-1",
        values=VALUES,
        credential=seal,
        timestamp=timestamp,
        now=NOW,
        image=seal_image,
    )


@pytest.fixture(scope="session")
def sealed_lt(sealed: bytes, validation_data: ValidationData) -> bytes:
    """The sealed letter with its validation data, B-LT."""
    return add_validation_data(sealed, data=validation_data)


@pytest.fixture(scope="session")
def judge(authority: DemoAuthority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """pyHanko's verdicts by field name; see pyhanko_judge.py."""
    folder = tmp_path_factory.mktemp("judged")
    root = folder / "root.pem"
    root.write_bytes(authority.root.certificate.public_bytes(Encoding.PEM))
    process = subprocess.Popen(
        [sys.executable, str(HERE / "pyhanko_judge.py"), str(root), NOW.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def ask(pdf: bytes, kind: str = "signatures") -> Any:
        path = folder / "judged.pdf"
        path.write_bytes(pdf)
        process.stdin.write(f"{path}\t{kind}\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert isinstance(answer, list), answer
        return {each.pop("field"): each for each in answer}

    yield ask
    process.stdin.close()
    process.wait(timeout=30)


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a PDF that qpdf finds in order; returns its path."""

    def check(pdf: bytes) -> Path:
        path = tmp_path / "checked.pdf"
        path.write_bytes(pdf)
        done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return path

    return check

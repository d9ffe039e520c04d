"""What the benchmarks of signing and verifying are given: letters, keys, a PKI that answers."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pikepdf

from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.typesetting import typeset
from chauban_pades import reserve
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.network import HTTPClient
from chauban_pki.paths import Purpose, build_path
from chauban_pki.revocation import ValidationData, collect_validation_data
from chauban_pki.timestamps import Timestamper, http_timestamper
from chauban_pki.trust import Trust

PASSWORD = "bench"
KEYS: tuple[Literal["rsa2048", "p256"], ...] = ("rsa2048", "p256")
LETTER = "2-page letter"
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
FIELD = "signatory-1"


@dataclass(frozen=True)
class Bench:
    """What all participants are given."""

    now: datetime
    credentials: Mapping[str, KeyCredential]
    keystores: Mapping[str, Path]
    data: Mapping[str, ValidationData]
    root: Path
    timestamp: Timestamper
    trust: Trust
    tsa_url: str
    pdfs: Mapping[str, bytes]
    folder: Path


@contextmanager
def prepared(folder: Path) -> Iterator[Bench]:
    now = datetime.now(UTC)
    authority = DemoAuthority.create(folder / "pki", now - timedelta(days=1))
    argv = ["-m", "chauban_pki.demo.service", "--folder", str(folder / "pki"), "--port", "0"]
    service = subprocess.Popen(
        [sys.executable, *argv], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    )
    try:
        assert service.stdout is not None
        base_url = service.stdout.readline().strip()
        client = HTTPClient()
        trust = authority.trust(base_url)
        keystores: dict[str, Path] = {}
        for key in KEYS:
            keystores[key] = folder / f"{key}.p12"
            keystores[key].write_bytes(
                authority.issue_person(
                    "Nguyễn Văn Bình",
                    "Phó Chủ tịch",
                    "Ủy ban nhân dân thành phố Huế",
                    password=PASSWORD,
                    valid_from=now - timedelta(days=1),
                    valid_to=now + timedelta(days=300),
                    key=key,
                )
            )
        credentials = {
            key: KeyCredential.load(keystores[key].read_bytes(), PASSWORD) for key in KEYS
        }
        stamping = build_path(
            authority.tsa.certificate,
            intermediates=(authority.issuing.certificate,),
            trust=trust,
            at=now,
            purpose=Purpose.TIMESTAMPING,
        )
        data = {
            key: collect_validation_data(
                build_path(each.certificate, intermediates=each.chain, trust=trust, at=now),
                stamping,
                trust=trust,
                fetch=client,
                at=now,
            )
            for key, each in credentials.items()
        }
        yield Bench(
            now=datetime.now(UTC),  # not before the revocation information that is at hand
            credentials=credentials,
            keystores=keystores,
            data=data,
            root=folder / "pki" / "root.pem",
            timestamp=http_timestamper(f"{base_url}/tsa", post=client),
            trust=trust,
            tsa_url=f"{base_url}/tsa",
            pdfs=_pdfs(now),
            folder=folder,
        )
    finally:
        service.kill()
        service.wait()


def _pdfs(now: datetime) -> dict[str, bytes]:
    plain = letter(now)
    return {
        LETTER: reserve(plain),
        "1 MB": reserve(with_extra(plain, size_bytes=950_000)),
        "10 MB": reserve(with_extra(plain, size_bytes=10_000_000)),
        "1,000 objects": reserve(with_extra(plain, objects=1_000)),
    }


def with_extra(plain: bytes, *, size_bytes: int = 0, objects: int = 0) -> bytes:
    """The letter with more in it, reached from its catalogue: noise, or many small objects."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        if size_bytes:
            document.Root.BenchNoise = document.make_stream(os.urandom(size_bytes))
        if objects:
            document.Root.BenchObjects = pikepdf.Array(
                document.make_indirect(pikepdf.Dictionary(Number=number))
                for number in range(objects)
            )
        document.save(written)
    return written.getvalue()


def letter(now: datetime) -> bytes:
    """A letter of two pages, its places marked."""
    text = (
        "Thực hiện Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác "
        "văn thư, Ủy ban nhân dân thành phố yêu cầu các cơ quan, đơn vị rà soát quy trình soạn "
        "thảo, ký ban hành, phát hành và lưu trữ văn bản điện tử thuộc phạm vi quản lý. "
    )
    content = Letter(
        kind=kind("cong_van"),
        issuer=Heading(("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HUẾ"), ("VĂN PHÒNG",)),
        notation="VP-TH",
        place="Huế",
        subject="Về việc rà soát quy trình ký số",
        body=tuple(Paragraph(text * 2) for _ in range(9)),
        signers=(Signer(("CHÁNH VĂN PHÒNG",), "Nguyễn Văn Bình"),),
        to_places=("Như trên;",),
        addressees=("Các sở, ban, ngành",),
    )
    return typeset(content, created_at=now)

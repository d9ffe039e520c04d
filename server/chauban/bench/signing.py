"""Signing: ours, the bare key operation, pyHanko three ways, and other libraries, paired.

All take turns in one run, warm; figures are CPU time (user and system), the median of the
rounds. The time-stamping authority is a process of its own and not counted. The other
libraries run as programs in an environment made for the run, with the versions below; one that
does not install or does not run is named with its reason.
"""

import gc
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast

import pikepdf

from chauban.bench import signing_peers
from chauban.bench.report import Case
from chauban.bench.signing_pyhanko import Variant, pyhanko_act
from chauban_docform.kinds import kind
from chauban_docform.letters import Heading, Letter, Paragraph, Signer
from chauban_docform.typesetting import typeset
from chauban_pades import (
    add_document_timestamp,
    add_validation_data,
    reserve,
    sign,
    sign_pending,
)
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.network import HTTPClient
from chauban_pki.paths import Purpose, build_path
from chauban_pki.revocation import ValidationData, collect_validation_data
from chauban_pki.timestamps import Timestamper, http_timestamper

ROUNDS = 7
SECONDS_A_TURN = 0.1
PEERS = ("pdfsignerpy==0.3.1", "rustpdf==0.5.0", "endesive==3.0.1")
PASSWORD = "bench"
KEYS: tuple[Literal["rsa2048", "p256"], ...] = ("rsa2048", "p256")
LETTER = "2-page letter"
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
_PEER_LEVELS = {"B-B": "bb", "B-T": "bt", "B-LT": "blt", "B-LTA": "blta"}
_FIELD = "signatory-1"

Act = Callable[[], object]
Turn = Callable[[], float]
"""Runs something some times and returns the CPU seconds of one time."""


@dataclass(frozen=True)
class Bench:
    """What all participants are given."""

    now: datetime
    credentials: Mapping[str, KeyCredential]
    keystores: Mapping[str, Path]
    data: Mapping[str, ValidationData]
    root: Path
    timestamp: Timestamper
    tsa_url: str
    pdfs: Mapping[str, bytes]
    folder: Path


class DoesNotRun(Exception):
    """A participant cannot do this case; the message says why."""


def measure() -> list[Case]:
    """Every input, key and level."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = stack.enter_context(_prepared(folder))
        peers = stack.enter_context(_peers(folder))
        cases: list[Case] = []
        for pdf in bench.pdfs:
            for key in KEYS:
                for level in LEVELS:
                    cases += _cases(bench, peers, pdf=pdf, key=key, level=level)
        return cases


def _cases(bench: Bench, peers: "Peers", *, pdf: str, key: str, level: str) -> list[Case]:
    name = f"{level}, {key}, {pdf}"
    turns: dict[str, Turn] = {"ours": _in_process(_our_act(bench, pdf, key, level))}
    absent: dict[str, str] = {}
    if level == "B-B":
        turns["bare key operation"] = _in_process(_bare(bench, key))
        turns["SHA-256 of the file alone"] = _in_process(_hash(bench, pdf))
    for variant in Variant:
        turns[f"pyHanko {variant.value}"] = _in_process(
            pyhanko_act(
                variant,
                pdf=bench.pdfs[pdf],
                field=_FIELD,
                p12=bench.keystores[key],
                password=PASSWORD,
                credential=bench.credentials[key],
                level=level,
                tsa_url=bench.tsa_url,
                root=bench.root,
                data=bench.data[key],
                now=bench.now,
            )
        )
    for library in signing_peers.LIBRARIES:
        try:
            turns[library] = peers.turn(bench, library, pdf=pdf, key=key, level=level)
        except DoesNotRun as reason:
            absent[library] = str(reason)
    seconds = _medians(turns)
    ours = seconds.pop("ours")
    compared = [
        _case(name, ours, peer, theirs, *_bar(pdf, key, level, peer))
        for peer, theirs in seconds.items()
    ]
    missing = [
        Case(f"{name}: {library} does not run ({reason})", "ms CPU", _ms(ours))
        for library, reason in absent.items()
    ]
    return compared + missing


def _case(
    name: str, ours: float, peer: str, theirs: float, bar: str, met: Callable[[float], bool] | None
) -> Case:
    return Case(
        case=name,
        unit="ms CPU",
        ours=_ms(ours),
        peer=peer,
        theirs=_ms(theirs),
        ratio=round(theirs / ours, 2),
        bar=bar,
        met=None if met is None else met(theirs / ours),
    )


def _bar(pdf: str, key: str, level: str, peer: str) -> tuple[str, Callable[[float], bool] | None]:
    """The bar of the design's section 7, as a condition on theirs ÷ ours."""
    if peer in signing_peers.LIBRARIES:
        return "faster", lambda ratio: ratio > 1
    if pdf != LETTER:
        return "", None
    if peer == "bare key operation" and key == "rsa2048":
        return "ours <= 2.2 x bare", lambda ratio: 1 / ratio <= 2.2
    against = Variant.TUNED if level == "B-B" else Variant.KEY_CACHED
    if peer == f"pyHanko {against.value}" and key == "rsa2048":
        return ">= 15 x faster", lambda ratio: ratio >= 15
    return "", None


def _our_act(bench: Bench, pdf: str, key: str, level: str) -> Act:
    original, credential, data = bench.pdfs[pdf], bench.credentials[key], bench.data[key]
    given = {"field": _FIELD, "credential": credential}
    if level == "B-B":
        return lambda: sign_pending(original, **given, now=bench.now)  # type: ignore[arg-type]

    def signed() -> bytes:
        result = sign(original, **given, now=bench.now, timestamp=bench.timestamp)  # type: ignore[arg-type]
        if level != "B-T":
            result = add_validation_data(result, data=data)
        if level == "B-LTA":
            result = add_document_timestamp(result, timestamp=bench.timestamp)
        return result

    return signed


def _bare(bench: Bench, key: str) -> Act:
    credential, attributes = bench.credentials[key], bytes(200)
    return lambda: credential.sign(attributes)


def _hash(bench: Bench, pdf: str) -> Act:
    content = bench.pdfs[pdf]
    return lambda: sha256(content).digest()


def _in_process(act: Act) -> Turn:
    """A turn of at least SECONDS_A_TURN, after a first time to warm up and to learn how long."""
    act()
    start = time.process_time()
    act()
    times = max(1, round(SECONDS_A_TURN / max(time.process_time() - start, 1e-6)))

    def turn() -> float:
        start = time.process_time()
        for _ in range(times):
            act()
        return (time.process_time() - start) / times

    return turn


def _medians(turns: Mapping[str, Turn]) -> dict[str, float]:
    """Each turn begins without garbage, so that none pays for what another left."""

    def swept(turn: Turn) -> float:
        gc.collect()
        gc.freeze()
        return turn()

    rounds = [{name: swept(turn) for name, turn in turns.items()} for _ in range(ROUNDS)]
    gc.unfreeze()
    return {name: statistics.median(each[name] for each in rounds) for name in turns}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


@dataclass(frozen=True)
class Peers:
    """A process that runs other libraries; `absent` says why one is not installed."""

    process: "subprocess.Popen[str]"
    absent: Mapping[str, str]

    def turn(self, bench: Bench, library: str, *, pdf: str, key: str, level: str) -> Turn:
        if library in self.absent:
            raise DoesNotRun(self.absent[library])
        path = bench.folder / f"{pdf}.pdf"
        path.write_bytes(bench.pdfs[pdf])
        request = {
            "library": library,
            "pdf": str(path),
            "p12": str(bench.keystores[key]),
            "password": PASSWORD,
            "level": _PEER_LEVELS[level],
            "tsa": bench.tsa_url,
            "times": "2",
        }
        self._ask(request)
        return lambda: self._ask(request)

    def _ask(self, request: Mapping[str, str]) -> float:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline() or '{"error": "the process ended"}')
        if "error" in answer:
            raise DoesNotRun(answer["error"])
        return cast(float, answer["seconds"])


@contextmanager
def _peers(folder: Path) -> Iterator[Peers]:
    """An environment with those of PEERS that install from the index; nothing of it stays."""
    venv.create(folder / "peers", with_pip=True)
    python = str(folder / "peers" / "bin" / "python")
    absent: dict[str, str] = {}
    for requirement in PEERS:
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", requirement],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            absent[requirement.partition("==")[0]] = "does not install"
    process = subprocess.Popen(
        [python, signing_peers.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    try:
        yield Peers(process, absent)
    finally:
        process.kill()
        process.wait()


@contextmanager
def _prepared(folder: Path) -> Iterator[Bench]:
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
        "1 MB": reserve(_with_extra(plain, size_bytes=950_000)),
        "10 MB": reserve(_with_extra(plain, size_bytes=10_000_000)),
        "1,000 objects": reserve(_with_extra(plain, objects=1_000)),
    }


def _with_extra(plain: bytes, *, size_bytes: int = 0, objects: int = 0) -> bytes:
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

"""Verifying: our first leg, pyHanko two ways, other libraries and pdfsig, paired.

Each call reads a file anew and checks bytes, signature, chain, revocation, time-stamps and what
changed after signing, as far as the participant can. Ours meets each file for the first time:
all caches are emptied before a turn, then a file of another officer is verified, so that what
is kept is what a server keeps of any file (the authorities' certificates and CRLs), and nothing
of this one. Where a file carries no revocation information, ours and pyHanko are given it. All
take turns in one run; figures are CPU time (user and system), the median of the rounds.
"""

import functools
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from chauban.bench import peer_programs
from chauban.bench.material import KEYS, LETTER, LEVELS, PASSWORD, Bench, letter, prepared
from chauban.bench.peers import DoesNotRun, Peers, peers
from chauban.bench.report import Case
from chauban.bench.signing import our_act
from chauban.bench.turns import Act, Turn, in_process, medians, ms
from chauban.bench.verifying_pyhanko import FoundInvalid, Variant, pyhanko_act
from chauban_pades import Reserved, add_validation_data, assess, reserve, sign
from chauban_pades.collecting import validation_data_of
from chauban_pades.second_leg import assess_with_pyhanko
from chauban_pki.cache import CachingFetch
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from chauban_pki.network import HTTPClient
from chauban_pki.reasons import Verdict
from chauban_pki.revocation import ValidationData

OFFICERS = 6
COUNTS = (1, 5, 10, 50)
MOST_FOR_PYHANKO = 10
LARGE = "10 MB"
LATER = timedelta(minutes=1)
"""How long after signing it is asked."""

Bar = tuple[str, Callable[[float], bool] | None]
"""In words, and as a condition on theirs ÷ ours."""
NO_BAR: Bar = ("", None)


@dataclass(frozen=True)
class Files:
    """The same letter, each signed by another officer; the first is for warming up alone."""

    bench: Bench
    paths: tuple[Path, ...]

    @property
    def path(self) -> Path:
        """The one that participants are given who keep nothing."""
        return self.paths[1]


def measure() -> list[Case]:
    """Every input, key and level; then many signatures, and how cost grows with size."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        bench = stack.enter_context(prepared(folder))
        others = stack.enter_context(peers(folder))
        cases: list[Case] = []
        for key in KEYS:
            benches = with_officers(bench, key, OFFICERS)
            for pdf in bench.pdfs:
                for level in LEVELS:
                    files = signed_files(benches, pdf, key, level)
                    turns = participants(files, key) | other_participants(files)
                    cases += _cases(f"{level}, {key}, {pdf}", turns, others, files, bar(pdf, level))
                    if pdf == LARGE:
                        cases.append(_growth(signed_files(benches, LETTER, key, level), files))
        return cases + _many(bench)


def with_officers(bench: Bench, key: Literal["rsa2048", "p256"], count: int) -> list[Bench]:
    """The bench, once for each of so many officers who sign with a key of that kind."""
    authority = DemoAuthority.open(bench.folder / "pki")
    day = timedelta(days=1)
    found: list[Bench] = []
    for number in range(count):
        keystore = authority.issue_person(
            f"Nguyễn Văn {number}",
            "Chuyên viên",
            "Ủy ban nhân dân thành phố Huế",
            password=PASSWORD,
            valid_from=bench.now - day,
            valid_to=bench.now + 300 * day,
            key=key,
        )
        credential = KeyCredential.load(keystore, PASSWORD)
        found.append(replace(bench, credentials={key: credential}))
    return found


def signed_files(benches: Sequence[Bench], pdf: str, key: str, level: str) -> Files:
    """One of the benchmark's letters, signed by us with each officer's key."""
    paths: list[Path] = []
    for number, bench in enumerate(benches):
        path = bench.folder / f"{pdf}-{key}-{level}-{number}.pdf"
        stamped = our_act(bench, pdf, key, "B-T")()
        own = replace(bench, data={key: _validation_data(bench, stamped)})  # type: ignore[arg-type]
        path.write_bytes(our_act(own, pdf, key, level)())  # type: ignore[arg-type]
        paths.append(path)
    return Files(benches[0], tuple(paths))


def _validation_data(bench: Bench, pdf: bytes) -> ValidationData:
    return validation_data_of(pdf, trust=bench.trust, fetch=HTTPClient(), at=bench.now)


def bar(pdf: str, level: str) -> Bar:
    """The bar of the design's section 7, for pyHanko in either way."""
    if (pdf, level) == (LETTER, "B-LT"):
        return ">= 10 x faster", lambda ratio: ratio >= 10
    return NO_BAR


def participants(files: Files, key: str) -> dict[str, Turn]:
    """Those that check all of it: our two legs and pyHanko."""
    bench, path, at = files.bench, files.path, files.bench.now + LATER
    data = _validation_data(bench, path.read_bytes())

    def second_leg() -> None:
        report = assess_with_pyhanko(path.read_bytes(), trust=bench.trust, at=at, data=data)
        require_passed(report.verdict)

    turns = {
        "ours": our_turn(files),
        "ours, nothing kept": our_turn(files, keep=False),
        "second leg": in_process(second_leg),
    }
    for variant in Variant:
        act = pyhanko_act(variant, path=path, root=bench.root, data=data, at=at)
        turns[f"pyHanko {variant.value}"] = in_process(act)
    return turns


def other_participants(files: Files) -> dict[str, Turn]:
    """For orientation: one that checks less, and the bare hash."""
    return {"pdfsig": _pdfsig(files.path), "SHA-256 of the file alone": in_process(_hash(files))}


def _hash(files: Files) -> Act:
    return lambda: sha256(files.path.read_bytes()).digest()


def our_turn(files: Files, *, keep: bool = True) -> Turn:
    """Our first leg on each file but the first; what that one leaves is kept if `keep`."""
    bench, at = files.bench, files.bench.now + LATER
    fetch = CachingFetch(HTTPClient(), lambda: bench.now)

    def verify(path: Path) -> None:
        report = assess(path.read_bytes(), trust=bench.trust, at=at, fetch=fetch)
        require_passed(report.verdict)

    def timed(path: Path) -> float:
        if not keep:
            forget()
        start = time.process_time()
        verify(path)
        return time.process_time() - start

    def turn() -> float:
        forget()
        first, *others = files.paths
        verify(first)
        return sum(timed(path) for path in others) / len(others)

    turn()  # the answers are fetched and kept
    return turn


def require_passed(verdict: Verdict) -> None:
    if verdict is not Verdict.TOTAL_PASSED:
        raise FoundInvalid(verdict)


def forget() -> None:
    """Empty every cache of our libraries."""
    for cache in caches():
        cache.cache_clear()


@functools.cache
def caches() -> tuple["functools._lru_cache_wrapper[object]", ...]:
    modules = [module for name, module in sys.modules.items() if name.startswith("chauban_")]
    return tuple(
        {
            id(each): each
            for module in modules
            for each in vars(module).values()
            if isinstance(each, functools._lru_cache_wrapper)
        }.values()
    )


def _pdfsig(path: Path) -> Turn:
    """poppler's program with its start-up: bytes and signatures; it is given no root."""

    def turn() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["pdfsig", "-nocert", path], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return turn


def _cases(
    name: str, turns: dict[str, Turn], others: Peers, files: Files, against: Bar
) -> list[Case]:
    absent: dict[str, str] = {}
    for library in peer_programs.VERIFYING:
        request = {"act": "verify", "pdf": str(files.path), "roots": str(files.bench.root)}
        try:
            turns[library] = others.turn(library, request)
        except DoesNotRun as reason:
            absent[library] = str(reason)
    seconds = medians(turns)
    ours = seconds.pop("ours")
    compared = [
        case(name, ours, peer, theirs, against if peer.startswith("pyHanko") else NO_BAR)
        for peer, theirs in seconds.items()
    ]
    missing = [
        Case(f"{name}: {library} does not run ({reason})", "ms CPU", ms(ours))
        for library, reason in absent.items()
    ]
    return compared + missing


def case(name: str, ours: float, peer: str, theirs: float, against: Bar = NO_BAR) -> Case:
    words, holds = against
    return Case(
        case=name,
        unit="ms CPU",
        ours=ms(ours),
        peer=peer,
        theirs=ms(theirs),
        ratio=round(theirs / ours, 2),
        bar=words,
        met=None if holds is None else holds(theirs / ours),
    )


def _growth(small: Files, large: Files) -> Case:
    """What 10 MB more cost, beside hashing them once."""
    turns = {
        "our small": our_turn(small),
        "our large": our_turn(large),
        "bare small": in_process(_hash(small)),
        "bare large": in_process(_hash(large)),
    }
    seconds = medians(turns)
    ours, bare = (seconds[f"{who} large"] - seconds[f"{who} small"] for who in ("our", "bare"))
    linear: Bar = ("<= 2 x the bare hash", lambda ratio: ratio >= 1 / 2)
    name = large.path.stem.rpartition("-")[0]
    return case(f"{name}: what it costs more than the letter", ours, "SHA-256", bare, linear)


def many_signed(benches: Sequence[Bench], count: int, name: str) -> Path:
    """A letter that so many of the officers signed, B-T each, with validation data at the end."""
    extra = [
        Reserved(f"signatory-{n}", 2, 40.0 + 100 * (n % 5), 60.0 + 14 * (n // 5), 90.0, 12.0)
        for n in range(2, count + 1)
    ]
    bench = benches[0]
    pdf = reserve(letter(bench.now), extra)
    for n, each in enumerate(benches[:count], start=1):
        pdf = sign(
            pdf,
            field=f"signatory-{n}",
            credential=each.credentials["p256"],
            timestamp=bench.timestamp,
            now=bench.now,
        )
    path = bench.folder / f"{name}.pdf"
    path.write_bytes(add_validation_data(pdf, data=_validation_data(bench, pdf)))
    return path


def _many(bench: Bench) -> list[Case]:
    """Several signatures in one file, of as many officers."""
    first, *benches = with_officers(bench, "p256", max(COUNTS) + 1)
    warming = many_signed([first], 1, "warming")
    files = {
        count: Files(bench, (warming, many_signed(benches, count, f"{count} signatures")))
        for count in COUNTS
    }
    cases: list[Case] = []
    ours: dict[int, float] = {}
    for count, each in files.items():
        turns = {"ours": our_turn(each), "SHA-256 of the file alone": in_process(_hash(each))}
        if count <= MOST_FOR_PYHANKO:
            turns |= participants(each, "p256")
        seconds = medians(turns)
        ours[count] = seconds.pop("ours")
        name = f"B-LT, p256, signatures: {count}"
        cases += [case(name, ours[count], peer, theirs) for peer, theirs in seconds.items()]
    of_one: Bar = ("<= 10 x one", lambda ratio: ratio >= 1 / 10)
    of_ten: Bar = ("<= 6 x ten", lambda ratio: ratio >= 1 / 6)
    return [
        *cases,
        case("10 signatures", ours[10], "one, ours", ours[1], of_one),
        case("50 signatures", ours[50], "ten, ours", ours[10], of_ten),
    ]

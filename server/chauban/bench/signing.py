"""Signing: ours, the bare key operation, pyHanko three ways, and other libraries, paired.

All take turns in one run, warm; figures are CPU time (user and system), the median of the
rounds. The time-stamping authority is a process of its own and not counted. The other
libraries run as programs in an environment made for the run, with the versions below; one that
does not install or does not run is named with its reason.
"""

from collections.abc import Callable
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from chauban.bench import peer_programs
from chauban.bench.material import FIELD, KEYS, LETTER, LEVELS, PASSWORD, Bench, prepared
from chauban.bench.peers import DoesNotRun, Peers, peers
from chauban.bench.report import Case
from chauban.bench.signing_pyhanko import Variant, pyhanko_act
from chauban.bench.turns import Act, Turn, in_process, medians, ms
from chauban_pades import add_document_timestamp, add_validation_data, sign, sign_pending

_PEER_LEVELS = {"B-B": "bb", "B-T": "bt", "B-LT": "blt", "B-LTA": "blta"}


def measure() -> list[Case]:
    """Every input, key and level."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        bench = stack.enter_context(prepared(folder))
        others = stack.enter_context(peers(folder))
        cases: list[Case] = []
        for pdf in bench.pdfs:
            for key in KEYS:
                for level in LEVELS:
                    cases += _cases(bench, others, pdf=pdf, key=key, level=level)
        return cases


def _cases(bench: Bench, others: Peers, *, pdf: str, key: str, level: str) -> list[Case]:
    name = f"{level}, {key}, {pdf}"
    turns: dict[str, Turn] = {"ours": in_process(our_act(bench, pdf, key, level))}
    absent: dict[str, str] = {}
    if level == "B-B":
        turns["bare key operation"] = in_process(_bare(bench, key))
        turns["SHA-256 of the file alone"] = in_process(_hash(bench, pdf))
    for variant in Variant:
        turns[f"pyHanko {variant.value}"] = in_process(
            pyhanko_act(
                variant,
                pdf=bench.pdfs[pdf],
                field=FIELD,
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
    for library in peer_programs.SIGNING:
        try:
            turns[library] = others.turn(library, _request(bench, pdf, key, level))
        except DoesNotRun as reason:
            absent[library] = str(reason)
    seconds = medians(turns)
    ours = seconds.pop("ours")
    compared = [
        _case(name, ours, peer, theirs, *_bar(pdf, key, level, peer))
        for peer, theirs in seconds.items()
    ]
    missing = [
        Case(f"{name}: {library} does not run ({reason})", "ms CPU", ms(ours))
        for library, reason in absent.items()
    ]
    return compared + missing


def _request(bench: Bench, pdf: str, key: str, level: str) -> dict[str, str]:
    path = bench.folder / f"{pdf}.pdf"
    path.write_bytes(bench.pdfs[pdf])
    return {
        "act": "sign",
        "pdf": str(path),
        "p12": str(bench.keystores[key]),
        "password": PASSWORD,
        "level": _PEER_LEVELS[level],
        "tsa": bench.tsa_url,
    }


def _case(
    name: str, ours: float, peer: str, theirs: float, bar: str, met: Callable[[float], bool] | None
) -> Case:
    return Case(
        case=name,
        unit="ms CPU",
        ours=ms(ours),
        peer=peer,
        theirs=ms(theirs),
        ratio=round(theirs / ours, 2),
        bar=bar,
        met=None if met is None else met(theirs / ours),
    )


def _bar(pdf: str, key: str, level: str, peer: str) -> tuple[str, Callable[[float], bool] | None]:
    """The bar of the design's section 7, as a condition on theirs ÷ ours."""
    if peer in peer_programs.SIGNING:
        return "faster", lambda ratio: ratio > 1
    if pdf != LETTER:
        return "", None
    if peer == "bare key operation" and key == "rsa2048":
        return "ours <= 2.2 x bare", lambda ratio: 1 / ratio <= 2.2
    against = Variant.TUNED if level == "B-B" else Variant.KEY_CACHED
    if peer == f"pyHanko {against.value}" and key == "rsa2048":
        return ">= 15 x faster", lambda ratio: ratio >= 15
    return "", None


def our_act(bench: Bench, pdf: str, key: str, level: str) -> Act:
    original, credential, data = bench.pdfs[pdf], bench.credentials[key], bench.data[key]
    given = {"field": FIELD, "credential": credential}
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

"""The signing benchmark: bars as in the design's section 7, and participants that really sign."""

import subprocess
import sys

import pytest

from chauban.bench import material, peer_programs, peers, signing, turns
from chauban.bench.signing_pyhanko import Variant


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with material.prepared(tmp_path_factory.mktemp("bench")) as prepared:
        yield prepared


@pytest.mark.parametrize(
    ("level", "key", "peer", "ratio", "met"),
    [
        ("B-B", "rsa2048", "bare key operation", 1 / 2.2, True),
        ("B-B", "rsa2048", "bare key operation", 1 / 2.21, False),
        ("B-B", "rsa2048", "pyHanko tuned", 15, True),
        ("B-B", "rsa2048", "pyHanko tuned", 14.9, False),
        ("B-LTA", "rsa2048", "pyHanko key cached", 14.9, False),
        ("B-T", "p256", "pdfsignerpy", 1.0, False),
        ("B-T", "p256", "pdfsignerpy", 1.01, True),
    ],
)
def test_a_bar_is_met_or_missed_where_the_design_draws_it(level, key, peer, ratio, met):
    _, holds = signing._bar(material.LETTER, key, level, peer)
    assert holds is not None
    assert holds(ratio) is met


def test_where_the_design_draws_no_bar_none_is_claimed():
    assert signing._bar("10 MB", "rsa2048", "B-B", "pyHanko tuned") == ("", None)


@pytest.mark.parametrize("level", material.LEVELS)
def test_what_is_timed_is_a_signature_that_pdfsig_finds_valid(bench, level, tmp_path):
    pdf = signing.our_act(bench, material.LETTER, "p256", level)()
    path = tmp_path / "signed.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True).stdout
    assert "Signature Validation: Signature is Valid." in said


@pytest.mark.parametrize("variant", Variant)
def test_each_way_of_using_pyhanko_signs_and_only_as_shipped_loads_the_key_each_time(
    bench, variant, monkeypatch
):
    signed = signing.pyhanko_act(
        variant,
        pdf=bench.pdfs[material.LETTER],
        field="signatory-1",
        p12=bench.keystores["p256"],
        password=material.PASSWORD,
        credential=bench.credentials["p256"],
        level="B-B",
        tsa_url="",
        root=bench.root,
        data=bench.data["p256"],
        now=bench.now,
    )
    loaded = []
    module = sys.modules["pyhanko.sign.signers.pdf_cms"].serialization
    load = module.load_der_private_key
    monkeypatch.setattr(
        module, "load_der_private_key", lambda *a, **k: loaded.append(1) or load(*a, **k)
    )
    assert signed().getvalue().startswith(b"%PDF-")
    assert bool(loaded) is (variant is Variant.AS_SHIPPED)


def test_a_library_that_is_not_installed_is_named_with_its_reason(bench):
    """This environment has none of them, so the program answers why, and lives on."""
    process = subprocess.Popen(
        [sys.executable, peer_programs.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        others = peers.Peers(process, {"endesive": "does not install"})
        request = signing._request(bench, material.LETTER, "p256", "B-B")
        for library, reason in (
            ("pdfsignerpy", "ModuleNotFoundError"),
            ("rustpdf", "ModuleNotFoundError"),
            ("endesive", "does not install"),
        ):
            with pytest.raises(peers.DoesNotRun, match=reason):
                others.turn(library, request)
    finally:
        process.kill()
        process.wait()


def test_cases_say_ours_theirs_and_the_ratio(bench, monkeypatch):
    monkeypatch.setattr(turns, "ROUNDS", 1)
    monkeypatch.setattr(turns, "SECONDS_A_TURN", 0.0)
    process = subprocess.Popen(
        [sys.executable, "-c", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    absent = peers.Peers(process, dict.fromkeys(peer_programs.SIGNING, "does not install"))
    cases = signing._cases(bench, absent, pdf=material.LETTER, key="p256", level="B-B")
    process.wait()
    compared = {case.peer: case for case in cases if case.peer}
    assert set(compared) == {
        "bare key operation",
        "SHA-256 of the file alone",
        *(f"pyHanko {variant.value}" for variant in Variant),
    }
    tuned = compared["pyHanko tuned"]
    assert tuned.ratio == pytest.approx(tuned.theirs / tuned.ours, rel=0.05)
    assert sum("does not run" in case.case for case in cases) == 3

"""The verifying benchmark: bars as in the design's section 7, participants that really verify."""

import pytest

from chauban.bench import material, turns, verifying
from chauban.bench.verifying_pyhanko import FoundInvalid
from chauban_pki.certificates import parse_certificate

KEY = "p256"
WHO = ("ours", "ours, nothing kept", "second leg", "pyHanko as shipped", "pyHanko tuned")


@pytest.fixture(scope="module")
def benches(tmp_path_factory):
    with material.prepared(tmp_path_factory.mktemp("bench")) as prepared:
        yield verifying.with_officers(prepared, KEY, 2)


@pytest.fixture(autouse=True)
def brief(monkeypatch):
    monkeypatch.setattr(turns, "ROUNDS", 1)
    monkeypatch.setattr(turns, "SECONDS_A_TURN", 0.0)


@pytest.mark.parametrize(("ratio", "met"), [(10, True), (9.9, False)])
def test_the_bar_is_met_or_missed_where_the_design_draws_it(ratio, met):
    _, holds = verifying.bar(material.LETTER, "B-LT")
    assert holds(ratio) is met


def test_where_the_design_draws_no_bar_none_is_claimed():
    assert verifying.bar("10 MB", "B-LT") == verifying.NO_BAR


@pytest.mark.parametrize("level", material.LEVELS)
def test_every_participant_finds_what_we_signed_valid(benches, level):
    files = verifying.signed_files(benches, material.LETTER, KEY, level)
    taking_part = verifying.participants(files, KEY)
    assert tuple(taking_part) == WHO
    assert all(turn() > 0 for turn in taking_part.values())


@pytest.mark.parametrize("who", WHO)
def test_every_participant_refuses_a_file_with_one_byte_changed(benches, who):
    files = verifying.signed_files(benches, material.LETTER, KEY, "B-LT")
    turn = verifying.participants(files, KEY)[who]
    pdf = files.path.read_bytes()
    at = pdf.index(b"/MediaBox [ 0 0 ") + len(b"/MediaBox [ 0 0 ")
    files.path.write_bytes(pdf[:at] + b"9" + pdf[at + 1 :])
    with pytest.raises(FoundInvalid):
        turn()


def test_each_file_bears_another_officers_signature(benches):
    files = verifying.signed_files(benches, material.LETTER, KEY, "B-B")
    assert len({path.read_bytes() for path in files.paths}) == len(benches)
    credentials = {bench.credentials[KEY].certificate.serial_number for bench in benches}
    assert len(credentials) == len(benches)


def test_all_caches_of_ours_are_forgotten(benches):
    assert parse_certificate in verifying.caches()
    files = verifying.signed_files(benches, material.LETTER, KEY, "B-LT")
    verifying.our_turn(files)()
    assert parse_certificate.cache_info().currsize > 0
    verifying.forget()
    assert all(cache.cache_info().currsize == 0 for cache in verifying.caches())


def test_several_officers_sign_one_file(benches):
    path = verifying.many_signed(benches, 2, "two")
    turn = verifying.our_turn(verifying.Files(benches[0], (path, path)))
    assert turn() > 0
    assert path.read_bytes().count(b"/ETSI.CAdES.detached") == 2


def test_a_case_says_ours_theirs_and_the_ratio():
    found = verifying.case("x", 0.002, "y", 0.03, (">= 10 x faster", lambda ratio: ratio >= 10))
    assert (found.ours, found.theirs, found.ratio, found.met) == (2.0, 30.0, 15.0, True)

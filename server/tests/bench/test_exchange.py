"""The exchange benchmark counts receipts of real documents, carried by real processes."""

from dataclasses import replace

import pytest

from chauban.bench import exchange
from chauban.bench.exchange import Figures, Load

FIGURES = Figures(
    per_second=110.0,
    cpu_ms={"workers": 10.0, "clerks": 8.0},
    queue_ms={"send": 4.0, "forget": 0.01},
    resident_mb=(100.0, 101.0),
)


def test_the_bar_is_drawn_where_the_design_draws_it():
    at_bar, *_ = exchange._cases("SQLite", Load.sustained(20), FIGURES)
    below, *_ = exchange._cases("SQLite", Load.sustained(20), replace(FIGURES, per_second=109.9))
    assert (at_bar.met, below.met) == (True, False)


def test_where_the_time_goes_is_shown_in_all_and_by_part_and_queue():
    cases = {
        case.case.partition(",")[0]: case.ours
        for case in exchange._cases("SQLite", Load.sustained(20), FIGURES)
    }
    assert cases["all processes"] == 18.0
    assert cases["of which clerks"] == 8.0
    assert cases["workers' queue send"] == 4.0
    assert "workers' queue forget" not in cases


def test_fan_out_one_has_no_bar():
    case, *_ = exchange._cases("SQLite", Load.sustained(1), FIGURES)
    assert (case.bar, case.met) == ("", None)


def test_enough_documents_are_sealed_for_the_whole_window():
    load = Load.sustained(20)
    assert load.documents * load.fan_out >= 110 * (load.seconds + load.warm_up_seconds)


@pytest.mark.processes
def test_every_delivery_is_receipted_and_counted(tmp_path):
    load = Load(fan_out=3, documents=2, seconds=12, warm_up_seconds=0, workers=1)
    figures = exchange.run(tmp_path, load)
    assert figures.per_second == pytest.approx(6 / 12)
    assert set(figures.cpu_ms) == {"workers", "clerks", "PKI"}
    assert figures.cpu_ms["workers"] > 0
    assert 0 < figures.queue_ms["send"] < 1000
    assert figures.resident_mb[1] > 20

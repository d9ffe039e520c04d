"""What reads foreign files costs, hangs and breaks alone."""

import os
import signal
import threading
import time
from functools import partial

import pytest

from chauban.blobs.inspection import FetchHere, InspectionFailed, in_child
from chauban.workflow.errors import FileTooLarge
from chauban_pki.errors import Unreachable
from tests.blobs import readers


def failure_of(work, **limits):
    with pytest.raises(InspectionFailed) as failed:
        in_child(work, **limits)
    return failed.value.reason


def test_the_result_comes_back():
    assert in_child(readers.reports)["verdict"] == "TOTAL-PASSED"


def test_the_reader_knows_no_setting_of_ours(monkeypatch):
    assert any(name.startswith("CHAUBAN_") for name in os.environ)
    assert "CHAUBAN_" not in in_child(readers.reports)["environment"]


@pytest.mark.parametrize("work", [readers.hangs, readers.sleeps])
def test_a_reader_that_hangs_is_ended_in_time(work):
    began = time.monotonic()
    assert failure_of(work, seconds=1) == "time"
    assert time.monotonic() - began < 5


def test_a_reader_that_crashes_takes_nobody_with_it():
    assert failure_of(readers.crashes) == "crash"
    assert in_child(readers.reports)


def test_a_reader_that_eats_memory_is_refused_it():
    assert failure_of(readers.eats_memory) == "MemoryError"


def test_an_answer_that_cannot_be_sent_is_none():
    assert failure_of(readers.answers_with_what_cannot_be_sent) == "crash"


def test_an_error_that_is_asked_for_comes_back_as_it_was():
    with pytest.raises(FileTooLarge) as passed:
        in_child(readers.refuses, passing=(FileTooLarge,))
    assert (passed.value.name, passed.value.limit_bytes) == ("a.pdf", 2)


def test_any_other_error_is_a_failure():
    assert failure_of(readers.refuses) == "FileTooLarge"


def test_an_inspector_that_was_killed_is_started_again():
    os.kill(in_child(readers.is_asked_of), signal.SIGKILL)
    time.sleep(0.2)
    assert in_child(readers.reports)


def test_many_threads_are_answered_at_once():
    answered = []

    def ask():
        for _ in range(10):
            answered.append(in_child(readers.reports, seconds=30)["verdict"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answered == ["TOTAL-PASSED"] * 80


def test_what_a_reader_asks_of_the_network_is_fetched_here_and_kept_for_the_next():
    asked = []

    def fetch(url, body=None, content_type=""):
        asked.append((url, body, content_type))
        if url.endswith("gone"):
            raise Unreachable(url, "HTTP 404")
        return b"the list"

    here = FetchHere(fetch)
    assert in_child(partial(readers.fetches, here, "http://ca/list"), fetch=here) == b"the list"
    assert asked == [("http://ca/list", b"q", "a/b")]
    with pytest.raises(Unreachable) as refused:
        in_child(
            partial(readers.fetches, here, "http://ca/gone"), fetch=here, passing=(Unreachable,)
        )
    assert (refused.value.url, refused.value.detail) == ("http://ca/gone", "HTTP 404")


def test_a_reader_that_may_not_ask_is_told_so():
    here = FetchHere(lambda url, body=None, content_type="": b"the list")
    with pytest.raises(Unreachable, match="not allowed"):
        in_child(partial(readers.fetches, here, "http://ca/list"), passing=(Unreachable,))

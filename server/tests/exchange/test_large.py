"""What is too large to hold goes in pieces; what is hostile or secret leaves nothing behind.

Packages come from an axis that is played here, in memory or in pieces as the real one's client
gives them; memory and processor time are those of this process.
"""

import importlib
import os
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from django.db import transaction

from chauban.axis.models import Package
from chauban.bench.memory import at_rest, extra_mb
from chauban.blobs import store
from chauban.exchange import assessing
from chauban.exchange.actions import issue
from chauban.exchange.adapters.http import as_it_comes
from chauban.exchange.adapters.keeping import HandedOut, keep_handed_out
from chauban.exchange.models import (
    DeliveredFile,
    Delivery,
    IncomingMessage,
    KeptPackage,
    OutgoingMessage,
)
from chauban.exchange.ports import WHOLE_BYTES, Coming, GatewayUnavailable
from chauban.journal.models import Act
from tests.exchange.messages import SENDER, raw_message
from tests.exchange.test_receiving import OnePackage, received
from tests.moments import NOW

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "edxml"
sys.path.insert(0, str(VECTORS))
hostile = importlib.import_module("hostile_messages")
sys.path.remove(str(VECTORS))

pytestmark = pytest.mark.django_db
LARGE = os.urandom(WHOLE_BYTES)
MARK = "<edXML:Secret>Tối mật</edXML:Secret>".encode()
PIECE = 1 << 16


@pytest.fixture
def commune(body):
    return body("ubnd-thuan-hoa").organ_id(NOW.date())


@pytest.fixture
def large(commune):
    return raw_message(commune, attachments=[("ban-do.zip", LARGE)])


def in_pieces(raw, *, breaks_at=None):
    """A package as the axis's client gives it: bytes, or its pieces as they come."""

    def pieces():
        for at in range(0, len(raw), PIECE):
            if breaks_at is not None and at >= breaks_at:
                raise GatewayUnavailable("cut off")
            yield raw[at : at + PIECE]

    return as_it_comes(pieces())


def stored(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_large_document_is_issued_carried_and_taken_in_without_being_held(
    sealed, officer, carry, monkeypatch
):
    monkeypatch.setattr(assessing, "LARGEST_READ_BYTES", WHOLE_BYTES)
    document = sealed(files=[("cong-van.pdf", b"%PDF-1.7 thu"), ("ban-do.zip", LARGE)])
    held = []
    read_whole = store.read

    def read(blob):
        held.append(blob.size_bytes)
        return read_whole(blob)

    monkeypatch.setattr(store, "read", read)
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    carry()
    message = OutgoingMessage.objects.get(type="edoc")
    assert (message.state, message.raw) == ("sent", Package.objects.get(type="edoc").raw)
    delivered = Delivery.objects.get().files.get(name="ban-do.zip")
    assert delivered.blob == document.files.get(name="ban-do.zip").blob
    assert max(held) < WHOLE_BYTES


def test_a_large_message_that_is_damaged_in_the_store_is_not_sent(sealed, officer, carry):
    document = sealed(files=[("ban-do.zip", LARGE)])
    issue(document, officer=officer("van-thu.vp-ubnd"), now=NOW)
    message = OutgoingMessage.objects.get()
    path = store.path_of(message.raw_id)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    carry()
    message.refresh_from_db()
    assert (message.state, message.error_code) == ("failed", "file-damaged")
    assert not Package.objects.exists()


def test_a_large_package_is_taken_in_as_it_comes(large, commune, blob_folder):
    coming = in_pieces(large)
    assert isinstance(coming, Coming)
    message = received(OnePackage(coming, commune))
    assert (message.state, message.raw.size_bytes) == ("read", len(large))
    assert store.read(message.raw) == large
    assert store.read(Delivery.objects.get().files.get().blob) == LARGE
    assert not stored(blob_folder / "incoming")


def test_a_large_package_that_breaks_off_leaves_nothing_and_is_fetched_again(
    large, commune, blob_folder
):
    broken = in_pieces(large, breaks_at=len(large) - PIECE)
    message = received(OnePackage(broken, commune))
    assert (message.state, message.raw, stored(blob_folder)) == ("waiting", None, [])
    message.due_at = NOW
    message.save()
    assert received(OnePackage(in_pieces(large), commune)).state == "read"


@pytest.mark.parametrize("content", [b"a small file", LARGE], ids=["small", "large"])
def test_of_a_marked_package_nothing_is_written_at_any_time(
    content, commune, blob_folder, monkeypatch
):
    """Luật Bảo vệ bí mật nhà nước số 117/2025/QH15 Điều 5."""
    canary = "chim-4c1d7e"
    raw = raw_message(commune, subject=canary, attachments=[("a.zip", content)])
    secret = raw.replace(b"<edXML:Priority>", MARK + b"<edXML:Priority>")

    def never(*_):
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(store, "incoming", never)
        patched.setattr(store, "write_message", never)
        message = received(gateway := OnePackage(in_pieces(secret), commune))
    assert (message.state, message.refusal, message.raw) == ("refused", "secret-marking", None)
    assert [state for state, _ in gateway.confirmed] == ["fail"]
    assert stored(blob_folder) == []
    rows = [*IncomingMessage.objects.values(), *Act.objects.values()]
    assert canary not in str(rows)
    IncomingMessage.objects.all().delete()
    assert received(OnePackage(in_pieces(raw), commune)).state == "read"


def test_of_what_is_handed_out_once_a_marked_package_is_kept_without_its_content(commune):
    raw = raw_message(commune, subject="chim-4c1d7e")
    secret = raw.replace(b"<edXML:Priority>", MARK + b"<edXML:Priority>")
    keep_handed_out("hub", [HandedOut("edoc", commune, each) for each in (raw, secret)], now=NOW)
    whole, marked = (store.read(one.raw) for one in KeptPackage.objects.order_by("pk"))
    assert whole == raw
    assert b"chim-4c1d7e" not in marked
    message = received(OnePackage(marked, commune))
    assert (message.state, message.refusal, message.raw) == ("refused", "secret-marking", None)
    assert SENDER in message.refusal_vi


def test_a_mark_that_follows_the_files_is_refused_and_takes_them_along(large, commune, blob_folder):
    at = large.rindex(b"</AttachmentEncoded>")
    secret = large[:at] + b"<DoMat>2</DoMat>" + large[at:]
    message = received(OnePackage(in_pieces(secret), commune))
    assert (message.state, message.refusal, message.raw) == ("refused", "secret-marking", None)
    assert stored(blob_folder) == []


def test_files_of_a_small_package_that_unpack_to_much_are_not_held(commune):
    unpacked = b"".join(os.urandom(2_500) + bytes(97_500) for _ in range(200))  # no bomb
    raw = raw_message(commune, attachments=[("a.txt", unpacked)])
    assert len(raw) < WHOLE_BYTES
    assert len(unpacked) > 19_000_000
    before = at_rest(os.getpid())
    received(OnePackage(raw, commune))
    assert Delivery.objects.get().files.get().blob.size_bytes == len(unpacked)
    assert extra_mb(os.getpid(), before) < 16


def undone(act):
    """What act gives; what it wrote is taken back."""
    with transaction.atomic():
        given = act()
        transaction.set_rollback(True)
    return given


def peak_bytes(act):
    """The memory that act takes at most, expat's and zlib's too, above what was taken before."""
    tracemalloc.start()
    try:
        undone(act)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def cpu_seconds(act):
    """The processor time that act takes, the least of three tries."""
    taken = []
    for _ in range(3):
        before = time.process_time()
        undone(act)
        taken.append(time.process_time() - before)
        if taken[-1] < 0.1:
            break
    return min(taken)


IN_A_FILE = ("archive-bomb", "too-large", "unsafe-entry-name")


@pytest.mark.parametrize("name", hostile.ATTACKS)
def test_an_attack_is_refused_where_it_is_received_before_it_costs_much(name, commune):
    reason, made = hostile.ATTACKS[name]
    raw = made()

    def receive(raw=raw):
        message = received(OnePackage(in_pieces(raw), commune, sender=""))
        return message.state, message.refusal, [file.fault for file in DeliveredFile.objects.all()]

    undone(lambda: receive(raw_message(commune)))  # what is loaded once for all is not counted
    state, refusal, faults = undone(receive)
    if reason in IN_A_FILE:  # the message is sound: its file is marked, and not handed out
        assert (state, refusal) == ("read", "")
        assert set(faults) <= set(IN_A_FILE)
    else:
        assert (state, bool(refusal), faults) == ("refused", True, [])
    assert peak_bytes(receive) < 10_000_000
    assert cpu_seconds(receive) < 0.1

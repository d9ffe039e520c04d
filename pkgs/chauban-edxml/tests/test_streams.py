"""Files in pieces, both ways; a message checked while it arrives; nothing handed out too early."""

import importlib
import io
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_edxml import DEFAULT, FileAttachment, Intake, open_message, read, write, write_to
from chauban_edxml.carrying import pieces_of_bytes, pieces_of_file
from chauban_edxml.errors import (
    EdXMLError,
    FaultyAttachment,
    HasDTD,
    Malformed,
    SecretMarking,
    TooLarge,
    UnusableAttachment,
)
from chauban_edxml.model import Attachment, Source
from chauban_edxml.writing import Profile

VECTORS = Path(__file__).resolve().parents[3] / "vectors" / "edxml"
sys.path.insert(0, str(VECTORS))
large = importlib.import_module("large_messages")
costs = importlib.import_module("edxml_cost")
sys.path.remove(str(VECTORS))

MEBIBYTE = 1 << 20


@pytest.fixture
def sent(message) -> bytes:
    return write(message)


@pytest.mark.parametrize("name", ["large.pdf", "large.doc"])
def test_memory_does_not_grow_with_a_file(tmp_path, name):
    size = 24 * MEBIBYTE
    wrote = costs.cost_of(large.write_large, str(tmp_path), name, str(size))
    took = costs.cost_of(large.read_large, str(tmp_path), name)
    assert (tmp_path / f"{name}.edxml").stat().st_size > size
    assert took.result == large.digest_of(size)
    assert max(wrote.extra_bytes, took.extra_bytes) < 16 * MEBIBYTE


def test_a_message_opened_is_the_message_read(sent, message):
    opened = open_message(io.BytesIO(sent))
    assert opened.message == replace(message, attachments=())
    assert opened.message.source == Source(len(sent), sha256(sent).hexdigest())
    assert [each.name for each in opened.attachments] == [each.name for each in message.attachments]
    assert [b"".join(each.pieces()) for each in opened.attachments[:1]] == [
        message.attachments[0].content
    ]


def test_files_may_be_read_in_any_order_and_twice_at_once(message):
    files = tuple(Attachment(f"{n}.txt", bytes([n]) * 2_000_000) for n in range(2))
    data = write(replace(message, attachments=files))
    first, second = open_message(io.BytesIO(data)).attachments
    zipped = list(zip(second.pieces(), first.pieces(), strict=False))
    assert {one[:1] for one, _ in zipped} == {b"\x01"}
    assert {other[:1] for _, other in zipped} == {b"\x00"}
    assert b"".join(second.pieces()) == files[1].content
    assert second.assessed.size_bytes == 2_000_000


def test_what_is_written_from_files_is_what_is_written_from_memory(message, tmp_path):
    out = io.BytesIO()
    (tmp_path / "a.pdf").write_bytes(message.attachments[0].content)
    with (tmp_path / "a.pdf").open("rb") as file:
        files = [
            FileAttachment(message.attachments[0].name, pieces_of_file(file)),
            FileAttachment("Phụ lục.xlsx", pieces_of_bytes(b"PK\x03\x04 a workbook"), "Phụ lục"),
        ]
        source = write_to(out, replace(message, attachments=()), files)
    assert out.getvalue() == write(message)
    assert source == Source(len(out.getvalue()), sha256(out.getvalue()).hexdigest())


def test_a_received_file_is_sent_on_without_being_held(sent, message):
    opened = open_message(io.BytesIO(sent))
    letter = opened.attachments[0]
    out = io.BytesIO()
    write_to(out, opened.message, [letter])
    assert read(out.getvalue()).attachments == message.attachments[:1]


def test_a_file_with_a_fault_is_not_handed_out(sent):
    at = sent.index(b"UEs")
    (good, bad) = open_message(io.BytesIO(sent[:at] + b"?" + sent[at + 1 :])).attachments
    assert b"".join(good.pieces())
    pieces = bad.pieces()
    with pytest.raises(FaultyAttachment) as refusal:
        next(pieces)
    assert refusal.value.fault == "not-base64"
    assert [each.code for each in bad.findings()] == ["not-base64"]


def test_a_file_that_is_empty_is_refused_before_anything_is_written(message):
    out = io.BytesIO()
    for pieces in (lambda: (), lambda: iter([b"%PDF-1.5\n", "\ufffd".encode()])):
        with pytest.raises(UnusableAttachment):
            write_to(out, message, [FileAttachment("a.pdf", pieces)])
    assert out.getvalue() == b""


@pytest.mark.parametrize("name", ["a.pdf", "a.doc"])
@pytest.mark.parametrize("second", [b"noi dung khac", b"noi dun"])
def test_a_file_that_changes_while_it_is_sent_is_refused(message, name, second):
    def pieces():
        return [contents.pop(0)] if len(contents) > 1 else contents

    # It is read when checked, once more where its first bytes decide, and when written.
    for last, is_refused in ((b"noi dung", False), (second, True)):
        contents = [b"noi dung"] * (2 if name == "a.pdf" else 1) + [last]
        if is_refused:
            with pytest.raises(UnusableAttachment):
                write_to(io.BytesIO(), message, [FileAttachment(name, pieces)])
        else:
            write_to(io.BytesIO(), message, [FileAttachment(name, pieces)])


def test_a_destroyed_pdf_is_found_however_it_is_cut(message):
    destroyed = "%PDF-1.5\n\ufffd".encode()
    pieces = [destroyed[at : at + 1] for at in range(len(destroyed))]
    with pytest.raises(UnusableAttachment):
        write_to(io.BytesIO(), message, [FileAttachment("a.pdf", lambda: pieces)])


def test_a_message_refused_at_its_end_hands_out_no_file(sent):
    open_message(io.BytesIO(sent))
    with pytest.raises(Malformed):
        open_message(io.BytesIO(sent[:-3]))


def test_a_file_over_the_limit_is_refused_unread(sent):
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError

    open_message(io.BytesIO(sent), limits=replace(DEFAULT, size_bytes=len(sent)))
    with pytest.raises(TooLarge):
        open_message(Unread(sent), limits=replace(DEFAULT, size_bytes=len(sent) - 1))


@pytest.mark.parametrize("profile", Profile)
def test_an_intake_tells_when_bytes_may_be_stored_and_what_came(message, profile):
    data = write(message, profile=profile)
    intake, content = Intake(), data.index(b"ContentTransferEncoded")
    for at in range(0, len(data), 7):
        intake.feed(data[at : at + 7])
        if at + 7 <= content:
            assert not intake.may_be_stored
        if at > content + 100:
            assert intake.may_be_stored
    assert intake.close() == replace(message, attachments=())
    assert intake.may_be_stored


def test_a_mark_of_secrecy_is_refused_before_anything_may_be_stored(sent):
    secret = sent.replace(b"<edXML:Direction>", b"<edXML:Secret>1</edXML:Secret><edXML:Direction>")
    for data, is_refused in ((sent, False), (secret, True)):
        intake, stored = Intake(), 0
        try:
            for at in range(0, len(data), 100):
                intake.feed(data[at : at + 100])
                stored += 100 * intake.may_be_stored
        except SecretMarking:
            assert stored == 0
            assert is_refused
        else:
            assert not is_refused
            assert stored > 0


@pytest.mark.parametrize("place", ["<AttachmentName>", "<ContentType>", "</AttachmentEncoded>"])
def test_a_mark_beside_a_file_is_refused_before_a_file_is_handed_out(sent, place):
    at = sent.rindex(place.encode())
    secret = sent[:at] + b"<DoMat>2</DoMat>" + sent[at:]
    with pytest.raises(SecretMarking):
        open_message(io.BytesIO(secret))


def header_last(data: bytes) -> bytes:
    """The same message with its files before its envelope, which a reader takes as well."""
    start, end = data.index(b"  <edXML:edXMLEnvelope"), data.index(b"  <AttachmentEncoded")
    close = data.index(b"</edXML>", end)
    return data[:start] + data[end:close] + data[start:end] + data[close:]


def fed(data: bytes) -> Intake:
    intake = Intake()
    for at in range(0, len(data), 1 << 16):
        intake.feed(data[at : at + (1 << 16)])
    return intake


@pytest.mark.parametrize("decoy", [b"", b"<edXMLHeader/>"])
def test_files_before_the_header_belong_in_memory_only(message, decoy):
    few = replace(message, attachments=(Attachment("a.pdf", bytes(3_000_000)),))
    many = replace(message, attachments=(Attachment("a.pdf", bytes(6_000_000)),))
    assert fed(write(many)).may_be_stored
    assert fed(header_last(write(few))).may_be_stored
    with pytest.raises(TooLarge) as refusal:
        fed(header_last(write(many)).replace(b"  <Att", decoy + b"<Att", 1))
    assert refusal.value.what == "size before the header"
    until = write(many).index(b"<edXML:edXMLEnvelope")
    assert not fed(header_last(write(few))[: until + 3_900_000]).may_be_stored


@pytest.mark.parametrize("wrapped", ["a.pdf", "a.doc"])
def test_a_file_over_its_own_limit_is_refused_as_it_comes(message, wrapped):
    content = Random(7).randbytes(300_000)
    data = write(replace(message, attachments=(Attachment(wrapped, content),)))
    read(data, limits=replace(DEFAULT, attachment_bytes=305_000))
    intake = Intake(replace(DEFAULT, attachment_bytes=290_000))
    with pytest.raises(TooLarge) as refusal:
        intake.feed(data)
    assert (refusal.value.what, refusal.value.limited_to) == ("size of a file", 290_000)
    assert "290000" in refusal.value.vi


def test_words_of_secrecy_in_a_subject_only_warn(message):
    data = write(replace(message, subject="V/v bảo quản tài liệu mật", content=""))
    intake = Intake()
    intake.feed(data)
    assert [each.code for each in intake.close().warnings] == ["secret-words"]


def test_an_intake_refuses_a_dtd_at_its_first_byte(sent):
    intake = Intake()
    intake.feed(sent[:38])
    with pytest.raises(HasDTD):
        intake.feed(b"<!DOCTYPE edXML [")


def test_base64_may_hold_references_comments_and_cdata(sent):
    at = sent.index(b"UEs")
    marked = sent[:at] + b"<!-- a -->&#85;<![CDATA[Es]]>" + sent[at + 3 :]
    assert read(marked) == read(sent)
    assert read(sent[:at] + b"<b/>" + sent[at:]).attachments[1].fault is not None


@given(st.integers(1, 400), st.integers(0, 60))
def test_however_it_is_cut_an_intake_finds_the_same(size, skip):
    data = (VECTORS / "new_commune_unsigned_doc.edxml").read_bytes()
    intake = Intake()
    intake.feed(data[:skip])
    for at in range(skip, len(data), size):
        intake.feed(data[at : at + size])
    assert intake.close() == replace(read(data), attachments=())


def test_an_intake_that_got_nothing_is_refused():
    with pytest.raises(EdXMLError):
        Intake().close()

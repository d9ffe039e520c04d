"""The ZIP habit, base64, names, and the joining of manifest and attachments."""

import base64
import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_edxml import carrying
from chauban_edxml.archives import (
    ArchiveBomb,
    DamagedArchive,
    EncryptedArchive,
    EntryTooLarge,
    Feed,
    NotOneEntry,
    OnlyEntry,
    UnsafeEntryName,
)
from chauban_edxml.attachments import clean_name, is_as_named, join
from chauban_edxml.carrying import Carried, NotBase64, assess, decoded, encoded, pieces_of_bytes
from chauban_edxml.model import Fault

UUID = "32da2890-1a55-4ccd-9ac9-cd0d98559e67"
NO_LIMIT = 1 << 30


def archive(*entries: tuple[str, bytes], stored: bool = False, streamed: bool = False) -> bytes:
    """Return a ZIP made by Python's own writer; streamed as Java does, sizes after the data."""
    buffer = _Unseekable() if streamed else io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w", method) as writer:
        for name, content in entries:
            writer.writestr(name, content)
    return buffer.getvalue()


def only_entry(carried: bytes, *, limit_bytes: int) -> bytes:
    return b"".join(OnlyEntry(Feed([carried]), limit_bytes=limit_bytes))


def unwrap(name: str, carried: bytes, *, limit_bytes: int) -> tuple[bytes, Fault | None, bool]:
    """Return content, fault and whether it was mended; carried in pieces or not, alike."""
    whole: list[bytes] = []
    assessed = assess(name, pieces_of_bytes(carried), limit_bytes=limit_bytes, keep=whole)
    split = [carried[at : at + 5] for at in range(0, len(carried), 5)]
    assert assess(name, lambda: split, limit_bytes=limit_bytes) == assessed
    if assessed.fault is None:
        assert b"".join(carrying.content(lambda: split, assessed)) == b"".join(whole)
    return b"".join(whole), assessed.fault, assessed.mended


def one_entry_archive(name: str, content: bytes) -> bytes:
    return b"".join(carrying.one_entry_archive(name, [content], size_bytes=len(content)))


def carry(name: str, content: bytes) -> tuple[str, bytes]:
    """Return content type and bytes as carried."""
    carried, _ = carrying.carry(name, pieces_of_bytes(content), uuid=UUID)
    assert isinstance(carried, Carried)
    return carried.content_type, b"".join(carried.pieces())


class _Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize(("stored", "streamed"), [(True, False), (False, False), (False, True)])
def test_a_single_entry_is_taken_out_and_keeps_the_attachment_s_name(stored, streamed):
    carried = archive((f"{UUID}.edxml", b"noi dung"), stored=stored, streamed=streamed)
    assert unwrap("cong van.doc", carried, limit_bytes=NO_LIMIT) == (b"noi dung", None, False)


@pytest.mark.parametrize(
    ("name", "entry", "is_wrapping"),
    [
        ("a.doc", "anything.bin", True),
        ("a", "anything.bin", True),
        ("a.docx", f"{UUID}.docx", True),
        ("a.DOCX", f"{UUID}.docx", True),
        ("a.docx", "word/document.xml", False),
        ("a.docx", f"{UUID}.doc", False),
        ("a.zip", f"{UUID}.zip", True),
        ("a.zip", "report.pdf", False),
        ("a.asice", f"{UUID}.asice", True),
    ],
)
def test_the_bytes_and_the_entry_decide_what_is_a_wrapping(name, entry, is_wrapping):
    carried = archive((entry, b"noi dung"))
    content, fault, _ = unwrap(name, carried, limit_bytes=NO_LIMIT)
    assert fault is None
    assert content == (b"noi dung" if is_wrapping else carried)


def test_an_archive_of_several_entries_is_the_file_itself():
    carried = archive(("a.txt", b"a"), ("b.txt", b"b"))
    assert unwrap("a.txt", carried, limit_bytes=NO_LIMIT) == (carried, None, False)
    with pytest.raises(NotOneEntry):
        only_entry(carried, limit_bytes=NO_LIMIT)


def test_an_archive_of_a_folder_is_the_file_itself():
    carried = archive(("folder/", b""))
    assert unwrap("a.txt", carried, limit_bytes=NO_LIMIT)[0] == carried


@pytest.mark.parametrize("cut", [1, 22, 60])
def test_a_damaged_end_does_not_matter_where_the_file_is_whole(cut):
    carried = archive((f"{UUID}.doc", b"noi dung" * 20), streamed=True)[:-cut]
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(carried))
    assert unwrap("a.doc", carried, limit_bytes=NO_LIMIT) == (b"noi dung" * 20, None, True)


def test_a_file_cut_off_is_a_fault_and_the_archive_is_kept():
    carried = archive((f"{UUID}.doc", bytes(range(256)) * 20))[:90]
    assert unwrap("a.doc", carried, limit_bytes=NO_LIMIT) == (carried, Fault.DAMAGED_ARCHIVE, False)


@pytest.mark.parametrize("streamed", [True, False])
def test_a_wrong_check_value_is_a_fault(streamed):
    good = archive((f"{UUID}.doc", b"noi dung"), streamed=streamed)
    crc = zlib.crc32(b"noi dung").to_bytes(4, "little")
    assert unwrap("a.doc", good, limit_bytes=NO_LIMIT)[1] is None
    wrong = good.replace(crc, b"\0\0\0\0")
    assert unwrap("a.doc", wrong, limit_bytes=NO_LIMIT)[1] is Fault.DAMAGED_ARCHIVE


def test_an_entry_with_a_password_is_a_fault():
    good = archive((f"{UUID}.doc", b"noi dung"))
    locked = good[:6] + b"\x01" + good[7:]
    with pytest.raises(EncryptedArchive):
        only_entry(locked, limit_bytes=NO_LIMIT)
    assert unwrap("a.doc", locked, limit_bytes=NO_LIMIT)[1] is Fault.ENCRYPTED_ARCHIVE


@pytest.mark.parametrize(("room", "fits"), [(1000, True), (999, False)])
@pytest.mark.parametrize("stored", [True, False])
def test_no_more_is_unpacked_than_there_is_room_for(room, fits, stored):
    carried = archive((f"{UUID}.txt", b"0" * 1000), stored=stored)
    if fits:
        assert len(only_entry(carried, limit_bytes=room)) == 1000
    else:
        with pytest.raises(EntryTooLarge):
            only_entry(carried, limit_bytes=room)


def test_an_unknown_method_is_a_fault():
    good = archive((f"{UUID}.txt", b"x" * 100))
    with pytest.raises(DamagedArchive):
        only_entry(good[:8] + b"\x0c" + good[9:], limit_bytes=NO_LIMIT)


@given(st.binary(min_size=1), st.integers(0, 200), st.integers(0, 255))
def test_a_changed_archive_gives_the_content_or_a_reason(content, at, byte):
    carried = bytearray(one_entry_archive(f"{UUID}.txt", content))
    carried[at % len(carried)] = byte
    unwrap("a.txt", bytes(carried), limit_bytes=10_000)


@given(st.binary())
def test_bytes_that_begin_like_an_archive_never_raise(rest):
    unwrap("a.txt", b"PK\x03\x04" + rest, limit_bytes=10_000)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.pdf", "application/pdf"),
        ("a.zip", "application/zip"),
        ("a.PDF", "application/zip"),
        ("a.doc", "application/zip"),
        ("a.docx", "application/zip"),
        ("a.p7s", "application/zip"),
        ("a", "application/zip"),
    ],
)
def test_only_pdf_and_zip_in_small_letters_go_raw(name, content_type):
    told, carried = carry(name, b"noi dung")
    is_raw = name in ("a.pdf", "a.zip")
    assert told == content_type
    assert (carried == b"noi dung") is is_raw
    if not is_raw:
        assert carried[6:8] == b"\x08\x00"  # flag bit 3, as Java writes it
        with zipfile.ZipFile(io.BytesIO(carried)) as opened:
            suffix = name[1:]
            assert opened.namelist() == [UUID + suffix]
            assert opened.read(UUID + suffix) == b"noi dung"


def test_a_zip_that_looks_like_a_wrapping_is_wrapped_once_more():
    inner = archive((f"{UUID}.zip", b"noi dung"))
    _, carried = carry("a.zip", inner)
    assert carried != inner
    assert unwrap("a.zip", carried, limit_bytes=NO_LIMIT)[0] == inner


@given(
    st.binary(max_size=2000) | st.binary(max_size=50).map(lambda rest: b"PK\x03\x04" + rest),
    st.sampled_from(["a.pdf", "a.zip", "a.docx", "a.txt", "a.PDF", "a"]),
)
def test_every_reader_of_the_rules_gets_back_what_was_carried(content, name):
    _, carried = carry(name, content)
    fault = None if carried else Fault.MISSING
    assert unwrap(name, carried, limit_bytes=NO_LIMIT)[:2] == (content, fault)


def test_a_pdf_that_was_decoded_as_text_is_found():
    good = b"%PDF-1.5\n%\xc4\xe5\xf2\xe5\n" + bytes(range(256))
    destroyed = good.decode("utf-8", "replace").encode()
    assert unwrap("a.pdf", good, limit_bytes=NO_LIMIT)[1] is None
    assert unwrap("a.pdf", destroyed, limit_bytes=NO_LIMIT)[1] is Fault.CORRUPT_PDF


def test_a_pdf_may_hold_the_replacement_character_among_real_bytes():
    assert unwrap("a.pdf", b"%PDF-1.5\n\xef\xbf\xbd \xff", limit_bytes=NO_LIMIT)[1] is None


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pdf", b"%PDF-1.7", True),
        ("a.pdf", b"\n\n%PDF-1.7", True),
        ("a.pdf", b"MZ\x90\x00", False),
        ("a.docx", b"PK\x03\x04", True),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", False),
        ("a.doc", b"{\\rtf1", True),
        ("a.jpg", b"GIF89a", False),
        ("a.unknown", b"anything", True),
    ],
)
def test_content_is_compared_with_the_extension(name, content, expected):
    assert is_as_named(name, content) is expected


@pytest.mark.parametrize(
    ("received", "safe"),
    [
        ("Công văn số 5.pdf", "Công văn số 5.pdf"),
        ("C:\\Users\\a\\b.doc", "b.doc"),
        ("../../etc/passwd", "passwd"),
        ("a.pdf>", "a.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00\n.pdf", "a.pdf"),
        ("Phu\u0323 lu\u0323c.pdf", "Phụ lục.pdf"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_name_is_made_safe_before_use(received, safe):
    assert clean_name(received) == safe


def test_a_long_name_keeps_its_extension():
    name = clean_name("a" * 500 + ".docx")
    assert len(name) == 200
    assert name.endswith(".docx")


@given(st.text())
def test_a_safe_name_stays_as_it_is(text):
    name = clean_name(text)
    assert clean_name(name) == name
    assert len(name) <= 200
    assert not set("/\\\x00\n") & set(name)


def test_a_stored_entry_of_unknown_size_is_a_fault():
    """Its end cannot be seen from the front, so Java's reader refuses it as well."""
    carried = archive((f"{UUID}.doc", b"noi dung"), stored=True, streamed=True)
    assert unwrap("a.doc", carried, limit_bytes=NO_LIMIT)[1] is Fault.DAMAGED_ARCHIVE


@given(st.binary(), st.lists(st.integers(1, 40)))
def test_base64_is_decoded_however_it_is_cut_and_spaced(content, cuts):
    text = b"\r\n ".join(base64.encodebytes(content).split(b"\n"))
    chunks = []
    for cut in cuts:
        chunks.append(text[:cut])
        text = text[cut:]
    assert b"".join(decoded([*chunks, text])) == content
    parts = [content[at : at + 7] for at in range(0, len(content), 7)]
    assert b"".join(encoded(parts)) == b"".join(encoded([content])) == base64.b64encode(content)


@pytest.mark.parametrize("text", ["QUJ", "QUJD!", "QU=D", "QQ==QUJD", "====", "Qu\u1eadJD", "-_-_"])
def test_what_is_not_base64_is_not_guessed_at(text):
    assert b"".join(decoded([b"QUJD"])) == b"ABC"
    data = text.encode()
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        with pytest.raises(NotBase64):
            list(decoded(pieces))


def test_padding_ends_base64_across_pieces():
    with pytest.raises(NotBase64):
        list(decoded([b"QQ==", b"QUJD"]))


@pytest.mark.parametrize("size", [200, 3_000_000])
def test_a_high_ratio_is_a_bomb_only_past_a_likely_size(size):
    carried = archive((f"{UUID}.txt", b"0" * (2 * size)), streamed=True)
    if size < 1000:
        assert len(only_entry(carried, limit_bytes=NO_LIMIT)) == 2 * size
    else:
        with pytest.raises(ArchiveBomb):
            only_entry(carried, limit_bytes=NO_LIMIT)


@pytest.mark.parametrize(
    ("name", "is_safe"),
    [
        (f"{UUID}.txt", True),
        ("thu muc/a..b.txt", True),
        ("../a.txt", False),
        ("thu muc/../../a.txt", False),
        ("..", False),
        ("/etc/cron.d/a", False),
        ("..\\a.txt", False),
        ("C:\\a.txt", False),
        ("a\r\nX: y", False),
    ],
)
def test_an_entry_whose_name_leads_elsewhere_is_not_opened(name, is_safe):
    carried = archive((name, b"noi dung"))
    if is_safe:
        assert only_entry(carried, limit_bytes=NO_LIMIT) == b"noi dung"
    else:
        with pytest.raises(UnsafeEntryName):
            only_entry(carried, limit_bytes=NO_LIMIT)
        assert unwrap("a.txt", carried, limit_bytes=NO_LIMIT)[1] is Fault.UNSAFE_ENTRY_NAME


def test_a_large_file_gets_sizes_of_eight_bytes(monkeypatch):
    """ZIP64 (APPNOTE 6.3.10 section 4.5.3): the same form at a size that is quick to pack."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    carried = one_entry_archive(f"{UUID}.doc", b"noi dung" * 20)
    assert b"\x01\x00" in carried[30:90]
    assert unwrap("a.doc", carried, limit_bytes=NO_LIMIT) == (b"noi dung" * 20, None, False)


def test_references_join_by_id_then_name_then_position():
    attachments = [("cid:2", "b.pdf"), ("<1>", "x"), ("", "c.pdf"), ("9", "z")]
    references = [("cid:1", "a.pdf"), ("2", "b.pdf"), ("", "c.pdf"), ("8", "y")]
    assert join(references, attachments) == ({0: 1, 1: 0, 2: 2, 3: 3}, [])


def test_a_reference_without_attachment_is_left_over():
    assert join([("1", "a"), ("2", "b")], [("2", "b")]) == ({0: 1}, [0])


def test_equal_names_join_in_order():
    assert join([("", "a"), ("", "a")], [("", "a"), ("", "a")]) == ({0: 0, 1: 1}, [])

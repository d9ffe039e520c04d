"""The signing side's own reading of a document finds what qpdf finds, or leaves it to qpdf.

ISO 32000-1 clauses 7.3 (objects) and 7.5.4 (cross-reference tables).
"""

import io
import re
import time

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chauban_pades import dictionaries, plain_objects
from chauban_pades.dictionaries import (
    Dictionary,
    NotPlain,
    Reference,
    end_of_value,
    parse_bytes,
    parse_references,
    parse_string,
)
from chauban_pades.errors import HybridPDF, NotAPDF
from chauban_pades.originals import FileSource, open_original, pieces

REFERENCE = re.compile(rb"([0-9]+) ([0-9]+) R")


def canonical(text: bytes) -> bytes:
    """A value as qpdf writes it; a reference is shown as a string, for it leads nowhere here."""
    without = REFERENCE.sub(rb"(to \1 \2)", text)
    written: bytes = pikepdf.Object.parse(without).unparse(resolved=True)
    return written


def assert_same_objects(pdf: bytes) -> int:
    """Compare every dictionary and stream; return how many there are."""
    original = open_original(pdf)
    assert original.tables is not None, "read here, not by qpdf"
    compared = 0
    with pikepdf.open(io.BytesIO(pdf)) as reader:
        assert canonical(original.trailer[b"/Root"]) == canonical(b"%d %d R" % reader.Root.objgen)
        assert original.size == int(reader.trailer.Size)
        for number in range(1, original.size):
            found = reader.get_object(number, 0)
            assert original.is_in_use(number) is (found is not None)
            held = found.stream_dict if isinstance(found, pikepdf.Stream) else found
            if isinstance(held, pikepdf.Dictionary):
                ours = original.dictionary(b"%d 0 R" % number)
                assert canonical(ours.text()) == canonical(held.unparse(resolved=True))
                compared += 1
    assert "reader" not in vars(original), "nothing was left to qpdf"
    return compared


@pytest.mark.parametrize("fixture", ["reserved", "signed", "sealed", "sealed_lt"])
def test_what_we_write_is_read_here_and_qpdf_agrees(request, fixture):
    assert assert_same_objects(request.getfixturevalue(fixture)) > 40


def test_a_linearised_file_is_read_here_and_qpdf_agrees(reserved):
    """ISO 32000-1 annex F: the first section stands at the front and names the last."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(reserved)) as document:
        document.save(written, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert assert_same_objects(written.getvalue()) > 40


def test_cross_reference_streams_are_left_to_qpdf(reserved):
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(reserved)) as document:
        document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    original = open_original(written.getvalue())
    assert original.tables is None
    assert original.has_xref_stream
    assert original.root[b"/Type"] == b"/Catalog"


NAMES = st.sampled_from([b"/A", b"/B", b"/Type", b"/Rect", b"/T", b"/V", b"/Long-Name.1"])
STRINGS = st.binary(max_size=12).map(lambda value: bytes(pikepdf.String(value).unparse()))
PLAIN = st.one_of(
    NAMES,
    STRINGS,
    st.binary(max_size=6).map(lambda value: b"<%b>" % value.hex().encode()),
    st.integers(-9999, 9999).map(lambda value: b"%d" % value),
    st.sampled_from([b"true", b"false", b"null", b"12.50", b"-.5", b"7 0 R", b"12 1 R"]),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda values: b"[ %b ]" % b" ".join(values)),
        st.dictionaries(NAMES, inner, max_size=4).map(
            lambda entries: b"<< %b >>" % b" ".join(key + b" " + v for key, v in entries.items())
        ),
    ),
    max_leaves=24,
)


@given(entries=st.dictionaries(NAMES, VALUES, max_size=6), space=st.sampled_from([b" ", b"\n\t"]))
def test_a_dictionary_is_split_into_the_values_it_was_made_of(entries, space):
    text = b"<<%b>>" % b"".join(key + space + value + space for key, value in entries.items())
    assert Dictionary.parse(text + b" endobj").entries == entries


@given(value=VALUES, after=st.sampled_from([b" /Next", b">>", b"]", b" endobj"]))
def test_a_value_ends_where_it_ends(value, after):
    if value not in (b"7 0 R", b"12 1 R"):  # "7" alone could be a value too
        assert end_of_value(value + after, 0) == len(value)


@given(text=st.text(max_size=40))
def test_text_strings_are_read_as_qpdf_reads_them(text):
    written = bytes(pikepdf.String(text).unparse())
    assert parse_string(written) == str(pikepdf.String(text))


@given(value=st.binary(max_size=40))
def test_byte_strings_come_back(value):
    assert parse_bytes(b"<" + value.hex().encode() + b">") == value


@given(
    junk=st.lists(
        st.sampled_from([b"<<", b">>", b"[", b"]", b"(", b")", b"/A", b" 1", b"<", b">", b"%"])
    )
)
def test_junk_is_refused_or_read_but_never_crashes(junk):
    text = b"".join(junk)
    try:
        Dictionary.parse(text)
    except NotPlain:
        return
    assert text.startswith(b"<<")


@pytest.mark.parametrize(
    "text",
    [
        b"<< /T (a) /T (b) >>",  # qpdf takes the last, others the first
        b"<< /#54 (a) >>",  # /T in disguise
        b"<< /T (a) % /V 1\n >>",
        b"<< /T (a (b) c) >>",
        b"<< /T (a)",
        b"<< /T >>",
        b"<< /T [ 1 >> ]",
        b"(a)",
    ],
)
def test_what_readers_may_see_differently_is_not_read_here(text):
    assert Dictionary.parse(b"<< /T (a) >>").entries == {b"/T": b"(a)"}
    with pytest.raises(NotPlain):
        Dictionary.parse(text)


def test_an_array_of_anything_but_references_is_refused():
    assert parse_references(b"[ 1 0 R\n12 3 R ]") == [Reference(1, 0), Reference(12, 3)]
    with pytest.raises(NotPlain):
        parse_references(b"[ 1 0 R << >> ]")


def with_table(pdf: bytes, change) -> bytes:
    """The document with its one cross-reference table changed, nothing else moved."""
    at = pdf.rindex(b"xref\n", 0, pdf.rindex(b"startxref"))
    return pdf[:at] + change(pdf[at:])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"^xref\n0 (\d+)", rb"xref\n1 \1"),  # every number is one off
        (rb" n \n", rb" x \n"),
        (rb"(\d{10}) 00000 n ", rb"\1 00001 n "),
    ],
)
def test_a_table_that_is_wrong_is_refused(reserved, old, new):
    assert open_original(reserved).root[b"/Type"] == b"/Catalog"
    wrong = with_table(reserved, lambda table: re.sub(old, new, table))
    assert wrong != reserved
    with pytest.raises(NotAPDF):
        open_original(wrong)


def test_sections_that_name_each_other_in_a_circle_are_refused(signed):
    at = signed.rindex(b"startxref\n") + len(b"startxref\n")
    last = signed[at:].split(b"\n")[0]
    circle = re.sub(rb"/Prev %b" % rb"\d+(?! *\d)", b"/Prev " + last, signed)
    assert circle != signed
    with pytest.raises(NotAPDF):
        open_original(circle)


def test_a_hidden_section_in_an_older_revision_is_found(signed):
    """ISO 32000-1 clause 7.5.8.4."""
    at = signed.index(b"trailer")
    hybrid = signed[:at] + signed[at:].replace(b"/Info 2 0 R", b"/XRefStm 99", 1)
    assert hybrid != signed
    with pytest.raises(HybridPDF):
        open_original(hybrid)


def test_a_file_gives_the_same_as_its_bytes(sealed_lt, tmp_path):
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed_lt)
    with path.open("rb") as file:
        source = FileSource(file, len(sealed_lt))
        assert b"".join(pieces(source)) == sealed_lt
        assert open_original(source).root == open_original(sealed_lt).root


@pytest.mark.parametrize(
    ("repeated", "end"),
    [
        (b"[", b""),
        (b"<< /A ", b""),
        (b"(a\\)b) ", b""),
        (b"[1 2 (x)] ", b""),
        (b"[<< /B [<< /C (x) >>] >>] ", b""),
        (b"1 0 R ", b"(x) >>"),
        (b"<0", b""),
        (b"(", b""),
    ],
)
def test_hostile_nesting_costs_time_in_proportion_to_its_length(repeated, end):
    """No pattern goes back over what it has passed; an object is read here up to 1 MiB."""
    text = b"<< /A [ " + repeated * (1024 * 1024 // len(repeated)) + end
    start = time.process_time()
    with pytest.raises(NotPlain):
        Dictionary.parse(text)
    assert time.process_time() - start < 2


def test_where_patterns_are_not_sound_values_are_read_token_by_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python before 3.11.5 (cpython#106052): the same entries; plain objects are left to qpdf."""
    entries = b"<< /Type /Page /Kids [ 3 0 R ] /A << /Type /B >> /N (R) >>"
    expected = dictionaries.parse_entries(entries, 0)
    monkeypatch.setattr(dictionaries, "HAS_SOUND_PATTERNS", False)
    monkeypatch.setattr(plain_objects, "HAS_SOUND_PATTERNS", False)
    assert dictionaries.parse_entries(entries, 0) == expected
    with pytest.raises(NotPlain):
        dictionaries.parse_entries(b"<< /T >>", 0)
    written = b"%PDF7 0 obj\n" + entries + b"\nendobj\n"
    assert plain_objects.plain_text(written, 4, 7, 0) is None
    assert plain_objects.plain_tokens(written, 4, 7, 0) is None
    assert plain_objects.plain_entries(written, 4, 7) is None

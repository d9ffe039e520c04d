"""What signing, filling and validation data change is told without opening older revisions."""

import io
import re

import pikepdf
import pytest

from chauban_pades.changes import changes_after
from chauban_pades.dictionaries import HAS_SOUND_PATTERNS
from chauban_pades.plain_increments import plain_deltas, plain_increments
from chauban_pades.reading import History, read_history

pytestmark = pytest.mark.skipif(
    not HAS_SOUND_PATTERNS, reason="all is left to qpdf before Python 3.11.5 (cpython#106052)"
)


def told(history: History) -> list[list[str] | None]:
    """What each increment says that it changed, oldest first."""
    increments = plain_increments(history).values()
    found = [plain_deltas(history.pdf, history.newest, each) for each in increments]
    return [None if one is None else [delta.what for delta in one] for one in found]


def test_signatures_and_validation_data_are_told_plainly_and_filling_is_not(
    sealed_lt: bytes,
) -> None:
    assert told(read_history(sealed_lt)) == [["field-signed"], None, ["validation-data-added"]]


def test_no_older_revision_is_opened_for_it(
    sealed_lt: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the seal, that is; the revision that it ends also fills number and date."""
    history = read_history(sealed_lt)
    _ = history.newest

    def refuse(self: History, number: int) -> None:
        raise AssertionError(number)

    monkeypatch.setattr(History, "view", refuse)
    found = changes_after(history, 3)
    assert [delta.what for delta in found.deltas] == ["validation-data-added"]
    assert found.form is history.newest


# Each of the same length, so that all else stands where it stood.
@pytest.mark.parametrize(
    ("written", "instead", "revision"),
    [
        (rb"/DSS (\d+) 0 R", rb"/DSX \1 0 R", 4),  # another entry of the catalogue
        (rb"/V (\d+) 0 R", rb"/W \1 0 R", 2),  # no value
        (rb"/Tabs|/StructParent (\d)", rb"/StructParenu \1", 2),  # one entry more, one less
        (rb"/AP << /N (\d+) 0 R >>", rb"/AP << /D \1 0 R >>", 2),  # another appearance
        (rb"/T \(signatory-1\)", rb"/T (signatory-9)", 2),  # another name
        (rb"/FT /Sig", rb"/FT /S#6", 2),  # a name disguised
        (rb"/Rect \[ ", rb"/Rect [\t", 2),  # the same, written otherwise
    ],
)
def test_an_increment_that_departs_in_one_thing_is_compared(
    sealed_lt: bytes, written: bytes, instead: bytes, revision: int
) -> None:
    whole = read_history(sealed_lt)
    start, end = whole.revisions[revision - 2].end, whole.revisions[revision - 1].end
    changed, times = re.subn(written, instead, sealed_lt[start:end], count=1)
    assert (times, len(changed)) == (1, end - start)
    history = read_history(sealed_lt[:start] + changed + sealed_lt[end:])
    assert told(whole)[revision - 2] is not None
    assert told(history)[revision - 2] is None


def test_an_increment_whose_objects_are_written_again_later_is_compared(
    sealed_lt: bytes,
) -> None:
    """The signatory's field, for what is told of it is read where it stands now."""
    history = read_history(sealed_lt)
    field = history.newest.fields["signatory-1"].number
    text = history.newest.pdf.get_object(field, 0).unparse(resolved=True)
    again = b"%d 0 obj\n%b\nendobj\n" % (field, text)
    at, previous = len(sealed_lt), history.revisions[-1].section.at
    size = max(history.newest.places) + 1
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n"
    update = again + table % (field, at, size, previous)
    update += b"startxref\n%d\n%%%%EOF\n" % (at + len(again))
    assert told(read_history(sealed_lt + update))[0] is None


def test_a_file_with_a_cross_reference_stream_has_no_plain_increments(reserved: bytes) -> None:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(reserved)) as document:
        document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert plain_increments(read_history(written.getvalue())) == {}

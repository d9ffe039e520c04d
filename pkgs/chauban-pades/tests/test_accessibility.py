"""What was PDF/UA-1 stays so: every field that shows something is tagged and has words.

ISO 14289-1 clauses 5, 7.1, 7.18.1, 7.18.3 and 7.18.4; ISO 32000-1 clause 14.7.4.
"""

import io

import pikepdf
import pytest

from chauban_pades import (
    add_document_timestamp,
    add_validation_data,
    fill_and_seal,
    reserve,
    sign,
    sign_attachment,
)

LINES = ["05/UBND-VP", "23/11/2026 09:00:00 +07:00"]


@pytest.fixture(scope="module")
def accessible(typeset):
    """The letter as typst makes it for PDF/UA-1 and PDF/A-2a."""
    return typeset(standards=("ua-1", "a-2a"))


@pytest.fixture(scope="module")
def sealed(accessible, signatory, seal, timestamp, now, values, signature_image, seal_image):
    given = {"timestamp": timestamp, "now": now}
    pdf = sign(
        reserve(accessible),
        field="signatory-1",
        credential=signatory,
        image=signature_image,
        **given,
    )
    return fill_and_seal(
        pdf, field="seal-1", values=values, credential=seal, image=seal_image, **given
    )


@pytest.fixture(scope="module")
def archived(sealed, validation_data, timestamp):
    return add_document_timestamp(
        add_validation_data(sealed, data=validation_data), timestamp=timestamp
    )


@pytest.fixture(scope="module")
def attachment(accessible, seal, timestamp, now):
    plain = io.BytesIO()
    with pikepdf.open(io.BytesIO(accessible)) as document:
        for page in document.pages:
            del page.Annots
        document.save(plain, fix_metadata_version=False)
    return sign_attachment(
        plain.getvalue(), credential=seal, timestamp=timestamp, now=now, lines=LINES
    )


def elements(document: pikepdf.Pdf) -> set[tuple[int, int]]:
    """The structure elements that are reached from the root."""
    found: set[tuple[int, int]] = set()
    todo = [document.Root.StructTreeRoot.K]
    while todo:
        value = todo.pop()
        if isinstance(value, pikepdf.Array):
            todo.extend(value)
        elif isinstance(value, pikepdf.Dictionary):
            found.add(value.objgen)
            if "/K" in value and value.get("/Type") != "/OBJR":
                todo.append(value.K)
    return found


@pytest.mark.parametrize("made", ["sealed", "archived", "attachment"])
def test_every_field_that_shows_something_is_a_form_in_the_structure(request, made):
    with pikepdf.open(io.BytesIO(request.getfixturevalue(made))) as document:
        parents = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        reached = elements(document)
        shown = 0
        for page in document.pages:
            assert page.get("/Tabs", "/S") == "/S"
            for widget in page.get("/Annots", []):
                left, bottom, right, top = (float(each) for each in widget.Rect)
                if (right - left) * (top - bottom) == 0:
                    assert right < float(page.MediaBox[0]), "off the page"
                    continue
                element = parents[int(widget.StructParent)]
                assert element.S == "/Form"
                assert element.K.Type == "/OBJR"
                assert element.K.Obj.objgen == widget.objgen
                assert element.K.get("/Pg", element.get("/Pg")).objgen == page.objgen
                assert element.objgen in reached
                assert str(widget.TU)
                shown += 1
        assert shown == (1 if made == "attachment" else 6)


@pytest.mark.parametrize("made", ["sealed", "archived", "attachment"])
def test_the_document_still_says_what_it_is(request, accessible, made):
    """PDF/UA identification, title, language, marks: byte for byte as before."""
    with (
        pikepdf.open(io.BytesIO(accessible)) as before,
        pikepdf.open(io.BytesIO(request.getfixturevalue(made))) as after,
    ):
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert b"pdfuaid" in after.Root.Metadata.read_bytes()
        for key in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
            assert after.Root[key].unparse(resolved=True) == before.Root[key].unparse(resolved=True)


@pytest.mark.parametrize("made", ["sealed", "archived", "attachment"])
def test_it_is_valid_and_in_order(request, judge, checked, made):
    pdf = request.getfixturevalue(made)
    checked(pdf)
    verdicts = judge(pdf)
    assert verdicts
    assert all(each["valid"] and each["trusted"] for each in verdicts.values())


def test_a_structure_whose_keys_stand_in_several_nodes_is_extended(
    accessible, seal, timestamp, now, checked
):
    """ISO 32000-1 clause 7.9.7: a number tree with kids."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(accessible)) as document:
        tree = document.Root.StructTreeRoot
        numbers = list(tree.ParentTree.Nums)
        half = len(numbers) // 4 * 2
        leaves = [
            document.make_indirect(
                pikepdf.Dictionary(
                    Limits=pikepdf.Array([part[0], part[-2]]), Nums=pikepdf.Array(part)
                )
            )
            for part in (numbers[:half], numbers[half:])
        ]
        tree.ParentTree = document.make_indirect(pikepdf.Dictionary(Kids=pikepdf.Array(leaves)))
        document.save(written)
    signed = sign_attachment(
        written.getvalue(), credential=seal, timestamp=timestamp, now=now, lines=LINES
    )
    checked(signed)
    with pikepdf.open(io.BytesIO(signed)) as document:
        widget = document.pages[0].Annots[-1]
        parents = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        assert parents[int(widget.StructParent)].K.Obj.objgen == widget.objgen
        assert document.Root.StructTreeRoot.ParentTreeNextKey == int(widget.StructParent) + 1


def test_a_second_attachment_seal_leaves_the_structure_that_the_first_signed(
    judge, attachment, seal, timestamp, now
):
    """The first signature's validity goes before the tag of the second's field."""
    twice = sign_attachment(attachment, credential=seal, timestamp=timestamp, now=now, lines=LINES)
    with pikepdf.open(io.BytesIO(twice)) as document:
        assert "/StructParent" not in document.pages[0].Annots[-1]
    assert [each["valid"] for each in judge(twice).values()] == [True, True]

"""Why the increments are made as they are: each test shows what goes wrong otherwise.

Design: reserved fields, sections 1 to 5. The judge is pyHanko's default policy; pdfsig says
"valid" to most of these, as it looks at no change after a signature.
"""

import io

import pikepdf
import pytest

from chauban_pades import (
    add_validation_data,
    fill_and_seal,
    reserve,
    sign,
)
from chauban_pades.filling import fill
from chauban_pades.increments import Increment
from chauban_pades.originals import open_original
from chauban_pades.signatures import fields_of
from chauban_pades.widgets import enter_on_page, first_page


def filled_alone(pdf: bytes, values: dict[str, str]) -> bytes:
    """The values in a revision of their own, which no function of the package makes."""
    increment = Increment(open_original(pdf))
    fill(increment, fields_of(increment.original), values)
    return increment.document()


def altered(pdf: bytes, change) -> bytes:
    """The unsigned document with something changed through pikepdf."""
    document = pikepdf.open(io.BytesIO(pdf))
    change(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


@pytest.fixture
def given(timestamp, now):
    return {"timestamp": timestamp, "now": now}


@pytest.fixture
def signed_and_sealed(signatory, seal, given, values):
    """Signs, then fills and seals a reserved letter."""

    def through(pdf: bytes) -> bytes:
        pdf = sign(pdf, field="signatory-1", credential=signatory, **given)
        return fill_and_seal(pdf, field="seal-1", values=values, credential=seal, **given)

    return through


def test_filling_before_sealing_breaks_the_seal_once_validation_data_follow(
    judge, signed, seal, given, values, validation_data, sealed
):
    """Section 3: the one seal locks all; so the fill belongs to the revision that it signs."""
    apart = sign(filled_alone(signed, values), field="seal-1", credential=seal, **given)
    assert judge(apart)["seal-1"]["valid"] is True
    assert judge(add_validation_data(apart, data=validation_data))["seal-1"]["valid"] is False
    assert judge(add_validation_data(sealed, data=validation_data))["seal-1"]["valid"] is True


def test_a_lock_on_all_at_the_last_of_several_seals_breaks_it_at_b_lt(
    judge, typeset, signatory, seal, given, values, validation_data
):
    """Section 3: number and date were filled one revision before the last seal."""

    def verdict(reserved: bytes) -> bool:
        pdf = reserved
        for field in ("signatory-1", "signatory-2"):
            pdf = sign(pdf, field=field, credential=signatory, **given)
        pdf = fill_and_seal(pdf, field="seal-1", values=values, credential=seal, **given)
        pdf = sign(pdf, field="seal-2", credential=seal, **given)
        return judge(add_validation_data(pdf, data=validation_data))["seal-2"]["valid"]

    def lock_all(document: pikepdf.Pdf) -> None:
        last = next(each for each in document.Root.AcroForm.Fields if each.T == "seal-2")
        last.Lock = pikepdf.Dictionary(Type=pikepdf.Name.SigFieldLock, Action=pikepdf.Name.All)

    reserved = reserve(typeset(signatories=2, seals=2))
    assert verdict(reserved) is True
    assert verdict(altered(reserved, lock_all)) is False


def test_an_object_reference_in_an_array_breaks_the_signature_when_the_fields_are_filled(
    judge, reserved, signed_and_sealed
):
    """Section 1: typst writes the link's /K as an array; reserving unwraps it."""

    def wrap(document: pikepdf.Pdf) -> None:
        tree = pikepdf.NumberTree(document.Root.StructTreeRoot.ParentTree)
        for field in document.Root.AcroForm.Fields:
            element = tree[int(field.StructParent)]
            element.K = pikepdf.Array([element.K])

    assert judge(signed_and_sealed(reserved))["signatory-1"]["valid"] is True
    assert judge(signed_and_sealed(altered(reserved, wrap)))["signatory-1"]["valid"] is False


def test_a_field_without_an_appearance_from_the_start_would_be_filled_differently(reserved):
    """Section 2: reserving leaves nothing for the fill to add but value and content."""
    with pikepdf.open(io.BytesIO(reserved)) as document:
        for field in document.Root.AcroForm.Fields:
            assert field.AP.N.stream_dict.keys() >= {"/BBox", "/Resources", "/Subtype"}


def test_filling_after_the_seal_breaks_it(judge, sealed, values):
    """Section 4: only the seal's lock sees it, the signatory's allows filling."""
    increment = Increment(open_original(sealed))
    number = fields_of(increment.original)["number"]
    increment.replace(number.reference, number.text({b"/V": b"(06)"}))
    verdicts = judge(increment.document())
    assert verdicts["signatory-1"]["valid"] is True
    assert verdicts["seal-1"]["valid"] is False


def test_an_annotation_added_after_the_signature_breaks_it(judge, signed):
    """Section 4; the widget of a link to nowhere, in a revision of its own."""
    increment = Increment(open_original(signed))
    note = increment.add(
        b"<< /Type /Annot /Subtype /FreeText /Rect [90 700 300 730] /DA (/Helv 12 Tf) /F 4 "
        b"/Contents (99) >>"
    )
    enter_on_page(increment, first_page(increment.original), b"%d 0 R" % note)
    assert judge(signed)["signatory-1"]["valid"] is True
    assert judge(increment.document())["signatory-1"]["valid"] is False


def test_a_partly_filled_date_passes_general_validators_so_ours_must_refuse_it(
    judge, signed, values
):
    """Section 5: no general validator knows that a date has three parts; `fill_and_seal` does."""
    partly = filled_alone(signed, {"day": values["day"]})
    assert judge(partly)["signatory-1"]["valid"] is True

"""Every error says in Vietnamese and English what happened and what to do next."""

import inspect
from datetime import date

import pytest

from chauban_docform import errors
from chauban_docform.words import describe

SAMPLES = (
    errors.UnknownKind("xyz"),
    errors.NoRuleSet(date(2019, 1, 2)),
    errors.KindNotTypeset("Hợp đồng"),
    errors.NumberOutOfRange(0),
    errors.SymbolMalformed("UB ND"),
    errors.CodeMalformed("05 QĐ"),
    errors.NotationDoesNotFit(
        "QĐ-VP", expected="QĐ-UBND", kind_name="Quyết định", body_symbol="UBND"
    ),
    errors.MissingElement("place", "địa danh"),
    errors.SubjectEmpty(),
    errors.BodyEmpty(),
    errors.SubjectTooLong(501, 500),
    errors.UnsupportedCharacters("中", "Gửi 中 " * 40),
    errors.RowDoesNotFit(4, 9, 10),
    errors.NotAPDF(),
    errors.EncryptedPDF(),
    errors.TooLarge(2_500_000, 1_048_576),
    errors.AlreadySigned(),
    errors.NoPages(),
    errors.PlaceUnknown("chữ ký"),
    errors.PlaceOutsidePage("seal-1", 3),
)


def test_every_leaf_error_is_among_the_samples() -> None:
    classes = [it for _, it in inspect.getmembers(errors, inspect.isclass)]
    leaves = {
        it for it in classes if issubclass(it, errors.DocformError) and not it.__subclasses__()
    }
    assert leaves <= {type(it) for it in SAMPLES}


@pytest.mark.parametrize("error", SAMPLES, ids=lambda it: type(it).__name__)
def test_an_error_is_put_in_words_of_its_own_in_both_languages(error: errors.DocformError) -> None:
    vi, en = describe(error, "vi"), describe(error, "en")
    general = errors.DocformError()
    assert vi != en
    assert vi != describe(general, "vi")
    assert en != describe(general, "en")
    assert "{" not in vi + en
    assert vi.count(".") >= 1


def test_the_words_carry_the_facts() -> None:
    assert "QĐ-VP" in describe(SAMPLES[6])
    assert "QĐ-UBND" in describe(SAMPLES[6])
    assert "2.4 MB" in describe(errors.TooLarge(2_500_000, 1_048_576))
    assert "U+4E2D" in describe(errors.UnsupportedCharacters("中", "Gửi 中"))
    assert "trích yếu nội dung" in describe(errors.SubjectEmpty())

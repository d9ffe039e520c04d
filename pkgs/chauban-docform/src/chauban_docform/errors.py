"""What can be wrong with a document's form, each named, with the facts as attributes."""

from datetime import date


class DocformError(Exception):
    """Root of everything this package raises on purpose; `words.describe` puts it in words."""


class UnknownKind(DocformError):
    def __init__(self, code: str) -> None:
        super().__init__(f"no kind of document has the code {code!r}")
        self.code = code


class NoRuleSet(DocformError):
    def __init__(self, day: date) -> None:
        super().__init__(f"no rule set was in force on {day.isoformat()}")
        self.day = day


class KindNotTypeset(DocformError):
    """The kind has no template here; its documents are uploaded as PDF."""

    def __init__(self, kind_name: str) -> None:
        super().__init__(f"no template for {kind_name}")
        self.kind_name = kind_name


class CodeError(DocformError):
    """Root of what is wrong with a number or symbol."""


class NumberOutOfRange(CodeError):
    def __init__(self, number: int) -> None:
        super().__init__(f"a document's number starts at 1, not {number}")
        self.number = number


class SymbolMalformed(CodeError):
    """An abbreviation is empty or holds a character that separates the parts of a code."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol!r} cannot be part of a document's symbol")
        self.symbol = symbol


class CodeMalformed(CodeError):
    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a document's number and symbol")
        self.text = text


class NotationDoesNotFit(CodeError):
    """The symbol is not one that this body writes on this kind of document."""

    def __init__(self, notation: str, *, expected: str, kind_name: str, body_symbol: str) -> None:
        super().__init__(f"{notation!r} does not fit {kind_name} of {body_symbol}: {expected!r}")
        self.notation, self.expected = notation, expected
        self.kind_name, self.body_symbol = kind_name, body_symbol


class LetterError(DocformError):
    """Root of what keeps a letter from being typeset."""


class MissingElement(LetterError):
    """A main element (thành phần chính, Điều 8.2) is empty."""

    def __init__(self, element: str, element_vi: str) -> None:
        super().__init__(f"the letter has no {element}")
        self.element, self.element_vi = element, element_vi


class SubjectEmpty(MissingElement):
    def __init__(self) -> None:
        super().__init__("subject", "trích yếu nội dung")


class BodyEmpty(MissingElement):
    def __init__(self) -> None:
        super().__init__("body", "nội dung văn bản")


class SubjectTooLong(LetterError):
    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"the subject has {length} characters, at most {limit} are allowed")
        self.length, self.limit = length, limit


class UnsupportedCharacters(LetterError):
    """The typeface has no glyph for these characters."""

    def __init__(self, characters: str, text: str) -> None:
        names = " ".join(f"U+{ord(character):04X}" for character in characters)
        super().__init__(f"no glyph for {names} in {text!r}")
        self.characters, self.text = characters, text


class RowDoesNotFit(DocformError):
    """A register's row has not as many texts as the book has columns."""

    def __init__(self, row: int, texts: int, columns: int) -> None:
        super().__init__(f"row {row} has {texts} texts for {columns} columns")
        self.row, self.texts, self.columns = row, texts, columns


class UploadError(DocformError):
    """Root of why an uploaded file is not taken."""


class NotAPDF(UploadError):
    def __init__(self) -> None:
        super().__init__("the file is not a readable PDF")


class EncryptedPDF(UploadError):
    def __init__(self) -> None:
        super().__init__("the PDF is encrypted")


class TooLarge(UploadError):
    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"the file has {size_bytes} bytes, at most {limit_bytes} are allowed")
        self.size_bytes, self.limit_bytes = size_bytes, limit_bytes


class AlreadySigned(UploadError):
    """Rewriting the file would break the signatures it carries."""

    def __init__(self) -> None:
        super().__init__("the PDF is signed already")


class NoPages(UploadError):
    def __init__(self) -> None:
        super().__init__("the PDF has no page")


class PlaceUnknown(UploadError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is not the name of a field, or it is placed twice")
        self.name = name


class PlaceOutsidePage(UploadError):
    def __init__(self, name: str, page_number: int) -> None:
        super().__init__(f"the place {name} does not lie on page {page_number}")
        self.name, self.page_number = name, page_number

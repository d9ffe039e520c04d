"""Two versions of XMP metadata: what a program that saves a file may write anew.

ISO 16684-1 clause 7.9: equivalent forms of RDF say the same.
"""

import pikepdf
import pytest

from chauban_pades.metadata import say_the_same

TITLE = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Thư</rdf:li></rdf:Alt></dc:title>'
HISTORY = (
    '<xmpMM:History><rdf:Seq><rdf:li rdf:parseType="Resource"><stEvt:action>saved</stEvt:action>'
    "<stEvt:when>2026</stEvt:when></rdf:li></rdf:Seq></xmpMM:History>"
)
SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
}


@pytest.fixture(scope="module")
def document() -> pikepdf.Pdf:
    return pikepdf.new()


def xmp(properties: str, attributes: str = "") -> bytes:
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in SPACES.items())
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}>'
        f'<rdf:Description rdf:about="" {attributes}>{properties}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


PLAIN = TITLE + HISTORY + "<pdfaid:part>2</pdfaid:part><xmp:ModifyDate>2026</xmp:ModifyDate>"


@pytest.mark.parametrize(
    "again",
    [
        xmp(PLAIN.replace("<xmp:ModifyDate>2026", "<xmp:ModifyDate>2027")),
        xmp(PLAIN + "<pdf:Producer>another</pdf:Producer>"),
        xmp(PLAIN.replace("<pdfaid:part>2</pdfaid:part>", ""), 'pdfaid:part="2"'),
        xmp(
            PLAIN.replace(
                HISTORY,
                "<xmpMM:History><rdf:Seq><rdf:li>"
                '<rdf:Description stEvt:when="2026" stEvt:action="saved"/>'
                "</rdf:li></rdf:Seq></xmpMM:History>",
            )
        ),
    ],
    ids=["date", "producer", "attribute", "resource"],
)
def test_dates_producer_and_form_are_upkeep(document: pikepdf.Pdf, again: bytes) -> None:
    old = document.make_stream(xmp(PLAIN))
    assert say_the_same(old, document.make_stream(again))


@pytest.mark.parametrize(
    "again",
    [
        xmp(PLAIN.replace("Thư", "Quyết định")),
        xmp(PLAIN.replace("x-default", "en")),
        xmp(PLAIN.replace("<pdfaid:part>2", "<pdfaid:part>3")),
        xmp(PLAIN.replace(TITLE, "")),
        xmp(PLAIN + "<dc:description>thêm</dc:description>"),
        xmp(PLAIN + "<pdfaid:part>2</pdfaid:part>"),
        xmp(PLAIN.replace("saved", "converted")),
        xmp(PLAIN)[:-9],
        b"",
        xmp(PLAIN + "<dc:source>" + "x" * (1024 * 1024) + "</dc:source>"),
    ],
    ids=[
        *("title", "language", "standard", "removed", "added", "twice", "history"),
        *("cut", "empty", "large"),
    ],
)
def test_all_else_is_a_change(document: pikepdf.Pdf, again: bytes) -> None:
    old = document.make_stream(xmp(PLAIN))
    assert say_the_same(old, document.make_stream(xmp(PLAIN)))
    assert not say_the_same(old, document.make_stream(again))
    assert not say_the_same(None, document.make_stream(again))


def test_nothing_is_left_to_entities(document: pikepdf.Pdf) -> None:
    """A document type could make one text mean two things."""
    given = '<!DOCTYPE x [<!ENTITY a "Thư">]>'.encode() + xmp(PLAIN.replace("Thư", "&a;"))
    assert not say_the_same(document.make_stream(given), document.make_stream(given))

"""What somebody does to a file that others signed."""

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

SHOWN = b"1 1 1 rg 0 0 330 60 re f 0 g BT /F 13 Tf 6 24 Td (1.500.000.000) Tj ET"


def covered(pdf: bytes) -> bytes:
    """The PDF after one more revision: an annotation hides text of page 1 behind another."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    font = dictionary(Type=name("Font"), Subtype=name("Type1"), BaseFont=name("Times-Roman"))
    resources = dictionary(Font=dictionary(F=font))
    form = generic.StreamObject(
        dictionary(
            Type=name("XObject"),
            Subtype=name("Form"),
            BBox=numbers(0, 0, 330, 60),
            Resources=resources,
        ),
        stream_data=SHOWN,
    )
    square = dictionary(
        Type=name("Annot"),
        Subtype=name("Square"),
        F=generic.NumberObject(4),
        Rect=numbers(120, 480, 450, 540),
        AP=dictionary(N=writer.add_object(form)),
    )
    page["/Annots"] = generic.ArrayObject([*page["/Annots"], writer.add_object(square)])
    writer.update_container(page)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({name(key): value for key, value in entries.items()})


def name(text: str) -> generic.NameObject:
    return generic.pdf_name(f"/{text}")


def numbers(*values: int) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(one) for one in values)

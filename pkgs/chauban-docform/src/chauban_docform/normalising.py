"""Uploaded PDF files, rewritten once on arrival so that they hold pages and nothing else.

Scripts, actions, forms, embedded files and hybrid cross-references are left behind; what a reader
sees on the pages stays, and so do the pages' boxes and links to web addresses.
"""

from collections.abc import Callable, Iterator
from io import BytesIO

import pikepdf

from chauban_docform.errors import AlreadySigned, EncryptedPDF, NoPages, NotAPDF, TooLarge

UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024

KEPT_IN_CATALOGUE = frozenset(
    {
        "/Type", "/Version", "/Pages", "/Lang", "/MarkInfo", "/StructTreeRoot", "/PageLabels",
        "/ViewerPreferences", "/PageLayout", "/Outlines", "/Dests", "/Names", "/OutputIntents",
        "/OCProperties", "/Metadata",
    }
)  # fmt: skip
# Annotations that carry files, media or a reader's remarks rather than something to be read.
DROPPED_ANNOTATIONS = frozenset(
    {
        "/FileAttachment", "/Sound", "/Movie", "/Screen", "/RichMedia", "/3D", "/Popup", "/Text",
        "/TrapNet", "/Projection",
    }
)  # fmt: skip
# A link to `field:` would become a reserved field; only the typesetter and mark_places make those.
KEPT_ADDRESSES = ("http://", "https://", "mailto:", "tel:")
CONTAINERS = (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)
DROPPED_FROM_ANY_OBJECT = ("/AA", "/AF", "/EF", "/JS", "/XFA", "/PieceInfo")


def normalise_upload(pdf: bytes, *, limit_bytes: int = UPLOAD_LIMIT_BYTES) -> bytes:
    """Return an uploaded file rewritten with one classic cross-reference table.

    Form fields and comments drawn on a page become part of the page. The same file gives the
    same bytes.

    Raises:
        TooLarge: the file is longer than limit_bytes.
        NotAPDF: it cannot be read as a PDF.
        EncryptedPDF: it is encrypted, with or without a password.
        AlreadySigned: it holds a signature, which rewriting would break.
        NoPages: it has no page.
    """
    if len(pdf) > limit_bytes:
        raise TooLarge(len(pdf), limit_bytes)
    # pikepdf answers a broken file with errors of its own and with Python's.
    try:
        with opened(pdf) as document:
            require_unsigned(document)
            if len(document.pages) == 0:
                raise NoPages
            strip(document)
            return saved(document)
    except (pikepdf.PikepdfError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise NotAPDF from error


def opened(pdf: bytes) -> pikepdf.Pdf:
    """Return a PDF opened for reading.

    Raises:
        NotAPDF, EncryptedPDF, NoPages: as `normalise_upload` says.
    """
    if b"%PDF-" not in pdf[:1024]:
        raise NotAPDF
    try:
        document = pikepdf.open(BytesIO(pdf))
    except pikepdf.PasswordError:
        raise EncryptedPDF from None
    except pikepdf.PikepdfError as error:
        # Where the process has limited qpdf's warnings, qpdf itself refuses a file without pages.
        raise (NoPages if "no pages found" in str(error) else NotAPDF) from error
    if document.is_encrypted:
        document.close()
        raise EncryptedPDF
    return document


def saved(document: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    document.save(
        target,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return target.getvalue()


def require_unsigned(document: pikepdf.Pdf) -> None:
    """Require that the file holds no signature (ISO 32000-1 section 12.8.1).

    Raises:
        AlreadySigned: an object of the file is a signature dictionary.
    """
    for item in dictionaries(document):
        if "/Contents" in item and "/ByteRange" in item:
            raise AlreadySigned


def strip(document: pikepdf.Pdf) -> None:
    """Take out of the file whatever acts, hides or carries something beside the pages."""
    for page in document.pages:
        keep_annotations(page, lambda it: str(it.get("/Subtype")) not in DROPPED_ANNOTATIONS)
    document.generate_appearance_streams()
    document.flatten_annotations("screen")
    for page in document.pages:
        keep_annotations(page, is_harmless_link)
    for key in set(document.Root.keys()) - KEPT_IN_CATALOGUE:
        del document.Root[key]
    names = document.Root.get("/Names", pikepdf.Dictionary())
    for key in set(names.keys()) - {"/Dests"}:
        del names[key]
    for item in dictionaries(document):
        for key in DROPPED_FROM_ANY_OBJECT:
            if key in item:
                del item[key]
        keep_harmless_action(item)


def dictionaries(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary and stream of the file, those written inside another one too."""
    waiting = [item for item in document.objects if isinstance(item, CONTAINERS)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Array):
            values = list(item)
        else:
            yield item
            values = [value for _, value in item.items()]
        waiting += [it for it in values if isinstance(it, CONTAINERS) and not it.is_indirect]


def keep_annotations(page: pikepdf.Page, keep: Callable[[pikepdf.Dictionary], bool]) -> None:
    annotations = page.obj.get("/Annots", pikepdf.Array())
    kept = [it for it in annotations if isinstance(it, pikepdf.Dictionary) and keep(it)]
    if kept:
        page.obj.Annots = pikepdf.Array(kept)
    elif "/Annots" in page.obj:
        del page.obj["/Annots"]


def is_harmless_link(annotation: pikepdf.Dictionary) -> bool:
    """Tell whether an annotation is a link within the file or to a web address."""
    if annotation.get("/Subtype") != pikepdf.Name.Link:
        return False
    action = annotation.get("/A")
    return action is None or is_harmless_action(action)


def is_harmless_action(action: pikepdf.Object) -> bool:
    if action.get("/S") == pikepdf.Name.URI:
        return str(action.get("/URI", "")).lower().startswith(KEPT_ADDRESSES)
    return bool(action.get("/S") == pikepdf.Name.GoTo)


def keep_harmless_action(item: pikepdf.Object) -> None:
    """Remove an action, and what would follow one; a structure element's /A has no /S and stays."""
    action = item.get("/A")
    if not isinstance(action, pikepdf.Dictionary) or "/S" not in action:
        return
    if not is_harmless_action(action):
        del item["/A"]
    elif "/Next" in action:
        del action["/Next"]

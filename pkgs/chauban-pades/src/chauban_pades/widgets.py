"""Give a revision a field that was not reserved: on its page and in the document's form.

Standard: ISO 32000-1 clauses 12.5.2, 12.7.2.
"""

from .dictionaries import Dictionary
from .errors import NotAPDF
from .increments import Increment
from .originals import Original

SIGNATURES_EXIST_APPEND_ONLY = 3
"""/SigFlags, set from the start so that no signature has to change the form's dictionary."""

_MAX_TREE_HEIGHT = 64


def first_page(original: Original) -> Dictionary:
    """Page 1 of the document.

    Raises:
        NotAPDF: there is none that could be replaced.
    """
    node = original.dictionary(original.root[b"/Pages"])
    for _ in range(_MAX_TREE_HEIGHT):
        if b"/Kids" not in node:
            break
        children = (original.indirect(each) for each in original.references(node[b"/Kids"]))
        node = next((each for each in children if _leads_to_a_page(each)), Dictionary({}))
    if node.get(b"/Type") != b"/Page" or not node.is_indirect:
        raise NotAPDF("no first page")
    return node


def enter_on_page(increment: Increment, page: Dictionary, widget: bytes) -> None:
    """Add the widget to what is shown of a page, changing no more objects than needed."""
    annotations = page.get(b"/Annots")
    listed = with_item(increment.original, annotations, widget)
    indirect = increment.original.reference(annotations)
    if indirect is not None:
        increment.replace(indirect, listed)
    else:
        increment.replace(page.reference, page.text({b"/Annots": listed}))


def enter_in_form(increment: Increment, widget: bytes) -> None:
    """Name the field in the document's form, changing no more objects than needed."""
    original = increment.original
    root = original.root
    form = original.dictionary(root.get(b"/AcroForm") or b"<< >>")
    fields = form.get(b"/Fields")
    listed = with_item(original, fields, widget)
    indirect = original.reference(fields)
    entries: dict[bytes, bytes] = {}
    if indirect is not None:
        increment.replace(indirect, listed)
    else:
        entries[b"/Fields"] = listed
    if form.get(b"/SigFlags") != b"%d" % SIGNATURES_EXIST_APPEND_ONLY:
        entries[b"/SigFlags"] = b"%d" % SIGNATURES_EXIST_APPEND_ONLY
    if form.is_indirect and entries:
        increment.replace(form.reference, form.text(entries))
    elif not form.is_indirect:
        number = increment.add(form.text(entries))
        increment.replace(root.reference, root.text({b"/AcroForm": b"%d 0 R" % number}))


def _leads_to_a_page(node: Dictionary) -> bool:
    return b"/Kids" not in node or node.get(b"/Count") != b"0"


def with_item(original: Original, array: bytes | None, item: bytes) -> bytes:
    """The array's text (none counts as empty) with one more item at its end."""
    text = b"[ ]" if array is None else original.value(array).strip()
    if not text.startswith(b"[") or not text.endswith(b"]"):
        raise NotAPDF("no array")
    return text[:-1] + b" " + item + b" ]"

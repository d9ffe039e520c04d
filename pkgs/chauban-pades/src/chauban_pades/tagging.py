"""Give a new field its place in a tagged document's structure, so that it is read out.

Standards: ISO 14289-1 (PDF/UA-1) clause 7.18.1 and 7.18.4; ISO 32000-1 clauses 14.7.2, 14.7.4.
"""

from .dictionaries import Dictionary, Reference, parse_reference
from .increments import Increment
from .originals import Original
from .widgets import with_item


def structure_key(original: Original) -> int | None:
    """The next /StructParent of a tagged document; None where it is not tagged."""
    tree = _structure(original)
    key = None if tree is None else tree.get(b"/ParentTreeNextKey")
    return int(key) if key is not None and key.isdigit() and _first_element(original) else None


def enter_in_structure(increment: Increment, page: Reference, widget: int, key: int) -> None:
    """Add a Form element for the widget, last in the document's order of reading."""
    original = increment.original
    first = _first_element(original)
    tree = _structure(original)
    assert first is not None
    assert tree is not None
    element = b"%d 0 R" % increment.add(
        b"<< /Type /StructElem /S /Form /P %d %d R /K << /Type /OBJR /Obj %d 0 R /Pg %d %d R >> >>"
        % (*first.reference, widget, *page)
    )
    kids = first.get(b"/K")
    listed = kids if _is_array(original, kids) else b"[ %b ]" % kids if kids else None
    entries = {b"/K": with_item(original, listed, element)}
    increment.replace(first.reference, first.text(entries))
    changed = {b"/ParentTreeNextKey": b"%d" % (key + 1)}
    parents = original.dictionary(tree[b"/ParentTree"])
    named = parents.text(_with_parent(increment, parents, key, element))
    if parents.is_indirect:
        increment.replace(parents.reference, named)
    else:
        changed[b"/ParentTree"] = named
    increment.replace(tree.reference, tree.text(changed))


def _with_parent(
    increment: Increment, parents: Dictionary, key: int, element: bytes
) -> dict[bytes, bytes]:
    """The entries of a number tree's root with one more, greater than all others."""
    original = increment.original
    if b"/Kids" not in parents:
        return {b"/Nums": with_item(original, parents.get(b"/Nums"), b"%d %b" % (key, element))}
    leaf = increment.add(b"<< /Limits [ %d %d ] /Nums [ %d %b ] >>" % (key, key, key, element))
    return {b"/Kids": with_item(original, parents[b"/Kids"], b"%d 0 R" % leaf)}


def _structure(original: Original) -> Dictionary | None:
    tree = original.root.get(b"/StructTreeRoot")
    return None if tree is None else original.dictionary(tree)


def _first_element(original: Original) -> Dictionary | None:
    """The structure's first element, usually Document; None where there is none to be found."""
    tree = _structure(original)
    kids = None if tree is None else tree.get(b"/K")
    if kids is None:
        return None
    if _is_array(original, kids):
        references = original.references(kids)
        return original.indirect(references[0]) if references else None
    return original.dictionary(kids) if parse_reference(kids) else None


def _is_array(original: Original, value: bytes | None) -> bool:
    return value is not None and original.value(value).startswith(b"[")

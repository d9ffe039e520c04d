"""Whether two versions of a file's XMP metadata say the same, but for who saved it last and when.

Programs that add a revision keep those up to date and write the rest anew in their own manner;
what counts is what the properties say (ISO 16684-1 clause 7: equivalent forms of RDF). Title and
author are part of what was signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from lxml import etree

MAX_BYTES = 1024 * 1024
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XMP, _PDF = "{http://ns.adobe.com/xap/1.0/}", "{http://ns.adobe.com/pdf/1.3/}"
_MEDIA = "{http://ns.adobe.com/xap/1.0/mm/}"
_UPKEEP = frozenset(
    {f"{_XMP}ModifyDate", f"{_XMP}MetadataDate", f"{_PDF}Producer", f"{_MEDIA}InstanceID"}
)
_ARRAYS = frozenset({f"{_RDF}Alt", f"{_RDF}Bag", f"{_RDF}Seq"})

Value = str | tuple[Any, ...]


def say_the_same(old: Any, new: Any) -> bool:
    """Whether two metadata streams differ in nothing but producer, dates of saving and instance.

    What is no stream, too large, no XMP or names a property twice never does.
    """
    before, after = _properties(old), _properties(new)
    return before is not None and before == after


def _properties(stream: Any) -> dict[str, Value] | None:
    """The properties that matter, by qualified name; None where they do not read."""
    if not isinstance(stream, pikepdf.Stream):
        return None
    try:
        data = bytes(stream.read_bytes())
        if len(data) > MAX_BYTES:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        root = etree.fromstring(data, parser)
        if root.getroottree().docinfo.internalDTD is not None:
            return None
        members = [
            member
            for tree in root.iter(f"{_RDF}RDF")
            for description in tree.iterchildren(f"{_RDF}Description")
            for member in _members(description)
        ]
    except (etree.XMLSyntaxError, pikepdf.PdfError, RuntimeError, RecursionError, ValueError):
        return None
    found = dict(members)
    if len(found) != len(members):
        return None
    return {name: value for name, value in found.items() if name not in _UPKEEP}


def _members(node: Any) -> Iterator[tuple[str, Value]]:
    """The properties of a resource: those written as attributes, then those as elements."""
    for name, value in node.attrib.items():
        if not name.startswith((_RDF, "{http://www.w3.org/XML/")):
            yield str(name), str(value)
    for child in node.iterchildren(etree.Element):
        yield str(child.tag), _value(child)


def _value(element: Any) -> Value:
    """What a property says, alike for all forms in which RDF lets it be written."""
    children = list(element.iterchildren(etree.Element))
    language = element.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    if len(children) == 1 and children[0].tag in _ARRAYS:
        items = tuple(_value(item) for item in children[0].iterchildren(etree.Element))
        return (str(children[0].tag), language, *items)
    if len(children) == 1 and children[0].tag == f"{_RDF}Description":
        return ("resource", language, *sorted(_members(children[0]), key=repr))
    if members := sorted(_members(element), key=repr):
        return ("resource", language, *members)
    text = str(element.get(f"{_RDF}resource") or "".join(element.itertext()))
    return (text, language) if language else text

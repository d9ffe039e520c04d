"""Elements as text, with the qualified names written out.

Consumers look up literal tag names and some refuse messages whose prefixes a tree serialiser
chose (edxml.md section 3): `edXML:` on all within the envelope, none on the root and the
attachments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chauban_edxml.model import Extra
from chauban_edxml.nodes import Node, local_name
from chauban_edxml.parsing import NAMESPACE

PREFIX = "edXML:"
_INDENT = "  "
_XML = "http://www.w3.org/XML/1998/namespace"


def rendered(node: Node, *, depth: int, prefix: str = PREFIX) -> Iterator[str]:
    """Yield the lines of node; what is empty is left out."""
    if not node.children and node.text and not (node.attributes or node.extra):
        yield f"{_INDENT * depth}<{prefix}{node.name}>{escaped(node.text)}</{prefix}{node.name}>\n"
        return
    if not node.is_written():
        return
    indent = _INDENT * depth
    if not node.name:
        yield from _extras(node.extra, depth, prefix)
        return
    name = f"{prefix}{node.name}"
    tag = f"{name}{attributes_text(node.attributes)}"
    if any(child.is_written() for child in node.children) or node.extra:
        yield f"{indent}<{tag}>{escaped(node.text)}\n"
        for child in node.children:
            yield from rendered(child, depth=depth + 1, prefix=prefix)
        yield from _extras(node.extra, depth + 1, prefix)
        yield f"{indent}</{name}>\n"
    elif node.text or node.is_kept:
        yield f"{indent}<{tag}>{escaped(node.text)}</{name}>\n"
    else:
        yield f"{indent}<{tag} />\n"


def rendered_extra(
    extra: Extra, *, depth: int, prefix: str, default: str = NAMESPACE
) -> Iterator[str]:
    """Yield the lines of an unknown element, in the namespace that it had.

    prefix stands for the namespace of edXML, default is the namespace without one.
    """
    indent, name, declared = _INDENT * depth, local_name(extra), ""
    if extra.namespace == NAMESPACE and prefix:
        name = f"{prefix}{name}"
    elif extra.namespace != default:
        declared, default = f' xmlns="{escaped_attribute(extra.namespace)}"', extra.namespace
    tag = f"{name}{declared}{attributes_text(extra.attributes)}"
    if extra.children:
        yield f"{indent}<{tag}>{escaped(extra.text)}\n"
        for child in extra.children:
            yield from rendered_extra(child, depth=depth + 1, prefix=prefix, default=default)
        yield f"{indent}</{name}>\n"
    elif extra.text:
        yield f"{indent}<{tag}>{escaped(extra.text)}</{name}>\n"
    else:
        yield f"{indent}<{tag} />\n"


def attributes_text(attributes: Iterable[tuple[str, str]]) -> str:
    """Return attributes as they follow a tag's name; `{namespace}name` declares a prefix."""
    parts, prefixes = [], {_XML: "xml"}
    for name, value in attributes:
        namespace, _, local = name.removeprefix("{").rpartition("}")
        if namespace and namespace not in prefixes:
            prefixes[namespace] = "xlink" if namespace.endswith("/xlink") else f"a{len(prefixes)}"
            prefix = prefixes[namespace]
            parts.append(f' xmlns:{prefix}="{escaped_attribute(namespace)}"')
        qualified = f"{prefixes[namespace]}:{local}" if namespace else local
        parts.append(f' {qualified}="{escaped_attribute(value)}"')
    return "".join(parts)


def escaped(text: str) -> str:
    """Return text with `& < > "` as references (edxml.md section 14; XML 1.0 section 2.4)."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;")


def escaped_attribute(text: str) -> str:
    """Return text for an attribute, where white space needs references too (section 3.3.3)."""
    text = escaped(text)
    for character in "\t\n\r":
        text = text.replace(character, f"&#{ord(character)};")
    return text


def _extras(extras: Iterable[Extra], depth: int, prefix: str) -> Iterator[str]:
    for extra in extras:
        yield from rendered_extra(extra, depth=depth, prefix=prefix)

"""Keep beside the signatures what is needed to check them for ever (PAdES B-LT).

Standard: ETSI EN 319 142-1 clause 5.4 (document security store).
"""

from collections.abc import Iterable
from hashlib import sha1

import pikepdf

from chauban_pki.revocation import ValidationData

from .errors import NotSigned
from .increments import Increment, open_original, reading, reference, stream, with_entries
from .signatures import fields_by_name

_VRI_KEYS = {"/Certs": b"/Cert", "/CRLs": b"/CRL", "/OCSPs": b"/OCSP"}


def add_validation_data(pdf: bytes, *, data: ValidationData) -> bytes:
    """The PDF with certificates, CRLs and OCSP responses appended in one revision.

    What the document holds already is not added again. Every signature that has no entry of
    its own yet (/VRI) gets one that names all of data.

    Raises:
        NotSigned: there is no signature to keep anything for.
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    increment = Increment(open_original(pdf))
    with reading():
        _add_store(increment, data)
        return bytes(increment.written().data)


def _add_store(increment: Increment, data: ValidationData) -> None:
    root = increment.original.reader.Root
    signatures = _signatures(increment.original.reader)
    store = root.get("/DSS", pikepdf.Dictionary())
    given = {"/Certs": data.certificates, "/CRLs": data.crls, "/OCSPs": data.ocsps}
    entries: dict[str, bytes] = {"/Type": b"/DSS"}
    named: dict[str, bytes] = {}
    for kind, contents in given.items():
        kept = _kept(store.get(kind, []))
        named[kind] = b" ".join(_referenced(increment, kept, each) for each in contents)
        if kept:
            entries[kind] = b"[" + b" ".join(kept.values()) + b"]"
    related = store.get("/VRI", pikepdf.Dictionary())
    new = {
        identifier: b"%d 0 R" % increment.add(_related(named))
        for identifier in map(_identifier, signatures)
        if identifier not in related
    }
    if related.is_indirect:
        increment.replace(related, with_entries(related, new))
    else:
        entries["/VRI"] = with_entries(related, new)
    if store.is_indirect:
        increment.replace(store, with_entries(store, entries))
    else:
        number = increment.add(with_entries(store, entries))
        increment.replace(root, with_entries(root, {"/DSS": b"%d 0 R" % number}))


def _signatures(reader: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The signature dictionaries of the document.

    Raises:
        NotSigned: there are none.
    """
    fields = fields_by_name(reader).values()
    found = [each.V for each in fields if each.get("/FT") == pikepdf.Name.Sig and "/V" in each]
    if not found:
        raise NotSigned
    return found


def _kept(streams: Iterable[pikepdf.Object]) -> dict[bytes, bytes]:
    """References to what the store holds, by content."""
    return {each.read_bytes(): reference(each) for each in streams}


def _referenced(increment: Increment, kept: dict[bytes, bytes], content: bytes) -> bytes:
    """A reference to content, which is added unless it is kept already."""
    if content not in kept:
        kept[content] = b"%d 0 R" % increment.add(stream(b"", content))
    return kept[content]


def _identifier(signature: pikepdf.Object) -> str:
    """The /VRI key: SHA-1 over the whole of /Contents (clause 5.4.2.3); a name, no security."""
    contents = bytes(signature["/Contents"])
    return "/" + sha1(contents, usedforsecurity=False).hexdigest().upper()


def _related(named: dict[str, bytes]) -> bytes:
    entries = (key + b" [" + named[kind] + b"]" for kind, key in _VRI_KEYS.items() if named[kind])
    return b"<< /Type /VRI " + b" ".join(entries) + b" >>"

"""Keep beside the signatures what is needed to check them for ever (PAdES B-LT).

Standard: ETSI EN 319 142-1 clause 5.4 (document security store).
"""

from collections.abc import Iterable
from hashlib import sha1

import pikepdf
from chauban_pki.revocation import ValidationData

from .errors import NotSigned
from .increments import Increment, open_original, reference, stream, with_entries
from .signatures import fields_by_name

_KINDS = ("/Certs", "/CRLs", "/OCSPs")
_VRI_KEYS = {"/Certs": b"/Cert", "/CRLs": b"/CRL", "/OCSPs": b"/OCSP"}


def add_validation_data(pdf: bytes, *, data: ValidationData) -> bytes:
    """The PDF with certificates, CRLs and OCSP responses appended in one revision.

    What the document holds already is not added again. Every signature that has no entry of
    its own yet (/VRI) gets one that names all of data.

    Raises:
        NotSigned: there is no signature to keep anything for.
        NotAPDF, EncryptedPDF, HybridPDF: the file cannot be read.
    """
    original = open_original(pdf)
    root = original.reader.Root
    signatures = [
        field.V
        for field in fields_by_name(original.reader).values()
        if field.get("/FT") == pikepdf.Name.Sig and "/V" in field
    ]
    if not signatures:
        raise NotSigned
    store = root.get("/DSS", pikepdf.Dictionary())
    increment = Increment(original)
    given = {"/Certs": data.certificates, "/CRLs": data.crls, "/OCSPs": data.ocsps}
    kept = {kind: _kept(store.get(kind, [])) for kind in _KINDS}
    entries: dict[str, bytes] = {}
    named: dict[str, bytes] = {}
    for kind in _KINDS:
        references = [_referenced(increment, kept[kind], each) for each in given[kind]]
        named[kind] = b" ".join(references)
        if kept[kind]:
            entries[kind] = b"[" + b" ".join(kept[kind].values()) + b"]"
    related = store.get("/VRI", pikepdf.Dictionary())
    new = {
        identifier: increment.add(_related(named))
        for identifier in map(_identifier, signatures)
        if identifier not in related
    }
    entries["/VRI"] = with_entries(related, {key: b"%d 0 R" % new[key] for key in new})
    store_text = with_entries(store, {"/Type": b"/DSS", **entries})
    if store.is_indirect:
        increment.replace(store, store_text)
    else:
        number = increment.add(store_text)
        increment.replace(root, with_entries(root, {"/DSS": b"%d 0 R" % number}))
    return bytes(increment.written().data)


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
    entries = (_VRI_KEYS[kind] + b" [" + named[kind] + b"]" for kind in _KINDS if named[kind])
    return b"<< /Type /VRI " + b" ".join(entries) + b" >>"

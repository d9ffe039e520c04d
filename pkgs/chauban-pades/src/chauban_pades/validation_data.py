"""Keep beside the signatures what is needed to check them for ever (PAdES B-LT).

Standard: ETSI EN 319 142-1 clause 5.4 (document security store).
"""

from hashlib import sha1

from chauban_pki.revocation import ValidationData

from .dictionaries import Dictionary, parse_bytes
from .errors import NotSigned
from .increments import Increment, stream
from .originals import Original, open_original, reading
from .signatures import fields_of

_VRI_KEYS = {b"/Certs": b"/Cert", b"/CRLs": b"/CRL", b"/OCSPs": b"/OCSP"}


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
        return increment.document()


def _add_store(increment: Increment, data: ValidationData) -> None:
    original = increment.original
    signatures = _signatures(original)
    store = original.dictionary(original.root.get(b"/DSS") or b"<< >>")
    given = {b"/Certs": data.certificates, b"/CRLs": data.crls, b"/OCSPs": data.ocsps}
    entries: dict[bytes, bytes] = {b"/Type": b"/DSS"}
    named: dict[bytes, bytes] = {}
    for kind, contents in given.items():
        kept = _kept(original, store.get(kind))
        named[kind] = b" ".join(_referenced(increment, kept, each) for each in contents)
        if kept:
            entries[kind] = b"[" + b" ".join(kept.values()) + b"]"
    related = original.dictionary(store.get(b"/VRI") or b"<< >>")
    new = {
        identifier: b"%d 0 R" % increment.add(_related(named))
        for identifier in map(_identifier, signatures)
        if identifier not in related
    }
    if related.is_indirect:
        increment.replace(related.reference, related.text(new))
    else:
        entries[b"/VRI"] = related.text(new)
    if store.is_indirect:
        increment.replace(store.reference, store.text(entries))
    else:
        number = increment.add(store.text(entries))
        root = original.root
        increment.replace(root.reference, root.text({b"/DSS": b"%d 0 R" % number}))


def _signatures(original: Original) -> list[Dictionary]:
    """The signature dictionaries of the document.

    Raises:
        NotSigned: there are none.
    """
    fields = fields_of(original).values()
    found = [
        original.dictionary(each[b"/V"])
        for each in fields
        if each.get(b"/FT") == b"/Sig" and b"/V" in each
    ]
    if not found:
        raise NotSigned
    return found


def _kept(original: Original, listed: bytes | None) -> dict[bytes, bytes]:
    """References to what the store holds, by content."""
    references = () if listed is None else original.references(listed)
    return {
        original.reader.get_object(*each).read_bytes(): b"%d %d R" % each for each in references
    }


def _referenced(increment: Increment, kept: dict[bytes, bytes], content: bytes) -> bytes:
    """A reference to content, which is added unless it is kept already."""
    if content not in kept:
        kept[content] = b"%d 0 R" % increment.add(stream(b"", content))
    return kept[content]


def _identifier(signature: Dictionary) -> bytes:
    """The /VRI key: SHA-1 over the whole of /Contents (clause 5.4.2.3); a name, no security."""
    contents = parse_bytes(signature[b"/Contents"])
    return b"/" + sha1(contents, usedforsecurity=False).hexdigest().upper().encode("ascii")


def _related(named: dict[bytes, bytes]) -> bytes:
    entries = (key + b" [" + named[kind] + b"]" for kind, key in _VRI_KEYS.items() if named[kind])
    return b"<< /Type /VRI " + b" ".join(entries) + b" >>"

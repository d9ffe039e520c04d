"""What a program elsewhere may add to a file that it was given to sign: one signature.

The file that comes back from another machine is read as any foreign file, by the assessment's
own reader, and accepted only if its one further revision holds a signature by the expected
certificate over the whole file, in the field that was reserved or in one that it adds, and
changes nothing else.

Standards: ISO 32000-1 clauses 7.5.6 and 12.8.1; ETSI EN 319 142-1 clause 6.3. Decision:
docs/adr/0023.
"""

from __future__ import annotations

from collections.abc import Sequence

import pikepdf
from cryptography import x509

from chauban_pki.signed_data import (
    is_signing_certificate_bound,
    parse_signed_data,
    verify_signed_data,
    without_padding,
)

from .changes import changes_after
from .comparing import (
    FIELD_SIGNED,
    INFORMATION_CHANGED,
    INVISIBLE_SIGNATURE_ADDED,
    SIGNATURE_ADDED,
    Delta,
)
from .errors import PAdESError, SignatureNotPAdES, SignedByAnotherCertificate
from .permissions import NO_LOCKS, read_permissions
from .reading import History, read_history
from .signature_reading import Signature, digest_of, read_signature
from .views import Field
from .words import change

_PADES = "/ETSI.CAdES.detached"
_SHOWN = 5


class AdditionNotPermitted(PAdESError):
    """Root of what is wrong with a file that came back signed; nothing of it is kept."""


class NotTheFileSent(AdditionNotPermitted):
    """It does not begin, byte for byte, with the file that was sent."""

    code = "not-the-file-sent"
    clause = "ISO 32000-1 clause 7.5.6"
    words_vi = "Tệp trả về không phải là tệp đã gửi đi ký. Hãy ký lại đúng tệp hệ thống đưa ra."
    words_en = "What came back is not the file that was sent. Sign the very file given."


class RevisionsAdded(AdditionNotPermitted):
    """Not exactly one revision was added."""

    code = "revisions-added"
    clause = "ISO 32000-1 clause 7.5.6"
    words_vi = (
        "Tệp trả về được ghi thêm {count} lần; chỉ chữ ký được ghi thêm, một lần. Hãy ký lại và"
        " không sửa gì khác."
    )
    words_en = "{count} revisions were added in place of one signature. Sign again, no more."

    def __init__(self, count: int) -> None:
        super().__init__(count=count)
        self.count = count


class NotSignedInField(AdditionNotPermitted):
    """The expected signature is not where it has to be."""

    code = "not-signed-in-field"
    clause = "ISO 32000-1 clause 12.7.4.5"
    words_vi = (
        "Tệp trả về không có chữ ký ở ô “{field}” dành sẵn. Hãy chọn đúng ô đó trong phần mềm rồi"
        " ký lại."
    )
    words_en = "The reserved field {field!r} was not signed. Choose it in the program."

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
        self.field = field


class NotOneSignatureAdded(AdditionNotPermitted):
    """A file without a reserved field has to come back with one field more, signed."""

    code = "not-one-signature-added"
    clause = "ISO 32000-1 clause 12.7.4.5"
    words_vi = "Tệp trả về có thêm {count} chữ ký; phải có đúng một. Hãy ký lại một lần."
    words_en = "{count} signatures were added; there must be exactly one. Sign once."

    def __init__(self, count: int) -> None:
        super().__init__(count=count)
        self.count = count


class FileNotCovered(AdditionNotPermitted):
    """Bytes follow what the signature covers."""

    code = "file-not-covered"
    clause = "ISO 32000-1 clause 12.8.1"
    words_vi = "Chữ ký trên tệp trả về không bao trùm cả tệp. Hãy ký lại."
    words_en = "The signature does not cover the whole file. Sign again."


class LockAdded(AdditionNotPermitted):
    """The signature forbids later steps that the document has still to go through."""

    code = "lock-added"
    clause = "ISO 32000-1 clause 12.8.2"
    words_vi = (
        "Phần mềm đã khóa văn bản không cho ghi thêm, nên không thể cấp số, đóng dấu. Hãy tắt tùy"
        " chọn khóa tài liệu rồi ký lại."
    )
    words_en = "The program locked the document. Switch that option off and sign again."


class MoreAdded(AdditionNotPermitted):
    """More was changed than a signature needs; `what` are the codes of the changes."""

    code = "more-added"
    clause = "Nghị định 30/2020/NĐ-CP Điều 5; ISO 32000-1 clause 12.8.2"
    words_vi = (
        "Tệp trả về có thay đổi ngoài chữ ký: {detail_vi}. Hãy ký lại và không ghi thêm gì lên văn"
        " bản."
    )
    words_en = "More than a signature was added: {detail_en}. Sign again and add nothing else."

    def __init__(self, what: tuple[str, ...], *, detail_vi: str, detail_en: str) -> None:
        super().__init__(detail_vi=detail_vi, detail_en=detail_en)
        self.what = what


def require_only_signature_added(
    sent: bytes, returned: bytes, *, certificate: x509.Certificate, field: str | None = None
) -> str:
    """Return the name of the field that was signed, after all checks of a file that came back.

    With `field`, the reserved field of that name was to be signed. Without, the program adds a
    field of its own, visible or not, as is done to a file that has no reserved one. Descriptive
    information (/Info, XMP) may change with it: no page shows it.

    Raises:
        NotTheFileSent, RevisionsAdded: it is not the file sent with one revision more.
        NotSignedInField, NotOneSignatureAdded: the signature is not where it has to be.
        FileNotCovered, SignatureMalformed: it is not over exactly the whole file.
        SignedByAnotherCertificate: it is by somebody else.
        SignatureNotPAdES: its format is not that of ETSI EN 319 142-1.
        LockAdded, MoreAdded: it forbids, or the revision changes, more than agreed.
        Unreadable: a file is no plain PDF.
        SignedDataMalformed, DigestMismatch, SignatureMismatch, SigningCertificateMismatch,
            WeakSignatureAlgorithm (of chauban_pki): it is no signature over this file.
    """
    if not returned.startswith(sent):
        raise NotTheFileSent
    before, history = read_history(sent), read_history(returned)
    added = len(history.revisions) - len(before.revisions)
    if added != 1:
        raise RevisionsAdded(max(added, 0))
    deltas = changes_after(history, len(before.revisions)).deltas
    signed = _signed_field(before, history, deltas, field)
    signature = read_signature(history, signed)
    if signature.revision != len(history.revisions) or signature.end != len(returned):
        raise FileNotCovered
    _require_signed_by(certificate, returned, signature)
    _require_no_lock(signed, is_reserved=field is not None)
    _require_nothing_else(deltas, signed)
    return signed.name


def _signed_field(
    before: History, history: History, deltas: Sequence[Delta], field: str | None
) -> Field:
    """The field that the further revision signs."""
    fields = history.newest.fields
    if field is not None:
        found = fields.get(field)
        was = before.newest.fields.get(field)
        if found is None or was is None or was.has_value or not found.has_value:
            raise NotSignedInField(field)
        return found
    names = [
        name
        for name, each in fields.items()
        if each.kind == "/Sig" and each.has_value and not _was_signed(before, name)
    ]
    if len(names) != 1:
        raise NotOneSignatureAdded(len(names))
    return fields[names[0]]


def _was_signed(before: History, name: str) -> bool:
    was = before.newest.fields.get(name)
    return was is not None and was.has_value


def _require_signed_by(
    certificate: x509.Certificate, returned: bytes, signature: Signature
) -> None:
    if signature.sub_filter != _PADES:
        raise SignatureNotPAdES(signature.sub_filter or "/SubFilter")
    signed = parse_signed_data(without_padding(signature.contents))
    digest = digest_of(returned, signature, signed.digest_name_at(None))
    if verify_signed_data(signed, digest=digest) != certificate:
        raise SignedByAnotherCertificate(certificate.subject.rfc4514_string())
    if not is_signing_certificate_bound(signed):
        raise SignatureNotPAdES("signing-certificate-v2")
    if signed.content is not None:
        raise SignatureNotPAdES("encapsulated content")


def _require_no_lock(field: Field, *, is_reserved: bool) -> None:
    """The signature may lock what its reserved field locks, and nothing of its own accord."""
    reserved = NO_LOCKS
    if is_reserved:
        reserved = read_permissions(pikepdf.Dictionary(), field.dictionary)
    if read_permissions(field.value, field.dictionary) != reserved:
        raise LockAdded


def _require_nothing_else(deltas: Sequence[Delta], signed: Field) -> None:
    agreed = {FIELD_SIGNED, SIGNATURE_ADDED, INVISIBLE_SIGNATURE_ADDED}
    others = [
        each
        for each in deltas
        if each.what != INFORMATION_CHANGED
        and not (each.what in agreed and each.field == signed.name)
    ]
    if not others:
        return
    told = [
        change(
            each.what, revision=each.revision, page=each.page, field=each.field, detail=each.detail
        )
        for each in others[:_SHOWN]
    ]
    raise MoreAdded(
        tuple(dict.fromkeys(each.what for each in others)),
        detail_vi="; ".join(each.vi for each in told),
        detail_en="; ".join(each.en for each in told),
    )

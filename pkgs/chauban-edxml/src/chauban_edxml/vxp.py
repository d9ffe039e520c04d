"""The signed request headers of the national document axis (VXP SDK 2.0.x).

All parameters of a call travel as headers `XroadVnpt-<name>`, signed together with HMAC-SHA256.
Neither the body (but for `hash-file`) nor freshness is protected: use it only inside a network
that protects both.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from chauban_edxml.errors import EdXMLError
from chauban_edxml.values import VIETNAM

PREFIX = "XroadVnpt-"
USER_AGENT = "JAVASDKAgent/1.0.0 XRoad/VPCP"
VERSION = "3.0.201608"
_CONTENT_TYPE = "Content-Type"
_TIMESTAMP = re.compile(
    "([0-9]{2})([0-9]{2})([0-9]{4})T([0-9]{2})([0-9]{2})([0-9]{2})[+]0([0-9]{3})"
)
_KEYS, _SIGNED, _HASH = "sign-header-key", "sign-header", "hash-header"


class HeadersError(EdXMLError):
    """Root of what is wrong with request headers."""

    section = "11.2"


class _NamedHeaderError(HeadersError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class NotHeaderText(_NamedHeaderError):
    """A value with a line break or a letter outside ASCII, which no header can carry."""

    _vi = "Giá trị tiêu đề “{name}” có ký tự ngoài ASCII hoặc xuống dòng. Hãy dùng mã thay cho tên."
    _en = "The value of header “{name}” has characters outside ASCII. Use codes, not names."


class HeaderMissing(_NamedHeaderError):
    """A header that every signed request has is absent."""

    _vi = "Yêu cầu thiếu tiêu đề “{name}”. Hãy kiểm tra phần mềm kết nối."
    _en = "The request lacks the header “{name}”. Check the connecting software."


class SignatureInvalid(HeadersError):
    """The HMAC is not that of the signed text under this secret."""

    _vi = "Chữ ký của yêu cầu không đúng. Hãy kiểm tra mã hệ thống và khóa bí mật đã đăng ký."
    _en = "The request's signature is wrong. Check the registered system id and secret."


class HeadersDisagree(_NamedHeaderError):
    """The headers sent are not those that were signed."""

    _vi = "Tiêu đề “{name}” khác với nội dung đã ký. Yêu cầu có thể đã bị sửa trên đường truyền."
    _en = "Header “{name}” is not as signed. The request may have been changed on its way."


class BadTimestamp(HeadersError):
    """Not `ddMMyyyy'T'HHmmss+SSSS`."""

    _vi = "Thời gian “{text}” trong tiêu đề không đúng dạng. Hãy kiểm tra phần mềm kết nối."
    _en = "The time “{text}” in the headers has the wrong form. Check the connecting software."

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def sign_headers(params: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return all headers of a request with params, whose names have no prefix.

    params holds `systemid`, `timestamp`, `Content-Type` and the operation's own. They are signed
    in the order in which the SDK's hash table has them.

    Raises:
        HeaderMissing: params has no Content-Type or systemid.
        NotHeaderText: a value cannot stand in a header.
    """
    for name in ("systemid", "timestamp", _CONTENT_TYPE):
        if name not in params:
            raise HeaderMissing(name)
    for name, value in params.items():
        if not value.isascii() or not value.isprintable():
            raise NotHeaderText(name)
    names = _sdk_order(params)
    signed = _json({PREFIX + name: params[name] for name in names})
    return {
        **{PREFIX + name: params[name] for name in names},
        _CONTENT_TYPE: params[_CONTENT_TYPE],
        PREFIX + _KEYS: ";".join(names),
        PREFIX + _SIGNED: signed,
        PREFIX + _HASH: _mac(secret, signed),
        "User-Agent": USER_AGENT,
        PREFIX + "version": VERSION,
    }


def claimed_system(headers: Mapping[str, str]) -> str:
    """Return the `systemid` that a request claims, by which to look up its secret.

    Raises:
        HeaderMissing, NotHeaderText
    """
    return _required(_folded(headers), "systemid")


def verify_headers(headers: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return the signed parameters of a request, without prefix, in the order signed.

    Names of headers are compared without regard to capitals. The order of signing is the
    sender's own.

    Raises:
        HeaderMissing, NotHeaderText: a header of the signature is absent or not ASCII.
        SignatureInvalid: the HMAC is not that of secret (compared in constant time).
        HeadersDisagree: a parameter sent differs from the one signed, or is not signed.
    """
    sent = _folded(headers)
    signed, claimed = _required(sent, _SIGNED), _required(sent, _HASH)
    if not hmac.compare_digest(_mac(secret, signed).encode(), claimed.lower().encode()):
        raise SignatureInvalid
    names = _required(sent, _KEYS).split(";")
    params = _signed_params(signed)
    if list(params) != names:
        raise HeadersDisagree(_KEYS)
    for name, value in params.items():
        if sent.get((PREFIX + name).lower()) != value:
            raise HeadersDisagree(name)
    return params


def vxp_timestamp(moment: datetime) -> str:
    """Return an aware moment as `ddMMyyyy'T'HHmmss+SSSS`: Việt Nam time, then milliseconds."""
    local = moment.astimezone(VIETNAM)
    return f"{local:%d%m}{local.year:04}T{local:%H%M%S}+{local.microsecond // 1000:04}"


def parse_vxp_timestamp(text: str) -> datetime:
    """Return the UTC moment that `vxp_timestamp` wrote.

    Raises:
        BadTimestamp: text has another form, or names no moment.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise BadTimestamp(text)
    day, month, year, hour, minute, second, milliseconds = (int(part) for part in match.groups())
    microsecond = milliseconds * 1000
    try:
        local = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=VIETNAM)
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise BadTimestamp(text) from reason


def hash_file(data: bytes) -> str:
    """Return the SHA-256 of data as the SDK writes it: each byte without its leading zero."""
    return sdk_form(sha256(data).digest())


def sdk_form(digest: bytes) -> str:
    """Return a SHA-256 as the SDK writes it: each byte without its leading zero."""
    return "".join(f"{byte:x}" for byte in digest)


def is_hash_of(claimed: str, data: bytes) -> bool:
    """Tell whether claimed is the SHA-256 of data, in the SDK's form or the full one."""
    return is_digest(claimed, sha256(data).digest())


def is_digest(claimed: str, digest: bytes) -> bool:
    """Tell whether claimed names a SHA-256, in the SDK's form or the full one."""
    return claimed.lower() in (digest.hex(), sdk_form(digest))


def _mac(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()


def _json(params: Mapping[str, str]) -> str:
    return json.dumps(params, ensure_ascii=False, separators=(",", ":"))


def _sdk_order(params: Mapping[str, str]) -> list[str]:
    """Return the names in the order of a Java HashMap with 16 places, fixed ones put in first."""
    fixed = ("systemid", "timestamp", _CONTENT_TYPE)
    names = [*fixed, *(name for name in params if name not in fixed)]
    return sorted(names, key=_place)


def _place(name: str) -> int:
    code = 0
    for character in name:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ (code >> 16)) & 15


def _signed_params(signed: str) -> dict[str, str]:
    try:
        pairs = json.loads(signed, object_pairs_hook=list)
    except (ValueError, RecursionError) as reason:
        raise HeadersDisagree(_SIGNED) from reason
    if not isinstance(pairs, list):
        raise HeadersDisagree(_SIGNED)
    params: dict[str, str] = {}
    for pair in pairs:
        if not (isinstance(pair, tuple) and isinstance(pair[1], str)):
            raise HeadersDisagree(_SIGNED)
        prefix, name = pair[0][: len(PREFIX)], pair[0][len(PREFIX) :]
        if prefix != PREFIX or name in params:
            raise HeadersDisagree(pair[0])
        params[name] = pair[1]
    return params


def _folded(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _required(sent: Mapping[str, str], name: str) -> str:
    value = sent.get((PREFIX + name).lower())
    if value is None:
        raise HeaderMissing(name)
    if not value.isascii():
        raise NotHeaderText(name)
    return value

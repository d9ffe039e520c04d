"""Messages made to do harm, and the work of refusing one."""

import base64
import io
import zipfile
from collections.abc import Callable

from chauban_edxml import EdXMLError, read
from chauban_edxml.json_mapping import read_json
from chauban_edxml.soap import read_soap
from chauban_edxml.vxp import sign_headers

NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_SECRET = "<edXML:OtherInfo><edXML:Secret>1</edXML:Secret></edXML:OtherInfo>"
_HEADER = (
    "<edXML:MessageHeader><edXML:From><edXML:OrganId>H57.03</edXML:OrganId></edXML:From>"
    "<edXML:To><edXML:OrganId>H57.64</edXML:OrganId></edXML:To>"
    "<edXML:DocumentId>x</edXML:DocumentId>{}</edXML:MessageHeader>"
)


def message(
    *, before: str = "", header: str = "", manifest: str = "", attachments: str = ""
) -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<edXML xmlns="{NS}"><edXML:edXMLEnvelope xmlns:edXML="{NS}">'
        f"<edXML:edXMLHeader>{_HEADER.format(header)}</edXML:edXMLHeader><edXML:edXMLBody>"
        f"<edXML:edXMLManifest>{manifest}</edXML:edXMLManifest></edXML:edXMLBody>"
        f"</edXML:edXMLEnvelope><AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>"
    ).encode()


def attachment(name: str, carried: bytes) -> str:
    text = base64.b64encode(carried).decode()
    return (
        f"<Attachment><AttachmentName>{name}</AttachmentName>"
        f"<ContentTransferEncoded>{text}</ContentTransferEncoded></Attachment>"
    )


def zipped(entry: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, content)
    return out.getvalue()


def _package(*headers: str, parts: int = 1) -> bytes:
    envelope = (
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>'
        f'<edXML:x xmlns:edXML="http://www.e-doc.vn/Schema/"/>{_HEADER.format("")}'
        "</S:Header><S:Body/></S:Envelope>"
    )
    part = "--B\r\n" + "\r\n".join(headers) + "\r\n\r\nabc\r\n"
    return f"--B\r\n\r\n{envelope}\r\n{part * parts}--B--\r\n".encode()


LAUGHS = "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "ha">' for n in range(10)
)
ATTACKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "billion laughs": ("HasDTD", lambda: message(before=f"<!DOCTYPE edXML [{LAUGHS}]>")),
    "quadratic blow-up": (
        "HasDTD",
        lambda: message(
            before=f'<!DOCTYPE edXML [<!ENTITY a "{"a" * 100_000}">]>', header="&a;" * 10_000
        ),
    ),
    "external entity": (
        "HasDTD",
        lambda: message(
            before='<!DOCTYPE edXML [<!ENTITY a SYSTEM "file:///etc/passwd">]>', header="&a;"
        ),
    ),
    "external DTD": (
        "HasDTD",
        lambda: message(before='<!DOCTYPE edXML SYSTEM "http://attacker.invalid/a.dtd">'),
    ),
    "entity without DTD": ("Malformed", lambda: message(header="&passwd;")),
    "10,000 parts in 2 MB": (
        "TooLarge: attachments",
        lambda: message(attachments=attachment("a" * 60, b"x" * 30) * 10_000),
    ),
    "10,000 lines of the manifest": (
        "TooLarge: attachments",
        lambda: message(manifest="<edXML:Reference/>" * 10_000),
    ),
    "10,000 MIME parts": (
        "TooLarge: attachments",
        lambda: _package("Content-Type: application/pdf", parts=10_000),
    ),
    "a million elements": ("TooLarge: elements", lambda: message(header="<a/>" * 1_000_000)),
    "a million attributes": (
        "TooLarge: length of a tag",
        lambda: message(header="<a " + "".join(f'b{n}="" ' for n in range(1_000_000)) + "/>"),
    ),
    "100,000 levels": ("TooLarge: depth", lambda: message(header="<a>" * 100_000)),
    "a name of a megabyte": (
        "TooLarge: length of a name",
        lambda: message(header=f"<{'a' * 900_000}/>"),
    ),
    "a thousand prefixes": (
        "TooLarge: namespaces",
        lambda: message(header="<a " + " ".join(f'xmlns:b{n}="u:{n}"' for n in range(1000)) + "/>"),
    ),
    "40 MB of text": (
        "TooLarge: size without files",
        lambda: message(header=f"<a>{'a' * 40_000_000}</a>"),
    ),
    "40 MB of comments": (
        "TooLarge: size without files",
        lambda: message(header=f"<!--{'a' * 100_000}-->" * 400),
    ),
    "60 MB": ("TooLarge: size in bytes", lambda: b"<" + b"a" * 60_000_000),
    "zip bomb": (
        "archive-bomb",
        lambda: message(attachments=attachment("a.doc", zipped("a.doc", b"\0" * 150_000_000))),
    ),
    "zip that says its size": (
        "too-large",
        lambda: message(attachments=attachment("a.doc", zipped("a.doc", b"\0" * 210_000_000))),
    ),
    "../ in a wrapped attachment": (
        "unsafe-entry-name",
        lambda: message(attachments=attachment("a.doc", zipped("../../etc/cron.d/a", b"x"))),
    ),
    "line break in the name of an entry": (
        "unsafe-entry-name",
        lambda: message(attachments=attachment("a.doc", zipped("a\r\nSet-Cookie: b", b"x"))),
    ),
    "a header of the axis in an OrganId": (
        "NotHeaderText",
        lambda: message().replace(b"H57.03<", b"H57.03&#13;&#10;XroadVnpt-to: G22<"),
    ),
    "a MIME header twice": (
        "BadPart",
        lambda: _package("Content-ID: <a>", "Content-ID: <b>"),
    ),
    "a MIME header without name": ("BadPart", lambda: _package("Content-ID: <a>", "Set Cookie")),
    "two parts of one id": ("BadPart", lambda: _package("Content-ID: <a>", parts=2)),
    "MIME headers without end": (
        "TooLarge: headers of a part",
        lambda: _package(*(f"X-{n}: {'a' * 80}" for n in range(10_000))),
    ),
    "JSON of a million lists": ("TooLarge: elements", lambda: b"[" + b"[]," * 1_000_000 + b"1]"),
    "JSON of 100,000 levels": ("TooLarge: elements", lambda: b"[" * 100_000),
    "a secret's mark": ("SecretMarking", lambda: message(header=_SECRET)),
    "a secret's mark before 30 MB of files": (
        "SecretMarking",
        lambda: message(header=_SECRET, attachments=attachment("a.pdf", b"x" * 22_000_000)),
    ),
}


def prepare_refuse(name: str) -> bytes:
    data = ATTACKS[name][1]()
    # What is loaded once for all is not counted.
    assert refuse(message()) == ""
    return data


def refuse(data: bytes) -> str:
    """Return the reason why data, or a file in it, is refused; nothing where it is not."""
    reading = read_soap if data.startswith(b"--") else read_json if data[:1] in b"[{" else read
    try:
        found = reading(data)
    except EdXMLError as refusal:
        what = getattr(refusal, "what", "")
        return type(refusal).__name__ + (f": {what}" if what else "")
    faults = [each.fault.value for each in found.attachments if each.fault]
    return faults[0] if faults else _refuse_to_send(found.from_.organ_id)


def _refuse_to_send(organ_id: str) -> str:
    """Return why a sender's code does not become a header of the axis; nothing where it does."""
    given = {"systemid": "s", "timestamp": "t", "Content-Type": "c", "from": organ_id}
    try:
        sign_headers(given, "secret")
    except EdXMLError as refusal:
        return type(refusal).__name__
    return ""

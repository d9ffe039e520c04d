"""Pieces of messages as others write them, put together by hand: none of our own writer."""

import base64
import io
import zipfile

NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
UUID = "7c1f5a1e-2b0d-4c57-9a64-0d3f6b8e2a1{}"

COMMUNE = ("H57.64", "Ủy ban nhân dân phường Phú Bài")
DEPARTMENT = ("H57.03", "Sở Tài chính")
CITY = ("H57", "Ủy ban nhân dân thành phố Huế")
CITY_OLD = ("000.00.00.H57", "Ủy ban nhân dân thành phố Huế (Mã cũ) (qd20)")
GOVERNMENT_OFFICE = ("G22", "Văn phòng Chính phủ")
ENTERPRISE = ("020100000026", "Tổng công ty Mẫu Hai")

DOC = b"{\\rtf1\\ansi B\\'e1o c\\'e1o m\\'e2\\'u, kh\\'f4ng c\\'f3 ch\\'fd k\\'fd s\\'f4\\'.}"


def pdf(text: str = "Van ban mau") -> bytes:
    """A one-page PDF with the binary comment that ISO 32000-1 clause 7.5.2 recommends."""
    content = f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.5\n%\xc4\xe5\xf2\xe5\xeb\xa7\xf3\xa0\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    )


def zipped(entry: str, content: bytes) -> bytes:
    """One entry in streaming form, as Java's ZipOutputStream writes it: flag bits 3 and 11."""

    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(entry, date_time=(2026, 11, 23, 8, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.flag_bits |= 0x800
        with archive.open(info, "w") as stream:
            stream.write(content)
    return buffer.getvalue()


def element(name: str, *children: str, attributes: str = "") -> str:
    """An element with the prefix; its text is given escaped."""
    inner = "".join(children)
    if children and children[0].lstrip().startswith("<"):
        inner = f"\n{inner}"
    return f"<edXML:{name}{attributes}>{inner}</edXML:{name}>\n"


def organization(name: str, agency: tuple[str, str], *, hand_made: bool = False) -> str:
    organ_id, organ_name = agency
    names = [element("OrganizationInCharge", organ_name), element("OrganName", organ_name)]
    if hand_made:
        names.reverse()
    return element(name, element("OrganId", organ_id), *names)


def code(number: str, notation: str) -> str:
    return element("Code", element("CodeNumber", number), element("CodeNotation", notation))


def promulgated(day: str) -> str:
    return element("PromulgationInfo", element("Place", "Huế"), element("PromulgationDate", day))


def kind(number: str = "1", name: str = "Công văn") -> str:
    return element(
        "DocumentType",
        element("Type", number),
        element("TypeDetail", "0"),
        element("TypeName", name),
    )


def subject(text: str) -> str:
    return element("Subject", text) + element("Content", text)


def signer(name: str = "Nguyễn Văn Mẫu") -> str:
    return element("SignerInfo", element("Position", "Chủ tịch"), element("FullName", name))


def other_info(priority: str = "0", inside: str = "") -> str:
    return element(
        "OtherInfo",
        element("Priority", priority),
        element("PromulgationAmount", "2"),
        element("PageAmount", "3"),
        element("Direction", "false"),
        inside,
    )


def trace(organ_id: str, moment: str) -> str:
    organ = element("OrganId", organ_id) if organ_id else ""
    return element("TraceHeader", organ, element("Timestamp", moment))


def bussiness(doc_type: str, reason: str, *, before: str = "", after: str = "") -> str:
    return element(
        "Bussiness",
        before,
        element("BussinessDocType", doc_type),
        element("BussinessDocReason", reason),
        element("Paper", "0"),
        after,
    )


def trace_list(*children: str, attributes: str = "") -> str:
    return element("TraceHeaderList", *children, attributes=attributes)


def reference(number: int, name: str, content_type: str) -> str:
    return element(
        "Reference",
        element("ContentId", f"cid:{UUID.format(number)}"),
        element("ContentType", content_type),
        element("Description", name),
        element("AttachmentName", name),
    )


def attachment(number: int, name: str, content_type: str, content: bytes | str) -> str:
    encoded = content if isinstance(content, str) else base64.b64encode(content).decode()
    return (
        f"<Attachment>\n<ContentId>cid:{UUID.format(number)}</ContentId>\n"
        f"<AttachmentName>{name}</AttachmentName>\n<ContentType>{content_type}</ContentType>\n"
        f'<edXML:ContentTransferEncoded xmlns:edXML="{NS}">{encoded}'
        "</edXML:ContentTransferEncoded>\n</Attachment>\n"
    )


def files(*named: tuple[str, str, bytes]) -> tuple[str, str]:
    """The manifest's references and the attachments for (name, content type, bytes carried)."""
    numbered = list(enumerate(named))
    return (
        "".join(reference(number, name, kind) for number, (name, kind, _) in numbered),
        "".join(attachment(number, *each) for number, each in numbered),
    )


def message(
    header: str,
    traces: str = "",
    *,
    manifest: str = "",
    attachments: str = "",
    after_traces: str = "",
    body: bool = True,
) -> str:
    content = element("edXMLManifest", manifest, attributes=' version="1.0"')
    envelope = (
        f'<edXML:edXMLEnvelope xmlns:edXML="{NS}">\n'
        + element("edXMLHeader", element("MessageHeader", header), traces, after_traces)
        + (element("edXMLBody", content) if body else "")
        + "</edXML:edXMLEnvelope>\n"
    )
    encoded = f"<AttachmentEncoded>\n{attachments}</AttachmentEncoded>\n" if attachments else ""
    root = f'<edXML xmlns="{NS}">\n{envelope}{encoded}</edXML>\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'


SIGNATURE = """<Signature>
<SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315" />
<SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1" />
<Reference URI="">
<DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1" />
<DigestValue>AAAA</DigestValue>
</Reference>
</SignedInfo>
<SignatureValue>AAAA</SignatureValue>
</Signature>
"""

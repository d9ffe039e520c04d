"""Messages that are no edXML files: SOAP packages of e-Doc v1, older exports, the JSON mapping."""

import base64
import json

import shapes as s

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_V1 = "http://www.e-doc.vn/Schema/"
LETTER = s.pdf("Bao cao thang")
V1_ID = "000.00.11.H57,2020/10/30,2491/STC-NS"
STATUS_ID = "G22,2018/09/28,7816/VPCP-TTĐT"


def _envelope(header: str, body: str = "", *, declared: str = f' xmlns:edXML="{_V1}"') -> str:
    return (
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{_SOAP}" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f"{declared}>\n<SOAP-ENV:Header>\n{header}</SOAP-ENV:Header>\n"
        f"<SOAP-ENV:Body>\n{body}</SOAP-ENV:Body>\n</SOAP-ENV:Envelope>\n"
    )


def v1_package() -> bytes:
    """A document with one file, as two parts: dates day first, names spelt the older way."""
    header = (
        s.element(
            "From",
            s.element("OrganId", "000.00.11.H57"),
            s.element("OrganName", "Sở Tài chính"),
            s.element("OrganInCharge", "UBND thành phố Huế"),
        )
        + s.element("To", s.element("OrganId", "000.00.01.H57"), s.element("Fax", ""))
        + s.code("2491", "STC-NS")
        + s.promulgated("30/10/2020")
        + s.element("DocumentType", s.element("Type", "1"), s.element("TypeName", "Công văn"))
        + s.subject("V/v báo cáo tháng")
        + s.signer()
        + s.element("DueDate", "01/01/1900")
        + s.element("ToPlaces", s.element("Place", "Như trên"))
        + s.element("SteeringType", "0")
        + s.element("DocumentId", V1_ID)
    )
    traces = s.trace_list(s.trace("000.00.11.H57", "30/10/2020 14:05:00"))
    reference = s.element(
        "Reference",
        s.element("AttachmentName", "bao-cao-thang.pdf"),
        s.element("Description", "Báo cáo tháng"),
        attributes=' xlink:href="cid:att-0001" xlink:type="simple"',
    )
    envelope = _envelope(
        s.element("MessageHeader", header) + traces + "<edXML:ErrorList />\n",
        s.element("Manifest", reference),
    )
    lines = (
        "--Boundary",
        "Content-Type: text/xml; charset=utf-8",
        "Content-ID: <start>",
        "",
        envelope,
        "--Boundary",
        "Content-Type: application/pdf",
        "Content-Transfer-Encoding: base64",
        "Content-ID: <att-0001>",
        "",
        base64.encodebytes(LETTER).decode(),
        "--Boundary--",
        "",
    )
    return "\r\n".join(lines).encode()


def export_2013(secret: str = "Thường") -> bytes:
    """An export without declared prefix, with other names and words for numbers."""
    header = (
        s.element("From", s.element("OrganId", "EOF1102", attributes=' edXML:type="edXMLString"'))
        + s.element("To", s.element("OrganId", "EOF1103", attributes=' edXML:type="edXMLString"'))
        + s.element("DocumentId", "12")
        + s.code("12", "STTTT")
        + s.element("PromulgationInfo", s.element("Date", "05/03/2013 10:00:00"))
        + s.element("type", "<value>7</value><description>Công văn</description>")
        + s.element("Subject", "Về việc họp giao ban")
        + s.element("Author", s.element("Function", "Giám đốc"), s.element("FullName", "Trần Mẫu"))
        + s.element("OtherInfo", s.element("Secret", secret), s.element("Priority", "Khẩn"))
    )
    attributes = ' OriginalBodyRequested="false" ImmediateResponseRequired="true"'
    return _envelope(
        s.element("MessageHeader", header, attributes=attributes), declared=""
    ).encode()


def provincial_status() -> bytes:
    """A status with the prefix bound to SOAP's namespace."""
    children = (
        s.element(
            "ResponseFor",
            s.element("OrganId", "G22"),
            s.element("Code", "7816/VPCP-TTĐT"),
            s.element("PromulgationDate", "28/09/2018"),
            s.element("DocumentId", STATUS_ID),
        )
        + s.organization("From", s.COMMUNE)
        + s.element("StatusCode", "03")
        + s.element("Timestamp", "01/10/2018 08:05:09")
    )
    status = s.element("Status", children, attributes=f' xmlns:edXML="{_SOAP}"')
    return _envelope(status, declared="").encode()


def mapped_document() -> bytes:
    told = {
        "header": {
            "messageheader": {
                "from": {"organid": "H57.03", "organname": "Sở Tài chính"},
                "toes": [{"organid": "H57.64"}, {"organid": "H57"}],
                "code": {"codenumber": "05", "codenotation": "STC-NS"},
                "promulgationinfo": {"promulgationdate": "2026/11/20"},
                "subject": "V/v rà soát dự toán",
                "toplaces": ["Như trên", ""],
                "documentid": "H57.03,2026/11/20,05/STC-NS",
            },
            "traceheaderlist": {"bussiness": {"bussinessdoctype": 0}},
        },
        "attachments": [
            {"attachmentname": "cv.pdf", "filecontent": base64.b64encode(LETTER).decode()}
        ],
    }
    return _json(told)


def mapped_status() -> bytes:
    told = {
        "responsefor_organid": "G22",
        "responsefor_code": "7816/VPCP-TTĐT",
        "responsefor_promulgationdate": "2018/09/28 00:00:00",
        "responsefor_documentid": STATUS_ID,
        "from_organid": "H57.64",
        "from_organname": "Ủy ban nhân dân phường Phú Bài",
        "statuscode": "06",
        "staffinfo_staff": "Nguyễn Thị Mẫu",
    }
    return _json({"data": told, "ErrorCode": "0", "status": "OK"})


def _json(told: object) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

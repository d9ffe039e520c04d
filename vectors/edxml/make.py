"""Make the edXML vectors: `python vectors/edxml/make.py` writes them beside this file.

Each vector says what it stands for, where its shape was seen and what must come of reading it
(`expected.json`). Contents are made up; agency codes under H57 below level 1 are too.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import other_forms as other
import shapes as s

EXAMPLE = "all4u1089/truclienthong-example"
GATEWAY = "PVN-Organization/API-Gateway-iOffice"
ZIP, PDF = "application/zip", "application/pdf"
ENTRY = "0f6d6c0e-54a7-4a53-8a2c-5f1c9a7e3b{:02}"
NEW_ID = "G22,2026/11/20,7816/VPCP-TTĐT"


@dataclass(frozen=True)
class Vector:
    """A file, the rule it stands for, the public message whose shape it has, the outcome."""

    name: str
    shows: str
    source: str
    data: bytes
    expected: dict[str, Any] = field(default_factory=dict)


def document(
    document_id: str, *files: tuple[str, bytes | None, str | None], **more: Any
) -> dict[str, Any]:
    """Expect a document with files (name, content where it matters, fault)."""
    attachments = [
        {"name": name, "sha256": sha256(content).hexdigest() if content else None, "fault": fault}
        for name, content, fault in files
    ]
    return {"kind": "document", "document_id": document_id, "attachments": attachments, **more}


def refused(error: str) -> dict[str, Any]:
    return {"kind": "refused", "error": error}


def header(
    *recipients: tuple[str, str],
    document_id: str = NEW_ID,
    sender: tuple[str, str] = s.GOVERNMENT_OFFICE,
    words: str = "V/v kết nối, liên thông phần mềm quản lý văn bản",
    day: str = "2026/11/20",
    before_type: str = "",
    other: str = "",
    after: str = "",
) -> str:
    """Return the children of MessageHeader in the order of the operator's library."""
    return (
        s.organization("From", sender)
        + "".join(s.organization("To", recipient) for recipient in recipients)
        + s.element("DocumentId", document_id)
        + s.code("7816", "VPCP-TTĐT")
        + s.promulgated(day)
        + before_type
        + s.kind()
        + s.subject(words)
        + s.signer()
        + (other or s.other_info())
        + after
        + s.element("SteeringType", "0")
    )


NEW = s.bussiness("0", "Văn bản điện tử mới")
OWN_TRACE = s.trace("G22", "2026/11/20 16:30:00")
TRACES = s.trace_list(NEW, OWN_TRACE)
DOC_FILES = s.files(
    ("Báo cáo số liệu.doc", ZIP, s.zipped(ENTRY.format(1) + ".edxml", s.DOC)),
)


def plain(header_children: str, *, traces: str = TRACES, files: tuple[str, str] = DOC_FILES) -> str:
    return s.message(header_children, traces, manifest=files[0], attachments=files[1])


def new_documents() -> list[Vector]:
    leftover = s.element("DocumentId", "000.00.00.G22,2014/02/30,7806/VPCP-TTĐT")
    hand_made = s.trace_list(OWN_TRACE, s.bussiness("0", "Văn bản mới", before=leftover))
    unsigned = s.message(
        header(s.COMMUNE),
        hand_made,
        manifest=DOC_FILES[0],
        attachments=DOC_FILES[1],
        after_traces=s.SIGNATURE,
    ).replace("\n", "\r\n")
    letter = s.pdf()
    two_files = s.files(
        ("1- CV gửi (28.11-9.12)_Approved.pdf", PDF, letter),
        ("1- CV gửi (28.11-9.12).doc", ZIP, s.zipped(ENTRY.format(2) + ".doc", s.DOC)),
    )
    hops = s.trace_list(
        NEW,
        s.trace("020100000026", "2026/11/20 10:25:18"),
        s.trace("", "2026/11/20 10:27:35"),
        s.trace("02.29.W00", "2026/11/20 10:40:04"),
    )
    three = s.files(
        *(
            (f"local{letter_}.txt", ZIP, s.zipped(f"{ENTRY.format(n)}.txt", letter_.encode()))
            for n, letter_ in enumerate("ABC")
        )
    )
    minimal = (
        s.element("From", s.element("OrganId", "vxp.saas.03"))
        + s.element("To", s.element("OrganId", "H57.64"))
        + s.element("DocumentId", "test-doc")
        + s.element("Subject", "Test")
    )
    clean = s.files(("clean.txt", ZIP, s.zipped(ENTRY.format(3) + ".txt", b"Clean test")))
    return [
        Vector(
            "new_commune_unsigned_doc.edxml",
            "new document to a commune of Huế; an unsigned .doc, zipped, its entry named .edxml; "
            "TraceHeader before Bussiness; dummy Signature; CRLF; a left-over impossible date",
            f"{EXAMPLE}, resources/edoc_new.edxml",
            unsigned.encode(),
            document(
                NEW_ID,
                ("Báo cáo số liệu.doc", s.DOC, None),
                to=["H57.64"],
                doc_type=0,
            ),
        ),
        Vector(
            "new_three_recipients.edxml",
            "several recipients, Bussiness before TraceHeader: the library's own order",
            f"{EXAMPLE}, xml/dc0bdef0-….edxml",
            plain(header(s.COMMUNE, s.DEPARTMENT, s.CITY)).encode(),
            document(
                NEW_ID,
                ("Báo cáo số liệu.doc", s.DOC, None),
                to=["H57.64", "H57.03", "H57"],
            ),
        ),
        Vector(
            "new_old_and_new_code.edxml",
            "enterprise to the city under its new and its old code; raw PDF and zipped .doc; no "
            "DueDate; a hop without OrganId and one of a connecting centre",
            f"{GATEWAY}, knobstick.edxml (history)",
            plain(
                header(s.CITY, s.CITY_OLD, sender=s.ENTERPRISE), traces=hops, files=two_files
            ).encode(),
            document(
                NEW_ID,
                ("1- CV gửi (28.11-9.12)_Approved.pdf", letter, None),
                ("1- CV gửi (28.11-9.12).doc", s.DOC, None),
                to=["H57", "000.00.00.H57"],
            ),
        ),
        Vector(
            "new_three_attachments.edxml",
            "three attachments; no Bussiness, which means a new document",
            f"{GATEWAY}, uploads/1f881896-….edxml",
            plain(
                header(s.COMMUNE),
                traces=s.trace_list(s.trace("", "2026/11/20 11:04:32")),
                files=three,
            ).encode(),
            document(
                NEW_ID,
                *((f"local{each}.txt", each.encode(), None) for each in "ABC"),
                doc_type=0,
            ),
        ),
        Vector(
            "new_minimal.edxml",
            "the smallest message seen: no Code, no trace; manifest says text/plain, bytes are ZIP",
            f"{GATEWAY}, test_user_edxml.xml",
            s.message(minimal, manifest=clean[0], attachments=clean[1]).encode(),
            document(
                "test-doc",
                ("clean.txt", b"Clean test", None),
                warnings=["missing"],
            ),
        ),
    ]


def other_operations() -> list[Vector]:
    changed = s.element(
        "BussinessDocumentInfo",
        s.element("DocumentInfo", "1"),
        s.element("DocumentReceiver", "1"),
        s.element(
            "ReceiverList",
            *(
                s.element("Receiver", s.element("OrganId", organ), s.element("ReceiverType", how))
                for organ, how in (("H57.03", "0"), ("H57.64", "1"))
            ),
        ),
    )
    replaced = s.element(
        "ReplacementInfoList",
        s.element(
            "ReplacementInfo",
            s.element("DocumentId", "G22,2026/10/01,7000/VPCP-TTĐT"),
            s.element("OrganIdList", s.element("OrganId", "H57.64"), s.element("OrganId", "H57")),
        ),
    )
    answered = s.element(
        "ResponseFor",
        s.element("OrganId", "H57"),
        s.element("Code", "267/UBND-KH"),
        s.element("DocumentId", "H57,2026/10/06,267/UBND-KH"),
        s.element("PromulgationDate", "2026/10/06"),
    )
    updated_id = s.element("DocumentId", NEW_ID)
    doc = ("Báo cáo số liệu.doc", s.DOC, None)
    rows = (
        ("update", "2", "Cập nhật văn bản điện tử", updated_id, changed, "", "edoc_update.edxml"),
        ("recall", "1", "Thu hồi văn bản điện tử", "", "", answered, "edoc_revocation.edxml"),
    )
    vectors = [
        Vector(
            f"{name}.edxml",
            f"document message of type {doc_type} ({reason.lower()})",
            f"{EXAMPLE}, resources/{source}",
            plain(
                header(s.COMMUNE, after=after_header),
                traces=s.trace_list(
                    OWN_TRACE, s.bussiness(doc_type, reason, before=before, after=after)
                ),
            ).encode(),
            document(NEW_ID, doc, doc_type=int(doc_type)),
        )
        for name, doc_type, reason, before, after, after_header, source in rows
    ]
    replacement = s.trace_list(s.bussiness("3", "Thay thế văn bản", after=replaced), OWN_TRACE)
    return [
        *vectors,
        Vector(
            "replacement.edxml",
            "document message of type 3, naming what it replaces and for whom",
            "element names of the operator's library (EdXML102-0.0.3)",
            plain(header(s.COMMUNE), traces=replacement).encode(),
            document(NEW_ID, doc, doc_type=3),
        ),
    ]


def dialects() -> list[Vector]:
    dotnet = s.message(
        s.organization("From", s.DEPARTMENT)
        + s.organization("To", s.COMMUNE)
        + s.code("05", "CV-STC")
        + s.promulgated("2026-11-20")
        + s.subject("V/v cung cấp số liệu &amp; báo cáo")
        + s.element("ToPlaces", s.element("Place", "N/A"))
        + s.other_info(priority="")
        + s.element("DocumentId", "H57.03,2026-11-20,05/CV-STC"),
        s.trace_list(
            s.trace("H57.03", "2026/11/20 09:15:00"),
            s.bussiness("0", "Van ban dien tu moi"),
            attributes=' id="3fa85f64" version="1.0" mustUnderstand="1"',
        ),
        manifest=s.element(
            "Reference",
            s.element("AttachmentName", "cong-van.pdf"),
            attributes=' xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="cid:att-1"',
        ),
        attachments="<Attachment>\n<ContentType>application/pdf</ContentType>\n"
        "<ContentId>att-1</ContentId>\n<ContentTransferEncoded>"
        + s.attachment(0, "", "", s.pdf()).split('2016">')[1].split("</")[0]
        + "</ContentTransferEncoded>\n</Attachment>\n",
        after_traces="<edXML:DigitalSignature />\n",
    )
    hub = header(
        s.COMMUNE,
        sender=("000.00.11.H53", "Sở Tài chính tỉnh Tây Ninh"),
        day="20/11/2026",
        after="<edXML:DueDate></edXML:DueDate>\n<edXML:ResponseFor />\n",
    ).replace("</edXML:OrganName>\n", "</edXML:OrganName>\n<edXML:Telephone/>\n<edXML:Fax/>\n")
    undeclared = (
        plain(header(s.COMMUNE))
        .replace("<edXML:Reference>", '<edXML:Reference xlink:href="">')
        .replace("<AttachmentEncoded>", "<edXML:AttachmentEncoded>")
        .replace("</AttachmentEncoded>", "</edXML:AttachmentEncoded>")
    )
    returned = s.files(
        (
            "1761209178887_Test.pdf",
            PDF,
            s.pdf().decode("ascii", "replace").encode(),
        )
    )
    inside = s.message(header(s.COMMUNE), TRACES, body=False).replace(
        "</edXML:edXMLEnvelope>",
        s.element(
            "edXMLAttachments",
            s.element(
                "Attachment",
                s.element("AttachmentName", "b.txt"),
                s.element("AttachmentData", "Yg=="),
            ),
        )
        + "</edXML:edXMLEnvelope>",
    )
    dropped = plain(header(s.COMMUNE))
    start, end = dropped.index("<edXML:edXMLHeader"), dropped.index("</edXML:edXMLEnvelope")
    bare = dropped[start:end].replace("<edXML:", "<").replace("</edXML:", "</")
    doc = ("Báo cáo số liệu.doc", s.DOC, None)
    return [
        Vector(
            "dotnet.edxml",
            ".NET order: DocumentId last, xlink references, content ids without cid:, payload "
            "without prefix, dashes in dates, N/A for nothing, empty DigitalSignature",
            "ductv112/quanlyvanban, edxml-builder.ts",
            dotnet.encode(),
            document("H57.03,2026-11-20,05/CV-STC", ("cong-van.pdf", s.pdf(), None)),
        ),
        Vector(
            "provincial_hub.edxml",
            "dd/MM/yyyy, many empty elements, empty ResponseFor",
            "QuangChuIT/edoc-integrator, edoc_new.edxml",
            plain(hub).encode(),
            document(NEW_ID, doc, promulgated_on="2026-11-20"),
        ),
        Vector(
            "undeclared_prefix.edxml",
            "prefixes xlink and edXML used where they are not declared: mended and remarked",
            f"{GATEWAY}, resources/edoc.edxml",
            undeclared.encode(),
            document(NEW_ID, doc, warnings=["undeclared-prefix", "undeclared-prefix"]),
        ),
        Vector(
            "prefix_dropped.edxml",
            "children without the prefix: the same names to a reader, never to be written",
            "ductv112/quanlyvanban, an earlier builder",
            (dropped[:start] + bare + dropped[end:]).encode(),
            document(NEW_ID, doc),
        ),
        Vector(
            "returned_corrupt_pdf.edxml",
            "OrganId with the text null; a PDF decoded as text by its sender (EF BF BD)",
            f"{GATEWAY}, xml/2025/10/9e272474-….edxml",
            plain(
                header(s.COMMUNE),
                traces=s.trace_list(NEW, s.trace("null", "2026/11/20 15:46:18")),
                files=returned,
            ).encode(),
            document(
                NEW_ID,
                ("1761209178887_Test.pdf", None, "corrupt-pdf"),
                warnings=["corrupt-pdf"],
            ),
        ),
        Vector(
            "attachments_inside_envelope.edxml",
            "a home-made form: no usable attachment list, to be reported and no more",
            f"{GATEWAY}, 1760427207626_b.txt.edxml (history)",
            inside.encode(),
            document(NEW_ID, warnings=["no-attachment-list"]),
        ),
    ]


def damaged_values() -> list[Vector]:
    whole = s.zipped(ENTRY.format(4) + ".doc", s.DOC)
    bomb = s.zipped(ENTRY.format(5) + ".txt", b"0" * 20_000_000)
    several = s.files(
        ("cut.doc", ZIP, whole[:-30]),
        ("lost.doc", ZIP, whole[: len(whole) // 4]),
    )
    placeholder = s.files(("mau.PDF", PDF, b""))
    not_base64 = placeholder[1].replace('2016"></', '2016">${__StringFromFile(test.txt,,,)}</')
    return [
        Vector(
            "bad_values.edxml",
            "an impossible date, an unknown priority, a number in words: kept and remarked",
            f"{EXAMPLE}, resources/edoc_new.edxml (its date 2014/02/30)",
            plain(
                header(s.COMMUNE, day="2026/02/30", other=s.other_info(priority="9")).replace(
                    "<edXML:PageAmount>3<", "<edXML:PageAmount>ba<"
                )
            ).encode(),
            document(
                NEW_ID,
                ("Báo cáo số liệu.doc", s.DOC, None),
                warnings=["bad-date", "bad-number", "unknown-priority"],
            ),
        ),
        Vector(
            "archives_cut_off.edxml",
            "an archive without its directory opens, one cut inside the file does not",
            "PKWARE APPNOTE 6.3.10 section 4.3.7; behaviour of java.util.zip.ZipInputStream",
            plain(header(s.COMMUNE), files=several).encode(),
            document(
                NEW_ID,
                ("cut.doc", s.DOC, None),
                ("lost.doc", None, "damaged-archive"),
                warnings=["damaged-archive", "mended-archive"],
            ),
        ),
        Vector(
            "archive_bomb.edxml",
            "an archive of 20 kB that would unpack to 20 MB: not opened, remarked",
            "CWE-409",
            plain(header(s.COMMUNE), files=s.files(("bomb.txt", ZIP, bomb))).encode(),
            document(
                NEW_ID,
                ("bomb.txt", None, "archive-bomb"),
                warnings=["archive-bomb"],
            ),
        ),
        Vector(
            "payload_placeholder.edxml",
            "a payload that is not base64 (RFC 4648 section 4): the message stands, the file not",
            f"{GATEWAY}, resources/edoc.edxml",
            plain(header(s.COMMUNE), files=(placeholder[0], not_base64)).encode(),
            document(NEW_ID, ("mau.PDF", None, "not-base64"), warnings=["not-base64"]),
        ),
        Vector(
            "words_of_secrecy.edxml",
            "the word mật in the subject: only a remark, for the clerk to judge",
            "Luật 117/2025/QH15 Điều 5",
            plain(header(s.COMMUNE, words="V/v giao nhận tài liệu Mật")).encode(),
            document(NEW_ID, ("Báo cáo số liệu.doc", s.DOC, None), warnings=["secret-words"]),
        ),
    ]


def refusals() -> list[Vector]:
    good = plain(header(s.COMMUNE))
    secret = plain(header(s.COMMUNE, other=s.other_info(inside=s.element("Secret", "2"))))
    degree = plain(header(s.COMMUNE, other=s.other_info(priority="Tối mật")))
    declaration, rest = good.split("\n", 1)
    entities = '<!DOCTYPE edXML [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    external = '<!DOCTYPE edXML SYSTEM "file:///etc/passwd">'
    deep = good.replace(
        "</edXML:MessageHeader>", "<x>" * 200 + "</x>" * 200 + "</edXML:MessageHeader>"
    )
    nobody = s.message(s.element("Subject", "Test"), TRACES)
    unknown = plain(header(s.COMMUNE), traces=s.trace_list(s.bussiness("44", "?"), OWN_TRACE))
    wrong = '<EdXMLEnvelope xmlns="http://www.go.vn/eDoc"><Header /></EdXMLEnvelope>\n'
    rows: list[tuple[str, str, str, str, str]] = [
        ("dtd_entities", "a DTD with entities", "CWE-776", "HasDTD", declaration + entities + rest),
        (
            "dtd_external",
            "a DTD from elsewhere",
            "CWE-611",
            "HasDTD",
            declaration + external + rest,
        ),
        (
            "secret_element",
            "marked secret (OtherInfo/Secret): no content decoded",
            "a pre-2016 export; Luật 117/2025/QH15 Điều 5",
            "SecretMarking",
            secret,
        ),
        (
            "secret_degree",
            "a field whose text is a degree of secrecy",
            "Luật 117/2025/QH15 Điều 5",
            "SecretMarking",
            degree,
        ),
        (
            "junk_before_declaration",
            "characters before the XML declaration",
            f"{GATEWAY}, resources/edoc_new.edxml",
            "JunkBeforeDeclaration",
            "1212" + good,
        ),
        ("too_deep", "200 elements one in the other", "CWE-674", "TooLarge", deep),
        (
            "cut_off",
            "the end is missing",
            "XML 1.0 section 2.1",
            "Malformed",
            good[: len(good) // 2],
        ),
        ("no_identity", "no sender, DocumentId nor Code", "own", "MissingIdentity", nobody),
        (
            "unknown_operation",
            "an operation other than 0 to 3",
            "own",
            "UnsupportedDocType",
            unknown,
        ),
        (
            "wrong_root",
            "another root and namespace",
            "ductv112/quanlyvanban, first attempt",
            "NotEdXML",
            wrong,
        ),
    ]
    return [
        Vector(f"refused_{name}.edxml", shows, source, text.encode(), refused(error))
        for name, shows, source, error, text in rows
    ]


def statuses() -> list[Vector]:
    rows = (
        ("01", "Đã đến - Phần mềm QLVB đã nhận nhưng văn thư chưa xử lý"),
        ("02", "Văn bản gửi không đúng thẩm quyền giải quyết"),
        ("03", "Đã tiếp nhận, số đến 125"),
        ("04", "Phân công phòng Kinh tế chủ trì"),
        ("05", "Đang xử lý"),
        ("06", "Hoàn thành xử lý"),
        ("13", "Lấy lại do ban hành nhầm"),
        ("15", "Đồng ý lấy lại"),
        ("16", "Từ chối lấy lại"),
    )
    return [
        Vector(
            f"status_{code}{'_hand_made' if hand_made else ''}.edxml",
            f"status {code}" + (", hand-made order of children" if hand_made else ""),
            f"{EXAMPLE}, resources/status" + ("_*.edxml" if hand_made else ".edxml"),
            _status(code, words, hand_made=hand_made),
            {"kind": "status", "status_code": code, "issuer": "G22", "recipient": "H57.64"},
        )
        for code, words in rows
        for hand_made in (False, True)
        if not hand_made or code in ("01", "13")
    ]


def _status(code: str, words: str, *, hand_made: bool) -> bytes:
    """Return a status; with 13 the document's sender reports, and the receiver is asked."""
    reporter, asked = (
        (s.GOVERNMENT_OFFICE, s.COMMUNE) if code == "13" else (s.COMMUNE, s.GOVERNMENT_OFFICE)
    )
    identity = [s.element("DocumentId", NEW_ID), s.element("PromulgationDate", "2026/11/20")]
    contact = [s.element("Email", "vanthu@example.vn"), s.element("Mobile", "0900000000")]
    if hand_made:
        identity.reverse()
        contact.reverse()
    staff = [s.element("Department", "Văn thư"), s.element("Staff", "Nguyễn Thị Mẫu"), *contact]
    children = (
        s.organization("From", reporter, hand_made=hand_made)
        + s.element(
            "ResponseFor",
            s.element("OrganId", asked[0]),
            s.element("Code", "7816/VPCP-TTĐT"),
            *identity,
        )
        + s.element("StaffInfo", *staff)
        + s.element("StatusCode", code)
        + s.element("Description", words)
        + s.element("Timestamp", "2026/11/23 08:05:09")
    )
    return s.message(children, body=False).encode()


def other_forms() -> list[Vector]:
    letter = other.LETTER
    status = {"kind": "status", "issuer": "G22", "recipient": "H57.64"}
    return [
        Vector(
            "e_doc_v1_package.mime",
            "e-Doc v1: SOAP with the file as a further part, dates day first, older names",
            "QuangChuIT/edoc-integrated, entity and mineutil packages",
            other.v1_package(),
            document(other.V1_ID, ("bao-cao-thang.pdf", letter, None), promulgated_on="2020-10-30"),
        ),
        Vector(
            "export_2013.xml",
            "an export of 2013: undeclared prefix, Author, Function, Date, words for numbers",
            "a SharePoint-based export, without known repository",
            other.export_2013(),
            document("12", warnings=["undeclared-prefix"], promulgated_on="2013-03-05"),
        ),
        Vector(
            "refused_export_2013_secret.xml",
            "the same with a degree of secrecy",
            "Luật 117/2025/QH15 Điều 5",
            other.export_2013("Tối mật"),
            refused("SecretMarking"),
        ),
        Vector(
            "provincial_status.xml",
            "a status in SOAP, the prefix bound to SOAP's namespace",
            "QLVB Đồng Nai, TrucLienthongTinhManager",
            other.provincial_status(),
            {**status, "status_code": "03"},
        ),
        Vector(
            "mapped_document.json",
            "the JSON mapping of a document, its file in it",
            "tungsfer512/edxml-convert, request-response/edoc",
            other.mapped_document(),
            document("H57.03,2026/11/20,05/STC-NS", ("cv.pdf", letter, None), to=["H57.64", "H57"]),
        ),
        Vector(
            "mapped_status.json",
            "the JSON mapping of a status, flat and wrapped",
            "tungsfer512/edxml-convert, request-response/status",
            other.mapped_status(),
            {**status, "status_code": "06"},
        ),
    ]


def vectors() -> list[Vector]:
    return [
        *new_documents(),
        *other_operations(),
        *dialects(),
        *damaged_values(),
        *refusals(),
        *statuses(),
        *other_forms(),
    ]


def files() -> dict[str, bytes]:
    """Return every file of this folder that is made, by name."""
    made = vectors()
    expected = {vector.name: vector.expected for vector in made}
    return {
        **{vector.name: vector.data for vector in made},
        "expected.json": (json.dumps(expected, ensure_ascii=False, indent=1) + "\n").encode(),
        "README.md": _readme(made).encode(),
    }


def _readme(made: list[Vector]) -> str:
    rows = "".join(f"| `{v.name}` | {v.shows} | {v.source} |\n" for v in made)
    return f"""# edXML vectors

Messages of our own in the shapes met in traffic (QCVN 102:2016/BTTTT, Sửa đổi 1:2022). All is made
by `make.py`, this table too; `expected.json` tells what must come of reading each. The last column
names the public message (github.com repositories), standard or law that the shape is taken from;
no content is.

Made while the tests run, and kept nowhere: attacks (`hostile_messages.py`), a message with a file
too large to hold (`large_messages.py`). `edxml_properties.py` is what holds for any bytes, for the
tests and for `make fuzz`; `edxml_cost.py` measures.

| File | Shows | Shape from |
|---|---|---|
{rows}"""


if __name__ == "__main__":
    for name, data in files().items():
        Path(__file__).with_name(name).write_bytes(data)

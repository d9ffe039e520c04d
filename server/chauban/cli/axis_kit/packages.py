"""Cases of packages: taking over, listing, fetching, and what becomes of each copy."""

import hashlib
import os
import re
from collections.abc import Callable

from chauban.cli.axis_kit.calls import is_moment, must_have
from chauban.cli.axis_kit.play import (
    Failed,
    NotApplicable,
    Play,
    Sent,
    case,
    demand,
    must_be_ok,
    must_refuse,
    rows,
)
from chauban.cli.axis_kit.wire import Wire
from chauban_edxml.errors import EdXMLError
from chauban_edxml.model import Attachment, BussinessDocType, DocumentMessage
from chauban_edxml.reading import read
from chauban_edxml.writing import Profile

NOWHERE = "Z99.99.99"
BINARY = bytes(range(256)) * 40
SUBJECT = "V/v ửng hộ đồng bào “vùng lũ” & khắc phục < 5 ngày"
RECEIVED = (
    "docId", "serviceType", "messageType", "created_time", "updated_time", "from", "to", "status",
    "status_desc",
)  # fmt: skip
TRACKED = (
    "serviceType", "messageType", "senderDocId", "receiverDocId", "fromCode", "toCode",
    "sendStatus", "sendStatusDesc", "receiveStatus", "receiveStatusDesc", "title", "notation",
    "sentTime", "receivedTime",
)  # fmt: skip
Change = Callable[[Play, bytes], bytes]


@case("send/doc-id", "11.3", "Gửi một văn bản", "DocId khác rỗng, khác 0")
def _doc_id(play: Play) -> None:
    play.sent()


@case("send/two-packages", "11.3", "Gửi hai văn bản", "Hai DocId khác nhau")
def _two(play: Play) -> None:
    demand(play.sent().doc_id != play.sent().doc_id, "một DocId")


@case("send/line-end", "11.3", "Thêm CRLF sau tệp như SDK", "Nhận; tệp tải về không có CRLF")
def _line_end(play: Play) -> None:
    raw = play.message(play.agency)
    envelope = must_be_ok(play.send(raw, body=raw + b"\r\n"))
    copies = play.wire.call(
        "getSentEdocList",
        {"servicetype": "eDoc", "messagetype": "edoc", "docId": str(envelope["DocId"])},
    )
    fetched = play.fetch(str(rows(copies)[0]["receiverDocId"]))
    demand(fetched.rstrip() == raw.rstrip(), f"{len(fetched)} byte, gửi {len(raw)}")


@case("send/hash-of-sdk", "11.3", "hash-file theo SDK (bỏ số 0 đầu mỗi byte)", "Được nhận")
def _sdk_hash(play: Play) -> None:
    must_be_ok(play.send(play.message(play.agency)))


@case("send/hash-in-full", "11.3", "hash-file đủ 64 ký tự", "Được nhận")
def _full_hash(play: Play) -> None:
    raw = play.message(play.agency)
    must_be_ok(play.send(raw, hash_file=hashlib.sha256(raw).hexdigest()))


@case("send/other-hash", "11.3", "hash-file của tệp khác", "Bị từ chối")
def _other_hash(play: Play) -> None:
    raw = play.message(play.agency)
    must_refuse(play.send(raw, hash_file=hashlib.sha256(b"khac").hexdigest()))


@case("send/body-exchanged", "11.2", "Thay tệp sau khi ký", "Bị từ chối")
def _body_exchanged(play: Play) -> None:
    raw = play.message(play.agency)
    must_refuse(play.send(raw, body=play.message(play.agency)))


@case("send/empty-body", "11.3", "Gửi tệp rỗng", "Bị từ chối")
def _empty(play: Play) -> None:
    must_refuse(play.send(b""))


@case("send/same-bytes", "6.7", "Gửi lại đúng tệp đã gửi", "Cùng DocId, không có bản thứ hai")
def _same_bytes(play: Play) -> None:
    sent = play.sent()
    demand(play.sent(raw=sent.raw).doc_id == sent.doc_id, "DocId khác")
    demand(len(play.tracked(sent)) == 1, f"{len(play.tracked(sent))} bản")


@case("send/same-document-id", "6.7", "Văn bản mới có DocumentId đã gửi, tệp khác", "Bị từ chối")
def _same_id(play: Play) -> None:
    play.sent(raw=play.message(play.agency, number="900", subject="Một"))
    must_refuse(play.send(play.message(play.agency, number="900", subject="Hai")))


@case("send/update", "5.1", "Gói cập nhật (loại 2) cho DocumentId đã gửi", "Được nhận")
def _update(play: Play) -> None:
    play.sent(raw=play.message(play.agency, number="901"))
    play.sent(raw=play.message(play.agency, number="901", business=BussinessDocType.UPDATE))


@case("send/recall", "5.1", "Gói thu hồi (loại 1) cho DocumentId đã gửi", "Được nhận")
def _recall(play: Play) -> None:
    play.sent(raw=play.message(play.agency, number="902"))
    play.sent(
        raw=play.message(play.agency, number="902", business=BussinessDocType.UPDATE).replace(
            b"<edXML:BussinessDocType>2<", b"<edXML:BussinessDocType>1<"
        )
    )


@case("send/two-recipients", "6.2", "Một gói cho hai nơi nhận", "Hai bản, trạng thái riêng")
def _two_recipients(play: Play) -> None:
    if not play.second_agency:
        raise NotApplicable("--second-agency")
    sent = play.sent(play.agency, play.second_agency)
    first, second = play.tracked(sent)
    must_be_ok(play.update(str(first["receiverDocId"]), "done"))
    states = {str(one["toCode"]): str(one["receiveStatus"]) for one in play.tracked(sent)}
    demand(states == {str(first["toCode"]): "DONE", str(second["toCode"]): "INITIAL"}, f"{states}")


@case("send/recipient-twice", "4.1", "Ghi một nơi nhận hai lần", "Một bản, hoặc bị từ chối")
def _recipient_twice(play: Play) -> None:
    raw = play.message(play.agency)
    start, end = raw.index(b"<edXML:To>"), raw.index(b"</edXML:To>") + len(b"</edXML:To>")
    answer = play.send(raw[:end] + raw[start:end] + raw[end:])
    if not answer.is_ok:
        must_refuse(answer)
        return
    envelope = answer.envelope or {}
    parameters = {"servicetype": "eDoc", "messagetype": "edoc", "docId": str(envelope["DocId"])}
    copies = rows(play.wire.call("getSentEdocList", parameters))
    demand(len(copies) == 1, f"{len(copies)} bản")


@case("send/unknown-recipient", "11.3", f"Gửi cho mã {NOWHERE}", "Bị từ chối, nêu mã")
def _unknown_recipient(play: Play) -> None:
    answer = play.send(play.message(NOWHERE))
    must_refuse(answer)
    words = str((answer.envelope or {}).get("ErrorDesc"))
    demand(NOWHERE in words, words[:160])


@case("send/one-unknown", "11.3", "Một mã đúng, một mã không có", "Mã đúng được gửi, mã kia FAIL")
def _one_unknown(play: Play) -> None:
    sent = play.sent(play.agency, NOWHERE)
    states = {str(one["toCode"]): str(one["receiveStatus"]) for one in play.tracked(sent)}
    demand(states == {play.agency: "INITIAL", NOWHERE: "FAIL"}, f"{states}")


@case("send/to-limits", "11.3", "Tham số to chỉ nêu một trong các nơi nhận", "Chỉ gửi nơi đó")
def _to(play: Play) -> None:
    raw = play.message(play.agency, play.second_agency or NOWHERE)
    sent = play.sent(raw=raw, to=f'["{play.agency}"]')
    codes = [str(one["toCode"]) for one in play.tracked(sent)]
    demand(codes == [play.agency], f"{codes}")


@case("send/to-not-json", "11.3", "Tham số to không phải mảng JSON", "Bị từ chối")
def _to_text(play: Play) -> None:
    must_refuse(play.send(play.message(play.agency), to="{khong"))


@case("send/to-of-numbers", "11.3", "Tham số to là mảng số", "Bị từ chối")
def _to_numbers(play: Play) -> None:
    must_refuse(play.send(play.message(play.agency), to="[1,2]"))


@case("send/anothers-name", "19 (12.2)", "From/OrganId là mã không thuộc hệ thống", "Bị từ chối")
def _anothers_name(play: Play) -> None:
    must_refuse(play.send(_renamed(play.message(play.agency), b"From")))


def _refused(name: str, clause: str, asked: str, change: Change) -> None:
    @case(f"send/{name}", clause, asked, "Bị từ chối")
    def _(play: Play) -> None:
        must_refuse(play.send(change(play, play.message(play.agency))))


def _accepted(name: str, clause: str, asked: str, change: Change) -> None:
    @case(f"send/{name}", clause, asked, "Được nhận")
    def _(play: Play) -> None:
        play.sent(raw=change(play, play.message(play.agency)))


_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_ENTITY = b'<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
_LAUGHS = (
    b'<!DOCTYPE edXML [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>\n'
)
_refused("junk", "14", "Tệp không phải XML", lambda play, raw: b"khong phai XML " + raw[60:])
_refused("junk-before", "14", "Có chữ trước khai báo XML", lambda play, raw: b"abc" + raw)
_refused("truncated", "14", "Tệp bị cắt", lambda play, raw: raw[:-30])
_refused("other-root", "3", "Gốc không phải edXML", lambda play, raw: _XML + b"<a><b/></a>")
_refused(
    "other-namespace",
    "3",
    "Không gian tên khác",
    lambda play, raw: raw.replace(b"QCVN_102_2016", b"QCVN_999"),
)
_refused(
    "doctype", "14", "Có DOCTYPE", lambda play, raw: raw.replace(_XML, _XML + b"<!DOCTYPE edXML>\n")
)
_refused(
    "external-entity",
    "14",
    "Có thực thể ngoài",
    lambda play, raw: raw.replace(_XML, _XML + _ENTITY),
)
_refused(
    "entity-bomb", "14", "Thực thể lồng nhau", lambda play, raw: raw.replace(_XML, _XML + _LAUGHS)
)
_refused(
    "deep",
    "14",
    "Phần tử lồng 5.000 cấp",
    lambda play, raw: raw.replace(
        b"<edXML:Subject>", b"<edXML:x>" * 5000 + b"</edXML:x>" * 5000 + b"<edXML:Subject>"
    ),
)
_refused(
    "nul-byte",
    "14",
    "Có byte NUL",
    lambda play, raw: raw.replace(b"</edXML:Subject>", b"\0</edXML:Subject>"),
)
_refused(
    "not-utf-8",
    "3",
    "Không phải UTF-8",
    lambda play, raw: raw.replace("kiểm".encode(), b"ki\xff\xfem", 1),
)
_refused(
    "secret",
    "14",
    "OtherInfo/Secret có giá trị Mật",
    lambda play, raw: raw.replace(
        b"<edXML:Priority>", "<edXML:Secret>Mật</edXML:Secret><edXML:Priority>".encode(), 1
    ),
)
_accepted("byte-order-mark", "14", "Có BOM trước khai báo", lambda play, raw: b"\xef\xbb\xbf" + raw)
_accepted(
    "unknown-element",
    "14",
    "Có phần tử lạ trong MessageHeader",
    lambda play, raw: raw.replace(
        b"<edXML:Subject>", b"<edXML:PhanTuLa>1</edXML:PhanTuLa><edXML:Subject>", 1
    ),
)
_accepted(
    "empty-due-date",
    "14",
    "DueDate rỗng",
    lambda play, raw: raw.replace(b"<edXML:OtherInfo>", b"<edXML:DueDate/><edXML:OtherInfo>", 1),
)
_accepted(
    "dotnet-dialect",
    "13",
    "Gói theo SDK .NET",
    lambda play, raw: play.message(play.agency, profile=Profile.DOTNET),
)
_accepted(
    "no-attachment",
    "4.7",
    "Không có tệp đính kèm",
    lambda play, raw: play.message(play.agency, attachments=()),
)
_accepted(
    "ten-attachments",
    "7",
    "Mười tệp đính kèm",
    lambda play, raw: play.message(
        play.agency,
        attachments=tuple(Attachment(f"phu-luc-{n}.pdf", BINARY) for n in range(10)),
    ),
)
_accepted(
    "a-megabyte",
    "7",
    "Tệp đính kèm 1 MB",
    lambda play, raw: play.message(play.agency, attachments=(Attachment("lon.bin", BINARY * 100),)),
)


@case("send/too-large", "11.3", "Gửi quá giới hạn dung lượng", "Bị từ chối, không đứt kết nối")
def _too_large(play: Play) -> None:
    if not play.limit_mb:
        raise NotApplicable("--limit-mb")
    raw = play.message(
        play.agency,
        # Random, so that packing does not make it small.
        attachments=(Attachment("lon.bin", os.urandom(play.limit_mb * 1_000_000)),),
    )
    must_refuse(play.send(raw))


@case("status/routed", "9", "Gửi trạng thái không có To", "Đến ResponseFor/OrganId")
def _routed(play: Play) -> None:
    sent = play.sent(raw=play.status(), messagetype="status")
    copies = play.tracked(sent, type="status")
    demand([one["toCode"] for one in copies] == [play.agency], f"{copies!r:.200}")


@case(
    "status/listed-apart",
    "11.3",
    "Liệt kê văn bản rồi trạng thái",
    "Trạng thái chỉ ở danh sách status",
)
def _apart(play: Play) -> None:
    sent = play.sent(raw=play.status(), messagetype="status")
    doc_id = play.received(sent, type="status")
    demand(play.row(doc_id, type="status") is not None, "không có trong danh sách status")
    demand(play.row(doc_id) is None, "có trong danh sách edoc")


@case("status/by-content", "14", "Gửi trạng thái với messagetype edoc", "Vẫn là trạng thái")
def _by_content(play: Play) -> None:
    sent = play.sent(raw=play.status(), messagetype="edoc")
    doc_id = play.received(sent, type="status")
    demand(play.row(doc_id, type="status") is not None, "không có trong danh sách status")


@case("status/counted", "11.3", "Đếm trạng thái trước và sau khi gửi", "Tăng một")
def _status_counted(play: Play) -> None:
    before = _count(play, "countReceiveStatus")
    play.sent(raw=play.status(), messagetype="status")
    demand(_count(play, "countReceiveStatus") == before + 1, "không tăng một")


@case("status/unknown-agency", "9", "Trạng thái cho mã không có", "Bị từ chối")
def _status_nowhere(play: Play) -> None:
    must_refuse(play.send(_renamed(play.status(), b"ResponseFor"), messagetype="status"))


def _renamed(raw: bytes, element: bytes) -> bytes:
    """The message with a code that is not on the axis in From or ResponseFor."""
    pattern = rb"(<edXML:" + element + rb">\s*<edXML:OrganId>)[^<]+"
    return re.sub(pattern, rb"\g<1>" + NOWHERE.encode(), raw, count=1)


def _count(play: Play, operation: str) -> int:
    count = must_be_ok(play.wire.call(operation, body=b"{}")).get("count")
    demand(isinstance(count, int), f"count = {count!r}")
    return int(count or 0)


@case("list/waiting", "11.3", "Tìm gói vừa gửi trong danh sách nhận", "Có, trạng thái INITIAL")
def _waiting(play: Play) -> None:
    row = play.row(play.received(play.sent()))
    demand(row is not None and row.get("status") == "INITIAL", f"{row}")


@case("list/fields", "11.3", "Đọc các trường của danh sách nhận", ", ".join(RECEIVED))
def _list_fields(play: Play) -> None:
    must_have(play.row(play.received(play.sent())) or {}, *RECEIVED)


@case("list/from-and-to", "11.3", "Đọc from, to của gói", "Đúng mã gửi, mã nhận")
def _from_to(play: Play) -> None:
    row = play.row(play.received(play.sent())) or {}
    demand((row.get("from"), row.get("to")) == (play.agency, play.agency), f"{row}")


@case("list/moments", "11.3", "Đọc created_time, updated_time", "yyyy-MM-dd HH:mm:ss")
def _moments(play: Play) -> None:
    row = play.row(play.received(play.sent())) or {}
    demand(is_moment(row.get("created_time")) and is_moment(row.get("updated_time")), f"{row}")


@case("list/no-type", "11.3", "Không có messagetype", "Bị từ chối")
def _no_type(play: Play) -> None:
    must_refuse(play.wire.call("getReceivedEdocList", {"servicetype": "eDoc"}))


@case("list/unknown-type", "11.3", "messagetype không có", "Bị từ chối")
def _unknown_type(play: Play) -> None:
    must_refuse(play.wire.call("getReceivedEdocList", {"messagetype": "thu"}))


@case("list/of-one-code", "11.4", "Lọc theo to của mình", "Chỉ gói cho mã đó")
def _of_one(play: Play) -> None:
    play.sent()
    found = list(play.listed(to=play.agency))
    others = [one for one in found if one.get("to") != play.agency]
    demand(bool(found) and not others, f"{others[:2]}")


@case("list/of-no-code", "11.4", f"Lọc theo to = {NOWHERE}", "Danh sách rỗng")
def _of_none(play: Play) -> None:
    play.sent()
    demand(play.list_page(to=NOWHERE) == [], "không rỗng")


@case("list/page-size", "11.3", "pageSize 1 khi có hai gói", "Một gói")
def _page_size(play: Play) -> None:
    play.sent()
    play.sent()
    found = play.list_page(pageSize="1", pageIndex="1")
    demand(len(found) == 1, f"{len(found)} gói")


@case("list/pages-differ", "11.3", "Hai trang liền nhau", "Không gói nào lặp")
def _pages(play: Play) -> None:
    play.sent()
    play.sent()
    first, second = (play.list_page(pageSize="1", pageIndex=page) for page in ("1", "2"))
    demand(first[0].get("docId") != second[0].get("docId"), "lặp")


@case("list/after-the-end", "11.3", "Trang sau trang cuối", "Danh sách rỗng")
def _after(play: Play) -> None:
    demand(play.list_page(pageSize="100", pageIndex="9999") == [], "không rỗng")


@case("list/oldest-first", "11.4", "Thứ tự các gói", "Gói đến trước đứng trước")
def _oldest(play: Play) -> None:
    first, second = (play.received(play.sent()) for _ in range(2))
    order = [str(one.get("docId")) for one in play.listed()]
    demand(order.index(first) < order.index(second), "gói sau đứng trước")


def _bad_page(name: str, value: str) -> None:
    @case(
        f"list/page-size-{name}",
        "11.3",
        f"pageSize = {value[:20]}",
        "Từ chối hoặc bỏ qua, không lỗi 5xx",
    )
    def _(play: Play) -> None:
        answer = play.wire.call("getReceivedEdocList", {"messagetype": "edoc", "pageSize": value})
        demand(answer.is_ok or answer.is_refusal, str(answer))


_bad_page("negative", "-1")
_bad_page("zero", "0")
_bad_page("word", "nhieu")
_bad_page("huge", "9" * 400)
_bad_page("quote", "1' OR '1'='1")


@case("track/fields", "11.3", "Đọc các trường của getSentEdocList", ", ".join(TRACKED))
def _track_fields(play: Play) -> None:
    must_have(play.tracked(play.sent())[0], *TRACKED)


@case("track/codes", "11.3", "Đọc senderDocId, fromCode, toCode", "Đúng như đã gửi")
def _track_codes(play: Play) -> None:
    sent = play.sent()
    row = play.tracked(sent)[0]
    found = row.get("senderDocId"), row.get("fromCode"), row.get("toCode")
    demand(found == (sent.doc_id, play.agency, play.agency), f"{found}")


@case("track/title", "11.3", "Đọc title, notation", "Trích yếu; số và ký hiệu")
def _title(play: Play) -> None:
    raw = play.message(play.agency, number="903", subject=SUBJECT)
    row = play.tracked(play.sent(raw=raw))[0]
    found = row.get("title"), row.get("notation")
    demand(found == (SUBJECT, f"903/KT-{play.run}"), f"{found}")


@case("track/sent-time", "11.3", "Đọc sentTime", "yyyy-MM-dd HH:mm:ss")
def _sent_time(play: Play) -> None:
    row = play.tracked(play.sent())[0]
    demand(is_moment(row.get("sentTime")), f"sentTime = {row.get('sentTime')!r}")


@case("track/other-id", "11.3", "getSentEdocList với docId lạ", "Bị từ chối")
def _track_other(play: Play) -> None:
    parameters = {"messagetype": "edoc", "docId": "00000000-0000-4000-8000-000000000000"}
    must_refuse(play.wire.call("getSentEdocList", parameters))


@case("track/no-id", "11.3", "getSentEdocList không có docId", "Bị từ chối")
def _track_none(play: Play) -> None:
    must_refuse(play.wire.call("getSentEdocList", {"messagetype": "edoc"}))


@case("fetch/bytes", "11.3", "getEdoc một gói đã gửi", "base64 của văn bản đã gửi")
def _bytes(play: Play) -> None:
    _same_document(play, play.fetch)


@case("fetch/download", "11.3", "downloadEdoc một gói đã gửi", "Văn bản đã gửi")
def _download(play: Play) -> None:
    _same_document(play, lambda doc_id: play.wire.call("downloadEdoc", {"docId": doc_id}).body)


def _same_document(play: Play, fetch: Callable[[str], bytes]) -> None:
    """The axis may write the message anew (section 8), but says the same."""
    raw = play.message(
        play.agency, subject=SUBJECT, attachments=(Attachment("nhi-phan.bin", BINARY),)
    )
    fetched = fetch(play.received(play.sent(raw=raw)))
    try:
        ours, theirs = read(raw), read(fetched)
    except EdXMLError as error:
        raise Failed(f"{error.vi} {fetched[:80]!r}") from error
    if not (isinstance(ours, DocumentMessage) and isinstance(theirs, DocumentMessage)):
        raise Failed("không phải văn bản / no document")
    demand(theirs.subject == ours.subject, f"Subject = {theirs.subject!r}")
    demand(theirs.document_id == ours.document_id, f"{theirs.document_id!r}")
    contents = [one.content for one in theirs.attachments]
    demand(contents == [BINARY], f"{len(contents)} tệp, khác tệp đã gửi")


@case("fetch/twice", "11.4", "getEdoc hai lần", "Hai lần như nhau")
def _fetch_twice(play: Play) -> None:
    doc_id = play.received(play.sent())
    demand(play.fetch(doc_id) == play.fetch(doc_id), "khác nhau")


@case(
    "fetch/after-done",
    "11.4",
    "getEdoc sau khi done",
    "Vẫn lấy được hoặc bị từ chối, không lỗi 5xx",
)
def _fetch_done(play: Play) -> None:
    doc_id = play.received(play.sent())
    must_be_ok(play.update(doc_id, "done"))
    answer = play.wire.call("getEdoc", {"docId": doc_id}, body=b"{}")
    demand(answer.is_ok or answer.is_refusal, str(answer))


def _no_package(name: str, doc_id: str) -> None:
    for operation in ("getEdoc", "downloadEdoc"):

        @case(
            f"fetch/{name}-{operation}",
            "11.3",
            f"{operation} với docId {doc_id[:24]!r}",
            "Bị từ chối",
        )
        def _(play: Play, operation: str = operation) -> None:
            must_refuse(play.wire.call(operation, {"docId": doc_id}, body=b"{}"))


_no_package("unknown", "00000000-0000-4000-8000-000000000000")
_no_package("path", "../../../etc/passwd")
_no_package("quote", "' OR 1=1 --")
_no_package("long", "a" * 3000)


@case("fetch/by-another-system", "11.4", "Hệ thống khác getEdoc gói của mình", "Bị từ chối")
def _by_another(play: Play) -> None:
    foreign = _foreign(play)
    doc_id = play.received(play.sent())
    must_refuse(foreign.call("getEdoc", {"docId": doc_id}, body=b"{}"))


@case("state/by-another-system", "11.4", "Hệ thống khác updateStatus gói của mình", "Bị từ chối")
def _state_by_another(play: Play) -> None:
    foreign = _foreign(play)
    sent = play.sent()
    parameters = {"docId": play.received(sent), "status": "done"}
    must_refuse(foreign.call("updateStatus", parameters, body=b"{}"))
    demand(play.tracked(sent)[0].get("receiveStatus") == "INITIAL", "đã đổi trạng thái")


@case("track/by-another-system", "11.4", "Hệ thống khác getSentEdocList gói của mình", "Bị từ chối")
def _track_by_another(play: Play) -> None:
    parameters = {"messagetype": "edoc", "docId": play.sent().doc_id}
    must_refuse(_foreign(play).call("getSentEdocList", parameters))


@case("list/by-another-system", "11.4", "Hệ thống khác liệt kê gói nhận", "Không có gói của mình")
def _list_by_another(play: Play) -> None:
    foreign, doc_id = _foreign(play), play.received(play.sent())
    listed = rows(foreign.call("getReceivedEdocList", {"messagetype": "edoc"}))
    demand(doc_id not in {one.get("docId") for one in listed}, "có")


def _foreign(play: Play) -> Wire:
    if play.foreign is None:
        raise NotApplicable("--foreign-system, --foreign-secret-file")
    return play.foreign


def _state(play: Play, sent: Sent) -> str:
    return str(play.tracked(sent)[0].get("receiveStatus")).upper()


@case("state/processing", "5.6", "updateStatus processing", "Người gửi thấy PROCESSING")
def _processing(play: Play) -> None:
    sent = play.sent()
    must_be_ok(play.update(play.received(sent), "processing"))
    demand(_state(play, sent) == "PROCESSING", _state(play, sent))


@case("state/processing-listed", "11.4", "Liệt kê sau processing", "Gói vẫn trong danh sách")
def _processing_listed(play: Play) -> None:
    doc_id = play.received(play.sent())
    must_be_ok(play.update(doc_id, "processing"))
    demand(play.row(doc_id) is not None, "không còn trong danh sách")


@case("state/done", "5.6", "updateStatus done", "Người gửi thấy DONE và receivedTime")
def _done(play: Play) -> None:
    sent = play.sent()
    must_be_ok(play.update(play.received(sent), "done"))
    row = play.tracked(sent)[0]
    demand(row.get("receiveStatus") == "DONE" and is_moment(row.get("receivedTime")), f"{row}")


@case("state/done-not-listed", "11.4", "Liệt kê sau done", "Gói không còn trong danh sách")
def _done_not_listed(play: Play) -> None:
    doc_id = play.received(play.sent())
    must_be_ok(play.update(doc_id, "done"))
    demand(play.row(doc_id) is None, "vẫn còn")


@case("state/done-is-final", "5.6", "fail sau done", "Vẫn là DONE")
def _done_final(play: Play) -> None:
    sent = play.sent()
    doc_id = play.received(sent)
    must_be_ok(play.update(doc_id, "done"))
    play.update(doc_id, "fail")
    demand(_state(play, sent) == "DONE", _state(play, sent))


@case("state/fail", "5.6", "updateStatus fail kèm description", "Người gửi thấy FAIL và lý do")
def _fail(play: Play) -> None:
    sent = play.sent()
    must_be_ok(play.update(play.received(sent), "fail", description="khong doc duoc"))
    row = play.tracked(sent)[0]
    found = row.get("receiveStatus"), row.get("receiveStatusDesc")
    demand(found == ("FAIL", "khong doc duoc"), f"{found}")


@case("state/sent-again", "11.4", "Gửi lại đúng gói đã fail", "Gói lại chờ lấy")
def _again(play: Play) -> None:
    sent = play.sent()
    doc_id = play.received(sent)
    must_be_ok(play.update(doc_id, "fail"))
    play.sent(raw=sent.raw)
    demand(play.row(play.received(sent)) is not None, "không chờ lấy")


@case("state/docid-spelling", "11.3", "updateStatus với tham số docid", "Được nhận")
def _docid(play: Play) -> None:
    sent = play.sent()
    parameters = {"docid": play.received(sent), "status": "done"}
    must_be_ok(play.wire.call("updateStatus", parameters, body=b"{}"))
    demand(_state(play, sent) == "DONE", _state(play, sent))


@case("state/capitals", "11.3", "status viết hoa DONE", "Được nhận")
def _capitals(play: Play) -> None:
    sent = play.sent()
    must_be_ok(play.update(play.received(sent), "DONE"))
    demand(_state(play, sent) == "DONE", _state(play, sent))


@case("state/unknown-word", "5.6", "status = xong", "Bị từ chối")
def _unknown_word(play: Play) -> None:
    must_refuse(play.update(play.received(play.sent()), "xong"))


@case("state/back-to-initial", "5.6", "status = initial", "Bị từ chối")
def _initial(play: Play) -> None:
    must_refuse(play.update(play.received(play.sent()), "initial"))


@case("state/no-status", "11.3", "updateStatus không có status", "Bị từ chối")
def _no_status(play: Play) -> None:
    parameters = {"docId": play.received(play.sent())}
    must_refuse(play.wire.call("updateStatus", parameters, body=b"{}"))


@case("state/unknown-package", "11.3", "updateStatus với docId lạ", "Bị từ chối")
def _unknown_package(play: Play) -> None:
    must_refuse(play.update("00000000-0000-4000-8000-000000000000", "done"))


@case("state/senders-id", "11.3", "updateStatus bằng DocId của bên gửi", "Không đổi gì")
def _senders_id(play: Play) -> None:
    sent = play.sent()
    doc_id = play.received(sent)
    if doc_id == sent.doc_id:
        raise NotApplicable("một DocId cho hai bên")
    play.update(sent.doc_id, "done")
    demand(_state(play, sent) == "INITIAL", _state(play, sent))


@case("state/counted", "11.3", "Đếm trước, sau khi gửi và sau done", "Tăng một, giảm một")
def _counted(play: Play) -> None:
    before = _count(play, "countReceiveEdoc")
    doc_id = play.received(play.sent())
    demand(_count(play, "countReceiveEdoc") == before + 1, "không tăng một")
    must_be_ok(play.update(doc_id, "done"))
    demand(_count(play, "countReceiveEdoc") == before, "không giảm một")

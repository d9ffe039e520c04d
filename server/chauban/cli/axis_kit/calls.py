"""Cases of every operation: its answer's form, its signature, its time."""

import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from chauban.cli.axis_kit.play import Failed, Play, case, demand, must_be_ok, must_refuse, rows
from chauban.cli.axis_kit.wire import OPERATIONS, Answer, Headers, Spoil
from chauban_edxml.vxp import PREFIX

KEYS, SIGNED, HASH = (
    f"{PREFIX}{name}" for name in ("sign-header-key", "sign-header", "hash-header")
)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def good_call(play: Play, operation: str, **how: Any) -> Answer:
    """A call of the operation that is right but for `how`."""
    parameters: dict[str, str] = {}
    body = b"" if operation.startswith("getAgencies") else b"{}"
    if operation == "sendEdoc":
        body = play.message(play.agency)
        parameters = play.sending(body)
    elif operation == "getReceivedEdocList":
        parameters = {"servicetype": "eDoc", "messagetype": "edoc"}
    elif operation == "getSentEdocList":
        sent = play.sent()
        parameters = {"servicetype": "eDoc", "messagetype": "edoc", "docId": sent.doc_id}
    elif operation in ("getEdoc", "downloadEdoc"):
        parameters = {"docId": play.received(play.sent())}
    elif operation == "updateStatus":
        parameters = {"docId": play.received(play.sent()), "status": "processing"}
    answer = play.wire.call(operation, parameters, body=body, **how)
    if operation == "sendEdoc" and answer.is_ok and answer.envelope:
        play.to_clear.append(str(answer.envelope.get("DocId")))
    return answer


def without(*names: str) -> Spoil:
    return lambda headers: {name: value for name, value in headers.items() if name not in names}


def changed_system(headers: Headers) -> Headers:
    """Another system's id than the signed one."""
    return {**headers, f"{PREFIX}systemid": "0.0.0"}


def _answers(operation: str) -> None:
    @case(f"answer/{operation}", "11.3", f"Gọi {operation} đúng cách", "Được phục vụ")
    def _(play: Play) -> None:
        answer = good_call(play, operation)
        if operation == "downloadEdoc":
            demand(answer.http == 200 and bool(answer.body), str(answer))
        else:
            must_be_ok(answer)


def _forged(operation: str) -> None:
    def refused(name: str, asked: str, **how: Any) -> None:
        @case(f"signature/{name}-{operation}", "11.2", f"{operation}: {asked}", "Bị từ chối")
        def _(play: Play) -> None:
            must_refuse(good_call(play, operation, **how))

    refused("wrong-secret", "ký bằng khóa sai", secret="khong-phai-khoa-nay")
    refused("changed-after-signing", "đổi systemid sau khi ký", spoil=changed_system)
    refused("unsigned", "bỏ các tiêu đề chữ ký", spoil=without(KEYS, SIGNED, HASH))
    refused("unknown-system", "systemid không đăng ký", system="0.0.0.khong-co")


for each in OPERATIONS:
    _answers(each)
for each in OPERATIONS:
    _forged(each)


def _refuses(name: str, asked: str, spoil: Spoil, clause: str = "11.2") -> None:
    @case(f"signature/{name}", clause, asked, "Bị từ chối")
    def _(play: Play) -> None:
        must_refuse(play.wire.call("getAgenciesList", {"level": "1"}, spoil=spoil))


def _resigned(play_secret: str, headers: Headers, text: str) -> Headers:
    mac = hmac.new(play_secret.encode(), text.encode(), sha256).hexdigest()
    return {**headers, SIGNED: text, HASH: mac}


_refuses("empty-mac", "hash-header rỗng", lambda headers: {**headers, HASH: ""})
_refuses("zero-mac", "hash-header toàn số 0", lambda headers: {**headers, HASH: "0" * 64})
_refuses("short-mac", "hash-header cụt", lambda headers: {**headers, HASH: headers[HASH][:32]})
_refuses("no-key-list", "thiếu sign-header-key", without(KEYS))
_refuses("no-signed-text", "thiếu sign-header", without(SIGNED))
_refuses("no-mac", "thiếu hash-header", without(HASH))
_refuses("no-system", "thiếu systemid", without(f"{PREFIX}systemid"))
_refuses("parameter-removed", "bỏ một tham số đã ký", without(f"{PREFIX}level"))
_refuses(
    "parameter-changed",
    "đổi giá trị một tham số đã ký",
    lambda headers: {**headers, f"{PREFIX}level": "2"},
)
_refuses(
    "text-changed",
    "đổi sign-header, giữ hash-header",
    lambda headers: {**headers, SIGNED: headers[SIGNED].replace('"1"', '"2"')},
)
_refuses(
    "digest-of-nothing",
    "HMAC của chuỗi rỗng",
    lambda headers: {**headers, HASH: sha256(b"").hexdigest()},
)


@case("signature/any-order", "11.2", "Ký các tham số theo thứ tự khác của SDK", "Được phục vụ")
def _any_order(play: Play) -> None:
    def reordered(headers: Headers) -> Headers:
        pairs = list(reversed(json.loads(headers[SIGNED]).items()))
        text = json.dumps(dict(pairs), ensure_ascii=False, separators=(",", ":"))
        names = [name.removeprefix(PREFIX) for name, _ in pairs]
        return _resigned(play.wire.secret, {**headers, KEYS: ";".join(names)}, text)

    must_be_ok(play.wire.call("getAgenciesList", spoil=reordered))


@case("signature/header-names-case", "11.2", "Tên tiêu đề viết chữ thường", "Được phục vụ")
def _lower(play: Play) -> None:
    def lowered(headers: Headers) -> Headers:
        return {name.lower(): value for name, value in headers.items()}

    must_be_ok(play.wire.call("getAgenciesList", spoil=lowered))


@case("signature/escaped-value", "11.2", 'Giá trị có dấu " và \\', "Được phục vụ")
def _escaped(play: Play) -> None:
    must_be_ok(play.wire.call("getAgenciesList", {"filePath": 'C:\\tam\\"a".edxml'}))


@case("signature/stale-parameters", "11.1", "Gửi kèm tham số thừa của lần gọi trước", "Được bỏ qua")
def _stale(play: Play) -> None:
    must_be_ok(play.wire.call("countReceiveEdoc", {"docId": "cu", "status": "done"}, body=b"{}"))


@case("signature/not-json", "11.2", "sign-header không phải JSON, ký đúng", "Bị từ chối")
def _not_json(play: Play) -> None:
    must_refuse(
        play.wire.call(
            "getAgenciesList", spoil=lambda headers: _resigned(play.wire.secret, headers, "{khong")
        )
    )


@case("signature/deep-json", "11.2", "sign-header là JSON lồng 2.000 cấp", "Bị từ chối")
def _deep_json(play: Play) -> None:
    text = "[" * 2000 + "]" * 2000
    must_refuse(
        play.wire.call(
            "getAgenciesList", spoil=lambda headers: _resigned(play.wire.secret, headers, text)
        )
    )


@case("signature/name-twice", "11.2", "sign-header có một tên hai lần", "Bị từ chối")
def _name_twice(play: Play) -> None:
    def doubled(headers: Headers) -> Headers:
        text = headers[SIGNED][:-1] + f',"{PREFIX}systemid":"0.0.0"}}'
        names = headers[KEYS] + ";systemid"
        return _resigned(play.wire.secret, {**headers, KEYS: names}, text)

    must_refuse(play.wire.call("getAgenciesList", spoil=doubled))


@case("signature/keys-differ", "11.2", "sign-header-key khác sign-header", "Bị từ chối")
def _keys_differ(play: Play) -> None:
    must_refuse(
        play.wire.call(
            "getAgenciesList",
            spoil=lambda headers: {**headers, KEYS: headers[KEYS] + ";level"},
        )
    )


@case("signature/injected-header", "11.2", "Tham số không ký thêm vào sau", "Không có tác dụng")
def _injected(play: Play) -> None:
    sent = play.sent()
    doc_id = play.received(sent)

    def added(headers: Headers) -> Headers:
        return {**headers, f"{PREFIX}status": "done", f"{PREFIX}docId": doc_id}

    play.wire.call("updateStatus", body=b"{}", spoil=added)
    state = str(play.tracked(sent)[0].get("receiveStatus")).upper()
    demand(state == "INITIAL", f"receiveStatus = {state}")


@case(
    "signature/refusal-has-words", "11.3", "Gọi với khóa sai", "ErrorCode và ErrorDesc có nội dung"
)
def _words(play: Play) -> None:
    envelope = play.wire.call("getAgenciesList", secret="sai").envelope or {}
    demand(
        bool(str(envelope.get("ErrorCode", ""))) and bool(envelope.get("ErrorDesc")), str(envelope)
    )


@case(
    "signature/same-answer",
    "11.2",
    "So lỗi của systemid lạ với lỗi của khóa sai",
    "Giống nhau: không lộ hệ thống nào có thật",
)
def _same(play: Play) -> None:
    unknown = play.wire.call("getAgenciesList", system="0.0.0.khong-co")
    wrong = play.wire.call("getAgenciesList", secret="sai")
    demand((unknown.http, unknown.body) == (wrong.http, wrong.body), f"{unknown} | {wrong}")


def _time(name: str, asked: str, shift: timedelta) -> None:
    @case(f"time/{name}", "11.1", asked, "Bị từ chối")
    def _(play: Play) -> None:
        must_refuse(play.wire.call("getAgenciesList", at=datetime.now(UTC) + shift))


_time("a-day-old", "timestamp cũ một ngày", timedelta(days=-1))
_time("a-day-ahead", "timestamp sớm một ngày", timedelta(days=1))
_time("a-year-old", "timestamp cũ một năm", timedelta(days=-365))


@case("time/two-minutes-off", "11.1", "timestamp lệch hai phút", "Được phục vụ")
def _little_off(play: Play) -> None:
    for minutes in (-2, 2):
        must_be_ok(
            play.wire.call("getAgenciesList", at=datetime.now(UTC) + timedelta(minutes=minutes))
        )


@case("time/another-form", "11.1", "timestamp dạng ISO 8601, ký đúng", "Bị từ chối")
def _another_form(play: Play) -> None:
    def iso(headers: Headers) -> Headers:
        stamp = headers[f"{PREFIX}timestamp"]
        other = datetime.now(UTC).isoformat()
        text = headers[SIGNED].replace(stamp, other)
        return _resigned(play.wire.secret, {**headers, f"{PREFIX}timestamp": other}, text)

    must_refuse(play.wire.call("getAgenciesList", spoil=iso))


@case("time/replayed-change", "11.2", "Gửi lại nguyên vẹn một updateStatus", "Lần hai bị từ chối")
def _replayed(play: Play) -> None:
    doc_id = play.received(play.sent())
    at = datetime.now(UTC)
    parameters = {"docId": doc_id, "status": "processing"}
    must_be_ok(play.wire.call("updateStatus", parameters, body=b"{}", at=at))
    must_refuse(play.wire.call("updateStatus", parameters, body=b"{}", at=at))


@case("time/replayed-sending", "11.2", "Gửi lại nguyên vẹn một sendEdoc", "Không có bản thứ hai")
def _replayed_sending(play: Play) -> None:
    raw, at = play.message(play.agency), datetime.now(UTC)
    first, second = (
        play.wire.call("sendEdoc", play.sending(raw), body=raw, at=at) for _ in range(2)
    )
    doc_id = must_be_ok(first)["DocId"]
    play.to_clear.append(str(doc_id))
    demand(not second.is_ok or (second.envelope or {})["DocId"] == doc_id, str(second))


@case(
    "envelope/success",
    "11.3",
    "Đọc câu trả lời thành công",
    'status "OK", ErrorCode "0", ErrorDesc',
)
def _success(play: Play) -> None:
    envelope = must_be_ok(play.wire.call("getAgenciesList"))
    demand(
        envelope.get("status") == "OK"
        and envelope.get("ErrorCode") == "0"
        and isinstance(envelope.get("ErrorDesc"), str),
        f"{ {name: envelope.get(name) for name in ('status', 'ErrorCode', 'ErrorDesc')} }",
    )


@case("envelope/ascii", "11.3", "Đọc danh sách có tên tiếng Việt", "Chỉ có ký tự ASCII (\\u…)")
def _ascii(play: Play) -> None:
    answer = play.wire.call("getAgenciesList")
    demand(answer.body.isascii(), str(answer))


@case("envelope/refusal", "11.3", "Đọc câu từ chối", 'status "FAIL", ErrorCode khác "0"')
def _refusal(play: Play) -> None:
    answer = play.wire.call("getAgenciesList", secret="sai")
    envelope = answer.envelope or {}
    demand(envelope.get("status") == "FAIL" and answer.code not in ("", "0"), str(answer))


@case("envelope/json-type", "11.3", "Đọc Content-Type của câu trả lời", "application/json")
def _json_type(play: Play) -> None:
    answer = play.wire.call("getAgenciesList")
    kind = answer.headers.get("Content-Type", "")
    demand(kind.startswith("application/json"), kind)


@case("envelope/unknown-operation", "11.3", "Gọi một đường dẫn không có", "HTTP 404 hoặc từ chối")
def _unknown(play: Play) -> None:
    must_refuse(play.wire.call("khongCoLenhNay"))


@case("envelope/wrong-method", "11.3", "Gọi getAgenciesList bằng GET", "Bị từ chối")
def _wrong_method(play: Play) -> None:
    must_refuse(play.wire.call("getAgenciesList", method="GET"))


for _operation in ("countReceiveEdoc", "countReceiveStatus"):

    @case(f"envelope/{_operation}", "11.3", f"Gọi {_operation}", "count là số nguyên")
    def _count(play: Play, operation: str = _operation) -> None:
        count = must_be_ok(play.wire.call(operation, body=b"{}")).get("count")
        demand(isinstance(count, int) and count >= 0, f"count = {count!r}")


@case("agencies/ours", "11.3", "Tìm mã của mình trong getAgenciesList", "Có trong danh sách")
def _ours(play: Play) -> None:
    codes = {str(one.get("code")) for one in rows(play.wire.call("getAgenciesList"))}
    demand(play.agency in codes, f"{play.agency} không có trong {len(codes)} mã")


@case("agencies/fields", "11.3", "Đọc các trường của getAgenciesList", "id, pid, code, name, mail")
def _fields(play: Play) -> None:
    for one in rows(play.wire.call("getAgenciesList")):
        missing = {"id", "pid", "code", "name", "mail"} - set(one)
        demand(not missing, f"{one.get('code')}: thiếu {sorted(missing)}")


@case("agencies/once", "11.3", "Tìm mã lặp trong getAgenciesList", "Mỗi mã một lần")
def _once(play: Play) -> None:
    codes = [str(one.get("code")) for one in rows(play.wire.call("getAgenciesList"))]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    demand(not twice, f"{twice[:5]}")


@case("agencies/names", "11.3", "Đọc tên cơ quan", "Không rỗng")
def _names(play: Play) -> None:
    unnamed = [one for one in rows(play.wire.call("getAgenciesList")) if not one.get("name")]
    demand(not unnamed, f"{unnamed[:2]}")


@case("agencies/qd20-level-1", "11.3", "getAgenciesListQD20 với level 1", "Chỉ mã một phần")
def _level_1(play: Play) -> None:
    listed = rows(play.wire.call("getAgenciesListQD20", {"level": "1"}))
    others = [one for one in listed if "." in str(one.get("code"))]
    demand(not others, f"{others[:2]}")


@case("agencies/qd20-codes", "10.2", "getAgenciesListQD20 không có level", "Chỉ mã theo QĐ 20")
def _qd20(play: Play) -> None:
    listed = rows(play.wire.call("getAgenciesListQD20"))
    old = [one for one in listed if str(one.get("code")).startswith("0")]
    demand(not old, f"{old[:2]}")


@case(
    "agencies/qd20-fields", "11.3", "Đọc các trường của getAgenciesListQD20", "id, code, name, mail"
)
def _qd20_fields(play: Play) -> None:
    for one in rows(play.wire.call("getAgenciesListQD20")):
        demand({"id", "code", "name", "mail"} <= set(one), f"{one}")


def is_moment(text: object) -> bool:
    return bool(_MOMENT.fullmatch(str(text)))


def must_have(row: dict[str, object], *names: str) -> None:
    missing = [name for name in names if name not in row]
    if missing:
        raise Failed(f"thiếu / missing {missing}")

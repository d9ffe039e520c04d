"""The exchange in words for people: errors, refusals of packages, what went wrong in sending."""

import re
from collections.abc import Mapping

from chauban.exchange import errors
from chauban.ui.words import Words
from chauban_edxml.errors import EdXMLError
from chauban_edxml.model import StatusCode

# Business statuses (edxml.md 8) as people read them; an unknown code stays a number.
STATUSES: Mapping[str, Words] = {
    code: Words(code.vi, english)
    for code, english in (
        (StatusCode.ARRIVED, "Arrived"),
        (StatusCode.REFUSED, "Refused"),
        (StatusCode.ACCEPTED, "Accepted"),
        (StatusCode.ASSIGNED, "Handed over"),
        (StatusCode.IN_PROGRESS, "In progress"),
        (StatusCode.FINISHED, "Finished"),
        (StatusCode.TAKE_BACK, "Take back"),
        (StatusCode.CHANGE_AGREED, "Change agreed"),
        (StatusCode.CHANGE_REFUSED, "Change refused"),
    )
}


_EVENTS = {
    "SubmissionAcceptance": Words("Trục đã tiếp nhận", "Taken over by the axis"),
    "SubmissionRejection": Words("Trục từ chối", "Refused by the axis"),
    "RelayAcceptance": Words("Trục khác đã tiếp nhận", "Taken over by another axis"),
    "RelayRejection": Words("Trục khác từ chối", "Refused by another axis"),
    "RelayFailure": Words("Không chuyển được sang trục khác", "Not handed on to another axis"),
    "RelayToNonERDS": Words(
        "Đã chuyển qua trục không cấp biên nhận", "Handed on to an axis that gives no receipts"
    ),
    "ContentConsignment": Words("Đã sẵn sàng cho nơi nhận lấy", "Ready for the recipient"),
    "ContentConsignmentFailure": Words("Không tới được nơi nhận", "Recipient cannot be reached"),
    "ContentHandover": Words("Đã bàn giao cho nơi nhận", "Handed over to the recipient"),
    "ContentHandoverFailure": Words("Nơi nhận không lấy được", "Not fetched by the recipient"),
}


def event_words(event: str) -> Words:
    """An event of a receipt (chauban.exchange.receipts) as people read it."""
    return _EVENTS.get(event, Words(event, event))


def explain(error: Exception) -> Words:
    """Words for an error that the exchange raises on purpose."""
    match error:
        case errors.NotSealed(code=code, state=state):
            return Words(
                f"Văn bản {code} chưa phát hành được (trạng thái: {state}). Văn bản phải có số,"
                " thời gian và chữ ký số của cơ quan trước khi phát hành.",
                f"{code} cannot be issued yet. It needs its number, date and the organisation's"
                " signature first.",
            )
        case errors.AlreadyIssued(code=code):
            return Words(
                f"Văn bản {code} đã được phát hành. Xem tình hình xử lý ở danh sách nơi nhận.",
                f"{code} has been issued. See its recipients for what became of it.",
            )
        case errors.NoRecipients(code=code):
            return Words(
                f"Văn bản {code} chưa có nơi nhận. Hãy bổ sung nơi nhận rồi phát hành.",
                f"{code} has no recipients. Name them, then issue it.",
            )
        case errors.NotReadyToDecide():
            return Words(
                "Hệ thống đang kiểm tra chữ ký số của văn bản này. Hãy chờ ít giây rồi tải lại"
                " trang.",
                "The signatures of this document are being checked. Wait a moment and reload.",
            )
        case errors.AlreadyDecided(state=state):
            return Words(
                f"Văn bản này đã được xử lý (trạng thái: {state}). Hãy tải lại trang.",
                "This document has been dealt with already. Reload the page.",
            )
        case errors.AcceptanceNotAllowed(proposal=proposal):
            return Words(
                "Văn bản thiếu chữ ký số hoặc chữ ký số chưa đủ căn cứ nên chỉ được tiếp nhận ở mức"
                f" thấp hơn. Hệ thống đề xuất: {proposal}.",
                "A signature is missing or not proved: the document can only be registered as less."
                " Take what the system proposes.",
            )
        case errors.ReturnWithoutReason():
            return Words(
                "Hãy ghi lý do trả lại; nơi gửi sẽ nhận được lý do này.",
                "Write the reason for returning it; the sender will receive it.",
            )
        case errors.NothingToResend(name=name):
            return Words(
                f"Không cần gửi lại cho {name}: nơi nhận đã trả lời hoặc gói tin đang trên đường.",
                f"Nothing to send again to {name}: it has answered, or its copy is on its way.",
            )
        case errors.ChannelNotPossible(name=name):
            return Words(
                f"Không gửi được cho {name} bằng cách này. Hãy chọn cách gửi khác.",
                f"{name} cannot be sent to in this way. Choose another.",
            )
        case errors.DispatchNotOpen(name=name):
            return Words(
                f"Lần gửi cho {name} đã được xử lý hoặc đang trên đường. Hãy tải lại trang.",
                f"What goes to {name} was dealt with, or is on its way. Reload the page.",
            )
        case errors.NobodySigned(name=name):
            return Words(
                f"Hãy ghi tên người ký nhận tại {name}.",
                f"Write the name of who signed for it at {name}.",
            )
        case errors.DayNotPossible(first=first, last=last):
            return Words(
                f"Ngày phải từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}.",
                f"The day must lie within {first.isoformat()} and {last.isoformat()}.",
            )
        case errors.SeveralHeirs(code=code, predecessor=predecessor, heirs=heirs):
            names = ", ".join(heir.name for heir in heirs)
            return Words(
                f"Mã {code} của {predecessor} đã hết hiệu lực; cơ quan kế thừa: {names}. Hãy chọn"
                " một cơ quan.",
                f"The code {code} of {predecessor} is retired; its successors: {names}. Choose"
                " one.",
            )
        case errors.NotSetAsideForSuccessor():
            return Words(
                "Gói tin này không còn chờ chuyển cho cơ quan kế thừa. Hãy tải lại trang.",
                "This package does not wait for a successor any more. Reload the page.",
            )
        case errors.NothingToAsk(name=name):
            return Words(
                f"Không cần hỏi lại {name}: nơi nhận đã đồng ý, hoặc không nhận qua trục.",
                f"Nothing to ask {name} again: it has agreed, or is not reached by the axis.",
            )
        case errors.RecallAnswered(state=state):
            return Words(
                f"Yêu cầu thu hồi này đã được trả lời ({state}). Hãy tải lại trang.",
                "This recall has been answered already. Reload the page.",
            )
        case errors.RefusalWithoutReason():
            return Words(
                "Hãy ghi lý do từ chối; nơi gửi sẽ nhận được lý do này.",
                "Write the reason for refusing; the sender will receive it.",
            )
        case errors.RecallNotRefusable():
            return Words(
                "Văn bản chưa đăng ký nên chỉ cần xác nhận đã thu hồi, không từ chối được.",
                "The document is not registered: confirm that it is withdrawn; it cannot be kept.",
            )
        case errors.NotToPassOn(arrival_number=number):
            return Words(
                f"Văn bản đến số {number} không chuyển tiếp được: đã hoặc đang được yêu cầu thu"
                " hồi, hoặc không có tệp.",
                f"Incoming document {number} cannot be passed on: it is recalled, its sender asks"
                " for it back, or it has no file.",
            )
        case errors.NobodyToPassOnTo():
            return Words(
                "Chưa chọn cơ quan nhận. Hãy tìm và đánh dấu ít nhất một cơ quan.",
                "No agency is ticked. Look for one and tick it.",
            )
        case errors.AlreadyPassedOn(name=name):
            return Words(
                f"{name} đã có văn bản này. Hãy bỏ chọn.",
                f"{name} has this document already. Untick it.",
            )
        case errors.Refused(code=code, detail=detail):
            return refusal_words(code, detail)
        case EdXMLError():
            return Words(error.vi, error.en)
        case _:
            raise TypeError(f"no words for {error!r}") from error


def refusal_code(error: EdXMLError) -> str:
    """`has-dtd` for HasDTD: the code under which a refusal to read is stored."""
    name = type(error).__name__.replace("EdXML", "Edxml")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def refusal_words(code: str, detail: str = "") -> Words:
    """Why a package was refused or set aside by the machine, and what to do."""
    vi, en = _REFUSALS[code]
    return Words(vi.format(detail), en.format(detail))


def sending_words(code: str, detail: str) -> Words:
    """Why a message has not gone; refusals of the axis come with words of their own."""
    if code not in _SENDING:
        return Words(detail, detail)
    vi, en = _SENDING[code]
    return Words(vi.format(detail), en.format(detail))


_SENDING = {
    "unavailable": (
        "Chưa kết nối được với trục liên thông ({}). Hệ thống tự gửi lại, ít nhất mỗi giờ một lần.",
        "The axis cannot be reached yet ({}). It is tried again by itself, at least every hour.",
    ),
    "not-processed": (
        "Hệ thống không gửi được gói tin này sau nhiều lần thử. Hãy báo quản trị hệ thống rồi gửi"
        " lại.",
        "This message broke on being sent, several times. Tell the administrator, then send it"
        " again.",
    ),
    "file-damaged": (
        "Tệp gói tin trong kho bị thiếu hoặc hỏng ({}). Hãy báo quản trị hệ thống.",
        "The stored message is missing or damaged ({}). Tell the administrator.",
    ),
}

_REFUSALS = {
    "too-large": (
        "Gói tin lớn hơn giới hạn {} MB nên không được tải về. Hãy yêu cầu bên gửi chia nhỏ.",
        "The package is larger than {} MB and was not fetched. Ask the sender to split it.",
    ),
    "unknown-addressee": (
        "Mã nơi nhận “{}” không có trong danh bạ. Hãy kiểm tra mã định danh của nơi nhận.",
        "The recipient's code “{}” is not in the directory. Check the code.",
    ),
    "retired-addressee": (
        "Mã nơi nhận {} không còn hiệu lực và danh bạ không có cơ quan kế thừa. Hãy hỏi lại nơi"
        " nhận.",
        "The recipient's code {} is retired and the directory knows no successor. Ask them.",
    ),
    "several-successors": (
        "Mã nơi nhận đã hết hiệu lực và có nhiều cơ quan kế thừa. Hãy chuyển cho đúng cơ quan.",
        "The recipient's code is retired and has several successors. Hand it to the right one.",
    ),
    "bad-sender-code": (
        "Mã cơ quan gửi “{}” không hợp lệ nên không thể trả lời trạng thái. Hãy sửa rồi gửi lại.",
        "The sender's code “{}” is not valid: no status could be answered. Correct and send again.",
    ),
    "bad-document-id": (
        "Mã định danh văn bản “{}” thiếu hoặc quá dài. Hãy gửi lại với mã đúng.",
        "The document identifier “{}” is missing or too long. Send again with it right.",
    ),
    "recall-of-unknown": (
        "Nơi gửi yêu cầu thu hồi một văn bản chưa đến đây. Hãy xác nhận không có văn bản; nếu văn"
        " bản đến sau, hệ thống tự rút khỏi danh sách chờ đăng ký.",
        "The sender recalls a document that has not come. Confirm that there is none; should it"
        " come later, it is withdrawn from the inbox at once.",
    ),
    "recall-by-another": (
        "Yêu cầu thu hồi không do chính nơi gửi văn bản chuyển đến. Hãy hỏi lại nơi gửi.",
        "The recall does not come from the sender of the document itself. Ask the sender.",
    ),
    "unknown-document": (
        "Trạng thái báo về không khớp với văn bản nào đã gửi. Hãy đối chiếu bằng tay.",
        "The status matches no document that was sent. Match it by hand.",
    ),
    "unknown-recipient": (
        "Trạng thái đến từ cơ quan không có trong danh sách nơi nhận. Hãy đối chiếu bằng tay.",
        "The status comes from an agency that is no recipient. Match it by hand.",
    ),
    "same-id-other-files": (
        "Văn bản có cùng mã định danh đã đến trước đây nhưng tệp khác. Hãy hỏi lại nơi gửi.",
        "A document of this identifier came before with other files. Ask the sender.",
    ),
    "not-processed": (
        "Hệ thống không xử lý được gói tin sau nhiều lần thử. Hãy báo quản trị hệ thống.",
        "The package could not be processed after several attempts. Tell the administrator.",
    ),
}

"""The axis's refusals in words: on the wire (ErrorDesc), and on the operator's page."""

from chauban.axis.errors import (
    AxisRefusal,
    MemberElsewhere,
    NoNeighbour,
    OperatingError,
    SystemExists,
)
from chauban.ui.words import Words


def explain(refusal: AxisRefusal) -> Words:
    return refusal_words(refusal.code, refusal.detail)


def refusal_words(code: str, detail: str = "") -> Words:
    vi, en = _WORDS[code]
    return Words(vi.format(detail).strip(), en.format(detail).strip())


_WORDS = {
    "10": (
        "Tệp gói tin rỗng hoặc không khớp giá trị băm hash-file. Hãy gửi lại. {}",
        "The file is empty, or is not the one that hash-file names. Send it again. {}",
    ),
    "15": (
        "Mã hệ thống hoặc khóa bí mật không đúng. Hãy kiểm tra cấu hình kết nối.",
        "Wrong system id or secret. Check the connection's settings.",
    ),
    "16": (
        "Thời điểm của yêu cầu nằm ngoài khoảng cho phép. Hãy chỉnh đồng hồ rồi gọi lại.",
        "The request's time is outside the window allowed. Set the clock and call again.",
    ),
    "17": (
        "Không có gói tin “{}” của hệ thống này. Hãy lấy lại danh sách.",
        "This system has no package “{}”. Fetch the list again.",
    ),
    "18": (
        "Mã nơi nhận “{}” không có trên trục. Hãy kiểm tra mã định danh của nơi nhận.",
        "The recipient's code “{}” is not on the axis. Check the code.",
    ),
    "19": (
        "Mã cơ quan gửi “{}” chưa đăng ký cho hệ thống này. Hãy đăng ký hoặc sửa mã.",
        "The sender's code “{}” is not registered for this system. Register or correct it.",
    ),
    "21": (
        "Yêu cầu thiếu hoặc sai tham số {}. Hãy kiểm tra phần mềm kết nối.",
        "The request lacks the parameter {}, or it is wrong. Check the connecting software.",
    ),
    "22": ("Gói tin edXML không đúng định dạng. {}", "Not a valid edXML message. {}"),
    "23": (
        "Hệ thống của nơi nhận “{}” đang bị khóa trên trục. Hãy gửi bằng kênh khác.",
        "The system of recipient “{}” is locked on the axis. Use another channel.",
    ),
    "24": (
        "Gói tin lớn hơn giới hạn {} MB. Hãy chia nhỏ rồi gửi lại.",
        "The package is larger than {} MB. Split it and send again.",
    ),
    "25": (
        "Gói tin có đánh dấu độ mật nên không được gửi trên hệ thống này; nội dung không được lưu."
        " Hãy báo ngay người phụ trách bảo vệ bí mật nhà nước.",
        "The message is marked as a state secret and must not be sent here; nothing of it was"
        " stored. Tell the officer in charge of state secrets at once.",
    ),
    "26": (
        "Gói tin có khai báo DOCTYPE nên bị từ chối vì lý do an toàn. Hãy bỏ DOCTYPE rồi gửi lại.",
        "The message has a DOCTYPE and is refused for safety. Send it without.",
    ),
    "27": (
        "Hệ thống này đang bị khóa trên trục. Hãy liên hệ đơn vị vận hành trục.",
        "This system is locked on the axis. Ask the axis's operator.",
    ),
    "28": (
        "Hệ thống gọi quá {} lần trong một phút. Hãy chờ sang phút sau rồi gọi lại.",
        "More than {} calls in a minute. Wait for the next minute and call again.",
    ),
    "29": (
        "Nơi nhận “{}” đã có văn bản cùng DocumentId này với nội dung khác. Hãy gửi gói cập nhật"
        " hoặc thay thế.",
        "Recipient “{}” has this DocumentId in other bytes already. Send an update or replacement.",
    ),
    "30": (
        "Yêu cầu có chữ ký này đã được thực hiện. Hãy ký lại với thời điểm mới.",
        "The request with this signature has been carried out. Sign anew with the present time.",
    ),
    "33": (
        "Gói tin có tệp đính kèm lớn hơn giới hạn {} MB. Hãy chia nhỏ tệp hoặc dùng kênh khác.",
        "The package has a file larger than {} MB. Split the file or use another channel.",
    ),
    "31": (
        "Nơi nhận “{}” thuộc chính trục chuyển gói tin này đến; gói tin không được chuyển ngược."
        " Đơn vị vận hành hai trục cần kiểm tra danh sách cơ quan.",
        "Recipient “{}” is beyond the very axis that hands this message over; nothing goes back."
        " The operators of both axes should compare their lists of agencies.",
    ),
    "32": (
        "Gói tin đã đi qua hơn {} trục. Đơn vị vận hành các trục cần kiểm tra danh sách cơ quan.",
        "The message passed more than {} axes. Their operators should compare their lists of"
        " agencies.",
    ),
}

FILE_DAMAGED = Words(
    "Tệp gói tin lưu trên trục bị hỏng. Hãy gửi lại văn bản.",
    "The package's file on the axis is damaged. Send the document again.",
)
PACKED = Words(
    "Yêu cầu được nén (Content-Encoding). Hãy gửi tệp nguyên dạng.",
    "The request is packed (Content-Encoding). Send the file as it is.",
)
EXPIRED = Words(
    "Quá {} ngày hệ thống của nơi nhận chưa lấy gói tin. Hãy gửi lại hoặc dùng kênh khác.",
    "The recipient's system did not fetch the package in {} days. Send again or otherwise.",
)


def expired_words(days: int) -> Words:
    return Words(EXPIRED.vi.format(days), EXPIRED.en.format(days))


def operating_words(error: OperatingError) -> Words:
    match error:
        case SystemExists(system_id=system_id):
            return Words(
                f"Mã hệ thống {system_id} đã đăng ký. Hãy mở hệ thống đó trong danh sách.",
                f"System {system_id} is registered. Open it in the list.",
            )
        case MemberElsewhere(organ_id=organ_id, name=name):
            return Words(
                f"Mã {organ_id} đang thuộc hệ thống “{name}”. Hãy bỏ mã ở hệ thống đó trước.",
                f"Code {organ_id} belongs to system “{name}”. Remove it there first.",
            )
        case NoNeighbour(system_id=system_id):
            return Words(
                f"Hệ thống {system_id} không phải trục láng giềng. Hãy khai báo địa chỉ trước.",
                f"System {system_id} is no neighbouring axis. Enter its address first.",
            )
        case _:
            return Words(
                "Gói tin này không ở trạng thái gửi lại được. Hãy xem lại danh sách.",
                "This package is not in a state to be offered again. Look at the list again.",
            )

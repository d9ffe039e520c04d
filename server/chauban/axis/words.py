"""The axis's refusals in words: on the wire (ErrorDesc), and on the operator's page."""

from chauban.axis.errors import AxisRefusal
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
}

"""The errors of the registers in words for people: what happened and what to do next."""

from chauban.directory.errors import BodyHasNoCode
from chauban.registers.errors import (
    AlreadyRegistered,
    CancellationWithoutReason,
    ClockBehindSeries,
    CodeRepeats,
    DocumentMoved,
    KindInTwoSeries,
    KindWithoutSeries,
    NotAnnounced,
    NotCancellable,
    NotRecallable,
    NotReplaceable,
    RecallWithoutReason,
    SeriesHasBegun,
)
from chauban.ui.words import Words
from chauban_docform.kinds import KINDS


def explain(error: Exception) -> Words:
    """Words for an error that the registers raise on purpose; for others a TypeError."""
    match error:
        case ClockBehindSeries(series_name=series, last_date=last, today=today):
            return Words(
                f"Chưa cấp số: đồng hồ máy chủ đang là ngày {today:%d/%m/%Y}, sớm hơn ngày"
                f" {last:%d/%m/%Y} của số gần nhất trong hệ thống số “{series}”. Hãy báo người"
                " quản trị chỉnh lại đồng hồ rồi cấp số lại; chưa số nào bị dùng.",
                f"No number was given: the server's clock says {today}, before {last}, the date"
                f" of the last number in “{series}”. Have the administrator set the clock, then"
                " try again; no number was used.",
            )
        case KindWithoutSeries(kind=kind, body_name=body):
            return Words(
                f"{body} chưa quy định hệ thống số cho loại “{KINDS[kind].name}”. Hãy trình người"
                " đứng đầu cơ quan quyết định hệ thống số rồi cấp số lại.",
                f"{body} has decided on no series for “{KINDS[kind].name_en}”. Have its head"
                " decide, then try again.",
            )
        case KindInTwoSeries(kind=kind):
            return Words(
                f"Loại “{KINDS[kind].name}” đang nằm ở hai hệ thống số. Hãy chỉ chọn một.",
                f"“{KINDS[kind].name_en}” stands in two series. Choose one.",
            )
        case SeriesHasBegun(series_name=series, year=year):
            return Words(
                f"“{series}” năm {year} đã cấp số, không đặt lại số bắt đầu được. Hãy tiếp tục từ"
                " số gần nhất trong sổ.",
                f"“{series}” has given numbers in {year}; its first cannot be set any more. Go on"
                " from the last number in the register.",
            )
        case BodyHasNoCode(body=body):
            return Words(
                f"{body} chưa có mã định danh đang hiệu lực. Hãy báo người quản trị danh bạ bổ"
                " sung mã rồi cấp số lại.",
                f"{body} has no identifier code in force. Have the directory's administrator"
                " enter one, then try again.",
            )
        case CancellationWithoutReason():
            return Words(
                "Hãy ghi lý do hủy số: số đã hủy vẫn nằm trong sổ cùng lý do và người duyệt.",
                "Give the reason: a cancelled number stays in the register with reason and"
                " approver.",
            )
        case NotCancellable(code=code, state=state):
            return Words(
                f"Không hủy được số {code}: văn bản ở trạng thái “{state}”. Văn bản đã phát hành"
                " thì làm thủ tục thu hồi (Điều 18 khoản 4).",
                f"Number {code} cannot be cancelled in its present state. An issued document is"
                " recalled (Điều 18.4).",
            )
        case NotRecallable(code=code, state=state):
            return Words(
                f"Không thu hồi được {code}: văn bản ở trạng thái “{state}”. Chỉ thu hồi văn bản"
                " đã phát hành; số chưa phát hành thì hủy số.",
                f"{code} cannot be recalled in its present state. Only an issued document is"
                " recalled; a number that was not issued is cancelled.",
            )
        case RecallWithoutReason():
            return Words(
                "Hãy ghi lý do thu hồi: mọi nơi nhận sẽ nhận được lý do này.",
                "Give the reason for the recall: every recipient will receive it.",
            )
        case NotAnnounced(code=code):
            return Words(
                f"Không có văn bản {code} nào đã phát hành trong sổ này. Hãy ghi đúng số, ký hiệu"
                " của văn bản thông báo thu hồi, hoặc để trống.",
                f"No issued document {code} stands in this register. Write number and symbol of"
                " the document that announces the recall, or nothing.",
            )
        case NotReplaceable(code=code, state=state):
            return Words(
                f"Không thay thế, sửa đổi được {code}: văn bản chưa phát hành, thuộc cơ quan khác"
                f" hoặc đã được thay thế (trạng thái: {state}). Hãy mở văn bản đó để xem.",
                f"{code} cannot be replaced or amended: it is not issued, another body's, or"
                " replaced already. Open it to see.",
            )
        case DocumentMoved(code=code, state=state):
            return Words(
                f"Văn bản {code} đang ở trạng thái “{state}”, có thể người khác vừa xử lý. Hãy mở"
                " lại trang để xem hiện trạng.",
                f"Document {code} has moved on; someone may just have handled it. Open the page"
                " again.",
            )
        case CodeRepeats(earlier=earlier):
            return Words(
                f"Số, ký hiệu {earlier.code} của {earlier.sender_name} đã đăng ký dưới số đến"
                f" {earlier.arrival_number}/{earlier.year}. Hãy đối chiếu hai văn bản; nếu đúng là"
                " văn bản khác, đánh dấu “Là văn bản khác” rồi đăng ký.",
                f"{earlier.code} of {earlier.sender_name} is registered as arrival"
                f" {earlier.arrival_number}/{earlier.year}. Compare the two; if this is another"
                " document, say so and register it.",
            )
        case AlreadyRegistered(earlier=earlier):
            return Words(
                f"Văn bản này đã đăng ký dưới số đến {earlier.arrival_number}/{earlier.year} (trùng"
                " mã định danh văn bản). Không cần đăng ký lại.",
                f"This document is registered as arrival {earlier.arrival_number}/{earlier.year}"
                " already (same identifier). Nothing needs to be done.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

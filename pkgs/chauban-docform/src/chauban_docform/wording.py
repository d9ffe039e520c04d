"""The words that Phụ lục III prints in a form for its drafter to fill in."""

from collections.abc import Mapping
from types import MappingProxyType

BLANK = "…"

# By kind; {issuer} is the name of the issuing body. Lines as `parse_body` reads them.
_WORDING: Mapping[str, str] = MappingProxyType(
    {
        # Mẫu 1.7
        "giay_moi": f"""{{issuer}} trân trọng kính mời: {BLANK}
Tới dự: {BLANK}
Chủ trì: {BLANK}
Thời gian: {BLANK}
Địa điểm: {BLANK}""",
        # Mẫu 1.8
        "giay_gioi_thieu": f"""{{issuer}} trân trọng giới thiệu:
Ông (bà): {BLANK}
Chức vụ: {BLANK}
Được cử đến: {BLANK}
Về việc: {BLANK}
Đề nghị Quý cơ quan tạo điều kiện để ông (bà) có tên ở trên hoàn thành nhiệm vụ.
Giấy này có giá trị đến hết ngày {BLANK}""",
        # Mẫu 1.9
        "bien_ban": f"""Thời gian bắt đầu: {BLANK}
Địa điểm: {BLANK}
Thành phần tham dự: {BLANK}
Chủ trì (chủ tọa): {BLANK}
Thư ký (người ghi biên bản): {BLANK}
Nội dung (theo diễn biến cuộc họp, hội nghị, hội thảo): {BLANK}
Cuộc họp (hội nghị, hội thảo) kết thúc vào {BLANK} giờ {BLANK}, ngày {BLANK} tháng {BLANK} năm \
{BLANK}""",
        # Mẫu 1.10
        "giay_nghi_phep": f"""Xét Đơn đề nghị nghỉ phép ngày {BLANK} của ông (bà) {BLANK},
{{issuer}} cho phép:
Ông (bà): {BLANK}
Chức vụ: {BLANK}
Nghỉ phép trong thời gian {BLANK}, kể từ ngày {BLANK} đến hết ngày {BLANK} tại {BLANK}
Số ngày nghỉ phép nêu trên được tính vào thời gian {BLANK}""",
    }
)


def wording_of(kind: str, *, issuer: str) -> str:
    """Return the form's text for a kind such as `giay_moi`, with blanks; empty where the decree
    leaves the whole text to the drafter."""
    return _WORDING.get(kind, "").format(issuer=issuer)

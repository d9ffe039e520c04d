"""The errors of the directory in words for people."""

from chauban.directory.errors import (
    BodyHasNoCode,
    ListingTooShort,
    OrganCodeRetired,
    UnknownOrganCode,
)
from chauban.ui.words import Words


def explain(error: Exception) -> Words:
    """Words for an error that the directory raises on purpose."""
    match error:
        case UnknownOrganCode(code=code):
            return Words(
                f"Không có cơ quan nào mang mã định danh {code}. Hãy kiểm tra mã trong danh bạ.",
                f"No body has the code {code}. Check it in the directory.",
            )
        case OrganCodeRetired(code=code, body=body, day=day):
            return Words(
                f"Ngày {day:%d/%m/%Y} mã {code} của {body} không còn hiệu lực. Hãy gửi đến cơ quan"
                " kế thừa.",
                f"On {day.isoformat()} the code {code} of {body} is not in force. Send to its"
                " successor.",
            )
        case ListingTooShort(gateway=gateway, listed=listed, known=known):
            return Words(
                f"Trục {gateway} chỉ liệt kê {listed} cơ quan trong khi danh bạ có {known}; không"
                " đánh dấu cơ quan nào là đã rời trục. Hãy hỏi đơn vị vận hành trục.",
                f"The axis {gateway} lists {listed} organisations, the directory has {known}; none"
                " was marked as gone. Ask the operator of the axis.",
            )
        case BodyHasNoCode(body=body):
            return Words(
                f"{body} không có mã định danh trên trục liên thông. Hãy chọn cách gửi khác.",
                f"{body} has no code on the axis. Choose another channel.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

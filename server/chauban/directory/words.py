"""The errors of the directory in words for people."""

from chauban.directory import errors
from chauban.directory.errors import (
    BodyHasNoCode,
    ChangeRefused,
    ListingTooShort,
    OrganCodeRetired,
    UnknownOrganCode,
)
from chauban.ui.words import Words

_REFUSED: dict[type[ChangeRefused], tuple[str, str]] = {
    errors.NotInForce: (
        "{what} không có hiệu lực vào ngày {day}. Hãy chọn ngày trong thời gian hoạt động.",
        "{what} is not in force on {day}. Choose a day on which it is.",
    ),
    errors.EndsBeforeItBegins: (
        "Ngày kết thúc phải sau ngày bắt đầu ({day}). Hãy sửa lại ngày.",
        "The end must come after the beginning ({day}). Correct the day.",
    ),
    errors.OutsideItsWhole: (
        "Thời hạn phải nằm trong thời gian của “{what}”. Hãy sửa ngày bắt đầu hoặc kết thúc.",
        "The period must lie within that of “{what}”. Correct its first or last day.",
    ),
    errors.NameUnchanged: (
        "Tên mới trùng tên đang dùng “{what}”. Hãy nhập tên khác.",
        "That is the name it has: “{what}”. Enter another.",
    ),
    errors.NameChangedLater: (
        "Đã có tên mới từ ngày {day}; tên sau phải bắt đầu sau ngày đó. Hãy chọn ngày muộn hơn.",
        "It has a newer name from {day}; the next begins after that day. Choose a later one.",
    ),
    errors.SymbolTaken: (
        "Chữ viết tắt {what} đang được dùng trong cơ quan này. Hãy chọn chữ viết tắt khác.",
        "The abbreviation {what} is in use in this agency. Choose another.",
    ),
    errors.CodeMalformed: (
        "“{what}” không đúng dạng mã định danh đã chọn. Hãy kiểm tra lại trong quyết định cấp mã.",
        "“{what}” has not the form of such a code. Check it in the decision that gave it.",
    ),
    errors.CodeTaken: (
        "Mã {what} đã được cấp, mã không bao giờ dùng lại. Hãy kiểm tra lại mã.",
        "The code {what} has been given before; codes are never reused. Check it.",
    ),
    errors.PostsStand: (
        "Còn người giữ chức danh trong “{what}”. Hãy chấm dứt hoặc chuyển các chức danh trước.",
        "People still hold posts in “{what}”. End or move those first.",
    ),
    errors.AgenciesStandBelow: (
        "Còn cơ quan trực thuộc “{what}”. Hãy sắp xếp các cơ quan đó trước.",
        "There are agencies below “{what}”. Rearrange those first.",
    ),
    errors.NobodyTakesOver: (
        "Phải có cơ quan tiếp nhận công việc, hồ sơ của “{what}”. Hãy chọn ít nhất một cơ quan.",
        "Somebody must take over the work and records of “{what}”. Choose at least one agency.",
    ),
    errors.SucceedsItself: (
        "“{what}” không thể tự tiếp nhận của chính mình. Hãy chọn cơ quan khác.",
        "“{what}” cannot take over from itself. Choose another agency.",
    ),
    errors.HeldAlready: (
        "{what} trong thời gian này rồi. Hãy xem lại các chức danh đang giữ.",
        "{what} at that time already. Look at the posts held.",
    ),
    errors.KeysApart: (
        "Người quản trị không đồng thời giữ chức danh được ký, cấp số hoặc đóng dấu ({what}). Hãy"
        " giao cho người khác.",
        "An administrator holds no post that signs, numbers or seals ({what}). Choose another"
        " person.",
    ),
    errors.OwnPost: (
        "Không ai tự giao hoặc tự chấm dứt chức danh của mình. Hãy nhờ người quản trị khác.",
        "Nobody gives himself a post or ends his own. Ask another administrator.",
    ),
    errors.StandInWithoutEnd: (
        "Giao quyền khi vắng mặt phải có ngày kết thúc. Hãy ghi ngày kết thúc.",
        "A stand-in needs a last day. Enter it.",
    ),
    errors.EmailTaken: (
        "Địa chỉ {what} đã là của người khác. Hãy tìm người đó trong danh bạ.",
        "{what} is another person's address. Look for that person.",
    ),
    errors.DayDecidedAlready: (
        "Ngày {day} đã có quyết định. Hãy rút quyết định đó trước khi ghi lại.",
        "{day} has been decided on. Withdraw that decision first.",
    ),
    errors.DayAsItIs: (
        "Theo lịch, ngày {day} đã như vậy. Không cần ghi thêm.",
        "By the calendar {day} is so already. There is nothing to enter.",
    ),
    errors.AlreadyBegun: (
        "Hệ thống đã có cơ quan “{what}”. Hãy đăng nhập bằng tài khoản quản trị để làm tiếp.",
        "The installation has “{what}” already. Go on as its administrator, on the pages.",
    ),
}


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
        case ChangeRefused(what=what, day=day):
            vi, en = _REFUSED[type(error)]
            return Words(
                vi.format(what=what, day=f"{day:%d/%m/%Y}" if day else ""),
                en.format(what=what, day=day.isoformat() if day else ""),
            )
        case BodyHasNoCode(body=body):
            return Words(
                f"{body} không có mã định danh trên trục liên thông. Hãy chọn cách gửi khác.",
                f"{body} has no code on the axis. Choose another channel.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

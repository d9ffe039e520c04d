"""The errors of accounts in words for people: what happened and what to do next."""

from chauban.accounts.errors import AccountLocked, NoPostInForce, PostNotHeld, WrongPassword
from chauban.accounts.rights import NotAllowed
from chauban.directory.rules import HANOI
from chauban.ui.words import Words


def explain(error: Exception) -> Words:
    """Words for an error that accounts raise on purpose; others pass through unexplained."""
    match error:
        case WrongPassword():
            return Words(
                "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra rồi nhập lại.",
                "The user name or the password is wrong. Check them and try again.",
            )
        case AccountLocked(until=until):
            at = until.astimezone(HANOI).strftime("%H:%M")
            return Words(
                f"Tài khoản tạm khóa đến {at} vì nhập sai mật khẩu nhiều lần. Hãy thử lại sau"
                " giờ đó hoặc liên hệ người quản trị.",
                f"The account is shut until {at} after several wrong passwords. Try again then,"
                " or ask the administrator.",
            )
        case NoPostInForce():
            return Words(
                "Hôm nay ông (bà) không giữ chức danh nào trong hệ thống. Hãy liên hệ người quản"
                " trị của cơ quan.",
                "You hold no post in the system today. Ask your agency's administrator.",
            )
        case PostNotHeld():
            return Words(
                "Chức danh này hôm nay không phải của ông (bà). Hãy chọn chức danh khác.",
                "That post is not yours today. Choose another.",
            )
        case NotAllowed(officer=None):
            return Words(
                "Hãy đăng nhập để tiếp tục.",
                "Sign in to continue.",
            )
        case NotAllowed(where=None):
            return Words(
                "Chức danh của ông (bà) không được giao việc này. Hãy chọn chức danh khác hoặc"
                " liên hệ người quản trị.",
                "Your post is not entrusted with this. Choose another post or ask the"
                " administrator.",
            )
        case NotAllowed(where=where):
            return Words(
                f"Chức danh của ông (bà) không được làm việc này tại {where}. Hãy chuyển cho"
                " người có thẩm quyền của cơ quan đó.",
                f"Your post may not do this in {where}. Pass it to someone there who may.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

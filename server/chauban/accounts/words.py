"""The errors of accounts in words for people: what happened and what to do next."""

from chauban.accounts.errors import (
    AccountLocked,
    AccountSuspended,
    EmployeeCodeTaken,
    NoAccountHere,
    NoPostInForce,
    NotOwnAccount,
    PasswordUsedBefore,
    PersonHasAccount,
    PostNotHeld,
    SecretNotReadable,
    SignOnRefused,
    UsernameNotUsable,
    UsernameTaken,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
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
        case WrongCode():
            return Words(
                "Mã không đúng hoặc đã dùng. Hãy chờ mã mới trong ứng dụng rồi nhập lại.",
                "The code is wrong or was used already. Wait for the app's next code and try"
                " again.",
            )
        case AccountLocked(until=until):
            at = until.astimezone(HANOI).strftime("%H:%M")
            return Words(
                f"Tạm khóa đăng nhập đến {at} vì nhập sai nhiều lần. Hãy thử lại sau giờ đó, đăng"
                " nhập bằng khóa truy cập hoặc trên thiết bị đã từng đăng nhập, hoặc liên hệ người"
                " quản trị.",
                f"Signing in is shut until {at} after several wrong tries. Try again then, use a"
                " passkey or a device you have signed in on before, or ask the administrator.",
            )
        case AccountSuspended(suspension="unused"):
            return Words(
                "Tài khoản đã bị đình chỉ vì 45 ngày không sử dụng. Hãy liên hệ người quản trị để"
                " mở lại.",
                "The account is suspended: it was not used for 45 days. Ask the administrator to"
                " open it again.",
            )
        case AccountSuspended():
            return Words(
                "Tài khoản đã bị đình chỉ. Hãy liên hệ người quản trị.",
                "The account is suspended. Ask the administrator.",
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
        case WeakPassword():
            return Words(
                "Mật khẩu phải có ít nhất 8 ký tự, gồm chữ thường, chữ hoa, chữ số và ký tự khác."
                " Hãy chọn mật khẩu khác.",
                "A password needs at least 8 characters: small and capital letters, digits and"
                " others. Choose another.",
            )
        case PasswordUsedBefore():
            return Words(
                "Mật khẩu này đã dùng trong 10 lần gần nhất. Hãy chọn mật khẩu khác.",
                "This password is one of the last ten. Choose another.",
            )
        case UsernameTaken(username=username):
            return Words(
                f"Tên đăng nhập {username} đã có người dùng. Hãy chọn tên khác.",
                f"The user name {username} is taken. Choose another.",
            )
        case UsernameNotUsable():
            return Words(
                "Tên đăng nhập chỉ gồm chữ thường không dấu, chữ số, dấu chấm, gạch ngang và gạch"
                " dưới, tối đa 60 ký tự. Hãy sửa lại.",
                "A user name has small letters without marks, digits, dots, hyphens and"
                " underscores, up to 60. Mend it.",
            )
        case EmployeeCodeTaken(employee_code=code):
            return Words(
                f"Mã cán bộ {code} đã gắn với tài khoản khác. Hãy kiểm tra lại.",
                f"The employee code {code} belongs to another account. Check it.",
            )
        case PersonHasAccount():
            return Words(
                "Người này đã có tài khoản; mỗi người chỉ có một tài khoản. Hãy dùng tài khoản đó.",
                "This person has an account already; one person has one. Use that.",
            )
        case NotOwnAccount():
            return Words(
                "Không tự làm việc này với tài khoản của mình. Hãy nhờ người quản trị khác.",
                "Nobody does this to his own account. Ask another administrator.",
            )
        case NoAccountHere():
            return Words(
                "Dịch vụ đăng nhập một lần đã xác nhận ông (bà), nhưng không có tài khoản tương"
                " ứng ở đây. Hãy liên hệ người quản trị.",
                "The single sign-on service vouches for you, but no account here corresponds. Ask"
                " the administrator.",
            )
        case SignOnRefused():
            return Words(
                "Trả lời của dịch vụ đăng nhập một lần không hợp lệ. Hãy thử lại hoặc đăng nhập"
                " bằng mật khẩu.",
                "What the single sign-on service answered does not hold. Try again or sign in with"
                " your password.",
            )
        case SecretNotReadable():
            return Words(
                "Không đọc được yếu tố xác thực vì khóa bí mật của hệ thống đã đổi. Hãy nhờ người"
                " quản trị đặt lại.",
                "The factor cannot be read: the installation's secret key has changed. Ask the"
                " administrator to reset it.",
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

"""The API's errors in words for people, and every other error by its own app's table."""

import re
from collections.abc import Mapping

import chauban.accounts.words as accounts_words
import chauban.exchange.words as exchange_words
import chauban.workflow.words as workflow_words
from chauban.accounts.errors import AccountError
from chauban.accounts.rights import NotAllowed, NotFound
from chauban.api import errors
from chauban.api.scopes import Scope
from chauban.exchange.errors import ExchangeError
from chauban.ui.words import Words
from chauban_edxml.errors import EdXMLError

ADDRESS_FAULTS: Mapping[str, Words] = {
    "form": Words("địa chỉ không đọc được", "the address cannot be read"),
    "scheme": Words("địa chỉ phải bắt đầu bằng https://", "the address must begin with https://"),
    "unknown": Words("không tìm thấy máy chủ có tên này", "no server has this name"),
    "private": Words(
        "tên này dẫn vào mạng nội bộ mà người vận hành chưa cho phép",
        "the name leads into a private network that the operator has not allowed",
    ),
}

# What came of sending an announcement, by `Announcement.problem`.
SENDING: Mapping[str, Words] = {
    **{f"address-{why}": words for why, words in ADDRESS_FAULTS.items()},
    "no-answer": Words("Máy chủ nhận không trả lời kịp.", "No answer came in time."),
    "refused": Words(
        "Máy chủ nhận trả lời bằng mã lỗi.", "The server answered with an error status."
    ),
    "redirect": Words(
        "Máy chủ nhận chuyển hướng; hãy đăng ký địa chỉ cuối cùng.",
        "The server redirects; register the final address.",
    ),
    "gone": Words(
        "Máy chủ nhận cho biết địa chỉ này đã bỏ (410).", "The server says that this is gone (410)."
    ),
    "secret": Words(
        "Không mở được khóa ký; hãy bỏ và thêm lại địa chỉ.",
        "The signing secret cannot be opened; remove the address and add it again.",
    ),
    "ended": Words("Đã bỏ địa chỉ này.", "The address was removed."),
}
_NO_ADDRESS = Words(
    "Không có dữ liệu này, hoặc ứng dụng không được biết. Hãy kiểm tra số định danh và quyền của"
    " chức danh mà ứng dụng làm việc thay.",
    "There is no such thing, or none that the application may know of. Check the id and what the"
    " post it acts for may see.",
)


def code_of(error: Exception) -> str:
    """The error's code on the wire: its class's name, in kebab case."""
    name = "NoSuchRow" if isinstance(error, NotFound) else type(error).__name__
    return kebab(name)


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def explain(error: Exception) -> Words:
    """What happened and what to do next. Raises: TypeError for what nobody raises on purpose."""
    match error:
        case errors.CallRefused():
            return _of_call(error)
        case errors.ApiError():
            return _of_request(error)
        case NotFound():
            return _NO_ADDRESS
        case AccountError() | NotAllowed():
            return accounts_words.explain(error)
        case ExchangeError() | EdXMLError():
            return exchange_words.explain(error)
        case _:
            return workflow_words.explain(error)


def _of_call(error: errors.CallRefused) -> Words:
    match error:
        case errors.TokenMissing():
            return Words(
                "Thiếu mã truy cập. Hãy gửi kèm đầu mục “Authorization: Bearer …”.",
                "There is no token. Send it in the header “Authorization: Bearer …”.",
            )
        case errors.TokenExpired():
            return Words(
                "Mã truy cập đã hết hạn. Hãy cấp mã mới ở trang “Ứng dụng kết nối”.",
                "The token has expired. Make a new one on the page of applications.",
            )
        case errors.TokenRevoked():
            return Words(
                "Mã truy cập đã bị thu hồi. Hãy hỏi người đã đăng ký ứng dụng.",
                "The token was revoked. Ask who registered the application.",
            )
        case errors.PostEnded():
            return Words(
                "Chức danh mà ứng dụng làm việc thay không còn người giữ hoặc tài khoản đã ngừng."
                " Hãy đăng ký ứng dụng theo chức danh mới.",
                "Nobody holds the post that the application acts for, or the account is shut."
                " Register the application for another post.",
            )
        case _:
            return Words(
                "Mã truy cập không đúng. Hãy kiểm tra hoặc cấp mã mới ở trang “Ứng dụng kết nối”.",
                "The token is wrong. Check it, or make a new one on the page of applications.",
            )


def _of_request(error: errors.ApiError) -> Words:
    match error:
        case errors.ScopeMissing(scope=scope):
            return Words(
                f"Ứng dụng chưa được cấp quyền “{scope}” ({Scope(scope).label}). Hãy đăng ký ứng"
                " dụng có quyền này.",
                f"The application has not been granted “{scope}”. Register one that has.",
            )
        case errors.NoSuchRow():
            return _NO_ADDRESS
        case errors.NoSuchAddress():
            return Words(
                "Không có địa chỉ này. Hãy xem /api/v1/openapi.json.",
                "There is no such address. See /api/v1/openapi.json.",
            )
        case errors.MethodNotOffered():
            return Words(
                "Địa chỉ này không nhận phương thức đó. Hãy xem đầu mục Allow.",
                "This address does not take that method. See the header Allow.",
            )
        case errors.BodyTooLarge(limit_bytes=limit):
            return Words(
                f"Nội dung gửi quá lớn. Hãy gửi không quá {limit:,} byte.",
                f"What was sent is too large. Send no more than {limit:,} bytes.",
            )
        case errors.TooManyRequests(seconds=seconds):
            return Words(
                f"Gọi quá nhiều. Hãy chờ {seconds} giây rồi gọi lại.",
                f"Too many calls. Wait {seconds} seconds and call again.",
            )
        case errors.NotUnderstood(faults=faults):
            vi = "; ".join(f"{one.where}: {one.words.vi}" for one in faults[:5])
            en = "; ".join(f"{one.where}: {one.words.en}" for one in faults[:5])
            return Words(
                f"Nội dung gửi chưa đúng ({vi}). Hãy sửa rồi gửi lại.",
                f"What was sent is not right ({en}). Correct it and send it again.",
            )
        case errors.NotExpected():
            return Words(
                "Máy chủ gặp lỗi không lường trước; đã ghi lại. Hãy thử lại sau hoặc báo người"
                " quản trị.",
                "The server broke and has written it down. Try again later or tell the"
                " administrator.",
            )
        case _:
            return _of_key(error)


def _of_key(error: errors.ApiError) -> Words:
    match error:
        case errors.KeyMalformed():
            return Words(
                "Idempotency-Key phải có từ 1 đến 255 ký tự ASCII in được. Hãy dùng một UUID.",
                "An Idempotency-Key has 1 to 255 printable ASCII characters. Use a UUID.",
            )
        case errors.KeyReused():
            return Words(
                "Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới cho yêu cầu"
                " mới.",
                "This Idempotency-Key was used for another request. Use a new key for a new one.",
            )
        case errors.RequestUnderWay():
            return Words(
                "Yêu cầu cùng khóa này đang được thực hiện. Hãy chờ ít giây rồi gửi lại như cũ.",
                "The request of this key is being carried out. Wait and send the same again.",
            )
        case errors.ConfirmedByHolder(page=page):
            return Words(
                "Khóa ký này chỉ mở bằng mã PIN hoặc phần mềm của chính người giữ. Hãy để người đó"
                f" xác nhận tại trang {page}.",
                "This key opens only by its holder's own PIN or program. Let the holder confirm on"
                f" the page {page}.",
            )
        case _:
            return _of_application(error)


def _of_application(error: errors.ApiError) -> Words:
    match error:
        case errors.ScopeNotYours(scopes=scopes):
            return Words(
                f"Chức danh của ông (bà) không có quyền: {', '.join(scopes)}. Hãy bỏ chọn các quyền"
                " này.",
                f"Your post may not: {', '.join(scopes)}. Leave these out.",
            )
        case errors.LifeTooLong(most_days=days):
            return Words(
                f"Thời hạn dài nhất là {days} ngày. Hãy chọn ngày sớm hơn.",
                f"A token lives {days} days at most. Choose an earlier day.",
            )
        case errors.ApplicationEnded():
            return Words(
                "Ứng dụng đã ngừng. Hãy đăng ký ứng dụng mới.",
                "The application has been ended. Register a new one.",
            )
        case errors.TooManyApplications(most=most):
            return Words(
                f"Mỗi chức danh có nhiều nhất {most} ứng dụng hoặc mã đang dùng. Hãy ngừng một cái"
                " không dùng nữa.",
                f"A post has {most} applications or tokens in use at most. End one first.",
            )
        case errors.TooManyWebhooks(most=most):
            return Words(
                f"Mỗi ứng dụng có nhiều nhất {most} địa chỉ nhận sự kiện. Hãy bỏ bớt một địa chỉ.",
                f"An application has {most} webhooks at most. Remove one first.",
            )
        case errors.WebhookAddressRefused(why=why):
            words = ADDRESS_FAULTS[why]
            return Words(
                f"Không dùng được địa chỉ này: {words.vi}. Hãy dùng địa chỉ khác hoặc hỏi người vận"
                " hành.",
                f"This address cannot be used: {words.en}. Use another or ask the operator.",
            )
        case errors.NothingToSendAgain():
            return Words(
                "Sự kiện này đã gửi hoặc đang được gửi. Hãy xem lại sau ít phút.",
                "This event was sent, or is being sent. Look again in a few minutes.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

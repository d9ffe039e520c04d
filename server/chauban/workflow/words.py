"""The errors of the workflow in words for people: what happened and what to do next."""

from datetime import datetime

from chauban.accounts.rights import NotAllowed
from chauban.accounts.words import explain as explain_account
from chauban.blobs.errors import BlobError, StorageFull
from chauban.directory.errors import BodyHasNoCode
from chauban.directory.rules import HANOI
from chauban.registers.errors import RegisterError
from chauban.registers.words import explain as explain_register
from chauban.trust.errors import TrustError
from chauban.trust.words import explain as explain_trust
from chauban.ui.words import Words
from chauban.workflow import errors
from chauban.workflow.opinions.errors import OpinionError
from chauban.workflow.opinions.words import explain as explain_opinion
from chauban_docform.errors import DocformError
from chauban_docform.words import describe
from chauban_pades.errors import PAdESError
from chauban_pki.errors import PKIError

# What an act of this app may raise on purpose and a page shows in words.
REFUSALS = (
    errors.WorkflowError,
    RegisterError,
    TrustError,
    DocformError,
    PAdESError,
    PKIError,
    BlobError,
    BodyHasNoCode,
)

STEPS = {
    "revise": ("sửa dự thảo", "revise the draft"),
    "submit": ("trình kiểm tra", "submit for checking"),
    "check-content": ("kiểm tra nội dung", "check the content"),
    "check-layout": ("kiểm tra thể thức", "check the layout"),
    "approve": ("duyệt", "approve"),
    "sign": ("ký số", "sign"),
    "return": ("trả lại", "return"),
    "number": ("cấp số", "number"),
    "seal": ("ký số của cơ quan", "seal"),
    "cancel-number": ("hủy số", "cancel the number"),
    "issue": ("phát hành", "issue"),
    "ask-opinions": ("xin ý kiến", "ask for opinions"),
}


# Why the last use of a key elsewhere came to nothing, by the name that the use has kept.
CAME_TO_NOTHING = {
    "SigningTimedOut": Words(
        "Lần ký trước đã hết thời gian mà chưa được xác nhận; chưa ký gì. Hãy thực hiện lại.",
        "The last request ended without an answer; nothing was signed. Ask again.",
    ),
    "SigningRefused": Words(
        "Lần ký trước bị từ chối trên điện thoại hoặc bởi dịch vụ ký số; chưa ký gì. Nếu không phải"
        " ông (bà) từ chối, hãy hỏi đơn vị cung cấp dịch vụ rồi thực hiện lại.",
        "The last request was declined on the telephone or by the service; nothing was signed. If"
        " it was not you who declined, ask the service, then try again.",
    ),
    "Cancelled": Words(
        "Lần ký trước đã được hủy; chưa ký gì. Hãy thực hiện lại khi cần.",
        "The last request was cancelled; nothing was signed. Ask again when needed.",
    ),
}
_OTHERWISE = Words(
    "Chữ ký của lần trước không ghi nhận được nên văn bản chưa được ký. Hãy thực hiện lại; nếu lặp"
    " lại, hãy báo quản trị hệ thống.",
    "The last signature could not be kept, so the document is not signed. Try again; if it"
    " happens once more, tell the administrator.",
)


def explain_nothing(problem: str) -> Words:
    """Words for what a use of a key elsewhere came to nothing of (`KeyUse.last_problem`)."""
    return CAME_TO_NOTHING.get(problem.partition(":")[0], _OTHERWISE)


def explain(error: Exception) -> Words:
    """Words for an error of an act of this app, or of what it rests on; else a TypeError."""
    match error:
        case OpinionError():
            return explain_opinion(error)
        case errors.TaskError():
            return _of_task(error)
        case errors.WorkflowError():
            return _of_draft(error)
        case RegisterError() | BodyHasNoCode():
            return explain_register(error)
        case TrustError() | PKIError():
            return explain_trust(error)
        case PAdESError(vi=vi, en=en):
            return Words(vi, en)
        case DocformError():
            return Words(describe(error, "vi"), describe(error, "en"))
        case NotAllowed():
            return explain_account(error)
        case StorageFull():
            return Words(
                "Kho tệp đã đầy; chưa lưu gì. Hãy báo người quản trị rồi thực hiện lại.",
                "The file store is full; nothing was kept. Tell the administrator, then try again.",
            )
        case BlobError():
            return Words(
                "Một tệp trong kho bị thiếu hoặc hỏng nên không dùng được. Hãy báo người quản trị"
                " khôi phục từ bản sao lưu.",
                "A stored file is missing or damaged. Have the administrator restore it from a"
                " backup.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error


def _of_draft(error: errors.WorkflowError) -> Words:
    match error:
        case errors.StepNotAllowed(step=step, state_label=state):
            vi, en = STEPS[step]
            return Words(
                f"Không thể {vi}: dự thảo đang “{state}” và bước này không thuộc quyền của chức"
                " danh ông (bà) đang dùng. Hãy chờ đến bước của mình hoặc chuyển chức danh.",
                f"You cannot {en} in the draft's present state and your present post. Wait for"
                " your turn or switch to another post.",
            )
        case errors.ChangedMeanwhile(changed_at=at, state_label=state):
            return Words(
                f"Người khác vừa xử lý dự thảo lúc {_moment(at)} (nay “{state}”); nội dung ông (bà)"
                " nhập chưa được ghi. Hãy xem bản mới bên dưới rồi nhập lại nếu còn cần.",
                f"Someone else acted on the draft at {_moment(at)}; what you entered was not"
                " saved. Look at the new state, then enter it again if still needed.",
            )
        case errors.CommentMissing():
            return Words(
                "Hãy ghi lý do trả lại để người soạn thảo biết cần sửa gì.",
                "Give the reason, so that the author knows what to change.",
            )
        case errors.NothingChosen():
            return Words(
                "Chưa chọn văn bản nào để ký hoặc trả lại. Hãy chọn ít nhất một văn bản.",
                "Nothing is to be signed or returned. Choose at least one document.",
            )
        case errors.RecipientRetired(name=name, heirs=heirs):
            names = ", ".join(heirs)
            following = (
                f"Hãy gửi đến cơ quan kế thừa: {names}." if names else "Hãy bỏ nơi nhận này."
            )
            return Words(
                f"{name} hoặc mã của nơi nhận này không còn hiệu lực. {following}",
                f"{name}, or the code given for it, is no more."
                + (f" Write to: {names}." if names else " Take it off the list."),
            )
        case errors.SecretMarking(mark=mark):
            return Words(
                f"Có dấu chỉ độ mật “{mark}”. Văn bản chứa bí mật nhà nước không được đưa vào hệ"
                " thống (Luật 117/2025/QH15 Điều 5); chưa lưu gì. Hãy soạn và gửi theo quy định"
                " về bảo vệ bí mật nhà nước.",
                f"There is a mark of secrecy, “{mark}”. State secrets must not enter this system"
                " (Luật 117/2025/QH15 Điều 5); nothing was stored. Handle it by the rules for"
                " state secrets.",
            )
        case errors.FileTooLarge(name=name, limit_bytes=limit):
            return Words(
                f"Tệp “{name}” lớn hơn {limit // 1_000_000} MB. Hãy giảm dung lượng hoặc tách tệp.",
                f"“{name}” is over {limit // 1_000_000} MB. Reduce or split it.",
            )
        case errors.FileEmpty(name=name):
            return Words(
                f"Tệp “{name}” rỗng. Hãy chọn lại tệp.", f"“{name}” is empty. Choose another file."
            )
        case errors.FileTooComplex(name=name):
            return Words(
                f"Không đọc được tệp “{name}” trong giới hạn thời gian và bộ nhớ; chưa lưu gì. Hãy"
                " in lại thành tệp PDF mới rồi tải lên.",
                f"“{name}” cannot be read within the limits of time and memory; nothing was kept."
                " Print it to a new PDF and upload that.",
            )
        case errors.PagesUnreadable():
            return Words(
                "Không hiển thị được các trang của tệp PDF này nên chưa nhận tệp. Hãy xuất lại tệp"
                " từ bản gốc.",
                "The pages of this PDF cannot be shown, so it was not taken. Export it again from"
                " the source.",
            )
        case errors.FileNameTaken(name=name):
            return Words(
                f"Đã có tệp kèm theo tên “{name}”. Hãy bỏ tệp cũ hoặc đổi tên tệp mới.",
                f"There is an attachment “{name}” already. Remove it or rename the new one.",
            )
        case _:
            return _of_key(error)


def _of_key(error: errors.WorkflowError) -> Words:
    match error:
        case errors.PagesChanged():
            return Words(
                "Các trang vừa xem không phải là bản sẽ được ký, nên chưa ký. Hãy mở lại trang ký,"
                " xem lại văn bản rồi ký.",
                "The pages you saw are not those that would be signed; nothing was signed. Open"
                " the page again, read it, then sign.",
            )
        case errors.KeyInUse(lease_until=until):
            return Words(
                f"Văn bản đang được ký ở nơi khác. Hãy chờ, muộn nhất đến {_moment(until)}, rồi mở"
                " lại trang.",
                f"The document is being signed elsewhere. Wait until {_moment(until)} at latest,"
                " then open the page again.",
            )
        case errors.ClaimLost():
            return Words(
                "Lần ký này kéo dài quá thời hạn nên không được ghi nhận. Hãy mở lại trang và ký"
                " lại.",
                "This confirmation took too long and was not kept. Open the page and sign again.",
            )
        case errors.CameToNothing(problem=problem):
            return explain_nothing(problem)
        case errors.AttachmentNotForProgram(name=name):
            return Words(
                f"Phần mềm ký số chỉ ký được tệp PDF, còn “{name}” là tệp khác; chưa ký gì. Hãy"
                " dùng khóa khác của cơ quan, hoặc hủy số, trả lại và đổi tệp này sang PDF.",
                f"The program signs PDF files only and “{name}” is none; nothing was signed. Use"
                " another key of the agency, or return the draft and make the file a PDF.",
            )
        case errors.ReturnedUnreadable():
            return Words(
                "Không đọc được tệp do phần mềm ký số trả về nên chưa nhận. Hãy ký lại.",
                "The file that the program brought back cannot be read and was not taken. Sign"
                " again.",
            )
        case errors.TimestampPending(since=since):
            return Words(
                f"Chữ ký từ {_moment(since)} còn chờ dấu thời gian nên chưa cấp số được. Hệ thống"
                " tự gắn khi dịch vụ cấp dấu thời gian hoạt động lại; hãy thử lại sau ít phút.",
                f"The signature of {_moment(since)} still waits for its time-stamp, so no number"
                " is given. It is added by itself once the service answers; try again shortly.",
            )
        case errors.SealHeld(since=since):
            return Words(
                f"Văn bản đã ký số của cơ quan lúc {_moment(since)} và đang được giữ, chờ dấu thời"
                " gian hoặc dữ liệu xác thực. Hệ thống tự hoàn thành; không cần ký lại.",
                f"The document was sealed at {_moment(since)} and is held for its time-stamp or"
                " validation data. It completes by itself; do not seal again.",
            )
        case errors.UndoTooLate():
            return Words(
                "Đã quá thời gian hoàn tác. Hãy xử lý tiếp bằng một việc mới trên trang này.",
                "It is too late to undo this. Go on from here with a new act.",
            )
        case errors.ActedOnMeanwhile():
            return Words(
                "Đã có người xử lý tiếp nên không hoàn tác được. Hãy trao đổi với người đó.",
                "Somebody has gone on from there, so it cannot be undone. Speak with them.",
            )
        case errors.TemplateReplaced():
            return Words(
                "Mẫu này vừa được thay hoặc đã thôi dùng. Hãy mở lại danh sách mẫu và sửa mẫu đang"
                " dùng; nội dung vừa gõ vẫn còn trên trang.",
                "This template has just been replaced or ended. Open the list of templates anew"
                " and change the one in use; what you typed is still on this page.",
            )
        case errors.ResultNotValid(name=name, reasons=reasons):
            return Words(
                f"Chữ ký vừa tạo trên “{name}” không qua được kiểm tra ({', '.join(reasons)}) nên"
                " không được ghi nhận. Hãy báo người quản trị kiểm tra chứng thư và gốc tin cậy.",
                f"The signature just made on “{name}” did not verify ({', '.join(reasons)}) and"
                " was dropped. Have the administrator check certificates and anchors.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error


def _of_task(error: errors.TaskError) -> Words:
    match error:
        case errors.NoAssignment():
            return Words(
                "Hãy chọn ít nhất một người nhận.", "Name at least one person to receive it."
            )
        case errors.LeadMissing():
            return Words(
                "Khi có người phối hợp phải có một người chủ trì (Điều 23 khoản 3). Hãy chọn người"
                " chủ trì.",
                "Where some cooperate, one person leads (Điều 23.3). Name who leads.",
            )
        case errors.LeadNamedTwice():
            return Words(
                "Mỗi văn bản chỉ có một người chủ trì. Hãy để một người chủ trì, những người khác"
                " phối hợp.",
                "A document has one lead. Keep one and let the others cooperate.",
            )
        case errors.AssigneeNamedTwice(name=name):
            return Words(
                f"{name} đã được giao văn bản này. Hãy bỏ lần thứ hai.",
                f"{name} has this document already. Leave out the second time.",
            )
        case errors.AssigneeOutsideAgency(name=name):
            return Words(
                f"{name} không thuộc cơ quan nhận văn bản. Hãy chọn người của cơ quan.",
                f"{name} is not of the agency that received it. Choose someone who is.",
            )
        case errors.DeadlinePast():
            return Words(
                "Thời hạn đã qua. Hãy chọn từ ngày hôm nay trở đi.",
                "The deadline has passed. Choose today or later.",
            )
        case errors.TaskNotOpen(state_label=state):
            return Words(
                f"Nhiệm vụ đang “{state}” hoặc không phải của ông (bà). Hãy mở lại danh sách.",
                "The task has moved on or is not yours. Open the list again.",
            )
        case errors.DocumentClosed(code=code):
            return Words(
                f"Văn bản {code} đã giải quyết xong, không chuyển giao hay kết thúc lần nữa.",
                f"{code} has been dealt with; it is not routed or closed again.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error


def _moment(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%H:%M %d/%m/%Y")

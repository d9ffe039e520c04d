"""The errors of trust in words for people: what was refused, by which rule, what to do next."""

from chauban.directory.rules import HANOI
from chauban.trust import errors
from chauban.trust.models import Custody
from chauban.ui.words import Words
from chauban_docform.kinds import KINDS
from chauban_pki.errors import PKIError
from chauban_pki.words import reason_for

_RULES: dict[type[errors.MandateError], tuple[str, str]] = {
    errors.NotTheMandatary: (
        "Thẩm quyền ký này không giao cho {detail}. Hãy chọn người ký được giao.",
        "This authority to sign is not {detail}'s. Choose the signatory it was given to.",
    ),
    errors.MandateNotForBody: (
        "Thẩm quyền ký này không dùng cho {detail}. Hãy chọn thẩm quyền ký của cơ quan đó.",
        "This authority to sign is not for {detail}. Choose one given for that body.",
    ),
    errors.MandateNotForKind: (
        "Thẩm quyền ký này không gồm loại văn bản “{kind}”. Hãy chọn người ký khác hoặc đề nghị"
        " giao thêm.",
        "This authority to sign does not cover “{kind}”. Choose another signatory or have it"
        " extended.",
    ),
    errors.MandateOutsidePeriod: (
        "Ngày {detail} nằm ngoài thời hạn của thẩm quyền ký. Hãy chọn người ký còn thẩm quyền.",
        "{detail} lies outside the period of this authority. Choose a signatory who has it then.",
    ),
    errors.MandatePostEnded: (
        "Ngày {detail} người ký không giữ chức vụ này. Hãy chọn người đang giữ chức vụ.",
        "The signatory does not hold this post on {detail}. Choose who holds it.",
    ),
    errors.MandateBodyEnded: (
        "Ngày {detail} cơ quan không còn (hoặc chưa) hoạt động, không được ban hành văn bản với"
        " tên cơ quan đó. Hãy dùng cơ quan kế thừa.",
        "The body does not exist on {detail}; nothing is issued in its name. Use its successor.",
    ),
    errors.MandateParentEnded: (
        "Ngày {detail} việc giao ký thừa lệnh cho trưởng đơn vị đã hết hiệu lực. Hãy đề nghị giao"
        " lại.",
        "The order to the unit head is not in force on {detail}. Ask for a new one.",
    ),
    errors.MandateWithoutBasis: (
        "Phải ghi văn bản làm căn cứ giao thẩm quyền ký.",
        "Name the document that grants this authority.",
    ),
    errors.MandateBackwards: (
        "Ngày kết thúc phải sau ngày bắt đầu. Hãy sửa thời hạn.",
        "The end must come after the beginning. Correct the period.",
    ),
    errors.MandateOutsidePost: (
        "Thời hạn phải nằm trong thời gian hoạt động của “{detail}”. Hãy sửa thời hạn.",
        "The period must lie within that of “{detail}”. Correct the period.",
    ),
    errors.PostNotThePersons: (
        "Chức vụ này là của người khác. Hãy chọn chức vụ của người ký.",
        "That post is another person's. Choose the signatory's own.",
    ),
    errors.UnknownKindInMandate: (
        "Không có loại văn bản “{detail}” trong Nghị định. Hãy chọn trong 29 loại.",
        "The decree knows no kind “{detail}”. Choose among its 29.",
    ),
    errors.AuthorityLinesWrong: (
        "Các dòng quyền hạn, chức vụ không đúng thể thức ({detail}). Hãy viết hoa, đúng thứ tự"
        " TM., KT., TL., TUQ., Q. và chức vụ của người ký ở dòng cuối.",
        "The lines of authority are not in form ({detail}). Use capitals, the prefixes in order,"
        " and the signatory's own position last.",
    ),
    errors.TMOnlyForCollective: (
        "Chỉ ký thay mặt (TM.) cho cơ quan làm việc theo chế độ tập thể. Hãy bỏ dòng TM.",
        "TM. is for collective bodies only. Leave that line out.",
    ),
    errors.NotTheHead: (
        "Chỉ người đứng đầu cơ quan được ký với tư cách này. Với cấp phó hãy dùng KT.",
        "Only the head of the agency signs in this capacity. A deputy signs KT.",
    ),
    errors.KTOnlyForDeputy: (
        "Chỉ cấp phó được ký thay (KT.) cấp trưởng của mình. Hãy chọn tư cách ký khác.",
        "Only a deputy signs KT. for the head. Choose another capacity.",
    ),
    errors.TLOnlyForUnitHead: (
        "Chỉ người đứng đầu đơn vị thuộc cơ quan được giao ký thừa lệnh (TL.).",
        "Only the head of a unit of the agency may be given TL.",
    ),
    errors.TLMustNameKinds: (
        "Ký thừa lệnh chỉ cho một số loại văn bản. Hãy chọn các loại được giao.",
        "TL. covers some kinds of document only. Choose them.",
    ),
    errors.TUQOnlyForSubordinateHead: (
        "Chỉ được ủy quyền (TUQ.) cho người đứng đầu cơ quan, tổ chức thuộc cơ cấu của mình.",
        "TUQ. is only for the head of a subordinate body or unit.",
    ),
    errors.TUQWithoutEnd: (
        "Ủy quyền (TUQ.) phải giới hạn thời gian. Hãy ghi ngày kết thúc.",
        "TUQ. must be limited in time. Give its last day.",
    ),
    errors.TUQWithoutKinds: (
        "Ủy quyền (TUQ.) phải giới hạn nội dung. Hãy chọn các loại văn bản được ký.",
        "TUQ. must be limited in content. Choose the kinds of document it covers.",
    ),
    errors.TUQCannotBePassedOn: (
        "Người được ủy quyền (TUQ.) không được ủy quyền lại cho người khác ký.",
        "Who signs TUQ. may not pass the authority on.",
    ),
    errors.OrderMissing: (
        "Ký thay (KT.) trưởng đơn vị cần gắn với thẩm quyền thừa lệnh (TL.) của đơn vị đó, và chỉ"
        " trường hợp này có thẩm quyền cấp trên.",
        "KT. for a unit head rests on that unit's TL. mandate; nothing else has one above it.",
    ),
    errors.WiderThanItsOrder: (
        "Thẩm quyền ký thay không được rộng hơn việc giao ký thừa lệnh: cùng cơ quan, loại văn"
        " bản và thời hạn.",
        "It may not be wider than the order above it: same body, kinds and period.",
    ),
}


def explain(error: Exception) -> Words:
    """Words for an error that trust, or a key beneath it, raises on purpose."""
    match error:
        case errors.MandateError():
            return _of_rule(error)
        case PKIError():
            reason = reason_for(error)
            return Words(reason.vi, reason.en)
        case errors.NoUsableCertificate(holder=holder, latest=None):
            return Words(
                f"{holder} chưa có chứng thư số trong hệ thống. Hãy đề nghị cấp và nạp chứng thư.",
                f"{holder} has no certificate here. Apply for one and store it.",
            )
        case errors.NoUsableCertificate(holder=holder, latest=latest, at=at):
            if latest.custody == Custody.KEYSTORE and latest.pkcs12 is None:
                return explain(errors.NoKeyStored(latest))
            end = latest.not_after.astimezone(HANOI).strftime("%d/%m/%Y")
            start = latest.not_before.astimezone(HANOI).strftime("%d/%m/%Y")
            if at > latest.not_after:
                return Words(
                    f"Chứng thư số của {holder} đã hết hạn ngày {end}. Hãy gia hạn trước khi ký.",
                    f"The certificate of {holder} expired on {end}. Renew it before signing.",
                )
            return Words(
                f"Chứng thư số của {holder} chỉ có hiệu lực từ ngày {start}. Hãy chờ đến ngày đó.",
                f"The certificate of {holder} is valid only from {start}. Wait until then.",
            )
        case errors.NoKeyStored():
            return Words(
                "Hệ thống không giữ khóa của chứng thư này. Hãy ký bằng thiết bị của người ký.",
                "The key of this certificate is not kept here. Sign with the holder's device.",
            )
        case errors.KeyElsewhere(certificate=certificate):
            return _elsewhere(Custody(certificate.custody))
        case errors.KeyUnavailable(certificate=certificate):
            return _unavailable(Custody(certificate.custody))
        case errors.KeyRefused(detail=detail):
            return Words(
                f"Thiết bị hoặc dịch vụ ký số từ chối ký ({detail}). Chưa ký gì; hãy báo quản trị"
                " hệ thống hoặc nơi cấp chứng thư số.",
                f"The device or signing service refuses to sign ({detail}). Nothing was signed;"
                " tell the administrator or the certificate's issuer.",
            )
        case errors.KeyNotThere():
            return Words(
                "Nơi lưu khóa đã ghi không có khóa của chứng thư số này. Chưa ký gì; hãy báo quản"
                " trị hệ thống kiểm tra nơi lưu khóa.",
                "The key of this certificate is not where it is said to be. Nothing was signed;"
                " have the administrator check where it is kept.",
            )
        case errors.PINBlocked():
            return Words(
                "Thiết bị đã khóa mã PIN vì nhập sai nhiều lần. Hãy mang thiết bị đến nơi cấp để"
                " mở khóa.",
                "The device has blocked its PIN after several wrong ones. Have its issuer unblock"
                " it.",
            )
        case errors.WrongPIN(certificate=certificate, left=left) if (
            certificate.custody != Custody.KEYSTORE
        ):
            return Words(
                f"Mã PIN không đúng; còn {left} lần thử tại đây. Thiết bị hoặc dịch vụ cũng đếm số"
                " lần sai và có thể khóa hẳn: hãy kiểm tra kỹ rồi mới nhập lại.",
                f"Wrong PIN; {left} tries left here. The device or service counts as well and may"
                " block it for good: make sure before you enter it again.",
            )
        case errors.WrongPIN(left=left):
            return Words(
                f"Mã PIN không đúng; còn {left} lần thử. Hãy nhập lại.",
                f"Wrong PIN; {left} tries left. Enter it again.",
            )
        case errors.KeyLocked(until=until):
            at_time = until.astimezone(HANOI).strftime("%H:%M")
            return Words(
                f"Khóa ký tạm khóa đến {at_time} vì nhập sai mã PIN nhiều lần. Hãy thử lại sau"
                " giờ đó.",
                f"The key is shut until {at_time} after several wrong PINs. Try again then.",
            )
        case errors.CertificateOfAnother(subject=subject, holder=holder):
            return Words(
                f"Chứng thư {subject} không phải loại dùng cho {holder}. Hãy chọn đúng chứng thư.",
                f"The certificate {subject} is not of the kind for {holder}. Choose the right one.",
            )
        case errors.CertificateUnfit(reasons=reasons):
            return Words(" ".join(one.vi for one in reasons), " ".join(one.en for one in reasons))
        case errors.KeyReferenceIncomplete(needed=needed):
            names = ", ".join(f"--{name}" for name in needed)
            return Words(
                f"Chưa ghi đúng nơi lưu khóa; cần: {names or 'không cần gì'}. Số hiệu khóa viết"
                " dạng thập lục phân.",
                f"Where the key is kept is not said; needed: {names or 'nothing'}. The key's"
                " identifier is hexadecimal.",
            )
        case errors.AnchorHasEnded(anchor=anchor, day=day):
            return Words(
                f"Gốc tin cậy {anchor.name} đã chấm dứt ngày {day:%d/%m/%Y}; không cần làm gì.",
                f"The anchor {anchor.name} ended on {day:%d/%m/%Y}; nothing is to be done.",
            )
        case errors.UploadTooLarge(limit_bytes=limit):
            return Words(
                f"Tệp lớn hơn {limit // 1_000_000} MB nên không kiểm tra được tại đây. Hãy dùng"
                " lệnh “chauban verify” trên máy của mình.",
                f"The file is over {limit // 1_000_000} MB, too large for this page. Use the"
                " command “chauban verify” on your own machine.",
            )
        case errors.UploadsTooMany(retry_after_seconds=seconds):
            minutes = -(-seconds // 60)
            return Words(
                f"Địa chỉ này đã gửi quá nhiều tệp. Hãy thử lại sau {minutes} phút.",
                f"Too much was sent from this address. Try again in {minutes} minutes.",
            )
        case errors.CheckersBusy():
            return Words(
                "Máy đang kiểm tra các tệp khác. Hãy thử lại sau ít phút; tệp chưa được kiểm tra.",
                "Other files are being checked. Try again in a few minutes; yours was not checked.",
            )
        case errors.CheckBroke():
            return Words(
                "Không kiểm tra được tệp này: việc đọc tệp vượt giới hạn thời gian hoặc bộ nhớ,"
                " hoặc tệp bị hỏng. Chưa kết luận được gì; hãy đề nghị nơi gửi gửi lại.",
                "The file could not be checked: reading it passed the limits of time or memory, or"
                " the file is damaged. Nothing follows from that; ask the sender for it again.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error


def _elsewhere(custody: Custody) -> Words:
    if custody == Custody.TELEPHONE:
        return Words(
            "Khóa ký nằm trên điện thoại của người ký. Hãy gửi yêu cầu ký rồi xác nhận trên điện"
            " thoại; không nhập mã PIN tại đây.",
            "The key is on the holder's telephone. Ask for the signature and confirm it there;"
            " enter no PIN here.",
        )
    return Words(
        "Khóa ký nằm trong thiết bị của người ký. Hãy ký bằng phần mềm ký số trên máy của người"
        " ký; không nhập mã PIN tại đây.",
        "The key is in the holder's own device. Sign with the program on the holder's machine;"
        " enter no PIN here.",
    )


def _unavailable(custody: Custody) -> Words:
    if custody == Custody.DEVICE:
        return Words(
            "Không kết nối được thiết bị lưu khóa của máy chủ. Chưa ký gì; hãy thử lại sau ít"
            " phút, nếu vẫn lỗi hãy báo quản trị hệ thống.",
            "The server's key device does not answer. Nothing was signed; try again in a few"
            " minutes, then tell the administrator.",
        )
    return Words(
        "Dịch vụ ký số từ xa không trả lời. Chưa ký gì; hãy thử lại sau ít phút, nếu vẫn lỗi hãy"
        " báo quản trị hệ thống.",
        "The remote signing service does not answer. Nothing was signed; try again in a few"
        " minutes, then tell the administrator.",
    )


def _of_rule(error: errors.MandateError) -> Words:
    vi, en = _RULES[type(error)]
    kind = KINDS.get(error.detail)
    on_day = isinstance(error, errors.MandateOutsidePeriod)
    detail = f"{error.day:%d/%m/%Y}" if on_day else error.detail
    facts = {"detail": detail, "kind": kind.name if kind else detail}
    return Words(f"{vi.format(**facts)} ({error.clause})", f"{en.format(**facts)} ({error.clause})")

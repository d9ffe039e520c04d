"""The errors of opinions in words for people."""

from chauban.directory.rules import HANOI
from chauban.ui.words import Words
from chauban.workflow.opinions import errors


def explain(error: errors.OpinionError) -> Words:
    match error:
        case errors.NobodyAsked():
            return Words(
                "Hãy chọn ít nhất một người hoặc một đơn vị để xin ý kiến.",
                "Choose at least one person or unit to ask.",
            )
        case errors.AskedHimself():
            return Words(
                "Ông (bà) không xin ý kiến của chính mình. Hãy bỏ tên mình khỏi danh sách.",
                "You do not ask yourself. Leave your own name out.",
            )
        case errors.AskedOutsideAgency(name=name):
            return Words(
                f"{name} không thuộc cơ quan soạn thảo. Muốn hỏi cơ quan khác, hãy gửi công văn"
                " xin ý kiến.",
                f"{name} is not of the drafting agency. Ask another agency by an official letter.",
            )
        case errors.AskedAlready(name=name):
            return Words(
                f"{name} đã được hỏi về bản dự thảo này. Hãy bỏ tên này khỏi danh sách.",
                f"{name} has been asked about this version already. Leave the name out.",
            )
        case errors.UnitWithoutHead(name=name):
            return Words(
                f"{name} chưa có người đứng đầu để trả lời. Hãy chọn một người của đơn vị.",
                f"{name} has no head who could answer. Choose one of its people instead.",
            )
        case errors.DeadlineBeforeToday():
            return Words(
                "Hạn trả lời đã qua. Hãy chọn từ ngày hôm nay trở đi.",
                "The last day for answers has passed. Choose today or later.",
            )
        case _:
            return _of_answer(error)


def _of_answer(error: errors.OpinionError) -> Words:
    match error:
        case errors.OpinionGiven(at=at):
            moment = at.astimezone(HANOI).strftime("%H:%M %d/%m/%Y")
            return Words(
                f"Ý kiến này đã được trả lời lúc {moment}. Hãy xem nội dung bên dưới; muốn nói"
                " thêm thì trao đổi với người soạn thảo.",
                f"This was answered at {moment}. See below; to add something, tell the drafter.",
            )
        case errors.OpinionNotAwaited():
            return Words(
                "Người soạn thảo không còn chờ ý kiến này: đã thôi hỏi, hoặc dự thảo đã được"
                " duyệt. Hãy mở lại danh sách.",
                "This opinion is no longer awaited: the question was withdrawn or the draft has"
                " been approved. Open the list again.",
            )
        case errors.OpinionWithoutWords():
            return Words(
                "Hãy ghi rõ ý kiến để người soạn thảo biết cần sửa gì.",
                "Say what you think, so that the drafter knows what to change.",
            )
        case errors.NothingToSettle():
            return Words(
                "Chưa có ý kiến nào để tiếp thu hay giải trình ở đây. Hãy chờ người được hỏi"
                " trả lời.",
                "There is nothing here to take in or to explain. Wait for the answer.",
            )
        case errors.NothingAwaited():
            return Words(
                "Mọi người được hỏi đã trả lời. Hãy ghi phần tiếp thu, giải trình.",
                "Everybody has answered. Go on to what you take in.",
            )
        case errors.NoNewerVersion(number=number):
            return Words(
                f"Bản {number} là bản đã đem xin ý kiến. Hãy sửa dự thảo thành bản mới rồi ghi phần"
                " tiếp thu.",
                f"Version {number} is the one you asked about. Revise the draft first, then say"
                " what you took in.",
            )
        case errors.ExplanationMissing():
            return Words(
                "Hãy giải trình phần không tiếp thu.", "Explain what you have not taken in."
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

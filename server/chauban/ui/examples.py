"""What the page of components shows them with: made up, and the same on every installation."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from chauban.ui.lives import LifeEvent, by_day
from chauban.ui.rows import Row
from chauban.ui.steps import way

AT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
# Each colour by the name of its token, and a size by which its use is known.
COLOURS = (
    "paper", "surface", "sunken", "line", "edge", "text", "quiet",
    "accent", "accent-strong", "accent-text", "accent-soft", "accent-pale",
    "lacquer", "lacquer-strong", "lacquer-text", "lacquer-soft",
    "good", "good-soft", "wait", "wait-soft", "bad", "bad-soft",
)  # fmt: skip


class ExampleForm(forms.Form):
    subject = forms.CharField(
        label=_("Trích yếu nội dung"), help_text=_("Ngắn gọn, phản ánh khái quát nội dung chính.")
    )
    kind = forms.ChoiceField(
        label=_("Loại văn bản"), choices=[("", "—"), ("cv", "Công văn"), ("qd", "Quyết định")]
    )
    due_on = forms.DateField(
        label=_("Thời hạn giải quyết"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    comment = forms.CharField(
        label=_("Ý kiến"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    part = forms.ChoiceField(
        label=_("Vai trò"),
        choices=[("lead", "Chủ trì"), ("cooperate", "Phối hợp"), ("inform", "Để biết")],
        widget=forms.RadioSelect,
    )
    is_read = forms.BooleanField(label=_("Tôi đã xem các trang ở bên"), required=False)
    file = forms.FileField(label=_("Tệp kèm theo"), required=False)


def rows() -> list[Row]:
    return [
        Row("…/UBND-VX", "Về việc tăng cường ký số và gửi, nhận văn bản điện tử",
            "Công văn · Ủy ban nhân dân thành phố Huế · Trần Thị Bình", "Chờ ký", "go", "#rows",
            at=AT, urgency="Hỏa tốc"),
        Row("Số đến 128", "Về lịch tiếp công dân định kỳ tháng 12 năm 2026",
            "01/TB-UBND · Ủy ban nhân dân thành phố Huế", "Đang giải quyết", "go", "#rows",
            due_on=date(2026, 11, 20), is_overdue=True),
        Row("Số đến 131", "Phê duyệt dự toán sửa chữa thường xuyên trụ sở làm việc năm 2027",
            "12/QĐ-STC · Sở Tài chính", "Chưa chuyển giao", "wait", "#rows",
            due_on=date(2026, 12, 4), note="Chờ dấu thời gian; hệ thống tự làm tiếp."),
        Row("57/QĐ-UBND", "Thành lập Tổ công tác số hóa hồ sơ, tài liệu",
            "Ủy ban nhân dân phường Thuận Hóa", "Đã phát hành", "good", "#rows", at=AT),
        Row("58/QĐ-UBND", "Giao nhiệm vụ rà soát chứng thư chữ ký số",
            "Ủy ban nhân dân phường Thuận Hóa", "Đã thu hồi", "bad", "#rows", at=AT),
    ]  # fmt: skip


def tiles() -> list[dict[str, Any]]:
    tile = {"url": "#tiles", "is_authority": False, "is_late": False}
    return [
        {**tile, "name": "Chờ ký số", "icon": "signature", "count": 8, "is_authority": True},
        {**tile, "name": "Nhiệm vụ được giao", "icon": "list-details", "count": 12},
        {**tile, "name": "Quá hạn", "icon": "alert-triangle", "count": 2, "is_late": True},
        {**tile, "name": "Dự thảo của tôi", "icon": "pencil", "count": 0},
    ]


def load() -> list[dict[str, Any]]:
    return [
        {"url": "#load", "name": "Trần Thị Bình", "count": 9, "late": 2},
        {"url": "#load", "name": "Lê Văn Cường", "count": 4, "late": 0},
        {"url": "#load", "name": "Phạm Thị Dung", "count": 0, "late": 0},
    ]


def _findings(verdict: str, words: str, document: str, conclusion: str, reason: str) -> Any:
    signature = {
        "verdict": verdict, "verdict_words": words, "role": "Người có thẩm quyền",
        "letters": "Ắ ằ ẳ ẵ ặ, ố ồ ổ ỗ ộ, ứ ừ ử ữ ự: 0123456789,",
        "signer": "Nguyễn Thị Ái", "agency": "Ủy ban nhân dân thành phố Huế", "signed_at": AT,
        "level": "có dấu thời gian", "reasons": [reason] if reason else [],
    }  # fmt: skip
    return {
        "verdict": verdict, "verdict_words": words, "document": document,
        "conclusion": conclusion, "reasons": [], "signatures": [signature],
        "changes": [], "permitted_changes": [],
    }  # fmt: skip


def related() -> list[dict[str, Any]]:
    return [
        {"relation": "Trả lời văn bản đến", "code": "12/UBND-VX", "url": "#ways",
         "subject": "Về việc tăng cường ký số", "note": "số đến 128"},
        {"relation": "Được thay thế bởi", "code": "58/QĐ-UBND", "url": "", "note": "Đã phát hành"},
    ]  # fmt: skip


def life() -> list[Any]:
    person = "Nguyễn Thị Ái, Phó Chủ tịch"
    return by_day(
        [
            LifeEvent(AT, "Trả lại dự thảo", person, "Bổ sung căn cứ pháp lý.", is_failure=True),
            LifeEvent(AT, "Ký số của người có thẩm quyền", person, is_authority=True),
            LifeEvent(AT, "Nhận trạng thái xử lý", "Sở Tài chính", "01 Đã đến"),
            LifeEvent(AT, "Nhận trạng thái xử lý", "Sở Xây dựng", "01 Đã đến"),
        ]
    )


def sheets() -> list[dict[str, str]]:
    """One document of a batch in each state: to be decided three ways, missing a reason, dealt
    with in each way that it may end."""
    subjects = [row.subject for row in rows()]
    return [
        {"subject": subjects[0], "decided": "act"},
        {"subject": subjects[1], "decided": "skip"},
        {"subject": subjects[2], "decided": "return", "wrong": "Hãy ghi lý do trả lại."},
        {"subject": subjects[0], "outcome": "waiting", "words": "Đang xử lý", "tone": "go"},
        {"subject": subjects[1], "outcome": "done", "words": "Đã cấp số, ký số",
         "tone": "good", "number": "57/QĐ-UBND"},
        {"subject": subjects[2], "outcome": "held", "words": "Đang giữ", "tone": "wait",
         "problem": "Chữ ký chờ dấu thời gian; hệ thống tự làm tiếp."},
        {"subject": subjects[3], "outcome": "refused", "words": "Chưa ký được", "tone": "bad",
         "problem": "Dự thảo đã được sửa sau khi ông (bà) xem. Hãy mở lại."},
        {"subject": subjects[4], "outcome": "returned", "words": "Đã trả lại", "tone": "go"},
    ]  # fmt: skip


def context() -> dict[str, Any]:
    return {
        "issuer": "ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ",
        "sheets": sheets(),
        "act_form": ExampleForm(prefix="act"),
        "act_wrong": ExampleForm({"act-wrong-kind": "qd"}, prefix="act-wrong"),
        "colours": COLOURS,
        "rows": rows(),
        "tiles": tiles(),
        "load": load(),
        "most": 9,
        "letters": "Ắ ằ ẳ ẵ ặ, ố ồ ổ ỗ ộ, ứ ừ ử ữ ự: 0123456789,",
        "signer": "Nguyễn Thị Ái",
        "authority_lines": ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"],
        "form": ExampleForm(prefix="empty"),
        "wrong": ExampleForm({"wrong-kind": "qd"}, prefix="wrong"),
        "steps": way(["Soạn thảo", "Kiểm tra", "Duyệt", "Ký số", "Cấp số", "Phát hành"], 3),
        "history": [
            {"at": AT, "until": AT, "times": 1, "word": "Trình kiểm tra", "by": None},
            {"at": AT, "until": AT, "times": 1, "word": "Ký số", "by": None, "is_authority": True},
        ],
        "life": life(),
        "related": related(),
        "findings": [
            _findings("TOTAL-PASSED", "Hợp lệ", "complete",
                      "Nội dung không bị thay đổi. Có giá trị như bản gốc.", ""),
            _findings("INDETERMINATE", "Chưa kết luận được", "not-enough-evidence",
                      "Chưa đủ căn cứ để kết luận.",
                      "Chưa hỏi được danh sách chứng thư bị thu hồi; hãy kiểm tra lại sau."),
            _findings("TOTAL-FAILED", "Không hợp lệ", "altered",
                      "Văn bản đã bị thay đổi sau khi ký. Hãy đề nghị cơ quan gửi lại.",
                      "Trang 2 khác với bản đã ký."),
        ],
        "page": Paginator(range(90), 40).get_page(2),
    }  # fmt: skip

"""Forms of people, their posts and accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Role
from chauban.office.administering.acting import ActForm
from chauban.office.administering.fields import BasisField, DayField, PersonField, UnitField

UNTIL = _("Đến trước ngày")
UNTIL_HELP = _("Ngày đầu tiên thôi giữ; để trống là chưa có hạn.")


class PostForm(ActForm):
    """A person's post in an agency."""

    person = PersonField(label=_("Người được giao"))
    title = forms.CharField(
        label=_("Chức danh"),
        max_length=100,
        help_text=_("Ghi như ở chỗ ký: Phó Giám đốc, Văn thư."),
    )
    role = forms.ChoiceField(label=_("Vai trò trong hệ thống"), choices=Role.choices)
    unit = UnitField(label=_("Đơn vị"), required=False)
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = DayField(label=UNTIL, required=False, help_text=UNTIL_HELP)
    basis = BasisField(label=_("Quyết định bổ nhiệm, phân công"))

    def prepare(self) -> None:
        self.fields["unit"].of(self.subject, self.today)


class NewPersonForm(PostForm):
    """Somebody whom the directory does not know yet: with his first post and his account."""

    person = None
    full_name = forms.CharField(label=_("Họ và tên"), max_length=50)
    email = forms.EmailField(label=_("Địa chỉ thư công vụ"), max_length=100)
    username = forms.CharField(
        label=_("Tên đăng nhập"),
        max_length=60,
        required=False,
        help_text=_("Để trống: phần trước @ của địa chỉ thư."),
    )
    field_order = (
        "full_name", "email", "title", "role", "unit", "valid_from", "valid_to", "basis",
        "username",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        given["username"] = (
            given.get("username") or given.get("email", "").partition("@")[0].lower()
        )
        return given


class StandInForm(ActForm):
    person = PersonField(label=_("Người được giao quyền"))
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = DayField(
        label=UNTIL, required=False, help_text=_("Bắt buộc: quyền tự hết vào ngày này.")
    )
    basis = BasisField(label=_("Văn bản giao quyền"))


class AccountForm(ActForm):
    """An account with a password to hand over; its owner changes it at the first sign-in."""

    username = forms.CharField(label=_("Tên đăng nhập"), max_length=60)

    def prepare(self) -> None:
        self.initial.setdefault("username", self.subject.email.partition("@")[0].lower())


class NothingForm(ActForm):
    """Nothing is asked: the act is confirmed."""

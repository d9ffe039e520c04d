from datetime import timedelta

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from chauban.axis.registering import Registration

# What a header can carry and edxml.md 10 allows: 35 letters, digits, dots, dashes.
_is_code = RegexValidator(
    r"\A[A-Za-z0-9._-]{1,35}\Z",
    _("Chỉ dùng chữ cái không dấu, chữ số, dấu chấm, gạch ngang; tối đa 35 ký tự."),
)


class SystemForm(forms.Form):
    system_id = forms.CharField(
        label=_("Mã hệ thống (systemid)"), max_length=35, validators=[_is_code]
    )
    name = forms.CharField(label=_("Tên hệ thống"), max_length=200)


class LimitsForm(forms.Form):
    calls_per_minute = forms.IntegerField(
        label=_("Số lần gọi tối đa trong một phút"), min_value=1, max_value=100_000
    )
    max_message_mb = forms.IntegerField(
        label=_("Gói tin lớn nhất (MB)"),
        help_text=_("Để trống: theo giới hạn chung của trục."),
        min_value=1,
        max_value=10_000,
        required=False,
    )


class RotateForm(forms.Form):
    keep_hours = forms.IntegerField(
        label=_("Số giờ khóa cũ còn dùng được"),
        help_text=_("0: khóa cũ hết hiệu lực ngay, khi nghi bị lộ."),
        min_value=0,
        max_value=30 * 24,
        initial=24,
    )

    def keep_former(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["keep_hours"])


class NeighbourForm(forms.Form):
    url = forms.CharField(
        label=_("Địa chỉ của trục đó"),
        help_text=_("Phần trước tên lệnh, ví dụ https://truc.example.gov.vn/axis."),
        max_length=200,
        validators=[RegexValidator(r"\Ahttps?://\S+\Z", _("Nhập địa chỉ bắt đầu bằng https://."))],
    )
    our_system_id = forms.CharField(
        label=_("Mã hệ thống của ta ở trục đó"), max_length=35, validators=[_is_code]
    )
    our_secret = forms.CharField(
        label=_("Khóa bí mật của ta ở trục đó"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    is_polled = forms.BooleanField(
        label=_("Ta tự lấy gói tin ở trục đó (trục đó không chuyển sang)"),
        required=False,
        initial=True,
    )


class MemberForm(forms.Form):
    organ_id = forms.CharField(label=_("Mã định danh"), max_length=35, validators=[_is_code])
    name = forms.CharField(label=_("Tên cơ quan"), max_length=200)
    old_organ_id = forms.CharField(
        label=_("Mã kia cùng hiệu lực"), max_length=35, validators=[_is_code], required=False
    )

    def registration(self) -> Registration:
        return Registration(**self.cleaned_data)

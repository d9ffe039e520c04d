from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Channel
from chauban.exchange.dispatching import OFF_AXIS, ON_PAPER


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class SentForm(forms.Form):
    sent_on = _day_field(_("Ngày chuyển"))
    postal_number = forms.CharField(
        label=_("Số hiệu bưu gửi"),
        max_length=40,
        required=False,
        help_text=_("Số in trên phiếu của bưu điện."),
    )
    envelopes = forms.IntegerField(label=_("Số lượng bì"), min_value=1, max_value=1000, initial=1)

    def __init__(self, *args: Any, channel: str, today: date, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["sent_on"].initial = today
        if channel != Channel.POST:
            del self.fields["postal_number"], self.fields["envelopes"]


class MarkForm(forms.Form):
    """What was done with several dispatches on one day."""

    on = _day_field(_("Ngày chuyển hoặc ngày nhận"))
    what = forms.ChoiceField(choices=[("sent", ""), ("received", "")])


class ReceivedForm(forms.Form):
    received_on = _day_field(_("Ngày nhận"))
    received_by = forms.CharField(
        label=_("Người ký nhận"),
        max_length=100,
        required=False,
        help_text=_("Họ tên người nhận văn bản; bắt buộc khi trao tay."),
    )
    receipt = forms.FileField(
        label=_("Ảnh hoặc bản quét giấy báo nhận"), required=False, allow_empty_file=False
    )

    def __init__(self, *args: Any, today: date, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["received_on"].initial = today


class UndeliveredForm(forms.Form):
    note = forms.CharField(label=_("Lý do"), max_length=300)


class ChannelForm(forms.Form):
    """Another way to a recipient; with paper, a copy besides the axis."""

    channel = forms.ChoiceField(label=_("Gửi bằng cách khác"))

    def __init__(self, *args: Any, on_paper: bool = False, **values: Any) -> None:
        super().__init__(*args, **values)
        channels = ON_PAPER if on_paper else OFF_AXIS
        self.fields["channel"].choices = [(one.value, one.label) for one in channels]


class WhereForm(forms.Form):
    """How one organisation usually gets documents, and where it is."""

    channel = forms.ChoiceField(label=_("Cách gửi thường dùng"), required=False)
    postal_address = forms.CharField(label=_("Địa chỉ nhận thư"), max_length=300, required=False)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        automatic = ("", _("Theo danh bạ: trục nếu có mã, không thì bưu điện"))
        self.fields["channel"].choices = [automatic, *Channel.choices]

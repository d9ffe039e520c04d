from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.api.actions import LONGEST_LIFE
from chauban.api.events import events_for
from chauban.api.reaching import LONGEST_URL
from chauban.api.scopes import scopes_of_role
from chauban.directory.rules import HANOI

_USUAL_LIFE = timedelta(days=90)


class UntilForm(forms.Form):
    """Until when a token counts: to the end of that day in Việt Nam."""

    until = forms.DateField(
        label=_("Dùng đến hết ngày"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Dài nhất một năm. Trước ngày đó hãy cấp mã mới rồi thu hồi mã cũ."),
    )

    def __init__(self, *args: Any, day: date, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["until"].initial = day + _USUAL_LIFE
        self.latest = day + LONGEST_LIFE - timedelta(days=1)
        self.earliest = day

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.earliest <= until <= self.latest:
            raise forms.ValidationError(
                _("Hãy chọn ngày từ %(first)s đến %(last)s."),
                params={"first": f"{self.earliest:%d/%m/%Y}", "last": f"{self.latest:%d/%m/%Y}"},
            )
        return until

    def expires_at(self) -> datetime:
        day: date = self.cleaned_data["until"]
        return datetime.combine(day + timedelta(days=1), time(), HANOI)


class ApplicationForm(UntilForm):
    """What an application is, and what it is let do."""

    name = forms.CharField(label=_("Tên ứng dụng"), max_length=80)
    purpose = forms.CharField(
        label=_("Dùng để làm gì"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Được phép"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Chỉ chọn việc ứng dụng thật sự cần."),
    )
    field_order = ["name", "purpose", "scopes", "until"]

    def __init__(self, *args: Any, officer: Officer, day: date, **values: Any) -> None:
        super().__init__(*args, day=day, **values)
        self.fields["scopes"].choices = [
            (one.value, one.label) for one in scopes_of_role(officer.post.role)
        ]


class SubscriptionForm(forms.Form):
    """Where an application is told, and of what."""

    url = forms.CharField(
        label=_("Địa chỉ nhận"),
        max_length=LONGEST_URL,
        help_text=_("Bắt đầu bằng https://. Máy chủ này gửi POST tới đó, không theo chuyển hướng."),
        widget=forms.URLInput,
    )
    events = forms.MultipleChoiceField(label=_("Sự kiện"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, scopes: list[str], **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["events"].choices = [(event.name, event.words) for event in events_for(scopes)]

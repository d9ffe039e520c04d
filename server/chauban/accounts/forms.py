from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.accounts.models import Preferences
from chauban.accounts.preferring import CHANNELS, DEFAULT, EVENTS, Event, channels_of


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Tên đăng nhập"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Mật khẩu"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        next_to_fill = "password" if self.initial.get("username") else "username"
        self.fields[next_to_fill].widget.attrs["autofocus"] = True


def _password(label: Promise, autocomplete: str, help_text: Promise | str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class PasswordForm(forms.Form):
    present = _password(_("Mật khẩu hiện tại"), "current-password")
    new = _password(
        _("Mật khẩu mới"),
        "new-password",
        _("Ít nhất 8 ký tự, gồm chữ thường, chữ hoa, chữ số và ký tự khác."),
    )
    again = _password(_("Nhập lại mật khẩu mới"), "new-password")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("new") and given.get("again") and given["new"] != given["again"]:
            self.add_error("again", _("Hai lần nhập mật khẩu mới không giống nhau."))
        return given


class PreferencesForm(forms.ModelForm):
    digest_hour = forms.TypedChoiceField(
        label=_("Giờ gửi bản tổng hợp hằng ngày"),
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)],
        coerce=int,
        empty_value=Preferences.DIGEST_HOUR,
        required=False,
    )

    class Meta:
        model = Preferences
        fields = (
            "theme", "text_size", "more_contrast", "less_motion", "single_keys", "language",
            "digest_hour",
        )  # fmt: skip
        help_texts = {
            "more_contrast": _("Đường viền và chữ phụ đậm hơn."),
            "less_motion": _("Trang không chuyển động khi mở, đóng, cập nhật."),
            "single_keys": _("Như j, k, n; tắt khi dùng giọng nói để điều khiển."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = Preferences.Theme.choices
        self.fields["text_size"].choices = Preferences.TextSize.choices
        self.fields["language"].choices = [("", _("Theo trình duyệt này"))] + [
            (value, label) for value, label in Preferences.Language.choices
        ]

    def lists(self) -> list[forms.BoundField]:
        return [self[name] for name in ("theme", "text_size", "language")]


class NoticesForm(forms.Form):
    """A box for each event and channel."""

    def __init__(self, *args: Any, preferences: Preferences, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for event, event_words in EVENTS.items():
            wanted = channels_of(preferences, event)
            for channel, channel_words in CHANNELS.items():
                self.fields[f"{event}-{channel}"] = forms.BooleanField(
                    required=False,
                    initial=channel in wanted,
                    label=f"{event_words}: {channel_words}",
                )

    def rows(self) -> Iterator[tuple[Promise, list[forms.BoundField]]]:
        for event, words in EVENTS.items():
            yield words, [self[f"{event}-{channel}"] for channel in CHANNELS]

    def chosen(self) -> dict[str, list[str]]:
        """What differs from the default."""
        given = {
            event: frozenset(one for one in CHANNELS if self.cleaned_data[f"{event}-{one}"])
            for event in Event
        }
        return {
            str(event): sorted(channels) for event, channels in given.items() if channels != DEFAULT
        }

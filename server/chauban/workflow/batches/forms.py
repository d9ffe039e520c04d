from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.workflow.batches.models import Batch, BatchItem

Decision = BatchItem.Decision
ACT_WORDS = {Batch.Purpose.SIGN: _("Ký số"), Batch.Purpose.SEAL: _("Cấp số, ký số cơ quan")}


class ChoiceForm(forms.Form):
    """What is decided about one document of a batch, and which pages were shown."""

    decision = forms.ChoiceField(label=_("Quyết định"), widget=forms.RadioSelect)
    turn = forms.IntegerField(
        label=_("Thứ tự cấp số"),
        min_value=1,
        max_value=999,
        widget=forms.NumberInput(attrs={"class": "turn-number"}),
    )
    comment = forms.CharField(
        label=_("Lý do trả lại"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    shown = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        purpose: Batch.Purpose,
        may_act: bool,
        may_return: bool = True,
        **given: Any,
    ) -> None:
        super().__init__(*args, **given)
        choices = [(Decision.SKIP.value, Decision.SKIP.label)]
        if may_act:
            choices.insert(0, (Decision.ACT.value, ACT_WORDS[purpose]))
        if may_return:
            choices.append((Decision.RETURN.value, Decision.RETURN.label))
        self.fields["decision"].choices = choices
        if purpose == Batch.Purpose.SIGN:
            del self.fields["turn"]
        if not may_return:
            del self.fields["comment"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("decision") == Decision.RETURN and not given.get("comment", "").strip():
            self.add_error("comment", _("Hãy ghi lý do để người soạn thảo biết cần sửa gì."))
        return given


class ConfirmForm(forms.Form):
    """The one confirmation of a batch; `uid` makes it one however often it is sent."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    pin = forms.CharField(
        label=_("Mã PIN"),
        max_length=64,
        strip=False,
        required=False,
        help_text=_("Nhập một lần cho tất cả văn bản ký lần này; không được lưu."),
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "code"}
        ),
    )

    def __init__(self, *args: Any, asks_pin: bool, **given: Any) -> None:
        super().__init__(*args, **given)
        if not asks_pin:
            del self.fields["pin"]

    def lacks_pin(self) -> bool:
        """Whether the PIN was left out, and say so: an empty one is no try of it."""
        if "pin" not in self.fields or self.cleaned_data.get("pin"):
            return False
        self.add_error("pin", self.fields["pin"].error_messages["required"])
        return True

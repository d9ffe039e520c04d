from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.exchange.rules import Proposal, may_accept
from chauban.registers.models import IncomingDocument

Acceptance = IncomingDocument.Acceptance


class AcceptForm(forms.Form):
    """What the clerk registers a delivery as: what its signatures are worth, or less."""

    acceptance = forms.ChoiceField(label=_("Tiếp nhận như"), widget=forms.RadioSelect)
    is_another = forms.BooleanField(
        label=_("Là văn bản khác, dù trùng số, ký hiệu và cơ quan ban hành"), required=False
    )

    def __init__(self, *args: object, proposal: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        allowed = [one for one in Acceptance.choices if may_accept(proposal, one[0])]
        self.fields["acceptance"].choices = allowed
        self.fields["acceptance"].initial = {
            Proposal.ACCEPT: Acceptance.ORIGINAL,
            Proposal.ACCEPT_COPY: Acceptance.COPY,
        }.get(Proposal(proposal), Acceptance.INFORMATION)


class RecallForm(forms.Form):
    """Why a document is recalled, and which document of the same body says so (Điều 18.4)."""

    reason = forms.CharField(
        label=_("Lý do thu hồi"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    announced_by = forms.CharField(
        label=_("Số, ký hiệu văn bản thông báo thu hồi"),
        max_length=60,
        required=False,
        help_text=_("Văn bản đã phát hành của cùng cơ quan, ví dụ 12/TB-UBND; có thể để trống."),
    )


class PassOnForm(forms.Form):
    """What the receivers are told with a document that is passed on."""

    words = forms.CharField(
        label=_("Ý kiến chuyển tiếp"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RefuseRecallForm(forms.Form):
    reason = forms.CharField(
        label=_("Lý do từ chối"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Hãy ghi lý do từ chối; nơi gửi sẽ nhận được lý do này."),
        },
    )


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("Lý do trả lại"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Hãy ghi lý do trả lại; nơi gửi sẽ nhận được lý do này."),
        },
    )

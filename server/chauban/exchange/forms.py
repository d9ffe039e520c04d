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


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("Lý do trả lại"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Hãy ghi lý do trả lại; nơi gửi sẽ nhận được lý do này."),
        },
    )

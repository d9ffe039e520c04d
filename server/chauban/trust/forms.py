from django import forms
from django.utils.translation import gettext_lazy as _


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("Tệp văn bản (PDF)"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": _("Hãy chọn một tệp."),
            "empty": _("Tệp rỗng. Hãy chọn tệp khác."),
        },
    )
    pictures = forms.BooleanField(
        label=_("Kèm hình các trang trước và sau khi có thay đổi"), required=False
    )

"""Forms of anchors, of authorities, and of certificates whose key is kept elsewhere."""

from typing import Any

from cryptography import x509
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.office.administering.acting import ActForm
from chauban.office.administering.fields import DayField
from chauban.trust.models import Anchor, Custody
from chauban.trust.registering import REFERENCES, certificates_in
from chauban.trust.words import explain
from chauban_pki.errors import CertificateMalformed
from chauban_pki.paths import is_certificate_authority

LARGEST_BYTES = 100_000
PNG = b"\x89PNG\r\n\x1a\n"


class CertificatesField(forms.FileField):
    """A file of certificates, PEM or DER."""

    def __init__(self, **values: Any) -> None:
        values.setdefault("help_text", _("Tệp PEM hoặc DER; không bao giờ tải khóa bí mật lên."))
        super().__init__(**values)

    def clean(self, data: Any, initial: Any = None) -> list[x509.Certificate]:
        file = super().clean(data, initial)
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError(gettext("Tệp quá lớn: đây không phải tệp chứng thư số."))
        try:
            return certificates_in(file.read())
        except CertificateMalformed as error:
            raise forms.ValidationError(str(explain(error))) from error


class AnchorForm(forms.Form):
    """A root to trust from a day on."""

    certificate = CertificatesField(label=_("Chứng thư gốc"))
    name = forms.CharField(label=_("Tên gọi"), max_length=120)
    purpose = forms.ChoiceField(label=_("Tin cậy để"), choices=Anchor.Purpose.choices)
    valid_from = DayField(label=_("Từ ngày"))

    def clean_certificate(self) -> x509.Certificate:
        first, *_more = self.cleaned_data["certificate"]
        if not is_certificate_authority(first):
            raise forms.ValidationError(
                gettext(
                    "Đây không phải chứng thư của tổ chức chứng thực. Hãy chọn chứng thư gốc"
                    " (Root CA)."
                )
            )
        return first

    def clean_purpose(self) -> Anchor.Purpose:
        return Anchor.Purpose(self.cleaned_data["purpose"])


class CertificateForm(ActForm):
    """A certificate whose key is not here, and where it is."""

    certificate = CertificatesField(
        label=_("Chứng thư số"),
        help_text=_(
            "Tệp PEM hoặc DER; chứng thư của tổ chức cấp có thể kèm sau. Không bao giờ tải khóa"
            " bí mật lên."
        ),
    )
    custody = forms.ChoiceField(
        label=_("Nơi lưu khóa"), choices=[(it.value, it.label) for it in REFERENCES]
    )
    token = forms.CharField(label=_("Nhãn thiết bị (token)"), max_length=32, required=False)
    key = forms.CharField(
        label=_("Mã khóa trong thiết bị (CKA_ID, hệ 16)"), max_length=64, required=False
    )
    service = forms.CharField(label=_("Tên dịch vụ ký số"), max_length=60, required=False)
    credential = forms.CharField(label=_("Mã khóa tại dịch vụ"), max_length=200, required=False)
    picture = forms.FileField(
        label=_("Hình chữ ký hoặc hình dấu (PNG, nền trong suốt)"), required=False
    )
    picture_width_mm = forms.FloatField(
        label=_("Chiều rộng hình (mm); với dấu là đường kính"),
        min_value=5,
        max_value=60,
        required=False,
    )

    def clean_custody(self) -> Custody:
        return Custody(self.cleaned_data["custody"])

    def clean_picture(self) -> bytes | None:
        file = self.cleaned_data["picture"]
        if file is None:
            return None
        content = file.read() if file.size <= LARGEST_BYTES * 10 else b""
        if not content.startswith(PNG):
            raise forms.ValidationError(gettext("Hình phải là tệp PNG, không quá 1 MB."))
        return bytes(content)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if (given.get("picture") is None) != (given.get("picture_width_mm") is None):
            self.add_error("picture_width_mm", gettext("Hình và chiều rộng của hình đi cùng nhau."))
        named = {name: given.pop(name, "") for name in ("token", "key", "service", "credential")}
        return {**given, "key_reference": {name: it for name, it in named.items() if it}}

"""Forms of agencies, bodies, units, names and codes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Agency, AgencyLevel, OrganCode
from chauban.office.administering.acting import ActForm
from chauban.office.administering.fields import AgenciesField, BasisField, DayField


class AgencyForm(ActForm):
    name = forms.CharField(label=_("Tên cơ quan"), max_length=200)
    level = forms.ChoiceField(label=_("Cấp"), choices=AgencyLevel.choices)
    place = forms.CharField(
        label=_("Địa danh ghi trên văn bản"),
        max_length=60,
        help_text=_("Ví dụ: Huế, Thuận Hóa (Phụ lục I, II.4)."),
    )
    statistical_code = forms.CharField(
        label=_("Mã thống kê đơn vị hành chính"), max_length=10, required=False
    )
    note = BasisField(label=_("Văn bản thành lập"))
    valid_from = DayField(label=_("Hoạt động từ ngày"))

    def prepare(self) -> None:
        if isinstance(self.subject, Agency):
            self.initial.setdefault("place", self.subject.place)


class BodyForm(ActForm):
    name = forms.CharField(label=_("Tên cơ quan ban hành"), max_length=200)
    symbol = forms.CharField(
        label=_("Chữ viết tắt trong ký hiệu văn bản"),
        max_length=20,
        help_text=_("Ví dụ: UBND, STC; đúng chữ hoa, chữ thường."),
    )
    parent_heading = forms.CharField(
        label=_("Tên cơ quan chủ quản ở đầu văn bản"),
        max_length=200,
        required=False,
        help_text=_("Viết hoa, ví dụ: ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ."),
    )
    heading = forms.CharField(
        label=_("Tên cơ quan ở đầu văn bản"), max_length=200, help_text=_("Viết hoa.")
    )
    is_collective = forms.BooleanField(
        label=_("Làm việc theo chế độ tập thể: người ký ghi TM."), required=False
    )
    valid_from = DayField(label=_("Từ ngày"))

    def prepare(self) -> None:
        self.initial.setdefault("name", self.subject.name)
        self.initial.setdefault("heading", self.subject.name.upper())


class UnitForm(ActForm):
    name = forms.CharField(label=_("Tên đơn vị"), max_length=120)
    symbol = forms.CharField(
        label=_("Chữ viết tắt"), max_length=20, help_text=_("Ghi trong ký hiệu, ví dụ: VX.")
    )
    valid_from = DayField(label=_("Từ ngày"))


class RenameForm(ActForm):
    name = forms.CharField(label=_("Tên mới"), max_length=200)
    on = DayField(label=_("Dùng từ ngày"))
    basis = BasisField()

    def prepare(self) -> None:
        self.initial.setdefault("name", self.subject.name)


class RenameUnitForm(RenameForm):
    name = forms.CharField(label=_("Tên mới"), max_length=120)


class RenameBodyForm(RenameForm):
    heading = forms.CharField(
        label=_("Tên cơ quan ở đầu văn bản"), max_length=200, help_text=_("Viết hoa.")
    )
    field_order = ("name", "heading", "on", "basis")

    def prepare(self) -> None:
        super().prepare()
        self.initial.setdefault("heading", self.subject.heading)


class EndForm(ActForm):
    on = DayField(label=_("Thôi từ ngày"), help_text=_("Ngày đầu tiên không còn hiệu lực."))


class CodeForm(ActForm):
    scheme = forms.ChoiceField(label=_("Loại mã"), choices=OrganCode.Scheme.choices)
    code = forms.CharField(
        label=_("Mã định danh"), max_length=35, help_text=_("Ví dụ: H57.12 hoặc 000.12.32.H57.")
    )
    source = forms.CharField(label=_("Quyết định cấp mã"), max_length=200)
    valid_from = DayField(label=_("Từ ngày"))


class EndAgencyForm(ActForm):
    """Who takes over: one agency for a merger, several for a split, the superior otherwise."""

    on = DayField(
        label=_("Thôi hoạt động từ ngày"),
        help_text=_("Từ ngày này không ban hành văn bản với tên cơ quan cũ."),
    )
    successors = AgenciesField(
        Agency.objects.none(),
        label=_("Cơ quan tiếp nhận công việc, hồ sơ"),
        help_text=_(
            "Hợp nhất, sáp nhập: cơ quan nhận; chia tách: các cơ quan mới; giải thể: cơ quan cấp"
            " trên."
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    basis = BasisField(label=_("Quyết định, nghị quyết sắp xếp"))

    def prepare(self) -> None:
        same = Agency.objects.as_of(self.today).exclude(pk=self.subject.pk)
        self.fields["successors"].queryset = same.order_by("name")

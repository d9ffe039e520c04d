"""Forms of mandates, series and routing rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Post, Unit
from chauban.office.administering.acting import ActForm
from chauban.office.administering.fields import BasisField, DayField, PostField
from chauban.registers.numbering import groups_of
from chauban.trust.models import Capacity, Mandate
from chauban.workflow.letters import Content
from chauban.workflow.models import DraftTemplate
from chauban.workflow.rules import DRAFTED
from chauban_docform.kinds import KINDS

KIND_CHOICES = [(it.code, it.name) for it in KINDS.values()]
OTHER_GROUPS = 2  # empty places beside the groups that stand


class LinesField(forms.CharField):
    """Lines that are printed one below the other."""

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


class MandateForm(ActForm):
    post = PostField(
        Post.objects.none(), label=_("Người ký và chức danh"), empty_label=_("Hãy chọn")
    )
    capacity = forms.ChoiceField(label=_("Tư cách ký"), choices=(), required=False)
    authority_lines = LinesField(
        label=_("Quyền hạn, chức vụ ghi trên tên"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Viết hoa, mỗi dòng một ý, ví dụ: KT. GIÁM ĐỐC rồi PHÓ GIÁM ĐỐC."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Chỉ các loại văn bản"),
        choices=KIND_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Không chọn là mọi loại. Thừa lệnh, thừa ủy quyền phải chọn."),
    )
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = DayField(
        label=_("Đến trước ngày"),
        required=False,
        help_text=_("Thừa ủy quyền phải có ngày kết thúc (Điều 13 khoản 3)."),
    )
    basis = BasisField(label=_("Văn bản giao thẩm quyền ký"))
    parent = forms.ModelChoiceField(
        Mandate.objects.none(),
        label=_("Theo thẩm quyền thừa lệnh của"),
        required=False,
        empty_label=_("Không"),
        help_text=_("Chỉ dùng khi ký thay (KT.) trưởng đơn vị đang được giao ký thừa lệnh."),
    )

    def prepare(self) -> None:
        body = self.subject
        self.fields["capacity"].choices = [
            (value, f"{value} {label}".strip()) for value, label in Capacity.choices
        ]
        below = Post.objects.filter(agency__parent=body.agency_id, role="leader")
        own = Post.objects.filter(agency=body.agency_id)
        self.fields["post"].queryset = (
            (own | below)
            .as_of(self.today)
            .filter(role__in=("leader", "office-head", "unit-head"))
            .select_related("person", "unit")
            .order_by("agency_id", "pk")
        )
        orders = Mandate.objects.as_of(self.today).filter(body=body, capacity=Capacity.TL)
        self.fields["parent"].queryset = orders.select_related("person")

    def clean_capacity(self) -> Capacity:
        return Capacity(self.cleaned_data["capacity"])


class SeriesForm(ActForm):
    """Names of groups, and for each kind the group that numbers it; a kind stands in one."""

    basis = BasisField(label=_("Văn bản của người đứng đầu quy định hệ thống số"))

    def prepare(self) -> None:
        kept = [group for group in groups_of(self.subject) if group.kinds]
        places = [*kept, *([None] * OTHER_GROUPS)]
        self.numbers = [str(number) for number in range(1, len(places) + 1)]
        for number, group in zip(self.numbers, places, strict=True):
            self.fields[f"group-{number}"] = forms.CharField(
                label=gettext("Tên hệ thống số %(n)s") % {"n": number},
                max_length=80,
                required=number == "1",
                initial=group.name if group else "",
            )
        stands = {
            kind: number
            for number, group in zip(self.numbers, kept, strict=False)
            for kind in group.kinds
        }
        choices = [("", gettext("Chưa đánh số")), *((it, it) for it in self.numbers)]
        for kind in KINDS.values():
            self.fields[f"kind-{kind.code}"] = forms.ChoiceField(
                label=kind.name, choices=choices, required=False, initial=stands.get(kind.code, "")
            )
        self.order_fields([*(name for name in self.fields if name != "basis"), "basis"])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        names = {number: given.get(f"group-{number}", "") for number in self.numbers}
        groups: dict[str, list[str]] = {}
        for number, name in names.items():
            kinds = [it for it in KINDS if given.get(f"kind-{it}") == number]
            if name in groups:
                self.add_error(
                    f"group-{number}", gettext("Hai hệ thống số trùng tên. Hãy đổi tên.")
                )
            elif kinds and not name:
                self.add_error(f"group-{number}", gettext("Hãy đặt tên cho hệ thống số này."))
            elif name:
                groups[name] = kinds
        return {"groups": groups, "basis": given.get("basis", "")}


class BeginForm(ActForm):
    """The first number given here in a year that began on paper."""

    group = forms.ChoiceField(label=_("Hệ thống số"))
    first_number = forms.IntegerField(
        label=_("Số đầu tiên cấp tại đây"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("Số liền sau số cuối cùng đã cấp trên sổ giấy hoặc phần mềm cũ."),
    )

    def prepare(self) -> None:
        self.year = self.today.year
        self.fields["group"].choices = [
            ("arrivals", gettext("Số đến")),
            *((group.name, group.name) for group in groups_of(self.subject) if group.kinds),
        ]

    def clean(self) -> dict[str, Any]:
        return {**super().clean(), "year": self.year}


class RoutingRuleForm(ActForm):
    sender = forms.CharField(
        label=_("Nơi gửi"),
        max_length=200,
        required=False,
        help_text=_("Các chữ trong tên cơ quan gửi, hoặc đúng mã định danh; để trống là mọi nơi."),
    )
    kind_name = forms.ChoiceField(label=_("Tên loại văn bản"), required=False)
    words = forms.CharField(
        label=_("Trích yếu có các chữ"),
        max_length=200,
        required=False,
        help_text=_("Lĩnh vực, ví dụ: đất đai; có dấu hay không dấu đều được."),
    )
    receiver = forms.ChoiceField(label=_("Gợi ý chuyển cho"))
    working_days = forms.IntegerField(
        label=_("Hạn giải quyết (số ngày làm việc)"), min_value=0, max_value=365, required=False
    )
    instruction = forms.CharField(label=_("Ý kiến gợi ý"), max_length=300, required=False)
    valid_from = DayField(label=_("Từ ngày"))

    def prepare(self) -> None:
        agency = self.subject.agency
        self.fields["kind_name"].choices = [
            ("", gettext("Mọi loại")),
            *((it.name, it.name) for it in KINDS.values()),
        ]
        units = Unit.objects.as_of(self.today).filter(agency=agency).order_by("name")
        posts = Post.objects.as_of(self.today).filter(agency=agency).select_related("person")
        self.receivers = {f"unit-{it.pk}": it for it in units} | {
            f"post-{it.pk}": it for it in posts.exclude(role="administrator").order_by("pk")
        }
        of_posts = [
            (key, f"{it.person.full_name}, {it.title}")
            for key, it in self.receivers.items()
            if isinstance(it, Post)
        ]
        of_units = [(key, it.name) for key, it in self.receivers.items() if isinstance(it, Unit)]
        self.fields["receiver"].choices = [
            ("", gettext("Hãy chọn")),
            (gettext("Trưởng đơn vị"), of_units),
            (gettext("Một người"), of_posts),
        ]

    def clean_receiver(self) -> Post | Unit:
        return self.receivers[self.cleaned_data["receiver"]]


class TemplateForm(ActForm):
    """A text that drafts of a kind begin from; of a template that stands, its own."""

    name = forms.CharField(label=_("Tên mẫu"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Tên loại văn bản"), choices=[(it.code, it.name) for it in DRAFTED.values()]
    )
    subject = forms.CharField(label=_("Trích yếu nội dung"), max_length=500, required=False)
    text = forms.CharField(
        label=_("Nội dung"),
        help_text=_("Mỗi đoạn một dòng; chỗ để trống ghi dấu “…”."),
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    bases = LinesField(label=_("Căn cứ"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    addressees = LinesField(
        label=_("Kính gửi"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    to_places = LinesField(
        label=_("Nơi nhận ghi trong văn bản"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def prepare(self) -> None:
        if isinstance(self.subject, DraftTemplate):
            content = Content.of_json(self.subject.content)
            self.initial |= {
                "name": self.subject.name,
                "kind": self.subject.kind,
                "subject": self.subject.subject,
                "text": content.body,
                "bases": "\n".join(content.bases),
                "addressees": "\n".join(content.addressees),
                "to_places": "\n".join(content.to_places),
            }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        several = ("bases", "addressees", "to_places")
        return {**given, **{name: tuple(given.get(name, ())) for name in several}}

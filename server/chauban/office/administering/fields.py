"""Fields that the administrator's forms share."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chauban.directory.models import Agency, Person, Post, Unit
from chauban.ui.matching import bare


class DayField(forms.DateField):
    """A day, as the browser's own calendar gives it."""

    def __init__(self, **values: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}), **values)


class BasisField(forms.CharField):
    """The document that a change rests on."""

    def __init__(self, **values: Any) -> None:
        values.setdefault("label", gettext_lazy("Căn cứ (số, ký hiệu, ngày văn bản)"))
        super().__init__(max_length=300, **values)


class PersonField(forms.CharField):
    """A person by official address, or by full name where only one is so called."""

    def __init__(self, **values: Any) -> None:
        super().__init__(
            max_length=100,
            help_text=gettext_lazy("Họ và tên đầy đủ, hoặc địa chỉ thư công vụ."),
            **values,
        )

    def clean(self, value: Any) -> Person:
        text = super().clean(value)
        by_address = Person.objects.filter(email__iexact=text).first() if "@" in text else None
        if by_address is not None:
            return by_address
        wanted = bare(text)
        names = Person.objects.values_list("pk", "full_name")
        found = [pk for pk, full_name in names if bare(full_name) == wanted]
        if len(found) == 1:
            return Person.objects.get(pk=found[0])
        if found:
            raise forms.ValidationError(
                _("Có %(n)d người cùng tên. Hãy ghi địa chỉ thư công vụ.") % {"n": len(found)}
            )
        raise forms.ValidationError(
            _("Danh bạ chưa có người này. Hãy thêm người trước, hoặc kiểm tra lại cách viết.")
        )


class UnitField(forms.ModelChoiceField):
    """A unit of an agency on a day."""

    def __init__(self, **values: Any) -> None:
        super().__init__(
            Unit.objects.none(), empty_label=gettext_lazy("Không thuộc đơn vị nào"), **values
        )

    def of(self, agency: Agency, day: date) -> None:
        self.queryset = agency.units.as_of(day).order_by("name")


class PostField(forms.ModelChoiceField):
    def label_from_instance(self, post: Post) -> str:
        unit = f", {post.unit.name}" if post.unit else ""
        return f"{post.person.full_name}, {post.title}{unit}"


class AgenciesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, agency: Agency) -> str:
        return agency.name

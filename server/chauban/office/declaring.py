"""Declaring a figure of the plan's scoreboard: an act, with source and day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.office.models import COUNTS, Declaration, Declared

# Whoever runs the installation declares for the province: it is no agency's own figure.
MAY_DECLARE = Permission.OPERATE_AXIS
MOST = 100_000_000


@transaction.atomic
def declare(
    target: Declared,
    *,
    year: int,
    part: int,
    whole: int | None,
    source: str,
    as_of: date,
    officer: Officer | None,
    now: datetime,
) -> Declaration:
    """Keep what is declared for a year; what was declared before is kept too.

    Raises: NotAllowed.
    """
    officer = require(officer, MAY_DECLARE)
    declaration = Declaration.objects.create(
        target=target, year=year, part=part, whole=whole, source=source, as_of=as_of,
        by=officer.post, at=now,
    )  # fmt: skip
    record(
        ActKind.FIGURE_DECLARED, on=declaration, by=officer, at=now,
        target=str(target), year=year, part=part, whole=whole,
    )  # fmt: skip
    return declaration


def declared_for(year: int) -> Mapping[str, Declaration]:
    """What stands declared for a year, by target: the last of each. One query."""
    rows = Declaration.objects.filter(year=year).select_related("by__agency").order_by("pk")
    return {row.target: row for row in rows}


class DeclarationForm(forms.Form):
    """What is declared of one target; `whole` is asked for where it is a share."""

    year = forms.IntegerField(label=gettext_lazy("Năm"))
    part = forms.IntegerField(label=gettext_lazy("Đạt được"), min_value=0, max_value=MOST)
    whole = forms.IntegerField(label=gettext_lazy("Trên tổng số"), min_value=1, max_value=MOST)
    as_of = forms.DateField(
        label=gettext_lazy("Số liệu của ngày"), widget=forms.DateInput(attrs={"type": "date"})
    )
    source = forms.CharField(
        label=gettext_lazy("Nguồn"),
        max_length=300,
        help_text=gettext_lazy("Văn bản, cuộc điều tra hoặc bảng theo dõi; trang này công khai."),
    )

    def __init__(self, target: Declared, first_year: int, now: datetime, data: Any = None) -> None:
        today = legal_day(now)
        super().__init__(data, initial={"year": today.year})
        self._today = today
        if target in COUNTS:
            del self.fields["whole"]
            self.fields["part"].label = _("Số lượng")
        self.fields["year"] = forms.IntegerField(
            label=_("Năm"), min_value=first_year, max_value=today.year
        )

    def clean_as_of(self) -> date:
        as_of: date = self.cleaned_data["as_of"]
        if as_of > self._today:
            raise forms.ValidationError(_("Số liệu không thể của một ngày chưa đến."))
        return as_of

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        part, whole = given.get("part"), given.setdefault("whole", None)
        if part is not None and whole is not None and part > whole:
            self.add_error("part", _("Số đạt được không thể lớn hơn tổng số."))
        return given

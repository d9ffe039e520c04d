"""The calendar of working days: the table, what was decided since, and entering a day."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.accounts.changing.days import decide_day
from chauban.accounts.rights import Permission, may, require
from chauban.directory.models import DecidedDay
from chauban.directory.working_days import exceptions_of, last_year_of_the_table
from chauban.office.administering.acting import take
from chauban.office.administering.fields import BasisField, DayField
from chauban.office.administering.looking import today

FIRST_YEAR = 2026
WORKED, OFF = "worked", "off"


class DayForm(forms.Form):
    day = DayField(label=_("Ngày"))
    is_worked = forms.TypedChoiceField(
        label=_("Là"),
        choices=[(OFF, _("Ngày nghỉ")), (WORKED, _("Ngày làm việc (làm bù)"))],
        coerce=lambda value: value == WORKED,
    )
    source = BasisField(label=_("Văn bản quyết định"))


@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """The days of a year that are not as their weekday; for who may, a day to enter."""
    officer = require(request.officer, Permission.MANAGE_DIRECTORY)
    may_decide = may(officer, Permission.DECIDE_DAYS)
    form = DayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(officer, Permission.DECIDE_DAYS)
        decided = take(form, decide_day, request)
        if decided is not None:
            messages.success(request, gettext("Đã ghi vào lịch."))
            return redirect(f"{reverse('administering:calendar')}?year={decided.day.year}")
    year = _year_of(request)
    decided = {one.day: one for one in DecidedDay.objects.filter(day__year=year, withdrawn_at=None)}
    table = [
        {"day": day, "is_worked": is_worked, "source": gettext("Bảng chung"), "decided": None}
        for day, is_worked, _source in exceptions_of(year)
        if day not in decided
    ]
    entered = [
        {"day": one.day, "is_worked": one.is_worked, "source": one.source, "decided": one}
        for one in decided.values()
    ]
    last = max(last_year_of_the_table(), today().year + 1)
    context = {
        "form": form if may_decide else None,
        "year": year,
        "years": range(FIRST_YEAR, last + 1),
        "rows": sorted([*table, *entered], key=lambda row: row["day"]),
        "source": next((source for *_day, source in exceptions_of(year)), ""),
        "withdrawn": DecidedDay.objects.filter(day__year=year).exclude(withdrawn_at=None),
    }
    status = 422 if form.is_bound else 200
    return render(request, "administering/calendar.html", context, status=status)


def _year_of(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    return (
        int(asked) if asked.isdecimal() and FIRST_YEAR <= int(asked[:5]) <= 2100 else today().year
    )

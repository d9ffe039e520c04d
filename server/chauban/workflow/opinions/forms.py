from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.directory.models import Post, Unit
from chauban.workflow.forms import PostsField
from chauban.workflow.models import Draft
from chauban.workflow.opinions.actions import Question
from chauban.workflow.opinions.models import Opinion


class UnitsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class QuestionForm(forms.Form):
    """Whom to ask about the newest version, what, until when."""

    units = UnitsField(
        Unit.objects.none(),
        label=_("Đơn vị"),
        required=False,
        help_text=_("Trưởng đơn vị trả lời thay mặt đơn vị."),
    )
    people = PostsField(Post.objects.none(), label=_("Người"), required=False)
    words = forms.CharField(
        label=_("Nội dung xin ý kiến"),
        required=False,
        help_text=_("Nêu chỗ cần cho ý kiến, ví dụ: khoản 2 về thời hạn báo cáo."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = forms.DateField(
        label=_("Trả lời trước hết ngày"), widget=forms.DateInput(attrs={"type": "date"})
    )
    seen_at = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, draft: Draft, officer: Officer, day: date, **values: Any
    ) -> None:
        super().__init__(*args, **values)
        self.fields["units"].queryset = (
            Unit.objects.as_of(day).filter(agency=draft.agency_id).order_by("pk")
        )
        self.fields["people"].queryset = (
            Post.objects.as_of(day)
            .filter(agency=draft.agency_id)
            .exclude(person=officer.post.person_id)
            .select_related("person", "unit")
            .order_by("pk")
        )

    def question(self) -> Question:
        given = self.cleaned_data
        return Question(
            people=tuple(given["people"]),
            units=tuple(given["units"]),
            due_on=given["due_on"],
            words=given["words"],
        )


class OpinionForm(forms.Form):
    """An answer: one of three, and in words what the drafter should change."""

    stance = forms.ChoiceField(
        label=_("Trả lời"), choices=Opinion.Stance.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Ý kiến"),
        required=False,
        help_text=_("Ghi rõ chỗ cần sửa và lý do."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class SettlingForm(forms.Form):
    """What the drafter took in of one opinion."""

    outcome = forms.ChoiceField(
        label=_("Tiếp thu"),
        choices=[("", _("Chưa ghi")), *Opinion.Outcome.choices],
        required=False,
    )
    explanation = forms.CharField(
        label=_("Giải trình"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    @classmethod
    def of(cls, opinion: Opinion, data: Any = None) -> "SettlingForm":
        form = cls(
            data,
            prefix=f"opinion-{opinion.pk}",
            initial={"outcome": opinion.outcome, "explanation": opinion.explanation},
        )
        form.opinion = opinion
        return form

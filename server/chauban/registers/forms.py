from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import IssuingBody


class RegisterForm(forms.Form):
    """Which register a page shows, and from where on; what does not fit falls back."""

    body = forms.ChoiceField(label=_("Cơ quan ban hành"), required=False)
    year = forms.IntegerField(label=_("Năm"), required=False, min_value=1945, max_value=9999)
    q = forms.CharField(label=_("Tìm trong sổ"), required=False, max_length=100)

    def __init__(self, *args: Any, bodies: list[IssuingBody], year: int, **values: Any) -> None:
        super().__init__(*args, **values)
        self.bodies = {body.key: body for body in bodies}
        self.this_year = year
        self.fields["body"].choices = [(body.key, body.name) for body in bodies]

    def shown(self) -> tuple[IssuingBody, int, str]:
        """The body, the year and the text to show."""
        self.is_valid()
        given = self.cleaned_data
        body = self.bodies.get(given.get("body", "")) or next(iter(self.bodies.values()))
        return body, given.get("year") or self.this_year, given.get("q", "").strip()

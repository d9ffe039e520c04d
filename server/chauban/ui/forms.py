"""How every form is drawn: labels, hints and errors in the house's form."""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest

from chauban.ui.widgets import drawn


class HouseRenderer(DjangoTemplates):
    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        field = drawn(template_name, context["widget"]) if "widget" in context else None
        return super().render(template_name, context, request) if field is None else field

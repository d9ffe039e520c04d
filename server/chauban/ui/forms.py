"""How every form is drawn: labels, hints and errors in the house's form."""

from typing import Any

from django.forms.renderers import DjangoTemplates

# Django draws each of many choices by templates of their own, one inside the other: most of the
# time that a form of many takes.
IN_ONE = {
    "django/forms/widgets/select.html": "ui/select.html",
    "django/forms/widgets/checkbox_select.html": "ui/choices.html",
    "django/forms/widgets/radio.html": "ui/choices.html",
}


class HouseRenderer(DjangoTemplates):
    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

    def get_template(self, template_name: str) -> Any:
        return super().get_template(IN_ONE.get(template_name, template_name))

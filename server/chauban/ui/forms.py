"""How every form is drawn: labels, hints and errors in the house's form."""

from django.forms.renderers import DjangoTemplates


class HouseRenderer(DjangoTemplates):
    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

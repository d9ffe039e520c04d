"""Forms of many choices are drawn at once, and say what Django's own templates say."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from chauban.ui.forms import HouseRenderer

CHOICES = [
    ("", "Chưa chọn"),
    ("Cấp tỉnh", [("1", "Sở <Tài chính>"), ("2", 'Sở "Y tế"')]),
    ("3", "Xã"),
]


@pytest.mark.parametrize(
    "widget", [forms.Select, forms.SelectMultiple, forms.CheckboxSelectMultiple, forms.RadioSelect]
)
@pytest.mark.parametrize("value", ["", "2", ["1", "3"]])
def test_many_choices_are_drawn_as_django_draws_them(widget, value):
    def drawn(renderer):
        made = widget(attrs={"id": "id_post", "required": True}, choices=CHOICES)
        found = made.render("post", value, None, renderer)
        return re.sub(r">\s+|\s+<", lambda it: it[0].strip(), found)

    assert drawn(HouseRenderer()) == drawn(DjangoTemplates())

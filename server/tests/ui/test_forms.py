"""Fields are drawn without templates, and say what Django's own templates say."""

import re
from datetime import date

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
    made = widget(attrs={"id": "id_post", "class": "many", "required": True}, choices=CHOICES)
    assert drawn(made, value, HouseRenderer()) == drawn(made, value, DjangoTemplates())


@pytest.mark.parametrize(
    "widget",
    [
        forms.CheckboxInput,
        forms.DateInput,
        forms.EmailInput,
        forms.FileInput,
        forms.HiddenInput,
        forms.NumberInput,
        forms.PasswordInput,
        forms.SearchInput,
        forms.Textarea,
        forms.TextInput,
    ],
)
@pytest.mark.parametrize("value", [None, "", 0, 1234, date(2026, 11, 23), "\"><script>&'", True])
def test_a_field_is_drawn_as_django_draws_it(widget, value):
    made = widget(attrs={"title": '"><b>', "required": True, "disabled": False})
    assert drawn(made, value, HouseRenderer()) == drawn(made, value, DjangoTemplates())


@pytest.mark.parametrize("widget", [forms.CheckboxSelectMultiple, forms.RadioSelect])
def test_choices_are_drawn_one_by_one_as_django_draws_them(widget):
    class Form(forms.Form):
        post = forms.ChoiceField(choices=CHOICES[:1] + CHOICES[2:], widget=widget)

    def tags(renderer):
        choices = [*Form(renderer=renderer)["post"]]
        return [without_gaps(text) for one in choices for text in (str(one), one.tag())]

    assert tags(HouseRenderer()) == tags(DjangoTemplates())


def drawn(widget, value, renderer):
    return without_gaps(widget.render("post", value, None, renderer))


def without_gaps(html):
    return re.sub(r">\s+|\s+<", lambda it: it[0].strip(), html)

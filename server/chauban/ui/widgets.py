"""The fields that people fill in, drawn as Django's templates draw them, without the templates.

A form of many choices took most of its time in templates inside each other, one for each choice.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

Widget = Mapping[str, Any]


def _attributes(given: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in given.items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = widget["value"]
    written = "" if value is None else f' value="{escape(str(value))}"'
    name, attributes = escape(widget["name"]), _attributes(widget["attrs"])
    return f'<input type="{widget["type"]}" name="{name}"{written}{attributes}>'


def _text_area(widget: Widget) -> str:
    name, attributes = escape(widget["name"]), _attributes(widget["attrs"])
    return f'<textarea name="{name}"{attributes}>\n{escape(widget["value"] or "")}</textarea>'


def _select(widget: Widget) -> str:
    groups = _grouped(widget, _option, '<optgroup label="{}">', "</optgroup>")
    name, attributes = escape(widget["name"]), _attributes(widget["attrs"])
    return f'<select name="{name}"{attributes}>{groups}</select>'


def _option(option: Widget) -> str:
    value, attributes = escape(str(option["value"])), _attributes(option["attrs"])
    return f'<option value="{value}"{attributes}>{conditional_escape(option["label"])}</option>'


def _choices(widget: Widget) -> str:
    own = {name: widget["attrs"][name] for name in ("id", "class") if widget["attrs"].get(name)}
    groups = _grouped(widget, _choice, "<div><label>{}</label>", "</div>")
    return f"<div{_attributes(own)}>{groups}</div>"


def _choice(option: Widget) -> str:
    return f"<div>{_labelled(option)}</div>"


def _labelled(option: Widget) -> str:
    if not option["wrap_label"]:
        return _input(option)
    own = option["attrs"].get("id")
    named = _attributes({"for": own} if own else {})
    return f"<label{named}>{_input(option)} {conditional_escape(option['label'])}</label>"


def _grouped(widget: Widget, draw: Callable[[Widget], str], begin: str, end: str) -> str:
    def drawn(name: str | None, options: Sequence[Widget]) -> str:
        inner = "".join(map(draw, options))
        return begin.format(conditional_escape(name)) + inner + end if name else inner

    return "".join(drawn(name, options) for name, options, _index in widget["optgroups"])


_INPUTS = (
    *("checkbox", "color", "date", "datetime", "email", "file", "hidden", "input", "number"),
    *("password", "search", "tel", "text", "time", "url"),
)
_DRAWN = {
    **dict.fromkeys(_INPUTS, _input),
    **dict.fromkeys(("checkbox_option", "radio_option"), _labelled),
    **dict.fromkeys(("checkbox_select", "radio"), _choices),
    "select": _select,
    "textarea": _text_area,
}
DRAWN = {f"django/forms/widgets/{name}.html": draw for name, draw in _DRAWN.items()}


def drawn(template_name: str, widget: Widget) -> SafeString | None:
    """A field as HTML; nothing of a kind that is left to its template."""
    draw = DRAWN.get(template_name)
    return SafeString(draw(widget)) if draw else None

"""What the server asks of a browser's passkeys, for `passkeys.mjs` to read in an attribute."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(asked: Any) -> str:
    return json.dumps(asked, cls=DjangoJSONEncoder)

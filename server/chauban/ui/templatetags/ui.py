"""Components and formats that every page draws with."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django import template
from django.contrib.messages.storage.base import Message
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chauban.ui.words import UNDO_TAG, Words

register = template.Library()
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture of the sprite: decoration, unless it has a label."""
    return _drawn(name, str(label))


@lru_cache(maxsize=500)
def _drawn(name: str, label: str) -> SafeString:
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"></use></svg>',
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"'),
        static("ui/icons.svg"),
        name,
    )


@register.filter
def vn_date(value: date | None) -> str:
    """23/11/2026: the day in Việt Nam."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(HANOI)
    return f"{value:%d/%m/%Y}"


@register.filter
def vn_moment(value: datetime | None) -> str:
    """23/11/2026 09:30: the minute in Việt Nam."""
    return f"{value.astimezone(HANOI):%d/%m/%Y %H:%M}" if value else ""


@register.filter
def undo_of(message: Message) -> str:
    """The act that a message offers to take back, if any."""
    tags = (message.extra_tags or "").split()
    return next((tag[len(UNDO_TAG) :] for tag in tags if tag.startswith(UNDO_TAG)), "")


@register.filter
def vn_time(value: datetime | None) -> str:
    """09:30: the minute in Việt Nam, where the day stands beside it."""
    return f"{value.astimezone(HANOI):%H:%M}" if value else ""


@register.filter
def words(kept: Mapping[str, str]) -> str:
    """A reason kept as {vi, en}, in the reader's language."""
    return str(Words(kept["vi"], kept["en"]))


@register.filter
def size(value: int | None) -> str:
    """A file's size for people: 12 kB, 3,4 MB."""
    if value is None:
        return ""
    if value < 1_000_000:
        return f"{max(1, round(value / 1000))} kB"
    return f"{value / 1_000_000:.1f} MB".replace(".", ",")

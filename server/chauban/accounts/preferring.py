"""How a person wants pages and notices: kept with the account, applied on every device."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chauban.accounts.models import Preferences, User
from chauban.ui.looks import Look


class Channel(StrEnum):
    ON_PAGE = "page"
    PUSH = "push"
    DIGEST = "digest"


class Event(StrEnum):
    """What a person may be told of."""

    TASK_GIVEN = "task-given"
    TASK_DUE = "task-due"
    TO_SIGN = "to-sign"
    TO_CHECK = "to-check"
    RETURNED = "returned"
    OPINION_ASKED = "opinion-asked"
    ARRIVED = "arrived"
    TROUBLE = "trouble"


CHANNELS: Mapping[Channel, Promise] = MappingProxyType(
    {
        Channel.ON_PAGE: _("Trên trang"),
        Channel.PUSH: _("Đẩy đến thiết bị"),
        Channel.DIGEST: _("Bản tổng hợp hằng ngày"),
    }
)
EVENTS: Mapping[Event, Promise] = MappingProxyType(
    {
        Event.TASK_GIVEN: _("Được giao nhiệm vụ"),
        Event.TASK_DUE: _("Nhiệm vụ sắp đến hạn hoặc quá hạn"),
        Event.TO_SIGN: _("Văn bản chờ ký"),
        Event.TO_CHECK: _("Dự thảo chờ kiểm tra hoặc duyệt"),
        Event.RETURNED: _("Dự thảo bị trả lại"),
        Event.OPINION_ASKED: _("Được hỏi ý kiến"),
        Event.ARRIVED: _("Văn bản đến chờ đăng ký hoặc phân phối"),
        Event.TROUBLE: _("Gửi không thành công, bị từ chối hoặc bị thu hồi"),
    }
)
DEFAULT = frozenset({Channel.ON_PAGE})


def preferences_of(user: User) -> Preferences:
    """The person's preferences; what he has never chosen is as the house has it."""
    kept: Preferences | None = getattr(user, "preferences", None)
    return kept or Preferences(user=user)


def look_of(preferences: Preferences) -> Look:
    return Look(
        theme=preferences.theme,
        text_size=preferences.text_size,
        more_contrast=preferences.more_contrast,
        less_motion=preferences.less_motion,
        single_keys=preferences.single_keys,
    )


def channels_of(preferences: Preferences, event: Event) -> frozenset[Channel]:
    """By which channels the person wants to be told of event; web push is off by default."""
    kept = preferences.notices.get(event)
    return DEFAULT if kept is None else frozenset(Channel(one) for one in kept)


def set_preferences(user: User, **chosen: object) -> Preferences:
    """Keep what the person has chosen; the rest stays."""
    kept, _ = Preferences.objects.update_or_create(user=user, defaults=chosen)
    return kept

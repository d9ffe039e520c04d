"""Of which lists a person wants to be told on his devices, by what his account has chosen."""

from collections.abc import Mapping

from chauban.accounts.officers import Officer
from chauban.accounts.preferring import Channel, Event, channels_of, preferences_of

EVENT_OF: Mapping[str, Event] = {
    "tasks": Event.TASK_GIVEN,
    "share": Event.TASK_GIVEN,
    "late": Event.TASK_DUE,
    "press": Event.TASK_DUE,
    "sign": Event.TO_SIGN,
    "number": Event.TO_SIGN,
    "check": Event.TO_CHECK,
    "approve": Event.TO_CHECK,
    "returned": Event.RETURNED,
    "opinions": Event.OPINION_ASKED,
    "arrived": Event.ARRIVED,
    "route": Event.ARRIVED,
    "troubled": Event.TROUBLE,
    "recalls": Event.TROUBLE,
}


def is_wanted(key: str, officer: Officer, channel: Channel = Channel.PUSH) -> bool:
    """Whether the person wants to be told of the list: when it grows, or in the day's summary."""
    event = EVENT_OF.get(key)
    return event is not None and channel in channels_of(preferences_of(officer.user), event)

"""Telling devices: one at a time, by the same look into the journals that open pages go by.

No follower's table: what a device was told are counters, so that nothing is told twice or missed
in whatever order acts commit. After a crash it may be told once more, under the same tag.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from webpush import WebPush
from webpush.types import WebPushKeys, WebPushSubscription

from chauban.accounts.officers import Officer
from chauban.accounts.preferring import Channel, preferences_of
from chauban.accounts.querysets import posts_of
from chauban.directory.rules import legal_day
from chauban.journal.standing import standing_of
from chauban.office.live import agencies_about
from chauban.office.models import PushDevice
from chauban.office.places import counts, place_of
from chauban.office.pushing import keys
from chauban.office.pushing.rules import at_hour, grown
from chauban.office.pushing.wishes import is_wanted

LOOK_EVERY = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=6)
AGAIN_AFTER = timedelta(minutes=15)  # a summary that was not taken
HELD_FOR_SECONDS = 12 * 3600  # by the push service, while the device is off
GONE = (404, 410)

Reach = Callable[[str, bytes, Mapping[str, str]], int]
"""Posts to an address that may be called; the status. Raises OSError or one of its own."""

log = logging.getLogger("chauban.push")


def push_next(reach: Reach, *, now: datetime) -> bool:
    """Look after the device that has waited longest; False: none is due, or push is off."""
    device = _longest_due("next_look_at", now)
    if device is None:
        return False
    # The claim: of two workers one looks.
    ours = PushDevice.objects.filter(pk=device.pk, next_look_at=device.next_look_at)
    if ours.update(next_look_at=now + LOOK_EVERY):
        _look_after(device, reach, now)
    return True


def sum_up_next(reach: Reach, *, now: datetime) -> bool:
    """Send the day's summary to the device whose turn it is; False: to none, or push is off."""
    device = _longest_due("digest_at", now)
    if device is None:
        return False
    hour = preferences_of(device.user).digest_hour
    today, tomorrow = at_hour(now, hour), at_hour(now, hour, days=1)
    is_early = now < today  # the hour was chosen anew, or the device is new
    ours = PushDevice.objects.filter(pk=device.pk, digest_at=device.digest_at)
    if ours.update(digest_at=today if is_early else tomorrow) and not is_early:
        _sum_up(device, reach, now)
    return True


def _longest_due(moment: str, now: datetime) -> PushDevice | None:
    """The device for which that moment has come first; None: for none, or push is off."""
    if not settings.PUSH_CONTACT:
        return None
    due = PushDevice.objects.filter(**{f"{moment}__lte": now}).order_by(moment)
    return due.select_related("user__person").first()


def summary_of(counted: Mapping[str, int], officer: Officer) -> dict[str, str] | None:
    """How much stands on the lists that the person wants summed up; None: nothing does."""
    lists = [
        f"{place_of(officer, key).name}: {count}"
        for key, count in counted.items()
        if count and is_wanted(key, officer, Channel.DIGEST)
    ]
    if not lists:
        return None
    return {"title": _("Châu Bản: việc hôm nay"), "words": " · ".join(lists), "url": "/"}


def message_of(keys_grown: list[str], officer: Officer) -> dict[str, str]:
    """What travels: that something has come, and where to look; no word of what."""
    place = place_of(officer, keys_grown[0]) if len(keys_grown) == 1 else None
    return {
        "title": "Châu Bản",
        "words": str(place.name) if place else _("Có việc mới chờ ông (bà)."),
        "url": place.url() if place else "/",
    }


def _sum_up(device: PushDevice, reach: Reach, now: datetime) -> None:
    officer = _owner(device, now)
    if officer is None:
        return
    message = summary_of(dict(counts(officer, now)), officer)
    if message and not _is_sent(device, message, reach):
        PushDevice.objects.filter(pk=device.pk).update(digest_at=now + AGAIN_AFTER)


def _look_after(device: PushDevice, reach: Reach, now: datetime) -> None:
    officer = _owner(device, now)
    if officer is None:
        return
    standing = standing_of(agencies_about(officer, now))
    if standing == device.standing:
        return
    counted = dict(counts(officer, now))
    found = [key for key in grown(counted, device.told) if is_wanted(key, officer)]
    kept = PushDevice.objects.filter(pk=device.pk)
    if found and not _is_sent(device, message_of(found, officer), reach):
        pause = min(LOOK_EVERY * 2 ** min(device.failures, 12), LONGEST_PAUSE)
        kept.update(failures=min(device.failures + 1, 100), next_look_at=now + pause)
        return
    kept.update(told=counted, standing=standing, failures=0)


def _owner(device: PushDevice, now: datetime) -> Officer | None:
    """For whom the device is told; who left is told nothing more, and it is forgotten."""
    posts = posts_of(device.user_id, legal_day(now)) if device.user.is_active else ()
    post = next((one for one in posts if one.pk == device.post_id), None)
    if post is None:
        device.delete()
        return None
    return Officer(device.user, post)


def _is_sent(device: PushDevice, message: Mapping[str, str], reach: Reach) -> bool:
    """Whether the push service has taken it; a device that is gone is forgotten."""
    made = WebPush(
        keys.private_key(), keys.public_key(), settings.PUSH_CONTACT, ttl=HELD_FOR_SECONDS
    ).get(
        dict(message),
        WebPushSubscription(
            endpoint=device.endpoint, keys=WebPushKeys(auth=device.auth, p256dh=device.p256dh)
        ),
    )
    headers = {**made.headers, "content-type": "application/octet-stream"}
    try:
        status = reach(device.endpoint, made.encrypted, headers)
    except Exception as error:  # whatever keeps a device from being told is tried again later
        log.warning("push device %d: %s", device.pk, error)
        return False
    if status in GONE:
        device.delete()
        return True
    if status >= 300:
        log.warning("push device %d: status %d", device.pk, status)
    return status < 300

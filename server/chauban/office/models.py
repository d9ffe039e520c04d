"""Devices that asked to be told when something has come (web push, RFC 8030)."""

from urllib.parse import urlsplit

from django.db import models

from chauban.accounts.models import User
from chauban.directory.models import Post


class PushDevice(models.Model):
    """One browser of one person, and what it was told last; nothing is sent unless switched on."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_devices")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    endpoint = models.CharField(max_length=500, unique=True)  # at the browser's push service
    p256dh = models.CharField(max_length=100)  # the browser's public key (RFC 8291)
    auth = models.CharField(max_length=40)
    since = models.DateTimeField()
    # The counters of the desk as the person knows them, and where the journals stood then.
    told = models.JSONField(default=dict)
    standing = models.BigIntegerField(default=0)
    next_look_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["next_look_at"], name="push_device_due")]

    @property
    def host(self) -> str:
        """The push service that it is told through."""
        return urlsplit(self.endpoint).hostname or ""

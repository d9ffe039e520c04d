"""What the scoreboard and the map are told (figures that no system measures, outlines); devices
that asked to be told when something has come (web push, RFC 8030).
"""

from urllib.parse import urlsplit

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chauban.accounts.models import User
from chauban.directory.models import Post


class Declared(models.TextChoices):
    """The targets of the 2015 plan whose figures agencies declare (T1 to T4 are derived alone)."""

    NETWORKS = "t5", _("Cơ quan có mạng nội bộ theo mô hình chuẩn của tỉnh")
    FIBRE = "t6", _("Cơ quan đến cấp xã nối mạng diện rộng của tỉnh bằng cáp quang")
    WEBSITES = "t7", _("Doanh nghiệp có trang thông tin điện tử")
    SIGNING = "t8", _("Doanh nghiệp dùng chữ ký số")
    SOFTWARE = "t9", _("Doanh nghiệp phần mềm trong khu công nghệ thông tin tập trung")
    OFFICERS = (
        "t10-officers",
        _("Cơ quan có cán bộ công nghệ thông tin chuyên trách trình độ đại học"),
    )
    GRADUATES = (
        "t10-graduates",
        _("Sinh viên công nghệ thông tin tốt nghiệp đáp ứng thị trường quốc tế"),
    )
    WORKERS = "t10-workers", _("Nhân lực công nghệ thông tin")


COUNTS = frozenset({Declared.SOFTWARE, Declared.WORKERS})  # numbers, not shares of a whole


class Declaration(models.Model):
    """A figure as somebody declared it, with its source; a later one stands before it."""

    target = models.CharField(max_length=14)  # of `Declared`
    year = models.PositiveSmallIntegerField()
    part = models.PositiveIntegerField()
    whole = models.PositiveIntegerField(null=True)  # None: it is a number, not a share
    source = models.CharField(max_length=300)
    as_of = models.DateField()  # the day for which the source gives it
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(whole=None) | Q(whole__gt=0, part__lte=F("whole")),
                name="declared_part_of_a_whole",
            )
        ]
        indexes = [models.Index(fields=["year", "target", "-id"])]


class Outlines(models.Model):
    """Outlines of communes and wards that an operator has given; the last ones are drawn."""

    features = models.JSONField()  # `pictures.outlines.read_outlines`
    source = models.CharField(max_length=300)
    at = models.DateTimeField()


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
    digest_at = models.DateTimeField()  # when it is looked at for the day's summary

    class Meta:
        indexes = [
            models.Index(fields=["next_look_at"], name="push_device_due"),
            models.Index(fields=["digest_at"], name="push_digest_due"),
        ]

    @property
    def host(self) -> str:
        """The push service that it is told through."""
        return urlsplit(self.endpoint).hostname or ""

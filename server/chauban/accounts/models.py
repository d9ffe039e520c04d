"""Users. One account is one person (QCVN 12:2026/BCA Q6); rights come from the post held."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chauban.directory.models import Person


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    class Suspension(models.TextChoices):
        """Why an account is shut until an administrator opens it again."""

        DECIDED = "decided", _("Người quản trị đình chỉ")
        UNUSED = "unused", _("45 ngày không sử dụng")

    username = models.CharField(max_length=60, unique=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="user")
    is_active = models.BooleanField(default=True)
    suspension = models.CharField(max_length=8, choices=Suspension, blank=True)
    # What the single sign-on service may call the person by, besides the user name.
    employee_code = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)  # or opened again
    # None: another person has chosen the password; its owner must choose one first.
    password_changed_at = models.DateTimeField(null=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employee_code"],
                condition=~models.Q(employee_code=""),
                name="one_account_per_employee_code",
            )
        ]

    def __str__(self) -> str:
        return self.username


class UsedPassword(models.Model):
    """The hash of a password that the account had: not to be chosen again (QCVN 12 Q7)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="used_passwords")
    password = models.CharField(max_length=128)
    until = models.DateTimeField()


class Device(models.Model):
    """A browser in which the person has signed in before: it holds a secret of its own."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)  # SHA-256 of the secret in the browser's cookie
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="known_device_once")]


class Session(models.Model):
    """A sign-in that holds: whose, where, since when. Ending it deletes Django's session too."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL)
    address = models.GenericIPAddressField()
    agent = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    until = models.DateTimeField()


class Tries(models.Model):
    """Wrong proofs from one source; at the limit the source is shut for a while."""

    key = models.CharField(max_length=64, unique=True)  # digest of what is counted (`tries`)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="tries")
    wrong = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()
    shut_until = models.DateTimeField(null=True)


class Preferences(models.Model):
    """How the person wants pages and notices, on every device."""

    DIGEST_HOUR = 7

    class Theme(models.TextChoices):
        MACHINE = "", _("Theo máy")
        LIGHT = "light", _("Sáng")
        DARK = "dark", _("Tối")

    class TextSize(models.TextChoices):
        NORMAL = "", _("Thường")
        LARGE = "large", _("Lớn")
        LARGER = "larger", _("Rất lớn")

    class Language(models.TextChoices):
        VIETNAMESE = "vi", _("Tiếng Việt")
        ENGLISH = "en", _("Tiếng Anh")

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preferences")
    language = models.CharField(
        max_length=2, choices=Language, blank=True, verbose_name=_("Ngôn ngữ")
    )
    theme = models.CharField(
        max_length=5, choices=Theme, blank=True, verbose_name=_("Nền sáng hay tối")
    )
    text_size = models.CharField(
        max_length=6, choices=TextSize, blank=True, verbose_name=_("Cỡ chữ")
    )
    more_contrast = models.BooleanField(default=False, verbose_name=_("Tăng độ tương phản"))
    less_motion = models.BooleanField(default=False, verbose_name=_("Giảm chuyển động"))
    single_keys = models.BooleanField(default=True, verbose_name=_("Dùng phím tắt một chữ"))
    digest_hour = models.PositiveSmallIntegerField(default=DIGEST_HOUR)  # of Việt Nam, 0 to 23
    # Event → channels, where they differ from the default (`notices`).
    notices = models.JSONField(default=dict)

"""Certificates, keystores, pictures, anchors, and mandates: who may sign what, when."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chauban.blobs.models import Blob
from chauban.directory.models import Dated, IssuingBody, Person, Post
from chauban.trust.querysets import CertificateQuerySet, MandateQuerySet
from chauban_docform.kinds import KINDS


class Anchor(Dated):
    class Purpose(models.TextChoices):
        SIGNING = "signing", _("Ký số")
        TIMESTAMPING = "timestamping", _("Dấu thời gian")

    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=12, choices=Purpose)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of der
    der = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "fingerprint"], name="an_anchor_once")
        ]

    def __str__(self) -> str:
        return self.name


class Custody(models.TextChoices):
    """Where a key is kept (design, decision 18)."""

    KEYSTORE = "keystore", _("Tệp khóa lưu tại đây")
    DEVICE = "device", _("Thiết bị lưu khóa tại máy chủ")
    REMOTE = "remote", _("Dịch vụ ký số từ xa")
    TELEPHONE = "telephone", _("Điện thoại của người ký")
    PLUGIN = "plugin", _("Phần mềm ký số tại máy người ký")


class Certificate(models.Model):
    class Holder(models.TextChoices):
        PERSON = "person", _("Người có thẩm quyền")
        ORGANISATION = "organisation", _("Cơ quan, tổ chức")
        SERVICE = "service", _("Dịch vụ của hệ thống")
        AUTHORITY = "authority", _("Tổ chức chứng thực, cấp dấu thời gian")

    holder = models.CharField(max_length=12, choices=Holder)
    person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="certificates"
    )
    body = models.ForeignKey(
        IssuingBody, null=True, on_delete=models.PROTECT, related_name="certificates"
    )
    serial = models.CharField(max_length=50)
    subject = models.CharField(max_length=300)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    fingerprint = models.CharField(max_length=64, unique=True)  # SHA-256 of der
    der = models.BinaryField()
    # Empty for an authority, whose key is never ours to use.
    custody = models.CharField(max_length=9, choices=Custody, default=Custody.KEYSTORE, blank=True)
    # device: {"token": label, "key": hex identifier}; remote, telephone: {"service": name in
    # settings, "credential": identifier}; otherwise empty.
    key_reference = models.JSONField(default=dict, blank=True)
    # Encrypted under the holder's PIN, which is never stored (design, decision 18).
    pkcs12 = models.BinaryField(null=True)
    picture = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    picture_width_mm = models.FloatField(null=True)  # for a seal: its diameter
    # Wrong PINs since the last right one; at the limit the key is shut for a while.
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager] = CertificateQuerySet.as_manager()

    def __str__(self) -> str:
        return self.subject


class Capacity(models.TextChoices):
    HEAD = "", _("Người đứng đầu")
    TM = "TM.", _("Thay mặt")
    ACTING = "Q.", _("Quyền")
    KT = "KT.", _("Ký thay")
    TL = "TL.", _("Thừa lệnh")
    TUQ = "TUQ.", _("Thừa ủy quyền")


class Mandate(Dated):
    """Quyền hạn ký: a person may sign for a body in a capacity (Điều 13)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="mandates")
    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="mandates")
    capacity = models.CharField(max_length=4, choices=Capacity, blank=True)
    # The lines above the name: "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH".
    authority_lines = models.JSONField(default=list)
    kinds = models.JSONField(default=list)  # codes of kinds; empty means all
    basis = models.CharField(max_length=300)  # văn bản giao quyền
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    objects: ClassVar[models.Manager] = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            # Điều 13.3: thừa ủy quyền is limited in time.
            models.CheckConstraint(
                condition=~models.Q(capacity=Capacity.TUQ) | models.Q(valid_to__isnull=False),
                name="tuq_has_an_end",
            )
        ]

    def __str__(self) -> str:
        return " / ".join(self.authority_lines)

    def covers_kind(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    @property
    def kind_names(self) -> list[str]:
        """The kinds of document it is limited to; none where it is for all."""
        return [KINDS[code].name for code in self.kinds]

    @property
    def last_day(self) -> date | None:
        return self.valid_to and self.valid_to - timedelta(days=1)

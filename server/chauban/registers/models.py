"""Series and numbers, the outgoing and the incoming register (Điều 15, 16, 22; PL IV)."""

import uuid
from collections.abc import Collection

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody, Post, Unit
from chauban.registers.querysets import (
    IncomingQuerySet,
    OutgoingQuerySet,
    SeriesGroupQuerySet,
    SeriesQuerySet,
)
from chauban_docform import kinds
from chauban_docform.symbols import code_line


class SeriesGroup(models.Model):
    """Hệ thống số: the kinds of document of one body that are numbered together (Điều 15.1)."""

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="series_groups")
    name = models.CharField(max_length=80)
    kinds = models.JSONField()  # codes of kinds

    objects = SeriesGroupQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "name"], name="one_group_per_name")]


class SeriesDecision(models.Model):
    """What the head decided about the series of a body, when, by which document (Điều 15.1)."""

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="series_decisions")
    groups = models.JSONField()  # name of a group → codes of its kinds
    basis = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]


class Series(models.Model):
    """One group's numbers in one legal year. Only `take_number` moves it."""

    group = models.ForeignKey(SeriesGroup, on_delete=models.PROTECT, related_name="series")
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)
    last_date = models.DateField(null=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "year"], name="one_series_per_year")
        ]


class ArrivalSeries(models.Model):
    """Số đến of one body in one legal year, common to paper and electronic (Điều 22.2)."""

    body = models.ForeignKey(
        IssuingBody, on_delete=models.PROTECT, related_name="arrival_series", db_index=False
    )
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "year"], name="one_arrival_series")]


class Priority(models.IntegerChoices):
    """edXML `OtherInfo/Priority`; NĐ 30 PL I knows the first four."""

    NORMAL = 0, _("Thường")
    URGENT = 1, _("Khẩn")
    VERY_URGENT = 2, _("Thượng khẩn")
    EXPRESS = 3, _("Hỏa tốc")
    EXPRESS_TIMED = 4, _("Hỏa tốc hẹn giờ")


class OutgoingDocument(models.Model):
    """One line of the register of outgoing documents; it begins with its number."""

    class State(models.TextChoices):
        NUMBERED = "numbered", _("Đã cấp số")
        SEALED = "sealed", _("Đã ký số của cơ quan")
        ISSUED = "issued", _("Đã phát hành")
        CANCELLED = "cancelled", _("Đã hủy số")
        RECALLED = "recalled", _("Đã thu hồi")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="outgoing")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="documents")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    notation = models.CharField(max_length=30)
    issued_on = models.DateField()
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=500)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=50)
    signer_position = models.CharField(max_length=100)
    competence = models.CharField(max_length=100, blank=True)
    to_places = models.JSONField(default=list)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    due_on = models.DateField(null=True)
    page_amount = models.PositiveIntegerField(default=1)
    issued_amount = models.PositiveIntegerField(default=1)  # số lượng bản phát hành
    state = models.CharField(max_length=10, choices=State, default=State.NUMBERED)
    numbered_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancellation_reason = models.CharField(max_length=500, blank=True)
    cancellation_approver = models.ForeignKey(
        Post, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Điều 18.4, PL VI III.8: when and why it was recalled, by which document announcing that.
    recalled_at = models.DateTimeField(null=True)
    recall_reason = models.CharField(max_length=500, blank=True)
    recall_announced_by = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="recalls"
    )
    # edXML DocumentId, made once and never rebuilt.
    document_id = models.CharField(max_length=120, unique=True)
    remark = models.CharField(max_length=500, blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="a_number_is_given_once"),
            # Số và ký hiệu are unique in the year, whatever group they come from (Điều 15.1).
            models.UniqueConstraint(
                fields=["body", "year", "number", "notation"], name="a_code_is_given_once"
            ),
        ]
        indexes = [models.Index(fields=["body", "year", "-issued_on", "-number", "-id"])]

    @property
    def code(self) -> str:
        """Số và ký hiệu as written: `05/QĐ-UBND` (PL I II.3)."""
        return code_line(self.number, self.notation)

    @property
    def kind_name(self) -> str:
        return kinds.kind(self.kind).name


class Succession(models.Model):
    """An issued document that replaces or amends an earlier one of its body (Điều 18.3)."""

    class Kind(models.TextChoices):
        REPLACES = "replaces", _("Thay thế")
        AMENDS = "amends", _("Sửa đổi, bổ sung")

    earlier = models.ForeignKey(
        OutgoingDocument, on_delete=models.PROTECT, related_name="successors"
    )
    later = models.OneToOneField(
        OutgoingDocument, on_delete=models.PROTECT, related_name="succession"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["earlier"], condition=Q(kind="replaces"), name="replaced_once"
            )
        ]
        ordering = ["at", "pk"]


class OutgoingFile(models.Model):
    class Part(models.TextChoices):
        MAIN = "main", _("Văn bản")
        ATTACHMENT = "attachment", _("Phụ lục, tài liệu kèm theo")
        SIGNATURE = "signature", _("Chữ ký số tách rời")

    document = models.ForeignKey(OutgoingDocument, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=Part)
    ordinal = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    report = models.JSONField(null=True)  # chauban_pades Report.as_dict(), read back after sealing

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "ordinal"], name="outgoing_file_ordinal")
        ]
        ordering = ["ordinal"]


class IncomingDocument(models.Model):
    """One line of the register of incoming documents (Điều 22; PL IV.VI)."""

    class Acceptance(models.TextChoices):
        ORIGINAL = "original", _("Bản gốc điện tử")
        COPY = "copy", _("Bản sao")
        INFORMATION = "information", _("Để biết (thiếu chữ ký số)")
        PAPER = "paper", _("Văn bản giấy")

    class State(models.TextChoices):
        REGISTERED = "registered", _("Đã đăng ký")
        ROUTED = "routed", _("Đã chuyển giao")
        IN_PROGRESS = "in-progress", _("Đang giải quyết")
        DONE = "done", _("Đã giải quyết xong")
        RECALLED = "recalled", _("Đã thu hồi")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    body = models.ForeignKey(
        IssuingBody, on_delete=models.PROTECT, related_name="incoming", db_index=False
    )
    year = models.PositiveSmallIntegerField()
    arrival_number = models.PositiveIntegerField()
    arrived_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    sender_organ_id = models.CharField(max_length=35, blank=True)
    sender_name = models.CharField(max_length=200)
    document_id = models.CharField(max_length=200, blank=True)  # blank: it came on paper
    code_number = models.CharField(max_length=20)
    code_notation = models.CharField(max_length=30)
    promulgated_on = models.DateField(null=True)
    kind_name = models.CharField(max_length=100)
    subject = models.CharField(max_length=500)
    signer_name = models.CharField(max_length=50, blank=True)
    signer_position = models.CharField(max_length=100, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    due_on = models.DateField(null=True)
    acceptance = models.CharField(max_length=12, choices=Acceptance)
    # Đơn vị hoặc người nhận, ngày chuyển (PL IV.VI); routing writes them.
    to_places = models.CharField(max_length=1000, blank=True)
    handed_over_on = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.REGISTERED)
    # The sender asks for it back and the clerk has not answered yet (Điều 18.4).
    recall_asked_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    recall_reason = models.CharField(max_length=500, blank=True)
    replaced_by = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces", db_index=False
    )
    amends = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="amended_by", db_index=False
    )
    remark = models.CharField(max_length=500, blank=True)

    objects = IncomingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "year", "arrival_number"], name="an_arrival_number_is_given_once"
            ),
            models.UniqueConstraint(
                fields=["body", "sender_organ_id", "document_id"],
                condition=~Q(document_id=""),
                name="registered_once",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "code_number", "code_notation"]),
            models.Index(
                fields=["replaced_by"],
                condition=Q(replaced_by__isnull=False),
                name="incoming_replaced",
            ),
            models.Index(
                fields=["amends"], condition=Q(amends__isnull=False), name="incoming_amending"
            ),
        ]

    def has_identifier(self, organ_ids: Collection[str], document_id: str) -> bool:
        """Whether it is the document to which a sender, by one of its codes, gave that id."""
        return bool(document_id) and (
            self.sender_organ_id in organ_ids and self.document_id == document_id
        )

    @property
    def code(self) -> str:
        """Số và ký hiệu as its issuer wrote them."""
        return f"{self.code_number}/{self.code_notation}"


class IncomingFile(models.Model):
    document = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    report = models.JSONField(null=True)  # chauban_pades Report.as_dict() at registration

    class Meta:
        ordering = ["ordinal"]

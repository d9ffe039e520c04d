"""Outbox, inbox, recipients, statuses: what is owed, what came, what each recipient did."""

from django.db import models

from chauban.blobs.models import Blob
from chauban.directory.models import IssuingBody
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument


class MessageType(models.TextChoices):
    EDOC = "edoc", "Văn bản"
    STATUS = "status", "Trạng thái"


class OutgoingMessage(models.Model):
    """Owed work: a message to send. Claimed under a lease, sent, settled (decision 8)."""

    class State(models.TextChoices):
        DUE = "due", "Chờ gửi"
        SENT = "sent", "Đã gửi"
        FAILED = "failed", "Gửi không thành công"

    key = models.CharField(max_length=200, unique=True)  # idempotency: owing twice owes once
    type = models.CharField(max_length=6, choices=MessageType)
    from_organ_id = models.CharField(max_length=35)
    to_organ_ids = models.JSONField()
    document = models.ForeignKey(
        OutgoingDocument, null=True, on_delete=models.PROTECT, related_name="messages"
    )
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=State, default=State.DUE)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    package_id = models.CharField(max_length=60, blank=True)  # the axis's DocId
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"])]


class Channel(models.TextChoices):
    AXIS = "axis", "Trục liên thông"
    MAIL = "mail", "Thư điện tử công vụ"
    PARTY = "party", "Hệ thống của Đảng"
    POST = "post", "Bưu điện"
    HAND = "hand", "Trao tay"
    PORTAL = "portal", "Cổng thông tin"


class Recipient(models.Model):
    """One recipient of one issued document, with what it has answered so far."""

    document = models.ForeignKey(OutgoingDocument, on_delete=models.PROTECT, related_name="recipients")
    body = models.ForeignKey(IssuingBody, null=True, on_delete=models.PROTECT, related_name="+")
    organ_id = models.CharField(max_length=35)
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=6, choices=Channel, default=Channel.AXIS)
    message = models.ForeignKey(
        OutgoingMessage, null=True, on_delete=models.PROTECT, related_name="recipients"
    )
    status_code = models.CharField(max_length=2, blank=True)  # edXML 01..16; blank: none yet
    status_at = models.DateTimeField(null=True)
    refused_reason = models.CharField(max_length=300, blank=True)  # typed refusal of the axis

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "organ_id"], name="a_recipient_of_a_document")
        ]


class ReceivedStatus(models.Model):
    """Every status message that came for a recipient, also late or repeated ones."""

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="statuses")
    code = models.CharField(max_length=2)
    description = models.CharField(max_length=500, blank=True)
    stated_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    package_id = models.CharField(max_length=60, unique=True)


class IncomingMessage(models.Model):
    """A message as it came: raw bytes and hash are kept as long as the document."""

    class State(models.TextChoices):
        RECEIVED = "received", "Đã nhận gói tin"
        READ = "read", "Đã đọc"
        REFUSED = "refused", "Hệ thống từ chối"

    package_id = models.CharField(max_length=60, unique=True)
    type = models.CharField(max_length=6, choices=MessageType)
    raw = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    from_organ_id = models.CharField(max_length=35)
    document_id = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    refusal = models.CharField(max_length=40, blank=True)  # code of the typed refusal
    received_at = models.DateTimeField()
    warnings = models.JSONField(default=list)


class Delivery(models.Model):
    """A document that came for one of our bodies; the clerk decides on it (Điều 21.2)."""

    class State(models.TextChoices):
        ARRIVED = "arrived", "Đã đến"
        PROPOSED = "proposed", "Chờ văn thư"
        REGISTERED = "registered", "Đã đăng ký"
        RETURNED = "returned", "Đã trả lại"

    class Proposal(models.TextChoices):
        ACCEPT = "accept", "Tiếp nhận"
        ACCEPT_COPY = "accept-copy", "Tiếp nhận bản sao"
        INFORMATION = "information", "Tiếp nhận để biết"
        RETURN = "return", "Trả lại nơi gửi"

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="deliveries")
    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="deliveries")
    addressed_as = models.CharField(max_length=35)  # the code that the message's To used
    from_organ_id = models.CharField(max_length=35)
    document_id = models.CharField(max_length=200)
    business_type = models.PositiveSmallIntegerField(default=0)
    header = models.JSONField()  # what the register needs of the message, as read
    state = models.CharField(max_length=10, choices=State, default=State.ARRIVED)
    proposal = models.CharField(max_length=12, choices=Proposal, blank=True)
    proposal_reasons = models.JSONField(default=list)  # {code, vi, en, clause}
    arrived_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)  # of the worker that assesses it
    incoming = models.OneToOneField(
        IncomingDocument, null=True, on_delete=models.PROTECT, related_name="delivery"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "from_organ_id", "document_id", "business_type"],
                name="delivered_once",
            )
        ]
        indexes = [models.Index(fields=["body", "state", "-arrived_at"])]


class DeliveredFile(models.Model):
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    report = models.JSONField(null=True)  # worse of the two legs, Report.as_dict()

    class Meta:
        ordering = ["ordinal"]


class FollowedAct(models.Model):
    """Acts of the journal for which the statuses owed have been owed (design, section 1)."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

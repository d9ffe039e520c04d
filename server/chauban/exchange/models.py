"""Outbox, inbox, recipients, statuses: what is owed, what came, what each recipient did."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.blobs.models import Blob
from chauban.directory.models import Channel, IssuingBody, Post
from chauban.exchange.querysets import (
    ChangeRequestQuerySet,
    DeliveryQuerySet,
    DispatchQuerySet,
    IncomingMessageQuerySet,
    OutgoingMessageQuerySet,
    PassedOnQuerySet,
    ReceiptQuerySet,
    RecipientQuerySet,
)
from chauban.exchange.words import event_words, sending_words
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.ui.words import Words


class MessageType(models.TextChoices):
    EDOC = "edoc", _("Văn bản")
    STATUS = "status", _("Trạng thái")


class OutgoingMessage(models.Model):
    """Owed work: a message to send. Claimed under a lease, sent, settled (decision 8)."""

    class State(models.TextChoices):
        DUE = "due", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        FAILED = "failed", _("Gửi không thành công")
        FROZEN = "frozen", _("Dừng gửi do thu hồi")

    key = models.CharField(max_length=200, unique=True)  # idempotency: owing twice owes once
    type = models.CharField(max_length=6, choices=MessageType)
    from_organ_id = models.CharField(max_length=35, blank=True)
    to_organ_ids = models.JSONField()
    document = models.ForeignKey(
        OutgoingDocument,
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
    )
    delivery = models.ForeignKey(
        "Delivery", null=True, on_delete=models.PROTECT, related_name="statuses_owed"
    )
    recall = models.ForeignKey(
        "ReceivedRecall",
        null=True,
        on_delete=models.PROTECT,
        related_name="answers",
        db_index=False,
    )
    status_code = models.CharField(max_length=2, blank=True)  # of a status message
    # None: still to be written, as it is sent: a status, a recall, a document passed on.
    raw = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=State, default=State.DUE)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    package_id = models.CharField(max_length=60, blank=True)  # the axis's DocId
    error_code = models.CharField(max_length=40, blank=True)  # words.py knows the code
    error_detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # When to ask the axis whether each recipient's system has fetched it; None: no more.
    track_at = models.DateTimeField(null=True)

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="due"), name="messages_due"),
            models.Index(
                fields=["track_at"], condition=Q(track_at__isnull=False), name="messages_tracked"
            ),
            models.Index(fields=["state", "created_at"]),
            models.Index(
                fields=["document"],
                condition=Q(document__isnull=False),
                name="messages_of_documents",
            ),
            models.Index(
                fields=["recall"], condition=Q(recall__isnull=False), name="messages_on_recalls"
            ),
        ]

    @property
    def error_words(self) -> Words:
        return sending_words(self.error_code, self.error_detail)


class Transport(models.TextChoices):
    """How far a package has come on its way to one recipient's system (edxml.md 5.6)."""

    NONE = "", _("Chưa gửi")
    INITIAL = "initial", _("Trên trục, chờ nơi nhận lấy")
    PROCESSING = "processing", _("Nơi nhận đang lấy")
    DONE = "done", _("Nơi nhận đã lấy")
    FAIL = "fail", _("Nơi nhận không lấy được")


class Recipient(models.Model):
    """One recipient of one issued document, with what it has answered so far."""

    document = models.ForeignKey(
        OutgoingDocument, on_delete=models.PROTECT, related_name="recipients"
    )
    body = models.ForeignKey(IssuingBody, null=True, on_delete=models.PROTECT, related_name="+")
    organ_id = models.CharField(max_length=35, blank=True)
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=6, choices=Channel, default=Channel.AXIS)
    message = models.ForeignKey(
        OutgoingMessage, null=True, on_delete=models.PROTECT, related_name="recipients"
    )
    transport = models.CharField(
        max_length=10, choices=Transport, default=Transport.NONE, blank=True
    )
    status_code = models.CharField(max_length=2, blank=True)  # edXML 01..16; blank: none yet
    status_at = models.DateTimeField(null=True)
    # It gets the document on the axis and on paper too (Điều 18.2).
    also_on_paper = models.BooleanField(default=False)
    refusal = models.CharField(max_length=40, blank=True)  # code of the axis's typed refusal
    refused_reason = models.CharField(max_length=300, blank=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "organ_id"],
                condition=~Q(organ_id=""),
                name="a_recipient_of_a_document",
            )
        ]


class ChangeRequest(models.Model):
    """What we ask one recipient for: to give a document back, or to take another for it.

    Its state is decided by change_rules (edxml.md 6.3, 6.4).
    """

    class Kind(models.IntegerChoices):  # chauban_edxml.model.BussinessDocType
        RECALL = 1, _("Thu hồi")
        UPDATE = 2, _("Cập nhật")

    class State(models.TextChoices):
        UNSENT = "unsent", _("Chưa gửi tới, đã dừng gửi")
        APART = "apart", _("Không qua trục: hãy thông báo trực tiếp")
        WAITING = "waiting", _("Chưa trả lời")
        UNDELIVERED = "undelivered", _("Yêu cầu chưa tới nơi")
        AGREED = "agreed", _("Đồng ý")
        REFUSED = "refused", _("Từ chối")

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="requests")
    kind = models.PositiveSmallIntegerField(choices=Kind)
    by = models.ForeignKey(  # the document that amends the recipient's
        OutgoingDocument, null=True, on_delete=models.PROTECT, related_name="requests"
    )
    message = models.ForeignKey(
        OutgoingMessage, null=True, on_delete=models.PROTECT, related_name="requests"
    )
    state = models.CharField(max_length=11, choices=State)
    answer = models.CharField(max_length=500, blank=True)  # the recipient's words, or the axis's
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient"], condition=Q(kind=1), name="recalled_once_from_each"
            ),
            models.UniqueConstraint(
                fields=["recipient", "by"], condition=Q(kind=2), name="updated_once_by_each"
            ),
        ]


class Dispatch(models.Model):
    """One way in which a document is brought to a recipient off the axis: owed, sent, received.

    A recipient may have several: by another channel after one that failed, or on paper besides
    the axis. Earlier ones stay as they were.
    """

    class State(models.TextChoices):
        DUE = "due", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        RECEIVED = "received", _("Đã nhận")
        RETURNED = "returned", _("Không gửi được")
        GIVEN_UP = "given-up", _("Đã chuyển cách gửi")

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="dispatches")
    channel = models.CharField(max_length=6, choices=Channel)
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    address = models.CharField(max_length=300, blank=True)
    owed_at = models.DateTimeField()
    sent_on = models.DateField(null=True)
    sent_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    postal_number = models.CharField(max_length=40, blank=True)
    envelopes = models.PositiveSmallIntegerField(default=1)  # số lượng bì (PL IV.III)
    received_on = models.DateField(null=True)
    received_by = models.CharField(max_length=100, blank=True)  # who signed for it
    receipt = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    receipt_name = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)  # why it came back

    objects = DispatchQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "owed_at"], condition=Q(state="due"), name="dispatches_due"
            ),
            models.Index(fields=["channel", "sent_on"]),
        ]
        ordering = ["owed_at", "pk"]


class ReceivedStatus(models.Model):
    """Every status message that came for a recipient, also late or repeated ones."""

    class Effect(models.TextChoices):
        MOVED = "moved", _("Cập nhật trạng thái")
        LATE = "late", _("Đến muộn hoặc trùng lặp")
        CONFLICT = "conflict", _("Mâu thuẫn với trạng thái trước")
        NOTED = "noted", _("Ghi nhận")

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="statuses")
    code = models.CharField(max_length=2)
    effect = models.CharField(max_length=8, choices=Effect)
    description = models.CharField(max_length=500, blank=True)
    stated_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    package_id = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["received_at", "pk"]


class IncomingMessage(models.Model):
    """A package for one of our codes; raw bytes and hash are kept as long as the document."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Chờ lấy về")
        READ = "read", _("Đã đọc")
        REFUSED = "refused", _("Hệ thống từ chối")
        SET_ASIDE = "set-aside", _("Chờ người xử lý")

    package_id = models.CharField(max_length=60, unique=True)
    type = models.CharField(max_length=6, choices=MessageType)
    raw = models.ForeignKey(
        Blob, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    from_organ_id = models.CharField(max_length=35)
    to_organ_id = models.CharField(max_length=35, blank=True)  # blank: the axis did not say
    document_id = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    refusal = models.CharField(max_length=40, blank=True)  # words.py knows the code
    refusal_vi = models.CharField(max_length=400, blank=True)
    refusal_en = models.CharField(max_length=400, blank=True)
    listed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)  # the axis knows what became of it
    warnings = models.JSONField(default=list)  # {code, vi, en}

    objects = IncomingMessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(confirmed_at__isnull=True), name="packages_due"
            ),
            models.Index(fields=["raw", "state"]),
            models.Index(fields=["state", "to_organ_id"]),
        ]

    @property
    def refusal_words(self) -> Words:
        return Words(self.refusal_vi, self.refusal_en)


class KeptPackage(models.Model):
    """What an axis lists or hands out but once, kept until it has been taken in."""

    gateway = models.CharField(max_length=35)
    package_id = models.CharField(max_length=60)
    type = models.CharField(max_length=6, choices=MessageType)
    to_organ_id = models.CharField(max_length=35, blank=True)
    # None: only its name is handed out once; the package itself can still be fetched.
    raw = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "package_id"], name="kept_once")]


class Delivery(models.Model):
    """A document that came for one of our bodies; the clerk decides on it (Điều 21.2)."""

    class State(models.TextChoices):
        ARRIVED = "arrived", _("Đã đến")
        PROPOSED = "proposed", _("Chờ văn thư")
        REGISTERED = "registered", _("Đã đăng ký")
        RETURNED = "returned", _("Đã trả lại")
        WITHDRAWN = "withdrawn", _("Đã thu hồi")

    class Proposal(models.TextChoices):
        ACCEPT = "accept", _("Tiếp nhận")
        ACCEPT_COPY = "accept-copy", _("Tiếp nhận bản sao")
        INFORMATION = "information", _("Tiếp nhận để biết")
        RETURN = "return", _("Trả lại nơi gửi")

    message = models.ForeignKey(
        IncomingMessage, on_delete=models.PROTECT, related_name="deliveries"
    )
    body = models.ForeignKey(
        IssuingBody, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    addressed_as = models.CharField(max_length=35)  # the code that the message's To used
    from_organ_id = models.CharField(max_length=35)  # the code that the message's From used
    sender = models.CharField(max_length=70)  # rules.sender_key: one for all codes of an agency
    document_id = models.CharField(max_length=200)  # as received; answers repeat it
    document_key = models.CharField(max_length=240)  # normal_text of it, for comparing
    business_type = models.PositiveSmallIntegerField(default=0)
    # Of an update: which one under this identifier, as they came. All else comes once.
    edition = models.PositiveSmallIntegerField(default=1)
    header = models.JSONField()  # what the register needs of the message, as read
    state = models.CharField(max_length=10, choices=State, default=State.ARRIVED)
    proposal = models.CharField(max_length=12, choices=Proposal, blank=True)
    proposal_reasons = models.JSONField(default=list)  # {code, vi, en, clause}
    return_reason = models.CharField(max_length=500, blank=True)
    arrived_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)  # of the worker that assesses it
    attempts = models.PositiveSmallIntegerField(default=0)
    incoming = models.OneToOneField(
        IncomingDocument, null=True, on_delete=models.PROTECT, related_name="delivery"
    )
    updated = models.ForeignKey(  # an update was applied to this document
        IncomingDocument,
        null=True,
        on_delete=models.PROTECT,
        related_name="updates",
        db_index=False,
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "sender", "business_type", "document_key", "edition"],
                name="delivered_once",
            )
        ]
        indexes = [
            models.Index(fields=["body", "state", "-arrived_at"]),
            models.Index(
                fields=["arrived_at"], condition=Q(state="arrived"), name="deliveries_to_assess"
            ),
            models.Index(
                fields=["updated"], condition=Q(updated__isnull=False), name="updates_applied"
            ),
        ]


class ReceivedRecall(models.Model):
    """The sender of a document asks for it back (Điều 18.4); the clerk answers 15 or 16."""

    class State(models.TextChoices):
        OPEN = "open", _("Chờ trả lời")
        AGREED = "agreed", _("Đã đồng ý")
        REFUSED = "refused", _("Đã từ chối")

    message = models.ForeignKey(IncomingMessage, on_delete=models.PROTECT, related_name="recalls")
    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="recalls")
    # None: no such document has come; one that comes later finds it here.
    delivery = models.OneToOneField(
        Delivery, null=True, on_delete=models.PROTECT, related_name="recall"
    )
    sender = models.CharField(max_length=70)  # as in Delivery
    document_key = models.CharField(max_length=240)  # as in Delivery
    from_organ_id = models.CharField(max_length=35)
    sender_name = models.CharField(max_length=200)
    document_id = models.CharField(max_length=200)  # as named; the answer repeats it
    code = models.CharField(max_length=60, blank=True)
    promulgated_on = models.DateField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    refusal_reason = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "sender", "document_key"], name="one_recall_of_a_document"
            )
        ]
        indexes = [
            models.Index(
                fields=["body", "asked_at"], condition=Q(state="open"), name="open_recalls"
            )
        ]


class PassedOn(models.Model):
    """One agency to which an incoming document was passed on, as it came: file and signatures.

    What it answers, and what it was asked for when the sender recalled the document.
    """

    incoming = models.ForeignKey(
        IncomingDocument, on_delete=models.PROTECT, related_name="passed_on"
    )
    # Of the same sender, which this one replaces or updates for the agency too.
    earlier = models.ForeignKey(
        IncomingDocument, null=True, on_delete=models.PROTECT, related_name="passed_on_later"
    )
    organ_id = models.CharField(max_length=35)
    name = models.CharField(max_length=200)
    words = models.CharField(max_length=300, blank=True)  # of who passed it on
    message = models.ForeignKey(OutgoingMessage, on_delete=models.PROTECT, related_name="passed_on")
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    refusal = models.CharField(max_length=40, blank=True)  # of the axis
    status_code = models.CharField(max_length=2, blank=True)
    status_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)  # its words, or the axis's
    request = models.CharField(max_length=11, choices=ChangeRequest.State, blank=True)
    request_message = models.ForeignKey(
        OutgoingMessage, null=True, on_delete=models.PROTECT, related_name="taking_back"
    )

    objects = PassedOnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "organ_id"], name="passed_on_once")
        ]
        ordering = ["pk"]


class Reply(models.Model):
    """An incoming document whose sender says that it answers one of ours (`ResponseFor`)."""

    incoming = models.ForeignKey(
        IncomingDocument, on_delete=models.PROTECT, related_name="replies_to"
    )
    outgoing = models.ForeignKey(
        OutgoingDocument, on_delete=models.PROTECT, related_name="answered_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incoming", "outgoing"], name="one_reply_link")
        ]
        ordering = ["pk"]


class DeliveredFile(models.Model):
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="files")
    # None: the file could not be had from the message; `fault` tells why (edxml.md 7).
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    fault = models.CharField(max_length=20, blank=True)
    report = models.JSONField(null=True)  # worse of the two legs, Report.as_dict()

    class Meta:
        ordering = ["ordinal"]


class Assessment(models.Model):
    """The report on a file, kept by its digest: one notice to 250 agencies is read once."""

    key = models.CharField(primary_key=True, max_length=130)  # digest, or file's and .p7s's
    report = models.JSONField()
    both_legs = models.BooleanField()
    at = models.DateTimeField()


class FollowedAct(models.Model):
    """Acts of the journal for which the statuses owed have been owed (design, section 1)."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")


class Statement(models.Model):
    """What a service certificate signs at once: the digests of many receipts' entries."""

    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    cms = models.BinaryField(null=True)  # None: gathered here, and still to be signed
    stated_by = models.CharField(max_length=200, blank=True)  # the service, once it has signed
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["made_at"], condition=Q(cms=None), name="statements_to_sign")
        ]


class Receipt(models.Model):
    """One event of one message (ETSI EN 319 522-1), stated here or by another axis.

    Messages are named by their digest: a receipt is about these bytes, whoever carried them.
    """

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="receipts")
    sha256 = models.CharField(max_length=64, blank=True)  # blank: a message not read to its end
    package = models.CharField(max_length=60, blank=True)  # its DocId where it was stated
    event = models.CharField(max_length=30)
    organ_id = models.CharField(max_length=35, blank=True)  # the recipient; blank: all of them
    at = models.DateTimeField()
    entry = models.TextField()
    # Why it does not prove anything; blank: it holds.
    fault_vi = models.CharField(max_length=300, blank=True)
    fault_en = models.CharField(max_length=300, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["sha256"])]

    @property
    def event_words(self) -> Words:
        return event_words(self.event)

    @property
    def fault_words(self) -> Words:
        return Words(self.fault_vi, self.fault_en)


class WorkerSeen(models.Model):
    """A worker process and when it was last seen at work: what lags behind has one, or none."""

    name = models.CharField(max_length=100, unique=True)  # host and process id
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

"""Drafts, checks, signing and sealing; routing, tasks and answers (Điều 10-13, 17, 23, 24)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chauban.blobs.models import Blob
from chauban.directory.models import Agency, Channel, Dated, IssuingBody, Post, Unit
from chauban.registers.models import IncomingDocument, OutgoingDocument, Priority, Succession
from chauban.trust.models import Certificate, Mandate
from chauban.workflow.batches.models import Batch as Batch
from chauban.workflow.batches.models import BatchItem as BatchItem
from chauban.workflow.opinions.models import Opinion as Opinion
from chauban.workflow.opinions.models import OpinionRound as OpinionRound
from chauban.workflow.querysets import (
    DraftAttachmentQuerySet,
    DraftQuerySet,
    KeyUseQuerySet,
    TaskQuerySet,
)
from chauban.workflow.rules import pages_digest
from chauban_docform import kinds


class Draft(models.Model):
    """Bản thảo: what becomes, signed and sealed, one outgoing document."""

    class State(models.TextChoices):
        DRAFTING = "drafting", _("Đang soạn thảo")
        CONTENT_CHECK = "content-check", _("Chờ kiểm tra nội dung")
        LAYOUT_CHECK = "layout-check", _("Chờ kiểm tra thể thức")
        APPROVAL = "approval", _("Chờ duyệt")
        SIGNING = "signing", _("Chờ ký")
        SIGNED = "signed", _("Đã ký, chờ cấp số")
        NUMBERED = "numbered", _("Đã cấp số, chờ ký số của cơ quan")
        SEALED = "sealed", _("Chờ phát hành")
        ISSUED = "issued", _("Đã phát hành")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="drafts")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="drafts")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="drafts")
    author = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="drafts")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="drafts")
    kind = models.CharField(max_length=20)
    notation = models.CharField(max_length=30)
    subject = models.CharField(max_length=500)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    due_on = models.DateField(null=True)
    # An issued document that this one is to replace or amend (Điều 18.3).
    succeeds = models.ForeignKey(
        OutgoingDocument, null=True, on_delete=models.PROTECT, related_name="succeeding_drafts"
    )
    succession = models.CharField(max_length=8, choices=Succession.Kind, blank=True)
    answers = models.ForeignKey(
        IncomingDocument, null=True, on_delete=models.PROTECT, related_name="answering_drafts"
    )
    state = models.CharField(max_length=14, choices=State, default=State.DRAFTING)
    outgoing = models.OneToOneField(
        OutgoingDocument, null=True, on_delete=models.PROTECT, related_name="draft"
    )
    created_at = models.DateTimeField()
    # With state, what every act compares before it writes: two people cannot act on one draft.
    changed_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["agency", "state", "-changed_at"]),
            models.Index(fields=["body", "state"]),
            models.Index(fields=["author", "-changed_at"]),
        ]

    @property
    def kind_name(self) -> str:
        return kinds.kind(self.kind).name

    @property
    def newest_version(self) -> "DraftVersion":
        return self.versions.latest("number")


class DraftVersion(models.Model):
    """Every version is kept (PL VI III.5.a): what was written and the pages made of it."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=500)
    content = models.JSONField()  # `letters.Content`: the letter's own text
    pages = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="one_version_per_number")
        ]
        ordering = ["number"]


class DraftRecipient(models.Model):
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="recipients")
    body = models.ForeignKey(IssuingBody, null=True, on_delete=models.PROTECT, related_name="+")
    organ_id = models.CharField(max_length=35, blank=True)
    name = models.CharField(max_length=200)
    # As the clerk chose it before issuing; blank: the recipient's usual one.
    channel = models.CharField(max_length=6, choices=Channel, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "organ_id"],
                condition=~Q(organ_id=""),
                name="a_recipient_once",
            ),
        ]
        ordering = ["pk"]


class DraftAttachment(models.Model):
    """Phụ lục, tài liệu kèm theo in a file of its own; a removed one is kept (PL VI III.5.a)."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = DraftAttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "name"],
                condition=Q(removed_at=None),
                name="an_attachment_name_once",
            )
        ]
        ordering = ["pk"]

    @property
    def is_pdf(self) -> bool:
        return self.media_type == "application/pdf"


class Check(models.Model):
    """Two separate records: content by the unit head, layout by the checker (Điều 12)."""

    class Aspect(models.TextChoices):
        CONTENT = "content", _("Nội dung")
        LAYOUT = "layout", _("Thể thức, kỹ thuật trình bày")
        APPROVAL = "approval", _("Duyệt")

    version = models.ForeignKey(DraftVersion, on_delete=models.PROTECT, related_name="checks")
    aspect = models.CharField(max_length=8, choices=Aspect)
    passed = models.BooleanField()
    comment = models.TextField(blank=True)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]


class SigningCopy(models.Model):
    """Bản trình ký: the approved version with its reserved fields, and its newest revision."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="signing_copy")
    version = models.ForeignKey(DraftVersion, on_delete=models.PROTECT, related_name="+")
    reserved = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    page_digests = models.JSONField()
    signed = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")

    @property
    def shown(self) -> str:
        """One digest of all pages: what a person confirms who has seen them."""
        return pages_digest(self.page_digests)

    @property
    def newest_revision(self) -> Blob:
        return self.sealed or self.signed or self.reserved

    @property
    def newest_digest(self) -> str:
        """That of `newest_revision`, which is not read for it."""
        return self.sealed_id or self.signed_id or self.reserved_id


class KeyUse(models.Model):
    """One use of a key: written before the key is used, settled after (style guide, section 5).

    A claim whose lease has run out without a result is a use that came to nothing: the
    person is asked again, the key is never used unattended (design, decision 18). A use whose
    time-stamp or validation data are pending is completed by `complete_pending`.
    """

    class Purpose(models.TextChoices):
        SIGN = "sign", _("Ký")
        SEAL = "seal", _("Ký số của cơ quan")
        ATTACHMENT = "attachment", _("Ký số tệp kèm theo")

    copy = models.ForeignKey(SigningCopy, on_delete=models.PROTECT, related_name="key_uses")
    purpose = models.CharField(max_length=10, choices=Purpose)
    field = models.CharField(max_length=200, blank=True)  # blank: a detached signature
    attachment = models.ForeignKey(
        DraftAttachment, null=True, on_delete=models.PROTECT, related_name="key_uses"
    )
    # The use that seals the document of which this is an attachment.
    seal = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="attachment_uses"
    )
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="uses")
    mandate = models.ForeignKey(Mandate, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    digest_before = models.CharField(max_length=64)
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()  # of the person's claim, then of the worker's
    result = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    timestamp_pending = models.BooleanField(default=False)
    validation_data_pending = models.BooleanField(default=False)
    last_problem = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)  # without result: it came to nothing

    # A key that answers elsewhere or later. The use of the document itself holds what is asked
    # and answered for all files of the act; no secret, and nothing to sign anew with.
    ends_at = models.DateTimeField(null=True)  # until then the person may answer
    next_look_at = models.DateTimeField(null=True)  # when the worker looks after it next
    looks = models.PositiveSmallIntegerField(default=0)
    prepared = models.BinaryField(null=True)  # the revision that waits for the value
    asked = models.JSONField(null=True)  # `PendingSigning.as_dict()`
    response_id = models.CharField(max_length=200, blank=True)
    values = models.JSONField(null=True)  # signature values that came, checked, in base64
    # The file that the holder's own program was given, and what it brought back, checked.
    sent = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    returned = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")

    objects = KeyUseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "purpose"],
                condition=Q(settled_at=None, attachment=None),
                name="one_open_use_of_a_copy",
            )
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(timestamp_pending=True) | Q(validation_data_pending=True),
                name="key_use_pending",
            ),
            models.Index(
                fields=["next_look_at"],
                condition=Q(settled_at=None),
                name="key_use_waiting",
            ),
            models.Index(
                fields=["response_id"], condition=~Q(response_id=""), name="key_use_asked"
            ),
        ]

    @property
    def is_pending(self) -> bool:
        return self.timestamp_pending or self.validation_data_pending

    @property
    def control_code(self) -> str:
        """The six digits that stand on the page and on the telephone, in two groups."""
        code = str((self.asked or {}).get("control_code", ""))
        return f"{code[:3]} {code[3:]}".strip()


class PluginTicket(models.Model):
    """What the Government CA's program may fetch once and bring back once, without a session.

    Its two tokens stand in addresses that only the page and the program are told; here are
    their digests. `chauban_pki.local_plugin` decides about the upload.
    """

    use = models.ForeignKey(KeyUse, on_delete=models.PROTECT, related_name="tickets")
    call = models.CharField(max_length=20)
    fetch_digest = models.CharField(max_length=64, unique=True)
    upload_digest = models.CharField(max_length=64, unique=True)
    ends_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class Task(models.Model):
    """Chuyển giao: who handles an incoming document, in which part, until when (Điều 23)."""

    class Part(models.TextChoices):
        LEAD = "lead", _("Chủ trì")
        COOPERATE = "cooperate", _("Phối hợp")
        INFORM = "inform", _("Để biết")

    class State(models.TextChoices):
        ASSIGNED = "assigned", _("Chưa thực hiện")
        IN_PROGRESS = "in-progress", _("Đang thực hiện")
        DONE = "done", _("Hoàn thành")
        STOPPED = "stopped", _("Đã dừng: văn bản bị thu hồi")

    document = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="tasks")
    part = models.CharField(max_length=10, choices=Part)
    assignee = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="tasks")
    instruction = models.TextField(blank=True)
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.ASSIGNED)
    assigned_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)  # what the handler reports

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(part="lead"), name="one_lead_per_document"
            ),
            models.UniqueConstraint(fields=["document", "assignee"], name="one_task_per_person"),
        ]
        indexes = [models.Index(fields=["assignee", "state", "due_on"])]


class RoutingRule(Dated):
    """Whom a body's incoming documents of some sort are proposed to (Điều 23.2, 24.2).

    It proposes and never routes. What is blank matches all; a rule that asks more wins.
    """

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="routing_rules")
    sender = models.CharField(max_length=200, blank=True)  # words of the sender's name, or its code
    kind_name = models.CharField(max_length=100, blank=True)
    words = models.CharField(max_length=200, blank=True)  # words of the subject: the field
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    working_days = models.PositiveSmallIntegerField(null=True)  # from the day of registration
    instruction = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, unit=None) | Q(post=None, unit__isnull=False),
                name="a_rule_names_one_receiver",
            )
        ]

    def __str__(self) -> str:
        """Whom it proposes."""
        return str(self.post or self.unit)


class DraftTemplate(Dated):
    """A text of a body's own that drafts of one kind begin from; a changed one is another row."""

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="draft_templates")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    subject = models.CharField(max_length=500, blank=True)
    content = models.JSONField()  # `letters.Content`

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_name(self) -> str:
        return kinds.kind(self.kind).name


class Answer(models.Model):
    """The reply is a document of its own, linked to what it answers (Điều 24)."""

    incoming = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="replies")
    outgoing = models.ForeignKey(OutgoingDocument, on_delete=models.PROTECT, related_name="answers")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incoming", "outgoing"], name="one_link")]

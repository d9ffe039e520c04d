from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.directory.models import IssuingBody, Post
from chauban.registers.models import IncomingDocument, Priority
from chauban.trust.models import Mandate
from chauban.workflow.actions import Addressee, Written
from chauban.workflow.letters import Content
from chauban.workflow.models import Draft, Task
from chauban.workflow.routing import Assignment
from chauban_docform.kinds import KINDS
from chauban_docform.typesetting import FORMS

KIND_CHOICES = [(it.code, it.name) for it in KINDS.values() if it.template in FORMS]


class MandateField(forms.ModelChoiceField):
    def label_from_instance(self, mandate: Mandate) -> str:
        lines = ", ".join(mandate.authority_lines)
        return f"{mandate.body.name}: {lines}, {mandate.person.full_name}"


class DraftForm(forms.Form):
    """What a drafter states; the mandate names the issuing body and the signatory."""

    mandate = MandateField(Mandate.objects.none(), label=_("Cơ quan ban hành và người ký"))
    kind = forms.ChoiceField(label=_("Tên loại văn bản"), choices=KIND_CHOICES)
    subject = forms.CharField(label=_("Trích yếu nội dung"), max_length=500)
    notation = forms.CharField(
        label=_("Ký hiệu (để trống: hệ thống tự đặt)"), max_length=30, required=False
    )
    addressees = forms.CharField(
        label=_("Kính gửi (mỗi dòng một nơi)"), required=False, widget=forms.Textarea
    )
    bases = forms.CharField(
        label=_("Căn cứ (mỗi dòng một căn cứ)"), required=False, widget=forms.Textarea
    )
    body_text = forms.CharField(label=_("Nội dung"), widget=forms.Textarea)
    to_places = forms.CharField(label=_("Nơi nhận (mỗi dòng một nơi)"), widget=forms.Textarea)
    archive_line = forms.CharField(label=_("Lưu"), max_length=60, initial="VT")
    priority = forms.TypedChoiceField(
        label=_("Mức độ khẩn"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    due_on = forms.DateField(
        label=_("Hạn trả lời"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    recipients = forms.ModelMultipleChoiceField(
        IssuingBody.objects.none(),
        label=_("Nơi nhận qua trục liên thông"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, officer: Officer, day: date, **values: Any) -> None:
        super().__init__(*args, **values)
        self.day = day
        agency = officer.agency
        of_agency = Mandate.objects.filter(body__agency=agency) | Mandate.objects.filter(
            post__agency=agency
        )
        self.fields["mandate"].queryset = (
            of_agency.as_of(day).select_related("body__agency", "person", "post").order_by("pk")
        )
        self.fields["recipients"].queryset = (
            IssuingBody.objects.as_of(day).exclude(agency=agency).order_by("pk")
        )

    @classmethod
    def initial_of(cls, draft: Draft) -> dict[str, Any]:
        """What the form shows of a draft's newest version."""
        content = Content.of_json(draft.newest_version.content)
        return {
            "mandate": draft.mandate_id,
            "kind": draft.kind,
            "subject": draft.subject,
            "notation": draft.notation,
            "addressees": "\n".join(content.addressees),
            "bases": "\n".join(content.bases),
            "body_text": content.body,
            "to_places": "\n".join(content.to_places),
            "archive_line": content.archive_line,
            "priority": draft.priority,
            "due_on": draft.due_on,
            "recipients": [it.body_id for it in draft.recipients.all() if it.body_id],
            "seen_at": draft.changed_at.isoformat(),
        }

    def written(self, *, answers: IncomingDocument | None) -> Written:
        """What was stated, for `create_draft` and `revise_draft`."""
        given = self.cleaned_data
        content = Content(
            body=given["body_text"],
            bases=_lines(given["bases"]),
            addressees=_lines(given["addressees"]),
            to_places=_lines(given["to_places"]),
            archive_line=given["archive_line"],
        )
        return Written(
            body=given["mandate"].body,
            mandate=given["mandate"],
            kind=given["kind"],
            subject=given["subject"],
            content=content,
            recipients=tuple(Addressee.of(body, self.day) for body in given["recipients"]),
            notation=given["notation"].strip(),
            priority=given["priority"],
            due_on=given["due_on"],
            answers=answers,
        )


class AttachmentForm(forms.Form):
    file = forms.FileField(label=_("Tệp kèm theo"), allow_empty_file=True)


class StepForm(forms.Form):
    """A step that needs no key: the person's words, and the state of the draft he saw."""

    comment = forms.CharField(
        label=_("Ý kiến"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen_at = forms.CharField(widget=forms.HiddenInput)


class KeyForm(forms.Form):
    """A confirmation with a key: the pages seen, by digest, and the PIN."""

    pin = forms.CharField(
        label=_("Mã PIN"),
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    shown = forms.CharField(widget=forms.HiddenInput)


class RouteForm(forms.Form):
    """Ý kiến phân phối, chỉ đạo: who leads, cooperates, is informed, until when (Điều 23)."""

    lead = forms.ModelChoiceField(Post.objects.none(), label=_("Chủ trì"), required=False)
    cooperate = forms.ModelMultipleChoiceField(
        Post.objects.none(), label=_("Phối hợp"), required=False
    )
    inform = forms.ModelMultipleChoiceField(Post.objects.none(), label=_("Để biết"), required=False)
    instruction = forms.CharField(
        label=_("Ý kiến chỉ đạo"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = forms.DateField(
        label=_("Thời hạn giải quyết"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, document: IncomingDocument, day: date, **values: Any) -> None:
        super().__init__(*args, **values)
        posts = (
            Post.objects.as_of(day)
            .filter(agency=document.body.agency_id)
            .exclude(tasks__document=document)
            .select_related("person", "unit")
            .order_by("pk")
        )
        for name in ("lead", "cooperate", "inform"):
            self.fields[name].queryset = posts

    def assignments(self) -> list[Assignment]:
        """What was instructed; information carries no deadline."""
        given = self.cleaned_data
        words, due_on = given["instruction"], given["due_on"]
        lead = [given["lead"]] if given["lead"] else []
        return [
            *(Assignment(Task.Part.LEAD, it, words, due_on) for it in lead),
            *(Assignment(Task.Part.COOPERATE, it, words, due_on) for it in given["cooperate"]),
            *(Assignment(Task.Part.INFORM, it, words) for it in given["inform"]),
        ]


class ResultForm(forms.Form):
    result = forms.CharField(
        label=_("Kết quả"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())

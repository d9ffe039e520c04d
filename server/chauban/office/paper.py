"""The clerk's page for documents that come on paper: one after the other, by keyboard."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.accounts.rights import Permission, require
from chauban.directory.models import IssuingBody
from chauban.directory.rules import HANOI, legal_day
from chauban.registers.actions import Received
from chauban.registers.errors import CodeRepeats, RegisterError
from chauban.registers.models import IncomingDocument, Priority
from chauban.workflow.errors import WorkflowError
from chauban.workflow.paper import register_paper
from chauban.workflow.routing_rules import facts_of, proposal_for
from chauban.workflow.words import explain
from chauban_docform.kinds import KINDS

NEWEST_SHOWN = 10
SENDERS_OFFERED = 60
Acceptance = IncomingDocument.Acceptance


class PaperForm(forms.Form):
    """What stands on the paper, in the order in which a clerk reads it (PL IV.VI)."""

    body = forms.ModelChoiceField(
        IssuingBody.objects.none(), label=_("Gửi đến"), empty_label=None, to_field_name="key"
    )
    sender_name = forms.CharField(
        label=_("Cơ quan ban hành"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "senders", "autofocus": True}),
    )
    code = forms.CharField(
        label=_("Số, ký hiệu"), max_length=50, help_text=_("Như ghi trên văn bản: 12/QĐ-UBND.")
    )
    promulgated_on = forms.DateField(
        label=_("Ngày văn bản"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    kind_name = forms.ChoiceField(
        label=_("Tên loại"), choices=[(it.name, it.name) for it in KINDS.values()],
        initial=KINDS["cong_van"].name,
    )  # fmt: skip
    subject = forms.CharField(
        label=_("Trích yếu nội dung"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    signer_name = forms.CharField(label=_("Người ký"), max_length=50, required=False)
    priority = forms.TypedChoiceField(
        label=_("Mức độ khẩn"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    due_on = forms.DateField(
        label=_("Hạn trả lời"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    arrived_on = forms.DateField(
        label=_("Ngày đến"), widget=forms.DateInput(attrs={"type": "date"})
    )
    scan = forms.FileField(
        label=_("Bản quét (PDF)"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"empty": _("Tệp rỗng. Hãy quét lại.")},
    )
    remark = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)
    is_another = forms.BooleanField(
        label=_("Là văn bản khác, dù trùng số, ký hiệu và cơ quan ban hành"), required=False
    )

    def __init__(self, *args: Any, bodies: Any, today: date, **values: Any) -> None:
        super().__init__(*args, **values)
        self.today = today
        self.fields["body"].queryset = bodies
        self.fields["arrived_on"].initial = today

    def clean_arrived_on(self) -> date:
        day = self.cleaned_data["arrived_on"]
        if day > self.today:
            raise forms.ValidationError(gettext("Ngày đến chưa tới. Hãy sửa lại ngày."))
        return day

    def received(self, now: datetime) -> Received:
        """What is registered; a document of an earlier day counts as come at noon of it."""
        given = self.cleaned_data
        number, _slash, notation = given["code"].partition("/")
        arrived_on = given["arrived_on"]
        is_today = arrived_on == legal_day(now)
        return Received(
            sender_name=given["sender_name"],
            code_number=number.strip()[:20],
            code_notation=notation.strip()[:30],
            kind_name=given["kind_name"],
            subject=given["subject"],
            acceptance=Acceptance.PAPER,
            arrived_at=now if is_today else datetime.combine(arrived_on, time(12), HANOI),
            promulgated_on=given["promulgated_on"],
            signer_name=given["signer_name"],
            priority=given["priority"],
            due_on=given["due_on"],
            remark=given["remark"],
        )


@login_required
def paper_arrivals(request: HttpRequest) -> HttpResponse:
    """Register one; then the same page again, with its number and the stamp to fill in."""
    now, officer = timezone.now(), require(request.officer, Permission.REGISTER_INCOMING)
    today = legal_day(now)
    bodies = IssuingBody.objects.as_of(today).filter(agency=officer.agency_id)
    form = PaperForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        bodies=bodies,
        today=today,
        initial={key: request.GET[key] for key in ("body", "arrived_on") if key in request.GET},
    )
    repeats = False
    if request.method == "POST" and form.is_valid():
        try:
            return _registered(request, form, now)
        except (RegisterError, WorkflowError) as refusal:
            repeats = isinstance(refusal, CodeRepeats)
            field = "code" if isinstance(refusal, RegisterError) else None
            form.add_error(field, str(explain(refusal)))
    done = request.GET.get("done", "")
    found = IncomingDocument.objects.filter(body__agency=officer.agency_id)
    paper = found.filter(acceptance=Acceptance.PAPER).select_related("body__agency")
    last = paper.filter(pk=int(done)).first() if done.isdecimal() and len(done) < 19 else None
    senders = found.order_by("-pk").values_list("sender_name", flat=True)[:SENDERS_OFFERED]
    context = {
        "form": form,
        "several": len(form.fields["body"].queryset) > 1,
        "repeats": repeats,
        "last": last,
        "proposal": proposal_for(last.body, facts_of(last), today) if last else None,
        "senders": sorted(set(senders)),
        "newest": paper.order_by("-pk")[:NEWEST_SHOWN],
    }
    status = 422 if form.is_bound else 200
    return render(request, "office/paper_arrivals.html", context, status=status)


@transaction.atomic
def _registered(request: HttpRequest, form: PaperForm, now: datetime) -> HttpResponse:
    given = form.cleaned_data
    document = register_paper(
        form.received(now),
        body=given["body"],
        scan=given["scan"],
        scan_name=given["scan"].name if given["scan"] else "",
        limit_bytes=settings.MAX_UPLOAD_BYTES,
        is_another=given["is_another"],
        officer=request.officer,
        now=now,
    )
    kept = {"done": document.pk, "body": given["body"].key}
    if given["arrived_on"] != legal_day(now):
        kept["arrived_on"] = given["arrived_on"].isoformat()
    return redirect(f"{reverse('office:paper-arrivals')}?{urlencode(kept)}")

from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chauban.accounts.officers import Officer
from chauban.directory.models import AgencyLevel, IssuingBody, OutsideOrganisation, Post
from chauban.registers.models import IncomingDocument, OutgoingDocument, Priority
from chauban.trust.models import Mandate
from chauban.ui.matching import is_match
from chauban.workflow.drafting import Addressee, Written
from chauban.workflow.letters import Content
from chauban.workflow.models import Draft, Task
from chauban.workflow.routing import Assignment
from chauban.workflow.routing_rules import Proposal, facts_of, proposal_for
from chauban.workflow.rules import DRAFTED

KIND_CHOICES = [(it.code, it.name) for it in DRAFTED.values()]


_SEVERAL = ("recipients", "outside", "groups")
# Of 125,000 organisations that an axis lists, as many as one looks through.
OUTSIDE_SHOWN = 20
# Whom one may write to at once, in the order of the picker.
GROUPS = {
    "city": _("Cấp thành phố"),
    "department": _("Sở, ban, ngành"),
    "commune": _("Ủy ban nhân dân phường, xã"),
    "commune-other": _("Hội đồng nhân dân, văn phòng của phường, xã"),
    "outside": _("Cơ quan ngoài hệ thống"),
}


class MandateField(forms.ModelChoiceField):
    def label_from_instance(self, mandate: Mandate) -> str:
        lines = ", ".join(mandate.authority_lines)
        return f"{mandate.body.name}: {lines}, {mandate.person.full_name}"


@dataclass(frozen=True)
class RecipientGroup:
    """What a page offers of one group: keys and names of bodies, and whether each is chosen."""

    key: str
    name: str
    total: int
    is_whole: bool
    chosen: int
    bodies: tuple[tuple[str, str, bool], ...]


def _group_of(level: str, symbol: str) -> str:
    is_other = level == AgencyLevel.COMMUNE and symbol != "UBND"
    return "commune-other" if is_other else level


def _lines_box(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DraftForm(forms.Form):
    """What a drafter states; the mandate names the issuing body and the signatory."""

    mandate = MandateField(
        Mandate.objects.none(), label=_("Cơ quan ban hành và người ký"), empty_label=_("Hãy chọn")
    )
    kind = forms.ChoiceField(label=_("Tên loại văn bản"), choices=KIND_CHOICES, initial="cong_van")
    subject = forms.CharField(
        label=_("Trích yếu nội dung"),
        max_length=500,
        help_text=_("Một câu ngắn gọn; công văn không cần ghi “V/v”."),
    )
    notation = forms.CharField(
        label=_("Ký hiệu"),
        max_length=30,
        required=False,
        help_text=_("Để trống thì hệ thống tự đặt theo tên loại và cơ quan ban hành."),
    )
    addressees = forms.CharField(
        label=_("Kính gửi"), required=False, help_text=_("Mỗi dòng một nơi."), widget=_lines_box(2)
    )
    bases = forms.CharField(
        label=_("Căn cứ"),
        required=False,
        help_text=_("Mỗi dòng một căn cứ; dùng cho quyết định."),
        widget=_lines_box(3),
    )
    body_text = forms.CharField(
        label=_("Nội dung"),
        help_text=_(
            "Mỗi đoạn một dòng. Dòng bắt đầu bằng “Điều 1.”, “I. TIÊU ĐỀ”, “1.” hoặc “a)” được"
            " trình bày theo Phụ lục I Nghị định 30/2020/NĐ-CP."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "class": "tall"}),
    )
    to_places = forms.CharField(
        label=_("Nơi nhận ghi trong văn bản"),
        help_text=_("Mỗi dòng một nơi."),
        widget=_lines_box(3),
    )
    archive_line = forms.CharField(label=_("Lưu"), max_length=60, initial="VT")
    priority = forms.TypedChoiceField(
        label=_("Mức độ khẩn"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    due_on = forms.DateField(
        label=_("Hạn trả lời"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    recipients = forms.ModelMultipleChoiceField(
        IssuingBody.objects.none(), label=_("Nơi nhận"), required=False
    )
    outside = forms.ModelMultipleChoiceField(
        OutsideOrganisation.objects.all(),
        to_field_name="code",
        label=_("Cơ quan khác trên trục liên thông"),
        required=False,
    )
    groups = forms.MultipleChoiceField(
        label=_("Gửi cả nhóm"), choices=list(GROUPS.items()), required=False
    )
    looked_for = forms.CharField(
        label=_("Tìm nơi nhận"),
        required=False,
        help_text=_("Gõ tên có dấu hoặc không dấu, hoặc mã định danh. Nơi đã chọn luôn được giữ."),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, officer: Officer, day: date, **values: Any) -> None:
        super().__init__(*args, **values)
        self.day = day
        agency = officer.agency
        if unit := officer.post.unit:  # PL I II.9: the registry, then the drafting unit
            self.fields["archive_line"].initial = f"VT, {unit.symbol}"
        of_agency = Mandate.objects.filter(body__agency=agency) | Mandate.objects.filter(
            post__agency=agency
        )
        self.fields["mandate"].queryset = (
            of_agency.as_of(day).select_related("body__agency", "person", "post").order_by("pk")
        )
        self.fields["recipients"].queryset = (
            IssuingBody.objects.as_of(day)
            .exclude(agency=agency)
            .select_related("agency")
            .order_by("pk")
        )

    def as_typed(self) -> "DraftForm":
        """The same form, not yet to be judged: someone looks for recipients while writing."""
        typed = {
            name: self.data.getlist(name) if name in _SEVERAL else self.data.get(name)
            for name in self.fields
            if name in self.data
        }
        form = copy(self)
        form.is_bound, form.data, form.initial = False, {}, typed
        form._bound_fields_cache = {}
        return form

    def recipient_groups(self) -> list[RecipientGroup]:
        """What the picker shows, by level: the chosen, and those that are looked for."""
        chosen = {str(pk) for pk in self["recipients"].value() or ()}
        whole = set(self["groups"].value() or ())
        wanted = self["looked_for"].value() or ""
        by_group: dict[str, list[tuple[str, str, bool]]] = {}
        for pk, name, *kind in self._offered("name"):
            by_group.setdefault(_group_of(*kind), []).append((str(pk), name, str(pk) in chosen))
        return [
            RecipientGroup(
                key=key,
                name=str(name),
                total=len(by_group[key]),
                is_whole=key in whole,
                chosen=sum(is_chosen for _pk, _name, is_chosen in by_group[key]),
                bodies=tuple(one for one in by_group[key] if one[2] or is_match(wanted, one[1])),
            )
            for key, name in GROUPS.items()
            if key in by_group
        ]

    def _offered(self, *columns: str) -> QuerySet[IssuingBody, tuple[Any, ...]]:
        """Of each body that one may write to its key, the columns, and what its group goes by."""
        bodies = self.fields["recipients"].queryset
        return bodies.values_list("pk", *columns, "agency__level", "symbol")

    def outside_found(self) -> list[tuple[OutsideOrganisation, bool]]:
        """Organisations outside the directory: the chosen, then some that are looked for."""
        codes = [str(code) for code in self["outside"].value() or ()]
        chosen = list(OutsideOrganisation.objects.filter(code__in=codes).order_by("name", "code"))
        wanted = (self["looked_for"].value() or "").strip()
        if not wanted:
            return [(one, True) for one in chosen]
        found = OutsideOrganisation.objects.listed().matching(wanted).exclude(code__in=codes)
        return [(one, True) for one in chosen] + [(one, False) for one in found[:OUTSIDE_SHOWN]]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if groups := given.get("groups"):
            whole = [pk for pk, *kind in self._offered() if _group_of(*kind) in groups]
            offered = self.fields["recipients"].queryset
            given["recipients"] = given["recipients"] | offered.filter(pk__in=whole)
        return given

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
            "outside": [it.organ_id for it in draft.recipients.all() if not it.body_id],
            "seen_at": draft.changed_at.isoformat(),
        }

    def written(
        self,
        *,
        answers: IncomingDocument | None,
        succeeds: OutgoingDocument | None = None,
        succession: str = "",
    ) -> Written:
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
            recipients=(
                *(Addressee.of(body, self.day) for body in given["recipients"]),
                *(Addressee.listed(one) for one in given["outside"]),
            ),
            notation=given["notation"].strip(),
            priority=given["priority"],
            due_on=given["due_on"],
            answers=answers,
            succeeds=succeeds,
            succession=succession,
        )


class AttachmentForm(forms.Form):
    file = forms.FileField(
        label=_("Chọn tệp"),
        help_text=_("Tệp PDF được ký số ngay trong tệp; tệp khác có chữ ký số rời .p7s đi kèm."),
        allow_empty_file=True,
    )


class StepForm(forms.Form):
    """A step that needs no key: the person's words, and the state of the draft he saw."""

    comment = forms.CharField(
        label=_("Ý kiến"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    seen_at = forms.CharField(widget=forms.HiddenInput)


class SeenForm(forms.Form):
    """What a person confirms elsewhere: on his telephone, or with his own program."""

    shown = forms.CharField(widget=forms.HiddenInput)


class KeyForm(forms.Form):
    """A confirmation with a key: the pages seen, by digest, and the PIN."""

    pin = forms.CharField(
        label=_("Mã PIN"),
        max_length=64,
        strip=False,
        help_text=_("Mã PIN của chứng thư số; chỉ dùng cho lần xác nhận này."),
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "code"}
        ),
    )
    shown = forms.CharField(widget=forms.HiddenInput)


class PostsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, post: Post) -> str:
        return f"{post.person.full_name}, {post.title}"


class RouteForm(forms.Form):
    """Ý kiến phân phối, chỉ đạo: who leads, cooperates, is informed, until when (Điều 23)."""

    lead = forms.ModelChoiceField(Post.objects.none(), label=_("Chủ trì"), required=False)
    cooperate = PostsField(Post.objects.none(), label=_("Phối hợp"), required=False)
    inform = PostsField(Post.objects.none(), label=_("Để biết"), required=False)
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
        label = self.fields["inform"].label_from_instance  # type: ignore[attr-defined]
        named = cache(lambda: [(post.pk, label(post)) for post in posts])
        for name in ("lead", "cooperate", "inform"):
            self.fields[name].queryset = posts
            self.fields[name].choices = named  # one question for the three
        self.fields["lead"].choices = lambda: [("", _("Chưa chọn")), *named()]
        if document.state == IncomingDocument.State.REGISTERED:
            self._propose(proposal_for(document.body, facts_of(document), day))

    def _propose(self, proposal: Proposal | None) -> None:
        """Fill in what a rule proposes, and say why; the officer decides."""
        if proposal is None or proposal.post is None:
            return
        self.initial |= {
            "lead": proposal.post,
            "due_on": proposal.due_on,
            "instruction": proposal.rule.instruction,
        }
        self.fields["lead"].help_text = _("Gợi ý theo quy tắc: %(reason)s.") % {
            "reason": proposal.reason
        }

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

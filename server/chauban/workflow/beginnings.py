"""What a draft may begin with: the words of Phụ lục III's forms, and texts of the body's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from chauban.accounts.officers import Officer
from chauban.accounts.rights import Permission, require
from chauban.directory.models import IssuingBody
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.recording import record
from chauban.workflow.drafting import require_unmarked
from chauban.workflow.errors import TemplateReplaced
from chauban.workflow.letters import Content
from chauban.workflow.models import DraftTemplate
from chauban.workflow.rules import DRAFTED
from chauban_docform.errors import KindNotTypeset
from chauban_docform.wording import wording_of


@dataclass(frozen=True)
class Beginning:
    """A text to begin with; `key` names it in an address."""

    key: str
    name: str
    kind: str
    subject: str
    content: Content


@transaction.atomic
def set_template(
    body: IssuingBody,
    *,
    kind: str,
    name: str,
    subject: str,
    content: Content,
    officer: Officer,
    now: datetime,
) -> DraftTemplate:
    """Let drafts of a kind in the name of body begin with this text, from today on.

    Raises:
        NotAllowed
        KindNotTypeset: documents of that kind are not drafted here.
        SecretMarking: a text bears a mark of secrecy.
    """
    require(officer, Permission.SET_TEMPLATES, body)
    if kind not in DRAFTED:
        raise KindNotTypeset(kind)
    require_unmarked({"name": name, "subject": subject, "content": "\n".join(content.texts())})
    template = DraftTemplate.objects.create(
        body=body,
        kind=kind,
        name=name,
        subject=subject,
        content=content.as_json(),
        valid_from=legal_day(now),
    )
    record(ActKind.TEMPLATE_SET, on=template, by=officer, at=now, body=body.pk)
    return template


@transaction.atomic
def revise_template(
    template: DraftTemplate, *, officer: Officer, now: datetime, **given: Any
) -> DraftTemplate:
    """Put another text in a template's place; drafts begun from it stay.

    Raises: as both, and TemplateReplaced: somebody has done so meanwhile.
    """
    if not end_template(template, officer=officer, now=now):
        raise TemplateReplaced
    return set_template(template.body, officer=officer, now=now, **given)


@transaction.atomic
def end_template(template: DraftTemplate, *, officer: Officer, now: datetime) -> bool:
    """Offer a template no more, from today on. False: it was not any more. Raises: NotAllowed."""
    require(officer, Permission.SET_TEMPLATES, template.body)
    standing = DraftTemplate.objects.filter(pk=template.pk, valid_to=None)
    is_ended = bool(standing.update(valid_to=max(legal_day(now), template.valid_from)))
    if is_ended:
        record(ActKind.TEMPLATE_ENDED, on=template, by=officer, at=now)
    return is_ended


def beginnings_for(officer: Officer, day: date) -> list[Beginning]:
    """What the officer's new draft may begin with: of his agency's bodies, then the decree's."""
    own = DraftTemplate.objects.as_of(day).filter(body__agency=officer.agency_id)
    return [*map(_of_template, own), *_of_the_decree(officer.agency.name)]


def beginning(key: str, officer: Officer, day: date) -> Beginning | None:
    return next((one for one in beginnings_for(officer, day) if one.key == key), None)


def stated(begun: Beginning) -> Mapping[str, Any]:
    """What the form of a draft shows of it; what it leaves open is not there."""
    content = begun.content
    shown = {
        "kind": begun.kind,
        "subject": begun.subject,
        "body_text": content.body,
        "bases": "\n".join(content.bases),
        "addressees": "\n".join(content.addressees),
        "to_places": "\n".join(content.to_places),
    }
    return {name: value for name, value in shown.items() if value}


def _of_template(template: DraftTemplate) -> Beginning:
    content = Content.of_json(template.content)
    return Beginning(f"own-{template.pk}", template.name, template.kind, template.subject, content)


def _of_the_decree(issuer: str) -> list[Beginning]:
    return [
        Beginning(f"form-{code}", kind.name, code, "", Content(body=text))
        for code, kind in DRAFTED.items()
        if (text := wording_of(code, issuer=issuer))
    ]

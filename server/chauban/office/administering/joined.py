"""Acts of the administrator's pages that join acts of several apps, all or none."""

from datetime import datetime
from typing import Any

from cryptography import x509
from django.utils import timezone
from django.utils.translation import gettext

from chauban.accounts.changing import people
from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, Permission
from chauban.blobs import store
from chauban.directory.models import Agency, IssuingBody, Person, Post
from chauban.directory.rules import legal_day
from chauban.office.administering.acting import Told
from chauban.office.administering.subjects import url_of
from chauban.registers import numbering
from chauban.trust import actions as trust
from chauban.trust import registering
from chauban.trust.models import Mandate
from chauban.workflow import beginnings, routing_rules
from chauban.workflow.letters import Content
from chauban.workflow.models import DraftTemplate, RoutingRule
from chauban.workflow.proposing import Condition


def appoint(agency: Agency, *, person: Person, **given: Any) -> Told:
    people.appoint(person, agency=agency, **given)
    return Told(
        gettext("Đã giao chức danh cho %(name)s.") % {"name": person.full_name},
        url_of("person", person.pk),
    )


def grant(body: IssuingBody, *, kinds: list[str], post: Post, **given: Any) -> Mandate:
    return trust.grant_mandate(post, body=body, kinds=tuple(kinds), **given)


def begin(body: IssuingBody, *, group: str, **given: Any) -> None:
    if group == "arrivals":
        numbering.begin_arrivals(body, **given)
        return
    found = next(it for it in numbering.stored_groups_of(body) if it.name == group)
    numbering.begin_series(found, **given)


def set_rule(
    body: IssuingBody, *, sender: str, kind_name: str, words: str, **given: Any
) -> RoutingRule:
    return routing_rules.set_routing_rule(body, Condition(sender, kind_name, words), **given)


def enter_certificate(
    holder: Person | IssuingBody,
    *,
    certificate: list[x509.Certificate],
    picture: bytes | None,
    officer: Officer,
    now: datetime,
    **given: Any,
) -> Told:
    """Enter a certificate and the authorities that came with it; say what is to be looked at.

    Raises: NotAllowed: who administers enters none for himself (QCVN 12:2026/BCA Q6, Q9).
    """
    if holder == officer.person:
        raise NotAllowed(officer, Permission.MANAGE_TRUST)
    leaf, *issuers = certificate
    for one in issuers:
        trust.store_authority(one, officer=officer, now=now)
    blob = store.put(picture, now=now) if picture else None
    entered = registering.enter_certificate(
        leaf, holder=holder, picture=blob, officer=officer, now=now, **given
    )
    words = [gettext("Đã ghi chứng thư số."), *(one.vi for one in entered.warnings)]
    return Told(" ".join(words))


def set_template(body: IssuingBody, **given: Any) -> DraftTemplate:
    return beginnings.set_template(body, **_with_content(**given))


def revise_template(template: DraftTemplate, **given: Any) -> DraftTemplate:
    return beginnings.revise_template(template, **_with_content(**given))


def _with_content(
    *,
    text: str,
    bases: tuple[str, ...],
    addressees: tuple[str, ...],
    to_places: tuple[str, ...],
    **given: Any,
) -> dict[str, Any]:
    content = Content(body=text, bases=bases, addressees=addressees, to_places=to_places)
    return {**given, "content": content}


def what_ends(agency: Agency) -> list[str]:
    """What is still open where an agency is to end: to be finished or handed over before."""
    today = legal_day(timezone.now())
    counted = (
        (gettext("Chức danh kết thúc: %(n)d"), agency.posts.as_of(today)),
        (gettext("Đơn vị kết thúc: %(n)d"), agency.units.as_of(today)),
        (gettext("Cơ quan trực thuộc còn hoạt động: %(n)d"), agency.children.as_of(today)),
        (gettext("Dự thảo chưa phát hành: %(n)d"), agency.drafts.exclude(state="issued")),
    )
    return [words % {"n": rows.count()} for words, rows in counted]

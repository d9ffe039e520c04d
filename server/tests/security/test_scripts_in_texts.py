"""Texts that people and other systems write are shown as texts, on every page."""

import pytest
from django.urls import reverse

from chauban.directory.models import Agency, IssuingBody, Person, Post
from chauban.exchange.models import (
    DeliveredFile,
    Delivery,
    IncomingMessage,
    OutgoingMessage,
    ReceivedStatus,
    Recipient,
)
from chauban.registers.models import IncomingDocument, IncomingFile, OutgoingDocument, OutgoingFile
from chauban.workflow.models import (
    Check,
    Draft,
    DraftAttachment,
    DraftRecipient,
    Opinion,
    OpinionRound,
    Task,
)
from tests.security.addresses import ADDRESSES, path_to, round_of
from tests.ui.test_pages import Outline

pytestmark = pytest.mark.django_db

SCRIPT = "\"'></textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>"
TEXTS = {
    Agency: ("name",),
    IssuingBody: ("name",),
    Person: ("full_name",),
    Post: ("title",),
    Draft: ("subject",),
    DraftAttachment: ("name",),
    DraftRecipient: ("name",),
    Check: ("comment",),
    Task: ("instruction", "result"),
    Opinion: ("words", "explanation"),
    OpinionRound: ("question",),
    OutgoingDocument: ("subject", "signer_name", "signer_position"),
    OutgoingFile: ("name",),
    IncomingDocument: ("subject", "sender_name", "signer_name", "kind_name"),
    IncomingFile: ("name",),
    Delivery: ("return_reason",),
    DeliveredFile: ("name",),
    IncomingMessage: ("refusal_vi",),
    OutgoingMessage: ("error_detail",),
    Recipient: ("name", "refused_reason"),
    ReceivedStatus: ("description",),
}


def written_everywhere():
    for model, names in TEXTS.items():
        for row in model.objects.all():
            for name in names:
                width = model._meta.get_field(name).max_length or len(SCRIPT)
                setattr(row, name, SCRIPT[-width:] if width < len(SCRIPT) else SCRIPT)
            model.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names})
    for delivery in Delivery.objects.all():
        delivery.header |= {
            "sender_name": SCRIPT, "subject": SCRIPT, "code_notation": SCRIPT,
            "signer_name": SCRIPT, "signer_position": SCRIPT, "kind_name": SCRIPT,
            "to_places": [SCRIPT],
        }  # fmt: skip
        delivery.proposal_reasons = [{"code": "x", "vi": SCRIPT, "en": SCRIPT, "clause": SCRIPT}]
        delivery.save(update_fields=["header", "proposal_reasons"])


# No program waits, there are no receipts yet, nothing is owed and no factor is there to be shown.
LEAD_ON = {
    "workflow:program", "exchange:receipts", "accounts:second-factor", "mfa_index",
    "mfa_list_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "administering:appoint",
}  # fmt: skip


def test_a_script_in_any_text_is_shown_and_never_run(province, signed_in):
    round_of(province)
    written_everywhere()
    shown, run = 0, []
    for name, address in ADDRESSES.items():
        if address.posts:
            continue
        answer = signed_in(address.who).get(path_to(name, province), headers=address.headers)
        leads_on = name in LEAD_ON and answer.status_code == 302
        if leads_on or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        page = answer.content.decode()
        assert answer.status_code == 200, name
        shown += "&lt;img src=x onerror" in page
        if "<img src=x" in page or "<script>alert" in page or Outline(page).inline:
            run.append(name)
    assert not run
    assert shown > 10


@pytest.mark.parametrize(
    ("path", "field"),
    [("accounts:sign-in", "username"), ("accounts:sign-in", "next"), ("accounts:sign-in", "q")],
)
def test_a_script_in_an_address_is_shown_and_never_run(client, settings, path, field):
    settings.DEMO = True
    page = client.get(reverse(path), {field: SCRIPT}).content.decode()
    assert "<img src=x" not in page
    assert not Outline(page).inline


@pytest.mark.parametrize("path", ["registers:outgoing-register", "registers:incoming-register"])
@pytest.mark.parametrize("field", ["q", "body", "year", "before"])
def test_a_script_in_a_search_is_shown_and_never_run(signed_in, path, field):
    page = signed_in("van-thu.vp-ubnd").get(reverse(path), {field: SCRIPT}).content.decode()
    assert "<img src=x" not in page
    assert not Outline(page).inline


def test_a_script_in_a_refused_form_is_shown_and_never_run(province, signed_in):
    client = signed_in("chuyen-vien.vp-ubnd")
    typed = {"subject": SCRIPT, "body_text": SCRIPT, "addressees": SCRIPT, "to_places": SCRIPT}
    answer = client.post(reverse("workflow:new-draft"), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "&lt;img src=x onerror" in page
    assert "<img src=x" not in page
    assert not Outline(page).inline

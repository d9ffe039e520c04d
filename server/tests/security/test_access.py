"""Every address that takes an id: for whom it is meant, and for nobody else (PL VI III.3.b)."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from chauban.journal.models import Act
from tests.security.addresses import (
    ADDRESSES,
    ELSEWHERE,
    PUBLIC,
    SIGNED_CALLS,
    TICKETED,
    path_to,
    patterns,
)

pytestmark = pytest.mark.django_db


def ask(client, name, province):
    """Ask for an address; whatever it did is undone."""
    address = ADDRESSES[name]
    with transaction.atomic():
        acts = Act.objects.count()
        answer = (client.post if address.posts else client.get)(
            path_to(name, province), headers=address.headers
        )
        has_acted = Act.objects.count() != acts
        transaction.set_rollback(True)
    return answer, has_acted


def test_every_address_says_for_whom_it_is():
    assert {name for name, _ in patterns()} == (
        ADDRESSES.keys() | PUBLIC.keys() | SIGNED_CALLS | TICKETED.keys()
    )


def test_an_address_answers_those_for_whom_it_is_meant(province, signed_in):
    refused = []
    for name, address in ADDRESSES.items():
        answer, _ = ask(signed_in(address.who), name, province)
        # 409, 422: an empty form is looked at and sent back; without one there is no step (404).
        expected = (404,) if name == "workflow:take-step" else (200, 302, 409, 422)
        if answer.status_code not in expected:
            refused.append((name, answer.status_code))
    assert not refused


def test_an_address_answers_nobody_else(province, signed_in):
    let_in = []
    for name, address in ADDRESSES.items():
        others = () if address.is_anybodys else (ELSEWHERE, *address.others)
        for username in others:
            answer, has_acted = ask(signed_in(username), name, province)
            if answer.status_code not in (403, 404) or has_acted:
                let_in.append((name, username, answer.status_code))
    assert not let_in


def test_nobody_comes_in_without_signing_in(province):
    let_in = []
    for name, address in ADDRESSES.items():
        answer, has_acted = ask(Client(), name, province)
        is_led = answer.status_code == 302 and answer.url.startswith("/sign-in")
        # A part of a page that someone signed out of says nothing more.
        silent = (204, 404) if address.is_part else (403,)
        is_refused = answer.status_code in silent
        if not (is_led or is_refused) or has_acted:
            let_in.append((name, answer.status_code))
    assert not let_in


def test_a_number_that_no_row_can_have_is_not_found(province, signed_in):
    strange = []
    for name, pattern in patterns():
        converters = pattern.pattern.converters
        if not any(type(it).__name__ == "IntConverter" for it in converters.values()):
            continue
        for number in (0, 10**18, 10**30):
            given = {
                key: number if type(it).__name__ == "IntConverter" else "0" * 64
                for key, it in converters.items()
            }
            client = signed_in(ADDRESSES[name].who)
            path = reverse(name, kwargs=given)
            ask = client.post if ADDRESSES[name].posts else client.get
            answer = ask(path, headers=ADDRESSES[name].headers)
            if answer.status_code not in (403, 404):
                strange.append((name, number, answer.status_code))
    assert not strange


@pytest.mark.parametrize(
    "query",
    [
        "registers/outgoing?before=2026-11-23,999999999999999999999,1",
        f"registers/incoming?before={'9' * 5000}",
        f"registers/outgoing?q={'9' * 90}/QĐ",
        f"registers/incoming?q={'9' * 90}",
        "registers/outgoing?year=99999999999999999999&body=%00",
        "registers/outgoing?q=%00",
        f"drafts?page={'9' * 5000}",
        "desk/sign?page=%00",
        "desk?at=%00",
    ],
)
def test_a_query_that_makes_no_sense_is_no_error(signed_in, query):
    assert signed_in("pho-chu-tich.vp-ubnd").get(f"/{query}").status_code in (200, 404)


@pytest.mark.parametrize("answers", ["9" * 5000, "9" * 30, "-1", "x", "%00"])
def test_a_reply_to_no_document_is_not_begun(signed_in, answers):
    client = signed_in("chuyen-vien.vp-ubnd")
    assert client.get(f"/drafts/new?answers={answers}").status_code in (200, 404)


def test_every_form_needs_the_token_of_its_page(province, signed_in):
    """Only calls that carry a signature of their own do without."""
    without = set()
    for name, _ in patterns():
        path = path_to(name, province)
        client = signed_in(ADDRESSES[name].who if name in ADDRESSES else "van-thu.vp-ubnd")
        client.handler.enforce_csrf_checks = True
        acts = Act.objects.count()
        if client.post(path).status_code != 403:
            without.add(name)
        assert Act.objects.count() == acts, name
    # The file is fetched by GET alone; to a POST it answers 405. An upload without a good ticket
    # is refused with 403 as a form without its token is.
    assert without == SIGNED_CALLS | {"workflow:call-back"}

"""Receipts that an axis states of what we sent: kept once, checked, asked for again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chauban.axis.adapters.local import LocalGateway
from chauban.exchange.actions import issue
from chauban.exchange.keeping import (
    FIRST_PAUSE,
    GIVEN_UP,
    LONGEST_PAUSE,
    About,
    keep,
    missing,
    pause,
)
from chauban.exchange.models import OutgoingMessage, Receipt, Recipient, Statement
from chauban.exchange.ports import GatewayUnavailable, NotOffered
from chauban.exchange.receipts import Event, entry_text, sign_statement, statement_text
from chauban.exchange.receipts import Receipt as Stated
from chauban.exchange.sending import TRACK_AGAIN, TRACK_FIRST, send_next, track_next
from chauban.trust.demo import trust_demo_pki
from chauban_pki.credentials import KeyCredential
from chauban_pki.demo.authority import DemoAuthority
from tests.moments import NOW

pytestmark = pytest.mark.django_db
ABOUT = About("a" * 64, "H57.1", frozenset({"H57.2", "H57.3"}))
LATER = NOW + timedelta(hours=1)


def service(authority, name="Trục quốc gia"):
    made = authority.issue_service(
        name,
        password="a",
        valid_from=NOW - timedelta(days=1),
        valid_to=NOW + timedelta(days=9),
        key="p256",
    )
    return KeyCredential.load(made, "a")


@pytest.fixture
def axis_key(demo_pki):
    return service(demo_pki)


@pytest.fixture
def trusting(db, demo_pki):
    trust_demo_pki(demo_pki, now=NOW)


def state(credential, *events, about=ABOUT, at=NOW, **values):
    """Receipts of (event, recipient), under one statement."""
    said = {"package": "1", "digest": about.sha256, "sender": about.from_organ_id, **values}
    entries = [entry_text(event, recipient=to, at=at, **said) for event, to in events]
    text = statement_text(entries, node="N", made_at=at)
    signature = sign_statement(text, credential, now=at)
    return [Stated(entry, text, signature) for entry in entries]


HANDED_OVER = (Event.CONTENT_HANDOVER, "H57.2"), (Event.CONTENT_HANDOVER, "H57.3")


def kept():
    return [(one.event, one.organ_id, bool(one.fault_vi)) for one in Receipt.objects.all()]


def test_a_receipt_is_kept_with_who_stated_it(trusting, axis_key):
    keep(state(axis_key, (Event.SUBMISSION_ACCEPTANCE, ""), *HANDED_OVER), ABOUT, now=NOW)
    assert kept() == [
        ("SubmissionAcceptance", "", False),
        ("ContentHandover", "H57.2", False),
        ("ContentHandover", "H57.3", False),
    ]
    assert Statement.objects.get().stated_by == "Trục quốc gia"
    assert not missing(ABOUT)


def test_a_receipt_that_comes_twice_is_kept_once(trusting, axis_key):
    given = state(axis_key, *HANDED_OVER)
    keep([*given, *given], ABOUT, now=NOW)
    keep(given, ABOUT, now=LATER)
    assert len(kept()) == 2


def test_receipts_come_in_any_order_and_what_lacks_is_named(trusting, axis_key):
    keep(state(axis_key, HANDED_OVER[1], at=LATER), ABOUT, now=LATER)
    assert missing(ABOUT) == {"H57.2"}
    keep(state(axis_key, (Event.CONTENT_CONSIGNMENT, "H57.2")), ABOUT, now=LATER)
    assert missing(ABOUT) == {"H57.2"}
    keep(state(axis_key, (Event.RELAY_FAILURE, "H57.2")), ABOUT, now=LATER)
    assert not missing(ABOUT)


@pytest.mark.parametrize(
    "forge",
    [
        lambda one: replace(one, entry=one.entry.replace("H57.2", "H57.3")),
        lambda one: replace(one, statement=one.statement.replace('"N"', '"M"')),
        lambda one: replace(one, signature=b"0\x03\x02\x01\x00"),
    ],
    ids=["entry", "statement", "signature"],
)
def test_a_forged_receipt_is_kept_as_what_it_is_and_the_true_one_beside_it(
    forge, trusting, axis_key
):
    true = state(axis_key, HANDED_OVER[0])
    keep([forge(one) for one in true], ABOUT, now=NOW)
    assert [fault for *_, fault in kept()] == [True]
    assert missing(ABOUT) == {"H57.2", "H57.3"}
    keep(true, ABOUT, now=NOW)
    assert sorted(fault for *_, fault in kept()) == [False, True]
    assert missing(ABOUT) == {"H57.3"}


@pytest.mark.parametrize("wrong", [{"digest": "b" * 64}, {"sender": "H57.9"}])
def test_a_receipt_about_another_message_proves_nothing_of_this_one(wrong, trusting, axis_key):
    keep(state(axis_key, *HANDED_OVER, **wrong), ABOUT, now=NOW)
    assert {one.fault_words.vi for one in Receipt.objects.all()} == {
        "Biên nhận nói về một gói tin khác."
    }
    assert missing(ABOUT) == ABOUT.to_organ_ids


def test_what_a_person_signed_is_no_receipt(trusting, demo_pki):
    keystore = demo_pki.issue_person(
        "Nguyễn Văn Thử",
        "Chuyên viên",
        "Sở",
        password="a",
        valid_from=NOW - timedelta(days=1),
        valid_to=NOW + timedelta(days=9),
        key="p256",
    )
    keep(state(KeyCredential.load(keystore, "a"), HANDED_OVER[0]), ABOUT, now=NOW)
    assert kept() == [("ContentHandover", "H57.2", True)]


def test_an_unknown_authority_holds_once_it_is_an_anchor(db, axis_key, demo_pki):
    given = state(axis_key, *HANDED_OVER)
    keep(given, ABOUT, now=NOW)
    assert missing(ABOUT) == ABOUT.to_organ_ids
    trust_demo_pki(demo_pki, now=NOW)
    keep(given, ABOUT, now=LATER)
    assert not missing(ABOUT)
    assert len(kept()) == 2


def test_receipts_of_a_key_before_and_after_it_was_changed_hold(trusting, axis_key, demo_pki):
    keep(state(axis_key, HANDED_OVER[0]), ABOUT, now=NOW)
    keep(state(service(demo_pki, "Trục quốc gia 2"), HANDED_OVER[1]), ABOUT, now=LATER)
    assert not missing(ABOUT)


def test_another_authority_of_the_same_name_is_not_believed(trusting, tmp_path):
    stranger = DemoAuthority.create(tmp_path / "stranger", NOW - timedelta(days=1))
    keep(state(service(stranger), *HANDED_OVER), ABOUT, now=NOW)
    assert missing(ABOUT) == ABOUT.to_organ_ids


def test_a_flood_of_forged_receipts_is_bounded(trusting, axis_key):
    (true,) = state(axis_key, HANDED_OVER[0])
    flood = [replace(true, entry=true.entry.replace('"1"', f'"{n}"')) for n in range(9, 999)]
    keep(flood, ABOUT, now=NOW)
    assert len(kept()) == 60


def test_pauses_grow_and_end():
    assert pause(timedelta(0)) == FIRST_PAUSE
    assert pause(timedelta(hours=2)) == timedelta(hours=1)
    assert pause(timedelta(days=9)) == LONGEST_PAUSE
    assert pause(GIVEN_UP + timedelta(days=1)) is None


class FarAxis(LocalGateway):
    """The axis elsewhere: its receipts have to be fetched."""

    stated = ()
    asked = 0

    def receipts(self, package_id, *, now):
        self.asked += 1
        if isinstance(self.stated, Exception):
            raise self.stated
        return self.stated


@pytest.fixture
def sent(axis, sealed, officer):
    gateway = FarAxis()
    issue(sealed(), officer=officer("van-thu.vp-ubnd"), now=NOW)
    send_next(gateway, now=NOW)
    Recipient.objects.update(transport="done")
    return gateway, OutgoingMessage.objects.get()


def about_of(message):
    codes = message.recipients.values_list("organ_id", flat=True)
    return About(message.raw_id, message.from_organ_id, frozenset(codes))


def panel(client):
    address = f"/outgoing/{Recipient.objects.get().document_id}/recipients"
    return client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_a_missing_receipt_is_seen_and_asked_for_again_until_it_comes(
    sent, trusting, axis_key, signed_in
):
    gateway, message = sent
    clerk, now = signed_in("van-thu.vp-ubnd"), NOW + TRACK_FIRST
    assert track_next(gateway, now=now)
    shown = panel(clerk)
    assert "Chưa có biên nhận bàn giao" in shown
    assert "Hệ thống đang hỏi lại trục." in shown
    assert not track_next(gateway, now=now + FIRST_PAUSE / 2)
    about = about_of(message)
    (code,) = about.to_organ_ids
    gateway.stated = state(axis_key, (Event.CONTENT_HANDOVER, code), about=about)
    assert track_next(gateway, now=now + FIRST_PAUSE)
    shown = panel(clerk)
    assert "Chưa có biên nhận" not in shown
    assert "Đã bàn giao cho nơi nhận" in shown
    assert "Trục quốc gia" in shown
    assert not track_next(gateway, now=now + timedelta(days=2))
    assert gateway.asked == 2


def test_a_forged_receipt_is_shown_as_such_and_the_true_one_still_asked_for(
    sent, trusting, axis_key, signed_in
):
    gateway, message = sent
    about = about_of(message)
    (code,) = about.to_organ_ids
    (true,) = state(axis_key, (Event.CONTENT_HANDOVER, code), about=about)
    gateway.stated = [replace(true, signature=b"0\x00")]
    track_next(gateway, now=NOW + TRACK_FIRST)
    shown = panel(signed_in("van-thu.vp-ubnd"))
    assert "Không hợp lệ" in shown
    assert "Chưa có biên nhận bàn giao" in shown


@pytest.mark.parametrize(("silence", "asks_again"), [(NotOffered("none"), False), (None, True)])
def test_an_axis_that_states_nothing_is_asked_once(silence, asks_again, sent):
    gateway, message = sent
    gateway.stated = silence or GatewayUnavailable("no answer")
    assert track_next(gateway, now=NOW + TRACK_FIRST)
    message.refresh_from_db()
    assert (message.state, bool(message.track_at)) == ("sent", asks_again)
    assert track_next(gateway, now=NOW + TRACK_FIRST + TRACK_AGAIN) == asks_again


def test_an_axis_in_this_installation_is_not_asked(axis, sealed, officer):
    issue(sealed(), officer=officer("van-thu.vp-ubnd"), now=NOW)
    send_next(LocalGateway(), now=NOW)
    Recipient.objects.update(transport="done")
    track_next(LocalGateway(), now=NOW + TRACK_FIRST)
    assert OutgoingMessage.objects.get().track_at is None

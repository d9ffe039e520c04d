"""Each recipient has a channel: nobody is forgotten because he is not on the axis."""

from datetime import timedelta

import pytest

from chauban.accounts.rights import NotAllowed
from chauban.blobs import store
from chauban.directory.models import Channel, IssuingBody
from chauban.directory.synchronising import Listed, synchronise
from chauban.exchange.actions import issue
from chauban.exchange.dispatching import (
    change_channel,
    choose_channel,
    mark_received,
    mark_returned,
    mark_sent,
    send_on_paper_too,
)
from chauban.exchange.errors import (
    AlreadyIssued,
    ChannelNotPossible,
    DayNotPossible,
    DispatchNotOpen,
    NobodySigned,
    ReturnWithoutReason,
)
from chauban.exchange.models import Dispatch, OutgoingMessage, Recipient
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.workflow.models import Draft, DraftRecipient
from tests.moments import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LATER = NOW + timedelta(days=2)
PARTY = "thanh-uy"  # Thành ủy Huế: in the directory, without a code for the axis


@pytest.fixture
def clerk(officer):
    return officer("van-thu.vp-ubnd")


@pytest.fixture
def posted(sealed, clerk, body):
    """A document for a body that is not on the axis, issued: its letter is still to be sent."""
    document = sealed(recipients=[], outside=[("", "Hợp tác xã Thủy Biều")])
    issue(document, officer=clerk, now=NOW)
    return Dispatch.objects.get()


def acts(document):
    return [act.kind for act in Act.objects.on(document)]


def draft_of(document):
    return Draft.objects.get(outgoing=document)


def by_hand(dispatch):
    dispatch.recipient.channel = dispatch.channel = Channel.HAND
    dispatch.recipient.save()
    dispatch.save()
    return dispatch


def test_who_has_no_code_is_written_to_by_post(posted):
    assert (posted.channel, posted.state) == ("post", "due")
    assert posted.recipient.channel == "post"
    assert not OutgoingMessage.objects.exists()


def test_who_has_a_code_is_written_to_on_the_axis(sealed, clerk):
    issue(sealed(), officer=clerk, now=NOW)
    assert Recipient.objects.get().channel == "axis"
    assert not Dispatch.objects.exists()


def test_the_directory_s_channel_and_address_count(sealed, clerk, body):
    IssuingBody.objects.filter(key="ubnd-thuan-hoa").update(
        channel="hand", postal_address="Số 1 Lê Lợi"
    )
    issue(sealed(), officer=clerk, now=NOW)
    dispatch = Dispatch.objects.get()
    assert (dispatch.channel, dispatch.address) == ("hand", "Số 1 Lê Lợi")
    assert not OutgoingMessage.objects.exists()


def test_the_axis_as_usual_channel_of_who_has_no_code_is_the_post(sealed, clerk, body):
    IssuingBody.objects.filter(key=PARTY).update(channel="axis")
    document = sealed(recipients=[])
    DraftRecipient.objects.create(draft=draft_of(document), body=body(PARTY), name="Thành ủy Huế")
    issue(document, officer=clerk, now=NOW)
    assert Dispatch.objects.get().channel == "post"


def test_the_clerk_s_choice_before_issuing_counts_for_this_document(sealed, clerk, officer):
    document = sealed()
    named = DraftRecipient.objects.get()
    choose_channel(named, "mail", officer=clerk, now=NOW)
    issue(document, officer=clerk, now=NOW)
    assert Dispatch.objects.get().channel == "mail"
    assert ActKind.CHANNEL_CHOSEN in acts(named.draft)


def test_the_axis_is_no_choice_without_a_code(sealed, clerk):
    sealed(recipients=[], outside=[("", "Hợp tác xã Thủy Biều")])
    with pytest.raises(ChannelNotPossible):
        choose_channel(DraftRecipient.objects.get(), "axis", officer=clerk, now=NOW)
    choose_channel(DraftRecipient.objects.get(), "portal", officer=clerk, now=NOW)


def test_after_issuing_there_is_no_choosing(sealed, clerk):
    issue(sealed(), officer=clerk, now=NOW)
    with pytest.raises(AlreadyIssued):
        choose_channel(DraftRecipient.objects.get(), "mail", officer=clerk, now=NOW)


def test_only_the_clerk_chooses(sealed, officer):
    sealed()
    with pytest.raises(NotAllowed):
        choose_channel(
            DraftRecipient.objects.get(), "mail", officer=officer("van-thu.so-noi-vu"), now=NOW
        )


def test_two_codes_of_one_agency_outside_are_one_recipient(sealed, clerk):
    listed = Listed("H44", "Ủy ban nhân dân tỉnh Phú Thọ", "", "000.00.00.H44")
    synchronise([listed], gateway="axis", now=NOW)
    both = [("H44", "UBND tỉnh Phú Thọ"), ("000.00.00.H44", "UBND tỉnh Phú Thọ")]
    issue(sealed(recipients=[], outside=both), officer=clerk, now=NOW)
    recipient = Recipient.objects.get()
    assert (recipient.organ_id, recipient.name) == ("H44", listed.name)


def test_two_codes_that_nothing_says_are_one_are_two(sealed, clerk):
    both = [("H44", "UBND tỉnh Phú Thọ"), ("H43", "UBND tỉnh Hòa Bình")]
    issue(sealed(recipients=[], outside=both), officer=clerk, now=NOW)
    assert Recipient.objects.count() == 2


def test_who_was_succeeded_since_the_draft_is_his_only_heir(sealed, clerk, body):
    """Xã Hồng Hạ is part of xã A Lưới 5 since 1 July 2025."""
    document = sealed(recipients=[])
    DraftRecipient.objects.create(
        draft=draft_of(document), body=body("ubnd-xa-hong-ha"), organ_id="000.18.32.H57", name="Cũ"
    )
    issue(document, officer=clerk, now=NOW)
    recipient = Recipient.objects.get()
    assert recipient.body.key == "ubnd-a-luoi-5"
    assert recipient.organ_id == body("ubnd-a-luoi-5").organ_id(TODAY)
    assert "kế thừa" in recipient.name


def test_a_letter_is_sent_under_the_post_s_number_and_received(posted, clerk, officer):
    mark_sent(
        posted, sent_on=TODAY, postal_number="RH123456789VN", envelopes=2, officer=clerk, now=NOW
    )
    posted.refresh_from_db()
    assert (posted.state, posted.sent_on, posted.envelopes) == ("sent", TODAY, 2)
    assert posted.sent_by == clerk.post
    scan = store.put(b"%PDF-1.7 phieu bao", now=NOW)
    mark_received(
        posted,
        received_on=LATER.date(),
        received_by="",
        receipt=scan,
        receipt_name="phieu.pdf",
        officer=clerk,
        now=LATER,
    )
    posted.refresh_from_db()
    assert (posted.state, posted.receipt) == ("received", scan)
    document = posted.recipient.document
    assert {ActKind.DISPATCHED, ActKind.DISPATCH_RECEIVED} <= set(acts(document))


def test_it_is_sent_once(posted, clerk):
    mark_sent(posted, sent_on=TODAY, officer=clerk, now=NOW)
    with pytest.raises(DispatchNotOpen):
        mark_sent(posted, sent_on=TODAY, officer=clerk, now=NOW)


def test_only_the_clerk_marks(posted, officer):
    with pytest.raises(NotAllowed):
        mark_sent(posted, sent_on=TODAY, officer=officer("van-thu.so-noi-vu"), now=NOW)


@pytest.mark.parametrize("days", [-1, 1])
def test_it_is_sent_neither_before_it_was_owed_nor_tomorrow(posted, clerk, days):
    with pytest.raises(DayNotPossible):
        mark_sent(posted, sent_on=TODAY + timedelta(days=days), officer=clerk, now=NOW)


def test_a_letter_not_yet_sent_is_not_received(posted, clerk):
    with pytest.raises(DispatchNotOpen):
        mark_received(posted, received_on=TODAY, received_by="Lan", officer=clerk, now=NOW)


def test_by_hand_it_is_sent_and_signed_for_at_once(posted, clerk):
    dispatch = by_hand(posted)
    mark_received(dispatch, received_on=TODAY, received_by="Lê Thị Lan", officer=clerk, now=NOW)
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.received_by) == ("received", "Lê Thị Lan")
    assert dispatch.sent_on == TODAY


def test_by_hand_somebody_signs(posted, clerk):
    with pytest.raises(NobodySigned):
        mark_received(by_hand(posted), received_on=TODAY, received_by=" ", officer=clerk, now=NOW)


def test_what_comes_back_is_sent_by_another_channel_and_the_first_stays(posted, clerk):
    mark_sent(posted, sent_on=TODAY, officer=clerk, now=NOW)
    mark_returned(posted, note="Không có người nhận", officer=clerk, now=NOW)
    again = change_channel(posted.recipient, "hand", officer=clerk, now=LATER)
    assert (again.channel, again.state) == ("hand", "due")
    first, second = Dispatch.objects.all()
    assert (first.state, first.note) == ("returned", "Không có người nhận")
    assert second == again
    posted.recipient.refresh_from_db()
    assert posted.recipient.channel == "hand"


def test_what_comes_back_has_a_reason(posted, clerk):
    with pytest.raises(ReturnWithoutReason):
        mark_returned(posted, note=" ", officer=clerk, now=NOW)


def test_what_is_on_its_way_keeps_its_channel(posted, clerk):
    mark_sent(posted, sent_on=TODAY, officer=clerk, now=NOW)
    with pytest.raises(DispatchNotOpen):
        change_channel(posted.recipient, "hand", officer=clerk, now=NOW)


def test_what_is_not_yet_sent_may_go_another_way(posted, clerk):
    change_channel(posted.recipient, "mail", officer=clerk, now=NOW)
    assert list(Dispatch.objects.values_list("channel", "state")) == [
        ("post", "given-up"),
        ("mail", "due"),
    ]


def test_who_was_refused_by_the_axis_gets_it_by_post(sealed, clerk):
    issue(sealed(), officer=clerk, now=NOW)
    recipient = Recipient.objects.get()
    with pytest.raises(DispatchNotOpen):
        change_channel(recipient, "post", officer=clerk, now=NOW)
    Recipient.objects.update(refusal="18", refused_reason="Không có trên trục")
    change_channel(recipient, "post", officer=clerk, now=NOW)
    recipient.refresh_from_db()
    assert (recipient.channel, recipient.refusal) == ("post", "18")
    assert not Recipient.objects.troubled().exists()


def test_paper_may_follow_what_went_on_the_axis_once(sealed, clerk):
    issue(sealed(), officer=clerk, now=NOW)
    recipient = Recipient.objects.get()
    send_on_paper_too(recipient, "post", officer=clerk, now=NOW)
    recipient.refresh_from_db()
    assert (recipient.channel, recipient.also_on_paper) == ("axis", True)
    assert Dispatch.objects.get().channel == "post"
    with pytest.raises(ChannelNotPossible):
        send_on_paper_too(recipient, "hand", officer=clerk, now=NOW)


def test_no_second_paper_for_who_gets_paper_anyway(posted, clerk):
    with pytest.raises(ChannelNotPossible):
        send_on_paper_too(posted.recipient, "hand", officer=clerk, now=NOW)

"""The journal holds ids, digests and codes; texts and personal data never (design, decision 6)."""

import re
from datetime import timedelta

import pytest

from chauban.accounts import actions as accounts
from chauban.accounts.errors import WrongPassword
from chauban.accounts.networks import Visit
from chauban.exchange.actions import return_delivery
from chauban.journal.models import Act
from chauban.trust.errors import WrongPIN
from chauban.workflow import actions
from chauban.workflow.routing import close_incoming, finish_task, start_task
from tests.moments import NOW

pytestmark = pytest.mark.django_db

# A code, an id, a digest, a moment: one word of ASCII.
CODE = re.compile(r"[A-Za-z0-9.,:;_+/-]{0,80}")
# Kinds of act in which people write something.
WITH_WORDS = {
    "drafted", "revised", "returned", "content-checked", "layout-checked", "approved", "cancelled",
    "sign-in-refused", "pin-refused", "routed", "task-done", "returned-to-sender",
    "registered-incoming", "arrived", "assessed", "status-received", "sent", "sealed", "issued",
}  # fmt: skip


def texts_in(fact):
    if isinstance(fact, dict):
        return [text for value in fact.values() for text in texts_in(value)]
    if isinstance(fact, list):
        return [text for value in fact for text in texts_in(value)]
    is_code = fact is None or isinstance(fact, int | float) or CODE.fullmatch(fact)
    return [] if is_code else [fact]


def test_acts_of_a_whole_life_hold_ids_digests_and_codes(province, office, officer, carry):
    live_through_the_rest(province, office, officer, carry)
    acts = list(Act.objects.all())
    assert {act.kind for act in acts} >= WITH_WORDS
    texts = [
        (act.kind, text)
        for act in acts
        for text in [*texts_in(act.facts), *texts_in([act.digest, act.subject_type])]
    ]
    assert not texts


def live_through_the_rest(province, office, officer, carry):
    """What the province has not seen yet: returns, refusals, cancelling, tasks done."""
    now = office.now + timedelta(minutes=5)
    actions.submit_for_check(province.drafting, officer=office.author, now=now)
    actions.return_draft(
        province.drafting, comment="Sửa lại trích yếu", officer=office.unit_head, now=now
    )
    actions.cancel_number(
        province.numbered, reason="Cấp nhầm số cho văn bản này", officer=office.office_head, now=now
    )
    with pytest.raises(WrongPIN):
        office.sign(province.signing, pin="000000")
    with pytest.raises(WrongPassword):
        accounts.prove_password(
            "van-thu.vp-ubnd", "mật khẩu sai", visit=Visit("10.0.0.7", is_inside=True), now=NOW
        )
    handler = officer("chuyen-vien.so-tai-chinh")
    start_task(province.task, officer=handler, now=now)
    finish_task(province.task, result="Đã tham mưu văn bản trả lời", officer=handler, now=now)
    clerk = officer("van-thu.so-tai-chinh")
    if province.incoming.__class__.objects.get(pk=province.incoming.pk).state != "done":
        close_incoming(province.incoming, officer=clerk, now=now)
    return_delivery(province.waiting, reason="Gửi nhầm cơ quan", officer=clerk, now=now)
    carry(now=now + timedelta(minutes=2))


def test_a_text_would_be_seen():
    assert texts_in({"reason": "Cấp nhầm số"}) == ["Cấp nhầm số"]
    assert texts_in({"names": [{"of": "Nguyễn"}]}) == ["Nguyễn"]
    assert not texts_in({"use": 3, "code": "05/UBND-VX", "digest": "ab" * 32, "at": None})

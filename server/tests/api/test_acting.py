"""What an application does is its officer's act, done once, and said to be through it."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from chauban.api import once
from chauban.api.models import Asked
from chauban.directory.rules import legal_day
from chauban.journal.kinds import ActKind
from chauban.journal.models import Act
from chauban.registers.models import IncomingDocument, OutgoingDocument
from chauban.workflow.models import Draft, DraftAttachment, Task
from tests.api.operations import AUTHOR, CITY, FINANCE, HANDLER, SIGNATORY

pytestmark = pytest.mark.django_db


def a_draft(client, **values):
    """A body for POST /drafts, with what the directory offers."""
    (mandate, *_) = client.ask("/directory/mandates").json()["items"]
    bodies = client.ask("/directory/bodies?q=Sở Tài chính").json()["items"]
    return {
        "mandate": mandate["id"],
        "kind": "cong_van",
        "subject": "Chuẩn bị báo cáo",
        "body_text": "Đề nghị các cơ quan chuẩn bị báo cáo.",
        "to_places": ["Như trên"],
        "addressees": ["Sở Tài chính"],
        "recipients": [bodies[0]["id"]],
        **values,
    }


def test_a_draft_is_written_corrected_attached_to_and_submitted(mandated, calling):
    client = calling(AUTHOR)
    made = client.act("/drafts", a_draft(client))
    assert made.status_code == 201, made.content
    draft = made.json()
    assert draft["state"] == "drafting"
    assert {"revise", "submit"} <= set(draft["steps"])
    path = f"/drafts/{draft['id']}"
    stale = draft["changed_at"]
    revised = client.act(
        path, a_draft(client, subject="Chuẩn bị họp", seen_at=stale), method="PUT"
    ).json()
    assert (revised["version"], revised["subject"]) == (2, "Chuẩn bị họp")
    late = client.act(path, a_draft(client, seen_at=stale), method="PUT")
    assert (late.status_code, late.json()["code"]) == (409, "changed-meanwhile")
    attached = client.generic(
        "POST", f"/api/v1{path}/attachments?name=bang.csv", b"a;b", content_type="text/csv"
    )
    assert [one["name"] for one in attached.json()["items"]] == ["bang.csv"]
    seen = client.ask(path).json()["changed_at"]
    submitted = client.act(f"{path}/steps/submit", {"seen_at": seen}).json()
    assert submitted["state"] == "content-check"
    acts = Act.objects.on(Draft.objects.get(pk=draft["id"])).order_by("pk")
    assert {act.facts["application"] for act in acts} == {client.ask("/me").json()["application"]}
    life = client.ask(f"{path}/life").json()["items"]
    assert [one["act"] for one in life] == ["drafted", "revised", "revised", "submitted"]
    assert all(one["application"] for one in life)


def test_what_a_form_refuses_is_told_field_by_field_in_both_languages(mandated, calling):
    client = calling(AUTHOR)
    answer = client.act("/drafts", a_draft(client, subject=" "))
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert [one["where"] for one in problem["errors"]] == ["subject"]
    assert "subject" in problem["vi"]
    assert problem["detail"] == problem["vi"] != problem["en"]
    english = client.act("/drafts", a_draft(client, subject=" "), headers={"Accept-Language": "en"})
    assert english.json()["detail"] == english.json()["en"]
    misspelt = client.act("/drafts", a_draft(client, subjects="x"))
    assert misspelt.json()["errors"][0]["where"].endswith("subjects")
    marked = client.act("/drafts", a_draft(client, body_text="TUYỆT MẬT\nNội dung."))
    assert (marked.status_code, marked.json()["code"]) == (422, "secret-marking")


def test_a_step_of_another_is_refused_and_needs_its_own_scope(province, calling):
    path = f"/drafts/{province.drafting.pk}"
    client = calling(AUTHOR, "drafts:read", "drafts:write")
    seen = {"seen_at": client.ask(path).json()["changed_at"]}
    answer = client.act(f"{path}/steps/approve", seen)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
    scoped = calling("truong-phong.vp-ubnd")
    answer = scoped.act(f"{path}/steps/approve", seen)
    assert (answer.status_code, answer.json()["code"]) == (409, "step-not-allowed")


def test_who_returns_a_draft_sees_it_no_more_and_is_told_that_it_is_done(province, calling):
    path = f"/drafts/{province.signing.pk}"
    client = calling(SIGNATORY)
    seen, key = client.ask(path).json()["changed_at"], {"Idempotency-Key": "tra-lai"}
    given = {"seen_at": seen, "comment": "Bổ sung căn cứ."}
    for _ in range(2):
        answer = client.act(f"{path}/steps/return", given, headers=key)
        assert (answer.status_code, answer.content) == (204, b"")
    assert client.ask(path).status_code == 404
    assert Draft.objects.get(pk=province.signing.pk).state == "drafting"


def test_a_delivery_is_registered_routed_begun_and_finished(province, calling):
    clerk, handler = calling(FINANCE), calling(HANDLER)
    path = f"/deliveries/{province.waiting.pk}"
    beyond = clerk.act(f"{path}/register", {"acceptance": "original"})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "acceptance-not-allowed")
    taken = clerk.act(f"{path}/register", {"acceptance": "information"}).json()
    assert (taken["state"], taken["arrival_number"]) == ("registered", 2)
    post = handler.ask("/me").json()["acts_for"]["post"]
    incoming = f"/incoming/{taken['incoming']}"
    routed = clerk.act(f"{incoming}/route", {"lead": post, "instruction": "Tham mưu."}).json()
    (task,) = routed["tasks"]
    assert (task["part"], task["assignee"]["post"]) == ("lead", post)
    begun = handler.act(f"/tasks/{task['id']}/start").json()
    assert begun["state"] == "in-progress"
    done = handler.act(f"/tasks/{task['id']}/finish", {"result": "Đã trả lời."}).json()
    assert (done["state"], done["result"]) == ("done", "Đã trả lời.")
    assert handler.ask(incoming).json()["state"] == "done"
    again = handler.act(f"/tasks/{task['id']}/finish", {})
    assert (again.status_code, again.json()["code"]) == (409, "task-not-open")


def test_a_document_is_recalled_and_its_recipients_are_told_of(province, calling):
    client = calling(CITY)
    path = f"/outgoing/{province.issued.outgoing_id}"
    answer = client.act(f"{path}/recall", {"reason": "Sai số liệu"})
    (recipient,) = answer.json()["items"]
    assert recipient["asked_back"][0]["state"] == "waiting"
    assert client.ask(path).json()["state"] == "recalled"
    again = client.act(f"{path}/recall", {"reason": "Sai số liệu"})
    assert (again.status_code, again.json()["code"]) == (409, "not-recallable")


def test_a_paper_copy_is_noted_as_sent_and_a_document_passed_on(province, calling):
    city, finance = calling(CITY), calling(FINANCE)
    (owed,) = city.ask("/dispatches?state=due").json()["items"]
    today = str(legal_day(timezone.now()))
    sent = city.act(f"/dispatches/{owed['id']}/sent", {"sent_on": today, "postal_number": "RR1"})
    assert (sent.json()["state"], sent.json()["postal_number"]) == ("sent", "RR1")
    again = city.act(f"/dispatches/{owed['id']}/sent", {"sent_on": today})
    assert (again.status_code, again.json()["code"]) == (409, "dispatch-not-open")
    (body, *_) = finance.ask("/directory/bodies?q=Sở Nội vụ").json()["items"]
    path = f"/incoming/{province.incoming.pk}"
    passed = finance.act(f"{path}/pass-on", {"bodies": [body["id"]], "words": "Để biết"}).json()
    assert [one["name"] for one in passed["items"]] == ["Sở Nội vụ"]
    assert finance.ask(f"{path}/passed-on").json() == passed
    nobody = finance.act(f"{path}/pass-on", {"bodies": []})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "nobody-to-pass-on-to")


def test_no_application_uses_a_key_that_its_holder_opens_by_pin(province, calling):
    client = calling(SIGNATORY)
    path = f"/drafts/{province.signing.pk}"
    shown = client.ask(path).json()["shown"]
    answer = client.act(f"{path}/signing", {"shown": shown})
    assert (answer.status_code, answer.json()["code"]) == (409, "confirmed-by-holder")
    assert f"/drafts/{province.signing.pk}/sign" in answer.json()["vi"]
    assert Draft.objects.get(pk=province.signing.pk).state == "signing"


def test_an_act_under_one_key_is_done_once(province, calling):
    client = calling(FINANCE)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path = f"/deliveries/{province.waiting.pk}/return"
    acts = Act.objects.count()
    first = client.act(path, {"reason": "Gửi nhầm"}, headers=key)
    assert first.status_code == 200, first.content
    again = client.act(path, {"reason": "Gửi nhầm"}, headers=key)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert Act.objects.count() == acts + 1
    other = client.act(path, {"reason": "Lý do khác"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    elsewhere = calling(CITY).act(
        "/drafts", {}, headers=key
    )  # another application's key is its own
    assert elsewhere.json()["code"] == "not-understood"


def test_an_act_whose_answer_a_crash_ate_is_not_done_again(mandated, calling):
    """Killed between the act and the keeping of its answer: the journal knows it was done."""
    client = calling(AUTHOR)
    given, key = a_draft(client), {"Idempotency-Key": "mot-lan"}
    made = client.act("/drafts", given, headers=key).json()
    Asked.objects.update(status=None, answer="")  # what the crash left
    waiting = client.act("/drafts", given, headers=key)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "request-under-way")
    Asked.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    again = client.act("/drafts", given, headers=key)
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    assert Draft.objects.count() == 1


def test_an_act_that_a_crash_prevented_is_done_under_the_same_key(mandated, calling):
    client = calling(AUTHOR)
    given, key = a_draft(client), {"Idempotency-Key": "mot-lan"}
    with transaction.atomic():
        client.act("/drafts", given, headers=key)
        asked = Asked.objects.get()
        transaction.set_rollback(True)  # the crash: neither act nor answer
    asked.status, asked.answer, asked.pk = None, "", None
    asked.lease_until = timezone.now() - timedelta(seconds=1)
    asked.save(force_insert=True)
    assert client.act("/drafts", given, headers=key).status_code == 201
    assert Draft.objects.count() == 1


def test_a_refused_act_leaves_its_key_free(mandated, calling):
    client, key = calling(AUTHOR), {"Idempotency-Key": "lan-nua"}
    assert client.act("/drafts", a_draft(client, subject=" "), headers=key).status_code == 422
    assert client.act("/drafts", a_draft(client), headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "khóa"])
def test_a_key_that_no_header_should_have_is_refused(mandated, calling, key):
    client = calling(AUTHOR)
    answer = client.act("/drafts", a_draft(client), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "key-malformed")


def test_keys_are_forgotten_after_a_week(mandated, calling):
    client = calling(AUTHOR)
    client.act("/drafts", a_draft(client), headers={"Idempotency-Key": "cu"})
    now = timezone.now()
    assert once.forget_asked(now) == 0
    assert once.forget_asked(now + once.KEPT_FOR + timedelta(seconds=1)) == 1


def test_what_the_caller_has_is_not_sent_again(province, calling):
    client = calling(CITY)
    for path in (
        f"/outgoing/{province.issued.outgoing_id}",
        f"/outgoing/{province.issued.outgoing_id}/files/1",
    ):
        tag = client.ask(path)["ETag"]
        same = client.ask(path, headers={"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")


def test_a_register_is_read_page_by_page_and_as_csv(province, calling):
    client = calling(CITY)
    first = client.ask("/registers/ubnd-tp/outgoing?limit=1").json()
    second = client.get(first["next"]).json()
    codes = [row["code"] for row in first["items"] + second["items"]]
    assert codes == ["03/UBND-VX", "02/UBND-VX"]
    lines = b"".join(client.ask("/registers/ubnd-tp/outgoing.csv")).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + OutgoingDocument.objects.filter(body__key="ubnd-tp").count()
    listed = client.ask("/outgoing?limit=2").json()
    assert len(listed["items"]) == 2
    rest = client.get(listed["next"]).json()
    assert len(rest["items"]) == 1
    assert rest["next"] is None


def test_a_list_asks_the_database_as_often_however_long_it_is(
    province, calling, django_assert_num_queries
):
    client = calling(CITY)
    client.ask("/me")  # notes when the token was used
    for path in ("/outgoing", "/drafts", "/registers/ubnd-tp/outgoing"):
        for limit in (1, 100):
            with django_assert_num_queries(4 if "registers" in path else 3):
                assert client.ask(f"{path}?limit={limit}").status_code == 200
    finance = calling(FINANCE)
    finance.ask("/me")
    for path in ("/deliveries", "/incoming", "/tasks"):
        with django_assert_num_queries(3):
            assert finance.ask(path).status_code == 200


def test_a_file_is_checked_and_nothing_of_it_kept(calling):
    client = calling(AUTHOR)
    answer = client.generic(
        "POST", "/api/v1/verify?name=a.pdf", b"khong phai PDF", content_type="application/pdf"
    )
    assert answer.json()["report"]["document"] == "unreadable"
    assert DraftAttachment.objects.count() == Task.objects.count() == 0
    assert IncomingDocument.objects.count() == 0


def test_nothing_is_read_of_a_file_whose_name_marks_a_secret(province, calling):
    client = calling(AUTHOR)
    path = f"/api/v1/drafts/{province.drafting.pk}/attachments?name=TUYỆT MẬT.txt"
    answer = client.generic("POST", path, b"x", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (422, "secret-marking")


def test_an_address_that_is_none_and_a_method_that_is_not_offered_are_problems(calling):
    client = calling(AUTHOR)
    for path, method, status, code in (
        ("/nowhere", "GET", 404, "no-such-address"),
        ("/me", "DELETE", 405, "method-not-offered"),
        ("/drafts/0", "GET", 422, "not-understood"),
        (f"/drafts/{10**18}", "GET", 404, "no-such-row"),
        (f"/drafts/{10**30}", "GET", 422, "not-understood"),
        ("/drafts?state=%00", "GET", 422, "not-understood"),
        ("/outgoing?q=%00", "GET", 200, None),
    ):
        answer = client.act(path, method=method)
        assert (answer.status_code, answer.json().get("code")) == (status, code)
        is_problem = answer["Content-Type"] == "application/problem+json"
        assert is_problem == (status != 200)
    broken = client.generic("POST", "/api/v1/drafts", b"{", content_type="application/json")
    assert broken.json()["code"] == "not-understood"
    assert json.loads(broken.content)["errors"][0]["vi"] == "không phải JSON"


def test_a_token_is_named_in_the_journal_only_by_its_number(calling, application_of):
    application, secret = application_of(AUTHOR)
    for act in Act.objects.filter(kind__in=[ActKind.TOKEN_MADE, ActKind.APPLICATION_REGISTERED]):
        assert secret.text not in str(act.facts)
    assert application.tokens.get().digest != secret.text


def test_the_page_says_through_which_application_it_was_done(mandated, calling, signed_in):
    client = calling(AUTHOR)
    draft = client.act("/drafts", a_draft(client)).json()
    number = client.ask("/me").json()["application"]
    page = signed_in(AUTHOR).get(f"/drafts/{draft['id']}").content.decode()
    assert f"qua ứng dụng số {number}" in page

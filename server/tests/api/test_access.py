"""Every operation of the API: for whom it is meant, and for nobody else (IDOR)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from chauban.api.actions import end_application, revoke_token
from chauban.api.counting import count_call, forget_counts
from chauban.api.errors import ScopeNotYours, TooManyRequests
from chauban.api.events import TEST
from chauban.api.models import Announcement, Application, Subscription, Token
from chauban.api.scopes import Scope
from chauban.directory.models import Post
from chauban.journal.models import Act
from tests.api.conftest import Caller
from tests.api.operations import CITY, OPERATIONS, declared

pytestmark = pytest.mark.django_db
DECLARED = {one.name: one for one in declared()}


@pytest.fixture
def callers(application_of):
    """Clients by username and scopes, each of one application."""
    kept = {}

    def of(username, *scopes):
        key = (username, *scopes)
        if key not in kept:
            application, secret = application_of(username, *scopes)
            kept[key] = Caller(secret.text), application
        return kept[key]

    return of


def told(application, now):
    """A webhook of the application, with an event that failed."""
    subscription = Subscription.objects.create(
        application=application, url="https://a.example/", events=[], sealed_secret=b"",
        after_act=0, made_at=now,
    )  # fmt: skip
    Announcement.objects.create(
        subscription=subscription, event=TEST, body="{}", due_at=now, created_at=now,
        state="failed",
    )  # fmt: skip


def ask(client, name, province):
    """Ask for an operation at a row made for it; whatever came of it is undone."""
    with transaction.atomic():
        of, acts = OPERATIONS[name].of(province), Act.objects.count()
        answer = DECLARED[name].call(client, of, OPERATIONS[name])
        has_acted = Act.objects.count() != acts
        transaction.set_rollback(True)
    return answer, has_acted


def test_every_operation_says_for_whom_it_is():
    assert DECLARED.keys() == OPERATIONS.keys()


def test_each_operation_answers_whom_it_is_meant_for_and_nobody_else(province, callers):
    """The caller with the row; one of another agency; no token, a wrong one; another scope."""
    told(callers(CITY)[1], timezone.now())
    wrong = []
    for name, operation in OPERATIONS.items():
        scope = DECLARED[name].scope
        answer, _ = ask(callers(operation.who)[0], name, province)
        # 409, 422: what is asked is looked at, and cannot be done as things stand.
        expected = (404,) if name == "take_back" else (200, 201, 202, 409, 422)
        if answer.status_code not in expected:
            wrong.append((name, "meant for", answer.status_code))
        strangers = [(Caller("x"), 401), (Caller("chauban_" + "0" * 8 + "_" + "0" * 64), 401)]
        if not operation.mine:
            strangers.append((callers(operation.other)[0], 404))
        if scope:
            others = [one for one in (Scope.DESK_READ, Scope.DIRECTORY_READ) if one != scope]
            strangers.append((callers(operation.who, others[0])[0], 403))
        for client, expected in strangers:
            answer, has_acted = ask(client, name, province)
            right = (404, 403) if expected == 404 else (expected,)
            is_right = answer.status_code in right and not has_acted
            if not is_right or answer["Content-Type"] != "application/problem+json":
                wrong.append((name, expected, answer.status_code))
    assert not wrong


def test_no_ended_token_lets_anybody_in(province, application_of, officer):
    """Revoked, expired, of an ended application, of a post that nobody holds any more."""
    now = timezone.now()
    clerk = officer(CITY)

    def revoked(application):
        revoke_token(application.tokens.get(), officer=clerk, now=now)

    def expired(application):
        Token.objects.filter(application=application).update(expires_at=now - timedelta(days=1))

    def ended(application):
        end_application(application, officer=clerk, now=now)

    def left(application):
        Post.objects.filter(pk=application.post_id).update(valid_to=now.date())

    def shut(application):
        type(clerk.user).objects.filter(pk=clerk.user_id).update(is_active=False)

    for what, code in (
        (revoked, "token-revoked"), (expired, "token-expired"), (ended, "token-revoked"),
        (left, "post-ended"), (shut, "post-ended"),
    ):  # fmt: skip
        with transaction.atomic():
            application, secret = application_of(CITY, "desk:read", "outgoing:read")
            client = Caller(secret.text)
            assert client.ask("/desk").status_code == 200
            what(application)
            for name in ("me", "desk", "one_outgoing", "recipients"):
                of = OPERATIONS[name].of(province)
                answer = DECLARED[name].call(client, of, OPERATIONS[name])
                assert (answer.status_code, answer.json()["code"]) == (401, code), what.__name__
                assert "invalid_token" in answer["WWW-Authenticate"]
            transaction.set_rollback(True)


def test_a_session_does_not_count_and_a_token_opens_no_page(province, signed_in, calling):
    assert signed_in(CITY).get("/api/v1/me").status_code == 401
    assert calling(CITY).get("/registers/outgoing").status_code in (302, 403)


def test_an_application_sees_through_lists_what_its_officer_may_and_no_more(province, calling):
    for username in (CITY, "chuyen-vien.vp-ubnd", "van-thu.so-noi-vu"):
        client = calling(username)
        for path in ("/drafts", "/outgoing", "/incoming", "/tasks", "/deliveries"):
            answer = client.ask(path)
            for row in answer.json()["items"] if answer.status_code == 200 else ():
                assert client.ask(f"{path}/{row['id']}").status_code == 200, (username, path)
    stranger = calling("van-thu.so-noi-vu")
    for path in ("/drafts", "/outgoing", "/incoming", "/tasks", "/deliveries"):
        assert stranger.ask(path).json()["items"] == []


def test_more_calls_than_a_minute_allows_are_told_when_to_come_again(calling, settings):
    settings.API_CALLS_PER_MINUTE = 2
    client = calling(CITY)
    assert [client.ask("/me").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.ask("/me")
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer.json()["code"] == "too-many-requests"


def test_two_server_processes_count_one_tokens_calls_together(application_of):
    """Each keeps a count of its own and adds it in steps of a twentieth of what is allowed."""
    token, now, allowed = application_of(CITY)[0].tokens.get(), timezone.now(), 40
    begun = now.replace(second=0, microsecond=0)

    def count(calls, at=begun):
        for _ in range(calls):
            count_call(token.pk, at, allowed=allowed)

    count(20)
    forget_counts()  # as a second process that has counted nothing
    count(18)
    token.refresh_from_db()
    assert token.calls == 38
    with pytest.raises(TooManyRequests) as refused:
        count(4)
    assert refused.value.seconds == 60
    count(1, begun + timedelta(minutes=1))


def test_a_body_over_the_limit_is_refused_by_its_announced_length(calling, settings):
    settings.MAX_UPLOAD_BYTES = 10
    client = calling("chuyen-vien.vp-ubnd")
    assert client.act("/drafts", {"subject": "x" * 1_000_001}).status_code == 413
    answer = client.generic("POST", "/api/v1/verify?name=a", b"x" * 11, content_type="a/b")
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_grant_goes_no_further_than_its_officers_own_post(application_of):
    with pytest.raises(ScopeNotYours):
        application_of("chuyen-vien.vp-ubnd", "outgoing:issue")
    assert Application.objects.count() == 0

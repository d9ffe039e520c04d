"""`chauban accounts`: the operator's way in when no administrator can help."""

import pytest
from click.testing import CliRunner

from chauban.accounts.models import User
from chauban.accounts.querysets import posts_of
from chauban.cli.accounts import command
from chauban.directory.rules import legal_day
from chauban.journal.models import Act

pytestmark = pytest.mark.django_db

FIRST = ("administrator", "quan-tri.moi", "--name", "Trần Viết Bách", "--agency", "vp-ubnd")
GOOD = "Hue-2026!"


def run(*words, given=f"{GOOD}\n"):
    return CliRunner().invoke(command, words, input=given)


def acts_on(username):
    return [(act.kind, act.user_id) for act in Act.objects.on(User.objects.get(username=username))]


def test_the_first_administrator_has_a_post_and_changes_the_password_he_was_given(now):
    answer = run(*FIRST)
    assert answer.exit_code == 0, answer.output
    user = User.objects.get(username="quan-tri.moi")
    assert user.check_password(GOOD)
    assert user.password_changed_at is None
    assert [post.role for post in posts_of(user.pk, legal_day(user.opened_at))] == ["administrator"]
    assert acts_on("quan-tri.moi") == [("account-opened", None), ("password-given", None)]
    assert GOOD not in answer.output


def test_with_a_weak_password_there_is_nobody_at_all():
    answer = run(*FIRST, given="hue-2026\n")
    assert answer.exit_code == 1
    assert "ít nhất 8 ký tự" in answer.output
    assert not User.objects.filter(username="quan-tri.moi").exists()


def test_an_unknown_agency_or_account_is_named():
    assert "khong-co" in run(*FIRST[:-1], "khong-co").output
    assert "khong-co" in run("password", "khong-co").output


@pytest.mark.parametrize(
    ("words", "kind"),
    [("password", "password-given"), ("reset-factors", "factors-reset"),
     ("unlock", "account-unlocked")],
)  # fmt: skip
def test_what_is_lost_is_given_anew_and_written_down(words, kind):
    assert run(words, "van-thu.vp-ubnd").exit_code == 0
    assert acts_on("van-thu.vp-ubnd") == [(kind, None)]

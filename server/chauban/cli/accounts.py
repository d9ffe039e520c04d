"""`chauban accounts`: what the operator does with accounts when no administrator can."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import click
from django.db import transaction

from chauban.accounts import administering
from chauban.accounts.errors import AccountError
from chauban.accounts.models import User
from chauban.accounts.words import explain
from chauban.directory.models import Agency, Person, Post, Role
from chauban.directory.rules import legal_day


@click.group("accounts")
def command() -> None:
    """Accounts: the first administrator, passwords, factors. Each is an act in the journal."""


@command.command("administrator")
@click.argument("username")
@click.option("--name", required=True, help="Full name of the person.")
@click.option("--agency", required=True, help="Key of the agency, as in the directory.")
@click.option("--title", default="Quản trị hệ thống", show_default=True, help="Of the post.")
def administrator(username: str, name: str, agency: str, title: str) -> None:
    """Create an administrator: person, post and account. The password is read from stdin."""
    now = datetime.now(UTC)
    where = Agency.objects.filter(key=agency).first()
    if where is None:
        raise click.ClickException(f"{agency}: không có cơ quan này / no such agency")
    password = _password()

    @transaction.atomic
    def create() -> None:
        person = Person.objects.create(full_name=name)
        _give_post(person, where, title=title, day=legal_day(now))
        administering.create_account(person, username=username, password=password, by=None, now=now)

    _told(create)
    click.echo(f"{username}: đã mở / opened")


@command.command("password")
@click.argument("username")
def password(username: str) -> None:
    """Give an account a password, read from stdin; its owner changes it at the next sign-in."""
    user, given = _user(username), _password()
    _told(lambda: administering.reset_password(user, given, by=None, now=datetime.now(UTC)))
    click.echo(f"{username}: đã cấp mật khẩu / password given")


@command.command("reset-factors")
@click.argument("username")
def reset_factors(username: str) -> None:
    """Remove second factors, known devices and single sign-on; all sessions end."""
    removed = administering.reset_factors(_user(username), by=None, now=datetime.now(UTC))
    click.echo(f"{username}: đã gỡ {removed} / removed {removed}")


@command.command("unlock")
@click.argument("username")
def unlock(username: str) -> None:
    """Forget the wrong passwords that shut an account; open it again if it was suspended."""
    user, now = _user(username), datetime.now(UTC)
    administering.unlock_account(user, by=None, now=now)
    if not user.is_active:
        administering.reopen_account(user, by=None, now=now)
    click.echo(f"{username}: đã mở khóa / unlocked")


def _give_post(person: Person, agency: Agency, *, title: str, day: date) -> Post:
    post: Post = Post.objects.create(
        person=person, agency=agency, title=title, role=Role.ADMINISTRATOR, valid_from=day
    )
    return post


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(f"{username}: không có tài khoản này / no such account")
    return user


def _password() -> str:
    """The first line of stdin; asked for twice, unseen, where a person sits there."""
    if sys.stdin.isatty():
        asked: str = click.prompt(
            "Mật khẩu / password", hide_input=True, confirmation_prompt=True, err=True
        )
        return asked
    return sys.stdin.readline().rstrip("\r\n")


def _told(act: Callable[[], object]) -> None:
    try:
        act()
    except AccountError as error:
        words = explain(error)
        raise click.ClickException(f"{words.vi} / {words.en}") from error

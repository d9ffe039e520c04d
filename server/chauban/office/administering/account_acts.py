"""Acts on people's accounts, and a new person with post and account at once."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chauban.accounts import administering as accounts
from chauban.accounts.changing import people
from chauban.accounts.officers import Officer
from chauban.accounts.rights import NotAllowed, NotFound, Permission
from chauban.directory.models import Agency, Person
from chauban.office.administering import people_forms
from chauban.office.administering.acting import ActPage, Told
from chauban.office.administering.reaching import may_account
from chauban.office.administering.subjects import MANAGE, url_of


def take_on(agency: Agency, *, username: str, officer: Officer, now: Any, **given: Any) -> Told:
    """A person, his first post and his account: one act each, all or none."""
    person = people.add_person(
        full_name=given.pop("full_name"), email=given.pop("email"), officer=officer, now=now
    )
    people.appoint(person, agency=agency, officer=officer, now=now, **given)
    return open_account(person, username=username, officer=officer, now=now)


def open_account(person: Person, *, username: str, officer: Officer, now: Any) -> Told:
    _require_account(officer, person)
    password = accounts.first_password()
    user = accounts.create_account(
        person, username=username, password=password, by=officer, now=now
    )
    return _password_told(person, user.username, password)


def _password_told(person: Person, username: str, password: str) -> Told:
    words = gettext(
        "Tên đăng nhập %(username)s, mật khẩu đầu tiên %(password)s. Chỉ hiện một lần: hãy trao tận"
        " tay %(name)s; người dùng đổi ngay khi đăng nhập."
    )
    told = {"username": username, "password": password, "name": person.full_name}
    return Told(words % told, url_of("person", person.pk))


def on_account(act: Callable[..., Any]) -> Callable[..., Any]:
    """An act on the account of a person all of whose posts the officer administers."""

    def done(person: Person, *, officer: Officer, now: Any) -> None:
        _require_account(officer, person)
        user = getattr(person, "user", None)
        if user is None:
            raise NotFound(person.pk)
        act(user, by=officer, now=now)

    return done


def reset_password(person: Person, *, officer: Officer, now: Any) -> Told:
    password = accounts.first_password()
    on_account(
        lambda user, **given: accounts.reset_password(user, password, **given)
    )(person, officer=officer, now=now)  # fmt: skip
    return _password_told(person, person.user.username, password)


def _require_account(officer: Officer, person: Person) -> None:
    if not may_account(officer, person):
        raise NotAllowed(officer, Permission.MANAGE_DIRECTORY)


_SAVED = _("Đã lưu.")

ACCOUNT_ACTS: Mapping[tuple[str, str], tuple[ActPage, Permission]] = {
    ("agency", "person"): (
        ActPage(
            _("Thêm người và tài khoản"),
            people_forms.NewPersonForm,
            take_on,
            _("Thêm người"),
            _SAVED,
        ),
        MANAGE,
    ),
    ("person", "account"): (
        ActPage(
            _("Mở tài khoản"),
            people_forms.AccountForm,
            open_account,
            _("Mở tài khoản"),
            _SAVED,
        ),
        MANAGE,
    ),
    ("person", "suspend"): (
        ActPage(
            _("Đình chỉ tài khoản"),
            people_forms.NothingForm,
            on_account(accounts.suspend_account),
            _("Đình chỉ"),
            _("Đã đình chỉ tài khoản; người dùng bị thoát ngay."),
        ),
        MANAGE,
    ),
    ("person", "reopen"): (
        ActPage(
            _("Mở lại tài khoản"),
            people_forms.NothingForm,
            on_account(accounts.reopen_account),
            _("Mở lại"),
            _("Đã mở lại tài khoản."),
        ),
        MANAGE,
    ),
    ("person", "unlock"): (
        ActPage(
            _("Bỏ khóa do nhập sai mật khẩu"),
            people_forms.NothingForm,
            on_account(accounts.unlock_account),
            _("Bỏ khóa"),
            _("Đã bỏ khóa tài khoản."),
        ),
        MANAGE,
    ),
    ("person", "password"): (
        ActPage(
            _("Cấp lại mật khẩu"),
            people_forms.NothingForm,
            reset_password,
            _("Cấp lại mật khẩu"),
            _SAVED,
            hint=_("Mọi phiên đang mở của người này kết thúc; mật khẩu mới phải đổi ngay."),
        ),
        MANAGE,
    ),
    ("person", "factors"): (
        ActPage(
            _("Bỏ yếu tố xác thực thứ hai"),
            people_forms.NothingForm,
            on_account(accounts.reset_factors),
            _("Bỏ yếu tố thứ hai"),
            _("Đã bỏ; người dùng đăng ký lại khi đăng nhập."),
            hint=_("Dùng khi mất điện thoại hoặc khóa; hãy xác minh đúng người trước."),
        ),
        MANAGE,
    ),
}

"""Forms by which a person proves who he is; wrong proofs are counted (`tries`)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthCodeAgain
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chauban.accounts import actions, tries
from chauban.accounts.errors import AccountError, SecretNotReadable, WrongCode
from chauban.accounts.models import User
from chauban.accounts.networks import visit_of
from chauban.accounts.words import explain

ONE_TIME = {
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
    "autofocus": True,
}


class PasswordAgain(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = forms.CharField(
            label=_("Mật khẩu"),
            strip=False,
            max_length=200,
            widget=forms.PasswordInput(
                attrs={"autocomplete": "current-password", "autofocus": True}
            ),
        )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        request = context.request
        try:
            actions.prove_password(
                self.user.username, password, visit=visit_of(request), now=timezone.now()
            )
        except AccountError as error:
            raise ValidationError(str(explain(error))) from error
        return password


class _Counted:
    """A form with a code that an account's owner alone can know; wrong ones are counted."""

    user: User

    def clean_code(self) -> str:
        visit, now = visit_of(context.request), timezone.now()
        sources = tries.sources_of(self.user.username, visit, proof="factor")
        try:
            tries.require_open(sources, now=now)
            code: str = self._checked()
        except AccountError as error:
            if isinstance(error, WrongCode):
                tries.count_wrong(sources, self.user, visit=visit, now=now)
            raise ValidationError(str(explain(error))) from error
        tries.forget(sources)
        return code

    def _checked(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except ValidationError as error:
            raise WrongCode from error


class _CodeField(_Counted):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(  # type: ignore[attr-defined]
            label=_("Mã xác thực"),
            help_text=_("Sáu chữ số trong ứng dụng xác thực, hoặc một mã khôi phục."),
            max_length=20,
            widget=forms.TextInput(attrs=ONE_TIME),
        )

    def _checked(self) -> str:
        code = super()._checked()
        found: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if found.type == Authenticator.Type.TOTP and not _is_first_use(found, code):
            raise WrongCode
        return code


class Code(_CodeField, AuthenticateForm):
    """The second step of signing in: a code of the telephone, or a recovery code."""


class CodeAgain(_CodeField, AllauthCodeAgain):
    """The same, before factors are changed."""


class FirstCode(_Counted, ActivateTOTPForm):
    """Proves that the telephone has taken over the secret, which waits encrypted until then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            with suppress(SecretNotReadable):  # a form so old that its secret is forgotten
                self.secret = decrypt(self.secret)
        context.request.session[totp.SECRET_SESSION_KEY] = encrypt(self.secret)
        self.fields["code"] = forms.CharField(
            label=_("Mã trong ứng dụng"),
            help_text=_("Sáu chữ số mà ứng dụng đang hiển thị."),
            max_length=20,
            widget=forms.TextInput(attrs=ONE_TIME | {"inputmode": "numeric"}),
        )


class _Ceremony:
    """A form with what a browser's passkey answered; what is no such answer is a wrong one."""

    def clean(self) -> dict[str, Any] | None:
        with _nonsense_is_wrong():
            given: dict[str, Any] | None = super().clean()  # type: ignore[misc]
            return given


class _Proof(_Ceremony):
    def clean_credential(self) -> Authenticator:
        with _nonsense_is_wrong():
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
            return found


class Passkey(_Proof, webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second step of signing in."""


class PasskeyAgain(_Proof, webauthn.ReauthenticateWebAuthnForm):
    """The same, before factors are changed."""


class PasskeyAlone(_Proof, webauthn.LoginWebAuthnForm):
    """A passkey that has asked for finger, face or PIN: both factors at once."""


class NewPasskey(_Ceremony, webauthn.AddWebAuthnForm):
    name = forms.CharField(
        label=_("Tên khóa"), max_length=60, required=False, help_text=_("Để nhận ra khóa sau này.")
    )
    passwordless = forms.BooleanField(
        label=_("Dùng thay cho cả mật khẩu"),
        required=False,
        initial=True,
        help_text=_("Thiết bị sẽ hỏi vân tay, khuôn mặt hoặc mã PIN của nó."),
    )


@contextmanager
def _nonsense_is_wrong() -> Iterator[None]:
    """allauth reads some answers only as far as a well-meaning browser writes them."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValidationError(str(explain(WrongCode()))) from error


@transaction.atomic
def _is_first_use(found: Authenticator, code: str) -> bool:
    """RFC 6238 section 5.2: a code counts once; no later than one that counted already."""
    row = Authenticator.objects.select_for_update().get(pk=found.pk)
    secret = decrypt(row.data["secret"])
    steps = [
        step
        for step in totp.yield_hotp_counters_from_time()
        if totp.format_hotp_value(totp.hotp_value(secret, step)) == code.strip().replace(" ", "")
    ]
    if not steps or max(steps) <= row.data.get("step", 0):
        return False
    row.data["step"] = max(steps)
    row.save(update_fields=["data"])
    found.data = row.data
    return True

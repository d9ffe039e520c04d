"""One page for each act: a short form, the act, and back; what is refused stands in the form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise

from chauban.accounts.errors import AccountError
from chauban.accounts.words import explain as explain_account
from chauban.directory import errors as directory
from chauban.directory.errors import DirectoryError
from chauban.directory.rules import legal_day
from chauban.directory.words import explain as explain_directory
from chauban.registers.errors import RegisterError
from chauban.registers.words import explain as explain_register
from chauban.trust import errors as trust
from chauban.trust.errors import TrustError
from chauban.trust.words import explain as explain_trust
from chauban.workflow.errors import WorkflowError
from chauban.workflow.words import explain as explain_workflow
from chauban_pki.errors import PKIError

_WORDS: Mapping[type[Exception], Callable[[Exception], object]] = {
    DirectoryError: explain_directory,
    AccountError: explain_account,
    TrustError: explain_trust,
    PKIError: explain_trust,
    RegisterError: explain_register,
    WorkflowError: explain_workflow,
}
REFUSALS = tuple(_WORDS)
# Beside which field a refusal stands: the first of these that the form has.
_BESIDE: Mapping[type[Exception], tuple[str, ...]] = {
    directory.NotInForce: ("on", "valid_from"),
    directory.EndsBeforeItBegins: ("valid_to", "on"),
    directory.OutsideItsWhole: ("valid_to", "valid_from"),
    directory.StandInWithoutEnd: ("valid_to",),
    directory.NameUnchanged: ("name",),
    directory.NameChangedLater: ("on",),
    directory.SymbolTaken: ("symbol",),
    directory.CodeMalformed: ("code",),
    directory.CodeTaken: ("code",),
    directory.NobodyTakesOver: ("successors",),
    directory.SucceedsItself: ("successors",),
    directory.EmailTaken: ("email",),
    directory.DayDecidedAlready: ("day",),
    directory.DayAsItIs: ("day",),
    directory.KeysApart: ("role", "person"),
    directory.HeldAlready: ("role", "person"),
    directory.OwnPost: ("person",),
    trust.MandateWithoutBasis: ("basis",),
    trust.MandateBackwards: ("valid_to", "on"),
    trust.MandateOutsidePost: ("valid_to",),
    trust.AuthorityLinesWrong: ("authority_lines",),
    trust.TLMustNameKinds: ("kinds",),
    trust.TUQWithoutKinds: ("kinds",),
    trust.TUQWithoutEnd: ("valid_to",),
    trust.OrderMissing: ("parent",),
    trust.WiderThanItsOrder: ("parent",),
    trust.AnchorHasEnded: ("on",),
    trust.CertificateOfAnother: ("certificate",),
    trust.CertificateUnfit: ("certificate",),
    trust.KeyReferenceIncomplete: ("custody",),
}


@dataclass(frozen=True)
class ActPage:
    """What the page of an act says and does.

    `act` is given what the form says, with `officer` and `now`; `done` are the words after it;
    `listed` names the list of a body that it belongs to, where that is not its subject's page.
    """

    title: Promise
    form: type[forms.Form]
    act: Callable[..., Any]
    button: Promise
    done: Promise
    hint: Promise | str = ""
    listed: str = ""


def explained(error: Exception) -> str:
    """The refusal in words, with what to do next."""
    explain = next(words for root, words in _WORDS.items() if isinstance(error, root))
    return str(explain(error))


def take(form: forms.Form, act: Callable[..., Any], request: HttpRequest) -> Any:
    """What the act returns, or None where the form or the act says no; then the form tells why."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            done = act(**form.cleaned_data, officer=request.officer, now=timezone.now())
    except REFUSALS as refusal:
        beside = _BESIDE.get(type(refusal), ())
        form.add_error(next((it for it in beside if it in form.fields), None), explained(refusal))
        return None
    return done if done is not None else True


def act_page(
    request: HttpRequest,
    page: ActPage,
    *,
    back: str,
    subject: Any,
    about: str,
    **context: Any,
) -> HttpResponse:
    """The page of an act on subject: its form, or after the act the page it came from."""
    today = legal_day(timezone.now())
    form = page.form(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial={key: value for key, value in request.GET.items() if key in page.form.base_fields},
        subject=subject,
        officer=request.officer,
        today=today,
    )
    if request.method == "POST":
        done = take(form, lambda **given: page.act(subject, **given), request)
        if done is not None:
            told = done if isinstance(done, Told) else Told(str(page.done))
            messages.success(request, told.words)
            return redirect(told.url or back)
    return render(
        request,
        "administering/act.html",
        {"page": page, "form": form, "back": back, "about": about, **context},
        status=422 if form.is_bound else 200,
    )


@dataclass(frozen=True)
class Told:
    """What an act wants to be said after it, where the page's own words do not do."""

    words: str
    url: str = ""


class ActForm(forms.Form):
    """A form about a subject, filled in by an officer on a day."""

    def __init__(self, *args: Any, subject: Any, officer: Any, today: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.subject, self.officer, self.today = subject, officer, today
        for name in ("valid_from", "on"):
            if name in self.fields and name not in self.initial:
                self.initial[name] = today
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices; what a form needs of its own."""

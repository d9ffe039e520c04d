"""How the person wants pages and notices: one page, kept with the account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chauban.accounts.forms import NoticesForm, PreferencesForm
from chauban.accounts.preferring import CHANNELS, preferences_of
from chauban.accounts.security_views import actor_of


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    officer = actor_of(request)
    preferences = preferences_of(officer.user)
    given = request.POST or None
    appearance = PreferencesForm(given, instance=preferences)
    notices = NoticesForm(given, preferences=preferences)
    if request.method == "POST" and appearance.is_valid() and notices.is_valid():
        kept = appearance.save(commit=False)
        kept.notices = notices.chosen()
        kept.save()
        translation.activate(kept.language or request.LANGUAGE_CODE)
        messages.success(request, _("Đã lưu. Các thiết đặt có hiệu lực trên mọi thiết bị."))
        return redirect("accounts:settings")
    context = {
        "appearance": appearance,
        "notices": notices,
        "channels": CHANNELS.values(),
    }
    return render(
        request, "accounts/settings.html", context, status=422 if appearance.is_bound else 200
    )

from django.urls import include, path

from chauban.accounts.views import set_language, set_theme
from chauban.ui.installing import offline, service_worker
from chauban.ui.views import components

urlpatterns = [
    path("", include("chauban.office.urls")),
    path("", include("chauban.accounts.urls")),
    path("", include("chauban.accounts.flow_urls")),
    path("", include("chauban.trust.urls")),
    path("", include("chauban.registers.urls")),
    path("", include("chauban.workflow.urls")),
    path("", include("chauban.exchange.urls")),
    path("axis/", include("chauban.axis.urls")),
    path("administration/", include("chauban.office.administering.urls")),
    path("applications/", include("chauban.api.urls")),
    path("api/", include("chauban.api.call_urls")),
    path("language", set_language, name="set-language"),
    path("theme", set_theme, name="set-theme"),
    path("service-worker.js", service_worker, name="service-worker"),
    path("offline", offline, name="offline"),
    path("components/", components, name="components"),
]

handler400 = "chauban.ui.views.bad_request"

from django.urls import path

from chauban.api import pages

app_name = "applications"
urlpatterns = [
    path("", pages.applications, name="list"),
    path("<int:pk>", pages.application, name="one"),
    path("<int:pk>/end", pages.end, name="end"),
    path("<int:pk>/tokens", pages.renew, name="renew"),
    path("<int:pk>/tokens/<int:token>/revoke", pages.revoke, name="revoke"),
    path("<int:pk>/webhooks", pages.subscribe, name="subscribe"),
    path("<int:pk>/webhooks/<int:webhook>/remove", pages.unsubscribe, name="unsubscribe"),
    path("<int:pk>/webhooks/<int:webhook>/test", pages.test, name="test"),
    path("<int:pk>/webhooks/<int:webhook>/secret", pages.renew_secret, name="renew-secret"),
    path("<int:pk>/sent/<int:sent>/again", pages.send_again, name="send-again"),
]

from django.urls import path

from chauban.office import views

app_name = "office"
urlpatterns = [
    path("", views.home, name="home"),
    path("desk/<slug:key>", views.place, name="place"),
    path("healthz", views.health, name="health"),
]

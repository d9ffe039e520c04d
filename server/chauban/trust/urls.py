from django.urls import path

from chauban.trust import views

app_name = "trust"
urlpatterns = [
    path("verify/", views.verify_file, name="verify-file"),
    path("certificates/", views.certificates, name="certificates"),
    path("certificates/noted/", views.note_warnings, name="note-warnings"),
]

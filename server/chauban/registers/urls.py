from django.urls import path

from chauban.registers import views

app_name = "registers"
urlpatterns = [
    path("registers/outgoing", views.outgoing_register, name="outgoing-register"),
    path("registers/outgoing.pdf", views.outgoing_register_file, name="outgoing-register-file"),
    path("registers/incoming", views.incoming_register, name="incoming-register"),
    path("registers/incoming.pdf", views.incoming_register_file, name="incoming-register-file"),
    path("outgoing/<int:pk>/files/<int:ordinal>", views.outgoing_file, name="outgoing-file"),
]

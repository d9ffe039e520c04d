from django.urls import path

from chauban.workflow.opinions import views

urlpatterns = [
    path("drafts/<int:pk>/opinions", views.ask, name="ask-opinions"),
    path("opinions/<int:pk>", views.opinion, name="opinion"),
    path("opinions/<int:pk>/files/<int:attachment>", views.asked_file, name="asked-file"),
    path("opinion-rounds/<int:pk>", views.opinion_round, name="opinion-round"),
    path("opinion-rounds/<int:pk>/withdraw", views.withdraw, name="withdraw-opinions"),
]

from django.urls import path

from chauban.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("posts/<int:post_id>/switch", views.switch_post, name="switch-post"),
]

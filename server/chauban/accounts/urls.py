from django.urls import path

from chauban.accounts import factor_views, security_views, settings_views, views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("posts/", views.posts, name="posts"),
    path("posts/<int:post_id>/switch", views.switch_post, name="switch-post"),
    path("account", settings_views.settings, name="settings"),
    path("account/security", security_views.security, name="security"),
    path("account/password", security_views.password, name="password"),
    path("account/second-factor", factor_views.second_factor, name="second-factor"),
    path("account/sessions/end-others", security_views.end_other_sessions, name="end-others"),
    path("account/sessions/<int:pk>/end", security_views.end_session, name="end-session"),
]
